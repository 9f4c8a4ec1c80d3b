"""Where the close stands within the range of the last bars."""

from math import nan

from ideacards.indicators.arithmetic import ratio
from ideacards.indicators.averages.windowed import mean_of
from ideacards.indicators.momentum.strength import RSI_SIZE, rsi_at
from ideacards.indicators.rings import end_of, push, ring_size
from ideacards.indicators.state import State
from ideacards.indicators.statistics.extremes import highest_of, lowest_of

__all__ = ["ichimoku", "stoch", "stochrsi", "williams_r"]


def _smoothed(state: State, at: int, raw: float, smooth: int, signal: int) -> tuple[float, float]:
    """The mean of the last `smooth` values, and the mean of the last `signal` of those means; windows stand at `at`."""
    oldest = push(state, at, smooth, raw)
    if oldest < 0:
        return nan, nan
    k = mean_of(state, oldest, smooth)
    oldest = push(state, at + ring_size(smooth), signal, k)
    return k, mean_of(state, oldest, signal) if oldest >= 0 else nan


def stoch(
    state: State, high: float, low: float, close: float, length: int, smooth: int, signal: int, flat: float
) -> tuple[float, float]:
    """Stochastic oscillator, Lane: 100 * (close - lowest low)/(highest high - lowest low) of the last n bars.

    `k` is the mean of the last `smooth` of them, `d` that of the last `signal` of k. Published as TA-Lib STOCH
    (averages SMA; `smooth: 1` is STOCHF) and TradingView's Stochastic. Where high and low of the window are equal the
    raw value is unknown and passed over, or what `flat` says (TA-Lib: 0). A function of exactly its windows. k is
    defined from index n + smooth - 2, d signal - 1 later.
    """
    at = ring_size(length)
    of_high, of_low = push(state, 0, length, high), push(state, at, length, low)
    if of_high < 0:
        return nan, nan
    top, bottom = highest_of(state, of_high, length), lowest_of(state, of_low, length)
    if top <= bottom and flat < 0.0:
        return nan, nan
    raw = 100.0 * ((close - bottom) / (top - bottom)) if top > bottom else flat
    return _smoothed(state, 2 * at, raw, smooth, signal)


def stochrsi(
    state: State, x: float, length: int, window: int, smooth: int, signal: int, flat: float
) -> tuple[float, float]:
    """Stochastic of the RSI, Chande and Kroll 1994: where the RSI of n stands within its range of the last `window`.

    `k` and `d` smooth as in `stoch`. Published as TradingView's Stochastic RSI (14, 14, 3, 3) and TA-Lib STOCHRSI
    (`smooth: 1`; window and signal are its fastk and fastd). Where the RSI has not moved in the window the raw value is
    unknown and passed over, or what `flat` says. The start is felt as in `rsi`. k is defined from index
    n + window + smooth - 2, d signal - 1 later.
    """
    strength = rsi_at(state, 0, x, length, -1.0)
    if not strength >= 0.0:
        return nan, nan
    oldest = push(state, RSI_SIZE, window, strength)
    if oldest < 0:
        return nan, nan
    top, bottom = highest_of(state, oldest, window), lowest_of(state, oldest, window)
    if top <= bottom and flat < 0.0:
        return nan, nan
    raw = 100.0 * ((strength - bottom) / (top - bottom)) if top > bottom else flat
    return _smoothed(state, RSI_SIZE + ring_size(window), raw, smooth, signal)


def williams_r(state: State, high: float, low: float, close: float, length: int) -> float:
    """Williams %R: -100 * (highest high - close)/(highest high - lowest low) of the last n bars.

    Published as TA-Lib WILLR and TradingView ta.wpr. Unknown where high and low of the window are equal (TA-Lib: 0). A
    function of exactly its window. Defined from index n - 1.
    """
    of_high = push(state, 0, length, high)
    of_low = push(state, ring_size(length), length, low)
    if of_high < 0:
        return nan
    top, bottom = highest_of(state, of_high, length), lowest_of(state, of_low, length)
    return -100.0 * ratio(top - close, top - bottom)


def _middle(state: State, of_high: int, of_low: int, length: int) -> float:
    return (highest_of(state, of_high, length) + lowest_of(state, of_low, length)) / 2.0


def ichimoku(
    state: State, high: float, low: float, conversion: int, base: int, span: int, displacement: int
) -> tuple[float, float, float, float, float, float]:
    """Ichimoku Kinko Hyo: the middles of the ranges of the last 9, 26 and 52 bars. Nothing is moved forward in time.

    `conversion` and `base` are the middles of their windows; `span_a` is the mean of those two and `span_b` the middle
    of the longest window, both as known at this bar (charts draw them `displacement` - 1 bars to the right). `cloud_a`
    and `cloud_b` are the spans of displacement - 1 bars ago, which is the cloud that charts draw over this bar. There
    is no lagging span: it is the close. Published as TradingView's Ichimoku Cloud; TA-Lib has none. A function of
    exactly its windows. span_a is defined from the larger of conversion and base - 1, span_b from span - 1, the clouds
    displacement - 1 later.
    """
    longest = base if base > conversion else conversion
    longest = span if span > longest else longest
    at = ring_size(longest)
    push(state, 0, longest, high)
    push(state, at, longest, low)
    seen = state[0]
    end_high, end_low = end_of(state, 0, longest), end_of(state, at, longest)
    fast, slow, wide = nan, nan, nan
    if seen >= conversion:
        fast = _middle(state, end_high - conversion, end_low - conversion, conversion)
    if seen >= base:
        slow = _middle(state, end_high - base, end_low - base, base)
    if seen >= span:
        wide = _middle(state, end_high - span, end_low - span, span)
    span_a = (fast + slow) / 2.0
    cloud_a, cloud_b = nan, nan
    at = 2 * at
    if seen >= conversion and seen >= base:
        oldest = push(state, at, displacement, span_a)
        cloud_a = state[oldest] if oldest >= 0 else nan
    if seen >= span:
        oldest = push(state, at + ring_size(displacement), displacement, wide)
        cloud_b = state[oldest] if oldest >= 0 else nan
    return fast, slow, span_a, wide, cloud_a, cloud_b
