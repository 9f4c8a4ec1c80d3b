"""Protection message by message: one request at a time, the newest wins, safety is told what cannot be protected."""

from decimal import Decimal
from typing import Any

import pytest

from actors.model.backend import PositionReport, SetTradingStop
from actors.model.fixed import Price
from actors.model.order import ProtectionTerms, Side
from actors.model.position import FLAT, Position
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.protection.actor import Protection
from actors.protection.messages import StopSeen, Unprotected
from runtime.messages import Ref
from runtime.testing import ActorHarness
from tests.actors.builders import an_instrument
from tests.actors.protection.ledgers import HELD, a_fill_of, a_position

SECOND_NS = 1_000_000_000
ACCEPTED = OrderResult(RequestOutcome.ACCEPTED)
UNCHANGED = OrderResult(RequestOutcome.REJECTED, rejection=RejectReason.NOTHING_CHANGED)
REFUSED = OrderResult(RequestOutcome.REJECTED, rejection=RejectReason.BAD_PARAMETER, reason="stop beyond the market")
ATTACHED = ProtectionTerms(stop_loss=Price(9_800), take_profit=Price(10_300))


class Guarded:
    """Protection in the hand; `number` is the correlation of its last request."""

    def __init__(self, round_trip_ns: int = 0) -> None:
        instrument = an_instrument()
        refs = (Ref("port"), Ref("safety"))
        build = lambda: Protection(*refs, {"BTCUSDT": instrument}, round_trip_ns, Ref("orders"))  # noqa: E731
        self.harness = ActorHarness(build, others=("port", "safety", "orders"))
        self.number = 0
        self.life = self.harness.incarnation
        self.warned: list[Unprotected] = []

    def _sorted(self, said: Any) -> list[tuple[Price | None, Price | None]]:
        """Stop and target of each request in it, said without a crash."""
        assert self.harness.incarnation == self.life
        found = []
        for to, message, correlation in said:
            if isinstance(message, SetTradingStop):
                assert (to, message.symbol) == ("port", "BTCUSDT")
                self.number = correlation
                found.append((message.stop_loss, message.take_profit))
            elif isinstance(message, Unprotected):
                assert to == "safety"
                self.warned.append(message)
        return found

    def enter(
        self, price: int = 10_000, stop: int | None = 1, target: int | None = None, *,
        side: Side = Side.BUY, attached: ProtectionTerms | None = None,
    ) -> list[tuple[Price | None, Price | None]]:  # fmt: skip
        """A fill, whose entry wants a stop and a target so many percent away."""
        stop_loss, take_profit = (None if percent is None else Decimal(percent) for percent in (stop, target))
        return self.deliver(a_fill_of(price, stop_loss, take_profit, side, attached))

    def deliver(self, message: Any) -> list[tuple[Price | None, Price | None]]:
        return self._sorted(self.harness.deliver(message))

    def answer(self, result: OrderResult, number: int | None = None) -> list[tuple[Price | None, Price | None]]:
        return self._sorted(self.harness.answer(self.number if number is None else number, result))

    def wait(self, nanoseconds: int = SECOND_NS) -> list[tuple[Price | None, Price | None]]:
        return self._sorted(self.harness.advance(nanoseconds))

    def report(self, position: Position, stop: int | None, target: int | None) -> None:
        stands, aim = (None if level is None else Price(level) for level in (stop, target))
        assert self.deliver(PositionReport("BTCUSDT", position, stands, aim, 1)) == []

    def is_refused(self, times: int) -> None:
        """That often, each time a second later than the last."""
        for attempt in range(times):
            assert self.answer(REFUSED) == []
            assert len(self.wait()) == (attempt < times - 1 or times < 5)


def test_after_a_fill_the_levels_are_moved_to_their_distance_from_its_price() -> None:
    assert Guarded().enter(10_000, 1, 2) == [(9_900, 10_200)]
    assert Guarded().enter(10_000, 1, 2, side=Side.SELL) == [(10_100, 9_800)]


