"""Addresses of the actors that the reconciler asks and corrects."""

import attrs

from runtime.messages import Ref

__all__ = ["ReconcilerWiring"]


@attrs.frozen
class ReconcilerWiring:
    """`port` takes queries (the rate limiter); every new connection of `private_socket` starts a reconciliation."""

    port: Ref
    private_socket: Ref
    orders: Ref
