"""The arithmetic of a match: who takes, at what price, and what part of an order opens or reduces a position.

Scalar functions on ints without any state; `side` is +1 for a buy and -1 for a sell, prices and quantities are fixed
point. They are written once, here, and every matcher uses these.
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
    """A price that was last seen `unseen_ms` ago, moved against the taker: `ticks_per_second` for each started second.

    At least one tick is left of the price of a sale.
    """
    started_seconds = -(-unseen_ms // 1000)
    return max(tick, market + side * started_seconds * ticks_per_second * tick)


def slipped_price(market: int, side: int, ticks: int, share: tuple[int, int], tick: int) -> int:
    """What a taker pays beyond the market: `ticks`, and `share` (top, bottom) of the price, rounded up to the tick.

    At least one tick is left of the price of a sale.
    """
    top, bottom = share
    beyond = ticks + -(-market * top // (bottom * tick))
    return max(tick, market + side * beyond * tick)


def worst_price_within(reference: int, side: int, ticks: int, share: tuple[int, int], tick: int) -> int:
    """The worst price for who may pay `ticks` and `share` (top, bottom) beyond `reference`, in whole ticks, inwards."""
    top, bottom = share
    return reference + side * (ticks + reference * top // (bottom * tick)) * tick


def touch_level(side: int, limit: int, through: int) -> int:
    """The price the path must reach for a resting limit to fill: `through` (in price units) beyond its own."""
    return limit - side * through


def trigger_price_met(is_falling: bool, level: int, market: int) -> int:
    """The price at which a touched trigger acts: its level, or the market where that is already beyond."""
    return min(level, market) if is_falling else max(level, market)


def opening_qty(position: int, side: int, qty: int) -> int:
    """The part of an order that opens: all of it, unless it first closes a position of the other side."""
    return qty if side * position >= 0 else max(0, qty - abs(position))


def reducible_qty(position: int, side: int) -> int:
    """How much an order of this side can reduce; 0 while flat or on the position's own side."""
    return abs(position) if side * position < 0 else 0
