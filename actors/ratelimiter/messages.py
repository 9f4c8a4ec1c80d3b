"""The gate takes every command and query of the exchange port; this file says which budget and lane each belongs to.

Bybit counts per account and endpoint in a rolling second, and per IP over all endpoints in five.
"""

from enum import IntEnum, StrEnum

import msgspec

from actors.model.backend import (
    AmendOrder,
    CancelOrder,
    Command,
    EquityQuery,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    Query,
    ServerTimeQuery,
    SetProtection,
    SubmitOrder,
    SyncStateQuery,
)

__all__ = ["ENDPOINTS", "Endpoint", "Lane", "PermitDue", "lane_of"]


class Endpoint(StrEnum):
    """Budgets of the account."""

    CREATE = "create"
    AMEND = "amend"
    CANCEL = "cancel"
    PROTECTION = "protection"
    QUERY = "query"


class Lane(IntEnum):
    """Who goes first when permits are short: what lowers risk, then questions, then what may raise it."""

    REDUCE = 0
    ASK = 1
    ENTER = 2


class PermitDue(msgspec.Struct, frozen=True, gc=False):
    """The gate's own timer: a permit may be free now."""


ENDPOINTS: dict[type, Endpoint] = {
    SubmitOrder: Endpoint.CREATE,
    AmendOrder: Endpoint.AMEND,
    CancelOrder: Endpoint.CANCEL,
    SetProtection: Endpoint.PROTECTION,
    OpenOrdersQuery: Endpoint.QUERY,
    OrderQuery: Endpoint.QUERY,
    ExecutionsQuery: Endpoint.QUERY,
    PositionQuery: Endpoint.QUERY,
    EquityQuery: Endpoint.QUERY,
    HistoryQuery: Endpoint.QUERY,
    ServerTimeQuery: Endpoint.QUERY,
    SyncStateQuery: Endpoint.QUERY,
}


def lane_of(message: Command | Query) -> Lane:
    """A cancel, a protection and a reduce-only order lower risk."""
    if isinstance(message, SubmitOrder):
        return Lane.REDUCE if message.request.reduce_only else Lane.ENTER
    return Lane.REDUCE if isinstance(message, CancelOrder | SetProtection) else Lane.ASK
