"""Shows a journal: its records as text lines or JSON lines, and a summary table.

A payload is shown as JSON if it is JSON, else as base64. Times are shown in UTC if they are known to lie in this
century, else as the kernel's nanoseconds. Reading changes nothing.
"""

import base64
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from actors.model.errors import InputError
from ideacards.errors import Problem
from runtime.edges.disk import FolderDisk
from runtime.journal.errors import Damage, JournalCorrupt
from runtime.journal.format import LogRecord, index_of
from runtime.journal.reader import JournalReader, examine
from runtime.journal.report import JournalState, Report

__all__ = ["damage_problem", "examined", "json_line", "last_lines", "records", "report_table"]

_THIS_CENTURY_NS = 946_684_800 * 10**9
_NEXT_CENTURY_NS = 4_102_444_800 * 10**9
_NOTES = {
    JournalState.EMPTY: "no record was whole when the writer stopped; the next start begins anew",
    JournalState.ENDED: "in order",
    JournalState.CRASHED: "no orderly end: crashed, or still being written",
    JournalState.CORRUPT: "damaged; the counts stop before the damage",
}


def records(file: Path) -> Iterator[LogRecord]:
    """The journal's records, one at a time; InputError if there is no journal, or at the place where it is damaged."""
    disk = _journal(file)
    try:
        yield from JournalReader(disk)
    except JournalCorrupt as error:
        raise damage_problem(file, error.damage) from error
    except OSError as error:
        raise _unreadable(file, error) from error


def examined(file: Path) -> Report:
    """The journal's state, damage included; InputError if there is no journal."""
    disk = _journal(file)
    try:
        return examine(disk)
    except OSError as error:
        raise _unreadable(file, error) from error


def report_table(report: Report) -> Table:
    """State, counts, times, and what is torn."""
    table = Table(show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    torn = report.torn
    rows = {
        "journal": report.path,
        "state": f"{report.state.value}: {_NOTES[report.state]}",
        "runs": f"{report.run_count:,}",
        "records": f"{report.record_count:,}",
        "segments": f"{report.segment_count:,}, {report.byte_count:,} bytes",
        "first, last time": f"{_time(report.first_time_ns)}, {_time(report.last_time_ns)}",
        "torn": "nothing" if torn is None else f"{torn.byte_count:,} bytes, which the next start cuts",
    }
    if torn is not None:
        rows["torn at"] = f"{torn.segment}: offset {torn.offset}: {torn.what}"
        if torn.unfinished is not None:
            rows["unfinished"] = f"{torn.unfinished}, which the next start removes"
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table


def last_lines(file: Path, count: int) -> Iterator[str]:
    """The last `count` records, a printable line each; records before a damage are returned before it is raised."""
    lines: deque[tuple[LogRecord, int]] = deque(maxlen=count)
    failure: InputError | None = None
    offset_ns = 0
    try:
        for record in records(file):
            offset_ns = _wall_offset(record, offset_ns)
            lines.append((record, offset_ns))
    except InputError as error:
        failure = error
    for record, offset_ns in lines:
        shown = _json(record.payload)
        text = f"{len(record.payload)} bytes, no JSON" if shown is None else _printable(shown.decode())
        yield f"{record.sequence:>9}  {_time(record.time_ns + offset_ns):>23}  {record.kind:<10}  {text}"
    if failure is not None:
        raise failure


def json_line(record: LogRecord) -> str:
    """The record as one line of JSON: `payload` if it is JSON, `payload_base64` if not."""
    shown = _json(record.payload)
    line: dict[str, object] = {"sequence": record.sequence, "time_ns": record.time_ns, "kind": record.kind}
    if shown is None:
        line["payload_base64"] = base64.b64encode(record.payload).decode()
    else:
        line["payload"] = msgspec.Raw(shown)
    return msgspec.json.encode(line).decode()


def damage_problem(file: Path, damage: Damage) -> InputError:
    """The damage as one line, with its place."""
    where = f"offset {damage.offset}, sequence {damage.sequence}"
    return InputError([Problem(str(file / damage.segment), None, None, where, damage.what)])


def _json(payload: bytes) -> bytes | None:
    """JSON as it stands, nothing as null; None for what is no JSON."""
    if not payload:
        return b"null"
    try:
        msgspec.json.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return payload


def _wall_offset(record: LogRecord, known_ns: int) -> int:
    """What a clock reading says of wall time less kernel time (ns); `known_ns` where the record is none."""
    if record.kind != "time":
        return known_ns
    try:
        _, (_, offset_ns) = msgspec.json.decode(record.payload, type=tuple[int, tuple[int, int]])
    except msgspec.MsgspecError:
        return known_ns
    return offset_ns


def _journal(file: Path) -> FolderDisk:
    try:
        if not file.exists():
            raise _problem(file, "is not there")
        if not file.is_dir():
            raise _problem(file, "is a file; a journal is a folder of segments 000000.log, 000001.log, ...")
        disk = FolderDisk(file)
        if not any(index_of(name) is not None for name in disk.names()):
            raise _problem(file, "is no journal: it holds no segment like 000000.log")
    except OSError as error:
        raise _unreadable(file, error) from error
    return disk


def _unreadable(file: Path, error: OSError) -> InputError:
    return _problem(file, f"cannot be read: {error.strerror}")


def _problem(file: Path, what: str) -> InputError:
    return InputError([Problem(str(file), None, None, "", what)])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _time(time_ns: int | None) -> str:
    if time_ns is None:
        return "none"
    if not _THIS_CENTURY_NS <= time_ns < _NEXT_CENTURY_NS:
        return f"{time_ns} ns"
    seconds, rest_ns = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest_ns // 10**6:03d}"
