"""Averages with weights that fall by a constant factor a bar: recursive, so their start is felt for ever."""

from math import nan

from ideacards.indicators.state import State

__all__ = ["EMA_SIZE", "dema", "ema", "ema_at", "rma", "rma_at", "tema"]

EMA_SIZE = 2  # floats of state of one `ema_at` or `rma_at`


def _smoothed_at(state: State, at: int, x: float, length: int, is_sma_seeded: int, is_wilder: int) -> float:
    """The average whose state stands at `at`: values seen, then average (or sum, while seeding)."""
    state[at] += 1.0
    count = state[at]
    if is_sma_seeded and count <= length:
        state[at + 1] += x
        if count == length:
            state[at + 1] /= length
    elif count == 1.0:
        state[at + 1] = x
    elif is_wilder:
        state[at + 1] = (state[at + 1] * (length - 1) + x) / length
    else:
        alpha = 2.0 / (length + 1)
        state[at + 1] = alpha * x + (1.0 - alpha) * state[at + 1]
    return state[at + 1] if count >= length else nan


def ema_at(state: State, at: int, x: float, length: int, is_sma_seeded: int) -> float:
    """The exponential average whose state stands at `at`."""
    return _smoothed_at(state, at, x, length, is_sma_seeded, 0)


def rma_at(state: State, at: int, x: float, length: int, is_sma_seeded: int) -> float:
    """Wilder's average whose state stands at `at`."""
    return _smoothed_at(state, at, x, length, is_sma_seeded, 1)


def ema(state: State, x: float, length: int, is_sma_seeded: int) -> float:
    """Exponential moving average: s = a*x + (1 - a)*s with a = 2/(n + 1), in that order.

    `seed: first` starts with s = x at the first bar (TradingView's published ta.ema); `seed: sma` with the mean of the
    first n values at bar n - 1 (TA-Lib EMA). The start is felt with weight (1 - a)^k after k bars: under 1e-6 after
    7(n + 1) bars, under 1e-15 after 18(n + 1). Defined from index n - 1.
    """
    return ema_at(state, 0, x, length, is_sma_seeded)


def rma(state: State, x: float, length: int, is_sma_seeded: int) -> float:
    """Wilder's moving average: s = (s*(n - 1) + x)/n.

    Published as TA-Lib RMA and TradingView ta.rma, which start with the mean of the first n values at bar n - 1 (`seed:
    sma`, the default here); `seed: first` starts with the first value. The start is felt with weight (1 - 1/n)^k after
    k bars: under 1e-6 after 14n bars, under 1e-15 after 35n. Defined from index n - 1.
    """
    return rma_at(state, 0, x, length, is_sma_seeded)


def dema(state: State, x: float, length: int, is_sma_seeded: int) -> float:
    """Double exponential moving average: 2*e1 - e2, e1 the EMA of the source and e2 that of e1.

    e2 starts at e1's first defined value. Published as TA-Lib DEMA (`seed: sma`). The start is felt about as long as
    that of two averages in a row. Defined from index 2(n - 1).
    """
    once = ema_at(state, 0, x, length, is_sma_seeded)
    if state[0] < length:
        return nan
    return 2.0 * once - ema_at(state, EMA_SIZE, once, length, is_sma_seeded)


def tema(state: State, x: float, length: int, is_sma_seeded: int) -> float:
    """Triple exponential moving average: 3*e1 - 3*e2 + e3, each the EMA of the one before.

    Each starts at the first defined value of the one before. Published as TA-Lib TEMA (`seed: sma`). The start is felt
    about as long as that of three averages in a row. Defined from index 3(n - 1).
    """
    once = ema_at(state, 0, x, length, is_sma_seeded)
    if state[0] < length:
        return nan
    twice = ema_at(state, EMA_SIZE, once, length, is_sma_seeded)
    if state[EMA_SIZE] < length:
        return nan
    thrice = ema_at(state, 2 * EMA_SIZE, twice, length, is_sma_seeded)
    return 3.0 * once - 3.0 * twice + thrice
