"""Whom the reconciler asks and corrects: names in the tree, given at construction."""

import attrs

from runtime.messages import Ref

__all__ = ["ReconcilerWiring"]


@attrs.frozen
class ReconcilerWiring:
    """`private_socket` is watched: every new connection is a reason to reconcile."""

    port: Ref
    private_socket: Ref
    orders: Ref
