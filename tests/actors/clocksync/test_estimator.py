"""The true offset always lies within the bound, for any delays, any drift within its limit, and one wrong exchange."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actors.clocksync.estimator import AGREEING, Estimator, Finding, OffsetBound, Sample
from tests.actors.clocksync.clocks import MS, Exchange, TrueClock, measured, stories

DRIFT_PPM = 300
QUICK = Exchange(1_000 * MS, 10 * MS, 10 * MS)


@given(stories(DRIFT_PPM), st.integers(0, 10**12))
def test_the_true_offset_lies_within_the_bound_at_each_exchange_and_between(
    story: tuple[TrueClock, list[Exchange]], later_ns: int
) -> None:
    clock, exchanges = story
    estimator = Estimator(DRIFT_PPM)
    for sample in measured(clock, exchanges):
        assert estimator.add(sample) is Finding.AGREES
        for now_ns in (sample.received_ns, sample.received_ns + later_ns):
            bound = estimator.at(now_ns)
            assert clock.is_within(bound.low_ns, bound.high_ns, now_ns)
            assert clock.is_within(bound.offset_ns - bound.error_ns, bound.offset_ns + bound.error_ns, now_ns)


@given(stories(0), st.integers(1, 10**6))
def test_what_an_earlier_life_knew_counts_and_the_true_offset_still_lies_within(
    story: tuple[TrueClock, list[Exchange]], width_ns: int
) -> None:
    clock, exchanges = story
    prior = OffsetBound(clock.offset_ns - width_ns, clock.offset_ns + width_ns, 0)
    drifting = TrueClock(clock.offset_ns, [(0, DRIFT_PPM)])
    estimator = Estimator(DRIFT_PPM, prior)
    for sample in measured(drifting, exchanges):
        assert estimator.add(sample) is Finding.AGREES
        bound = estimator.at(sample.received_ns)
        assert drifting.is_within(bound.low_ns, bound.high_ns, sample.received_ns)
        assert bound.error_ns <= prior.aged(sample.received_ns, DRIFT_PPM).error_ns


LIES = st.one_of(st.integers(-(10**7), 10**7), st.integers(-40, 40))


@given(st.integers(-(10**15), 10**15), st.integers(3, 20), st.integers(0, 19), LIES, st.data())
def test_one_wrong_exchange_never_moves_the_bound_off_the_true_offset(
    offset_ns: int, count: int, liar: int, lie_ms: int, data: Any
) -> None:
    """However large or small the lie: it may hide inside the bounds of the others."""
    delays = st.integers(0, 200 * MS)
    story = [Exchange(data.draw(st.integers(0, MS)), data.draw(delays), data.draw(delays)) for _ in range(count)]
    liar %= count
    story[liar] = Exchange(story[liar].wait_ns, story[liar].there_ns, story[liar].back_ns, lie_ms)
    clock = TrueClock(offset_ns)
    estimator = Estimator(0)
    for number, sample in enumerate(measured(clock, story)):
        estimator.add(sample)
        if estimator.is_settled and number >= AGREEING - 1 and liar <= number:
            bound = estimator.at(sample.received_ns)
            assert clock.is_within(bound.low_ns, bound.high_ns, sample.received_ns)


@given(st.integers(-(10**15), 10**15), st.integers(2, 20), st.integers(-(10**15), 10**15))
def test_after_a_step_the_estimate_is_of_the_new_clock_alone_and_settles_after_three_exchanges(
    offset_ns: int, before: int, step_ns: int
) -> None:
    """A step that is wider than the bounds are is seen at the second exchange after it."""
    step_ns += (1 if step_ns >= 0 else -1) * 100 * MS
    count = max(before, AGREEING)
    old, new = TrueClock(offset_ns), TrueClock(offset_ns + step_ns)
    old_samples = measured(old, [QUICK] * (count + 4))[:count]
    new_samples = measured(new, [QUICK] * (count + 4))[count:]
    estimator = Estimator(DRIFT_PPM)
    for sample in old_samples:
        assert estimator.add(sample) is Finding.AGREES
    found = [estimator.add(sample) for sample in new_samples[:2]]
    assert found == [Finding.DOUBTFUL, Finding.STEPPED]
    settled = [estimator.is_settled]
    for sample in new_samples[2:]:
        assert estimator.add(sample) is Finding.AGREES
        settled.append(estimator.is_settled)
        bound = estimator.at(sample.received_ns)
        assert new.is_within(bound.low_ns, bound.high_ns, sample.received_ns)
        assert not old.is_within(bound.low_ns, bound.high_ns, sample.received_ns)
    assert settled == [False, True, True]


def test_the_best_exchange_of_the_window_decides_and_a_slow_answer_does_no_harm() -> None:
    clock = TrueClock(5 * MS)
    slow = Exchange(0, 900 * MS, 3 * MS)
    estimator = Estimator(0)
    for sample in measured(clock, [QUICK, QUICK, slow, slow, slow, slow]):
        estimator.add(sample)
    assert estimator.at(sample.received_ns).error_ns <= 11 * MS


def test_without_a_prior_three_exchanges_settle_it_and_with_one_the_first() -> None:
    samples = measured(TrueClock(0), [QUICK] * 3)
    fresh, known = Estimator(0), Estimator(0, OffsetBound(-MS, MS, 0))
    settled = []
    for sample in samples:
        fresh.add(sample)
        known.add(sample)
        settled.append((fresh.is_settled, known.is_settled))
    assert settled == [(False, True), (False, True), (True, True)]


def test_an_exact_prior_stays_exact() -> None:
    """The simulator's: the kernel's clock is the venue's own, and no exchange can say it better."""
    estimator = Estimator(0, OffsetBound(0, 0, 0))
    for sample in measured(TrueClock(0), [Exchange(0, 20 * MS, 21 * MS)] * 20):
        assert estimator.add(sample) is Finding.AGREES
        assert estimator.at(sample.received_ns).error_ns == 0
        assert estimator.at(sample.received_ns).offset_ns == 0


