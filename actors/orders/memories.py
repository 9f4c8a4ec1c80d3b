"""Journals orders and executions: at once, or all of a private frame together at its end."""

from actors.model.order import Fill, Order
from actors.orders.executions import key_of
from actors.orders.ledger import Ledger
from actors.orders.messages import BOOKED_TOPIC, EXECUTIONS_TOPIC, ORDERS_TOPIC
from runtime.context import Context
from runtime.messages import Remember

__all__ = ["Memories"]


class Memories:
    """Journals orders, executions and checkpoints of `ledger`. Executions come in frames, so a checkpoint ends one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: list[Remember] | None = None
        self._booked: dict[str, bool] = {}  # symbols with new executions

    def begin(self) -> None:
        """Begin a frame: collect what is to be journaled until `end`."""
        self._kept = []

    def of_order(self, as_it_is: Order, ctx: Context, forgotten: str = "") -> None:
        """Journal a copy of an order; `forgotten` is the id of another that the journal may drop, or ""."""
        memory = Remember(ORDERS_TOPIC, as_it_is.request.link_id, as_it_is, forgotten)
        if self._kept is None:
            ctx.remember(memory)
        else:
            self._kept.append(memory)

    def of_fill(self, fill: Fill, forgotten: str) -> None:
        """Journal a new execution, within a frame; `forgotten` is the key of one that the journal may drop, or ""."""
        if self._kept is not None:
            self._kept.append(Remember(EXECUTIONS_TOPIC, key_of(fill), fill, forgotten))
        self._booked[fill.symbol] = True

    def of_symbol(self, symbol: str, ctx: Context) -> None:
        """Journal the checkpoint of a symbol now."""
        ctx.remember(Remember(BOOKED_TOPIC, symbol, self._ledger.checkpoint(symbol)))

    def end(self, ctx: Context) -> None:
        """End a frame: journal all that was collected, and a checkpoint of each symbol with new executions."""
        kept, self._kept = self._kept or [], None
        for symbol in self._booked:
            kept.append(Remember(BOOKED_TOPIC, symbol, self._ledger.checkpoint(symbol)))
        self._booked.clear()
        if kept:
            ctx.remember(*kept)