def test_a_level_that_an_entry_does_not_name_stays_where_it_stands() -> None:
    for stop, target, moved in ((1, None, (9_900, 10_500)), (None, 2, (9_500, 10_200))):
        guarded = Guarded()
        guarded.report(HELD, 9_500, 10_500)
        assert guarded.enter(10_000, stop, target) == [moved]


def test_an_entry_that_names_one_level_keeps_the_other_of_the_move_under_way() -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    guarded.enter(11_000, 1, None)
    assert guarded.answer(ACCEPTED) == [(10_890, 10_200)]


@pytest.mark.parametrize(
    ("attached", "stands"),
    [
        (ATTACHED, (9_800, 10_300)),
        (ProtectionTerms(stop_loss=Price(9_800)), (9_800, 10_500)),
        (ProtectionTerms(take_profit=Price(10_300)), (9_500, 10_300)),
        (None, (9_500, 10_500)),
    ],
)
def test_what_the_order_brought_along_stands_since_its_fill(
    attached: ProtectionTerms | None, stands: tuple[int, int]
) -> None:
    for stop, target, moved in ((1, None, (9_900, stands[1])), (None, 2, (stands[0], 10_200))):
        guarded = Guarded()
        guarded.report(HELD, 9_500, 10_500)
        assert guarded.enter(10_000, stop, target, attached=attached) == [moved]


def test_a_fill_of_an_entry_without_levels_moves_nothing() -> None:
    guarded = Guarded()
    guarded.report(HELD, 9_500, 10_500)
    assert guarded.enter(10_000, None, None) == []


def test_one_move_is_under_way_and_the_newest_follows_it() -> None:
    guarded = Guarded()
    guarded.enter(10_000)
    assert guarded.enter(11_000) == []
    assert guarded.enter(12_000) == []
    assert guarded.answer(ACCEPTED) == [(11_880, None)]
    assert guarded.answer(ACCEPTED) == []
    assert guarded.wait(60 * SECOND_NS) == []


@pytest.mark.parametrize("result", [ACCEPTED, UNCHANGED])
def test_a_level_that_is_set_or_was_already_is_done_and_remembered(result: OrderResult) -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    assert guarded.answer(result) == []
    assert guarded.wait(60 * SECOND_NS) == []
    assert guarded.enter(10_000, None, 3) == [(9_900, 10_300)]


def test_a_refused_move_is_tried_again_after_a_second_and_no_sooner() -> None:
    guarded = Guarded()
    guarded.enter()
    assert guarded.answer(REFUSED) == []
    assert guarded.wait(SECOND_NS - 1) == []
    assert guarded.wait(1) == [(9_900, None)]


def test_a_fill_during_the_wait_is_moved_at_once_and_only_once() -> None:
    guarded = Guarded()
    guarded.enter(10_000)
    guarded.answer(REFUSED)
    assert guarded.enter(11_000) == [(10_890, None)]
    assert guarded.wait() == []
    guarded.answer(ACCEPTED)
    assert guarded.wait(60 * SECOND_NS) == []


@pytest.mark.parametrize(("stop", "target"), [(1, None), (None, 2), (1, 2)])
def test_a_position_without_a_level_that_it_should_have_is_told_after_five_attempts(
    stop: int | None, target: int | None
) -> None:
    guarded = Guarded()
    guarded.enter(10_000, stop, target)
    guarded.is_refused(4)
    assert guarded.warned == []
    guarded.answer(REFUSED)
    assert guarded.warned == [Unprotected("BTCUSDT", "stop beyond the market")]
    assert guarded.wait(60 * SECOND_NS) == []


def test_a_refusal_without_a_reason_is_told_by_its_outcome() -> None:
    guarded = Guarded()
    guarded.enter()
    guarded.is_refused(4)
    guarded.answer(OrderResult(RequestOutcome.UNKNOWN))
    assert guarded.warned == [Unprotected("BTCUSDT", "unknown")]


