"""What the venue counts every message of the exchange port as, the lane of each, and what the gateway reports.

Bybit counts requests by account, path and category in a rolling second, and by IP address over all paths in five
seconds. A batch counts once for each item at its path, and once for the address.
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
from actors.model.maintenance import MaintenanceQuery

__all__ = [
    "ACCOUNT_WIDE",
    "BAN_TOPIC",
    "ENDPOINTS",
    "AddressBanned",
    "BanKept",
    "Endpoint",
    "Lane",
    "LimitReported",
    "MoreRequested",
    "PermitDue",
    "count_of",
    "lane_of",
    "symbol_of",
]

BAN_TOPIC = "ban"  # of the journal


class Endpoint(StrEnum):
    """The paths that the venue counts for an account, each by itself."""

    CREATE = "/v5/order/create"
    AMEND = "/v5/order/amend"
    CANCEL = "/v5/order/cancel"
    CANCEL_ALL = "/v5/order/cancel-all"
    CREATE_BATCH = "/v5/order/create-batch"
    AMEND_BATCH = "/v5/order/amend-batch"
    CANCEL_BATCH = "/v5/order/cancel-batch"
    TRADING_STOP = "/v5/position/trading-stop"
    LEVERAGE = "/v5/position/set-leverage"
    ORDERS = "/v5/order/realtime"
    ORDER_HISTORY = "/v5/order/history"
    EXECUTIONS = "/v5/execution/list"
    POSITIONS = "/v5/position/list"
    WALLET = "/v5/account/wallet-balance"


ACCOUNT_WIDE = (Endpoint.WALLET,)
"""Counted for the account as a whole, whatever the category."""


class Lane(IntEnum):
    """The order in which held requests are sent."""

    CANCEL = 0
    REDUCE = 1  # closing orders, stop losses and take profits
    AMEND = 2
    OPEN = 3  # what may raise risk
    QUERY = 4


class PermitDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: a window may have room now."""


class LimitReported(msgspec.Struct, frozen=True, gc=False):
    """The venue's own count at a request to `path` that was sent at `sent_ns` of our time: `left` of `limit` a second.

    `category` is the request's, "" where it has none.
    """

    path: str
    category: str
    limit: int
    left: int
    sent_ns: int


class MoreRequested(msgspec.Struct, frozen=True, gc=False):
    """A message took one request more than its permit counted, to this path: count it too."""

    path: str
    category: str


class AddressBanned(msgspec.Struct, frozen=True, gc=False):
    """The venue refuses all that comes from our address, for so long from now on."""

    for_ns: int


class BanKept(msgspec.Struct, frozen=True, gc=False):
    """For the journal: our address is banned until then (UTC ms of the venue); a ban lasted `for_ms` at its begin."""

    until_ms: int
    for_ms: int


ENDPOINTS: dict[type, tuple[Endpoint, ...]] = {
    SubmitOrder: (Endpoint.CREATE,),
    AmendOrder: (Endpoint.AMEND,),
    CancelOrder: (Endpoint.CANCEL,),
    SetTradingStop: (Endpoint.TRADING_STOP,),
    AddTradingStop: (Endpoint.TRADING_STOP,),
    SetLeverage: (Endpoint.LEVERAGE,),
    SubmitBatch: (Endpoint.CREATE_BATCH,),
    AmendBatch: (Endpoint.AMEND_BATCH,),
    CancelBatch: (Endpoint.CANCEL_BATCH,),
    CancelAll: (Endpoint.CANCEL_ALL,),
    OpenOrdersQuery: (Endpoint.ORDERS,),
    OrderQuery: (Endpoint.ORDERS, Endpoint.ORDER_HISTORY),
    ExecutionsQuery: (Endpoint.EXECUTIONS,),
    PositionQuery: (Endpoint.POSITIONS, Endpoint.ORDERS),
    EquityQuery: (Endpoint.WALLET,),
    HistoryQuery: (),  # public: counted for the address alone
    ServerTimeQuery: (),
    MaintenanceQuery: (),
}
"""The paths that a message may ask, one request each: all of them are counted before it is passed on."""


_CANCELS = (CancelOrder, CancelBatch, CancelAll)
_LEVELS = (SetTradingStop, AddTradingStop)


def lane_of(message: Command | Batch | Query) -> Lane:
    """The lane of a request; of a submission it depends on whether all of it is reduce-only."""
    match message:
        case SubmitOrder(request):
            return Lane.REDUCE if request.reduce_only else Lane.OPEN
        case SubmitBatch(requests):
            return Lane.REDUCE if all(request.reduce_only for request in requests) else Lane.OPEN
        case SetLeverage():
            return Lane.OPEN
        case AmendOrder() | AmendBatch():
            return Lane.AMEND
    if isinstance(message, _CANCELS):
        return Lane.CANCEL
    return Lane.REDUCE if isinstance(message, _LEVELS) else Lane.QUERY


def count_of(message: Command | Batch | Query) -> int:
    """How many requests it counts as at each of its paths; an empty batch counts as one, for the venue rejects it."""
    if isinstance(message, SubmitBatch):
        return max(1, len(message.requests))
    if isinstance(message, AmendBatch):
        return max(1, len(message.amends))
    return max(1, len(message.cancels)) if isinstance(message, CancelBatch) else 1


def symbol_of(message: Command | Batch | Query) -> str:
    """The symbol whose category counts, "" for none; the items of a batch are of one category."""
    match message:
        case SubmitOrder(request):
            return request.symbol
        case SubmitBatch(requests):
            return requests[0].symbol if requests else ""
        case AmendBatch(amends):
            return amends[0].symbol if amends else ""
        case CancelBatch(cancels):
            return cancels[0].symbol if cancels else ""
        case ServerTimeQuery() | MaintenanceQuery():
            return ""
        case _:
            return message.symbol
