"""`--from` and `--to`: moments in UTC that cut a file's bars; half-open over bar opens."""

from datetime import UTC, datetime, timedelta

import numpy as np

from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.feeds import Bars

__all__ = ["bar_range", "moment_ms"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HINT = "an ISO date or time in UTC (2024-12-01, 2024-12-01T06:00), or UTC milliseconds"


def moment_ms(text: str, option: str) -> int:
    """UTC ms of a date, a time or a number; InputError naming the option."""
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError([Problem(option, None, None, text, "is no moment", _HINT)]) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def bar_range(bars: Bars, from_: str | None, to: str | None) -> tuple[int, int]:
    """Indices [start, stop) of the bars that open in [from, to); InputError if there are none."""
    first, last = int(bars.ts_open[0]), int(bars.ts_open[-1])
    begin_ms = first if from_ is None else moment_ms(from_, "--from")
    end_ms = last + 1 if to is None else moment_ms(to, "--to")
    start = int(np.searchsorted(bars.ts_open, begin_ms))
    stop = int(np.searchsorted(bars.ts_open, end_ms))
    if start >= stop:
        option, text = ("--to", to) if from_ is None or begin_ms <= last else ("--from", from_)
        hint = f"the file's bars open from {_iso(first)} to {_iso(last)}"
        raise InputError([Problem(option, None, None, str(text), "leaves no bars", hint)])
    return start, stop


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")
