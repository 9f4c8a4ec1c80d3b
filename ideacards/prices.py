"""Names of what a bar tells: its columns, price sources, and those of a leader, like `BTCUSDT.close`.

A price source is a mean of a bar's prices, read like a bar column. One arithmetic for floats and arrays: added in the
order of the name's letters, then divided.
"""

from collections.abc import Callable, Collection
from typing import Any

from ideacards.bars import BAR_COLUMNS

__all__ = ["LEADER_PRICES", "PRICE_INPUTS", "PRICE_SOURCES", "feed_key", "leader_price", "price_of"]

PRICE_INPUTS: dict[str, tuple[str, ...]] = {
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
}
PRICE_SOURCES = tuple(PRICE_INPUTS)
LEADER_PRICES = (*BAR_COLUMNS, *PRICE_SOURCES)


def feed_key(symbol: str, timeframe: str) -> str:
    """How bars are called among those of a card: by their timeframe, of a leader with its symbol in front."""
    return f"{symbol}.{timeframe}" if symbol else timeframe


def leader_price(name: str, leaders: Collection[str]) -> tuple[str, str] | None:
    """(leader, price) of a name like `BTCUSDT.close`; None if it is another name."""
    symbol, _, price = name.partition(".")
    return (symbol, price) if symbol in leaders and price in LEADER_PRICES else None


def price_of(name: str, column: Callable[[str], Any]) -> Any:
    """The price source `name` of what `column` gives for a bar column: of floats a float, of arrays an array."""
    first, *others = (column(each) for each in PRICE_INPUTS[name])
    total = first
    for each in others:
        total = total + each
    return total / float(len(PRICE_INPUTS[name]))
