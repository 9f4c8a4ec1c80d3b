"""Clock sync alone: it starts when three exchanges agree, measures on a timer, and raises an alarm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.clocksync.actor import ClockSync
from actors.clocksync.messages import FollowClock, Synchronised, TimestampRefused, Unsynchronised
from actors.clocksync.policy import SyncPolicy
from actors.model.backend import NeverSent, ServerTime, ServerTimeQuery, Unanswered
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.clocksync.clocks import MS, TrueClock

TEN_NS, SOON_NS = 10 * SECOND_NS, SECOND_NS // 4
LOCAL_NS = 1_700_000_000 * SECOND_NS
WAY_NS = 10 * MS


class Synced:
    """Clock sync beside a venue whose clock is known here; the local clock shows LOCAL_NS at the start.

    The questions that it has asked and that wait are in `said`; `exchange` answers the one there is.
    """

    def __init__(self, offset_ns: int, policy: SyncPolicy | None = None, *, is_virtual: bool = False) -> None:
        self.venue = TrueClock(offset_ns)
        wall_ns = None if is_virtual else LOCAL_NS
        self.harness = ActorHarness(
            lambda: ClockSync(Ref("port"), policy or SyncPolicy()), others=("port", "follower"), wall_ns=wall_ns
        )
        self.said = self.harness.take()
        self.told: list[object] = []

    @property
    def now(self) -> int:
        return self.harness.kernel.now

    def hear(self, said: list[Said]) -> None:
        self.told += [message for ref, message, _ in said if ref == "follower"]
        self.said += [each for each in said if each[0] == "port"]

    def pass_time(self, by_ns: int) -> None:
        self.hear(self.harness.advance(by_ns))

    def exchange(self, there_ns: int = WAY_NS, back_ns: int = WAY_NS) -> None:
        """The question reaches the venue, is stamped, and the answer comes back."""
        ((_, question, correlation),) = self.said
        assert question == ServerTimeQuery()
        self.said = []
        self.pass_time(there_ns)
        stamp = ServerTime(self.venue.shows_ms(self.now))
        self.pass_time(back_ns)
        self.hear(self.harness.answer(correlation, stamp))

    def settle(self) -> "Synced":
        """Three exchanges, and a follower that hears of changes."""
        for wait_ns in (0, SOON_NS, SOON_NS):
            self.pass_time(wait_ns)
            self.exchange()
        assert self.harness.is_started
        assert self.follow() == Synchronised()
        return self

    def is_up(self) -> bool:
        return self.harness.is_started

    def follow(self) -> object:
        return self.harness.ask(FollowClock(Ref("follower")))

    @property
    def error_ns(self) -> int | None:
        return self.harness.kernel.clock.wall_error_ns

    def is_right(self) -> bool:
        """Whether the venue's true time lies within the wall clock's error."""
        clock = self.harness.kernel.clock
        assert clock.wall_error_ns is not None
        error_ns = clock.wall_error_ns
        return self.venue.is_within(clock.wall_offset_ns - error_ns, clock.wall_offset_ns + error_ns, clock.now)


def failed(harness: ActorHarness) -> bool:
    """A crash before it is up is a failed start."""
    return harness.kernel.life.outcome is not None


# -- the start ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off_ns", [0, 77 * MS, -3_600 * SECOND_NS, 90 * SECOND_NS])
def test_it_is_up_when_three_exchanges_agree_and_the_wall_clock_is_the_venues(off_ns: int) -> None:
    synced = Synced(LOCAL_NS + off_ns)
    started = []
    for wait_ns in (0, SOON_NS, SOON_NS):
        synced.pass_time(wait_ns)
        synced.exchange()
        started.append(synced.is_up())
    assert started == [False, False, True]
    assert synced.is_right()
    assert synced.error_ns is not None
    assert synced.error_ns <= 12 * MS


def test_before_it_has_measured_it_says_so() -> None:
    assert Synced(LOCAL_NS).follow() == Unsynchronised("the venue's clock has not been measured yet")


def test_on_a_virtual_clock_one_exchange_is_enough_and_nothing_is_corrected() -> None:
    synced = Synced(0, SyncPolicy(3600 * SECOND_NS, drift_ppm=0), is_virtual=True)
    synced.exchange(3_000 * MS, 20 * MS)
    clock = synced.harness.kernel.clock
    assert synced.is_up()
    assert (clock.wall_offset_ns, clock.wall_error_ns) == (0, 0)
    synced.pass_time(3600 * SECOND_NS - 1)
    assert synced.said == []
    synced.pass_time(1)
    synced.exchange()
    assert (clock.wall_offset_ns, clock.wall_error_ns) == (0, 0)


def test_it_does_not_start_on_slow_exchanges_until_a_quicker_one_comes() -> None:
    synced = Synced(LOCAL_NS)
    for wait_ns in (0, SOON_NS, SOON_NS, SOON_NS):
        synced.pass_time(wait_ns)
        synced.exchange(300 * MS, 300 * MS)
    assert not synced.is_up()
    assert isinstance(synced.follow(), Unsynchronised)
    for _ in range(2):
        synced.pass_time(SOON_NS)
        synced.exchange()
    assert synced.is_up()
    assert synced.told == [Synchronised()]


@pytest.mark.parametrize("round_trip", [0, 3])
def test_a_silent_venue_is_asked_again_after_a_second_and_after_five_times_it_is_no_start(round_trip: int) -> None:
    build = lambda: ClockSync(Ref("port"), SyncPolicy(), round_trip * SECOND_NS)  # noqa: E731
    harness = ActorHarness(build, others=("port",))
    said = harness.take()
    for _ in range(5):
        assert len(said) == 1
        assert harness.advance((5 + round_trip) * SECOND_NS) == []
        said = harness.advance(SECOND_NS)
    assert len(said) == 1
    assert not failed(harness)
    harness.advance((5 + round_trip) * SECOND_NS)
    assert failed(harness)


def test_a_question_that_was_never_sent_is_a_failure_too_and_an_answer_forgives_all() -> None:
    synced = Synced(LOCAL_NS)
    for _ in range(2):
        for _ in range(5):
            ((_, _, correlation),) = synced.said
            synced.said = []
            synced.hear(synced.harness.answer(correlation, NeverSent("no permit")))
            synced.pass_time(SECOND_NS)
        synced.exchange()
        synced.pass_time(SOON_NS)
    assert not failed(synced.harness)


# -- later ----------------------------------------------------------------------------------------------------------


def test_it_measures_again_an_interval_after_each_answer() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.pass_time(TEN_NS - 1)
    assert synced.said == []
    synced.pass_time(1)
    synced.exchange()
    assert synced.told == []


@given(st.lists(st.tuples(st.integers(0, 200 * MS), st.integers(0, 200 * MS)), min_size=1, max_size=8))
def test_the_wall_clock_is_right_within_its_error_all_the_time(ways: list[tuple[int, int]]) -> None:
    synced = Synced(LOCAL_NS + 1_234_567_891)
    synced.venue.rates = [(0, 400)]
    synced.settle()
    for there_ns, back_ns in ways:
        synced.pass_time(TEN_NS)
        assert synced.is_right()
        synced.exchange(there_ns, back_ns)
        assert synced.is_right()


def test_a_venue_that_falls_silent_is_no_crash_and_an_alarm_when_the_error_has_grown_too_large() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.pass_time(400 * SECOND_NS)
    assert synced.told == []
    synced.pass_time(120 * SECOND_NS)
    (alarm,) = synced.told
    assert isinstance(alarm, Unsynchronised)
    assert alarm.reason.startswith("the venue's time is known within 25")
    assert isinstance(synced.follow(), Unsynchronised)
    assert synced.is_right()
    synced.pass_time(1_000 * SECOND_NS)
    assert synced.harness.incarnation == 1
    assert len(synced.told) == 1


def test_after_silence_the_alarm_ends_when_two_exchanges_agree_again() -> None:
    """The old ones are in the window still: of the new ones one may be wrong, so it takes a second."""
    synced = Synced(LOCAL_NS).settle()
    synced.pass_time(600 * SECOND_NS)
    synced.said = synced.said[-1:]
    synced.exchange()
    assert [type(message) for message in synced.told] == [Unsynchronised]
    synced.pass_time(SOON_NS)
    synced.exchange()
    assert [type(message) for message in synced.told] == [Unsynchronised, Synchronised]
    assert synced.is_right()


@pytest.mark.parametrize("step_ms", [3_000, -3_000, 200])
def test_a_step_of_the_venues_clock_is_an_alarm_until_three_exchanges_agree_again(step_ms: int) -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.venue = TrueClock(LOCAL_NS + step_ms * MS)
    synced.pass_time(TEN_NS)
    synced.exchange()
    assert synced.told == []  # one alone may be wrong: asked again soon
    synced.pass_time(SOON_NS)
    synced.exchange()
    (alarm,) = synced.told
    assert isinstance(alarm, Unsynchronised)
    said_ms = int(alarm.reason.removeprefix("the venue's clock stepped by about ").removesuffix(" ms"))
    assert abs(said_ms - step_ms) <= 25
    assert synced.is_right()  # requests that lower risk are stamped by the new time already
    synced.pass_time(SOON_NS)
    synced.exchange()
    assert synced.told[1:] == [Synchronised()]
    assert synced.is_right()


def test_one_impossible_answer_changes_nothing_and_is_followed_by_a_measurement_soon() -> None:
    synced = Synced(LOCAL_NS).settle()
    honest = synced.venue
    synced.pass_time(TEN_NS)
    synced.venue = TrueClock(LOCAL_NS + 60 * SECOND_NS)
    synced.exchange()
    synced.venue = honest
    assert synced.is_right()
    synced.pass_time(SOON_NS)
    synced.exchange()
    assert synced.is_right()
    assert synced.told == []
    synced.pass_time(TEN_NS - 1)
    assert synced.said == []


def test_a_machine_that_was_suspended_sees_a_step() -> None:
    """Our monotonic clock stood still for an hour: beside it the venue's has jumped."""
    synced = Synced(LOCAL_NS).settle()
    synced.venue = TrueClock(LOCAL_NS + 3600 * SECOND_NS)
    synced.pass_time(TEN_NS)
    for _ in range(3):
        synced.exchange()
        synced.pass_time(SOON_NS)
    assert [type(message) for message in synced.told] == [Unsynchronised, Synchronised]
    assert synced.is_right()


