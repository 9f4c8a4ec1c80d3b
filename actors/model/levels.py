"""Stop loss and take profit prices: at a distance from the entry fill's price, or at a price stated in advance.

Each is rounded to the tick away from the entry.
"""

from decimal import Decimal

from actors.model.exits import FixedLevel, LevelTerms
from actors.model.fixed import Price, Rounding
from actors.model.instrument import Instrument
from actors.model.order import Order, Side

__all__ = ["break_even_price", "stop_loss_price", "stop_of", "take_profit_price", "target_of", "trail_distance"]


def stop_loss_price(instrument: Instrument, side: Side, entry: Price, level: LevelTerms) -> Price:
    """Stop loss price: below a long's entry and rounded down, above a short's and rounded up."""
    return _price(instrument, entry, -side, level)


def take_profit_price(instrument: Instrument, side: Side, entry: Price, level: LevelTerms) -> Price:
    """Take profit price: above a long's entry and rounded up, below a short's and rounded down."""
    return _price(instrument, entry, side, level)


def stop_of(entry: Order, instrument: Instrument) -> Price | None:
    """Where the stop loss of a filled entry lies: where it was moved to, else at its distance from the fill."""
    if entry.stop_at is not None or entry.stop_loss is None or entry.last_price is None:
        return entry.stop_at
    return stop_loss_price(instrument, entry.request.side, entry.last_price, entry.stop_loss)


def target_of(entry: Order, instrument: Instrument) -> Price | None:
    """Where the take profit of a filled entry lies: where it was moved to, else at its distance from the fill."""
    if entry.target_at is not None or entry.take_profit is None or entry.last_price is None:
        return entry.target_at
    return take_profit_price(instrument, entry.request.side, entry.last_price, entry.take_profit)


def break_even_price(entry: Order, instrument: Instrument) -> Price | None:
    """The entry fill's price plus the ticks of its break-even, in the position's favour; None before it has filled."""
    if entry.exits is None or entry.last_price is None:
        return None
    gain = entry.exits.break_even_ticks * instrument.tick
    side = entry.request.side
    return instrument.round_price(entry.last_price + side * gain, 1, Rounding.DOWN if side > 0 else Rounding.UP)


def trail_distance(instrument: Instrument, entry: Price, distance: LevelTerms) -> Price:
    """The distance of a trailing stop, rounded up to the tick; at least one tick."""
    if isinstance(distance, Decimal):
        top, bottom = distance.as_integer_ratio()
        return max(instrument.tick, instrument.round_price(entry * top, 100 * bottom, Rounding.UP))
    assert distance.distance is not None
    return distance.distance


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
