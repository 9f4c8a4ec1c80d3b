"""Changes over a number of bars, and the balance of rises and falls."""

from math import nan

from ideacards.indicators.arithmetic import absolute, ratio
from ideacards.indicators.averages.exponential import EMA_SIZE, ema_at
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State
from ideacards.indicators.statistics.extremes import age_of_highest, age_of_lowest
from ideacards.indicators.volatility.bands import scatter_of

__all__ = ["TSI_SIZE", "aroon", "cci", "cmo", "mfi", "mom", "roc", "tsi"]

TSI_SIZE = 2 + 5 * EMA_SIZE
_LEAST = 1e-12


def mom(state: State, x: float, length: int) -> float:
    """Momentum: x - x n bars ago. Published as TA-Lib MOM. A function of exactly n + 1 bars. Defined from index n."""
    oldest = push(state, 0, length + 1, x)
    return x - state[oldest] if oldest >= 0 else nan


def roc(state: State, x: float, length: int) -> float:
    """Rate of change: 100 * (x / x n bars ago - 1).

    Published as TA-Lib ROC and TradingView ta.roc. Unknown where the older value is 0 (TA-Lib says 0). A function of
    exactly n + 1 bars. Defined from index n.
    """
    oldest = push(state, 0, length + 1, x)
    return 100.0 * (ratio(x, state[oldest]) - 1.0) if oldest >= 0 else nan


def tsi(state: State, x: float, long: int, short: int, signal: int, is_sma_seeded: int) -> tuple[float, float]:
    """True strength index, Blau 1991: 100 * EMA(EMA(change, long), short) / EMA(EMA(|change|, long), short).

    `line` is that, `signal` its EMA. Each average starts at the first defined value of what it averages. Published as
    TA-Lib TSI (`seed: sma`) and TradingView ta.tsi (which gives line / 100). Unknown where nothing has moved. The start
    is felt as in `ema` of length `long`, and then of `short`. The line is defined from index long + short - 1, the
    signal signal - 1 later.
    """
    change = x - state[1]
    is_first = state[0] == 0.0
    state[0], state[1] = 1.0, x
    if is_first:
        return nan, nan
    once = ema_at(state, 2, change, long, is_sma_seeded)
    of_size = ema_at(state, 4, absolute(change), long, is_sma_seeded)
    if state[2] < long:
        return nan, nan
    twice = ema_at(state, 6, once, short, is_sma_seeded)
    twice_size = ema_at(state, 8, of_size, short, is_sma_seeded)
    if state[6] < short or twice_size == 0.0:
        return nan, nan
    line = 100.0 * (twice / twice_size)
    return line, ema_at(state, 10, line, signal, is_sma_seeded)


def cci(state: State, high: float, low: float, close: float, length: int) -> float:
    """Commodity channel index, Lambert 1980: (p - mean of p) / (0.015 * mean absolute distance from that mean).

    p is (high + low + close)/3. Published as TA-Lib CCI and TradingView ta.cci of hlc3. Unknown where p has not moved
    in the window (TA-Lib says 0). A function of exactly its window. Defined from index n - 1.
    """
    typical = (high + low + close) / 3.0
    oldest = push(state, 0, length, typical)
    if oldest < 0:
        return nan
    mean, scatter = scatter_of(state, oldest, length)
    return ratio(typical - mean, 0.015 * scatter)


def cmo(state: State, x: float, length: int) -> float:
    """Chande momentum oscillator: 100 * (gains - losses) / (gains + losses), summed over the last n changes.

    Published as TA-Lib CMOU and TradingView ta.cmo; TA-Lib CMO smooths as RSI does. Unknown where nothing has moved. A
    function of exactly n + 1 bars. Defined from index n.
    """
    oldest = push(state, 0, length + 1, x)
    if oldest < 0:
        return nan
    gains, losses = 0.0, 0.0
    before = state[oldest]
    for value in state[oldest + 1 : oldest + length + 1]:
        change, before = value - before, value
        if change > 0.0:
            gains += change
        else:
            losses -= change
    return 100.0 * ratio(gains - losses, gains + losses)


def mfi(state: State, high: float, low: float, close: float, volume: float, length: int, flat: float) -> float:
    """Money flow index: 100 * p / (p + m) of the money that flowed in rising (p) and in falling (m) bars.

    A bar's money is its typical price (high + low + close)/3 times its volume; it rises or falls with the typical
    price, of which a relative change under 1e-12 is rounding and counts as none. Published as
    TA-Lib MFI (0 for sums under 1) and TradingView ta.mfi of hlc3. Without any flow unknown, or what `flat` says. A
    function of exactly n + 1 bars. Defined from index n.
    """
    typical = (high + low + close) / 3.0
    at = ring_size(length)
    previous, is_first = state[2 * at], state[2 * at + 1] == 0.0
    state[2 * at], state[2 * at + 1] = typical, 1.0
    if is_first:
        return nan
    money, change, least = typical * volume, typical - previous, _LEAST * absolute(typical)
    rising = push(state, 0, length, money if change > least else 0.0)
    falling = push(state, at, length, money if change < -least else 0.0)
    if rising < 0:
        return nan
    plus, minus = 0.0, 0.0
    for rise in state[rising : rising + length]:
        plus += rise
    for fall in state[falling : falling + length]:
        minus += fall
    if plus + minus > 0.0:
        return 100.0 * (plus / (plus + minus))
    return flat if flat >= 0.0 else nan


def aroon(state: State, high: float, low: float, length: int) -> tuple[float, float, float]:
    """Aroon, Chande 1995: 100 * (n - bars since the highest high of the last n + 1 bars)/n; down: of the lowest low.

    Of equal highs the latest counts. Published as TA-Lib AROON and AROONOSC (up - down) and TradingView's Aroon. A
    function of exactly n + 1 bars. Defined from index n.
    """
    of_high = push(state, 0, length + 1, high)
    of_low = push(state, ring_size(length + 1), length + 1, low)
    if of_high < 0:
        return nan, nan, nan
    up = 100.0 * (length - age_of_highest(state, of_high, length + 1)) / length
    down = 100.0 * (length - age_of_lowest(state, of_low, length + 1)) / length
    return up, down, up - down