# -- another life ---------------------------------------------------------------------------------------------------


def test_a_new_life_goes_on_with_what_the_last_one_knew_and_is_up_after_one_exchange() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.hear(synced.harness.crash())
    assert not synced.is_up()
    synced.exchange(700 * MS, 700 * MS)
    assert synced.is_up()
    assert synced.is_right()
    assert synced.error_ns is not None
    assert synced.error_ns <= 13 * MS


def test_a_new_life_after_a_step_trusts_the_exchanges_and_needs_three() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.hear(synced.harness.crash())
    synced.venue = TrueClock(LOCAL_NS + 3 * SECOND_NS)
    started = []
    for wait_ns in (0, SOON_NS, SOON_NS):
        synced.pass_time(wait_ns)
        synced.exchange()
        started.append(synced.is_up())
    assert started == [False, False, True]
    assert synced.is_right()


def test_a_follower_that_asks_twice_is_told_once() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.follow()
    synced.pass_time(600 * SECOND_NS)
    assert len(synced.told) == 1


# -- a request refused for its time stamp ----------------------------------------------------------------------------


def test_a_refused_time_stamp_is_a_reason_to_measure_at_once_and_no_alarm() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.hear(synced.harness.deliver(TimestampRefused()))
    synced.pass_time(0)
    synced.exchange()
    assert (synced.told, synced.said, synced.is_right()) == ([], [], True)
    synced.pass_time(TEN_NS - 1)
    assert synced.said == []
    synced.pass_time(1)
    assert len(synced.said) == 1


