"""The range of a bar, the gap before it included, its averages, and the channels as wide as they are."""

from math import nan

from ideacards.indicators.arithmetic import ratio
from ideacards.indicators.averages.exponential import EMA_SIZE, ema_at
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State
from ideacards.indicators.statistics.extremes import highest_of, lowest_of

__all__ = [
    "ATR_SIZE",
    "KELTNER_SIZE",
    "atr",
    "atr_at",
    "chandelier",
    "donchian",
    "keltner",
    "natr",
    "true_range",
    "true_range_of",
]

ATR_SIZE = 3
KELTNER_SIZE = ATR_SIZE + EMA_SIZE
_COUNT, _PREVIOUS, _RANGE = 0, 1, 2


def true_range_of(high: float, low: float, previous: float) -> float:
    """The distance between high and low, the close before taken in."""
    true_high = high if high > previous else previous
    true_low = low if low < previous else previous
    return true_high - true_low


def atr_at(state: State, at: int, high: float, low: float, close: float, length: int) -> float:
    """The average whose state stands at `at`: bars seen, the last close, true range (its sum, then its average)."""
    ranges = state[at + _COUNT]
    previous = state[at + _PREVIOUS]
    state[at + _COUNT] += 1.0
    state[at + _PREVIOUS] = close
    if ranges == 0.0:
        return nan
    true_range = true_range_of(high, low, previous)
    if ranges > length:
        state[at + _RANGE] = (state[at + _RANGE] * (length - 1) + true_range) / length
    else:
        state[at + _RANGE] += true_range
        if ranges == length:
            state[at + _RANGE] /= length
    return state[at + _RANGE] if ranges >= length else nan


def atr(state: State, high: float, low: float, close: float, length: int) -> float:
    """Average true range, Wilder 1978: the smoothed distance between true high and true low.

    True high and low take the previous close in, so the first bar has none. Published as TA-Lib ATR: the mean of the
    true ranges 1..n at bar n, then s = (s*(n - 1) + x)/n (TradingView counts the first bar's high - low too, one bar
    earlier). The start is felt with weight (1 - 1/n)^k after k bars: under 1e-6 after 14n bars, under 1e-15 after 35n.
    Defined from index n.
    """
    return atr_at(state, 0, high, low, close, length)


def natr(state: State, high: float, low: float, close: float, length: int) -> float:
    """Normalised average true range: 100 * ATR / close.

    Published as TA-Lib NATR. Unknown where the close is 0. Start and first index as in `atr`.
    """
    return 100.0 * ratio(atr_at(state, 0, high, low, close, length), close)


def true_range(state: State, high: float, low: float, close: float) -> float:
    """True range, Wilder 1978: high - low, the close before taken in.

    Published as TA-Lib TRANGE. A function of exactly two bars. Defined from index 1.
    """
    is_first, previous = state[0] == 0.0, state[1]
    state[0], state[1] = 1.0, close
    return nan if is_first else true_range_of(high, low, previous)


def keltner(
    state: State,
    x: float,
    high: float,
    low: float,
    close: float,
    length: int,
    multiplier: float,
    atr_length: int,
    is_sma_seeded: int,
) -> tuple[float, float, float]:
    """Keltner channel: the EMA of n, and `multiplier` ATRs above and below it.

    As TradingView's Keltner Channels (EMA 20, ATR 10, whose ATR starts a bar earlier) and, with `of: hlc3` and
    `seed: sma`, TA-Lib KC (whose ATR starts otherwise). The start is
    felt as in `ema` and `atr`. The middle is defined from index n - 1, the others from there or index `atr_length`,
    whichever is later.
    """
    middle = ema_at(state, ATR_SIZE, x, length, is_sma_seeded)
    width = multiplier * atr_at(state, 0, high, low, close, atr_length)
    return middle + width, middle, middle - width


def donchian(state: State, high: float, low: float, length: int) -> tuple[float, float, float]:
    """Donchian channel: highest high and lowest low of the last n bars, this one included, and their middle.

    Published as TA-Lib DONCHIAN and TradingView's Donchian Channels. To trade a break of the channel, compare
    with the value one bar back, `dc.upper[1]`. A function of exactly its window. Defined from index n - 1.
    """
    of_high = push(state, 0, length, high)
    of_low = push(state, ring_size(length), length, low)
    if of_high < 0:
        return nan, nan, nan
    upper, lower = highest_of(state, of_high, length), lowest_of(state, of_low, length)
    return upper, (upper + lower) / 2.0, lower


def chandelier(
    state: State, high: float, low: float, close: float, length: int, multiplier: float
) -> tuple[float, float]:
    """Chandelier exit, Le Beau: `long` is the highest high of n minus `multiplier` ATRs, `short` the lowest low plus.

    As TradingView's Chandelier Exit before it ratchets; TA-Lib has none. The start is felt as in `atr`. Defined from
    index n.
    """
    size = ring_size(length)
    of_high, of_low = push(state, 0, length, high), push(state, size, length, low)
    width = multiplier * atr_at(state, 2 * size, high, low, close, length)
    if of_high < 0:
        return nan, nan
    return highest_of(state, of_high, length) - width, lowest_of(state, of_low, length) + width
