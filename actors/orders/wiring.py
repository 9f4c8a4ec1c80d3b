"""Addresses of the actors that the orders actor sends to."""

import attrs

from actors.model.fixed import Money
from runtime.messages import Ref

__all__ = ["OrdersWiring"]


@attrs.frozen
class OrdersWiring:
    """`port` takes commands (the rate limiter), `gateway` is watched; `cards` maps a card's id to its strategy.

    `safety` is sent revisions with a wallet at or below `wallet_floor` only; None: there is no floor.
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
