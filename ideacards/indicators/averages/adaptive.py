"""Averages that adapt their speed to the series, or begin anew at a given time."""

from math import nan

from ideacards.indicators.arithmetic import absolute
from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["ANCHORS", "VWAP_SIZE", "anchored_vwap", "kama", "vwap"]

ANCHORS = ("hour", "day", "week", "month")
VWAP_SIZE = 4
_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000


def kama(state: State, x: float, length: int, fast: int, slow: int) -> float:
    """Kaufman's adaptive moving average: s = s + c*(x - s), c the square of e*(2/(fast+1) - 2/(slow+1)) + 2/(slow+1).

    e, the efficiency, is |x - x n bars ago| / sum of the n absolute changes; 1 where nothing moved. Published as
    TA-Lib KAMA (fast 2, slow 30): it starts with the value at bar n - 1. The start is felt with a weight that falls by
    1 - c a bar, at the slowest by 1 - (2/(slow + 1))^2. Defined from index n.
    """
    oldest = push(state, 0, length + 1, x)
    average = ring_size(length + 1)
    if oldest < 0:
        state[average] = x
        return nan
    moved = absolute(x - state[oldest])
    path = 0.0
    before = state[oldest]
    for value in state[oldest + 1 : oldest + length + 1]:
        path += absolute(value - before)
        before = value
    efficiency = moved / path if path > moved else 1.0
    slowest = 2.0 / (slow + 1)
    speed = efficiency * (2.0 / (fast + 1) - slowest) + slowest
    state[average] += speed * speed * (x - state[average])
    return state[average]


def vwap(state: State, x: float, volume: float, ts_open: float, anchor: int) -> float:
    """Volume-weighted average price since the hour, day, week (Monday) or month, all UTC, in which the bar opens.

    `of` is hlc3 unless the card says otherwise. As TradingView ta.vwap with that anchor; TA-Lib has none. It begins
    anew at each anchor, so its start is felt until the next one. Unknown while there is no volume. Defined from index
    0.
    """
    period = _period_of(int(ts_open), anchor)
    if state[3] == 0.0 or period != state[2]:
        state[0], state[1], state[2], state[3] = 0.0, 0.0, float(period), 1.0
    state[0] += x * volume
    state[1] += volume
    return state[0] / state[1] if state[1] > 0.0 else nan


def anchored_vwap(state: State, x: float, volume: float, ts_open: float, since: int) -> float:
    """Volume-weighted average price of all bars that open at or after `since` (UTC ms).

    `of` is hlc3 unless the card says otherwise. TradingView has it as a drawing; TA-Lib VWAP is that of all bars. It
    depends on every bar since its anchor. Unknown before the anchor and while there is no volume. Defined from index 0
    where the anchor is not later than the first bar.
    """
    if ts_open < since:
        return nan
    state[0] += x * volume
    state[1] += volume
    return state[0] / state[1] if state[1] > 0.0 else nan


def _period_of(ts_open: int, anchor: int) -> int:
    """The number of the hour, day, week or month."""
    if anchor == 0:
        return ts_open // _HOUR_MS
    day = ts_open // _DAY_MS
    if anchor == 1:
        return day
    return (day + 3) // 7 if anchor == 2 else _month_of(day)


def _month_of(day: int) -> int:
    """Number of the month of the Gregorian calendar in which a day since 1970-01-01 lies."""
    shifted = day + 719_468  # since 0000-03-01; years begin in March, so that the leap day is the last
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    return (era * 400 + year) * 12 + (5 * day_of_year + 2) // 153
