"""Ticks from a file: CSV or CSV.gz with `ts_ms` (UTC ms, never falling), named price columns and perhaps a `size`.

Trades have `price`, quotes `bid` and `ask`; further columns are ignored.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import attrs
import numpy as np

from actors.app.files.bars_checks import unit_of
from actors.model.errors import InputError
from actors.model.fixed import Rounding, fixed_from_decimal, round_to_grid
from ideacards.errors import Problem
from ideacards.feeds import IntArray

__all__ = ["Ticks", "read_ticks"]


@attrs.frozen(eq=False)
class Ticks:
    """Times, prices of 10^-price_digits by column, and sizes of 10^-qty_digits where they were asked for and given."""

    ts_ms: IntArray
    prices: dict[str, IntArray]
    sizes: IntArray | None


def read_ticks(path: Path, columns: Sequence[str], price_digits: int, qty_digits: int | None = None) -> Ticks:
    """The file's ticks; InputError naming the first line that is wrong. Sizes are rounded down to their digits."""
    times: list[int] = []
    prices: dict[str, list[int]] = {name: [] for name in columns}
    sizes: list[int] = []
    rows = _rows(path)
    header = next(rows, (1, []))[1]
    wanted = ("ts_ms", *columns)
    if any(name not in header for name in wanted):
        raise _problem(path, 1, f"the first line is `{','.join(header)[:60]}`", f"expected {' and '.join(wanted)}")
    places = {name: header.index(name) for name in wanted}
    size_at = header.index("size") if qty_digits is not None and "size" in header else None
    for line, row in rows:
        times.append(_time(path, line, row, places["ts_ms"], times))
        for name in columns:
            prices[name].append(_price(path, line, row, places[name], price_digits))
        if size_at is not None and qty_digits is not None:
            sizes.append(_size(path, line, row, size_at, qty_digits))
    if not times:
        raise _problem(path, None, "there is a header but no line", "")
    arrays = {name: np.array(values, dtype=np.int64) for name, values in prices.items()}
    own_sizes = None if size_at is None else np.array(sizes, dtype=np.int64)
    return Ticks(np.array(times, dtype=np.int64), arrays, own_sizes)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines by number, the header first; empty ones are left out."""
    try:
        open_ = gzip.open if path.suffix == ".gz" else open
        with open_(path, "rt", encoding="utf-8", newline="") as stream:
            for line, row in enumerate(csv.reader(stream), start=1):
                if row or line == 1:
                    yield line, row
    except (OSError, UnicodeDecodeError, EOFError, csv.Error) as error:
        raise _problem(path, None, f"cannot be read: {error}", "") from error


def _time(path: Path, line: int, row: list[str], at: int, before: list[int]) -> int:
    try:
        time_ms = int(row[at])
    except (ValueError, IndexError):
        raise _problem(path, line, f"`{','.join(row)[:60]}` has no time in ms", "") from None
    unit = unit_of(time_ms)
    if unit is not None:
        raise _problem(path, line, f"the time `{time_ms}` seems to be in {unit}", "ts_ms is in milliseconds")
    if before and time_ms < before[-1]:
        raise _problem(path, line, "earlier than the line before", "sort the file by ts_ms")
    return time_ms


def _price(path: Path, line: int, row: list[str], at: int, digits: int) -> int:
    try:
        price = fixed_from_decimal(Decimal(row[at]), digits)
    except (InvalidOperation, IndexError, ValueError, OverflowError):
        what = f"`{','.join(row)[:60]}` has no price of at most {digits} decimals, as the bars have"
        raise _problem(path, line, what, "") from None
    if price <= 0 or price >= 2**62:
        raise _problem(path, line, f"price {row[at]} is not above zero, or too large", "")
    return price


def _size(path: Path, line: int, row: list[str], at: int, digits: int) -> int:
    try:
        size = round_to_grid(Decimal(row[at]), digits, 1, Rounding.DOWN)
    except (InvalidOperation, IndexError, ValueError, OverflowError):
        raise _problem(path, line, f"`{','.join(row)[:60]}` has no size", "") from None
    if not 0 <= size < 2**62:
        raise _problem(path, line, f"size {row[at]} is below zero, or too large", "")
    return size


def _problem(path: Path, line: int | None, what: str, hint: str) -> InputError:
    return InputError([Problem(str(path), line, None, "", what, hint)])
