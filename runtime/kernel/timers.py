"""Timers on kernel time: a heap of (due, sequence), cancelled lazily. Equal times fire in the order they were set.

An actor's timers are known by its cell's own table (key to sequence), the kernel's by the table here; an entry of the
heap whose sequence does not stand there any more was cancelled or replaced.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runtime.kernel.cell import Cell
    from runtime.kernel.mailbox import Lane

__all__ = ["NEVER", "TimerQueue"]

NEVER = 1 << 63
_SLACK = 64  # cancelled timers that may lie in the heap beside as many living ones again


class TimerQueue:
    """Pending timers; a key is unique to its owner, and setting it again replaces the earlier timer.

    `not_before` is a lower bound of the earliest due time, kept without looking at the heap.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Cell | None, Any, Any]] = []  # due, sequence, owner, key, message or action
        self._live: dict[Any, int] = {}
        self._sequence = 0
        self._pending = 0
        self.not_before = NEVER

    def __len__(self) -> int:
        return self._pending

    def set(self, due_ns: int, key: Any, action: Callable[..., None], *args: Any) -> None:
        """Call `action(*args)` at `due_ns`; replaces the timer of the same key."""
        live = self._live
        self._sequence = sequence = self._sequence + 1
        if key not in live:
            self._pending += 1
        live[key] = sequence
        heappush(self._heap, (due_ns, sequence, None, key, (action, args)))
        if due_ns < self.not_before:
            self.not_before = due_ns
        if len(self._heap) > 2 * self._pending + _SLACK:
            self._compact()

    def set_for(self, cell: "Cell", due_ns: int, key: str, message: Any) -> None:
        """An actor's timer: `message` comes to its control lane at `due_ns`."""
        live = cell.timers
        self._sequence = sequence = self._sequence + 1
        if key not in live:
            self._pending += 1
        live[key] = sequence
        heap = self._heap
        heappush(heap, (due_ns, sequence, cell, key, message))
        if due_ns < self.not_before:
            self.not_before = due_ns
        if len(heap) > 2 * self._pending + _SLACK:
            self._compact()

    def cancel(self, key: Any) -> None:
        """Forget the timer of that key; an unknown key is no error (it may just have fired)."""
        if self._live.pop(key, None) is not None:
            self._pending -= 1

    def cancel_for(self, cell: "Cell", key: str) -> None:
        """Forget an actor's timer."""
        if cell.timers.pop(key, None) is not None:
            self._pending -= 1

    def drop_all_of(self, cell: "Cell") -> None:
        """A life ends: none of its timers rings in the next."""
        self._pending -= len(cell.timers)
        cell.timers.clear()

    def next_due(self) -> int | None:
        """Time of the earliest live timer, or None."""
        heap = self._heap
        while heap:
            due_ns, sequence, cell, key, _ = heap[0]
            if (self._live if cell is None else cell.timers).get(key) == sequence:
                self.not_before = due_ns
                return due_ns
            heappop(heap)
        self.not_before = NEVER
        return None

    def fire(self, now_ns: int, control: "Lane", count: Callable[[Any], None] | None = None) -> None:
        """Fire everything due, earliest first, what that sets for now included; `count` is told of each message."""
        heap = self._heap
        while heap and heap[0][0] <= now_ns:
            _, sequence, cell, key, what = heappop(heap)
            live = self._live if cell is None else cell.timers
            if live.get(key) != sequence:
                continue
            del live[key]
            self._pending -= 1
            if cell is not None:
                control.append((cell, what, None, 0))
                if count is not None:
                    count(what)
            else:
                action, args = what
                action(*args)
            heap = self._heap  # an action may have set timers, and that may have thrown the cancelled out
        self.not_before = heap[0][0] if heap else NEVER

    def _compact(self) -> None:
        """Throw the cancelled out, so that a timer set again and again does not fill the heap."""
        kept = []
        for timer in self._heap:
            _, sequence, cell, key, _ = timer
            if (self._live if cell is None else cell.timers).get(key) == sequence:
                kept.append(timer)
        heapify(kept)
        self._heap = kept
