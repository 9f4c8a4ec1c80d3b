"""The newest executions' changes of position and wallet, which a statement of the venue may not include yet."""

from bisect import insort
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Move", "RecentMoves"]

_MAX_MOVES = 2_000
_STALE_MS = 1_000  # a position or wallet may be older than its timestamp by this much


class Move(NamedTuple):
    """By how much one execution changed a symbol's position (quantity) and the wallet (Money), at its time (UTC ms)."""

    symbol: str
    time_ms: int
    signed_qty: int
    cash: int


class RecentMoves:
    """The newest moves, ordered by time; of one time, in the order of booking."""

    def __init__(self) -> None:
        self._moves: list[Move] = []

    def note(self, move: Move) -> None:
        """Insert a move by its time, and drop the oldest one beyond the bound."""
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
