"""Number text of the wire to fixed point and back. No float, no exponent; "" and its kin are None.

`read_number` is exact and refuses what the grid cannot hold; `read_rounded` is for what the venue itself has rounded
(averages, balances) and takes the nearest. `write_number` is the one function that writes a number to the wire.
"""

import re
from decimal import Decimal
from fractions import Fraction

from actors.bybit.wire.base import WireError
from actors.bybit.wire.values import NO_VALUE
from actors.model.fixed import power_of_ten, scaled_text

__all__ = [
    "WireNumberError",
    "nearest_unit",
    "read_decimal",
    "read_level",
    "read_ms",
    "read_number",
    "read_rounded",
    "text_or_none",
    "write_number",
]

_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)


class WireNumberError(WireError):
    """A field's text is no plain decimal, or does not lie on the grid of its instrument."""

    def __init__(self, field: str, text: str, expected: str) -> None:
        super().__init__(f"{field}: {text!r} is not {expected}")
        self.field = field
        self.text = text


def text_or_none(text: str | None) -> str | None:
    """The text, or None for the venue's spellings of no value: absent, "", "UNKNOWN"."""
    return None if text is None or text in NO_VALUE else text


def read_decimal(text: str | None, field: str) -> Decimal | None:
    """A plain decimal, exactly, or None for no value. Raises WireNumberError for anything else."""
    if text is None or text in NO_VALUE:
        return None
    if not _NUMBER.fullmatch(text):
        raise WireNumberError(field, text, "a plain decimal")
    return Decimal(text)


def read_number(text: str | None, digits: int, field: str) -> int | None:
    """An integer of 10^-digits, or None for no value. Raises WireNumberError where it is finer than that."""
    if text is None or text in NO_VALUE:
        return None
    if not _NUMBER.fullmatch(text):
        raise WireNumberError(field, text, "a plain decimal")
    whole, _, tail = text.partition(".")
    if len(tail) > digits:
        tail = tail.rstrip("0")
        if len(tail) > digits:
            raise WireNumberError(field, text, f"a number of at most {digits} decimals")
    return int(whole + tail.ljust(digits, "0"))


def read_rounded(text: str | None, digits: int, field: str) -> int | None:
    """The nearest integer of 10^-digits (halves away from zero), or None for no value."""
    value = read_decimal(text, field)
    if value is None:
        return None
    return nearest_unit(Fraction(value), digits)


def nearest_unit(value: Fraction, digits: int) -> int:
    """The nearest integer of 10^-digits, halves away from zero."""
    scaled = abs(value) * power_of_ten(digits)
    units, rest = divmod(scaled.numerator, scaled.denominator)
    units += 2 * rest >= scaled.denominator
    return -units if value < 0 else units


def read_level(text: str | None, digits: int, field: str) -> int | None:
    """A price that "0" and its kin ("0.00") take away: None for them and for no value."""
    return read_number(text, digits, field) or None


def read_ms(text: str | None, field: str) -> int:
    """A time in UTC ms, written as text; 0 for no value."""
    return read_number(text, 0, field) or 0


def write_number(value: int, digits: int) -> str:
    """Plain decimal text of an integer of 10^-digits: no exponent, no trailing zeros."""
    return scaled_text(value, digits)
