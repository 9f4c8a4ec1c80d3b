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
