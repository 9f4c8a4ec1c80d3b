"""The way of the price at its edges: what is touched exactly, what is skipped, where a path turns."""

import attrs
import numpy as np
import pytest

from actors.model.errors import InvariantError
from actors.model.order import PriceKind, Side
from actors.model.result import VenueCode
from actors.simulator.prices.lines import LineData, PriceInputs
from actors.simulator.prices.path import PathPolicy
from ideacards.feeds import Bars, WakeSet
from tests.actors.builders import MINUTE_MS, a_market
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, px, terms

UP_DOWN = (100, 110, 90, 100)
HIGH = (10_000, 10_000, 10_000, 10_000)
STEEP = (10_000, 10_000, 5_000, 5_000)  # with OLHC: 5000 at 20 s, a quarter each millisecond


def unwatched(hand: Hand, watched: int | None = None) -> Hand:
    """Nobody waits for any close, or for one: bars in which nothing happens are jumped over."""
    never = np.arange(len(hand.bars)) == (-1 if watched is None else watched)
    hand.venue.market.subscribe(WakeSet(never, never, never, never))
    return hand


# -- where it begins, and what it touches -----------------------------------------------------------------------------


def test_before_the_first_bar_the_price_is_its_open_and_later_the_close_before() -> None:
    """A thousand buys ten coins at 100, and not at 200."""
    rows = [(100, 100, 100, 100), (200, 200, 200, 200), (100, 100, 100, 100)]
    for start, code in ((0, 0), (2, VenueCode.INSUFFICIENT_MARGIN)):
        hand = Hand(rows, equity=1_000, start=start)
        hand.buy(9)
        assert hand.code == code


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("is_trigger", [True, False])
@pytest.mark.parametrize("bars", [1, 3])
def test_an_extreme_that_comes_exactly_as_far_as_it_must_fills(side: Side, is_trigger: bool, bars: int) -> None:
    """A trigger at the extreme itself, a limit one tick inside of it, whose bar nothing else has opened."""
    row = (100, 100, 95, 100) if side is BUY else (100, 105, 100, 100)
    hand = Hand([FLAT_BAR] * bars + [row, FLAT_BAR])
    hand.close(bars)
    extreme = 95 if side is BUY else 105
    if is_trigger:
        hand.send(side, trigger=extreme, rise=side is SELL)
    else:
        hand.send(side, price=95.1 if side is BUY else 104.9)
    hand.close()
    assert [fill[2] for fill in hand.told()] == [extreme if is_trigger else 95.1 if side is BUY else 104.9]


def test_what_has_filled_at_its_level_is_worth_that_level_in_this_millisecond() -> None:
    hand = Hand([HIGH, STEEP], path=PathPolicy.OLHC)
    hand.close()
    hand.buy(0.1, price=9_990.1)
    fill = hand.until_fill()
    report = hand.venue.equity_report(hand.now)
    assert fill.price == px(9_990.1)
    assert report.equity == report.wallet


def test_a_trailing_stop_fills_at_its_level_beside_a_mark_price_too() -> None:
    hand = Hand([HIGH, HIGH, STEEP], path=PathPolicy.OLHC, lines=lambda bars: PriceInputs(mark=LineData(bars)))
    hand.buy(0.1)
    hand.until_fill()
    hand.trail(9.9)
    hand.finish()
    assert hand.told()[1:] == [("sell", 0.1, 9_990.1, False, "trailing_stop")]


@pytest.mark.parametrize("watched", [1, 2, 3])
def test_what_is_touched_before_the_next_close_that_somebody_waits_for_fills_then(watched: int) -> None:
    rows = [FLAT_BAR] * watched + [(100, 100, 95, 100), FLAT_BAR]
    hand = unwatched(Hand(rows), watched)
    hand.buy(trigger=95, rise=False)
    hand.until_fill()
    assert hand.now // MINUTE_MS == watched
    assert hand.fills[0].price == px(95)


