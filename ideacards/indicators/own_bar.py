"""The bar that a user's own feature sees: this one and no other."""

from typing import NamedTuple

__all__ = ["OWN_INPUTS", "OwnBar"]


class OwnBar(NamedTuple):
    """Prices and volume of one closed bar, and its times in UTC ms."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    ts_open: float
    ts_close: float


OWN_INPUTS = OwnBar._fields
