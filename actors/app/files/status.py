"""The trading status of an instrument from a file: CSV with `ts_ms` (UTC ms, rising) and `status` from then on."""

from pathlib import Path

from actors.app.files.csv_kinds import Kind, Words
from actors.app.files.csv_reader import read_csv
from actors.app.files.findings import Findings
from actors.simulator.venue.schedule import Schedule, TradingStatus

__all__ = ["read_status"]

_STATUSES = tuple(TradingStatus)
_KIND = Kind("status", "the time from which the status holds", (Words("status", _STATUSES),), may_start_at_0=True)


def read_status(path: Path) -> Schedule:
    """The file's schedule; InputError with all problems found."""
    findings = Findings(path)
    rows = read_csv(path, _KIND, findings)
    findings.raise_if_any()
    statuses = tuple(_STATUSES[place] for place in rows.numbers["status"].mantissa.tolist())
    return Schedule(tuple(rows.ts_ms.tolist()), statuses)
