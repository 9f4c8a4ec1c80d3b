"""Cells: the exact integer and the float of any decimal text, whichever way it is read."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actors.app.files.csv_cells import MANTISSA_LIMIT, CellBlock, Numbers, numbers_of

PLAIN = st.from_regex(r"[0-9]{1,12}(\.[0-9]{0,10})?", fullmatch=True)
SIGNED = st.from_regex(r"[+-]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?", fullmatch=True)
BLANKED = st.from_regex(r" {0,2}\"?[0-9]{1,5}\.[0-9]{2}\"? {0,2}", fullmatch=True)


def _read(*cells: str) -> tuple[Numbers, dict[int, str]]:
    text = "\n".join(f"x,{cell},y" for cell in cells)
    return numbers_of(CellBlock(text.encode(), 3, 2), 1)


@given(st.lists(PLAIN | SIGNED | BLANKED, min_size=1, max_size=8))
@example(["0.1", "0.10", "100", "0", "0.000", "00012.500", "7.", ".5"])
@example(["9007199254740991", "9007199254740993", "123456789012345678", "1234567890123456789"])
@example(["607.7176330000001", "26973485.6467322", "1e-05", "5.34E+3", "-0.0"])
def test_every_number_is_read_exactly(cells: list[str]) -> None:
    numbers, faults = _read(*cells)
    assert faults == {}
    for row, cell in enumerate(cells):
        text = cell.strip().strip('"')
        assert numbers.value[row] == float(text)
        assert str(numbers.value[row] + 0.0) == str(numbers.value[row])  # no minus zero
        mantissa, decimals = int(numbers.mantissa[row]), int(numbers.decimals[row])
        if abs(mantissa) < MANTISSA_LIMIT:
            assert Decimal(mantissa).scaleb(-decimals) == Decimal(text)
        assert decimals == 0 or mantissa % 10 != 0 or abs(mantissa) == MANTISSA_LIMIT


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("nan", "is not a finite number"),
        ("-Infinity", "is not a finite number"),
        ("1e999", "is not a finite number"),
        ("12x", "is not a number"),
        ("1.2.3", "is not a number"),
        (".", "is not a number"),
        ("1_000", "is not a number"),
        ("0x10", "is not a number"),
        ("١٢", "is not a number"),
        ("1" * 200 + "." + "1" * 300, "is not a number"),
    ],
)
def test_what_is_no_number_is_said(cell: str, what: str) -> None:
    numbers, faults = _read("1.5", cell, "2.5")
    assert faults == {1: what}
    assert numbers.value.tolist() == [1.5, 0.0, 2.5]


def test_what_no_int64_holds_is_cut_and_its_float_is_right() -> None:
    numbers, _ = _read("1e300", "-1e300", "1e-200")
    assert numbers.mantissa.tolist() == [MANTISSA_LIMIT, -MANTISSA_LIMIT, 1]
    assert numbers.decimals.tolist() == [0, 0, 100]
    assert numbers.value.tolist() == [1e300, -1e300, 1e-200]


def test_lines_are_numbered_past_empty_and_misfit_ones() -> None:
    block = CellBlock(b"1,2\n\n3,4\r\n5,6,7\n8\n9,10", 2, 100)
    assert block.lines.tolist() == [100, 102, 105]
    assert block.misfits == [(103, 3), (104, 1)]
    assert block.line_count == 6
    assert [numbers_of(block, column)[0].value.tolist() for column in (0, 1)] == [[1, 3, 9], [2, 4, 10]]
    assert block.cell(2, 1) == (3, "10")


def test_a_block_without_rows_is_empty() -> None:
    numbers, faults = numbers_of(CellBlock(b"", 3, 2), 2)
    assert (len(numbers.value), faults) == (0, {})
    assert numbers.mantissa.dtype == np.int64
