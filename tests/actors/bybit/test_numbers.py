"""Number text: exact to the grid, rounded only where the venue has rounded, and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.bybit.numbers import (
    WireNumberError,
    read_level,
    read_ms,
    read_number,
    read_rounded,
    text_or_none,
    write_number,
)


@pytest.mark.parametrize(
    ("text", "digits", "value"),
    [
        ("0.10", 2, 10),
        ("61234.5", 1, 612345),
        ("61234.500", 1, 612345),
        ("-0.03059", 5, -3059),
        ("5", 0, 5),
        ("0", 3, 0),
    ],
)
def test_a_number_is_read_on_its_grid(text: str, digits: int, value: int) -> None:
    assert read_number(text, digits, "price") == value


@pytest.mark.parametrize("text", [None, "", "UNKNOWN"])
def test_no_value_is_none(text: str | None) -> None:
    assert read_number(text, 2, "price") is None
    assert read_rounded(text, 2, "price") is None
    assert read_level(text, 2, "price") is None
    assert text_or_none(text) is None
    assert read_ms(text, "time") == 0


@pytest.mark.parametrize("text", ["0", "0.00"])
def test_a_level_of_zero_is_none_and_a_number_of_zero_is_zero(text: str) -> None:
    assert read_level(text, 2, "stopLoss") is None
    assert read_number(text, 2, "price") == 0


@pytest.mark.parametrize(
    "text", ["1e5", "1E-7", "NaN", "Infinity", " 1", "1 ", "+1", ".5", "5.", "1,000", "0x1", "-", "٣", "1_0", "9" * 41]
)
def test_what_is_no_plain_decimal_is_named(text: str) -> None:
    with pytest.raises(WireNumberError) as caught:
        read_number(text, 2, "execPrice")
    assert (caught.value.field, caught.value.text) == ("execPrice", text)


def test_what_is_finer_than_the_grid_is_an_error_and_not_rounded() -> None:
    with pytest.raises(WireNumberError, match=r"avgPrice: '1\.005' is not a number of at most 2 decimals"):
        read_number("1.005", 2, "avgPrice")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.005", 101), ("1.0049", 100), ("-1.005", -101), ("-1.0049", -100), ("27464.50441675", 2_746_450), ("2", 200)],
)
def test_what_the_venue_rounded_goes_to_the_nearest(text: str, value: int) -> None:
    assert read_rounded(text, 2, "avgPrice") == value


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(612345, 1, "61234.5"), (612340, 1, "61234"), (1, 7, "0.0000001"), (-1, 2, "-0.01"), (0, 4, "0"), (100, 0, "100")],
)
def test_a_number_is_written_plainly(value: int, digits: int, text: str) -> None:
    assert write_number(value, digits) == text


@given(st.integers(-(2**62), 2**62), st.integers(0, 12))
def test_what_is_written_is_read_again(value: int, digits: int) -> None:
    assert read_number(write_number(value, digits), digits, "x") == value
    assert read_rounded(write_number(value, digits), digits, "x") == value
