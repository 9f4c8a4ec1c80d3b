"""Changing and ending orders that have not ended, and what the venue tells about all of them."""

import pytest

from actors.model.order import VenueStatus
from actors.model.result import VenueCode
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, Hand, coins, px


def test_an_amended_limit_keeps_its_ids_and_rests_where_it_now_stands() -> None:
    hand = Hand([FLAT_BAR] * 2 + [(100, 100.5, 94, 96)])
    hand.close()
    link_id = hand.buy(price=90)
    hand.close()
    hand.amend(link_id, price=95, qty=2)
    report = hand.venue.order(link_id)
    assert report is not None
    assert (report.order_id, report.status, report.price, report.qty) == ("o1", VenueStatus.NEW, px(95), coins(2))
    hand.finish()
    assert hand.told() == [("buy", 2, 95, True, "user")]
    assert hand.story_of(link_id) == ["New", "New", "Filled"]


def test_an_amended_limit_may_become_a_taker() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.close()
    link_id = hand.buy(price=90)
    hand.close()
    hand.amend(link_id, price=105)
    hand.finish()
    assert hand.told() == [("buy", 1, 100, False, "user")]


def test_a_triggers_level_is_amended_and_judged_like_a_new_one() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, 106, 99, 100)])
    hand.close()
    link_id = hand.buy(trigger=110)
    hand.close()
    assert hand.amend(link_id, trigger=99).code == VenueCode.TRIGGER_NOT_ABOVE
    assert hand.amend(link_id, trigger=105).code == 0
    hand.finish()
    assert hand.told() == [("buy", 1, 105, False, "user")]


def test_a_triggered_orders_trigger_and_a_market_orders_price_cannot_be_amended() -> None:
    hand = Hand([FLAT_BAR, (100, 105, 99.5, 105), FLAT_BAR])
    hand.close()
    link_id = hand.buy(trigger=104, price=90)
    hand.close()
    assert hand.amend(link_id, trigger=120).code == VenueCode.PARAMETER
    assert hand.amend(link_id, price=91).code == 0
    due = hand.buy(1)
    assert hand.amend(due, price=91).code == VenueCode.PARAMETER
    assert hand.amend(due, qty=2).code == 0
    hand.close()
    assert hand.told()[-1] == ("buy", 2, 100, False, "user")


@pytest.mark.parametrize(
    "fields", [{}, {"price": 90}, {"price": 110}, {"trigger": 105}, {"trigger": 105, "price": 104}]
)
def test_a_cancelled_order_never_fills(fields: dict[str, float]) -> None:
    hand = Hand([FLAT_BAR, (100, 120, 80, 100)])
    hand.close()
    link_id = hand.buy(**fields)
    assert hand.cancel(link_id).code == 0
    hand.finish()
    assert hand.fills == []
    report = hand.venue.order(link_id)
    assert report is not None
    assert (report.status, report.reason) == (VenueStatus.CANCELLED, "CancelByUser")
    assert hand.venue.open_orders() == ()


def test_an_order_may_be_cancelled_in_the_midst_of_a_bar_by_a_fill_before_it() -> None:
    hand = Hand([FLAT_BAR, (100, 106, 94, 100)], path=PathPolicy.OHLC)
    hand.close()
    below = hand.buy(price=95)
    hand.sell(price=105)
    fill = hand.until_fill()
    hand.cancel(below)
    hand.finish()
    assert [each.exec_id for each in hand.fills] == [fill.exec_id]
    assert MINUTE_MS < fill.time_ms < MINUTE_MS + 20_000


def test_open_orders_are_told_oldest_first_and_executions_from_a_time_on() -> None:
    hand = Hand([FLAT_BAR] * 4)
    hand.close()
    ids = [hand.buy(price=90), hand.buy(trigger=120), hand.sell(price=110)]
    for _ in range(3):
        hand.buy(1)
    hand.amend(ids[0], price=91)
    hand.close()
    assert [report.link_id for report in hand.venue.open_orders()] == ids
    last = hand.fills[-1].time_ms
    assert [fill.exec_id for fill in hand.venue.executions(last)] == ["e1", "e2", "e3"]
    assert hand.venue.executions(last + 1) == ()
    report = hand.venue.position_report(hand.now)
    assert (report.position.qty, report.time_ms) == (coins(3), hand.now)
    assert hand.venue.equity_report(hand.now).time_ms == hand.now
    assert hand.venue.executions(0) == tuple(hand.fills)
    assert hand.venue.order("never-sent") is None


def test_an_answer_acknowledges_and_never_tells_a_fill() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR])
    hand.close()
    hand.buy()
    hand.until_fill()
    link_id = hand.buy()
    assert hand.last is not None
    assert (hand.last.link_id, hand.last.order_id, hand.last.status, hand.last.filled_qty) == (link_id, "o2", "New", 0)
    assert hand.venue.next_time() == hand.now
    hand.until_fill()
    assert hand.story_of(link_id) == ["Filled"]
