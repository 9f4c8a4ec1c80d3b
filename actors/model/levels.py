"""Stop loss and take profit prices: at a distance from the entry fill's price, or at a price stated in advance.

Each is rounded to the tick away from the entry.
"""

from decimal import Decimal

from actors.model.exits import FixedLevel, LevelTerms
from actors.model.fixed import Price, Rounding
from actors.model.instrument import Instrument
from actors.model.order import Side

__all__ = ["stop_loss_price", "take_profit_price"]


def stop_loss_price(instrument: Instrument, side: Side, entry: Price, level: LevelTerms) -> Price:
    """Stop loss price: below a long's entry and rounded down, above a short's and rounded up."""
    return _price(instrument, entry, -side, level)


def take_profit_price(instrument: Instrument, side: Side, entry: Price, level: LevelTerms) -> Price:
    """Take profit price: above a long's entry and rounded up, below a short's and rounded down."""
    return _price(instrument, entry, side, level)


def _price(instrument: Instrument, entry: Price, sign: int, level: LevelTerms) -> Price:
    if isinstance(level, Decimal):
        return _in_percent(instrument, entry, sign, level)
    return _fixed(instrument, entry, sign, level)


def _fixed(instrument: Instrument, entry: Price, sign: int, level: FixedLevel) -> Price:
    """The stated price as it is, or entry + sign x distance, rounded to the tick away from the entry."""
    if level.price is not None:
        return level.price
    assert level.distance is not None
    return instrument.round_price(entry + sign * level.distance, 1, Rounding.UP if sign > 0 else Rounding.DOWN)


def _in_percent(instrument: Instrument, entry: Price, sign: int, percent: Decimal) -> Price:
    """entry x (1 + sign x percent / 100), exactly, then rounded to the tick away from the entry."""
    top, bottom = percent.as_integer_ratio()
    whole = 100 * bottom
    return instrument.round_price(entry * (whole + sign * top), whole, Rounding.UP if sign > 0 else Rounding.DOWN)
