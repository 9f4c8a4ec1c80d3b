"""Times of a file, judged the same way for every kind: UTC milliseconds from 2000 to 2100, in order.

A file in another unit, or with its newest row first, is one problem, not one per line.
"""

from datetime import UTC, datetime

import numpy as np

from actors.app.files.findings import Findings
from ideacards.feeds import IntArray

__all__ = [
    "are_in_milliseconds",
    "are_in_order",
    "most_frequent",
    "ms_of_date",
    "span_text",
    "unit_hint",
    "unit_of",
    "utc_text",
]

_YEAR_2000_MS, _YEAR_2100_MS = 946_684_800_000, 4_102_444_800_000
_UNITS = {  # milliseconds in one unit, and how to convert
    "seconds": (1e3, "multiply the times by 1000"),
    "microseconds": (1e-3, "divide the times by 1000"),
    "nanoseconds": (1e-6, "divide the times by 1000000"),
}


def unit_of(time: float) -> str | None:
    """The unit in which `time` lies between 2000 and 2100, if that is not milliseconds."""
    for unit, (ms, _) in _UNITS.items():
        if _YEAR_2000_MS <= time * ms < _YEAR_2100_MS:
            return unit
    return None


def unit_hint(meaning: str, unit: str | None) -> str:
    """What `ts_ms` is (`meaning`), and how to convert times of `unit`."""
    return f"ts_ms is {meaning} in UTC milliseconds" + (f": {_UNITS[unit][1]}" if unit is not None else "")


def are_in_milliseconds(ts_ms: IntArray, line: IntArray, meaning: str, findings: Findings) -> bool:
    """Whether every time lies from 2000 to 2100. If not, one finding names the first line that does not.

    The range also bounds how far a run's virtual time can walk between two rows.
    """
    is_odd = (ts_ms < _YEAR_2000_MS) | (ts_ms >= _YEAR_2100_MS)
    if not is_odd.any():
        return True
    first = int(is_odd.argmax())
    unit = unit_of(int(ts_ms[first]))
    hint = unit_hint(meaning, unit)
    if is_odd.all() and unit is not None and unit_of(int(np.median(ts_ms))) == unit:
        findings.add(int(line[0]), None, "ts_ms", f"the times are in {unit}", hint)
        return False
    seems = "is no time from 2000 to 2100 in milliseconds" if unit is None else f"seems to be in {unit}"
    others = int(is_odd.sum()) - 1
    more = f", and {others} more {'row is' if others == 1 else 'rows are'} not in milliseconds" if others else ""
    findings.add(int(line[first]), None, "ts_ms", f"`{int(ts_ms[first])}` {seems}{more}", hint)
    return False


def are_in_order(ts_ms: IntArray, line: IntArray, row: str, findings: Findings, *, may_repeat: bool = False) -> bool:
    """Whether the times rise, or at least never fall if they `may_repeat`. A finding for each line where they do not,
    or one if the whole file runs backwards, which alone gives False.
    """
    steps = np.diff(ts_ms)
    if len(steps) and (steps < 0).any() and ((steps <= 0) if may_repeat else (steps < 0)).all():
        hint = "sort the file by ts_ms, oldest first"
        findings.add(int(line[0]), None, "ts_ms", f"the newest {row} comes first", hint)
        return False
    if not may_repeat:
        findings.add_lines(
            line[1:][steps == 0], "ts_ms", f"the same time as the {row} before", f"each {row} stands once"
        )
    findings.add_lines(line[1:][steps < 0], "ts_ms", f"earlier than the {row} before", "sort the file by ts_ms")
    return True


def most_frequent(values: IntArray) -> int:
    """The most frequent value; the smallest if several are."""
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()])


def span_text(span_ms: int) -> str:
    """A length of time as cards write it (`15m`, `4h`, `1w`), else in seconds or ms."""
    units = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))
    for unit, ms in units:
        if span_ms % ms == 0 and (unit != "w" or span_ms == ms):
            return f"{span_ms // ms}{unit}"
    return f"{span_ms} ms"


def utc_text(time_ms: int) -> str:
    """A time to the minute, like `2024-01-31 23:59`."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M}"


def ms_of_date(text: str) -> int | None:
    """An ISO date, with or without a time of day, in UTC milliseconds; None for other text. No zone means UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
