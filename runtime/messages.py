"""What the kernel itself says to actors, and the names it uses for them.

A Ref is a name in the tree ("exchange/gateway"); it outlives the incarnations that answer to it.
"""

from enum import StrEnum
from typing import Any, NewType

import msgspec

__all__ = [
    "ActorDied",
    "AskCause",
    "AskFailed",
    "AskRejected",
    "AskTimedOut",
    "Asker",
    "Cause",
    "Down",
    "Managed",
    "Message",
    "Reason",
    "Ref",
    "Rejected",
    "Remember",
    "ResyncNeeded",
    "Up",
    "ask_failed",
]

Ref = NewType("Ref", str)

Message = object


class Reason(StrEnum):
    """Why an incarnation ended."""

    NORMAL = "normal"
    SHUTDOWN = "shutdown"
    KILLED = "killed"
    ERROR = "error"
    START_FAILED = "start_failed"

    @property
    def is_abnormal(self) -> bool:
        """Whether a transient child comes back after it."""
        return self in (Reason.KILLED, Reason.ERROR, Reason.START_FAILED)


class AskCause(StrEnum):
    """Why an ask has no answer."""

    TIMEOUT = "timeout"
    DIED = "died"
    REJECTED = "rejected"


class Down(msgspec.Struct, frozen=True):
    """The watched incarnation ended; comes after everything it had sent to the watcher.

    `error` is the class of the leaf exception when the reason is `error`.
    """

    ref: Ref
    incarnation: int
    reason: Reason
    error: str = ""


class Up(msgspec.Struct, frozen=True):
    """A later incarnation of the watched ref has started."""

    ref: Ref
    incarnation: int


class AskFailed(msgspec.Struct, frozen=True):
    """No answer will come for `correlation`; for a write this means the outcome is unknown.

    It comes as one of the three classes below; a handler of AskFailed takes them all.
    """

    correlation: int
    target: Ref
    cause: AskCause


class AskTimedOut(AskFailed, frozen=True):
    """The deadline passed first."""


class ActorDied(AskFailed, frozen=True):
    """The target died with the question."""


class AskRejected(AskFailed, frozen=True):
    """The target's mailbox was full, or had it in quarantine."""


_FAILURES = {AskCause.TIMEOUT: AskTimedOut, AskCause.DIED: ActorDied, AskCause.REJECTED: AskRejected}


def ask_failed(correlation: int, target: Ref, cause: AskCause) -> AskFailed:
    """The failure of that cause, as its own class."""
    return _FAILURES[cause](correlation, target, cause)


class Rejected(msgspec.Struct, frozen=True):
    """Your message met a full mailbox and is dead; told only to senders that have a handler for it."""

    ref: Ref
    message: Any


class ResyncNeeded(msgspec.Struct, frozen=True):
    """Your mailbox was full: `dropped` messages of classes with the policy RESYNC are gone; ask for the whole state."""

    dropped: int


class Managed(msgspec.Struct, frozen=True):
    """The answer to a management call made from a handler; see runtime.supervision.management for the results."""

    result: Any


class Remember(msgspec.Struct, frozen=True, gc=False):
    """Said to the kernel (`ctx.remember`): keep `value` as the last known state of `key`, and write it to the journal.

    The sender keeps no reference to it that it changes. `forget` is a key of the topic that nobody will need again: it
    bounds the memory of a topic with ever new keys.
    """

    topic: str
    key: str
    value: Any
    forget: str = ""


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
