"""The clock, measured: up with its first estimate, again on a timer, and a silent venue is the supervisor's at last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.clocksync.actor import ClockSync
from actors.clocksync.estimator import estimate
from actors.clocksync.messages import ClockEstimate, ClockQuery
from actors.model.backend import NeverSent, ServerTime, ServerTimeQuery
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from runtime.testing.harness import Said

HOUR_NS = 3600 * SECOND_NS


def a_clock(round_trip_ns: int = 0) -> ActorHarness:
    return ActorHarness(lambda: ClockSync(Ref("port"), HOUR_NS, round_trip_ns), others=("port",))


def asked(said: list[Said]) -> int:
    ((ref, question, correlation),) = said
    assert (ref, question) == ("port", ServerTimeQuery())
    return correlation


def failed(clock: ActorHarness) -> bool:
    """A crash before it is up is a failed start."""
    return clock.kernel.life.outcome is not None


def test_it_is_up_with_its_first_estimate_and_tells_it_to_whoever_asks() -> None:
    clock = a_clock()
    number = asked(clock.take())
    started = [clock.is_started]
    clock.advance(4_000_000)
    clock.answer(number, ServerTime(1_002))
    started.append(clock.is_started)
    assert started == [False, True]
    assert clock.ask(ClockQuery()) == ClockEstimate(offset_ns=1_000_000_000, error_ns=3_000_000)


def test_it_measures_again_an_interval_after_each_answer() -> None:
    clock = a_clock()
    clock.answer(asked(clock.take()), ServerTime(0))
    assert clock.advance(HOUR_NS - 1) == []
    number = asked(clock.advance(1))
    clock.answer(number, ServerTime(7_200_000))
    assert clock.ask(ClockQuery()).offset_ns == 7_200 * SECOND_NS - HOUR_NS


@pytest.mark.parametrize("round_trip", [0, 3])
def test_a_silent_venue_is_asked_again_after_a_second_and_after_five_times_it_is_a_crash(round_trip: int) -> None:
    clock = a_clock(round_trip * SECOND_NS)
    said = clock.take()
    for _ in range(5):
        asked(said)
        assert clock.advance((5 + round_trip) * SECOND_NS) == []
        said = clock.advance(SECOND_NS)
    asked(said)
    assert not failed(clock)
    clock.advance((5 + round_trip) * SECOND_NS)
    assert failed(clock)


def test_a_question_that_was_never_sent_is_a_failure_too_and_an_answer_forgives_all() -> None:
    clock = a_clock()
    said = clock.take()
    for _ in range(12):
        for _ in range(5):
            clock.answer(asked(said), NeverSent("no permit"))
            said = clock.advance(SECOND_NS)
        clock.answer(asked(said), ServerTime(0))
        said = clock.advance(HOUR_NS)
    assert clock.incarnation == 1


@given(st.integers(0, 10**15), st.integers(0, 10**10), st.integers(0, 10**10), st.integers(-(10**13), 10**13))
def test_the_true_offset_lies_within_the_error(sent_ns: int, there_ns: int, back_ns: int, offset_ns: int) -> None:
    """Whichever way took longer; the venue cuts its stamp to the millisecond."""
    venue_ms = (sent_ns + there_ns + offset_ns) // 1_000_000
    found = estimate(sent_ns, sent_ns + there_ns + back_ns, venue_ms)
    assert abs(found.offset_ns - offset_ns) <= found.error_ns


def test_an_answer_before_its_question_is_an_error() -> None:
    with pytest.raises(ValueError, match="before it was sent"):
        estimate(10, 9, 0)
