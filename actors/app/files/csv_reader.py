"""The one reader of CSV files, whatever their `Kind`.

Columns are found by name in any letter case, further ones are ignored, empty lines are skipped. Numbers are read
exactly as printed. Every problem has its line and column, and all problems of a file are reported at once.
"""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs
import numpy as np

from actors.app.files.csv_cells import CellBlock, Numbers
from actors.app.files.csv_kinds import Column, Kind, Words
from actors.app.files.csv_text import blocks_of, check_utf8
from actors.app.files.findings import Findings
from actors.app.files.times import are_in_milliseconds, are_in_order, ms_of_date, unit_hint, unit_of
from ideacards.feeds import BoolArray, IntArray

__all__ = ["CsvRows", "first_block", "header_of", "read_csv", "rows_of"]

_SHOWN = 24  # characters of a cell
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FRACTION = re.compile(r"\d{1,12}\.\d+")


@attrs.frozen(eq=False)
class CsvRows:
    """Rows in file order, `numbers` by column name; an impossible cell is 0 and its row is not sound."""

    line: IntArray
    is_sound: BoolArray
    numbers: dict[str, Numbers]

    @property
    def ts_ms(self) -> IntArray:
        """The times as they stand in the file."""
        return self.numbers["ts_ms"].mantissa

    def timed(self) -> tuple[IntArray, IntArray]:
        """(times, lines) of the rows with a sound time, even if another cell is not."""
        is_timed = self.is_sound | (self.ts_ms != 0)
        return self.ts_ms[is_timed], self.line[is_timed]

    def check_times(self, kind: Kind, findings: Findings) -> bool:
        """Unit and order of the times; False if no further check of times makes sense."""
        ts_ms, line = self.timed()
        judged = slice(1, None) if kind.may_start_at_0 and len(ts_ms) and ts_ms[0] == 0 else slice(None)
        return (
            len(ts_ms) > 0
            and are_in_milliseconds(ts_ms[judged], line[judged], kind.time, findings)
            and are_in_order(ts_ms, line, kind.row, findings, may_repeat=kind.may_repeat)
        )

    @classmethod
    def joined(cls, parts: Sequence["CsvRows"]) -> "CsvRows":
        """The rows of all blocks together."""
        return cls(
            np.concatenate([part.line for part in parts]),
            np.concatenate([part.is_sound for part in parts]),
            {name: Numbers.joined([part.numbers[name] for part in parts]) for name in parts[0].numbers},
        )


def read_csv(path: Path, kind: Kind, findings: Findings) -> CsvRows:
    """The file's rows, their unit and order of times checked; InputError if reading cannot go on.

    Other problems are added to `findings`; the caller adds its own and raises.
    """
    blocks = blocks_of(path, findings)
    header, _, rest = first_block(blocks, kind, findings).partition(b"\n")
    rows = rows_of(itertools.chain([rest], blocks), header_of(header, kind, findings), 2, kind, findings)
    rows.check_times(kind, findings)
    return rows


def first_block(blocks: Iterator[bytes], kind: Kind, findings: Findings) -> bytes:
    """The first block, which begins with the header; InputError for an empty file."""
    first = next(blocks, b"")
    if not first.strip():
        raise findings.fatal("the file is empty", f"expected the header {kind.expected}")
    return first


def header_of(text: bytes, kind: Kind, findings: Findings) -> list[str]:
    """The column names of a header line, those of `kind` as it spells them; InputError for a header without them."""
    check_utf8(text, 1, findings)
    line = text.decode("utf-8").removeprefix("\ufeff").strip()
    names = [name.strip().strip('"') for name in line.split(",")]
    wanted = {column.name: column for column in kind.all_columns}
    names = [name.lower() if name.lower() in wanted and name.lower() not in names else name for name in names]
    expected = f"expected {kind.expected}"
    if not set(names) & set(wanted):
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in line:
                raise findings.fatal(f"columns are separated by {word}", "use commas", line=1)
        shown = line if len(line) <= 60 else f"{line[:60]}..."
        raise findings.fatal(f"the first line is no header: `{shown}`", expected, line=1)
    others = [name for name in names if name not in wanted]
    for name, column in wanted.items():
        if name not in names and not column.is_optional:
            hint = _nearest_column(column, others) or expected
            findings.add(1, None, name, "the header has no such column", hint)
        elif names.count(name) > 1:
            findings.add(1, None, name, f"stands {names.count(name)} times in the header", "each name once")
    findings.raise_if_any()
    return names


def _nearest_column(column: Column | Words, others: Sequence[str]) -> str:
    """A hint: the file's column that is probably the missing one, or an empty text."""
    names = (column.name, column.name[0], *column.aliases)
    near = [other for other in others if other.lower() in names] or difflib.get_close_matches(column.name, others, n=1)
    return f"the file's `{near[0]}` should be named `{column.name}`" if near else ""


def rows_of(texts: Iterable[bytes], names: Sequence[str], line: int, kind: Kind, findings: Findings) -> CsvRows:
    """The rows of blocks of whole lines, the first of which is line `line`; InputError where there is none."""
    parts: list[CsvRows] = []
    for text in texts:
        check_utf8(text, line, findings)
        block = CellBlock(text, len(names), line)
        if not any(len(part.line) for part in parts):
            _refuse_other_times(block, names.index("ts_ms"), kind, findings)
        parts.append(_rows_of_block(block, names, kind, findings))
        line += block.line_count
    rows = CsvRows.joined(parts)
    if not len(rows.line):
        findings.raise_if_any()
        raise findings.fatal(f"there is a header but no {kind.row}", f"each line after the header is one {kind.row}")
    return rows


def _refuse_other_times(block: CellBlock, at: int, kind: Kind, findings: Findings) -> None:
    """Report dates, or seconds with a fraction, instead of milliseconds as one problem, at the first row."""
    if not len(block.lines):
        return
    cell, line = block.cell(0, at)[1].strip('"'), int(block.lines[0])
    if _ISO_DATE.match(cell):
        example = ms_of_date(cell)
        hint = f"ts_ms is {kind.time} in milliseconds since 1970, UTC"
        raise findings.fatal("the times are dates", hint if example is None else f"{hint}: {example} here", line)
    if _FRACTION.fullmatch(cell) and unit_of(float(cell)) == "seconds":
        raise findings.fatal("the times are in seconds", unit_hint(kind.time, "seconds"), line)


def _rows_of_block(block: CellBlock, names: Sequence[str], kind: Kind, findings: Findings) -> CsvRows:
    for line, cells in block.misfits:
        what = f"has {cells} columns, the header {len(names)}"
        findings.add(line, None, "", what, f"one {kind.row} a line, a cell for every name of the header")
    is_sound = np.ones(len(block.lines), dtype=bool)
    numbers = {}
    for column in kind.all_columns:
        if column.name not in names:
            continue
        at = names.index(column.name)
        numbers[column.name], faults = column.read(block, at)
        for row, what in sorted(faults.items()):
            start, text = block.cell(row, at)
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
            said = f"`{shown}` {what}" if text else what
            findings.add(int(block.lines[row]), start, column.name, said, column.hint_for(text))
            numbers[column.name].put(row, 0, 0, 0.0)
            is_sound[row] = False
    return CsvRows(block.lines, is_sound, numbers)
