"""Trades from a file: CSV or CSV.gz with `ts_ms` (UTC ms, never falling) and `price`; further columns are ignored."""

import csv
import gzip
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from actors.model.errors import InputError
from actors.model.fixed import fixed_from_decimal
from ideacards.errors import Problem
from ideacards.feeds import IntArray

__all__ = ["read_trades"]


def read_trades(path: Path, price_digits: int) -> tuple[IntArray, IntArray]:
    """(times, prices of 10^-price_digits); InputError naming the first line that is wrong."""
    times: list[int] = []
    prices: list[int] = []
    try:
        open_ = gzip.open if path.suffix == ".gz" else open
        with open_(path, "rt", encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            if "ts_ms" not in header or "price" not in header:
                raise _problem(path, 1, f"the first line is `{','.join(header)[:60]}`", "expected ts_ms and price")
            time_at, price_at = header.index("ts_ms"), header.index("price")
            for line, row in enumerate(rows, start=2):
                if row:
                    times.append(_time(path, line, row, time_at, times))
                    prices.append(_price(path, line, row, price_at, price_digits))
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise _problem(path, None, f"cannot be read: {error}", "") from error
    if not times:
        raise _problem(path, None, "there is a header but no trade", "")
    return np.array(times, dtype=np.int64), np.array(prices, dtype=np.int64)


def _time(path: Path, line: int, row: list[str], at: int, before: list[int]) -> int:
    try:
        time_ms = int(row[at])
    except (ValueError, IndexError):
        raise _problem(path, line, f"`{','.join(row)[:60]}` has no time in ms", "") from None
    if before and time_ms < before[-1]:
        raise _problem(path, line, "earlier than the trade before", "sort the file by ts_ms")
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


def _problem(path: Path, line: int | None, what: str, hint: str) -> InputError:
    return InputError([Problem(str(path), line, None, "", what, hint)])
