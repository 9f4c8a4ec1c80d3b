"""Workloads A, B and C as plain loops over ints: the results an engine must give, fill for fill, to the last unit.

Written from the statement of the work, without orders or messages, and importing nothing of the engine. The units are
0.01 for prices, 0.000001 for quantities, 0.00001 for rates, and their product for money. Value and fee are exact
products. There are no other roundings than these, by our rule or, where published figures need it, to the nearest, half
to even:

* quantity = notional / close of the deciding bar, on the step: down (our rule);
* stop loss and take profit, on the tick: away from the entry (a long's stop loss down, its take profit up), by both;
* a rung of the grid, on the tick: a buy down, a sell up (our rule).

The averages alone are floats: a*x + (1-a)*s in that order, begun with the first close.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

import attrs

__all__ = ["RATE_ONE", "ExactFill", "ExactRun", "IntBars", "RoundTo", "crossover_run", "grid_run"]

_PRICE_ONE, _QTY_ONE, RATE_ONE = 10**2, 10**6, 10**5
_FEE_RATE = 55  # 0.055 %, for maker and taker alike
_START = 1_000_000 * _PRICE_ONE * _QTY_ONE * RATE_ONE


class RoundTo(Enum):
    """How a quantity or a rung between two grid points is rounded."""

    HOUSE = "house"
    HALF_EVEN = "half_even"


class ExactFill(NamedTuple):
    """One execution: `side` 1 or -1, the rest in the units of this file."""

    bar: int
    side: int
    qty: int
    price: int
    fee: int


class IntBars(NamedTuple):
    """The four prices of each bar."""

    open: Sequence[int]
    high: Sequence[int]
    low: Sequence[int]
    close: Sequence[int]


@attrs.define
class ExactRun:
    """The state of a run: its fills, `cash` in Money without the position's value, `held` as signed quantity."""

    fills: list[ExactFill] = attrs.field(factory=list)
    cash: int = _START
    held: int = 0

    def fill(self, bar: int, side: int, qty: int, price: int) -> None:
        """Book one execution."""
        fee = price * qty * _FEE_RATE
        self.cash -= side * price * qty * RATE_ONE + fee
        self.held += side * qty
        self.fills.append(ExactFill(bar, side, qty, price, fee))

    def equity(self, close: int) -> int:
        """Equity in Money, with the position valued at `close`."""
        return self.cash + self.held * close * RATE_ONE


def crossover_run(
    bars: IntBars,
    *,
    fast: int,
    slow: int,
    warmup: int,
    notional: int,
    stop_percent: int | None = None,
    target_percent: int | None = None,
    round_to: RoundTo = RoundTo.HOUSE,
) -> ExactRun:
    """Workload A, or B with both levels: long from the open after a cross up to the open after a cross down."""
    fast_share, slow_share = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
    fast_keep, slow_keep = 1.0 - fast_share, 1.0 - slow_share
    fast_value = slow_value = bars.close[0] / _PRICE_ONE
    run = ExactRun()
    wanted, levels = 0, None
    was_above, is_due = False, False
    for index, close in enumerate(bars.close):
        if is_due:
            is_due, price = False, bars.open[index]
            if run.held:
                run.fill(index, -1, run.held, price)
            else:
                run.fill(index, 1, wanted, price)
                levels = _levels(price, stop_percent, target_percent)
        if run.held and levels is not None:
            met = _first_level(bars, index, *levels)
            if met is not None:
                run.fill(index, -1, run.held, met)
        if index:
            value = close / _PRICE_ONE
            fast_value = fast_share * value + fast_keep * fast_value
            slow_value = slow_share * value + slow_keep * slow_value
        is_above = fast_value > slow_value
        if index >= warmup and is_above != was_above and is_above != bool(run.held):
            wanted = _divided(notional * _PRICE_ONE * _QTY_ONE, close, round_to)
            is_due = True
        was_above = is_above
    return run


def _levels(entry: int, stop_percent: int | None, target_percent: int | None) -> tuple[int, int] | None:
    """Stop loss and take profit of a long entered at `entry`, rounded to the tick away from it."""
    if stop_percent is None or target_percent is None:
        return None
    return entry * (100 - stop_percent) // 100, -(-entry * (100 + target_percent) // 100)


def _first_level(bars: IntBars, index: int, stop_loss: int, take_profit: int) -> int | None:
    """The price at which the bar's path ends the position: at the open if that is beyond, else at the level met first.

    The extreme nearer to the open comes first, the low when both are as near.
    """
    begin, high, low = bars.open[index], bars.high[index], bars.low[index]
    if begin <= stop_loss or begin >= take_profit:
        return begin
    is_high_first = high - begin < begin - low
    if high >= take_profit and (is_high_first or low > stop_loss):
        return take_profit
    return stop_loss if low <= stop_loss else None


def grid_run(
    bars: IntBars,
    *,
    levels: int,
    every: int,
    notional: int,
    round_to: RoundTo = RoundTo.HOUSE,
    rungs_to: RoundTo = RoundTo.HOUSE,
) -> ExactRun:
    """Workload C: at the close of each `every`th bar a new grid of `levels` a side, a tenth of a percent apart.

    A rung is filled at its own price when touched, from the next bar on, in the order in which the path comes by.
    `round_to` is for quantities, `rungs_to` for prices.
    """
    run = ExactRun()
    buys: list[int] = []  # nearest last
    sells: list[int] = []
    qty = 0
    down, up = (_floor, _ceil) if rungs_to is RoundTo.HOUSE else (_half_even, _half_even)
    for index, close in enumerate(bars.close):
        begin, high, low = bars.open[index], bars.high[index], bars.low[index]
        is_high_first = high - begin < begin - low
        for is_rising in (is_high_first, not is_high_first):
            while is_rising and sells and high >= sells[-1]:
                run.fill(index, -1, qty, sells.pop())
            while not is_rising and buys and low <= buys[-1]:
                run.fill(index, 1, qty, buys.pop())
        if index % every == 0:
            qty = _divided(notional * _PRICE_ONE * _QTY_ONE, close, round_to)
            buys = [down(close * (1000 - rung), 1000) for rung in range(levels, 0, -1)]
            sells = [up(close * (1000 + rung), 1000) for rung in range(levels, 0, -1)]
    return run


def _divided(top: int, bottom: int, round_to: RoundTo) -> int:
    rounded: Callable[[int, int], int] = _floor if round_to is RoundTo.HOUSE else _half_even
    return rounded(top, bottom)


def _floor(top: int, bottom: int) -> int:
    return top // bottom


def _ceil(top: int, bottom: int) -> int:
    return -(-top // bottom)


def _half_even(top: int, bottom: int) -> int:
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2))
