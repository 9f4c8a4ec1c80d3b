"""Bars from a file: CSV or CSV.gz with the header `ts_ms,open,high,low,close,volume` (bar open in UTC ms), or the kline
files that `kline_formats` knows.

Prices are taken as printed, exactly; nothing is repaired, sorted or filled. Whatever is wrong is the user's to mend:
every problem with its line, at most LISTED of them and the number of the rest. Gaps are no problem, see `gaps_of`.
"""

import difflib
import gzip
import itertools
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from actors.app.files.bars_checks import (
    HEADER,
    Findings,
    Rows,
    check_prices,
    check_times,
    scaled_prices,
    unit_of,
    usual_step,
)
from actors.app.files.csv_cells import Block
from actors.app.files.kline_formats import KlineFormat, NotBars, recognised
from ideacards.errors import nearest
from ideacards.feeds import Bars

__all__ = ["HEADER", "foreign_format", "read_bars"]

_BLOCK_BYTES = 1 << 22
_ALIASES = {
    "ts_ms": ("ts", "timestamp", "time", "date", "datetime", "open_time", "opentime", "start", "starttime"),
    "volume": ("vol", "base_volume", "amount"),
}
_GZIP_MAGIC = b"\x1f\x8b"


def read_bars(path: str | Path, symbol: str, exec_ms: int | None, tick_digits: int = 0) -> Bars:
    """The file's bars; InputError with all problems found.

    `exec_ms` is what the bars' most frequent distance must be; None takes it as it is. `price_digits` of the result is
    the larger of `tick_digits` and the most decimals of a price in the file, trailing zeros dropped. The six columns
    are found by name, further ones are ignored, empty lines are skipped.
    """
    findings = Findings(str(path))
    rows = _read(Path(path), findings)
    if exec_ms is None:
        exec_ms = usual_step(rows)
    check_times(rows, exec_ms, findings)
    digits, prices = scaled_prices(rows, tick_digits, findings)
    check_prices(rows, prices, findings)
    findings.raise_if_any()
    numbers = rows.numbers
    floats = {name: numbers[name].value for name in prices}
    return Bars.of_columns(symbol, exec_ms, digits, numbers["ts_ms"].mantissa, prices, numbers["volume"].value, floats)


def foreign_format(path: str | Path) -> str | None:
    """What a kline file that is not in our own format was recognised as; None for ours. InputError as `read_bars`."""
    findings = Findings(str(path))
    found = _recognised(next(_blocks(Path(path), findings), b""), findings)
    return None if found is None else found.name


def _recognised(first: bytes, findings: Findings) -> KlineFormat | None:
    try:
        return recognised(first)
    except NotBars as error:
        raise findings.fatal(error.what, error.hint, error.line) from error


def _read(path: Path, findings: Findings) -> Rows:
    """All rows that have the right number of cells; raises where reading cannot go on."""
    blocks = _blocks(path, findings)
    first = next(blocks, b"")
    if not first.strip():
        raise findings.fatal("the file is empty", f"expected the header {','.join(HEADER)}")
    found = _recognised(first, findings)
    names: Sequence[str] = HEADER
    rest, line = first, 1
    if found is not None and found.rows is not None:
        try:
            rest, blocks = found.rows(b"".join((first, *blocks))), iter(())
        except NotBars as error:
            raise findings.fatal(error.what, error.hint, error.line) from error
    elif found is None or found.has_header:
        header, _, rest = first.partition(b"\n")
        names, line = found.names if found is not None else _header(header, findings), 2
    else:
        names = found.names
    return _in_ms(_rows(itertools.chain([rest], blocks), names, line, findings), found)


def _in_ms(rows: Rows, found: KlineFormat | None) -> Rows:
    """Times of an archive that changed to microseconds; one that has both units is told by the checks."""
    times = rows.numbers["ts_ms"].mantissa
    if found is not None and found.may_be_us and len(times):
        sound = times[rows.is_sound]
        is_us = len(sound) and all(unit_of(int(time)) == "microseconds" for time in (sound.min(), sound.max()))
        if is_us and not (sound % 1000).any():
            times //= 1000
    return rows


def _rows(texts: Iterable[bytes], names: Sequence[str], line: int, findings: Findings) -> Rows:
    parts = []
    for text in texts:
        _check_utf8(text, line, findings)
        block = Block(text, len(names), line)
        parts.append(Rows.of_block(block, names, findings))
        line += block.line_count
    rows = Rows.joined(parts)
    if not len(rows.line):
        findings.raise_if_any()
        raise findings.fatal("there is a header but no bar", "bars follow the header, one a line")
    return rows


def _blocks(path: Path, findings: Findings) -> Iterator[bytes]:
    """The file in blocks of whole lines, unpacked if it is gzip."""
    try:
        with path.open("rb") as raw:
            magic = raw.read(2)
            raw.seek(0)
            if path.suffix == ".gz" and magic and magic != _GZIP_MAGIC:
                raise findings.fatal("is named .gz but holds no gzip data", "unpacked files end in .csv")
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if magic == _GZIP_MAGIC else raw
            while block := stream.read(_BLOCK_BYTES):
                yield block + stream.readline()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise findings.fatal("no such file", f"there is no folder {path.parent}") from None
        siblings = sorted(entry.name for entry in path.parent.iterdir())
        raise findings.fatal("no such file", nearest(path.name, siblings)) from None
    except EOFError:
        raise findings.fatal("the gzip data ends too early", "the file was cut short: fetch it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise findings.fatal(f"the gzip data is damaged ({error})", "fetch the file again") from None
    except OSError as error:
        raise findings.fatal(f"cannot be read ({error.strerror or error})", "give a readable file") from None


def _check_utf8(text: bytes, first_line: int, findings: Findings) -> None:
    if text.isascii():
        return
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise findings.fatal("is not UTF-8 text", "save the file as UTF-8", line=line) from None


def _header(text: bytes, findings: Findings) -> list[str]:
    """The column names; raises for a header without the six."""
    _check_utf8(text, 1, findings)
    line = text.decode("utf-8").removeprefix("\ufeff").strip()
    names = [name.strip().strip('"') for name in line.split(",")]
    expected = f"expected {','.join(HEADER)}"
    if not set(names) & set(HEADER):
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in line:
                raise findings.fatal(f"columns are separated by {word}", "use commas", line=1)
        shown = line if len(line) <= 60 else f"{line[:60]}..."
        raise findings.fatal(f"the first line is no header: `{shown}`", expected, line=1)
    others = [name for name in names if name not in HEADER]
    for name in HEADER:
        if name not in names:
            findings.add(1, None, name, "the header has no such column", _nearest_column(name, others) or expected)
        elif names.count(name) > 1:
            findings.add(1, None, name, f"stands {names.count(name)} times in the header", "each name once")
    findings.raise_if_any()
    return names


def _nearest_column(name: str, others: list[str]) -> str:
    """A hint: the file's own column that seems to be the missing one, or nothing."""
    names = (name, name[0], *_ALIASES.get(name, ()))
    near = [other for other in others if other.lower() in names] or difflib.get_close_matches(name, others, n=1)
    return f"the file's `{near[0]}` should be named `{name}`" if near else ""
