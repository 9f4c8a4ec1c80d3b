"""Declares the CSV files: bars, trades, quotes, funding, status and latencies are each a `Kind` with its columns and
the values that a cell may have.
"""

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from actors.app.files.csv_cells import MANTISSA_LIMIT, CellBlock, Numbers, numbers_of
from ideacards.errors import nearest
from ideacards.feeds import BoolArray

__all__ = ["Column", "Kind", "Masks", "Words", "price_column"]

_TIME_ALIASES = (
    *("ts", "timestamp", "time", "date", "datetime", "open_time", "opentime", "start", "starttime"),
    *("calc_time", "funding_time", "fundingtime", "fundingratetimestamp"),
)

Masks = Sequence[tuple[BoolArray, str]]
Faults = dict[int, str]  # the fault of a cell, by row of the block


@attrs.frozen
class Column:
    """A column of numbers; `impossible` marks the cells with an impossible value and says why."""

    name: str
    hint: str
    impossible: Callable[[Numbers], Masks]
    aliases: Sequence[str] = ()
    is_optional: bool = False

    def read(self, block: CellBlock, at: int) -> tuple[Numbers, Faults]:
        numbers, faults = numbers_of(block, at)
        masks = self.impossible(numbers)
        return numbers, {row: what for mask, what in masks for row in np.flatnonzero(mask).tolist()} | faults

    def hint_for(self, text: str) -> str:
        del text
        return self.hint


@attrs.frozen
class Words:
    """A column of words; a cell's number is its place in `words`."""

    name: str
    words: Sequence[str]
    aliases: Sequence[str] = ()
    is_optional: bool = False

    def read(self, block: CellBlock, at: int) -> tuple[Numbers, Faults]:
        cells = [block.cell(row, at)[1].strip('"') for row in range(len(block.lines))]
        faults = {
            row: f"is no {self.name}" if cell else "is empty"
            for row, cell in enumerate(cells)
            if cell not in self.words
        }
        places = [0 if row in faults else self.words.index(cell) for row, cell in enumerate(cells)]
        return Numbers.of_integers(places), faults

    def hint_for(self, text: str) -> str:
        return nearest(text.strip('"'), self.words)


@attrs.frozen
class Kind:
    """One kind of file: `row` names what a line is (`bar`), `time` says what its ts_ms means.

    `may_repeat`: several rows may have the same time. `may_start_at_0`: a row holds until the next, and the first
    may say 0 for "from the start".
    """

    row: str
    time: str
    columns: Sequence[Column | Words]
    may_repeat: bool = False
    may_start_at_0: bool = False

    @property
    def all_columns(self) -> tuple[Column | Words, ...]:
        """All columns, the time first."""
        hint = f"{self.time} in UTC milliseconds, a whole number"
        return (Column("ts_ms", hint, _no_times, _TIME_ALIASES), *self.columns)

    @property
    def expected(self) -> str:
        """The header that such a file should have."""
        return ",".join(column.name for column in self.all_columns if not column.is_optional)


def _no_times(numbers: Numbers) -> Masks:
    return (
        (numbers.decimals > 0, "is not a whole number of milliseconds"),
        (abs(numbers.mantissa) >= MANTISSA_LIMIT, "is too large"),
    )


def price_column(name: str, digits: int, as_what: str = "") -> Column:
    """A column of positive prices with at most `digits` decimals; `as_what` names the reason for that limit."""

    def impossible(numbers: Numbers) -> Masks:
        return (
            (numbers.decimals > digits, f"has more than {digits} decimals{as_what}"),
            (numbers.mantissa <= 0, "is not above zero"),
        )

    return Column(name, f"a price is a number above zero with at most {digits} decimals", impossible)
