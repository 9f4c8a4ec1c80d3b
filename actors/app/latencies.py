"""Parses latencies of a profile or a flag: `20` (ms), `uniform:10:30`, `lognormal:20:200`, `table:FILE`."""

from decimal import Decimal
from pathlib import Path

import attrs

from actors.app.files.csv_cells import Numbers
from actors.app.files.csv_kinds import Column, Kind, Masks
from actors.app.files.csv_reader import read_csv
from actors.app.files.findings import Findings
from actors.app.settings import LatencySettings
from actors.model.errors import InputError
from actors.simulator.latency import ConstantLatency, Latency, LogNormal, TableLatency, Uniform
from ideacards.errors import Problem

__all__ = ["Latencies", "latencies_of"]

_NS_PER_MS = 1_000_000
_MOST_MS = 120_000  # the same bound as for a latency written as a number


def _no_latencies(numbers: Numbers) -> Masks:
    return (
        (numbers.value < 0, "is below 0"),
        (numbers.value >= _MOST_MS, f"is too long: under {_MOST_MS} ms is expected"),
    )


_COLUMN = Column("latency_ms", f"a latency is a number of milliseconds, 0 or more and under {_MOST_MS}", _no_latencies)
_KIND = Kind("latency", "the time from which the latency holds", (_COLUMN,), may_start_at_0=True)


@attrs.frozen
class Latencies:
    """The latencies of closed bars (feed), of requests (entry), and of answers and private reports (response)."""

    feed: Latency
    entry: Latency
    response: Latency

    @property
    def round_trip_ns(self) -> int:
        """The longest round trip, ns: a caller of the exchange extends its deadline by this."""
        return self.entry.worst_ns + self.response.worst_ns


def latencies_of(settings: LatencySettings) -> Latencies:
    """The latencies of the settings; InputError if the numbers are in the wrong order or a table cannot be read."""
    return Latencies(*(_latency(name, getattr(settings, name)) for name in ("feed", "entry", "response")))


def _latency(name: str, text: str) -> Latency:
    kind, _, rest = text.partition(":")
    if kind == "table":
        return _table(Path(rest))
    if not rest:
        return ConstantLatency(_ns(text))
    first, second = (_ns(part) for part in rest.split(":"))
    if first > second or (kind == "lognormal" and first == 0):
        what = "the first number is above the second" if first > second else "a median of 0 has no distribution"
        raise InputError([Problem(f"latency.{name}", None, None, text, what)])
    return Uniform(first, second) if kind == "uniform" else LogNormal(first, second)


def _ns(text: str) -> int:
    return int(Decimal(text) * _NS_PER_MS)


def _table(file: Path) -> TableLatency:
    """Recorded latencies from a CSV file; InputError with all problems found."""
    findings = Findings(file)
    rows = read_csv(file, _KIND, findings)
    findings.raise_if_any()
    delays_ns, _ = rows.numbers["latency_ms"].on_grid(6)
    return TableLatency(tuple(time_ms * _NS_PER_MS for time_ms in rows.ts_ms.tolist()), tuple(delays_ns.tolist()))
