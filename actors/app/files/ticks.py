"""Ticks from a file: CSV or CSV.gz with `ts_ms` (UTC ms, never falling), named price columns and an optional `size`.

Trades have `price`, quotes `bid` and `ask`.
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from actors.app.files.csv_cells import MANTISSA_LIMIT, Numbers
from actors.app.files.csv_kinds import Column, Kind, Masks, price_column
from actors.app.files.csv_reader import read_csv
from actors.app.files.findings import Findings
from ideacards.feeds import IntArray

__all__ = ["Ticks", "read_ticks"]


@attrs.frozen(eq=False)
class Ticks:
    """Times, prices of 10^-price_digits by column, sizes of 10^-qty_digits if requested and present; and
    the line of each tick in its file.
    """

    ts_ms: IntArray
    prices: dict[str, IntArray]
    sizes: IntArray | None
    line: IntArray


def read_ticks(path: Path, row: str, columns: Sequence[str], price_digits: int, qty_digits: int | None = None) -> Ticks:
    """The file's ticks, each of them a `row` (`trade`); InputError with all problems found.

    Sizes are rounded down to their digits.
    """
    prices = tuple(price_column(name, price_digits, ", as the bars have") for name in columns)
    sizes = () if qty_digits is None else (Column("size", _SIZE_HINT, _no_sizes, is_optional=True),)
    findings = Findings(path)
    rows = read_csv(path, Kind(row, f"the {row}'s time", (*prices, *sizes), may_repeat=True), findings)
    digits = dict.fromkeys(columns, price_digits) | {"size": qty_digits or 0}
    scaled = {}
    for name in rows.numbers.keys() & digits.keys():
        scaled[name], is_fit = rows.numbers[name].on_grid(digits[name])
        findings.add_lines(rows.line[~is_fit], name, f"is too large to be held with {digits[name]} decimals")
    findings.raise_if_any()
    return Ticks(rows.ts_ms, {name: scaled[name] for name in columns}, scaled.get("size"), rows.line)


_SIZE_HINT = "a size is a number of 0 or more"


def _no_sizes(numbers: Numbers) -> Masks:
    return (
        (abs(numbers.mantissa) >= MANTISSA_LIMIT, "is too large, or has too many digits"),
        (numbers.value < 0, "is below zero"),
    )
