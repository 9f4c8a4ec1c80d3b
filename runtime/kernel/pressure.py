"""Mailbox bounds and depths: the smallest bound in the tree, and depths by receiver while the queue is long.

No mailbox is longer than the whole queue. So while the queue is below the smallest bound, no mailbox can be full and
depths are not counted.
"""

from collections import Counter
from heapq import heappop, heappush

from runtime.kernel.cell import Cell
from runtime.kernel.envelope import Lane

__all__ = ["UNBOUNDED", "Bounds", "Pressure"]

UNBOUNDED = 1 << 63


class Bounds:
    """The tree's mailbox bounds and their minimum; each change costs O(log n)."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._heap: list[int] = []  # every bound in `_counts`, and some that are no longer there
        self.smallest = UNBOUNDED

    def add(self, bound: int) -> None:
        """One more mailbox of this bound."""
        self._counts[bound] += 1
        if self._counts[bound] == 1:
            heappush(self._heap, bound)
            self.smallest = self._heap[0]

    def remove(self, bound: int) -> None:
        """One mailbox of this bound less."""
        self._counts[bound] -= 1
        if self._counts[bound]:
            return
        del self._counts[bound]
        while self._heap and self._heap[0] not in self._counts:
            heappop(self._heap)
        self.smallest = self._heap[0] if self._heap else UNBOUNDED


class Pressure:
    """Depths by receiver while the queue is long: counted once, then updated every turn."""

    def __init__(self) -> None:
        self._depths: Counter[Cell] | None = None
        self._length = 0
        self._turn = 0

    def forget(self) -> None:
        """Something else has changed the lane: count again."""
        self._depths = None

    def depths(self, lane: Lane, taken: Cell | None, turn: int) -> Counter[Cell]:
        """Messages for each receiver in `lane`; `taken` is the receiver of this turn's message, from any lane."""
        known, length = self._depths, len(lane)
        if known is None or turn != self._turn + 1 or length not in (self._length, self._length - 1):
            known = Counter(envelope.receiver for envelope in lane)
        elif length == self._length - 1 and taken is not None:
            known[taken] -= 1
        self._depths = known
        self._turn = turn
        return known

    def settle(self, lane: Lane) -> None:
        """The turn's sends have been added."""
        self._length = len(lane)
