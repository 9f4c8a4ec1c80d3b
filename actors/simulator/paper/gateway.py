"""The gateway of a paper account: what the public market can answer goes to the exchange, all else to the venue."""

from typing import Any

from actors.gateway.messages import PORT_CLASSES
from actors.model.backend import Batch, Command, HistoryQuery, Query, ServerTimeQuery
from actors.model.maintenance import MaintenanceQuery
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["PaperGateway"]

_PUBLIC: tuple[Any, ...] = (HistoryQuery, ServerTimeQuery, MaintenanceQuery)


class PaperGateway(Actor):
    """`market` answers history and server time, without a key; `venue` has the account and its orders."""

    def __init__(self, market: Ref, venue: Ref) -> None:
        self._market = market
        self._venue = venue

    @handles(*PORT_CLASSES)
    def request(self, message: Command | Batch | Query, ctx: Context) -> None:
        """Pass it on; the answer goes straight to the asker."""
        ctx.forward(self._market if isinstance(message, _PUBLIC) else self._venue, message)
