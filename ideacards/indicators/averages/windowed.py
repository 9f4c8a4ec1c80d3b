"""Averages of exactly one window, summed afresh at each bar, oldest first: no rounding of earlier bars is felt."""

from math import nan

from ideacards.indicators.arithmetic import exp_minus, root_down
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["alma", "hma", "mean_of", "rolling_vwap", "sma", "trima", "vwma", "wma"]


def mean_of(state: State, oldest: int, length: int) -> float:
    """Sum of the window's values, oldest first, / n."""
    total = 0.0
    for value in state[oldest : oldest + length]:
        total += value
    return total / length


def _weighted_mean(state: State, oldest: int, length: int) -> float:
    """Weights 1, 2, ... n, the newest value's the largest."""
    total = 0.0
    for k, value in enumerate(state[oldest : oldest + length]):
        total += (k + 1) * value
    return total / (length * (length + 1) // 2)


def sma(state: State, x: float, length: int) -> float:
    """Simple moving average: sum of the last n values / n.

    Published as TA-Lib SMA and TradingView ta.sma. Both keep a running sum, whose rounding depends on all earlier
    values. A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return mean_of(state, oldest, length) if oldest >= 0 else nan


def wma(state: State, x: float, length: int) -> float:
    """Weighted moving average: weights 1, 2, ... n from the oldest to the newest of the last n values.

    Published as TA-Lib WMA and TradingView ta.wma. A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return _weighted_mean(state, oldest, length) if oldest >= 0 else nan


def hma(state: State, x: float, length: int) -> float:
    """Hull moving average: WMA over floor(sqrt n) of 2 * WMA(floor(n/2)) - WMA(n).

    Published as TA-Lib HMA and TradingView ta.hma. A function of the last n - 1 + floor(sqrt n) values. Defined from
    index n - 2 + floor(sqrt n).
    """
    half, last = length // 2, root_down(length)
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan
    short = _weighted_mean(state, oldest + length - half, half)
    at = ring_size(length)
    oldest_raw = push(state, at, last, 2.0 * short - _weighted_mean(state, oldest, length))
    return _weighted_mean(state, oldest_raw, last) if oldest_raw >= 0 else nan


def trima(state: State, x: float, length: int) -> float:
    """Triangular moving average: weights rise by one to the middle of the window and fall again.

    Published as TA-Lib TRIMA. A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan
    total, weights = 0.0, 0
    for k in range(length):
        weight = k + 1 if 2 * k < length else length - k
        total += weight * state[oldest + k]
        weights += weight
    return total / weights


def alma(state: State, x: float, length: int, offset: float, sigma: float) -> float:
    """Arnaud Legoux moving average: Gaussian weights e^-((k - m)^2 / 2s^2), m = offset (n - 1), s = n / sigma.

    Published as TradingView ta.alma (its defaults: offset 0.85, sigma 6); TA-Lib has none. The weights, which the
    first bar computes, stand in the state. A function of exactly its window. Defined from index n - 1.
    """
    at = ring_size(length)
    if state[0] == 0.0:
        middle, width = offset * (length - 1), length / sigma
        for k in range(length):
            distance = (k - middle) / width
            state[at + k] = exp_minus(distance * distance / 2.0)
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan
    total, weights = 0.0, 0.0
    for k in range(length):
        total += state[at + k] * state[oldest + k]
        weights += state[at + k]
    return total / weights


def vwma(state: State, x: float, volume: float, length: int) -> float:
    """Volume-weighted moving average: sum of value * volume / sum of volume over the last n bars.

    Published as TA-Lib VWMA and TradingView ta.vwma. Unknown without any volume. A function of exactly its window.
    Defined from index n - 1.
    """
    at = ring_size(length)
    oldest = push(state, 0, length, x)
    weight = push(state, at, length, volume)
    if oldest < 0:
        return nan
    total, volumes = 0.0, 0.0
    for k in range(length):
        total += state[oldest + k] * state[weight + k]
        volumes += state[weight + k]
    return total / volumes if volumes > 0.0 else nan


def rolling_vwap(state: State, x: float, volume: float, length: int) -> float:
    """Volume-weighted average price of the last n bars; `of` is hlc3 unless the card says otherwise.

    As `vwma`. A function of exactly its window. Defined from index n - 1.
    """
    return vwma(state, x, volume, length)
