"""Averages with weights that fall by a constant factor a bar: recursive, so their start is felt for ever."""

from math import nan

from ideacards.indicators.state import State

__all__ = ["EMA_SIZE", "ema", "ema_at"]

EMA_SIZE = 2  # floats of state of one `ema_at`


def ema_at(state: State, at: int, x: float, length: int, is_sma_seeded: int) -> float:
    """The exponential average whose state stands at `at`: values seen, then average (or sum, while seeding)."""
    state[at] += 1.0
    count = state[at]
    if is_sma_seeded and count <= length:
        state[at + 1] += x
        if count == length:
            state[at + 1] /= length
    elif count == 1.0:
        state[at + 1] = x
    else:
        alpha = 2.0 / (length + 1)
        state[at + 1] = alpha * x + (1.0 - alpha) * state[at + 1]
    return state[at + 1] if count >= length else nan


def ema(state: State, x: float, length: int, is_sma_seeded: int) -> float:
    """Exponential moving average: s = a*x + (1 - a)*s with a = 2/(n + 1), in that order.

    `seed: first` starts with s = x at the first bar (TradingView's published ta.ema); `seed: sma` with the mean of the
    first n values at bar n - 1 (TA-Lib EMA). The start is felt with weight (1 - a)^k after k bars: under 1e-6 after
    7(n + 1) bars, under 1e-15 after 18(n + 1). Defined from index n - 1.
    """
    return ema_at(state, 0, x, length, is_sma_seeded)
