"""Where a stop and a target lie: the arithmetic is the model's, because the processor of intents needs it too."""

from actors.model.levels import stop_level, target_level

__all__ = ["stop_level", "target_level"]
