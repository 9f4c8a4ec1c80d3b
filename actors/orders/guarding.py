"""What guards the position: told to protection at each fill of an entry, and missed when it is gone."""

from actors.model.backend import PositionReport
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import WITH_POSITION, Order, OrderReport, Origin, ProtectionTerms, VenueStatus
from actors.orders.store import OrderStore
from actors.orders.wiring import OrdersWiring
from actors.protection.messages import ProtectEntry, StopSeen
from actors.reconciler.messages import ReconcileNow
from runtime.context import Context

__all__ = ["Guarding", "is_lost_stop"]

_STOP_LOSS, _DEACTIVATED = Origin.STOP_LOSS, VenueStatus.DEACTIVATED


class Guarding:
    """The entry whose levels the position should have is the one that `store` knows as protected."""

    def __init__(self, wiring: OrdersWiring, instrument: Instrument, store: OrderStore) -> None:
        self._to = wiring
        self._instrument = instrument
        self._store = store

    def filled(self, entry: Order, price: Price, ctx: Context) -> None:
        """Protection moves the levels that came along with the order to their exact distance from the fill."""
        ctx.send(self._to.protection, self._wish(entry, price, entry.request.protection))

    def stop_gone(self, time_ms: int, ctx: Context) -> None:
        """The position's stop has vanished while the position stands: what is left is for the reconciler to see."""
        entry = self._store.protected
        if entry is not None and entry.stop_loss is not None:
            ctx.note(StopSeen(is_standing=False, time_ms=time_ms))
            ctx.send(self._to.reconciler, ReconcileNow("the position's stop is gone"))

    def compared(self, report: PositionReport, ctx: Context) -> None:
        """See to a position that was found without a level that its entry wants."""
        entry = self._store.protected
        if not report.position.qty or entry is None or not entry.filled_qty:
            return
        lacks_stop = entry.stop_loss is not None and report.stop is None
        if lacks_stop:
            ctx.note(StopSeen(is_standing=False, time_ms=ctx.now // 1_000_000))
        if lacks_stop or (entry.take_profit is not None and report.target is None):
            price = Price(entry.filled_value // self._instrument.value(1, entry.filled_qty))
            ctx.send(self._to.protection, self._wish(entry, price, None))

    def _wish(self, entry: Order, price: Price, attached: ProtectionTerms | None) -> ProtectEntry:
        symbol, side = self._instrument.symbol, entry.request.side
        return ProtectEntry(symbol, side, price, entry.stop_loss, entry.take_profit, attached)


def is_lost_stop(report: OrderReport) -> bool:
    """Whether it tells of a position's stop that went without its position."""
    return report.origin is _STOP_LOSS and report.status is _DEACTIVATED and report.reason != WITH_POSITION
