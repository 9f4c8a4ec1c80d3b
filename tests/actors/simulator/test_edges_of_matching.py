"""Reports and fills in corner cases; in each of them a small fault in the code was once not found by any test."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.order import Side, TimeInForce
from actors.model.origins import Origin
from actors.simulator.margin.funding import Funding
from actors.simulator.prices.finer import Trades
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.venue.schedule import Schedule, TradingStatus
from ideacards.feeds import Bars
from tests.actors.builders import MINUTE_MS, an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, px

HIGH = (10_000, 10_000, 10_000, 10_000)
PLACE = an_instrument(tiers=(RiskTier(Rate(500), Money(0), Money(1 << 100), 100),))


@pytest.mark.parametrize("side", [BUY, SELL])
def test_funding_is_told_on_the_side_of_the_position_with_its_quantity_and_without_an_order(side: Side) -> None:
    hand = Hand([HIGH] * 3, funding=Funding((2 * MINUTE_MS,), (10,)))
    hand.send(side, 0.001)
    hand.finish()
    paid = hand.fills[1]
    assert (paid.origin, paid.side, paid.qty, paid.is_maker) == (Origin.FUNDING, side, coins(0.001), False)
    assert (paid.order_id, paid.link_id) == ("", "")


def test_funding_moves_the_level_of_liquidation() -> None:
    """Nine coins on a hundred stand at 89.5; nine more are paid for funding, and they fall at 90.4."""
    for rate, count in ((0, 0), (1_000, 1)):
        hand = Hand(
            [FLAT_BAR, FLAT_BAR, (100, 100, 90, 95)],
            instrument=PLACE,
            equity=100,
            leverage=20,
            funding=Funding((2 * MINUTE_MS,), (rate,)),
        )
        hand.buy(9)
        hand.finish()
        assert len([fill for fill in hand.fills if fill.origin is Origin.LIQUIDATION]) == count


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_delivery_closes_a_single_step_as_a_taker_without_a_fee(side: Side) -> None:
    hand = Hand([HIGH] * 4, schedule=Schedule([2 * MINUTE_MS], [TradingStatus.DELISTED]))
    hand.send(side, 0.001)
    hand.finish()
    last = hand.fills[1]
    assert (last.origin, last.side, last.qty) == (Origin.DELIVERY, SELL if side is BUY else BUY, coins(0.001))
    assert (last.fee, last.is_maker, hand.held) == (0, False, 0)
    assert hand.venue.equity_report(hand.now).wallet == hand.config.start_equity - hand.fills[0].fee


def test_every_liquidation_is_an_order_of_its_own() -> None:
    rows = [FLAT_BAR, FLAT_BAR, (100, 100, 70, 70), (70, 70, 70, 70), (70, 70, 50, 50)]
    hand = Hand(rows, instrument=PLACE, equity=200, leverage=20)
    hand.buy(9)
    hand.close(3)
    assert hand.held == 0
    hand.buy(0.5)
    hand.finish()
    told = [fill.order_id for fill in hand.fills if fill.origin is Origin.LIQUIDATION]
    assert len(told) == len(set(told)) == 2
    assert "" not in told


def test_a_liquidation_takes_all_whatever_share_of_the_volume_orders_may_have() -> None:
    hand = Hand(
        [FLAT_BAR, FLAT_BAR, (100, 100, 80, 80)],
        instrument=PLACE,
        equity=100,
        leverage=20,
        volumes=[100, 100, 1],
        volume_share=(1, 10),
    )
    hand.buy(9)
    hand.finish()
    assert [(fill.qty, fill.origin) for fill in hand.fills] == [
        (coins(9), Origin.USER),
        (coins(9), Origin.LIQUIDATION),
    ]


def test_a_reduce_only_order_is_reported_with_what_it_can_reduce() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.buy(2)
    hand.until_fill()
    link_id = hand.exit(5, price=110)
    assert hand.code == 0
    report = hand.venue.order(link_id)
    assert report is not None
    assert report.qty == coins(2)


def test_slippage_in_basis_points_alone_is_paid() -> None:
    hand = Hand([FLAT_BAR] * 3, slippage_share=(10, 10_000))
    hand.buy(1)
    hand.close(2)
    hand.exit(1)
    hand.finish()
    assert [fill[2] for fill in hand.told()] == [100.1, 99.9]


def test_a_limit_that_sells_at_once_slips_no_farther_than_its_price() -> None:
    for limit, price in ((99.8, 99.8), (99, 99.5)):
        hand = Hand([FLAT_BAR] * 3, slippage_ticks=5)
        hand.sell(price=limit)
        hand.finish()
        assert [fill[2] for fill in hand.told()] == [price]


def test_a_bound_of_the_venue_holds_for_what_trades_at_market_and_not_for_a_limit() -> None:
    rows = [FLAT_BAR, (100.5, 100.5, 100.5, 100.5)]
    for fields, count in (({}, 0), ({"price": 101}, 1)):
        hand = Hand(rows, slippage_tolerance_ticks=1)
        hand.close()
        hand.buy(**fields)
        hand.finish()
        assert len(hand.fills) == count


def test_a_trailing_stop_fills_within_the_bound_of_the_venue_or_not() -> None:
    for ticks, count in ((1, 2), (2, 1)):
        hand = Hand([FLAT_BAR, FLAT_BAR, (100, 100, 90, 90)], slippage_ticks=ticks, slippage_tolerance_ticks=1)
        hand.buy(price=100)
        hand.until_fill()
        hand.trail(5)
        hand.finish()
        assert len(hand.fills) == count


def test_a_trailing_stop_closes_what_was_bought_after_it_was_set() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, 100, 90, 90)])
    hand.buy(1)
    hand.until_fill()
    hand.trail(5)
    hand.close()
    hand.buy(2)
    hand.finish()
    assert hand.told()[2:] == [("sell", 3, 95, False, "trailing_stop")]


@pytest.mark.parametrize(
    ("side", "open_", "count"), [(BUY, 100.2, 1), (BUY, 100.21, 0), (SELL, 99.8, 1), (SELL, 99.79, 0)]
)
def test_a_cent_beyond_its_bound_an_order_does_not_fill(side: Side, open_: float, count: int) -> None:
    hand = Hand([FLAT_BAR, (open_, open_, open_, open_)])
    hand.close()
    hand.send(side, slippage_tolerance_ticks=2)
    hand.finish()
    assert [fill.price for fill in hand.fills] == [px(open_)] * count


# -- fills in part ----------------------------------------------------------------------------------------------------


def test_a_fill_or_kill_order_may_be_all_that_the_bar_has() -> None:
    for qty, status in ((1, "Filled"), (1.001, "Cancelled")):
        hand = Hand([FLAT_BAR] * 2, volumes=[10, 10], volume_share=(1, 10))
        hand.close()
        link_id = hand.buy(qty, price=101, time_in_force=TimeInForce.FOK)
        hand.finish()
        assert hand.story_of(link_id)[-1] == status


def test_a_market_order_takes_what_there_is_whatever_time_in_force_it_names() -> None:
    for policy in TimeInForce:
        hand = Hand([FLAT_BAR] * 2, volumes=[10, 10], volume_share=(1, 10))
        hand.close()
        hand.buy(3, time_in_force=policy)
        hand.finish()
        assert hand.held == 1


def test_a_reduce_only_limit_that_its_trigger_set_free_holds_no_margin() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, 105, 100, 104), FLAT_BAR])
    hand.buy(9)
    hand.until_fill()
    hand.exit(9, trigger=104, rise=True, price=120)
    hand.close(3)
    hand.sell(9, price=130)
    report = hand.venue.equity_report(hand.now)
    assert report.equity - report.available == hand.instrument.value(px(104), coins(9))


def test_an_order_reports_what_its_fills_were_worth() -> None:
    rows = [FLAT_BAR, (100, 100, 90, 100), (90, 100, 90, 100)]
    hand = Hand(rows, volumes=[10, 10, 10], volume_share=(1, 10))
    link_id = hand.buy(2, price=95)
    hand.finish()
    worth = [report.filled_value for report in hand.reports if report.link_id == link_id]
    assert worth == [0, hand.instrument.value(px(95), coins(1)), hand.instrument.value(px(95), coins(2))]


def test_the_rest_of_a_partly_filled_order_holds_its_margin() -> None:
    """A coin bought at 95 of three, at leverage one: its value now, and two more with their taker fee."""
    hand = Hand([FLAT_BAR, (100, 100, 90, 100), FLAT_BAR], equity=1_000, volumes=[10] * 3, volume_share=(1, 10))
    hand.buy(3, price=95)
    hand.close(2)
    assert hand.held == 1
    report = hand.venue.equity_report(hand.now)
    held, rest = hand.instrument.value(px(100), coins(1)), hand.instrument.value(px(95), coins(2))
    assert report.equity - report.available == held + rest + hand.instrument.fee(
        px(95), coins(2), hand.instrument.taker_rate
    )


def sized(rows: Sequence[tuple[int, float, float]]) -> Callable[[Bars], PriceInputs]:
    """Trades of (ms, price, coins)."""

    def made(bars: Bars) -> PriceInputs:
        times, prices, sizes = zip(*rows, strict=True)
        columns = (np.array(times), np.array([px(price) for price in prices]), np.array([coins(qty) for qty in sizes]))
        trades = Trades(bars, *columns)
        return PriceInputs(finer=trades, sizes=trades)

    return made


def test_a_stop_between_two_resting_orders_does_not_give_a_trade_out_twice() -> None:
    """A trade of one coin at 90 passes a limit at 96, a stop at 95 and a limit at 94: the second limit gets nothing."""
    rows = [(MINUTE_MS + 5, 90.0, 1.0), (MINUTE_MS + 9, 90.0, 1.0)]
    hand = Hand([FLAT_BAR, (100, 100, 90, 90), FLAT_BAR], lines=sized(rows))
    hand.close()
    first = hand.buy(1, price=96)
    hand.sell(0.5, trigger=95, rise=False)
    second = hand.buy(1, price=94)
    hand.finish()
    told = [(fill.link_id, fill.qty, fill.time_ms - MINUTE_MS) for fill in hand.fills if fill.is_maker]
    assert told == [(first, coins(1), 5), (second, coins(1), 9)]
