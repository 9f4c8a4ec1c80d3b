"""Lines through a window, and how two series or one series' own values lie around them."""

from math import nan, sqrt

from ideacards.indicators.arithmetic import ratio
from ideacards.indicators.averages.windowed import mean_of
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["correlation", "linreg", "skew"]


def linreg(state: State, x: float, length: int) -> tuple[float, float, float]:
    """Least-squares line through the last n values: `value` at the newest bar, `slope` a bar, and `r2`.

    r2 is the part of the variance that the line explains, 0 to 1; unknown where nothing has moved. Published as TA-Lib
    LINEARREG and LINEARREG_SLOPE and TradingView ta.linreg. Sums are of distances from the means. A function of
    exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan, nan, nan
    middle, mean = (length - 1) / 2.0, mean_of(state, oldest, length)
    both, times, values = 0.0, 0.0, 0.0
    for k, x in enumerate(state[oldest : oldest + length]):
        time, value = k - middle, x - mean
        both += time * value
        times += time * time
        values += value * value
    slope = both / times
    return mean + slope * middle, slope, ratio(both * both, times * values)


def correlation(state: State, x: float, y: float, length: int) -> float:
    """Pearson's correlation of `of` and `with` over the last n bars, -1 to 1.

    Published as TA-Lib CORREL (0 where one of them has not moved; here unknown) and TradingView ta.correlation. A
    function of exactly its window. Defined from index n - 1.
    """
    at = ring_size(length)
    of_x, of_y = push(state, 0, length, x), push(state, at, length, y)
    if of_x < 0:
        return nan
    mean_x, mean_y = mean_of(state, of_x, length), mean_of(state, of_y, length)
    both, squares_x, squares_y = 0.0, 0.0, 0.0
    for k in range(length):
        from_x, from_y = state[of_x + k] - mean_x, state[of_y + k] - mean_y
        both += from_x * from_y
        squares_x += from_x * from_x
        squares_y += from_y * from_y
    return ratio(both, sqrt(squares_x) * sqrt(squares_y))


def skew(state: State, x: float, length: int) -> float:
    """Skewness of the last n values: third central moment / population deviation cubed; above 0 with a long upper tail.

    The textbook's population skewness, without the correction for small samples that pandas applies; TA-Lib has none.
    Unknown where nothing has moved. A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan
    mean = mean_of(state, oldest, length)
    squares, cubes = 0.0, 0.0
    for value in state[oldest : oldest + length]:
        distance = value - mean
        squares += distance * distance
        cubes += distance * distance * distance
    variance = squares / length
    return ratio(cubes / length, variance * sqrt(variance))
