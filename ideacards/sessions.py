"""The clock of a card: parts of the local time at a bar's close, and named sessions in a time zone.

The time of a decision is the close of its bar, which is when its order acts. So a bar that closes at the session's
`from` is in it, and one that closes at its `to` is not. Daylight saving moves a session with the zone's wall clock.
"""

from enum import StrEnum

import attrs
import numpy as np

from ideacards.bars import BoolArray, FloatArray, IntArray
from ideacards.zones import DAY_MS, local_ms

__all__ = ["WEEKDAYS", "ClockPart", "Session", "clock_column", "session_column"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_THURSDAY = 3  # 1970-01-01, Monday being 0


class ClockPart(StrEnum):
    """`hour` 0-23, `minute` 0-59, `weekday` 0 (Monday) to 6, `date` as the number yyyymmdd."""

    HOUR = "hour"
    MINUTE = "minute"
    WEEKDAY = "weekday"
    DATE = "date"


@attrs.frozen
class Session:
    """From `from_minute` to before `to_minute` (minutes of the local day) on `days` (0 is Monday).

    A session whose end is not after its start runs over midnight; `days` are those on which it starts.
    """

    zone: str
    from_minute: int
    to_minute: int
    days: tuple[int, ...]


def clock_column(part: ClockPart, zone: str, closes_ms: IntArray) -> FloatArray:
    """One part of the local time at each close (rising UTC ms), as whole floats."""
    local = local_ms(zone, closes_ms)
    match part:
        case ClockPart.HOUR:
            found = local % DAY_MS // _HOUR_MS
        case ClockPart.MINUTE:
            found = local % _HOUR_MS // _MINUTE_MS
        case ClockPart.WEEKDAY:
            found = _weekday(local // DAY_MS)
        case ClockPart.DATE:
            found = _date(local // DAY_MS)
    column: FloatArray = found.astype(np.float64)
    return column


def session_column(session: Session, closes_ms: IntArray) -> BoolArray:
    """Whether each close (rising UTC ms) lies in the session."""
    local = local_ms(session.zone, closes_ms)
    of_day, weekday = local % DAY_MS, _weekday(local // DAY_MS)
    from_ms, to_ms = session.from_minute * _MINUTE_MS, session.to_minute * _MINUTE_MS
    starts = np.zeros(7, dtype=bool)
    starts[list(session.days)] = True
    if from_ms < to_ms:
        return starts[weekday] & (of_day >= from_ms) & (of_day < to_ms)
    return (starts[weekday] & (of_day >= from_ms)) | (starts[weekday - 1] & (of_day < to_ms))


def _weekday(days: IntArray) -> IntArray:
    weekday: IntArray = (days + _THURSDAY) % 7
    return weekday


def _date(days: IntArray) -> IntArray:
    """yyyymmdd of days since 1970-01-01."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month_count = months.astype(np.int64)
    day_of_month = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    found: IntArray = (1970 + month_count // 12) * 10_000 + (month_count % 12 + 1) * 100 + day_of_month
    return found
