"""Latencies as a profile or a flag writes them: `20` (ms), `uniform:10:30`, `lognormal:20:200`, `table:FILE`."""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

import attrs

from actors.app.settings import LatencySettings
from actors.model.errors import InputError
from actors.model.fixed import plain_text
from actors.simulator.latency import Constant, Latency, LogNormal, Table, Uniform
from ideacards.errors import Problem

__all__ = ["Latencies", "latencies_of"]

_NS_PER_MS = 1_000_000
_MOST_NS = 120_000 * _NS_PER_MS  # as of a latency that is written as a number
_HEADER = ["ts_ms", "latency_ms"]


@attrs.frozen
class Latencies:
    """Of closed bars, of requests, of answers and reports."""

    feed: Latency
    entry: Latency
    response: Latency

    @property
    def round_trip_ns(self) -> int:
        """How much longer than at no latency an answer may take: whoever asks the exchange waits so much longer."""
        return self.entry.worst_ns + self.response.worst_ns


def latencies_of(settings: LatencySettings) -> Latencies:
    """What the texts say; InputError for a wrong order of numbers or a table that cannot be read."""
    return Latencies(*(_latency(name, getattr(settings, name)) for name in ("feed", "entry", "response")))


def _latency(name: str, text: str) -> Latency:
    kind, _, rest = text.partition(":")
    if kind == "table":
        return _table(Path(rest))
    if not rest:
        return Constant(_ns(text))
    first, second = (_ns(part) for part in rest.split(":"))
    if first > second or (kind == "lognormal" and first == 0):
        what = "the first number is above the second" if first > second else "a median of 0 has no distribution"
        raise InputError([Problem(f"latency.{name}", None, None, text, what)])
    return Uniform(first, second) if kind == "uniform" else LogNormal(first, second)


def _ns(text: str) -> int:
    return int(Decimal(text) * _NS_PER_MS)


def _table(file: Path) -> Table:
    """Rows of `ts_ms,latency_ms`, the times rising."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            header, *rows = [row for row in csv.reader(stream) if row] or [[]]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(str(file), None, None, "", f"cannot be read: {error}")]) from error
    if header != _HEADER or not rows:
        hint = f"expected the header {','.join(_HEADER)} and at least one row"
        raise InputError([Problem(str(file), 1, None, "", f"the first line is `{','.join(header)}`", hint)])
    times: list[int] = []
    delays: list[int] = []
    for number, row in enumerate(rows, start=2):
        try:
            ts_ms, latency_ms = (Decimal(cell) for cell in row)
            times.append(int(ts_ms * _NS_PER_MS))
            delays.append(int(latency_ms * _NS_PER_MS))
        except (ValueError, InvalidOperation) as error:
            raise InputError([Problem(str(file), number, None, "", f"`{','.join(row)}` are no two numbers")]) from error
        if delays[-1] >= _MOST_NS:
            what = f"a latency of {plain_text(latency_ms)} ms; under {_MOST_NS // _NS_PER_MS} ms is expected"
            raise InputError([Problem(str(file), number, None, "", what)])
        if delays[-1] < 0 or (len(times) > 1 and times[-1] <= times[-2]):
            raise InputError([Problem(str(file), number, None, "", "a time that does not rise, or a latency below 0")])
    return Table(tuple(times), tuple(delays))
