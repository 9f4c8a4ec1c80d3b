"""The message with which the driver asks the venue for exactly one market event."""

import msgspec

__all__ = ["Pull"]


class Pull(msgspec.Struct, frozen=True, gc=False):
    """Perform the next market event."""
