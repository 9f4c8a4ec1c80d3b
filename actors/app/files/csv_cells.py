"""Decimal text to numbers, a column at a time: the exact integer and the float64 that float(text) would give.

Plain digits with at most one point are read by numpy over all rows at once; every other cell (a sign, an exponent,
blanks, quotes, more than 18 digits, nonsense) goes through Decimal one by one, and a wrong cell gets its reason. The
integer never passes through a float: value = mantissa / 10^decimals, trailing zeros dropped.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from math import isinf

import attrs
import numpy as np
import numpy.typing as npt

from ideacards.feeds import BoolArray, FloatArray, IntArray

__all__ = ["MANTISSA_LIMIT", "CellBlock", "Numbers", "numbers_of"]

_Places = npt.NDArray[np.intp]

MANTISSA_LIMIT = 2**62
_MOST_DIGITS = 18  # every number of so many digits fits an int64
_EXACT = 2**53  # integers up to here are exact floats, and one division by a power of ten rounds like float(text)
_LONGEST = 400  # characters; no float needs more
_MOST_DECIMALS = 100
_TENS = 10.0 ** np.arange(_MOST_DIGITS + 1)
_INT_TENS = 10 ** np.arange(_MOST_DIGITS + 1)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@attrs.frozen(eq=False)
class Numbers:
    """Cells of one column: value = mantissa / 10^decimals, and the float of its text.

    A mantissa too large for int64 is cut to MANTISSA_LIMIT, decimals beyond 100 to 100; `value` is still right.
    """

    mantissa: IntArray
    decimals: npt.NDArray[np.int8]
    value: FloatArray

    @classmethod
    def joined(cls, parts: Sequence["Numbers"]) -> "Numbers":
        """One column from its blocks."""
        return cls(
            np.concatenate([part.mantissa for part in parts]),
            np.concatenate([part.decimals for part in parts]),
            np.concatenate([part.value for part in parts]),
        )

    @classmethod
    def of_integers(cls, values: Sequence[int]) -> "Numbers":
        """Numbers from integers, without decimals."""
        mantissa = np.array(values, dtype=np.int64)
        return cls(mantissa, np.zeros(len(mantissa), dtype=np.int8), mantissa.astype(np.float64))

    def on_grid(self, digits: int) -> tuple[IntArray, BoolArray]:
        """(integers of 10^-digits, rounded down; whether each fits below MANTISSA_LIMIT, else it is 0)."""
        shift = digits - self.decimals.astype(np.intp)
        up = _INT_TENS[np.clip(shift, 0, _MOST_DIGITS)]
        is_fit = self.mantissa < -(-MANTISSA_LIMIT // up)
        scaled = np.where(is_fit, self.mantissa * up, 0)
        if (shift < 0).any():
            scaled = np.where(shift < -_MOST_DIGITS, 0, scaled // _INT_TENS[np.clip(-shift, 0, _MOST_DIGITS)])
        return scaled, is_fit

    def put(self, row: int, mantissa: int, decimals: int, value: float) -> None:
        """Set one cell."""
        self.mantissa[row], self.decimals[row], self.value[row] = mantissa, decimals, value


class CellBlock:
    """Whole lines of a CSV file, cut into cells; `lines` are the 1-based numbers of those that have `width` cells.

    `misfits` are (line, number of cells) of the others; empty lines are only counted.
    """

    def __init__(self, text: bytes, width: int, first_line: int) -> None:
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        if not text.endswith(b"\n"):
            text += b"\n"
        self._text = text
        self.raw = np.frombuffer(text + bytes(_MOST_DIGITS + 1), dtype=np.uint8)
        newlines = np.flatnonzero(self.raw == ord("\n"))
        starts = np.concatenate([[0], newlines[:-1] + 1])
        self._commas = np.flatnonzero(self.raw == ord(","))
        after = np.searchsorted(self._commas, newlines)
        cells = np.diff(after, prepend=0) + 1
        is_blank = starts == newlines
        is_row = ~is_blank & (cells == width)
        misfits = np.flatnonzero(~is_blank & ~is_row)
        self.line_count = len(newlines)
        self.lines = np.flatnonzero(is_row) + first_line
        self.misfits = list(zip((misfits + first_line).tolist(), cells[misfits].tolist(), strict=True))
        self._width = width
        self._line_starts = starts[is_row]
        self._line_ends = newlines[is_row]
        self._first_commas = (after - cells + 1)[is_row]
        self._bounds: dict[int, tuple[_Places, _Places]] = {}

    def bounds(self, column: int) -> tuple[_Places, _Places]:
        """Start and end of that cell in every row."""
        if column not in self._bounds:
            self._bounds[column] = self._find_bounds(column)
        return self._bounds[column]

    def _find_bounds(self, column: int) -> tuple[_Places, _Places]:
        start, end = self._line_starts, self._line_ends
        if column > 0:
            start = self._commas[self._first_commas + column - 1] + 1
        if column < self._width - 1:
            end = self._commas[self._first_commas + column]
        return start, end

    def cell(self, row: int, column: int) -> tuple[int, str]:
        """Its 1-based place in its line, and its text without blanks."""
        start, end = (int(bound[row]) for bound in self.bounds(column))
        text = self._text[start:end].decode("utf-8", "replace").strip()
        return start - int(self._line_starts[row]) + 1, text


def numbers_of(block: CellBlock, column: int) -> tuple[Numbers, dict[int, str]]:
    """Every row's cell of that column, and by row the fault of each cell that is not a number (its value is 0)."""
    mantissa, decimals, is_plain = _plain_numbers(block.raw, *block.bounds(column))
    _drop_trailing_zeros(mantissa, decimals)
    is_plain &= mantissa < _EXACT
    numbers = Numbers(mantissa, decimals.astype(np.int8), mantissa / _TENS[np.where(is_plain, decimals, 0)])
    faults: dict[int, str] = {}
    for row in np.flatnonzero(~is_plain).tolist():
        try:
            numbers.put(row, *_one_number(block.cell(row, column)[1]))
        except ValueError as error:
            faults[row] = str(error)
            numbers.put(row, 0, 0, 0.0)
    return numbers, faults


