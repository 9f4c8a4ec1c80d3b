"""Partial fills: the rest of an order rests or ends; by a share of the volume, and by recorded trades with sizes."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.order import Side, TimeInForce
from actors.model.result import VenueCode
from actors.simulator.prices.finer import Trades
from actors.simulator.prices.lines import PriceInputs
from ideacards.feeds import Bars
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, Hand, coins, px

TENTH = (1, 10)
DIP = (100, 100, 90, 100)


def story(hand: Hand, link_id: str) -> list[tuple[str, float]]:
    """Statuses reported of an order, each with what had filled by then."""
    return [(report.status.value, report.filled_qty / 1000) for report in hand.reports if report.link_id == link_id]


def test_a_resting_order_fills_by_the_share_of_each_bar_and_keeps_its_place_meanwhile() -> None:
    hand = Hand([FLAT_BAR, DIP, (95, 95, 90, 90), DIP], volumes=[10, 10, 5, 20], volume_share=TENTH)
    link_id = hand.buy(price=95, qty=3)
    hand.finish()
    assert hand.told() == [
        ("buy", 1, 95, True, "user"),
        ("buy", 0.5, 95, True, "user"),
        ("buy", 1.5, 95, True, "user"),
    ]
    assert story(hand, link_id) == [
        ("New", 0),
        ("PartiallyFilled", 1),
        ("PartiallyFilled", 1.5),
        ("Filled", 3),
    ]


def test_what_is_left_of_a_market_order_ends() -> None:
    hand = Hand([FLAT_BAR] * 3, volumes=[10, 10, 10], volume_share=TENTH)
    hand.close()
    link_id = hand.buy(qty=5)
    hand.finish()
    assert hand.held == 1
    assert story(hand, link_id) == [("PartiallyFilled", 1), ("Cancelled", 1)]
    assert hand.reason_of(link_id) == "EC_NoEnoughQtyToFill"


@pytest.mark.parametrize(
    ("policy", "told", "held"),
    [
        (TimeInForce.IOC, [("New", 0), ("PartiallyFilled", 1), ("Cancelled", 1)], 1.0),
        (TimeInForce.FOK, [("New", 0), ("Cancelled", 0)], 0.0),
        (TimeInForce.GTC, [("New", 0), ("PartiallyFilled", 1), ("PartiallyFilled", 2), ("Filled", 3)], 3.0),
    ],
)
def test_a_limit_that_takes_goes_on_as_its_time_in_force_says(
    policy: TimeInForce, told: list[tuple[str, float]], held: float
) -> None:
    hand = Hand([FLAT_BAR] * 5, volumes=[10] * 5, volume_share=TENTH)
    link_id = hand.buy(price=101, qty=3, time_in_force=policy)
    hand.finish()
    assert (story(hand, link_id), hand.held) == (told, held)


def test_all_orders_of_a_bar_share_its_volume() -> None:
    hand = Hand([FLAT_BAR, DIP, FLAT_BAR], volumes=[0, 10, 0], volume_share=TENTH)
    first, second = hand.buy(price=96, qty=0.7), hand.buy(price=95, qty=0.7)
    hand.finish()
    assert [fill.qty for fill in hand.fills] == [coins(0.7), coins(0.3)]
    assert [fill.link_id for fill in hand.fills] == [first, second]


def test_a_bar_without_volume_fills_nothing() -> None:
    hand = Hand([FLAT_BAR, DIP, DIP], volumes=[0, 0, 50], volume_share=TENTH)
    resting, market = hand.buy(price=95, qty=1), hand.buy(qty=1)
    hand.finish()
    assert hand.told() == [("buy", 1, 95, True, "user")]
    assert hand.fills[0].link_id == resting
    assert hand.reason_of(market) == "EC_NoImmediateQtyToFill"


def test_an_amendment_names_the_new_total_and_not_less_than_has_filled() -> None:
    hand = Hand([FLAT_BAR, DIP, DIP], volumes=[10, 10, 100], volume_share=TENTH)
    link_id = hand.buy(price=95, qty=3)
    hand.close(2)
    assert hand.held == 1
    assert hand.amend(link_id, qty=1).code == VenueCode.UNDER_FILLED
    assert hand.amend(link_id, qty=1.5).code == 0
    hand.finish()
    assert [fill.qty for fill in hand.fills] == [coins(1), coins(0.5)]
    assert hand.story_of(link_id)[-1] == "Filled"


def test_a_cancel_after_a_part_keeps_the_part_and_frees_the_margin_of_the_rest() -> None:
    hand = Hand([FLAT_BAR, DIP, FLAT_BAR], volumes=[10, 10, 10], volume_share=TENTH, equity=1000)
    link_id = hand.buy(price=95, qty=3)
    hand.close(2)
    hand.cancel(link_id)
    assert story(hand, link_id)[-1] == ("Cancelled", 1)
    report = hand.venue.equity_report(hand.now)
    assert report.wallet == hand.config.start_equity - hand.instrument.fee(px(95), coins(1), hand.instrument.maker_rate)
    assert report.available == report.equity - hand.instrument.value(px(100), coins(1))


def sized(rows: Sequence[tuple[int, float, float]]) -> Callable[[Bars], PriceInputs]:
    """Trades of (ms, price, coins)."""

    def made(bars: Bars) -> PriceInputs:
        trades = Trades(
            bars,
            np.array([row[0] for row in rows]),
            np.array([px(row[1]) for row in rows]),
            np.array([coins(row[2]) for row in rows]),
        )
        return PriceInputs(finer=trades, sizes=trades)

    return made


def test_recorded_trades_fill_a_resting_order_by_their_sizes() -> None:
    rows = [(MINUTE_MS + at, price, size) for at, price, size in ((1, 94, 0.4), (1, 93, 0.3), (9, 96, 5), (20, 90, 9))]
    hand = Hand([FLAT_BAR, DIP, FLAT_BAR], lines=sized(rows))
    link_id = hand.buy(price=95, qty=1)
    hand.finish()
    assert [(fill.qty, fill.price, fill.time_ms - MINUTE_MS) for fill in hand.fills] == [
        (coins(0.4), px(95), 1),
        (coins(0.3), px(95), 1),
        (coins(0.3), px(95), 20),
    ]
    assert hand.story_of(link_id) == ["New", "PartiallyFilled", "PartiallyFilled", "Filled"]


def test_two_resting_orders_share_a_trade_by_price_and_what_is_left_waits_for_the_next_bar() -> None:
    rows = [(MINUTE_MS + 5, 90, 1.0)]
    hand = Hand([FLAT_BAR, DIP, FLAT_BAR, DIP], lines=sized(rows))
    low, high = hand.buy(price=95, qty=1), hand.buy(price=96, qty=0.6)
    hand.finish()
    assert [(fill.link_id, fill.qty) for fill in hand.fills] == [
        (high, coins(0.6)),
        (low, coins(0.4)),
        (low, coins(0.6)),
    ]
    assert hand.fills[2].time_ms >= 3 * MINUTE_MS


sides = st.sampled_from([Side.BUY, Side.SELL])
prices = st.integers(85, 115)


@given(
    st.lists(st.tuples(sides, prices, st.integers(1, 40)), min_size=1, max_size=8),
    st.lists(st.tuples(prices, prices, prices, prices, st.integers(0, 60)), min_size=2, max_size=8),
)
def test_no_bar_gives_more_than_its_share_and_no_order_more_than_it_asked_for(
    orders: list[tuple[Side, int, int]], rows: list[tuple[int, int, int, int, int]]
) -> None:
    bars = [(o, max(o, h, low, c), min(o, h, low, c), c) for o, h, low, c, _ in rows]
    volumes = [row[4] / 10 for row in rows]
    hand = Hand(bars, volumes=volumes, volume_share=(1, 4))
    ids = [hand.send(side, tenths / 10, price=price) for side, price, tenths in orders]
    hand.finish()
    for bar, volume in enumerate(volumes):
        inside = [fill.qty for fill in hand.fills if bar * MINUTE_MS <= fill.time_ms < (bar + 1) * MINUTE_MS]
        assert sum(inside) <= coins(volume) // 4
    for link_id, (_, _, tenths) in zip(ids, orders, strict=True):
        filled = sum(fill.qty for fill in hand.fills if fill.link_id == link_id)
        report = hand.venue.order(link_id)
        assert report is not None
        assert filled == report.filled_qty <= coins(tenths / 10)
        assert (report.status.value == "Filled") is (filled == coins(tenths / 10))
