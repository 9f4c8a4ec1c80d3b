"""Timers on kernel time: a heap of (due, sequence), cancelled lazily. Equal times fire in the order they were set.

Each owner has a table of its pending timers, key to sequence: an actor's table is in its cell, the kernel's own is
here. A timer in the heap whose sequence is no longer in its table was cancelled or replaced.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

import msgspec

from runtime.kernel.cell import Cell
from runtime.kernel.envelope import Envelope, Lane

__all__ = ["NEVER", "TimerQueue"]

NEVER = 1 << 63
_SLACK = 64  # cancelled timers allowed in the heap besides as many as are pending


class _Timer(msgspec.Struct, frozen=True, eq=False):
    """`living` is its owner's table."""

    living: dict[Any, int]
    key: Any


class _ActorTimer(_Timer, frozen=True, eq=False):
    """Sends its cell a message."""

    cell: Cell
    message: Any


class _KernelTimer(_Timer, frozen=True, eq=False):
    """Calls the kernel back."""

    action: Callable[..., None]
    args: tuple[Any, ...]


class TimerQueue:
    """Pending timers; a key is unique to its owner, and setting it again replaces the earlier timer.

    `not_before` is a lower bound of the earliest due time, kept without looking at the heap.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, _Timer]] = []  # due, sequence, timer
        self._living: dict[Any, int] = {}
        self._sequence = 0
        self._pending = 0
        self.not_before = NEVER

    def __len__(self) -> int:
        return self._pending

    def set(self, due_ns: int, key: Any, action: Callable[..., None], *args: Any) -> None:
        """Call `action(*args)` at `due_ns`; replaces the timer of the same key."""
        self._add(due_ns, _KernelTimer(self._living, key, action, args))

    def set_for(self, cell: Cell, due_ns: int, key: str, message: Any) -> None:
        """An actor's timer: `message` comes to its control lane at `due_ns`."""
        self._add(due_ns, _ActorTimer(cell.timers, key, cell, message))

    def cancel(self, key: Any) -> None:
        """Forget the timer of that key; an unknown key is no error (it may just have fired)."""
        if self._living.pop(key, None) is not None:
            self._pending -= 1

    def cancel_for(self, cell: Cell, key: str) -> None:
        """Forget an actor's timer."""
        if cell.timers.pop(key, None) is not None:
            self._pending -= 1

    def drop_all_of(self, cell: Cell) -> None:
        """A life ends: drop its timers, so that none fires in the next."""
        self._pending -= len(cell.timers)
        cell.timers.clear()

    def next_due(self) -> int | None:
        """Time of the earliest live timer, or None."""
        heap = self._heap
        while heap:
            due_ns, sequence, timer = heap[0]
            if timer.living.get(timer.key) == sequence:
                self.not_before = due_ns
                return due_ns
            heappop(heap)
        self.not_before = NEVER
        return None

    def fire(self, now_ns: int, control: Lane, count: Callable[[Any], None]) -> None:
        """Fire every due timer, earliest first, including new ones set for now; `count` is told of each message."""
        heap = self._heap
        while heap and heap[0][0] <= now_ns:
            _, sequence, timer = heappop(heap)
            if timer.living.get(timer.key) != sequence:
                continue
            del timer.living[timer.key]
            self._pending -= 1
            if isinstance(timer, _ActorTimer):
                control.append(Envelope(timer.cell, timer.message, None, 0))
                count(timer.message)
            elif isinstance(timer, _KernelTimer):
                timer.action(*timer.args)
            heap = self._heap  # an action may have set timers, which may have removed cancelled ones
        self.not_before = heap[0][0] if heap else NEVER

    def _add(self, due_ns: int, timer: _Timer) -> None:
        self._sequence = sequence = self._sequence + 1
        if timer.key not in timer.living:
            self._pending += 1
        timer.living[timer.key] = sequence
        heappush(self._heap, (due_ns, sequence, timer))
        if due_ns < self.not_before:
            self.not_before = due_ns
        if len(self._heap) > 2 * self._pending + _SLACK:
            self._throw_out_the_cancelled()

    def _throw_out_the_cancelled(self) -> None:
        """Remove cancelled timers, so that a timer set again and again does not fill the heap."""
        self._heap = [entry for entry in self._heap if entry[2].living.get(entry[2].key) == entry[1]]
        heapify(self._heap)
