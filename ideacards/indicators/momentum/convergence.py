"""Differences of two averages."""

from math import nan

from ideacards.indicators.averages.exponential import EMA_SIZE, ema_at
from ideacards.indicators.state import State

__all__ = ["MACD_SIZE", "macd", "ppo"]

MACD_SIZE = 1 + 3 * EMA_SIZE
_FAST, _SLOW, _SIGNAL = 1, 1 + EMA_SIZE, 1 + 2 * EMA_SIZE


def macd(state: State, x: float, fast: int, slow: int, signal: int, is_sma_seeded: int) -> tuple[float, float, float]:
    """Moving average convergence/divergence: line = EMA(fast) - EMA(slow), signal = EMA of the line, histogram = rest.

    The signal starts at the line's first defined value, bar slow - 1. `seed: first` is TradingView's ta.macd;
    `seed: sma` is TA-Lib's MACD, where the fast average too is first taken at bar slow - 1, as the mean of the `fast`
    values up to it. The start is felt as in `ema`. The line is defined from index slow - 1, the others signal - 1
    later.
    """
    bar = state[0]
    state[0] += 1.0
    of_fast = nan
    if not is_sma_seeded or bar >= slow - fast:
        of_fast = ema_at(state, _FAST, x, fast, is_sma_seeded)
    line = of_fast - ema_at(state, _SLOW, x, slow, is_sma_seeded)
    of_line = nan
    if bar >= slow - 1:
        of_line = ema_at(state, _SIGNAL, line, signal, is_sma_seeded)
    return line, of_line, line - of_line


def ppo(state: State, x: float, fast: int, slow: int, signal: int, is_sma_seeded: int) -> tuple[float, float, float]:
    """Percentage price oscillator: line = 100 * (EMA(fast) - EMA(slow))/EMA(slow); signal and histogram as in `macd`.

    Published as TradingView's PPO and TA-Lib PPO with matype EMA (`seed: sma`), where each average starts by itself:
    the fast one with the mean of the first `fast` values. Unknown where the slow average is 0.
    The start is felt as in `ema`. Defined as `macd` is.
    """
    state[0] += 1.0
    of_fast = ema_at(state, _FAST, x, fast, is_sma_seeded)
    of_slow = ema_at(state, _SLOW, x, slow, is_sma_seeded)
    if state[0] < slow or of_slow == 0.0:
        return nan, nan, nan
    line = 100.0 * ((of_fast - of_slow) / of_slow)
    of_line = ema_at(state, _SIGNAL, line, signal, is_sma_seeded)
    return line, of_line, line - of_line
