"""Time zones by name, from the tzdata package alone: the machine's own zone files play no part.

A zone is asked once for each UTC day: zones of today change their offset at most once in 24 hours, and the change is
found by bisection. So a million minutes cost about a thousand questions.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np

from ideacards.bars import IntArray

__all__ = ["DAY_MS", "UTC_ZONE", "local_ms", "zone_names"]

UTC_ZONE = "UTC"
DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone there is, like Europe/London."""
    return tuple(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def local_ms(zone: str, times_ms: IntArray) -> IntArray:
    """Local wall-clock time, as ms since 1970-01-01T00:00 local, of rising UTC times. `zone` is one of zone_names()."""
    if zone == UTC_ZONE or not len(times_ms):
        return times_ms
    local = times_ms.copy()
    start = 0
    while start < len(times_ms):
        day = int(times_ms[start]) // DAY_MS
        stop = start + int(np.searchsorted(times_ms[start:], (day + 1) * DAY_MS))
        change_ms, before, after = _day(zone, day)
        middle = start + int(np.searchsorted(times_ms[start:stop], change_ms))
        local[start:middle] += before
        local[middle:stop] += after
        start = stop
    return local


@cache
def _zone(name: str) -> ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


@cache
def _day(zone: str, day: int) -> tuple[int, int, int]:
    """When the offset changes within a UTC day (its end, if it does not), and the offsets before and from then."""
    first, last = day * DAY_MS, (day + 1) * DAY_MS
    before, after = _offset_ms(zone, first), _offset_ms(zone, last)
    if before == after:
        return last, before, after
    while last - first > 1:
        middle = (first + last) // 2
        if _offset_ms(zone, middle) == before:
            first = middle
        else:
            last = middle
    return last, before, after


def _offset_ms(zone: str, time_ms: int) -> int:
    offset = (_EPOCH + timedelta(milliseconds=time_ms)).astimezone(_zone(zone)).utcoffset()
    assert offset is not None, "a zone of tzdata knows every time"
    return offset // _MS
