"""Every message of the exchange port and the conversation that answers it."""

from typing import Any

from actors.bybit.conversations import queries
from actors.bybit.conversations.asking import Steps, VenueAccount
from actors.bybit.conversations.batches import run_batch
from actors.bybit.conversations.commands import run_command
from actors.model.backend import (
    AmendBatch,
    Batch,
    CancelAll,
    CancelBatch,
    Command,
    EquityQuery,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    Query,
    ServerTimeQuery,
    SubmitBatch,
)
from actors.model.maintenance import MaintenanceQuery

__all__ = ["converse"]


def converse(message: Command | Batch | Query, account: VenueAccount) -> Steps[Any]:
    """The conversation of a message: it returns what the port says answers it."""
    match message:
        case SubmitBatch() | AmendBatch() | CancelBatch() | CancelAll():
            return run_batch(message, account)
        case OpenOrdersQuery():
            return queries.open_orders(message, account)
        case OrderQuery():
            return queries.order_by_id(message, account)
        case ExecutionsQuery():
            return queries.executions(message, account)
        case PositionQuery():
            return queries.position(message, account)
        case EquityQuery():
            return queries.equity(message, account)
        case HistoryQuery():
            return queries.history(message, account)
        case ServerTimeQuery():
            return queries.server_time()
        case MaintenanceQuery():
            return queries.maintenance(account)
        case _:
            return run_command(message, account)
