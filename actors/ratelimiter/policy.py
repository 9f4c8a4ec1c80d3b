"""How much of the venue's limits we use, and how much of that is kept for what lowers risk."""

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from actors.model.order import Category
from actors.ratelimiter.messages import Endpoint

__all__ = ["RESERVE_PERCENT", "RatePolicy"]

RESERVE_PERCENT = 20
_ALL_LINEAR: Mapping[str, Category] = MappingProxyType({})


@attrs.frozen
class RatePolicy:
    """`budgets` are requests per rolling second by path, for each category; `ip_budget` is requests per 5 s in all.

    `categories` by symbol; a symbol that is not listed is linear. Of the create path and of the address
    `reserve_percent`, rounded up, are kept for cancels, closing orders, stops and targets: opens, amends and questions
    leave them over. A limit of one has no reserve, for nothing could be opened.
    """

    budgets: Mapping[Endpoint, int]
    ip_budget: int
    categories: Mapping[str, Category] = _ALL_LINEAR
    reserve_percent: int = attrs.field(
        default=RESERVE_PERCENT, validator=[attrs.validators.ge(0), attrs.validators.lt(100)]
    )

    def __attrs_post_init__(self) -> None:
        missing = [endpoint.name for endpoint in Endpoint if endpoint not in self.budgets]
        if missing:
            raise ValueError(f"no budget for {', '.join(missing)}")

    def reserve_of(self, limit: int) -> int:
        """How many of `limit` are kept for what lowers risk; at least one is left for the rest."""
        return min(limit - 1, -(-limit * self.reserve_percent // 100))
