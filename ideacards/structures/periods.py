"""Ranges of stretches of the clock: the day and week before, and a session of the day. Times are UTC."""

from math import nan

from ideacards.indicators.arithmetic import larger, smaller
from ideacards.indicators.state import State

__all__ = ["PERIOD_SIZE", "SESSION_SIZE", "previous_day", "previous_week", "session_range"]

_MINUTE_MS = 60_000
_DAY_MS = 86_400_000
_MONDAY_MS = 4 * _DAY_MS  # 1970-01-05
_BARS, _KNOWN_AT, _KNOWN_TIME, _HIGH, _LOW, _CLOSE = range(6)
_BEGIN, _IS_WHOLE, _NOW_HIGH, _NOW_LOW, _NOW_CLOSE = range(6, 11)
PERIOD_SIZE = 11
_IS_OPEN = 10  # of a session, which has no close
SESSION_SIZE = 11


def _previous(
    state: State, high: float, low: float, close: float, ts_open: float, ts_close: float, length_ms: int, origin_ms: int
) -> tuple[float, float, float, float, float]:
    """The stretch of `length_ms` before the one in which this bar opens; stretches are counted from `origin_ms`."""
    state[_BARS] += 1.0
    bar = state[_BARS]
    begin = ts_open - (int(ts_open) - origin_ms) % length_ms
    if bar > 1.0 and begin == state[_BEGIN]:
        state[_NOW_HIGH] = larger(state[_NOW_HIGH], high)
        state[_NOW_LOW] = smaller(state[_NOW_LOW], low)
    else:
        if state[_IS_WHOLE] > 0.0:
            state[_HIGH], state[_LOW], state[_CLOSE] = state[_NOW_HIGH], state[_NOW_LOW], state[_NOW_CLOSE]
            state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close
        state[_BEGIN] = begin
        state[_IS_WHOLE] = 1.0 if bar > 1.0 or begin == ts_open else 0.0
        state[_NOW_HIGH], state[_NOW_LOW] = high, low
    state[_NOW_CLOSE] = close
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan
    return state[_HIGH], state[_LOW], state[_CLOSE], bar - state[_KNOWN_AT], state[_KNOWN_TIME]


def previous_day(
    state: State, high: float, low: float, close: float, ts_open: float, ts_close: float
) -> tuple[float, float, float, float, float]:
    """High, low and close of the UTC day before the one in which the bar opens; of the last day that had bars.

    Known from the first bar of a day on, where the age is 0. The first day counts if its first bar opens at midnight;
    else it is not whole, and unknown. As TradingView's previous day high and low; TA-Lib has none. It depends on all
    bars of two days. Defined from index 1 at the earliest, from the end of the first whole day on.
    """
    return _previous(state, high, low, close, ts_open, ts_close, _DAY_MS, 0)


def previous_week(
    state: State, high: float, low: float, close: float, ts_open: float, ts_close: float
) -> tuple[float, float, float, float, float]:
    """High, low and close of the week before, Monday to Sunday in UTC; as `previous_day` otherwise.

    Known from the first bar of a week on. The first week counts if its first bar opens on Monday at midnight. As
    TradingView's previous week high and low; TA-Lib has none. It depends on all bars of two weeks. Defined from index 1
    at the earliest, from the end of the first whole week on.
    """
    return _previous(state, high, low, close, ts_open, ts_close, 7 * _DAY_MS, _MONDAY_MS)


def _end_session(state: State, bar: float, ts_close: float) -> None:
    """The session under way is over: its range becomes known, unless its start was missed."""
    state[_IS_OPEN] = 0.0
    if state[_IS_WHOLE] > 0.0:
        state[_HIGH], state[_LOW] = state[_NOW_HIGH], state[_NOW_LOW]
        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close


def session_range(
    state: State, high: float, low: float, ts_open: float, ts_close: float, start: int, end: int
) -> tuple[float, float, float, float, float, float, float]:
    """High and low of the last complete session, from minute `start` to before minute `end` of the UTC day.

    The bars that open in it count; `end` before `start` means over midnight. `is_open` is 1 after a bar of a session
    under way, whose range so far is `running_high` and `running_low` (unknown outside a session). The session is
    complete at the bar that closes at its end or later; if that one is missing, at the next bar. The age is 0 there.
    The first session counts if the first bar opens no later than it. As TradingView's session high and low; TA-Lib has
    none. It depends on all bars of the last session. All but `is_open` are defined from index 0 at the earliest, from
    the end (running: the start) of the first whole session on; `is_open` from index 0.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    length = (end - start) * _MINUTE_MS if end > start else (end - start) * _MINUTE_MS + _DAY_MS
    since = (int(ts_open) - start * _MINUTE_MS) % _DAY_MS
    is_in, begin = since < length, ts_open - since
    if state[_IS_OPEN] > 0.0 and not (is_in and begin == state[_BEGIN]):
        _end_session(state, bar, ts_close)
    if is_in and state[_IS_OPEN] > 0.0:
        state[_NOW_HIGH], state[_NOW_LOW] = larger(state[_NOW_HIGH], high), smaller(state[_NOW_LOW], low)
    elif is_in:
        state[_IS_OPEN], state[_BEGIN] = 1.0, begin
        state[_IS_WHOLE] = 1.0 if bar > 1.0 or since == 0 else 0.0
        state[_NOW_HIGH], state[_NOW_LOW] = high, low
    if is_in and ts_close >= begin + length:
        _end_session(state, bar, ts_close)
    running_high, running_low = nan, nan
    if state[_IS_OPEN] > 0.0 and state[_IS_WHOLE] > 0.0:
        running_high, running_low = state[_NOW_HIGH], state[_NOW_LOW]
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, running_high, running_low, state[_IS_OPEN], nan, nan
    age, time = bar - state[_KNOWN_AT], state[_KNOWN_TIME]
    return state[_HIGH], state[_LOW], running_high, running_low, state[_IS_OPEN], age, time
