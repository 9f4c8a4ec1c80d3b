"""What the journal is told of orders and executions: at once, or of a whole private frame as one entry at its end."""

from actors.model.order import Fill, Order
from actors.orders.messages import FILLS_TOPIC, ORDERS_TOPIC
from actors.orders.store import OrderStore
from runtime.context import Context
from runtime.journal.messages import Remember, RememberAll
from runtime.messages import Ref

__all__ = ["Memories"]

_BOOKED = "booked"  # the only key of its topic: the last checkpoint


class Memories:
    """Executions come in frames alone, so a checkpoint stands at a frame's end; `store` is what it tells."""

    def __init__(self, journal: Ref, store: OrderStore) -> None:
        self._journal = journal
        self._store = store
        self._kept: list[Remember] | None = None
        self._fills: list[Fill] = []

    def begin(self) -> None:
        """A frame begins: from here on what is to be remembered is kept."""
        self._kept = []

    def of_order(self, as_it_is: Order, ctx: Context, forgotten: str = "") -> None:
        """An order as it stands, in a copy; `forgotten` is the id of another that need not be known any more."""
        memory = Remember(ORDERS_TOPIC, as_it_is.request.link_id, as_it_is, forgotten)
        if self._kept is None:
            ctx.send(self._journal, memory)
        else:
            self._kept.append(memory)

    def of_fill(self, fill: Fill) -> None:
        """A new execution."""
        self._fills.append(fill)

    def end(self, ctx: Context) -> None:
        """The frame has ended: all of it in one entry."""
        kept, self._kept = self._kept or [], None
        if self._fills:
            kept.append(Remember(FILLS_TOPIC, _BOOKED, self._store.checkpoint(tuple(self._fills))))
            self._fills.clear()
        if kept:
            ctx.send(self._journal, kept[0] if len(kept) == 1 else RememberAll(tuple(kept)))
