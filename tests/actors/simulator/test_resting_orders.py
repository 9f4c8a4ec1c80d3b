"""Limits that rest or take, and conditional orders: where they fill, by which rule, as maker or taker."""

import pytest

from actors.model.order import TimeInForce
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand


@pytest.mark.parametrize(
    ("ticks", "low", "is_filled"),
    [(0, 99, True), (0, 99.1, False), (1, 99, False), (1, 98.9, True), (3, 98.8, False), (3, 98.7, True)],
)
def test_a_resting_limit_fills_at_its_price_when_the_path_goes_beyond_it_by_the_rule(
    ticks: int, low: float, is_filled: bool
) -> None:
    hand = Hand([FLAT_BAR, (100, 100.5, low, 100)], limit_fill_ticks=ticks)
    hand.close()
    link_id = hand.buy(price=99)
    hand.finish()
    assert hand.told() == ([("buy", 1, 99, True, "user")] if is_filled else [])
    assert hand.story_of(link_id) == (["New", "Filled"] if is_filled else ["New"])


def test_a_maker_pays_the_maker_fee() -> None:
    hand = Hand([FLAT_BAR, (100, 101, 100, 100)])
    hand.close()
    hand.sell(price=100.5)
    hand.finish()
    fill = hand.fills[0]
    assert fill.fee == hand.instrument.fee(fill.price, fill.qty, hand.instrument.maker_rate)


def test_a_resting_limit_fills_at_its_own_price_though_the_bar_opens_beyond_it() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (90, 91, 89, 90)])
    hand.close()
    hand.buy(price=95)
    hand.finish()
    assert hand.told() == [("buy", 1, 95, True, "user")]
    assert hand.fills[0].time_ms == 2 * MINUTE_MS


def test_a_limit_that_arrives_at_a_close_is_judged_at_the_open() -> None:
    hand = Hand([FLAT_BAR, (90, 91, 89, 90)])
    hand.close()
    hand.buy(price=95)
    hand.finish()
    assert hand.told() == [("buy", 1, 90, False, "user")]


def test_what_fills_first_is_what_the_path_meets_first() -> None:
    hand = Hand([FLAT_BAR, (100, 103, 96, 100)])
    hand.close()
    far, near, above = hand.buy(price=97), hand.buy(price=99), hand.sell(price=102)
    hand.finish()
    assert [fill.link_id for fill in hand.fills] == [above, near, far]


def test_at_one_price_the_older_order_fills_first_and_an_amended_one_is_younger() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 96, 100)])
    hand.close()
    first, second, third = (hand.buy(price=98) for _ in range(3))
    hand.amend(first, qty=2)
    hand.finish()
    assert [fill.link_id for fill in hand.fills] == [second, third, first]


@pytest.mark.parametrize(
    ("policy", "price", "story", "reason"),
    [
        (TimeInForce.POST_ONLY, 101, ["New", "Cancelled"], "EC_PostOnlyWillTakeLiquidity"),
        (TimeInForce.POST_ONLY, 99, ["New"], ""),
        (TimeInForce.IOC, 99, ["New", "Cancelled"], "EC_NoImmediateQtyToFill"),
        (TimeInForce.IOC, 101, ["New", "Filled"], ""),
        (TimeInForce.FOK, 99, ["New", "Cancelled"], "EC_CancelForNoFullFill"),
        (TimeInForce.FOK, 101, ["New", "Filled"], ""),
    ],
)
def test_time_in_force_says_what_may_rest_and_what_may_take(
    policy: TimeInForce, price: float, story: list[str], reason: str
) -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.close()
    link_id = hand.buy(price=price, time_in_force=policy)
    assert hand.code == 0
    hand.finish()
    assert hand.story_of(link_id) == story
    assert hand.reason_of(link_id) == reason


@pytest.mark.parametrize(
    ("side", "trigger", "rise", "bar", "price"),
    [
        (BUY, 102, True, (100, 103, 99, 100), 102),
        (BUY, 102, True, (104, 105, 103, 104), 104),
        (SELL, 98, False, (100, 101, 97, 100), 98),
        (SELL, 98, False, (96, 97, 95, 96), 96),
        (BUY, 98, False, (100, 101, 97, 100), 98),
        (SELL, 102, True, (104, 105, 103, 104), 104),
    ],
)
def test_a_stop_order_fills_at_its_level_or_at_an_open_beyond_it(
    side: int, trigger: float, rise: bool, bar: tuple[float, ...], price: float
) -> None:
    hand = Hand([FLAT_BAR, bar])
    hand.close()
    link_id = hand.send(BUY if side == BUY else SELL, trigger=trigger, rise=rise)
    hand.finish()
    assert [(fill.price / 100, fill.is_maker) for fill in hand.fills] == [(price, False)]
    assert hand.story_of(link_id) == ["Untriggered", "Triggered", "Filled"]


def test_a_triggered_stop_limit_that_would_trade_takes_at_the_market() -> None:
    hand = Hand([FLAT_BAR, (100, 105, 99.5, 104)])
    hand.close()
    hand.buy(trigger=102, price=103)
    hand.finish()
    assert hand.told() == [("buy", 1, 102, False, "user")]


def test_a_triggered_stop_limit_that_would_not_trade_rests_from_there() -> None:
    hand = Hand([FLAT_BAR, (100, 105, 99.5, 101)], path=PathPolicy.OHLC)
    hand.close()
    link_id = hand.buy(trigger=104, price=102)
    hand.finish()
    assert hand.told() == [("buy", 1, 102, True, "user")]
    assert hand.story_of(link_id) == ["Untriggered", "Triggered", "New", "Filled"]


def test_a_stop_limit_gapped_over_rests_at_its_limit() -> None:
    hand = Hand([FLAT_BAR, (110, 111, 109, 110), (110, 110, 102, 104)])
    hand.close()
    hand.buy(trigger=104, price=105)
    hand.finish()
    assert hand.told() == [("buy", 1, 105, True, "user")]
    assert hand.fills[0].time_ms > 2 * MINUTE_MS


def test_a_position_stop_may_follow_a_limit_entry_down_the_same_leg() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 95, 99)])
    hand.close()
    hand.buy(price=98)
    hand.until_fill()
    hand.protect(97.9, 105)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 97.9, False, "stop_loss")]
    assert hand.fills[0].time_ms < hand.fills[1].time_ms


def test_a_reduce_only_order_is_cut_to_the_position() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.close()
    hand.buy(1)
    hand.close()
    link_id = hand.exit(5)
    hand.finish()
    report = hand.venue.order(link_id)
    assert report is not None
    assert (report.status.value, report.qty, report.filled_qty) == ("Filled", 1000, 1000)
    assert hand.held == 0


def test_reduce_only_orders_end_with_the_position() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.close()
    hand.buy(2)
    hand.close()
    resting, armed = hand.exit(1, price=110), hand.exit(1, trigger=90)
    first, second = hand.exit(2), hand.exit(1)
    hand.finish()
    assert [fill.link_id for fill in hand.fills[1:]] == [first]
    for link_id in (resting, armed, second):
        assert hand.reason_of(link_id) == "CancelByReduceOnly"
    assert hand.venue.open_orders() == ()


def test_several_reduce_only_orders_never_reduce_more_than_is_held() -> None:
    hand = Hand([FLAT_BAR] * 2 + [(100, 106, 99, 100)])
    hand.close()
    hand.buy(3)
    hand.close()
    hand.exit(2, price=102)
    hand.exit(2, price=104)
    hand.finish()
    assert hand.told()[1:] == [("sell", 2, 102, True, "user"), ("sell", 1, 104, True, "user")]