def test_a_refused_time_stamp_does_not_disturb_an_exchange_under_way() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.pass_time(TEN_NS)
    for _ in range(3):
        synced.hear(synced.harness.deliver(TimestampRefused()))
        synced.pass_time(50 * MS)
    synced.exchange()  # there is one question, and its bound is right
    assert synced.is_right()


@pytest.mark.parametrize("failure", [NeverSent("planted"), Unanswered("planted")])
def test_after_a_failure_a_refused_time_stamp_measures_at_once(failure: object) -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.pass_time(TEN_NS)
    ((_, _, correlation),) = synced.said
    synced.said = []
    synced.hear(synced.harness.answer(correlation, failure))
    synced.hear(synced.harness.deliver(TimestampRefused()))
    synced.pass_time(0)
    synced.exchange()
    assert synced.is_right()


def test_a_step_that_a_refused_time_stamp_hints_at_is_an_alarm_soon() -> None:
    synced = Synced(LOCAL_NS).settle()
    synced.venue = TrueClock(LOCAL_NS + 3 * SECOND_NS)
    synced.hear(synced.harness.deliver(TimestampRefused()))
    synced.pass_time(0)
    for _ in range(3):
        synced.exchange()
        synced.pass_time(SOON_NS)
    assert [type(message) for message in synced.told] == [Unsynchronised, Synchronised]


def test_an_exchange_that_never_answers_is_a_failed_start_that_says_why() -> None:
    synced = Synced(LOCAL_NS)
    for _ in range(6):
        ((_, _, correlation),) = synced.said
        synced.said = []
        synced.hear(synced.harness.answer(correlation, Unanswered("502 <html>proxy</html>")))
        synced.pass_time(SECOND_NS)
    outcome = synced.harness.kernel.life.outcome
    assert outcome is not None
    assert outcome.causes[0].text == "no server time in 6 attempts, the last: 502 <html>proxy</html>"
