"""Bars from a file: CSV or CSV.gz with the header `ts_ms,open,high,low,close,volume` (bar open in UTC ms), or the kline
files that `kline_formats` knows.

Prices are taken exactly as printed; nothing is repaired, sorted or filled. Gaps are allowed, see `gaps_of`.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

from actors.app.files.bars_checks import BARS, HEADER, check_prices, check_steps, scaled_prices, usual_step
from actors.app.files.csv_reader import CsvRows, first_block, header_of, rows_of
from actors.app.files.csv_text import blocks_of
from actors.app.files.findings import Findings
from actors.app.files.kline_formats import KlineFormat, NotBars, recognised
from actors.app.files.times import unit_of
from ideacards.feeds import Bars, has_exact_floats

__all__ = ["HEADER", "foreign_format", "read_bars"]


def read_bars(path: str | Path, symbol: str, exec_ms: int | None, tick_digits: int = 0) -> Bars:
    """The file's bars; InputError with all problems found.

    The bars' most frequent distance must equal `exec_ms`, if it is given. `price_digits` of the result is
    the larger of `tick_digits` and the most decimals of a price in the file, trailing zeros dropped.
    """
    findings = Findings(path)
    rows = _read(Path(path), findings)
    if exec_ms is None:
        exec_ms = usual_step(rows)
    if rows.check_times(BARS, findings):
        check_steps(rows, exec_ms, findings)
    digits, prices = scaled_prices(rows, tick_digits, findings)
    check_prices(rows, prices, findings)
    findings.raise_if_any()
    floats = None if has_exact_floats(prices) else {name: rows.numbers[name].value for name in prices}
    return Bars.of_columns(symbol, exec_ms, digits, rows.ts_ms, prices, rows.numbers["volume"].value, floats)


def foreign_format(path: str | Path) -> str | None:
    """The name of a foreign kline format; None for a file in our own. InputError as `read_bars`."""
    findings = Findings(path)
    try:
        found = recognised(next(blocks_of(Path(path), findings), b""))
    except NotBars as error:
        raise findings.fatal(error.what, error.hint, error.line) from error
    return None if found is None else found.name


def _read(path: Path, findings: Findings) -> CsvRows:
    """All rows with the right number of cells; InputError if reading cannot go on."""
    blocks = blocks_of(path, findings)
    first = first_block(blocks, BARS, findings)
    names: Sequence[str] = HEADER
    rest, line = first, 1
    try:
        found = recognised(first)
        if found is not None and found.rows is not None:
            rest, blocks = found.rows(b"".join((first, *blocks))), iter(())
        elif found is None or found.has_header:
            header, _, rest = first.partition(b"\n")
            names, line = found.names if found is not None else header_of(header, BARS, findings), 2
        else:
            names = found.names
    except NotBars as error:
        raise findings.fatal(error.what, error.hint, error.line) from error
    return _in_ms(rows_of(itertools.chain([rest], blocks), names, line, BARS, findings), found)


def _in_ms(rows: CsvRows, found: KlineFormat | None) -> CsvRows:
    """Times in ms, from an archive that changed to microseconds; the later checks report a file with both units."""
    if found is not None and found.may_be_us:
        sound = rows.ts_ms[rows.is_sound]
        is_us = len(sound) and all(unit_of(int(time)) == "microseconds" for time in (sound.min(), sound.max()))
        if is_us and not (sound % 1000).any():
            rows.ts_ms[:] //= 1000
    return rows
