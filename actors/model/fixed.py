"""Fixed point: prices, quantities and money are integers on decimal grids; text and Decimal only at the doors.

A Price counts 10^-price_digits, a Qty 10^-qty_digits, a Rate 10^-rate_digits, and Money 10^-(their sum), so that
value = price x quantity and fee = value x rate are exact products without any division or context.
"""

from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import NewType

__all__ = [
    "Money",
    "Price",
    "Qty",
    "Rate",
    "Rounding",
    "decimals_of",
    "fixed_from_decimal",
    "float_to_decimal",
    "floor_ratio",
    "plain_text",
    "power_of_ten",
    "round_to_grid",
    "scaled_text",
]

Price = NewType("Price", int)
Qty = NewType("Qty", int)
Rate = NewType("Rate", int)
Money = NewType("Money", int)


class Rounding(Enum):
    """Direction on a grid, towards minus or plus infinity."""

    DOWN = "down"
    UP = "up"


def power_of_ten(digits: int) -> int:
    """10^digits for digits >= 0, as an int."""
    return int(10**digits)


def decimals_of(value: Decimal) -> int:
    """Digits after the point, trailing zeros dropped (0.10 -> 1, 5 -> 0, 100 -> 0)."""
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    return max(0, -exponent)


def fixed_from_decimal(value: Decimal, digits: int) -> int:
    """`value` as an integer of 10^-digits; ValueError if it does not lie on that grid."""
    numerator, denominator = value.as_integer_ratio()
    scaled, rest = divmod(numerator * power_of_ten(digits), denominator)
    if rest:
        raise ValueError(f"{value} has more than {digits} decimals")
    return scaled


def float_to_decimal(value: float) -> Decimal:
    """The one door from a feature's float: its shortest decimal text, read exactly."""
    return Decimal(repr(float(value)))


def floor_ratio(numerator: Decimal, denominator: int, digits: int) -> int:
    """floor(numerator x 10^digits / denominator), exactly."""
    top, bottom = _scaled_ratio(numerator, digits)
    return top // (bottom * denominator)


@lru_cache(maxsize=1024)
def _scaled_ratio(value: Decimal, digits: int) -> tuple[int, int]:
    """value x 10^digits as a fraction; a card's sizes come again with every order."""
    top, bottom = value.as_integer_ratio()
    return top * power_of_ten(digits), bottom


def round_to_grid(value: Decimal, digits: int, grid: int, rounding: Rounding) -> int:
    """`value` as an integer of 10^-digits on a multiple of `grid`, towards the given side."""
    top, bottom = value.as_integer_ratio()
    top, bottom = top * power_of_ten(digits), bottom * grid
    steps = top // bottom if rounding is Rounding.DOWN else -(-top // bottom)
    return steps * grid


def scaled_text(value: int, digits: int) -> str:
    """Plain decimal text of an integer of 10^-digits: no exponent, trailing zeros dropped."""
    if not digits:
        return str(value)
    text = str(abs(value)).zfill(digits + 1)
    whole, tail = text[:-digits], text[-digits:].rstrip("0")
    if value < 0:
        whole = f"-{whole}"
    return f"{whole}.{tail}" if tail else whole


def plain_text(value: Decimal) -> str:
    """Plain text of a Decimal, without exponent or trailing zeros."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"