def test_attached_levels_stay_in_force_and_raise_no_alarm() -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2, attached=ATTACHED)
    guarded.is_refused(5)
    assert guarded.warned == []
    assert guarded.wait(60 * SECOND_NS) == []


@pytest.mark.parametrize(("stop", "target"), [(9_800, None), (None, 10_300)])
def test_one_level_of_two_brought_along_is_not_enough(stop: int | None, target: int | None) -> None:
    guarded = Guarded()
    guarded.report(HELD, stop, target)
    guarded.enter(10_000, 1, 2)
    guarded.is_refused(5)
    assert len(guarded.warned) == 1


@pytest.mark.parametrize("has_stop", [True, False])
def test_a_level_that_is_not_wanted_is_not_missed(*, has_stop: bool) -> None:
    guarded = Guarded()
    guarded.report(HELD, 9_800 if has_stop else None, None if has_stop else 10_300)
    guarded.enter(10_000, 1 if has_stop else None, None if has_stop else 2)
    guarded.is_refused(5)
    assert guarded.warned == []


def test_a_later_fill_has_five_attempts_of_its_own() -> None:
    guarded = Guarded()
    guarded.enter(10_000)
    guarded.is_refused(4)
    guarded.enter(11_000)
    for _ in range(4):
        guarded.answer(REFUSED)
        assert guarded.wait() == [(10_890, None)]
    assert guarded.warned == []


@pytest.mark.parametrize("round_trip_ns", [(), (SECOND_NS,)])
def test_a_move_without_an_answer_in_ten_seconds_and_the_way_is_made_again(round_trip_ns: tuple[int, ...]) -> None:
    guarded = Guarded(*round_trip_ns)
    guarded.enter()
    assert guarded.wait(10 * SECOND_NS + sum(round_trip_ns)) == []
    assert guarded.wait(SECOND_NS - 1) == []
    assert guarded.wait(1) == [(9_900, None)]


def test_a_fill_while_an_answer_is_late_goes_out_when_it_is_given_up() -> None:
    guarded = Guarded()
    guarded.enter(10_000)
    guarded.enter(11_000)
    guarded.wait(10 * SECOND_NS)
    assert guarded.wait() == [(10_890, None)]


def test_safety_is_told_when_no_answer_comes() -> None:
    guarded = Guarded()
    guarded.enter()
    for _ in range(5):
        assert guarded.warned == []
        guarded.wait(10 * SECOND_NS)
        guarded.wait()
    ((symbol, reason),) = [(warning.symbol, warning.reason) for warning in guarded.warned]
    assert symbol == "BTCUSDT"
    assert reason.startswith("no answer: ")


@pytest.mark.parametrize("message", [a_position(FLAT), PositionReport("BTCUSDT", FLAT, None, None, 2)])
@pytest.mark.parametrize("is_under_way", [True, False])
def test_levels_and_retries_are_dropped_with_the_position(message: Any, *, is_under_way: bool) -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    if not is_under_way:
        guarded.answer(REFUSED)
    assert guarded.deliver(message) == []
    if is_under_way:
        assert guarded.answer(REFUSED) == []
    assert guarded.wait(60 * SECOND_NS) == []
    assert guarded.warned == []
    assert guarded.enter(20_000, 1, None) == [(19_800, None)], "nothing of the old position is left"


def test_nothing_is_tried_again_for_a_position_that_went_while_no_answer_came() -> None:
    guarded = Guarded()
    guarded.enter()
    guarded.deliver(a_position(FLAT))
    assert guarded.wait(60 * SECOND_NS) == []
    assert guarded.enter(20_000) == [(19_800, None)]


