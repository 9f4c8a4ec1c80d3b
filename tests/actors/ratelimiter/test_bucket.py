"""The rolling window against a slow count of all grants."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.ratelimiter.bucket import RollingWindow


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 4), st.integers(1, 20), st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_no_window_ever_holds_more_than_the_limit_and_none_is_held_back_without_need(
    limit: int, window_ns: int, waits: list[int]
) -> None:
    window = RollingWindow(limit, window_ns)
    grants: list[int] = []
    now = 0
    for wait in waits:
        now += wait
        recent = [time for time in grants if time > now - window_ns]
        assert (window.free_at(now) <= now) == (len(recent) < limit)
        if window.free_at(now) <= now:
            window.grant(now)
            grants.append(now)
    for end in grants:
        assert len([time for time in grants if end - window_ns < time <= end]) <= limit


@pytest.mark.parametrize(("limit", "window_ns"), [(0, 1), (1, 0)])
def test_a_window_that_would_never_open_is_refused(limit: int, window_ns: int) -> None:
    with pytest.raises(ValueError, match=f"a window of {limit} grants in {window_ns} ns never opens"):
        RollingWindow(limit, window_ns)


def test_what_the_venue_counts_beyond_ours_is_counted_too() -> None:
    window = RollingWindow(5, 100)
    for now in (0, 50, 60):
        window.grant(now)
    window.count_at_least(120, 125, 2)  # the two at 50 and 60 are those it counts
    assert window.free_at(125, 3) == 125
    window.count_at_least(120, 125, 4)  # two more are somebody else's
    assert window.free_at(125, 2) == 150
    window.count_at_least(125, 125, 99)
    assert (window.free_at(125, 1), window.free_at(125, 5)) == (150, 225)


def test_a_slow_answer_counts_no_grant_twice() -> None:
    window = RollingWindow(2, 100)
    window.grant(0)
    window.grant(0)
    window.count_at_least(0, 130, 2)  # it counted them at their sending, and they are history by now
    assert window.free_at(130, 2) == 130


def test_the_venues_limit_holds_from_now_on_and_never_beyond_our_own() -> None:
    window = RollingWindow(3, 100)
    for now in (0, 10, 20):
        window.grant(now)
    window.follow_limit(2)
    assert (window.limit, window.free_at(20)) == (2, 110)
    for limit, follows in ((5, 3), (0, 1), (2, 2), (3, 3)):
        window.follow_limit(limit)
        assert window.limit == follows
    assert window.free_at(20) == 100, "it has forgotten nothing meanwhile"


@given(st.integers(1, 6), st.integers(0, 8), st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=40))
def test_who_leaves_a_spare_never_takes_it_and_who_does_not_finds_it(
    limit: int, spare: int, steps: list[tuple[int, bool]]
) -> None:
    window, now, recent = RollingWindow(limit, 100), 0, [-1_000]
    for wait, is_sparing in steps:
        now += wait
        recent = [time for time in recent if time > now - 100]
        usable = max(1, limit - spare) if is_sparing else limit
        fits = window.free_at(now, 1, spare if is_sparing else 0) <= now
        assert fits == (len(recent) < usable)
        if fits:
            window.grant(now)
            recent.append(now)
