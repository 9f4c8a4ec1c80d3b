"""What the newest executions moved: by how much a statement of the venue may lag behind what is booked."""

from bisect import insort
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Move", "RecentMoves"]

_MAX_MOVES = 2_000
_STALE_MS = 1_000  # a statement may be so much older than its stamp


class Move(NamedTuple):
    """What one execution did to a symbol's position (quantity) and to the wallet (Money), at its time (UTC ms)."""

    symbol: str
    time_ms: int
    signed_qty: int
    cash: int


class RecentMoves:
    """The newest moves, ordered by time; of one time, in the order of booking."""

    def __init__(self) -> None:
        self._moves: list[Move] = []

    def note(self, move: Move) -> None:
        """Keep a move; one that is booked late finds its place, and the oldest beyond the bound goes."""
        insort(self._moves, move, key=_time_of)
        if len(self._moves) > _MAX_MOVES:
            del self._moves[0]

    def unseen_at(self, time_ms: int) -> Iterator[Move]:
        """The moves that a statement of that time may not include, newest first."""
        for move in reversed(self._moves):
            if move.time_ms < time_ms - _STALE_MS:
                return
            yield move


def _time_of(move: Move) -> int:
    return move.time_ms