def test_a_run_is_within_its_bars_and_begins_when_they_do() -> None:
    for start, stop in ((2, 1), (0, 4), (-1, 2)):
        with pytest.raises(ValueError, match="bars"):
            Hand([FLAT_BAR] * 3, start=start, stop=stop)
    hand = Hand([FLAT_BAR] * 3, start=2)
    with pytest.raises(InvariantError, match="arrived when"):
        hand.buy(at_ms=MINUTE_MS)


# -- what is not yet known --------------------------------------------------------------------------------------------


def test_between_two_bars_the_price_is_the_last_close_and_after_the_last_of_them_too() -> None:
    rows = [FLAT_BAR, FLAT_BAR, (120, 120, 120, 120), (150, 150, 150, 150)]
    hand = Hand(rows, gap_before=2, stop=3)
    hand.buy(1)
    hand.close(2)
    assert hand.venue.position_report().position.qty > 0
    for later_ms in (1_000, 5 * MINUTE_MS):  # the next bar opens then: its price is known from the millisecond after
        report = hand.venue.equity_report(hand.now + later_ms)
        assert report.equity == report.wallet
    hand.finish()
    report = hand.venue.equity_report(hand.now + MINUTE_MS + 1_000)
    assert report.equity - report.wallet == hand.instrument.value(px(20), 1_000)


def test_inside_a_bar_that_nothing_has_opened_a_position_is_worth_the_price_of_that_millisecond() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, UP_DOWN], path=PathPolicy.OHLC)
    hand.buy(1)
    hand.close(2)
    for later_ms, gain in ((10_000, 5), (20_000, 10), (30_000, 0), (40_000, -10)):
        report = hand.venue.equity_report(hand.now + later_ms)
        assert report.equity - report.wallet == hand.instrument.value(px(1), coins(1)) * gain


def test_at_its_close_a_bar_is_worth_its_last_point() -> None:
    """It was there a millisecond before, and goes no farther: 12.5 cents a millisecond are not lost once more."""
    hand = Hand([HIGH, (10_000, 10_000, 5_000, 7_500)], path=PathPolicy.OLHC)
    hand.close()
    hand.buy(1)
    hand.until_fill()
    report = hand.venue.equity_report(2 * MINUTE_MS)
    assert report.wallet - report.equity == hand.instrument.value(px(2_500), coins(1))


def test_looking_ahead_moves_no_trailing_stop() -> None:
    """In a bar that is open: 120 is known to whoever looks ahead, and seen by the stop at 20 s only."""
    hand = Hand([FLAT_BAR, (100, 120, 100, 100)], path=PathPolicy.OHLC, drift_ticks_per_second=0)
    hand.close()
    hand.buy(1)
    hand.until_fill()
    hand.trail(5)
    assert hand.venue.next_time() is not None
    hand.buy(1, at_ms=hand.now + 1_000)
    hand.finish()
    assert hand.told()[1:] == [("buy", 1, 101, False, "user"), ("sell", 2, 115, False, "trailing_stop")]


# -- bars that are jumped over ----------------------------------------------------------------------------------------


def test_a_request_after_bars_that_nobody_watched_meets_the_bar_it_arrives_in() -> None:
    rows = [FLAT_BAR, (110, 110, 110, 110), (120, 120, 120, 120), (130, 130, 130, 130), (140, 140, 140, 140)]
    for bar in (1, 2, 3):
        hand = unwatched(Hand(rows, drift_ticks_per_second=0))
        hand.buy(1)
        hand.until_fill()
        hand.buy(1, at_ms=bar * MINUTE_MS + 30_000)
        hand.until_fill()
        assert hand.fills[1].price == px(100 + 10 * bar)
        assert hand.venue.market.closed_stop(hand.now) == bar
        fresh = unwatched(Hand(rows, drift_ticks_per_second=0))
        fresh.buy(1, at_ms=bar * MINUTE_MS + 30_000)
        fresh.until_fill()
        assert fresh.fills[0].price == px(100 + 10 * bar)


