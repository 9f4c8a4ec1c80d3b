"""Addresses of the actors that a strategy sends to."""

import attrs

from runtime.messages import Ref

__all__ = ["StrategyWiring"]


@attrs.frozen
class StrategyWiring:
    """The addresses; these actors start before any strategy does."""

    journal: Ref
    marketdata: Ref
    orders: Ref
    intents: Ref
