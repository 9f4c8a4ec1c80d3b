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
        assert window.has_room(now) == (window.free_at(now) <= now) == (len(recent) < limit)
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


def test_a_lower_limit_holds_from_now_on_and_a_higher_one_changes_nothing() -> None:
    window = RollingWindow(3, 100)
    for now in (0, 10, 20):
        window.grant(now)
    window.lower(2)
    assert (window.limit, window.free_at(20)) == (2, 110)
    for limit in (2, 5, 0):
        window.lower(limit)
    assert (window.limit, window.free_at(110, 2)) == (2, 120)


def test_a_shut_window_opens_at_its_time_and_not_before_its_newest_grant_has_passed() -> None:
    window = RollingWindow(2, 100)
    window.grant(0)
    window.shut(1000)
    assert (window.free_at(10), window.has_room(999), window.has_room(1000)) == (1000, False, True)
    window.grant(1000)
    window.shut(1050)
    assert window.free_at(1000) == 1100
