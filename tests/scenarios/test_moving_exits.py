"""A limit exit that follows the close: one order is amended bar after bar, with messages under way and crashes."""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal
from typing import Any

import attrs
import numpy as np
import pytest

from actors.app import names
from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.model.backend import AmendOrder, CancelOrder
from actors.model.result import OrderResult
from ideacards.feeds import Bars
from ideacards.loader import read_card
from runtime.kernel.cell import Cell
from runtime.messages import Ref
from tests.actors.builders import a_market, an_instrument

OFFSET = Decimal("1.004")
CARD = """id: moving_exit
thesis: Out a little above the last close, wherever that is.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat and close > close[1]
        emit: {action: enter_long, size: {quantity: 1}}
  - id: out
    cases:
      - when: position.long
        emit: {action: exit, order: {type: limit, price: {ref: close, offset_percent: 0.4}}}
"""
MILLISECONDS = [("0", "0", "0"), ("20", "20", "20"), ("20", "20", "21"), ("20", "21", "20"), ("0", "3000", "3000")]


def market() -> Bars:
    steps = np.random.default_rng(7).choice([-0.6, -0.3, -0.1, 0.1, 0.3, 0.6], size=300)
    closes = (1000 + 10 * np.cumsum(steps)).round() / 10
    before = np.concatenate([[100.0], closes[:-1]])
    rows = np.column_stack([before, np.maximum(before, closes) + 0.1, np.minimum(before, closes) - 0.1, closes])
    bars = a_market(rows.round(1).tolist())
    return attrs.evolve(bars, volume=np.random.default_rng(8).choice([0.2, 0.4, 1.0], size=300).astype(np.float64))


class Seen:
    """A fault hook that counts messages of the venue, and kills one actor at its `number`-th of a kind."""

    def __init__(
        self, ref: Ref | None = None, is_hit: Callable[[Any], bool] = lambda _: False, number: int = 0
    ) -> None:
        self._ref, self._is_hit, self._left = ref, is_hit, number
        self.amends = self.cancels = self.kills = 0

    def __call__(self, cell: Cell, message: Any) -> bool:
        if cell.ref == names.VENUE:
            self.amends += isinstance(message, AmendOrder)
            self.cancels += isinstance(message, CancelOrder)
        if cell.ref != self._ref or not self._is_hit(message):
            return False
        self._left -= 1
        self.kills += self._left == 0
        return self._left == 0


def run(delays: tuple[str, str, str], seen: Seen, volume_share: str = "0") -> RunTape:
    settings = load_settings("simulator")
    venue = attrs.evolve(settings.venue, volume_share=Decimal(volume_share))
    settings = attrs.evolve(settings, latency=LatencySettings(*delays), venue=venue)
    return run_backtest(read_card(CARD, "card.yaml"), market(), an_instrument(), settings, fault=seen)


def left_open(tape: RunTape) -> int:
    """What is held at the end; on the way it is never short, and never more than one entry."""
    net = 0
    for fill in tape.executions:
        net += fill.sign * fill.qty
        assert 0 <= net <= 1000
    return net


def exits(tape: RunTape) -> list[Any]:
    return [order for order in tape.orders if order.reduce_only]


@pytest.mark.parametrize("delays", MILLISECONDS)
def test_one_order_a_position_is_moved_and_never_cancelled(delays: tuple[str, str, str]) -> None:
    seen = Seen()
    tape = run(delays, seen)
    assert seen.amends > 50
    assert seen.cancels == 0
    left_open(tape)
    filled = [order for order in exits(tape) if order.status == "filled"]
    assert len(filled) >= 10
    positions = sum(order.status == "filled" for order in tape.orders if not order.reduce_only)
    assert positions - len(filled) in (0, 1), "a new exit order only for a new position"


def test_without_latency_each_exit_fills_at_the_price_of_the_last_close() -> None:
    tape, bars = run(("0", "0", "0"), Seen()), market()
    sold = [fill for fill in tape.fills if fill.side == "sell"]
    for fill in sold:
        close = Decimal(str(bars.close[fill.bar - 1]))
        assert fill.price == (close * OFFSET).quantize(Decimal("0.1"), ROUND_UP)
    told = {order.link_id: order for order in exits(tape)}
    moved = 0
    for fill in sold:
        order = told[fill.link_id]
        assert order.price == fill.price
        assert order.decided_ms == bars.ts_close[fill.bar - 1], "the row tells the newest decision"
        moved += int(fill.link_id[-10:-1], 36) != order.decided_ms  # the id tells the one it was sent for
    assert moved > 5


def test_an_execution_that_overtakes_the_amend_ends_the_exit_and_nothing_is_sold_twice() -> None:
    tape, bars = run(("0", "40000", "40000"), Seen()), market()
    raced = 0
    for fill in tape.fills:
        since = fill.time_ms - int(bars.ts_open[fill.bar])
        raced += fill.side == "sell" and fill.is_maker and since < 40_000
    assert raced >= 3
    left_open(tape)


@pytest.mark.parametrize("delays", [("0", "0", "0"), ("20", "20", "21"), ("0", "3000", "3000")])
def test_exits_that_fill_in_part_sell_what_was_bought(delays: tuple[str, str, str]) -> None:
    seen = Seen()
    tape = run(delays, seen, "1")
    assert seen.amends > 50
    sales = [fill for fill in tape.fills if fill.side == "sell"]
    assert len(sales) > len({fill.link_id for fill in sales}), "some are in parts"
    left_open(tape)


def is_amend(message: Any) -> bool:
    return isinstance(message, AmendOrder)


def is_answer(message: Any) -> bool:
    return isinstance(message, OrderResult)


@pytest.mark.parametrize("number", [1, 2, 9])
@pytest.mark.parametrize(
    ("ref", "is_hit"),
    [(names.GATEWAY, is_amend), (names.RATELIMITER, is_amend), (names.ORDERS, is_answer), (names.GATEWAY, is_answer)],
    ids=["gateway", "gate", "orders", "answer"],
)
@pytest.mark.parametrize("delays", [("0", "0", "0"), ("20", "20", "21")])
def test_an_amend_that_dies_on_its_way_leaves_one_exit_in_the_end(
    delays: tuple[str, str, str], ref: Ref, is_hit: Callable[[Any], bool], number: int
) -> None:
    if (ref, is_hit) == (names.GATEWAY, is_answer):
        number += 10  # the first answers are of the start
    seen = Seen(ref, is_hit, number)
    tape = run(delays, seen)
    left_open(tape)
    assert sum(order.status == "filled" for order in exits(tape)) >= 10, "trading goes on"
    assert sum(order.reduce_only for order in tape.open_orders) <= 1
    assert seen.kills == 1 or ref == names.GATEWAY
