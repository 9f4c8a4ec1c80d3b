"""What the journal is told of orders and executions: at once, or of a whole private frame together at its end."""

from actors.model.order import Fill, Order
from actors.orders.executions import key_of
from actors.orders.ledger import Ledger
from actors.orders.messages import BOOKED_TOPIC, EXECUTIONS_TOPIC, ORDERS_TOPIC
from runtime.context import Context
from runtime.messages import Remember

__all__ = ["Memories"]


class Memories:
    """Executions come in frames alone, so a checkpoint stands at a frame's end; `ledger` is what it tells."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: list[Remember] | None = None
        self._booked: dict[str, bool] = {}  # symbols with new executions

    def begin(self) -> None:
        """A frame begins: from here on what is to be remembered is kept."""
        self._kept = []

    def of_order(self, as_it_is: Order, ctx: Context, forgotten: str = "") -> None:
        """An order as it stands, in a copy; `forgotten` is the id of another that need not be known any more."""
        memory = Remember(ORDERS_TOPIC, as_it_is.request.link_id, as_it_is, forgotten)
        if self._kept is None:
            ctx.remember(memory)
        else:
            self._kept.append(memory)

    def of_fill(self, fill: Fill, forgotten: str) -> None:
        """A new execution, within a frame; `forgotten` is the key of an older one."""
        if self._kept is not None:
            self._kept.append(Remember(EXECUTIONS_TOPIC, key_of(fill), fill, forgotten))
        self._booked[fill.symbol] = True

    def of_symbol(self, symbol: str, ctx: Context) -> None:
        """What a symbol has come to, at once."""
        ctx.remember(Remember(BOOKED_TOPIC, symbol, self._ledger.checkpoint(symbol)))

    def end(self, ctx: Context) -> None:
        """The frame has ended: all of it together."""
        kept, self._kept = self._kept or [], None
        for symbol in self._booked:
            kept.append(Remember(BOOKED_TOPIC, symbol, self._ledger.checkpoint(symbol)))
        self._booked.clear()
        if kept:
            ctx.remember(*kept)
