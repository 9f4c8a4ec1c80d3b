"""Orders that arrive while a bar is open meet the price of that millisecond, and levels then wait for the path."""

import pytest

from actors.model.errors import InvariantError
from actors.model.fixed import Rate
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS, an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px

UP_DOWN = (100, 110, 90, 100)  # with OHLC: 110 at 20 s, 90 at 40 s
OHLC = PathPolicy.OHLC


@pytest.mark.parametrize(
    ("after_ms", "bought_at", "sold_at"),
    [(1, 100.2, 99.9), (1000, 100.6, 100.4), (1001, 100.8, 100.3), (20_000, 110, 110)],
)
def test_a_late_market_order_meets_the_path_on_the_tick_against_it_and_a_tick_for_each_started_second(
    after_ms: int, bought_at: float, sold_at: float
) -> None:
    """Half a coin's unit a second: 100.0005, 100.5, 100.5005; and the point itself is known."""
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    at_ms = MINUTE_MS + after_ms
    hand.buy(at_ms=at_ms)
    hand.sell(at_ms=at_ms)
    assert hand.venue.next_time() == at_ms
    hand.finish()
    assert hand.told() == [("buy", 1, bought_at, False, "user"), ("sell", 1, sold_at, False, "user")]
    assert {fill.time_ms for fill in hand.fills} == {at_ms}


def test_drift_counts_from_the_last_point_of_the_path() -> None:
    """25 s into the bar the path is 5 s past its high: 110 - 5 = 105, and five ticks."""
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 25_000)
    hand.finish()
    assert hand.told() == [("buy", 1, 105.5, False, "user")]


@pytest.mark.parametrize("limit", [100.2, 100.0])
def test_a_limit_that_takes_never_pays_more_than_its_price(limit: float) -> None:
    """The market stands at 100; drift is a cost of taking, not where the market is."""
    hand = Hand([FLAT_BAR, FLAT_BAR])
    hand.close()
    hand.buy(price=limit, at_ms=MINUTE_MS + 2500)
    hand.finish()
    assert hand.told() == [("buy", 1, limit, False, "user")]
    assert hand.fills[0].time_ms == MINUTE_MS + 2500


@pytest.mark.parametrize(("after_s", "filled_s"), [(5, 16), (15, 16), (17, 17), (21, 21), (23, None)])
def test_a_late_limit_takes_what_is_there_or_waits_for_the_path(after_s: int, filled_s: int | None) -> None:
    """Up to 110 at 20 s and down again: 108 is passed at 16 s and at 22 s."""
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.sell(price=108, at_ms=MINUTE_MS + 1000 * after_s)
    hand.finish()
    assert [(fill.time_ms - MINUTE_MS, fill.is_maker) for fill in hand.fills] == (
        [] if filled_s is None else [(1000 * filled_s, after_s < 16)]
    )


def test_a_late_stop_order_fills_at_its_level_on_the_rest_of_the_leg() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.buy(trigger=105, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert hand.told() == [("buy", 1, 105, False, "user")]
    assert hand.fills[0].time_ms == MINUTE_MS + 10_000


def a_long(*bars: tuple[float, ...]) -> Hand:
    """One coin bought at 100, at the open of the bar after a flat one."""
    hand = Hand([FLAT_BAR, *bars], path=OHLC)
    hand.close()
    hand.buy()
    hand.until_fill()
    return hand


@pytest.mark.parametrize(
    ("stop", "target", "after_s", "fill"),
    [
        (95, 109, 30, (95, "stop_loss", 35_000)),  # 100 on the way down from 110 to 90: both wait
        (95, 109, 10, (109, "take_profit", 18_000)),  # 105 on the way up
        (95, 103, 10, (105, "take_profit", 10_000)),  # the target has been passed: at once, at the price of now
        (102, 120, 30, (100, "stop_loss", 30_000)),  # the stop has been passed
        (100, 120, 30, (100, "stop_loss", 30_000)),  # exactly there
        (95, 100, 30, (100, "take_profit", 30_000)),
        (103, 98, 30, (100, "stop_loss", 30_000)),  # both passed: the farther one first
        (102, 97, 30, (100, "take_profit", 30_000)),
    ],
)
def test_levels_set_inside_a_bar_fill_at_their_level_or_at_once_at_the_price_of_now(
    stop: float, target: float, after_s: int, fill: tuple[float, str, int]
) -> None:
    hand = a_long((100, 110, 90, 105))
    hand.protect(stop, target, at_ms=MINUTE_MS + 1000 * after_s)
    hand.finish()
    price, origin, time_ms = fill
    assert hand.told()[1:] == [("sell", 1, price, False, origin)]
    assert hand.fills[1].time_ms == MINUTE_MS + time_ms
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit) == (None, None)


def test_a_level_of_a_price_between_ticks_acts_on_the_tick_against_it() -> None:
    """At 5.005 s the path is at 102.5025: a sale gets 102.50, a stop to buy pays 102.60."""
    for sign, met in ((1, 102.5), (-1, 102.6)):
        hand = Hand([FLAT_BAR, (100, 110, 90, 105)], path=OHLC)
        hand.close()
        hand.send(BUY if sign > 0 else SELL)
        hand.until_fill()
        hand.protect(None, 102 if sign > 0 else 103, at_ms=MINUTE_MS + 5_005)
        hand.finish()
        assert hand.told()[1][2] == met


