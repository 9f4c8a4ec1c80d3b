"""The fills of each trade and its stop loss and take profit levels, in fixed point, from the tape alone.

A level is computed from the price of an entry's fill if that entry's order sets one. An order that sets none leaves
the levels as they are.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import attrs

from actors.app.results.tape import OrderRow, RunTape
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import Side

__all__ = ["MARKERS", "LegFill", "Levels", "TradeLegs", "legs_of"]

MARKERS = (
    "long entry",
    "short entry",
    "long exit",
    "short exit",
    "long stop",
    "short stop",
    "long target",
    "short target",
)
_EXITS = {"stop_loss": "stop", "trailing_stop": "stop", "take_profit": "target"}


class LegFill(NamedTuple):
    """One fill of a trade: `kind` is an index into MARKERS, `price` and `qty` are fixed point."""

    bar: int
    kind: int
    price: int
    qty: int


class Levels(NamedTuple):
    """Stop loss and take profit (Price) from the fill in this bar on; None if not set."""

    bar: int
    stop_loss: int | None
    take_profit: int | None


@attrs.define
class TradeLegs:
    """One trade, open until its net position is zero; `levels` has an entry for each change of levels."""

    fills: list[LegFill] = attrs.field(factory=list)
    levels: list[Levels] = attrs.field(factory=list)
    is_open: bool = True

    @property
    def first_bar(self) -> int:
        """The bar of the first entry."""
        return self.fills[0].bar

    @property
    def last_bar(self) -> int:
        """The bar of the last fill."""
        return self.fills[-1].bar


def legs_of(tape: RunTape) -> Sequence[TradeLegs]:
    """Every trade in the order of the round trips; one that is still open comes last."""
    orders = {row.link_id: row for row in tape.orders if row.stop_loss is not None or row.take_profit is not None}
    instrument, net = tape.instrument, 0
    found: list[TradeLegs] = []
    traded = (execution for execution in tape.executions if execution.qty)
    for execution, row in zip(traded, tape.fills, strict=True):
        sign, price, qty = execution.sign, execution.price, execution.qty
        closing = min(qty, abs(net)) if net * sign < 0 else 0
        if closing:
            kind = _index("long" if net > 0 else "short", _EXITS.get(str(execution.origin), "exit"))
            found[-1].fills.append(LegFill(execution.bar, kind, price, closing))
        net += sign * closing
        if net == 0 and found:
            found[-1].is_open = False
        if qty > closing:
            if net == 0:
                found.append(TradeLegs())
            kind = _index("long" if sign > 0 else "short", "entry")
            found[-1].fills.append(LegFill(execution.bar, kind, price, qty - closing))
            found[-1].levels.extend(_moved(found[-1], orders.get(row.link_id), execution.bar, Price(price), instrument))
            net += sign * (qty - closing)
    return found


def _index(side: str, what: str) -> int:
    return MARKERS.index(f"{side} {what}")


def _moved(legs: TradeLegs, order: OrderRow | None, bar: int, entry: Price, instrument: Instrument) -> Iterator[Levels]:
    """The levels after an entry's fill, if they have changed."""
    if order is None:
        return
    before = (legs.levels[-1].stop_loss, legs.levels[-1].take_profit) if legs.levels else (None, None)
    side = Side.BUY if order.side == "buy" else Side.SELL
    after = (
        before[0] if order.stop_loss is None else _price(stop_loss_price(instrument, side, entry, order.stop_loss)),
        before[1]
        if order.take_profit is None
        else _price(take_profit_price(instrument, side, entry, order.take_profit)),
    )
    if after != before:
        yield Levels(bar, *after)


def _price(level: Price) -> int | None:
    """The level, or None if it is not positive, which no venue accepts."""
    return level if level > 0 else None
