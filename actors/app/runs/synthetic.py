"""A synthetic market: one-minute bars with trends and ranges, for the tour and for tests without data.

Integers only, from a counter-based generator (splitmix64), so that a seed gives the same bars with every version of
Python and numpy. It resembles a market enough to trade on, but results on it say nothing about a strategy.
"""

from collections.abc import Iterator

import numpy as np

from actors.model.fixed import scaled_text
from ideacards.feeds import Bars

__all__ = ["csv_of", "synthetic_bars"]

_MASK = 2**64 - 1
_PRICE_DIGITS = 1
_VOLUME_DIGITS = 3
_FIRST_PRICE = 600_000  # ticks of 0.1
_START_MS = 1_704_067_200_000  # 2024-01-01
_MINUTE_MS = 60_000
_STEPS = 8  # of the price within a bar
_SHOCK = 4  # how much wider one bar in a hundred is


class _Dice:
    """Draw k of a seed is a function of (seed, k) alone."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return low + (((mixed ^ (mixed >> 31)) * (high - low + 1)) >> 64)


def synthetic_bars(seed: int, count: int, symbol: str = "BTCUSDT") -> Bars:
    """`count` one-minute bars from 2024-01-01 UTC on, prices on a tick of 0.1 around 60000, volumes in 0.001."""
    rows = np.array(list(_rows(_Dice(seed), count)), dtype=np.int64).reshape(count, 5)
    prices = dict(zip(("open", "high", "low", "close"), rows.T, strict=False))
    times = _START_MS + _MINUTE_MS * np.arange(count)
    return Bars.of_columns(symbol, _MINUTE_MS, _PRICE_DIGITS, times, prices, rows[:, 4] / 10.0**_VOLUME_DIGITS)


def csv_of(bars: Bars) -> str:
    """The bars as the text of a bar file; reading it back gives the same bars."""
    lines = ["ts_ms,open,high,low,close,volume"]
    columns = (bars.ts_open, bars.price_open, bars.price_high, bars.price_low, bars.price_close, bars.volume)
    for time, *prices, volume in zip(*(column.tolist() for column in columns), strict=True):
        lines.append(",".join([str(time), *(scaled_text(price, bars.price_digits) for price in prices), repr(volume)]))
    return "\n".join(lines) + "\n"


def _rows(dice: _Dice, count: int) -> Iterator[tuple[int, int, int, int, int]]:
    """(open, high, low, close, volume): phases of 2 to 8 hours, each a trend or a range with a width of its own."""
    price, left, drift, anchor, width = _FIRST_PRICE, 0, 0, 0, 0
    for _ in range(count):
        if left == 0:
            left = dice.between(120, 480)
            width = dice.between(60, 180)
            drift = dice.between(-1, 1) * dice.between(2, 5)
            if not _FIRST_PRICE // 2 < price < _FIRST_PRICE * 2:  # keep the price within a factor of two of its start
                drift = 4 if price < _FIRST_PRICE else -4
            anchor = price
        left -= 1
        reach = width * _SHOCK if dice.between(1, 100) == 1 else width
        pull = drift if drift else (anchor - price) // 512  # in a range the price is pulled back to its start
        opened = high = low = price = price + dice.between(-3, 3)
        for _ in range(_STEPS):
            price += dice.between(-reach, reach) + pull
            high, low = max(high, price), min(low, price)
        yield opened, high, low, price, dice.between(200, 8_000) + 20 * (high - low)