def test_a_level_that_arrives_more_than_a_bar_later_meets_the_price_of_then() -> None:
    hand = a_long((100, 101, 99, 100), (100, 110, 90, 100))
    hand.close()
    hand.protect(95, 103, at_ms=2 * MINUTE_MS + 10_000)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105, False, "take_profit")]


@pytest.mark.parametrize(("after_ms", "equity"), [(0, 1_000_000), (19_800, 1_000_030), (59_400, 1_000_030)])
def test_equity_inside_a_bar_is_of_this_millisecond(after_ms: int, equity: int) -> None:
    """Whatever happened last: an unrelated fill of a thousandth of a coin changes nothing but its fee."""
    for small in (False, True):
        hand = Hand([FLAT_BAR, (100, 130, 100, 130)], path=OHLC, instrument=an_instrument(taker_rate=Rate(0)))
        hand.close()
        hand.buy()
        hand.until_fill()
        at_ms = MINUTE_MS + after_ms
        if small and after_ms > 10_000:
            hand.buy(0.1, at_ms=MINUTE_MS + 10_000)
            hand.until_fill()
        found = hand.venue.equity_report(at_ms).equity / 10**hand.instrument.money_digits
        assert abs(found - equity) < 2
        assert hand.venue.equity_report(at_ms).equity / 10**hand.instrument.money_digits == found


def test_the_rest_of_the_last_leg_counts_before_the_close() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 95)], path=OHLC)
    hand.close()
    hand.sell(price=94.9, at_ms=MINUTE_MS + 50_000)
    fill = hand.until_fill()
    assert (fill.price, fill.is_maker, hand.venue.market.walk.index) == (px(94.9), True, 1)
    assert MINUTE_MS + 59_000 < fill.time_ms < 2 * MINUTE_MS
    assert hand.step() == 1


def test_protection_of_a_late_entry_is_live_from_that_fill_on() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 105)], path=OHLC, drift_ticks_per_second=0)
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 10_000)
    fill = hand.until_fill()
    assert fill.price / 100 == 105
    hand.protect(99, 105.5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105.5, False, "take_profit")]
    assert hand.fills[1].time_ms == MINUTE_MS + 11_000


def test_what_arrives_at_a_close_not_yet_performed_acts_at_the_next_open() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 96, 99), (98, 99, 97, 98)])
    hand.close()
    hand.buy()
    hand.until_fill()
    close_ms = 2 * MINUTE_MS
    hand.sell(2, at_ms=close_ms)
    hand.sell(3, trigger=98.5, at_ms=close_ms)
    hand.sell(4, price=98.2, at_ms=close_ms)
    assert hand.step() == 1
    hand.finish()
    assert hand.told()[1:] == [
        ("sell", 2, 98, False, "user"),
        ("sell", 3, 98, False, "user"),
        ("sell", 4, 98.2, True, "user"),
    ]
    assert [fill.time_ms == close_ms for fill in hand.fills[1:]] == [True, True, False]


def test_the_last_millisecond_still_belongs_to_the_bar() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 95), FLAT_BAR])
    hand.close()
    hand.buy(price=96, at_ms=2 * MINUTE_MS - 1)
    fill = hand.until_fill()
    assert (fill.price, fill.time_ms, hand.venue.market.walk.index) == (px(95), 2 * MINUTE_MS - 1, 1)


def test_a_cancelled_order_in_wait_never_comes_alive() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    link_id = hand.sell(price=108, at_ms=MINUTE_MS + 5000)
    assert hand.step() is None
    hand.cancel(link_id)
    hand.finish()
    assert hand.fills == []
    assert hand.story_of(link_id) == ["New", "Cancelled"]


def test_an_order_in_wait_comes_alive_before_the_path_goes_on() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    last = hand.buy(price=92)
    hand.step()
    first = hand.sell(price=108, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert [fill.link_id for fill in hand.fills] == [first, last]


def test_a_late_stop_limit_rests_from_where_it_was_triggered() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.sell(trigger=95, price=97, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert hand.told() == [("sell", 1, 97, True, "user")]
    assert hand.fills[0].time_ms > MINUTE_MS + 40_000


def test_an_amended_late_order_forgets_when_it_first_arrived() -> None:
    hand = Hand([FLAT_BAR] * 2 + [(95, 99, 94, 98)])
    hand.close()
    link_id = hand.buy(price=90, at_ms=MINUTE_MS + 5000)
    hand.close()
    hand.amend(link_id, price=96)
    hand.finish()
    assert hand.told() == [("buy", 1, 95, False, "user")]
    assert hand.fills[0].time_ms == 2 * MINUTE_MS


def test_an_order_between_close_and_open_of_a_gap_acts_at_the_open() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], gap_before=1)
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 30_000)
    assert hand.until_fill().time_ms == 6 * MINUTE_MS
    assert hand.told() == [("buy", 1, 100, False, "user")]


def test_time_never_goes_back() -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.close()
    with pytest.raises(InvariantError, match="arrived"):
        hand.send(SELL, at_ms=MINUTE_MS - 1)


def test_beyond_the_last_event_is_nothing() -> None:
    hand = Hand([FLAT_BAR])
    hand.close()
    with pytest.raises(InvariantError, match="no further event"):
        hand.venue.advance()
