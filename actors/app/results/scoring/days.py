"""Returns of a run by UTC day, month and year, and the Sharpe ratio of a moving window.

A close at midnight belongs to the day it ends. The return of a day or month without bars is 0.
"""

import math
from datetime import UTC, datetime

import attrs
import numpy as np
import numpy.typing as npt

__all__ = ["DAYS_A_YEAR", "DAY_MS", "WINDOW_DAYS", "Floats", "Year", "day_returns", "monthly_table", "rolling_sharpe"]

DAY_MS = 86_400_000
DAYS_A_YEAR = 365
WINDOW_DAYS = 90
Floats = npt.NDArray[np.float64]


def day_returns(ts_close: npt.NDArray[np.int64], equity: Floats, start: float) -> Floats:
    """The return of every UTC day from the first to the last; NaN after equity that is not positive."""
    days = (ts_close - 1) // DAY_MS
    last_of_day = np.flatnonzero(np.diff(days, append=days[-1] + 1))
    ends = np.repeat(equity[last_of_day], np.diff(days[last_of_day], append=days[-1] + 1))
    before = np.concatenate(([start], ends[:-1]))
    return np.asarray(np.divide(ends - before, before, out=np.full(len(ends), np.nan), where=before > 0))


def rolling_sharpe(returns: Floats, window: int = WINDOW_DAYS) -> Floats:
    """Sharpe ratio of the last `window` days, at each day; NaN with fewer days or without variation."""
    found = np.full(len(returns), np.nan)
    if len(returns) < window or window < 2:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(returns, window)
    mean, deviation = windows.mean(axis=1), windows.std(axis=1, ddof=1)
    varies = windows.max(axis=1) > windows.min(axis=1)  # the deviation of equal numbers is not always exactly 0
    np.divide(mean * math.sqrt(DAYS_A_YEAR), deviation, out=found[window - 1 :], where=varies)
    return found


@attrs.frozen
class Year:
    """Returns of the twelve months, None for months outside the run, and of the year's part inside the run."""

    year: int
    months: tuple[float | None, ...]
    total: float


def monthly_table(ts_close: npt.NDArray[np.int64], equity: Floats, start: float) -> tuple[Year, ...]:
    """Return of every UTC month: equity at its end over equity at the end of the month before, less 1."""
    moments = [datetime.fromtimestamp(int(ms) / 1000, UTC) for ms in (ts_close[0] - 1, ts_close[-1] - 1)]
    first, last = (moment.year * 12 + moment.month - 1 for moment in moments)
    ends = []
    for month in range(first, last + 1):
        following = datetime(*divmod_month(month + 1), 1, tzinfo=UTC).timestamp() * 1000
        at = int(np.searchsorted(ts_close, following, side="right")) - 1
        ends.append(float(equity[at]) if at >= 0 else start)
    before = [start, *ends[:-1]]
    years = []
    for year in range(first // 12, last // 12 + 1):
        numbers = [month - first if first <= month <= last else None for month in range(year * 12, year * 12 + 12)]
        inside = [number for number in numbers if number is not None]
        months = tuple(None if number is None else _growth(before[number], ends[number]) for number in numbers)
        total = _growth(before[inside[0]], ends[inside[-1]])
        years.append(Year(year, months, math.nan if total is None else total))
    return tuple(years)


def divmod_month(month: int) -> tuple[int, int]:
    """Year and month (1 to 12) of a month counted from year 0."""
    return month // 12, month % 12 + 1


def _growth(before: float, after: float) -> float | None:
    return after / before - 1 if before > 0 else None
