"""The gate takes every command and query of the exchange port; this file says which budget and lane each belongs to.

Bybit counts per account and endpoint in a rolling second, and per IP over all endpoints in five. A batch counts as many
at its endpoint as it holds requests, and one at the address.
"""

from enum import IntEnum, StrEnum

import msgspec

from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    Batch,
    CancelAll,
    CancelBatch,
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
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)

__all__ = ["ENDPOINTS", "Endpoint", "Lane", "PermitDue", "count_of", "lane_of"]


class Endpoint(StrEnum):
    """Budgets of the account."""

    CREATE = "create"
    AMEND = "amend"
    CANCEL = "cancel"
    PROTECTION = "protection"
    LEVERAGE = "leverage"
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
    SetTradingStop: Endpoint.PROTECTION,
    AddTradingStop: Endpoint.PROTECTION,
    SetLeverage: Endpoint.LEVERAGE,
    SubmitBatch: Endpoint.CREATE,
    AmendBatch: Endpoint.AMEND,
    CancelBatch: Endpoint.CANCEL,
    CancelAll: Endpoint.CANCEL,
    OpenOrdersQuery: Endpoint.QUERY,
    OrderQuery: Endpoint.QUERY,
    ExecutionsQuery: Endpoint.QUERY,
    PositionQuery: Endpoint.QUERY,
    EquityQuery: Endpoint.QUERY,
    HistoryQuery: Endpoint.QUERY,
    ServerTimeQuery: Endpoint.QUERY,
}


_REDUCING = (CancelOrder, CancelBatch, CancelAll, SetTradingStop, AddTradingStop)


def lane_of(message: Command | Batch | Query) -> Lane:
    """A cancel, a protection and a reduce-only order lower risk."""
    if isinstance(message, SubmitOrder):
        return Lane.REDUCE if message.request.reduce_only else Lane.ENTER
    if isinstance(message, SubmitBatch):
        return Lane.REDUCE if all(request.reduce_only for request in message.requests) else Lane.ENTER
    return Lane.REDUCE if isinstance(message, _REDUCING) else Lane.ASK


def count_of(message: Command | Batch | Query) -> int:
    """How many grants of its endpoint it takes; an empty batch takes one, to be refused by the venue."""
    if isinstance(message, SubmitBatch):
        return max(1, len(message.requests))
    if isinstance(message, AmendBatch):
        return max(1, len(message.amends))
    return max(1, len(message.cancels)) if isinstance(message, CancelBatch) else 1
