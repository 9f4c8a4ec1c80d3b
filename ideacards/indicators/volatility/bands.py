"""How far a series scatters around its mean, and bands as wide as that."""

from math import nan, sqrt

from ideacards.indicators.arithmetic import absolute, ln, ratio
from ideacards.indicators.averages.windowed import mean_of
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["bbands", "deviation_of", "historical_volatility", "scatter_of", "stdev", "zscore"]


def deviation_of(state: State, oldest: int, length: int, mean: float) -> float:
    """Population standard deviation (divisor n) of a window around its mean."""
    squares = 0.0
    for value in state[oldest : oldest + length]:
        squares += (value - mean) * (value - mean)
    return sqrt(squares / length)


def scatter_of(state: State, oldest: int, length: int) -> tuple[float, float]:
    """The mean of a window, and the mean absolute distance from it."""
    mean = mean_of(state, oldest, length)
    total = 0.0
    for value in state[oldest : oldest + length]:
        total += absolute(value - mean)
    return mean, total / length


def bbands(state: State, x: float, length: int, multiplier: float) -> tuple[float, float, float, float, float]:
    """Bollinger bands: the n-bar mean, and `multiplier` population standard deviations above and below it.

    `width` is 100 * (upper - lower)/middle, `percent_b` is (x - lower)/(upper - lower), unknown where the divisor is 0.
    Published as TA-Lib BBANDS (MA type SMA) and TradingView ta.bb. TA-Lib takes the variance as mean of squares minus
    square of mean, which cancels; here it is the mean of the squared distances from the window's mean. A function of
    exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan, nan, nan, nan, nan
    mean = mean_of(state, oldest, length)
    width = multiplier * deviation_of(state, oldest, length, mean)
    upper, lower = mean + width, mean - width
    return upper, mean, lower, 100.0 * ratio(upper - lower, mean), ratio(x - lower, upper - lower)


def stdev(state: State, x: float, length: int) -> float:
    """Population standard deviation (divisor n) of the last n values.

    Published as TA-Lib STDDEV and TradingView ta.stdev; TA-Lib's variance cancels, see `bbands`. A function of exactly
    its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return deviation_of(state, oldest, length, mean_of(state, oldest, length)) if oldest >= 0 else nan


def zscore(state: State, x: float, length: int) -> float:
    """How many population standard deviations x lies above the mean of the last n values.

    The textbook's standard score; TA-Lib has none. Unknown where nothing has moved in the window. A function of exactly
    its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan
    mean = mean_of(state, oldest, length)
    return ratio(x - mean, deviation_of(state, oldest, length, mean))


def historical_volatility(state: State, x: float, length: int, per_year: int) -> float:
    """Annualised volatility in percent: 100 * population deviation of the last n ln(x / x before) * sqrt(per_year).

    `per_year` is the number of bars of this timeframe in a year: 365 for days, 525600 for minutes. Published as
    TradingView's Historical Volatility; TA-Lib has none. A bar after or with a price of 0 or less is passed over. A
    function of exactly n + 1 bars. Defined from index n.
    """
    at = ring_size(length)
    previous = state[at]
    state[at] = x
    if previous <= 0.0 or x <= 0.0:
        return nan
    oldest = push(state, 0, length, ln(x / previous))
    if oldest < 0:
        return nan
    return 100.0 * (deviation_of(state, oldest, length, mean_of(state, oldest, length)) * sqrt(per_year))
