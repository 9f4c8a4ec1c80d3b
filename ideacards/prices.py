"""Price sources: means of a bar's prices, read like bar columns.

One arithmetic for floats and arrays: added in the order of the name's letters, then divided.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["PRICE_INPUTS", "PRICE_SOURCES", "price_of"]

PRICE_INPUTS: dict[str, tuple[str, ...]] = {
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
}
PRICE_SOURCES = tuple(PRICE_INPUTS)


def price_of(name: str, column: Callable[[str], Any]) -> Any:
    """The price source `name` of what `column` gives for a bar column: of floats a float, of arrays an array."""
    first, *others = (column(each) for each in PRICE_INPUTS[name])
    total = first
    for each in others:
        total = total + each
    return total / float(len(PRICE_INPUTS[name]))