def test_a_position_that_goes_and_comes_back_waits_for_the_older_answer_and_is_then_moved() -> None:
    guarded = Guarded()
    guarded.enter(10_000)
    guarded.deliver(a_position(FLAT))
    assert guarded.enter(20_000) == []
    assert guarded.answer(ACCEPTED) == [(19_800, None)]


def test_an_open_position_keeps_the_retry_of_its_levels() -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    guarded.answer(REFUSED)
    guarded.deliver(a_position(HELD))
    guarded.report(HELD, None, None)
    assert guarded.wait() == [(9_900, 10_200)]


def test_a_rejection_after_the_position_closed_is_no_error() -> None:
    guarded = Guarded()
    guarded.enter()
    guarded.deliver(a_position(FLAT))
    assert guarded.answer(REFUSED) == []


def test_levels_that_are_accepted_after_the_position_went_are_not_those_of_the_next_one() -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    guarded.deliver(a_position(FLAT))
    assert guarded.answer(ACCEPTED) == []
    assert guarded.enter(20_000, None, 1) == [(None, 20_200)]


@pytest.mark.parametrize(
    ("found", "moved"),
    [
        ((9_900, 10_200), []),
        ((9_500, 10_200), [(9_900, 10_200)]),
        ((9_900, 10_500), [(9_900, 10_200)]),
        ((None, 10_200), [(9_900, 10_200)]),
        ((9_900, None), [(9_900, 10_200)]),
    ],
)
def test_levels_that_the_venue_states_elsewhere_or_not_at_all_are_set_again(
    found: tuple[int | None, int | None], moved: list[tuple[int, int]]
) -> None:
    """As after a restart: the move to the exact distance may have died with an earlier life."""
    guarded = Guarded()
    entry = a_fill_of(10_000, Decimal(1), Decimal(2)).protected
    guarded.deliver(a_position(HELD, protected=entry))
    stop, target = (None if level is None else Price(level) for level in found)
    assert guarded.deliver(PositionReport("BTCUSDT", HELD, stop, target, 1)) == moved


@pytest.mark.parametrize("named", [(1, None), (None, 2)])
def test_a_level_that_the_entry_does_not_name_is_not_looked_for(named: tuple[int | None, int | None]) -> None:
    guarded = Guarded()
    stop, target = (None if percent is None else Decimal(percent) for percent in named)
    guarded.deliver(a_position(HELD, protected=a_fill_of(10_000, stop, target).protected))
    guarded.report(HELD, 9_900 if stop else 9_000, 10_200 if target else 11_000)


def test_a_reconciliation_starts_no_second_move_while_one_is_wanted() -> None:
    guarded = Guarded()
    guarded.enter(10_000, 1, 2)
    guarded.report(HELD, 9_500, 10_500)
    assert guarded.answer(ACCEPTED) == []


def test_an_older_revision_is_ignored() -> None:
    guarded = Guarded()
    guarded.deliver(a_position(FLAT, revision=7))
    assert guarded.deliver(a_fill_of(10_000, Decimal(1), None, revision=6)) == []


@pytest.mark.parametrize("result", [ACCEPTED, UNCHANGED, REFUSED])
@pytest.mark.parametrize("has_stop", [True, False])
def test_a_stop_that_stands_is_noted_with_the_time_in_ms(result: OrderResult, *, has_stop: bool) -> None:
    guarded = Guarded()
    guarded.wait(5 * SECOND_NS)
    guarded.enter(10_000, 1 if has_stop else None, 2)
    guarded.answer(result)
    stands = has_stop and result is not REFUSED
    notes = [record.message for record in guarded.harness.kernel.recorder.stream]
    assert notes == ([StopSeen("BTCUSDT", is_standing=True, time_ms=5_000)] if stands else [])


def test_levels_of_a_position_that_is_gone_are_not_those_of_the_next_one() -> None:
    guarded = Guarded()
    guarded.report(HELD, 9_500, 10_500)
    guarded.deliver(a_position(FLAT))
    assert guarded.enter(20_000, 1, None) == [(19_800, None)]
