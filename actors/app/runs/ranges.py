"""`--from` and `--to`: times in UTC that select a file's bars; half-open over bar opens."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np

from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.feeds import Bars

__all__ = ["bar_range", "moment_ms"]

_HINT = "give an ISO date or time in UTC (2024-12-01, 2024-12-01T06:00), or UTC milliseconds"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_ms(text: str, option: str) -> int:
    """UTC ms of a date, a time (UTC if it names no offset) or a number; InputError naming the option."""
    if re.fullmatch(r"[0-9]{12,14}", text):
        return int(text)
    if re.fullmatch(r"[0-9]{9,}", text):
        what = "is no moment in milliseconds" if len(text) > 14 else "is no moment in milliseconds but one in seconds"
        raise InputError([Problem(option, None, None, text, what, _HINT)])
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise InputError([Problem(option, None, None, text, "is no moment", _HINT)]) from None


def bar_range(bars: Bars, from_: str | None, to: str | None) -> tuple[int, int]:
    """Indices [start, stop) of the bars that open in [from, to); InputError if there are none."""
    problems: list[Problem] = []
    moments: dict[str, int] = {}
    for option, text in (("--from", from_), ("--to", to)):
        try:
            if text is not None:
                moments[option] = moment_ms(text, option)
        except InputError as error:
            problems += [problem for problem in error.problems if isinstance(problem, Problem)]
    if problems:
        raise InputError(problems)
    first, last = int(bars.ts_open[0]), int(bars.ts_open[-1])
    begin_ms, end_ms = moments.get("--from", first), moments.get("--to", last + 1)
    start, stop = (int(np.searchsorted(bars.ts_open, moment)) for moment in (begin_ms, end_ms))
    if start < stop:
        return start, stop
    has_order = not ("--from" in moments and "--to" in moments and begin_ms >= end_ms)
    option, text = ("--from", from_) if has_order and begin_ms > last else ("--to", to)
    what = "leaves no bars" if has_order else f"is not after --from {from_}"
    hint = f"the file's bars open from {_iso(first)} to {_iso(last)}"
    raise InputError([Problem(option, None, None, str(text), what, hint)])


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")
