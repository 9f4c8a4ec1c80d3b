"""Bars of the columns as candles of the port, and back: the same numbers in fixed point."""

from actors.model.backend import Candle
from actors.model.fixed import Price, Qty, Rounding, float_to_decimal, power_of_ten, round_to_grid
from actors.model.instrument import Instrument
from ideacards.feeds import Bars, GrowingBars

__all__ = ["append_candle", "candle_problem", "candles_of"]


def candles_of(bars: Bars, instrument: Instrument, start: int, stop: int) -> tuple[Candle, ...]:
    """Bars [start, stop); a volume finer than the instrument's quantities is rounded down."""
    digits = instrument.qty_digits
    return tuple(
        Candle(
            int(bars.ts_open[at]),
            Price(int(bars.price_open[at])),
            Price(int(bars.price_high[at])),
            Price(int(bars.price_low[at])),
            Price(int(bars.price_close[at])),
            Qty(round_to_grid(float_to_decimal(bars.volume[at]), digits, 1, Rounding.DOWN)),
        )
        for at in range(start, stop)
    )


def append_candle(columns: GrowingBars, candle: Candle, instrument: Instrument) -> None:
    """One closed bar more; its volume as a float is the correctly rounded quotient."""
    prices = candle.open, candle.high, candle.low, candle.close
    columns.append(candle.ts_open, prices, candle.volume / power_of_ten(instrument.qty_digits))


def candle_problem(candle: Candle, timeframe_ms: int, origin_ms: int = 0) -> str:
    """Why no venue can have meant this bar; empty, if one can. `origin_ms` is an open of the timeframe's grid."""
    if (candle.ts_open - origin_ms) % timeframe_ms:
        return f"it does not open on the grid of {timeframe_ms} ms"
    if candle.low <= 0:
        return f"its low is {candle.low}"
    if not (candle.low <= min(candle.open, candle.close) and max(candle.open, candle.close) <= candle.high):
        return "open and close do not lie between low and high"
    return f"its volume is {candle.volume}" if candle.volume < 0 else ""
