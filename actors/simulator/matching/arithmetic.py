"""The arithmetic of matching: which order takes, at what price, and how much of it opens or reduces a position.

Pure scalar functions on ints; `side` is +1 for a buy and -1 for a sell, prices and quantities are fixed point. Every
matcher uses these functions.
"""

__all__ = [
    "drifted_price",
    "is_marketable",
    "opening_qty",
    "reducible_qty",
    "slipped_price",
    "touch_level",
    "trigger_price_met",
    "worst_price_within",
]


def is_marketable(side: int, limit: int, market: int) -> bool:
    """Whether a limit order would trade at once against a market at `market`."""
    return side * (limit - market) >= 0


def drifted_price(market: int, side: int, unseen_ms: int, ticks_per_second: int, tick: int) -> int:
    """A price last seen `unseen_ms` ago, moved against the taker by `ticks_per_second` for each started second.

    Never below one tick.
    """
    started_seconds = -(-unseen_ms // 1000)
    return max(tick, market + side * started_seconds * ticks_per_second * tick)


def slipped_price(market: int, side: int, ticks: int, share: tuple[int, int], tick: int) -> int:
    """A taker's price: the market plus `ticks` and `share` (top, bottom) of it against him, rounded up to the tick.

    Never below one tick.
    """
    top, bottom = share
    beyond = ticks + -(-market * top // (bottom * tick))
    return max(tick, market + side * beyond * tick)


def worst_price_within(reference: int, side: int, ticks: int, share: tuple[int, int], tick: int) -> int:
    """Worst price within the tolerance of `ticks` and `share` (top, bottom) beyond `reference`, in whole ticks."""
    top, bottom = share
    return reference + side * (ticks + reference * top // (bottom * tick)) * tick


def touch_level(side: int, limit: int, through: int) -> int:
    """The price the path must reach for a resting limit to fill: `through` price units beyond its limit."""
    return limit - side * through


def trigger_price_met(is_falling: bool, level: int, market: int) -> int:
    """The price at which a touched trigger acts: its level, or the market if that is already beyond the level."""
    return min(level, market) if is_falling else max(level, market)


def opening_qty(position: int, side: int, qty: int) -> int:
    """How much of an order opens: all of it, less the position of the other side that it first closes."""
    return qty if side * position >= 0 else max(0, qty - abs(position))


def reducible_qty(position: int, side: int) -> int:
    """How much of the position an order of this side can reduce; 0 while flat or on the position's own side."""
    return abs(position) if side * position < 0 else 0
