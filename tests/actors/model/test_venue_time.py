"""What may be concluded from a clock with an error: nothing that any true time within it could make wrong."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from actors.model.errors import InvariantError
from actors.model.venue_time import SigningStamp, VenueTime

MS = 1_000_000
WALL_NS = 1_700_000_000_000 * MS
WALLS = st.integers(WALL_NS, WALL_NS + 10**12)
ERRORS = st.one_of(st.integers(0, 300 * MS), st.integers(0, 5))
SHARES = st.integers(-1_000, 1_000)  # where in its interval the true time lies, in thousandths of the error


def server_takes(stamp: SigningStamp, server_ms: int) -> bool:
    """Bybit's rule, as its reference states it."""
    return server_ms - stamp.recv_window_ms <= stamp.timestamp_ms < server_ms + 1_000


@given(WALLS, ERRORS, SHARES, st.integers(0, 5_000), st.integers(0, 5_000 * MS))
def test_a_stamped_request_is_taken_whatever_the_true_time_and_the_transit_are(
    wall_ns: int, error_ns: int, share: int, transit_ms: int, taken_ns: int
) -> None:
    true_ns = wall_ns + error_ns * share // 1_000
    assume(taken_ns <= transit_ms * MS)
    stamp = VenueTime(wall_ns, error_ns).signing_stamp(transit_ms)
    assert server_takes(stamp, (true_ns + taken_ns) // MS)
    assert stamp.timestamp_ms <= true_ns // MS  # never ahead


@given(WALLS, ERRORS, SHARES, st.integers(0, 5_000), st.integers(0, 10_000 * MS))
def test_what_is_under_way_for_longer_than_transit_and_twice_the_error_is_never_taken(
    wall_ns: int, error_ns: int, share: int, transit_ms: int, more_ns: int
) -> None:
    true_ns = wall_ns + error_ns * share // 1_000
    stamp = VenueTime(wall_ns, error_ns).signing_stamp(transit_ms)
    late_ns = transit_ms * MS + 2 * error_ns + 3 * MS + more_ns  # 3 ms: three times a rest of a ms is cut off
    assert not server_takes(stamp, (true_ns + late_ns) // MS)


@pytest.mark.parametrize(("back_ms", "is_taken"), [(0, True), (700, True), (999, True), (1_020, False)])
def test_a_server_that_steps_back_by_less_than_a_second_still_takes_it(back_ms: int, *, is_taken: bool) -> None:
    stamp = VenueTime(WALL_NS, 20 * MS).signing_stamp(500)
    assert server_takes(stamp, (WALL_NS - 20 * MS) // MS - back_ms) is is_taken


def test_a_stamp_in_numbers() -> None:
    assert VenueTime(WALL_NS, 20 * MS).signing_stamp(2_000) == SigningStamp(1_699_999_999_980, 2_041)
    assert VenueTime(WALL_NS + 999_999, 0).signing_stamp(5_000) == SigningStamp(1_700_000_000_000, 5_001)


def test_nothing_is_signed_on_a_clock_that_nobody_has_measured() -> None:
    with pytest.raises(InvariantError, match="before the venue's clock has been measured"):
        VenueTime(WALL_NS, None).signing_stamp(2_000)


@given(WALLS, ERRORS, SHARES, st.integers(-500, 500))
def test_what_is_past_has_passed_whatever_the_true_time_is(
    wall_ns: int, error_ns: int, share: int, ahead_ms: int
) -> None:
    true_ns = wall_ns + error_ns * share // 1_000
    close_ms = wall_ns // MS + ahead_ms
    if VenueTime(wall_ns, error_ns).is_past(close_ms):
        assert true_ns >= close_ms * MS


@given(WALLS, ERRORS, st.integers(-500, 500))
def test_it_is_past_after_the_time_until_then_and_not_a_nanosecond_before(
    wall_ns: int, error_ns: int, ahead_ms: int
) -> None:
    close_ms = wall_ns // MS + ahead_ms
    wait_ns = VenueTime(wall_ns, error_ns).ns_until_past(close_ms)
    assert wait_ns is not None
    assert VenueTime(wall_ns + wait_ns, error_ns).is_past(close_ms)
    assert wait_ns == 0 or not VenueTime(wall_ns + wait_ns - 1, error_ns).is_past(close_ms)


@given(WALLS, ERRORS, SHARES, st.integers(-500, 10_000), st.integers(0, 9_000))
def test_what_is_fresh_is_not_older_whatever_the_true_time_is(
    wall_ns: int, error_ns: int, share: int, age_ms: int, max_age_ms: int
) -> None:
    true_ns = wall_ns + error_ns * share // 1_000
    stamp_ms = wall_ns // MS - age_ms
    if VenueTime(wall_ns, error_ns).is_fresh(stamp_ms, max_age_ms):
        assert true_ns // MS - stamp_ms <= max_age_ms


def test_on_an_exact_clock_a_close_has_passed_at_its_very_instant_and_data_is_fresh_to_its_very_age() -> None:
    close_ms = WALL_NS // MS
    assert VenueTime(WALL_NS, 0).is_past(close_ms)
    assert not VenueTime(WALL_NS - 1, 0).is_past(close_ms)
    assert not VenueTime(WALL_NS, 1).is_past(close_ms)
    assert VenueTime(WALL_NS, 0).is_fresh(close_ms - 300, 300)
    assert not VenueTime(WALL_NS, 0).is_fresh(close_ms - 301, 300)
    assert not VenueTime(WALL_NS, MS).is_fresh(close_ms - 300, 300)


def test_of_an_unknown_time_nothing_has_passed_and_nothing_is_fresh() -> None:
    unknown = VenueTime(WALL_NS, None)
    assert not unknown.is_past(0)
    assert not unknown.is_fresh(WALL_NS // MS, 10**9)
    assert unknown.ns_until_past(0) is None
    assert (unknown.earliest_ms, unknown.latest_ms) == (None, None)
