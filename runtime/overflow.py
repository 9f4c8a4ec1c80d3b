"""Overflow policies: what a full mailbox does, declared by the receiver for each class of message."""

from collections.abc import Callable
from enum import Enum
from typing import Any

import attrs

__all__ = ["CONFLATE", "DROP_OLDEST", "FATAL", "REJECT", "RESYNC", "Overflow", "OverflowKind"]


class OverflowKind(Enum):
    """What a full mailbox does with one more message of a class."""

    REJECT = "reject"
    DROP_OLDEST = "drop_oldest"
    CONFLATE = "conflate"
    RESYNC = "resync"
    FATAL = "fatal"


@attrs.frozen
class Overflow:
    """A policy; a conflated message replaces an older one with the same `key(message)`."""

    kind: OverflowKind
    key: Callable[[Any], Any] | None = None


REJECT = Overflow(OverflowKind.REJECT)
DROP_OLDEST = Overflow(OverflowKind.DROP_OLDEST)
RESYNC = Overflow(OverflowKind.RESYNC)
FATAL = Overflow(OverflowKind.FATAL)


def CONFLATE(key: Callable[[Any], Any]) -> Overflow:
    """The newest message replaces the older one of the same key, in its place in the queue."""
    return Overflow(OverflowKind.CONFLATE, key)
