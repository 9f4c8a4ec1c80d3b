"""Takes the venue's reports of orders and its executions, from the stream or from a reconciliation.

Both may come twice, late, or out of order. A report is an event of the transition table; an execution is booked once.
If a report counts more than has been booked, we wait a second for the executions, then ask the reconciler for them.
"""

from actors.model.backend import PrivateFrame
from actors.model.order import WITH_POSITION, Fill, OrderReport, VenueStatus
from actors.model.origins import MOVES_POSITION, PAYS_ONLY, Origin
from actors.orders.ledger import hedged
from actors.orders.life import OrderLife
from actors.orders.messages import DriftFound, ExecutionRepeated, ExecutionsDue, FillBooked
from actors.orders.tallies import ReadTally
from actors.orders.transitions import EVENT_OF_REPORT, OrderEvent
from actors.protection.messages import StopSeen
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["VenueReports"]

_EXECUTIONS_NS = 1_000_000_000  # how much later than a report the executions it counts may come
_EVENT_FILLED = OrderEvent.FILLED
_BOOKED = MOVES_POSITION | PAYS_ONLY
_OPEN = (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED, VenueStatus.UNTRIGGERED)
_STOP_LOSS, _DEACTIVATED = Origin.STOP_LOSS, VenueStatus.DEACTIVATED


class VenueReports:
    """Applies reports and executions to `life`; asks `reconciler` where something is missing."""

    def __init__(self, life: OrderLife, reconciler: Ref) -> None:
        self._life = life
        self._ledger = life.ledger
        self._store = life.store
        self._memories = life.memories
        self._reconciler = reconciler
        self._tallies: dict[str, ReadTally] = {}

    def tally_of(self, symbol: str) -> ReadTally:
        """What has been read of a symbol since the last call."""
        return self._tallies.pop(symbol, ReadTally())

    def take(self, message: PrivateFrame, ctx: Context) -> None:
        """Take one frame: it is journaled as one entry and published as one revision."""
        self._memories.begin()
        lost: OrderReport | None = None
        tallies = self._tallies if message.is_read else {}
        for event in message.events:
            stranger = self._ledger.stranger(event)
            if event.unknown:
                ctx.note(DriftFound(event.symbol, _unknown_values(event)))
            if stranger:
                ctx.note(DriftFound(event.symbol, stranger))
            elif isinstance(event, Fill):
                if self._book(event, ctx):
                    tallies.setdefault(event.symbol, ReadTally()).booked += 1
                elif not message.is_read:  # every reconciliation reads again what is known
                    ctx.note(ExecutionRepeated(event.exec_id, event.symbol))
            elif event.position_idx:
                self._quarantine(event, ctx)
            elif event.link_id:
                self._report(event, tallies.setdefault(event.symbol, ReadTally()), ctx)
            elif _is_lost_stop(event):
                lost = event
            elif event.filled_qty > self._ledger.executed_qty(event.order_id):
                self._await_executions(event, ctx)
        self._memories.end(ctx)
        self._life.publish(ctx)
        if lost is not None:
            self._stop_lost(lost, ctx)

    def _stop_lost(self, report: OrderReport, ctx: Context) -> None:
        """The position's stop loss has ended and the position is open: ask the reconciler what the venue holds."""
        entry = self._ledger.as_it_is(report.symbol).protected
        if entry is not None and entry.stop_loss is not None:
            ctx.note(StopSeen(report.symbol, is_standing=False, time_ms=report.time_ms))
            ctx.send(self._reconciler, ReconcileNow("the position's stop is gone", ReconcileCause.GAP))

    def _await_executions(self, report: OrderReport, ctx: Context) -> None:
        due = ExecutionsDue(report.symbol, report.order_id, report.filled_qty)
        ctx.after(_EXECUTIONS_NS, due, f"executions/{report.order_id}")

    def executions_due(self, message: ExecutionsDue, ctx: Context) -> None:
        """If executions are still missing, ask the reconciler to read them."""
        order = self._store.find("", message.order_id)
        booked = self._ledger.executed_qty(message.order_id) if order is None else order.filled_qty
        if booked < message.qty:
            ctx.send(
                self._reconciler, ReconcileNow(f"executions of {message.order_id} are missing", ReconcileCause.GAP)
            )

    def _report(self, report: OrderReport, tally: ReadTally, ctx: Context) -> None:
        order = self._store.find(report.link_id, report.order_id)
        if order is None:
            if report.status in _OPEN:
                tally.foreign = (*tally.foreign, report.order_id)
            return
        before = order.status
        if order.order_id != report.order_id:
            self._store.learn_id(order, report.order_id)
        event = EVENT_OF_REPORT[report.status]
        if self._life.amends.asked and event >= OrderEvent.CANCELLED:
            amend = self._life.amends.confirmed_by(report, order)
            if amend is not None:
                self._life.carries(amend)  # the order's end has overtaken the answer to the amend
        if order.filled_qty < report.filled_qty:
            self._await_executions(report, ctx)
            if event is _EVENT_FILLED:
                order.awaited_qty = report.filled_qty
                return
        if report.reason:
            order.reason = report.reason
        self._life.move(order, event, ctx)
        tally.moved += order.status is not before

    def _book(self, fill: Fill, ctx: Context) -> bool:
        """Book an execution; False if it is known."""
        ledger, store = self._ledger, self._store
        if not ledger.is_new(fill):
            return False
        if fill.exec_type not in _BOOKED:
            self._keep_unbooked(fill, ctx)
            return True
        foreign = fill.fee_currency and ledger.foreign_fee(fill)
        if foreign:
            ctx.note(DriftFound(fill.symbol, foreign))
        order = store.find(fill.link_id, fill.order_id)
        self._memories.of_fill(fill, ledger.book(fill, order))
        if order is None:
            ctx.note(FillBooked(fill, "", ""))
            return True
        if order.order_id != fill.order_id:
            store.learn_id(order, fill.order_id)
        ctx.note(FillBooked(fill, order.card_id, order.block_id))
        if self._life.hearing.waiting:
            self._life.hearing.heard(order, ctx)
        if store.is_filled(order):
            self._life.move(order, _EVENT_FILLED, ctx)
        if not order.status.has_ended:
            self._memories.of_order(ledger.changed(order), ctx)
        return True

    def _quarantine(self, report: OrderReport, ctx: Context) -> None:
        """Block the entries of a symbol after a report of a hedge position, until the venue states our one position."""
        what = f"order {report.order_id}: {hedged(report.symbol, report.position_idx)}"
        ctx.note(DriftFound(report.symbol, what))
        self._ledger.quarantine(report.symbol, what)
        self._memories.of_symbol(report.symbol, ctx)

    def _keep_unbooked(self, fill: Fill, ctx: Context) -> None:
        """Remember an execution of a kind that is not booked, and reconcile: it may have changed the position."""
        what = f"execution {fill.exec_id} is of a kind that is not booked: {fill.exec_type}"
        ctx.note(DriftFound(fill.symbol, what))
        self._memories.of_fill(fill, self._ledger.keep_unbooked(fill))
        ctx.send(self._reconciler, ReconcileNow(what))


def _unknown_values(event: OrderReport | Fill) -> str:
    which = f"execution {event.exec_id}" if isinstance(event, Fill) else f"order {event.order_id}"
    return f"{which} has values that are not known: {', '.join(event.unknown)}"


def _is_lost_stop(report: OrderReport) -> bool:
    """Whether a position's stop loss has ended without our asking, and not because the position closed."""
    return report.origin is _STOP_LOSS and report.status is _DEACTIVATED and report.reason != WITH_POSITION
