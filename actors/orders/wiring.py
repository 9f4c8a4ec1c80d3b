"""Addresses of the actors that the orders actor sends to."""

import attrs

from runtime.messages import Ref

__all__ = ["OrdersWiring"]


@attrs.frozen
class OrdersWiring:
    """`port` takes commands (the rate limiter), `gateway` is watched; `cards` maps a card's id to its strategy."""

    journal: Ref
    port: Ref
    gateway: Ref
    protection: Ref
    reconciler: Ref
    intents: Ref
    safety: Ref
    cards: dict[str, Ref]
