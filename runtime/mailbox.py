"""Bounds and what happens at them. All data messages share one queue; a receiver's mailbox is its part of that queue.

The whole queue's length is an upper limit of every mailbox's length, so below the smallest bound nothing can be full
and nobody counts; only above it `admit` counts the receiver's part and applies the overflow policy of the class.
"""

from collections import deque
from typing import Any

import attrs

from runtime.cell import Cell
from runtime.overflow import REJECT, Overflow, OverflowKind

__all__ = ["Entry", "Lane", "Verdict", "admit", "withdraw"]

Entry = tuple[Cell, Any, Cell | None, int]  # receiver, message, sender, correlation (0 for none)
Lane = deque[Entry]


@attrs.frozen
class Verdict:
    """What admission decided: append or not, what died for it, and whether the receiver must crash."""

    append: bool
    dead: Entry | None = None
    removed_at: int | None = None  # where an older entry was taken out of the lane
    crash: bool = False


_ADMIT = Verdict(append=True)


def admit(lane: Lane, entry: Entry, policies: dict[type, Overflow]) -> Verdict:
    """Apply the receiver's bound to one more entry; may replace or remove an older entry in the lane."""
    cell, message = entry[0], entry[1]
    if sum(1 for other in lane if other[0] is cell) < cell.spec.mailbox:
        return _ADMIT
    policy = policies.get(type(message), REJECT)
    if policy.kind is OverflowKind.DROP_OLDEST:
        position = next(i for i, other in enumerate(lane) if other[0] is cell)
        dead = lane[position]
        del lane[position]
        return Verdict(append=True, dead=dead, removed_at=position)
    if policy.kind is OverflowKind.CONFLATE and policy.key is not None:
        wanted = policy.key(message)
        for position, other in enumerate(lane):
            if other[0] is cell and type(other[1]) is type(message) and policy.key(other[1]) == wanted:
                lane[position] = entry
                return Verdict(append=False, dead=other)
    return Verdict(append=False, dead=entry, crash=policy.kind is OverflowKind.FATAL)


def withdraw(lane: Lane, cell: Cell) -> list[Entry]:
    """Remove and return what lies in `lane` for `cell`: its incarnation is gone."""
    gone = [entry for entry in lane if entry[0] is cell]
    if gone:
        kept = [entry for entry in lane if entry[0] is not cell]
        lane.clear()
        lane.extend(kept)
    return gone
