"""Numbers of a card from text to Decimal and back, exactly: no float and no decimal context takes part."""

from decimal import Decimal

__all__ = ["decimal_of", "plain_text"]

_MAX_INTEGER_DIGITS = 15
_MAX_DECIMALS = 12


def decimal_of(text: str) -> Decimal | None:
    """A number's text (`12`, `0.5`, `1e3`) as a Decimal, exactly.

    None with over 15 digits before the point or 12 after it, trailing zeros aside.
    """
    exponent = text.lower().partition("e")[2]
    if len(exponent) > 4:
        return None
    value = Decimal(text)
    whole, _, part = plain_text(abs(value)).partition(".")
    return value if len(whole) <= _MAX_INTEGER_DIGITS and len(part) <= _MAX_DECIMALS else None


def plain_text(value: Decimal) -> str:
    """Plain text without exponent, trailing zeros or a negative zero: equal values have equal texts."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
