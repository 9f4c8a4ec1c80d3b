"""Whom a strategy asks and tells: names in the tree, given at construction."""

import attrs

from runtime.messages import Ref

__all__ = ["StrategyWiring"]


@attrs.frozen
class StrategyWiring:
    """All of them start before any strategy does."""

    journal: Ref
    marketdata: Ref
    orders: Ref
    intents: Ref
