"""The newest moves against a plain model: a bounded list, filtered and sorted anew for each question."""

from hypothesis import given
from hypothesis import strategies as st

from actors.orders.moves import Move, RecentMoves

STALE_MS = 1_000


@given(times=st.lists(st.integers(0, 5_000), max_size=60), asked=st.integers(0, 7_000))
def test_a_statement_may_lack_what_came_after_it_newest_first(times: list[int], asked: int) -> None:
    recent = RecentMoves()
    booked = [Move("BTCUSDT", time_ms, number, 0) for number, time_ms in enumerate(times)]
    for move in booked:
        recent.note(move)
    expected = [move for move in reversed(booked) if move.time_ms >= asked - STALE_MS]
    assert list(recent.unseen_at(asked)) == sorted(expected, key=lambda move: -move.time_ms)


def test_the_oldest_moves_are_forgotten_beyond_the_bound() -> None:
    recent = RecentMoves()
    for time_ms in range(2_100):
        recent.note(Move("BTCUSDT", time_ms, 1, 0))
    kept = list(recent.unseen_at(0))
    assert len(kept) == 2_000
    assert kept[-1].time_ms == 100
