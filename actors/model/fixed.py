"""Fixed point: prices, quantities and money are integers on decimal grids; text and Decimal are for input and output.

A Price counts 10^-price_digits, a Qty 10^-qty_digits, a Rate 10^-rate_digits, and Money 10^-(their sum), so that
value = price x quantity and fee = value x rate are exact products, without division or a decimal context.
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
    """Rounding direction: towards minus (DOWN) or plus (UP) infinity."""

    DOWN = "down"
    UP = "up"


def power_of_ten(digits: int) -> int:
    """10^digits for digits >= 0, as an int."""
    return int(10**digits)


def decimals_of(value: Decimal) -> int:
    """Digits after the point without trailing zeros (0.10 -> 1, 5 -> 0, 100 -> 0); ValueError if not finite."""
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    return max(0, -exponent)


def fixed_from_decimal(value: Decimal, digits: int) -> int:
    """`value` as an integer of 10^-digits; ValueError if it has more decimals."""
    numerator, denominator = value.as_integer_ratio()
    scaled, rest = divmod(numerator * power_of_ten(digits), denominator)
    if rest:
        raise ValueError(f"{value} has more than {digits} decimals")
    return scaled


def float_to_decimal(value: float) -> Decimal:
    """The decimal value of a float's shortest text; the only conversion from a feature's float."""
    return Decimal(repr(float(value)))


def floor_ratio(numerator: Decimal, denominator: int, digits: int) -> int:
    """floor(numerator x 10^digits / denominator), exactly."""
    top, bottom = _scaled_ratio(numerator, digits)
    return top // (bottom * denominator)


@lru_cache(maxsize=1024)
def _scaled_ratio(value: Decimal, digits: int) -> tuple[int, int]:
    """value x 10^digits as (numerator, denominator); cached because a card's sizes repeat with every order."""
    top, bottom = value.as_integer_ratio()
    return top * power_of_ten(digits), bottom


def round_to_grid(value: Decimal, digits: int, grid: int, rounding: Rounding) -> int:
    """`value` as an integer of 10^-digits, rounded in the given direction to a multiple of `grid`."""
    top, bottom = value.as_integer_ratio()
    top, bottom = top * power_of_ten(digits), bottom * grid
    steps = top // bottom if rounding is Rounding.DOWN else -(-top // bottom)
    return steps * grid


def scaled_text(value: int, digits: int) -> str:
    """Decimal text of an integer of 10^-digits, without exponent or trailing zeros."""
    if not digits:
        return str(value)
    text = str(abs(value)).zfill(digits + 1)
    whole, tail = text[:-digits], text[-digits:].rstrip("0")
    if value < 0:
        whole = f"-{whole}"
    return f"{whole}.{tail}" if tail else whole


def plain_text(value: Decimal) -> str:
    """Text of a Decimal without exponent or trailing zeros."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"
