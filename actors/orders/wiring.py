"""Addresses of the actors that the orders actor sends to."""

import attrs

from actors.model.fixed import Money
from runtime.messages import Ref

__all__ = ["OrdersWiring"]


@attrs.frozen
class OrdersWiring:
    """`port` takes commands and questions (the rate limiter); `cards` maps a card's id to its strategy.

    `gateway` is watched; `private_socket` is told when its stream has fallen silent (None: it can lose nothing).
    `safety` is sent revisions with a
    wallet at or below `wallet_floor` only; None: there is no floor.
    """

    journal: Ref
    port: Ref
    gateway: Ref
    private_socket: Ref | None
    protection: Ref
    reconciler: Ref
    intents: Ref
    safety: Ref
    cards: dict[str, Ref]
    wallet_floor: Money | None = None
