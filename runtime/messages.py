"""What the kernel itself says to actors, and the names it uses for them.

A Ref is a name in the tree ("exchange/gateway"); it outlives the incarnations that answer to it.
"""

from enum import StrEnum
from typing import NewType

import msgspec

__all__ = ["AskCause", "AskFailed", "Asker", "Cause", "Down", "Message", "Reason", "Ref", "Up"]

Ref = NewType("Ref", str)

Message = object


class Reason(StrEnum):
    """Why an incarnation ended."""

    NORMAL = "normal"
    SHUTDOWN = "shutdown"
    KILLED = "killed"
    ERROR = "error"
    START_FAILED = "start_failed"


class AskCause(StrEnum):
    """Why an ask has no answer."""

    TIMEOUT = "timeout"
    DIED = "died"
    REJECTED = "rejected"


class Down(msgspec.Struct, frozen=True):
    """The watched incarnation ended; comes after everything it had sent to the watcher."""

    ref: Ref
    incarnation: int
    reason: Reason


class Up(msgspec.Struct, frozen=True):
    """A later incarnation of the watched ref has started."""

    ref: Ref
    incarnation: int


class AskFailed(msgspec.Struct, frozen=True):
    """No answer will come for `correlation`; for a write this means the outcome is unknown."""

    correlation: int
    target: Ref
    cause: AskCause


class Asker(msgspec.Struct, frozen=True):
    """Where an answer goes: kept by a receiver that answers later."""

    ref: Ref
    correlation: int


class Cause(msgspec.Struct, frozen=True):
    """One link in the chain of what ended a run: the actor, its incarnation, and the error's class and text."""

    ref: Ref
    incarnation: int
    reason: Reason
    error: str = ""
    text: str = ""
    message: str = ""
