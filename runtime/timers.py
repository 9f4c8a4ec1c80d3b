"""Timers on kernel time: a heap of (due, sequence), cancelled lazily. Equal times fire in the order they were set."""

import heapq
from collections.abc import Callable
from typing import Any

__all__ = ["NEVER", "TimerQueue"]

NEVER = 1 << 63
_SLACK = 64  # cancelled timers that may lie in the heap beside as many living ones again


class TimerQueue:
    """Pending timers; a key is unique to its owner, and setting it again replaces the earlier timer.

    `not_before` is a lower bound of the earliest due time, kept without looking at the heap.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...], Any]] = []
        self._live: dict[Any, int] = {}
        self._sequence = 0
        self.not_before = NEVER

    def __len__(self) -> int:
        return len(self._live)

    def set(self, due_ns: int, key: Any, action: Callable[..., None], *args: Any) -> None:
        """Call `action(*args)` at `due_ns`; replaces the timer of the same key."""
        self._sequence += 1
        self._live[key] = self._sequence
        heapq.heappush(self._heap, (due_ns, self._sequence, action, args, key))
        if due_ns < self.not_before:
            self.not_before = due_ns
        if len(self._heap) > 2 * len(self._live) + _SLACK:
            self._heap = [timer for timer in self._heap if self._live.get(timer[4]) == timer[1]]
            heapq.heapify(self._heap)

    def cancel(self, key: Any) -> None:
        """Forget the timer of that key; an unknown key is no error (it may just have fired)."""
        self._live.pop(key, None)

    def next_due(self) -> int | None:
        """Time of the earliest live timer, or None."""
        heap, live = self._heap, self._live
        while heap and live.get(heap[0][4]) != heap[0][1]:
            heapq.heappop(heap)
        self.not_before = heap[0][0] if heap else NEVER
        return heap[0][0] if heap else None

    def fire_one(self) -> None:
        """Take and run the earliest timer (there must be one)."""
        _, _, action, args, key = heapq.heappop(self._heap)
        del self._live[key]
        action(*args)
