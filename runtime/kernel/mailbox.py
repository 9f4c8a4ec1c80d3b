"""Bounds and what happens at them. All data messages share one queue; a receiver's mailbox is its part of that queue.

The whole queue's length is an upper limit of every mailbox's length, so below the smallest bound nothing can be full
and nobody counts. Above it, when a handler has returned, what it sent is taken off the tail and let in message by
message by the receivers' policies; a handler that raises is rolled back first, so overflow is as atomic as the rest.
"""

from collections import Counter, deque
from heapq import heappop, heappush
from typing import Any

import attrs

from runtime.kernel.cell import Cell
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.timers import NEVER
from runtime.messages import ResyncNeeded
from runtime.overflow import REJECT, Overflow, OverflowKind

__all__ = ["Admission", "Bounds", "Entry", "Lane", "Pressure", "admit", "withdraw"]

Entry = tuple[Cell, Any, Cell | None, int]  # receiver, message, sender, correlation (0 for none)
Lane = deque[Entry]


@attrs.frozen
class Admission:
    """What became of one more entry: who died for it, why, and whether the receiver must crash."""

    dead: tuple[Entry, ...] = ()
    cause: DeadCause = DeadCause.DROPPED
    crash: bool = False


_WELCOME = Admission()


def admit(lane: Lane, entry: Entry, depth: int, policies: dict[type, Overflow]) -> Admission:
    """Let `entry` into `lane`, where `depth` entries of its receiver lie already, by the receiver's bound."""
    cell, message = entry[0], entry[1]
    if depth < cell.spec.mailbox:
        lane.append(entry)
        return _WELCOME
    policy = policies.get(type(message), REJECT)
    if policy.kind is OverflowKind.DROP_OLDEST:
        return _drop_oldest(lane, entry)
    if policy.kind is OverflowKind.CONFLATE and policy.key is not None:
        return _conflate(lane, entry, policy.key(message), policy)
    if policy.kind is OverflowKind.RESYNC:
        return _resync(lane, entry, policies)
    return Admission((entry,), DeadCause.REJECTED, crash=policy.kind is OverflowKind.FATAL)


def _drop_oldest(lane: Lane, entry: Entry) -> Admission:
    """The oldest of its own class goes; with none there, the new one does: other classes have policies of their own."""
    cell, kind = entry[0], type(entry[1])
    for position, other in enumerate(lane):
        if other[0] is cell and type(other[1]) is kind:
            del lane[position]
            lane.append(entry)
            return Admission((other,))
    return Admission((entry,))


def _conflate(lane: Lane, entry: Entry, wanted: object, policy: Overflow) -> Admission:
    cell, kind = entry[0], type(entry[1])
    assert policy.key is not None
    for position, other in enumerate(lane):
        if other[0] is cell and type(other[1]) is kind and policy.key(other[1]) == wanted:
            lane[position] = entry
            return Admission((other,), DeadCause.CONFLATED)
    return Admission((entry,), DeadCause.REJECTED)


def _resync(lane: Lane, entry: Entry, policies: dict[type, Overflow]) -> Admission:
    """All of the receiver's messages that can be asked for again become one notice, with their number."""
    cell = entry[0]
    kept, gone, notices, before = [], [], [], 0
    for other in lane:
        message = other[1]
        if other[0] is cell and isinstance(message, ResyncNeeded):
            before += message.dropped
            notices.append(other)
        elif other[0] is cell and policies.get(type(message), REJECT).kind is OverflowKind.RESYNC:
            gone.append(other)
        else:
            kept.append(other)
    gone.append(entry)
    lane.clear()
    lane.extend(kept)
    lane.append((cell, ResyncNeeded(before + len(gone)), None, 0))
    return Admission((*gone, *notices), DeadCause.RESYNC)


class Bounds:
    """The mailbox bounds of the tree's actors, and the smallest of them; each change costs O(log n)."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._heap: list[int] = []  # every bound that is in `_counts`, and some that no longer are
        self.smallest = NEVER

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
        self.smallest = self._heap[0] if self._heap else NEVER


class Pressure:
    """Depths by receiver while the queue is long, counted once and then kept in step from turn to turn."""

    def __init__(self) -> None:
        self._depths: Counter[Cell] | None = None
        self._length = 0
        self._turn = 0

    def forget(self) -> None:
        """The lane was changed by other hands: count again."""
        self._depths = None

    def depths(self, lane: Lane, taken: Cell | None, turn: int) -> Counter[Cell]:
        """Entries of each receiver in `lane`; `taken` is whose message this turn took, from this lane or another."""
        known, length = self._depths, len(lane)
        if known is None or turn != self._turn + 1 or length not in (self._length, self._length - 1):
            known = Counter(entry[0] for entry in lane)
        elif length == self._length - 1 and taken is not None:
            known[taken] -= 1
        self._depths = known
        self._turn = turn
        return known

    def settle(self, lane: Lane) -> None:
        """The turn's sends are in."""
        self._length = len(lane)


def withdraw(lane: Lane, cell: Cell) -> list[Entry]:
    """Remove and return what lies in `lane` for `cell`: its incarnation is gone."""
    gone = [entry for entry in lane if entry[0] is cell]
    if gone:
        kept = [entry for entry in lane if entry[0] is not cell]
        lane.clear()
        lane.extend(kept)
    return gone