def test_a_prior_that_cannot_be_true_is_a_step_and_is_forgotten() -> None:
    estimator = Estimator(0, OffsetBound(-MS, MS, 0))
    first, second, third = measured(TrueClock(3_000 * MS), [QUICK] * 3)
    assert estimator.add(first) is Finding.STEPPED
    assert not estimator.is_settled
    assert [estimator.add(second), estimator.add(third)] == [Finding.AGREES, Finding.AGREES]
    assert estimator.is_settled


def test_two_exchanges_that_disagree_leave_the_newest() -> None:
    estimator = Estimator(0)
    honest = measured(TrueClock(0), [QUICK] * 4)
    lying = measured(TrueClock(9_000 * MS), [QUICK])[0]
    assert estimator.add(lying) is Finding.AGREES
    assert [estimator.add(sample) for sample in honest[1:]] == [Finding.STEPPED, Finding.AGREES, Finding.AGREES]
    bound = estimator.at(honest[3].received_ns)
    assert bound.low_ns <= 0 <= bound.high_ns


@given(st.integers(0, 10**15), st.integers(0, 10**10), st.integers(0, 10**6))
@example(0, 1, 1)
def test_a_bound_loosens_with_age_by_the_drift_rounded_up(at_ns: int, age_ns: int, drift_ppm: int) -> None:
    aged = OffsetBound(-5, 7, at_ns).aged(at_ns + age_ns, drift_ppm)
    drift_ns = aged.high_ns - 7
    assert aged.low_ns == -5 - drift_ns
    assert (drift_ns - 1) * 10**6 < age_ns * drift_ppm <= drift_ns * 10**6


def test_an_answer_before_its_question_is_an_error() -> None:
    with pytest.raises(ValueError, match="before it was sent"):
        Estimator(0).add(Sample(10, 0, 9))


def test_the_error_reaches_to_the_farther_end() -> None:
    bound = OffsetBound(0, 1, 0)
    assert (bound.offset_ns, bound.error_ns) == (0, 1)
