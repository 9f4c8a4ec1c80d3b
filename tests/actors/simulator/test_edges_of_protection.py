"""Stops and targets at their edges: what was set at a close, what has ended, what is left of a pair."""

from collections.abc import Sequence

import pytest

from actors.model.order import Side
from actors.model.result import VenueCode
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, terms

HIGH = (10_000, 10_000, 10_000, 10_000)


def holding(qty: float = 2, rows: Sequence[Sequence[float]] = (), **config: object) -> Hand:
    hand = Hand([FLAT_BAR, *rows], **config)  # type: ignore[arg-type]
    hand.buy(qty)
    hand.until_fill()
    return hand


def test_a_partial_stop_with_an_order_is_for_that_part_alone() -> None:
    hand = holding(rows=[FLAT_BAR, (100, 100, 90, 90)])
    hand.buy(1, protection=terms(stop_loss=95, take_profit=110, is_partial=True))
    hand.until_fill()
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit, len(report.parts)) == (None, None, 2)
    hand.finish()
    assert hand.told()[2:] == [("sell", 1, 95, False, "stop_loss")]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_stop_and_target_with_an_order_are_set_for_longs_and_shorts(sign: int) -> None:
    for end, origin in ((93, "stop_loss"), (107, "take_profit")):
        end = end if sign > 0 else 200 - end
        hand = Hand([FLAT_BAR, FLAT_BAR, (100, max(end, 100), min(end, 100), end)])
        hand.send(BUY if sign > 0 else SELL, protection=terms(stop_loss=100 - 5 * sign, take_profit=100 + 5 * sign))
        hand.finish()
        assert [fill[4] for fill in hand.told()] == ["user", origin]
        assert hand.held == 0


@pytest.mark.parametrize("qty", [1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_stop_with_an_order_that_only_reduces_is_not_set(sign: int, qty: int) -> None:
    hand = Hand([FLAT_BAR] * 4)
    hand.send(BUY if sign > 0 else SELL, 2)
    hand.until_fill()
    hand.send(SELL if sign > 0 else BUY, qty, protection=terms(stop_loss=100 + 5 * sign))
    hand.close(2)
    assert hand.held == sign * (2 - qty)
    assert hand.venue.position_report().stop_loss is None


def test_a_stop_with_an_order_of_one_step_is_set() -> None:
    hand = Hand([HIGH] * 2)
    hand.buy(0.001, protection=terms(stop_loss=9_000))
    hand.until_fill()
    assert hand.venue.position_report().stop_loss == 900_000


def test_stops_and_targets_are_reduce_only() -> None:
    hand = holding(rows=[FLAT_BAR])
    hand.protect(90, 110)
    hand.add(1, stop_loss=91, take_profit=111)
    assert all(part.reduce_only for part in hand.venue.position_report().parts)
    hand.exit(2)
    hand.finish()
    ended = [report for report in hand.reports if report.status.value == "Deactivated"]
    assert [report.reduce_only for report in ended] == [True] * 4


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize(("end", "origin"), [(9_000, "stop_loss"), (11_000, "take_profit")])
def test_a_position_of_one_step_has_its_stop_and_target_on_the_right_sides(side: Side, end: float, origin: str) -> None:
    end = end if side is BUY else 20_000 - end
    hand = Hand([HIGH, HIGH, (10_000, max(end, 10_000), min(end, 10_000), end)])
    hand.send(side, 0.001)
    hand.until_fill()
    hand.protect(*((9_500, 10_500) if side is BUY else (10_500, 9_500)))
    hand.finish()
    met = 9_500 if end < 10_000 else 10_500
    assert hand.told()[1:] == [("sell" if side is BUY else "buy", 0.001, met, False, origin)]


def test_what_is_left_of_a_pair_whose_stop_ended_in_part_still_fills() -> None:
    """The stop finds one coin of two and the rest of it is cancelled: the target is for the other coin."""
    rows = [(100, 100, 94, 94), (94, 112, 94, 112), (112, 112, 112, 112)]
    hand = holding(4, rows, volumes=[100, 10, 100, 100], volume_share=(1, 10))
    hand.add(2, stop_loss=95, take_profit=110)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 95, False, "stop_loss"), ("sell", 1, 110, False, "take_profit")]
    assert hand.held == 2
    assert hand.venue.position_report().parts == ()


def test_a_step_that_is_left_of_a_pair_keeps_its_stop() -> None:
    rows = [(100, 106, 100, 104), (104, 104, 94, 94)]
    hand = holding(4, rows, volumes=[100, 10, 100], volume_share=(1, 10))
    hand.add(1.001, stop_loss=95, take_profit=104, take_profit_limit_price=105)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105, True, "take_profit"), ("sell", 0.001, 95, False, "stop_loss")]


def test_a_stop_that_is_not_changed_keeps_its_place_in_time() -> None:
    hand = holding(2, [FLAT_BAR, (100, 100, 90, 90)])
    hand.protect(95, 110)
    hand.exit(2, trigger=95, rise=False)
    hand.protect(95, 120)
    hand.finish()
    assert hand.told()[1:] == [("sell", 2, 95, False, "stop_loss")]


def test_the_twenty_first_part_is_refused() -> None:
    hand = holding(10)
    for number in range(20):
        assert hand.add(0.1, stop_loss=90 - number / 10).code == 0
    assert hand.add(0.1, stop_loss=80).code == VenueCode.TOO_MANY_PROTECTIONS


# -- a trailing stop set at a close -----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_performed", [True, False])
def test_a_trailing_stop_set_at_a_close_follows_from_the_next_open(is_performed: bool) -> None:
    """Before or after the close is performed: the next bar rises by ten and comes back to five below its high."""
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, 110, 100, 104), (104, 104, 104, 104)])
    hand.close()
    hand.buy()
    hand.until_fill()
    if is_performed:
        hand.close()
    else:
        hand.now = 2 * MINUTE_MS
    assert hand.trail(5).code == 0
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105, False, "trailing_stop")]
    assert hand.fills[1].qty == coins(1)
    assert hand.fills[1].time_ms < 3 * MINUTE_MS


# -- positions of a step or two ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "keeps"), [(1, 1, True), (2, -1, True), (1, -2, False), (-1, 2, False)])
def test_a_stop_stays_while_its_position_does_be_it_one_step(first: int, second: int, keeps: bool) -> None:
    hand = Hand([HIGH] * 4)
    hand.send(BUY if first > 0 else SELL, abs(first) / 1000)
    hand.until_fill()
    stop = 9_000 if first > 0 else 11_000
    hand.protect(stop)
    hand.close()
    hand.send(BUY if second > 0 else SELL, abs(second) / 1000)
    hand.finish()
    assert hand.held == (first + second) / 1000
    assert (hand.venue.position_report().stop_loss is not None) is keeps
