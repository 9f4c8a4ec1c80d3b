"""Prices of stop loss and take profit: a percentage from the entry's fill price, rounded to the tick away from it."""

from decimal import Decimal

from actors.model.fixed import Price, Rounding
from actors.model.instrument import Instrument
from actors.model.order import Side

__all__ = ["stop_loss_price", "take_profit_price"]


def stop_loss_price(instrument: Instrument, side: Side, entry: Price, percent: Decimal) -> Price:
    """The stop loss: below a long's entry and rounded down, above a short's and rounded up."""
    return _level(instrument, entry, -side, percent)


def take_profit_price(instrument: Instrument, side: Side, entry: Price, percent: Decimal) -> Price:
    """The take profit: above a long's entry and rounded up, below a short's and rounded down."""
    return _level(instrument, entry, side, percent)


def _level(instrument: Instrument, entry: Price, sign: int, percent: Decimal) -> Price:
    """entry x (1 + sign x percent / 100), exact, then rounded to the tick away from the entry."""
    top, bottom = percent.as_integer_ratio()
    whole = 100 * bottom
    return instrument.round_price(entry * (whole + sign * top), whole, Rounding.UP if sign > 0 else Rounding.DOWN)
