"""The trading status of an instrument from a file: CSV with `ts_ms` (UTC ms, rising) and `status` from then on."""

import csv
from pathlib import Path

from actors.model.errors import InputError
from actors.simulator.venue.schedule import Schedule, TradingStatus
from ideacards.errors import Problem, nearest

__all__ = ["read_status"]


def read_status(path: Path) -> Schedule:
    """The file's schedule; InputError naming each line that is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError([Problem(str(path), None, None, "", f"cannot be read: {error}")]) from error
    if "ts_ms" not in header or "status" not in header:
        what = f"the first line is `{','.join(header)[:60]}`"
        raise InputError([Problem(str(path), 1, None, "", what, "expected ts_ms and status")])
    at, status_at = header.index("ts_ms"), header.index("status")
    times: list[int] = []
    statuses: list[TradingStatus] = []
    problems: list[Problem] = []
    names = [status.value for status in TradingStatus]
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        time_text, name = (row[place].strip() if place < len(row) else "" for place in (at, status_at))
        if not time_text.isdecimal() or (times and int(time_text) <= times[-1]):
            problems.append(Problem(str(path), line, None, "", f"`{time_text}` is no time in ms after the line before"))
        elif name not in names:
            problems.append(Problem(str(path), line, None, "", f"`{name}` is no status", nearest(name, names)))
        else:
            times.append(int(time_text))
            statuses.append(TradingStatus(name))
    if not times and not problems:
        problems.append(Problem(str(path), None, None, "", "there is a header but no status"))
    if problems:
        raise InputError(problems[:20])
    return Schedule(tuple(times), tuple(statuses))
