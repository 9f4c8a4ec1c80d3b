"""Keeps the last known state of every key, by topic. Its death is the run's: without memory no restart is safe."""

from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled, Remember

__all__ = ["JournalActor"]


class JournalActor(Actor):
    """In memory; a restart of this actor would forget, so its spec says `restart: fatal`."""

    def __init__(self) -> None:
        self._topics: dict[str, dict[str, object]] = {}

    @handles(Remember)
    def remember(self, message: Remember, ctx: Context) -> None:
        """Newest state wins."""
        self._topics.setdefault(message.topic, {})[message.key] = message.value

    @handles(Recall)
    def recall(self, message: Recall, ctx: Context) -> None:
        """Answer with everything of the topic."""
        ctx.reply(Recalled(message.topic, tuple(self._topics.get(message.topic, {}).items())))
