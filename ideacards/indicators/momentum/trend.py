"""Trend by direction: directional movement, vortex, and levels that follow the price and flip."""

from math import nan

from ideacards.indicators.arithmetic import absolute, larger, ratio, smaller
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State
from ideacards.indicators.volatility.ranges import ATR_SIZE, atr_at, true_range_of

__all__ = ["ADX_SIZE", "PSAR_SIZE", "SUPERTREND_SIZE", "adx", "psar", "supertrend", "vortex"]

ADX_SIZE = 9
SUPERTREND_SIZE = 4 + ATR_SIZE
PSAR_SIZE = 7


def adx(state: State, high: float, low: float, close: float, length: int) -> tuple[float, float, float]:
    """Average directional index with plus_di and minus_di, Wilder 1978.

    +DM is the rise of the high where it is the larger of rise and fall, -DM the fall of the low where that is the
    larger. True range and both movements are smoothed by s = s - s/n + x from the sum of the first n - 1 on; di = 100 *
    DM/TR; DX = 100 * |+di - -di|/(+di + -di); adx is the mean of the first n DX, then (s*(n - 1) + DX)/n; a bar without
    DX leaves it. Published as TA-Lib PLUS_DI, MINUS_DI and ADX. The start is felt with weight (1 - 1/n)^k, twice in a
    row. The di are defined from index n, adx from index 2n - 1.
    """
    bars, up, down = state[0], high - state[1], state[2] - low
    move = true_range_of(high, low, state[3])
    state[0] += 1.0
    state[1], state[2], state[3] = high, low, close
    if bars == 0.0:
        return nan, nan, nan
    plus = up if up > down and up > 0.0 else 0.0
    minus = down if down > up and down > 0.0 else 0.0
    fades = 1.0 if bars >= length else 0.0
    state[4] += move - fades * (state[4] / length)
    state[5] += plus - fades * (state[5] / length)
    state[6] += minus - fades * (state[6] / length)
    if bars < length:
        return nan, nan, nan
    plus_di, minus_di = 100.0 * ratio(state[5], state[4]), 100.0 * ratio(state[6], state[4])
    total, days = plus_di + minus_di, state[7]
    state[7] += 1.0
    strength = 100.0 * (absolute(plus_di - minus_di) / total) if total > 0.0 else nan
    if days < length:
        state[8] += strength if total > 0.0 else 0.0
        if days == length - 1:
            state[8] /= length
    elif total > 0.0:
        state[8] = (state[8] * (length - 1) + strength) / length
    return state[8] if days >= length - 1 else nan, plus_di, minus_di


def vortex(state: State, high: float, low: float, close: float, length: int) -> tuple[float, float]:
    """Vortex, Botes and Siepman 2010: sums of |high - low before| (plus) and |low - high before| (minus) over n bars,
    each divided by the sum of the true ranges.

    Published as TA-Lib VORTEX and TradingView's Vortex Indicator. Unknown where nothing has moved. A function of
    exactly n + 1 bars. Defined from index n.
    """
    size = ring_size(length)
    at = 3 * size
    is_first, high_before, low_before, close_before = state[at] == 0.0, state[at + 1], state[at + 2], state[at + 3]
    state[at], state[at + 1], state[at + 2], state[at + 3] = 1.0, high, low, close
    if is_first:
        return nan, nan
    rises = push(state, 0, length, absolute(high - low_before))
    falls = push(state, size, length, absolute(low - high_before))
    ranges = push(state, 2 * size, length, true_range_of(high, low, close_before))
    if rises < 0:
        return nan, nan
    plus, minus, total = 0.0, 0.0, 0.0
    for rise in state[rises : rises + length]:
        plus += rise
    for fall in state[falls : falls + length]:
        minus += fall
    for move in state[ranges : ranges + length]:
        total += move
    return ratio(plus, total), ratio(minus, total)


def supertrend(
    state: State, high: float, low: float, close: float, length: int, multiplier: float
) -> tuple[float, float]:
    """Supertrend: a stop `multiplier` ATRs from the middle of the bar, which only tightens and flips when crossed.

    `value` is the level, below the price in an uptrend; `direction` is 1 in an uptrend, -1 in a downtrend. The lower
    band rises, and falls only after a close below it; the upper band mirrors it. The first trend is down. As
    TA-Lib SUPERTREND, whose first trend is up, and TradingView ta.supertrend, whose direction has the other sign and
    whose ATR starts a bar earlier. The start is felt as in `atr`, and until the first flip. Defined from index n.
    """
    average = atr_at(state, 4, high, low, close, length)
    close_before = state[3]
    state[3] = close
    if state[4] <= length:  # bars that the average has seen
        return nan, nan
    middle = (high + low) / 2.0
    upper, lower = middle + multiplier * average, middle - multiplier * average
    direction = state[2]
    if direction == 0.0:
        state[0], state[1], state[2] = upper, lower, -1.0
        return upper, -1.0
    if upper > state[0] and close_before <= state[0]:
        upper = state[0]
    if lower < state[1] and close_before >= state[1]:
        lower = state[1]
    if direction < 0.0 and close > upper:
        direction = 1.0
    elif direction > 0.0 and close < lower:
        direction = -1.0
    state[0], state[1], state[2] = upper, lower, direction
    return lower if direction > 0.0 else upper, direction


def psar(state: State, high: float, low: float, step: float, maximum: float) -> tuple[float, float]:
    """Parabolic stop and reverse, Wilder 1978: a level that moves towards the trend's extreme ever faster, and flips.

    Each bar it goes on by a * (extreme - level); a starts at `step` and grows by it with every new extreme, up to
    `maximum`. It never lies inside the range of this bar and the one before. `direction` is 1 in an uptrend, -1 in a
    downtrend. Published as TA-Lib SAR: the first trend is down if the second bar's low fell by more than its high rose.
    The start is felt until the first flips. Defined from index 1.
    """
    bars = state[0]
    state[0] += 1.0
    high_before, low_before = state[1], state[2]
    state[1], state[2] = high, low
    if bars == 0.0:
        return nan, nan
    if bars == 1.0:
        fall, rise = low_before - low, high - high_before
        is_down = fall > 0.0 and fall > rise
        state[3] = -1.0 if is_down else 1.0
        state[4] = low if is_down else high
        state[5] = high_before if is_down else low_before
        state[6] = step
        high_before, low_before = high, low
    if state[3] > 0.0:
        value = _rising(state, high, low, high_before, low_before, step, maximum)
    else:
        value = _falling(state, high, low, high_before, low_before, step, maximum)
    return value, state[3]


def _rising(
    state: State, high: float, low: float, high_before: float, low_before: float, step: float, maximum: float
) -> float:
    level, top = state[5], larger(high, high_before)
    if low <= level:
        level = larger(state[4], top)
        state[3], state[4], state[6] = -1.0, low, step
        state[5] = larger(level + step * (low - level), top)
        return level
    if high > state[4]:
        state[4], state[6] = high, smaller(state[6] + step, maximum)
    state[5] = smaller(level + state[6] * (state[4] - level), smaller(low, low_before))
    return level


def _falling(
    state: State, high: float, low: float, high_before: float, low_before: float, step: float, maximum: float
) -> float:
    level, bottom = state[5], smaller(low, low_before)
    if high >= level:
        level = smaller(state[4], bottom)
        state[3], state[4], state[6] = 1.0, high, step
        state[5] = smaller(level + step * (high - level), bottom)
        return level
    if low < state[4]:
        state[4], state[6] = low, smaller(state[6] + step, maximum)
    state[5] = larger(level + state[6] * (state[4] - level), larger(high, high_before))
    return level
