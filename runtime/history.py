"""What an onlooker sees of a tree: its events, how it ended, and who is told while it happens."""

from enum import Enum
from typing import Protocol

import attrs

from runtime.messages import Cause, Reason, Ref

__all__ = ["Outcome", "TreeEvent", "TreeEventKind", "TreeListener", "is_fatal", "leaf_of"]


class TreeEventKind(Enum):
    """What happened to an incarnation. After `start` comes one of started, ignored, start_failed or stop."""

    START = "start"
    STARTED = "started"
    IGNORED = "ignored"
    START_FAILED = "start_failed"
    STOP = "stop"
    DOWN = "down"
    GAVE_UP = "gave_up"


@attrs.frozen
class TreeEvent:
    """One line of the tree's history; of supervisors only gave_up and start_failed stand in it.

    `reason` is that of a down, start_failed or gave_up, `error` the class of the leaf exception behind it.
    """

    time_ns: int
    kind: TreeEventKind
    path: Ref
    incarnation: int
    reason: str = ""
    error: str = ""


@attrs.frozen
class Outcome:
    """How the run ended: orderly, or because of these causes, leaf first."""

    is_clean: bool
    reason: str
    causes: tuple[Cause, ...]


class TreeListener(Protocol):
    """Told of lives as they begin and end, in the middle of the kernel's turn: it may note, and must not call back."""

    def supervisor_opened(self, ref: Ref, parent: Ref | None) -> None:
        """A supervisor begins to start its children."""

    def supervisor_closed(self, ref: Ref) -> None:
        """All of a supervisor's children are down."""

    def incarnation_opened(self, ref: Ref, incarnation: int, supervisor: Ref) -> None:
        """An incarnation begins; its start has not been called yet."""

    def incarnation_closed(self, ref: Ref, incarnation: int, reason: Reason) -> None:
        """It has ended, however: nothing reaches it any more."""


def leaf_of(error: BaseException) -> BaseException:
    """The first exception in a group that is no group itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def is_fatal(error: BaseException) -> bool:
    """Errors that no restart can help carry `is_fatal`; an interrupt is one too. One in a group is enough."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_fatal(part) for part in error.exceptions)
    return bool(getattr(error, "is_fatal", False)) or isinstance(error, KeyboardInterrupt | SystemExit)
