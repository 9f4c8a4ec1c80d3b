"""The budget and the lane of every command and query of the exchange port.

Bybit counts requests per account and endpoint in a rolling second, and per IP over all endpoints in five seconds. A
batch counts once for each request in it at its endpoint, and once for the IP.
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

__all__ = [
    "ENDPOINTS",
    "AddressBanned",
    "Endpoint",
    "Lane",
    "LimitReported",
    "PermitDue",
    "count_of",
    "lane_of",
]


class Endpoint(StrEnum):
    """The account's budgets."""

    CREATE = "create"
    AMEND = "amend"
    CANCEL = "cancel"
    PROTECTION = "protection"
    LEVERAGE = "leverage"
    QUERY = "query"


class Lane(IntEnum):
    """The order in which held requests are sent: what lowers risk, then queries, then what may raise risk."""

    REDUCE = 0
    ASK = 1
    ENTER = 2


class PermitDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: a window may have room now."""


class LimitReported(msgspec.Struct, frozen=True, gc=False):
    """The venue's own count at a request that was sent at `sent_ns` of our time: `limit` a second, `left` of them."""

    endpoint: Endpoint
    limit: int
    left: int
    sent_ns: int


class AddressBanned(msgspec.Struct, frozen=True, gc=False):
    """The venue refuses all that comes from our address, for so long from now on."""

    for_ns: int


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
    """The lane of a request; cancels, trading stops and reduce-only orders lower risk."""
    if isinstance(message, SubmitOrder):
        return Lane.REDUCE if message.request.reduce_only else Lane.ENTER
    if isinstance(message, SubmitBatch):
        return Lane.REDUCE if all(request.reduce_only for request in message.requests) else Lane.ENTER
    return Lane.REDUCE if isinstance(message, _REDUCING) else Lane.ASK


def count_of(message: Command | Batch | Query) -> int:
    """How many requests it counts as at its endpoint; an empty batch counts as one, for the venue rejects it."""
    if isinstance(message, SubmitBatch):
        return max(1, len(message.requests))
    if isinstance(message, AmendBatch):
        return max(1, len(message.amends))
    return max(1, len(message.cancels)) if isinstance(message, CancelBatch) else 1