def test_a_mark_price_is_of_the_bar_in_which_a_request_arrives() -> None:
    mark = [FLAT_BAR, FLAT_BAR, FLAT_BAR, (120, 120, 120, 120), FLAT_BAR]
    hand = unwatched(Hand([FLAT_BAR] * 5, lines=lambda bars: PriceInputs(mark=LineData(a_market(mark)))))
    hand.buy(1)
    hand.until_fill()
    hand.sell(1, trigger=110, rise=True, trigger_by=PriceKind.MARK, at_ms=3 * MINUTE_MS + 30_000)
    assert hand.code == VenueCode.TRIGGER_NOT_ABOVE
    hand.sell(1, trigger=110, rise=False, trigger_by=PriceKind.MARK)
    assert hand.code == 0


def test_between_bars_the_mark_is_that_of_the_last_close_be_it_watched_or_not() -> None:
    mark = a_market([FLAT_BAR, FLAT_BAR, (120, 120, 120, 120), FLAT_BAR])

    def marked(bars: Bars) -> PriceInputs:
        return PriceInputs(mark=LineData(attrs.evolve(mark, ts_open=bars.ts_open, ts_close=bars.ts_close)))

    hand = unwatched(Hand([FLAT_BAR] * 4, gap_before=3, lines=marked))
    hand.sell(1, trigger=110, rise=True, trigger_by=PriceKind.MARK, at_ms=4 * MINUTE_MS)
    assert hand.code == VenueCode.TRIGGER_NOT_ABOVE


def test_a_trailing_stop_has_seen_what_was_jumped_over_when_another_order_opens_a_bar() -> None:
    """130 was the best before the mark sold half of it at the open of the last bar but one: the rest goes at 125."""
    rows = [FLAT_BAR, FLAT_BAR, (100, 130, 100, 127), (127, 127, 100, 100), FLAT_BAR]
    mark = [FLAT_BAR, FLAT_BAR, FLAT_BAR, (95, 95, 95, 95), FLAT_BAR]
    hand = unwatched(Hand(rows, lines=lambda bars: PriceInputs(mark=LineData(a_market(mark)))))
    hand.buy(1)
    hand.until_fill()
    hand.trail(5)
    hand.exit(0.5, trigger=98, rise=False, trigger_by=PriceKind.MARK)
    hand.finish()
    assert hand.told()[1:] == [("sell", 0.5, 127, False, "user"), ("sell", 0.5, 125, False, "trailing_stop")]


def test_a_trailing_stop_has_seen_the_rest_of_its_bar_before_one_that_is_looked_at() -> None:
    """118 at the close, 120 before it: nobody waits for that close, and the next bar only falls."""
    hand = unwatched(Hand([FLAT_BAR, (100, 120, 100, 118), (118, 118, 100, 100), FLAT_BAR]))
    hand.buy(1, at_ms=MINUTE_MS)
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 115, False, "trailing_stop")]


def test_a_trailing_stop_has_seen_nothing_from_before_it_was_set() -> None:
    hand = unwatched(Hand([(100, 130, 100, 100), *[FLAT_BAR] * 4]), 2)
    hand.buy(1)
    hand.until_fill()
    hand.close()
    assert hand.now == 3 * MINUTE_MS
    hand.trail(5)
    hand.finish()
    assert hand.held == 1


def test_a_trailing_stop_has_seen_the_extreme_before_a_request_that_arrives_after_it() -> None:
    """Up to 120 at 20 s; at 22 s, at 118, more is bought."""
    hand = Hand([FLAT_BAR, (100, 120, 100, 100)], path=PathPolicy.OHLC, drift_ticks_per_second=0)
    hand.close()
    hand.buy(1)
    hand.until_fill()
    hand.trail(5)
    hand.buy(1, at_ms=MINUTE_MS + 22_000)
    hand.finish()
    assert hand.told()[1:] == [("buy", 1, 118, False, "user"), ("sell", 2, 115, False, "trailing_stop")]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("trails_first", [True, False])
