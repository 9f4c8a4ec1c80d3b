"""Reports the tree's events as they happen: to the public history, the listener and the journal."""

from collections import deque

from runtime.kernel.clock import KernelClock
from runtime.kernel.history import TreeEvent, TreeEventKind, TreeListener
from runtime.kernel.journaling import JournalTap
from runtime.messages import Reason, Ref
from runtime.supervision.node import Node

__all__ = ["Chronicle"]

_KEPT_EVENTS = 100_000


class Chronicle:
    """`events` is the most recent part of the history of starts and deaths."""

    def __init__(self, clock: KernelClock, journal: JournalTap, listener: TreeListener | None) -> None:
        self.events: deque[TreeEvent] = deque(maxlen=_KEPT_EVENTS)
        self.listener = listener
        self._clock = clock
        self._journal = journal

    def note(self, kind: TreeEventKind, node: Node, reason: str = "", error: str = "") -> None:
        """Add one event to the history and the journal."""
        self.events.append(TreeEvent(self._clock.now, kind, node.ref, node.incarnation, reason, error))
        self._journal.tell("life", (kind.value, node.ref, node.incarnation, reason, error))

    def supervisor_opened(self, ref: Ref, parent: Ref | None) -> None:
        """A supervisor begins to start its children."""
        if self.listener is not None:
            self.listener.supervisor_opened(ref, parent)

    def supervisor_closed(self, ref: Ref) -> None:
        """All its children are down."""
        if self.listener is not None:
            self.listener.supervisor_closed(ref)

    def incarnation_opened(self, ref: Ref, incarnation: int, supervisor: Ref) -> None:
        """A life begins."""
        if self.listener is not None:
            self.listener.incarnation_opened(ref, incarnation, supervisor)

    def incarnation_closed(self, ref: Ref, incarnation: int, reason: Reason) -> None:
        """It has ended."""
        if self.listener is not None:
            self.listener.incarnation_closed(ref, incarnation, reason)
