"""The public history of a tree: its events, its outcome, and the listener that is told while it runs."""

from collections import deque
from enum import Enum
from typing import Protocol

import attrs
import msgspec

from runtime.messages import Cause, Reason, Ref

__all__ = [
    "Chain",
    "Ending",
    "Outcome",
    "TreeEvent",
    "TreeEventKind",
    "TreeListener",
    "ended_normally",
    "is_fatal",
    "leaf_of",
]

Chain = tuple[Cause, ...]  # a death and the deaths it caused, leaf first
_KEPT_DEATHS = 1_000


class TreeEventKind(Enum):
    """What happened to an incarnation. `start` is followed by one of started, ignored, start_failed or stop."""

    START = "start"
    STARTED = "started"
    IGNORED = "ignored"
    START_FAILED = "start_failed"
    STOP = "stop"
    DOWN = "down"
    GAVE_UP = "gave_up"


@attrs.frozen
class TreeEvent:
    """One event in the tree's history; for supervisors only gave_up and start_failed are recorded.

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
    """How the run ended: orderly, or by one death. `causes` is that death and those it caused, leaf first."""

    is_clean: bool
    reason: str
    causes: Chain


class Ending:
    """Why the run ends: the first death that ends it decides. Other deaths are only history.

    `deaths` keeps the last deaths of the whole run, recovered or not, oldest first.
    """

    def __init__(self) -> None:
        self.deaths: deque[Cause] = deque(maxlen=_KEPT_DEATHS)
        self.reason = ""
        self._chain: Chain = ()

    def decide(self, chain: Chain) -> None:
        """Record the death that ends the run, unless an earlier one already does."""
        self._chain = self._chain or chain
        self.ask(f"{chain[0].ref or 'the root'}: {chain[0].error or chain[0].reason.value}")

    def ask(self, reason: str) -> None:
        """Ask for an orderly end with this reason; the first reason is kept."""
        self.reason = self.reason or reason

    def outcome(self) -> Outcome:
        """Clean when no death has ended the run."""
        return Outcome(not self._chain, self.reason or "stopped", self._chain)


class TreeListener(Protocol):
    """Told of lives as they begin and end, within a kernel turn; it must not call the kernel back."""

    def supervisor_opened(self, ref: Ref, parent: Ref | None) -> None:
        """A supervisor begins to start its children."""

    def supervisor_closed(self, ref: Ref) -> None:
        """All of a supervisor's children are down."""

    def incarnation_opened(self, ref: Ref, incarnation: int, supervisor: Ref) -> None:
        """An incarnation begins; its `start` has not been called yet."""

    def incarnation_closed(self, ref: Ref, incarnation: int, reason: Reason) -> None:
        """The incarnation has ended, in any way; no message reaches it any more."""


def leaf_of(error: BaseException) -> BaseException:
    """The first exception in a group that is not a group itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def is_fatal(error: BaseException) -> bool:
    """Whether no restart can help: an error with `is_fatal` or an interrupt, also inside a group."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_fatal(part) for part in error.exceptions)
    return bool(getattr(error, "is_fatal", False)) or isinstance(error, KeyboardInterrupt | SystemExit)


def ended_normally(chain: Chain) -> Chain:
    """The causes when a `restart: fatal` child ends; for a normal end the text says why it stops the tree."""
    last = chain[-1]
    if last.reason.is_abnormal or last.error:
        return chain
    return (*chain[:-1], msgspec.structs.replace(last, error="ended normally", text="restart: fatal"))