@pytest.mark.parametrize("distance", [3, 5, 7])
def test_of_a_stop_and_a_trailing_stop_the_nearer_comes_first_and_at_one_level_the_older(
    sign: int, trails_first: bool, distance: float
) -> None:
    end = 100 - 10 * sign
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, max(100, end), min(100, end), end)])
    hand.send(BUY if sign > 0 else SELL)
    hand.until_fill()
    if trails_first:
        hand.trail(distance)
    hand.trail(distance, stop_loss=100 - 5 * sign)
    hand.finish()
    trails = distance < 5 or (distance == 5 and trails_first)
    assert hand.told()[1][2:] == (100 - min(distance, 5) * sign, False, "trailing_stop" if trails else "stop_loss")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("trails_first", [True, False])
@pytest.mark.parametrize(("stop", "first"), [(3, "stop_loss"), (7, "trailing_stop")])
def test_of_a_stop_and_a_trailing_stop_passed_by_a_gap_the_one_farther_behind_comes_first(
    sign: int, trails_first: bool, stop: float, first: str
) -> None:
    gap = 100 - 10 * sign
    hand = Hand([FLAT_BAR, (gap, gap, gap, gap)])
    hand.send(BUY if sign > 0 else SELL)
    hand.until_fill()
    if trails_first:
        hand.trail(5)
    hand.trail(5, stop_loss=100 - stop * sign)
    hand.finish()
    assert [fill[4] for fill in hand.told()] == ["user", first]


@pytest.mark.parametrize("trails_first", [True, False])
def test_of_two_that_are_passed_as_far_the_older_comes_first(trails_first: bool) -> None:
    hand = Hand([FLAT_BAR, (90, 90, 90, 90)])
    hand.buy()
    hand.until_fill()
    if trails_first:
        hand.trail(5)
    hand.trail(5, stop_loss=95)
    hand.finish()
    assert hand.told()[1][4] == ("trailing_stop" if trails_first else "stop_loss")


# -- where a path turns -----------------------------------------------------------------------------------------------


def test_from_a_turn_on_the_way_is_straight_to_the_new_extreme() -> None:
    """95 at 10 s on the way down; what is sold there makes the way up to 110 the worse: 102.5 at 15 s, 98 at 12 s."""
    hand = Hand([FLAT_BAR, UP_DOWN], path=PathPolicy.PESSIMISTIC, drift_ticks_per_second=0)
    hand.close()
    hand.sell(1, protection=terms(stop_loss=108, take_profit=92), at_ms=MINUTE_MS + 10_000)
    hand.step()
    for second, above, sold in ((12, 3, 1), (15, 7.5, 0.9)):
        at_ms, next_ms = MINUTE_MS + 1_000 * second, hand.venue.next_time()
        assert next_ms is not None
        assert next_ms > at_ms
        report = hand.venue.equity_report(at_ms)
        assert report.wallet - report.equity == hand.instrument.value(px(above), coins(sold))
        hand.buy(0.1, at_ms=at_ms)
        hand.step()
    assert [fill[2] for fill in hand.told()] == [95, 98, 102.5]


def test_at_its_first_extreme_a_path_turns_no_more() -> None:
    """90 at 20 s: sold at 109 afterwards, the target of 92 could only be met if the way went down again."""
    hand = Hand([FLAT_BAR, UP_DOWN], path=PathPolicy.OPTIMISTIC)
    hand.close()
    hand.sell(1, price=109, protection=terms(stop_loss=115, take_profit=92), at_ms=MINUTE_MS + 20_000)
    hand.finish()
    assert hand.told() == [("sell", 1, 109, True, "user")]
