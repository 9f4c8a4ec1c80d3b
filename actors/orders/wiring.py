"""Whom the order state machine speaks to: names in the tree, given at construction."""

import attrs

from actors.model.fixed import Money
from runtime.messages import Ref

__all__ = ["OrdersWiring"]


@attrs.frozen
class OrdersWiring:
    """`port` takes commands (the rate limiter), `gateway` is watched; `cards` maps a card's id to its strategy.

    `safety` hears of a wallet at or below `wallet_floor`, and of no other; None: there is no floor.
    """

    journal: Ref
    port: Ref
    gateway: Ref
    protection: Ref
    reconciler: Ref
    intents: Ref
    safety: Ref
    cards: dict[str, Ref]
    wallet_floor: Money | None = None
