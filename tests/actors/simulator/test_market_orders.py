"""Orders at the market and the levels of a position: where they fill, in which order, and when."""

import pytest

from actors.model.order import VenueStatus
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px


def test_a_market_order_sent_at_a_close_fills_at_the_next_open_as_taker() -> None:
    hand = Hand([FLAT_BAR, (101, 105, 99, 104)])
    hand.close()
    link_id = hand.buy()
    assert hand.now == MINUTE_MS
    fill = hand.until_fill()
    assert hand.told() == [("buy", 1, 101, False, "user")]
    assert (fill.time_ms, fill.exec_id, fill.order_id) == (MINUTE_MS, "e1", "o1")
    assert fill.fee == hand.instrument.fee(fill.price, fill.qty, hand.instrument.taker_rate)
    assert hand.story_of(link_id) == ["Filled"]
    assert hand.venue.market.walk.index == 1


def test_a_quiet_bar_is_one_event_its_close() -> None:
    hand = Hand([FLAT_BAR] * 3)
    assert [hand.step() for _ in range(3)] == [0, 1, 2]
    assert hand.venue.next_time() is None
    assert hand.venue.market.closed_stop(hand.now) == 3


def test_the_market_runs_its_range_only() -> None:
    hand = Hand([FLAT_BAR] * 10, start=4, stop=6)
    assert hand.venue.market.closed_stop(hand.now) == 4
    assert [hand.step(), hand.step()] == [4, 5]
    assert hand.venue.next_time() is None


def test_what_is_sent_at_the_last_close_stays_open() -> None:
    hand = Hand([FLAT_BAR])
    hand.close()
    hand.buy()
    assert hand.venue.next_time() is None
    assert [report.status for report in hand.venue.open_orders()] == [VenueStatus.NEW]
    assert hand.fills == []


@pytest.mark.parametrize("index", [4095, 4096, 4097])
def test_a_bar_far_along_is_met_as_the_first(index: int) -> None:
    hand = Hand([(100, 100, 100, 100 + bar % 7) for bar in range(4200)])
    hand.buy(price=90)
    hand.close(index)
    hand.buy()
    fill = hand.until_fill()
    assert (fill.time_ms, hand.venue.market.walk.index) == (index * MINUTE_MS, index)
    assert hand.step() == index
    unrealised = hand.venue.equity_report(hand.now).equity - hand.venue.equity_report(hand.now).wallet
    assert unrealised == hand.instrument.value(px(index % 7), fill.qty)
    assert hand.step() == index + 1


def test_after_a_gap_the_next_open_is_at_its_own_time() -> None:
    hand = Hand([FLAT_BAR] * 3, gap_before=2)
    hand.close(2)
    hand.buy()
    assert hand.until_fill().time_ms == 7 * MINUTE_MS


def test_due_orders_act_at_the_open_in_order_of_arrival() -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.close()
    ids = [hand.buy(1), hand.sell(3), hand.buy(2)]
    hand.finish()
    assert [fill.link_id for fill in hand.fills] == ids
    assert hand.held == 0


def test_an_exit_due_at_the_open_goes_first_and_takes_stop_and_target_with_it() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (90, 120, 80, 100)])
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(95, 110)
    hand.close()
    hand.exit()
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 90, False, "user")]
    assert [(report.origin.value, report.status.value) for report in hand.reports[-2:]] == [
        ("stop_loss", "Deactivated"),
        ("take_profit", "Deactivated"),
    ]
    report = hand.venue.position_report(hand.now)
    assert (report.stop_loss, report.take_profit, report.time_ms) == (None, None, hand.now)


def test_entry_and_its_own_stop_may_fill_in_one_bar_by_the_path() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 98.5, 103)])
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(99, 102)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 99, False, "stop_loss")]
    assert hand.fills[1].time_ms == MINUTE_MS + 20_000 * 100 // 150


def test_a_level_at_or_beyond_the_open_is_touched_first_at_the_open() -> None:
    hand = Hand([FLAT_BAR, (100, 120, 99.9, 110)])
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(101, 115)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 100, False, "stop_loss")]
    assert hand.fills[1].time_ms == hand.fills[0].time_ms


def test_the_stop_closes_all_that_is_held_when_it_is_touched() -> None:
    hand = Hand([FLAT_BAR] * 4 + [(100, 100, 90, 95)])
    hand.close()
    hand.buy(2)
    hand.until_fill()
    hand.protect(95, None)
    hand.close()
    hand.buy(3)
    hand.close()
    hand.exit(1)
    hand.finish()
    assert hand.told()[-1] == ("sell", 4, 95, False, "stop_loss")
    assert hand.held == 0


def test_levels_are_moved_and_removed_in_place() -> None:
    hand = Hand([FLAT_BAR] * 3 + [(100, 110, 90, 100)])
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(98, 105)
    hand.close()
    hand.protect(92, 105)
    assert hand.reports[-1].status is VenueStatus.FILLED
    hand.protect(92, None)
    assert (hand.reports[-1].origin.value, hand.reports[-1].status.value) == ("take_profit", "Deactivated")
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 92, False, "stop_loss")]


def test_a_flip_is_one_fill_and_ends_the_old_positions_levels() -> None:
    hand = Hand([FLAT_BAR] * 3 + [(100, 110, 90, 100)])
    hand.close()
    hand.buy(1)
    hand.until_fill()
    hand.protect(95, 105)
    hand.close()
    hand.sell(3)
    hand.finish()
    assert [(fill.side, fill.qty) for fill in hand.fills] == [(BUY, 1000), (SELL, 3000)]
    assert hand.held == -2


def test_an_order_sent_at_the_instant_of_a_fill_meets_that_very_price() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 99.8, 103)], path=PathPolicy.OHLC)
    hand.close()
    hand.buy(trigger=102)
    hand.until_fill()
    hand.sell(3)
    hand.until_fill()
    assert hand.told() == [("buy", 1, 102, False, "user"), ("sell", 3, 102, False, "user")]
    assert hand.fills[0].time_ms == hand.fills[1].time_ms == MINUTE_MS + 10_000


def test_the_rest_of_the_bar_counts_from_a_fill_in_its_midst() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 99, 103)], path=PathPolicy.OHLC)
    hand.close()
    hand.buy(trigger=102)
    hand.until_fill()
    hand.protect(100.5, 103.5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 103.5, False, "take_profit")]
    assert hand.fills[1].time_ms == MINUTE_MS + 10_000 + 7_500