def _plain_numbers(
    raw: npt.NDArray[np.uint8], start: _Places, end: _Places
) -> tuple[IntArray, IntArray, npt.NDArray[np.bool_]]:
    """(mantissa, decimals, is plain) of cells of digits with at most one point; where not plain, ignore the others."""
    width = end - start
    mantissa = np.zeros(len(start), dtype=np.int64)
    digits = np.zeros(len(start), dtype=np.int64)
    points = np.zeros(len(start), dtype=np.int64)
    decimals = np.zeros(len(start), dtype=np.int64)
    for offset in range(min(int(width.max(initial=0)), _MOST_DIGITS + 1)):
        char = raw[start + offset]
        is_inside = offset < width
        is_digit = (char - 48 < 10) & is_inside
        is_point = (char == ord(".")) & is_inside
        mantissa = np.where(is_digit, mantissa * 10 + (char - 48), mantissa)
        digits += is_digit
        if is_point.any():
            points += is_point
            decimals[is_point] = (width - offset - 1)[is_point]
    is_plain = (digits > 0) & (digits <= _MOST_DIGITS) & (points <= 1) & (digits + points == width)
    return mantissa, decimals, is_plain


def _drop_trailing_zeros(mantissa: IntArray, decimals: IntArray) -> None:
    rows = np.flatnonzero(decimals > 0)
    while len(rows := rows[(mantissa[rows] % 10 == 0) & (decimals[rows] > 0)]):
        mantissa[rows] //= 10
        decimals[rows] -= 1


def _one_number(cell: str) -> tuple[int, int, float]:
    """(mantissa, decimals, float) of any decimal text; ValueError says why it is not a number."""
    text = cell.strip('"').strip()
    if not text:
        raise ValueError("is empty")
    is_number = len(text) <= _LONGEST and _NUMBER.fullmatch(text) is not None
    if _NOT_FINITE.fullmatch(text) or (is_number and isinf(float(text))):
        raise ValueError("is not a finite number")
    if not is_number:
        raise ValueError("is not a number")
    is_negative, digits, exponent = Decimal(text).as_tuple()
    mantissa = int("".join(map(str, digits)))
    power = int(exponent)
    while power < 0 and mantissa % 10 == 0:
        mantissa //= 10
        power += 1
    mantissa = min(mantissa * 10 ** max(power, 0), MANTISSA_LIMIT)
    decimals = min(max(-power, 0), _MOST_DECIMALS)
    return -mantissa if is_negative else mantissa, decimals, float(text) + 0.0  # no minus zero
