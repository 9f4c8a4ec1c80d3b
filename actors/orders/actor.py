"""The order state machine. It knows what became of every order: the table decides, this actor carries it out.

Starting until the journal has told what we meant; closed until the reconciler says that local view and venue agree.
An order is journaled before it is sent, sent again only with the same id, and never believed failed for want of an
answer. Fills are booked once, by execution sequence, whichever way they come.
"""

from msgspec.structs import replace

from actors.model.backend import PrivateFrame, SubmitOrder
from actors.model.errors import RateLimitError, error_class_of
from actors.model.instrument import Instrument
from actors.model.order import WITH_POSITION, Fill, LocalStatus, Order, OrderReport, Origin, VenueStatus
from actors.model.result import OrderResult, Outcome, Refusal
from actors.orders.drafting import draft, lacks_a_level, protection_of
from actors.orders.exits import Exits
from actors.orders.link_id import card_code, link_id
from actors.orders.messages import (
    ApprovedOrder,
    CancelDue,
    FillBooked,
    InFlightQuery,
    LocalViewQuery,
    NeverArrived,
    OrderEnded,
    OrderUpdated,
    Reconciled,
    ReplaceDue,
    RetryDue,
    WithdrawResting,
)
from actors.orders.retries import RATE_LIMIT_RETRY
from actors.orders.store import OrderStore
from actors.orders.transitions import EVENT_OF_REPORT, NEXT, OrderEvent
from actors.orders.wiring import OrdersWiring
from actors.orders.withdrawals import Withdrawals
from actors.protection.messages import StopSeen
from actors.reconciler.messages import ReconcileNow
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled, Remember, RememberAll
from runtime.messages import Asker, AskFailed, Down, Up

__all__ = ["FILLS_TOPIC", "ORDERS_TOPIC", "Orders"]

ORDERS_TOPIC = "orders"
FILLS_TOPIC = "fills"
_BOOKED = "booked"  # its only key: the last checkpoint
_TIMEOUT_NS = 30_000_000_000
_MAX_ATTEMPTS = 3

# On the way of every order, as module constants: looking up an enum's member costs as much as a call on some Pythons.
_JOURNALED, _SENT = LocalStatus.JOURNALED, LocalStatus.SENT
_FIRST = NEXT[LocalStatus.DRAFT][OrderEvent.JOURNALED] or _JOURNALED  # a draft that is journaled in the same turn
_FIRST_END = LocalStatus.FILLED
_RESTING = (LocalStatus.WORKING, LocalStatus.ARMED)
_ACCEPTED = Outcome.ACCEPTED
_DEACTIVATED = VenueStatus.DEACTIVATED
_EVENT_SENT, _EVENT_ACCEPTED, _EVENT_FILLED = OrderEvent.SENT, OrderEvent.ACCEPTED, OrderEvent.FILLED


class Orders(Actor):
    """One account; `deployment` marks our ids with four characters, `round_trip_ns` is what the venue is waited for."""

    def __init__(self, wiring: OrdersWiring, instrument: Instrument, deployment: str, round_trip_ns: int = 0) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._to = wiring
        self._instrument = instrument
        self._deployment = deployment
        self._codes = {card: card_code(card) for card in wiring.cards}
        self._store = OrderStore()
        self._asked: dict[int, Order] = {}
        self._kept: list[Remember] | None = None  # what a frame gives to remember, until its end
        self._booked: list[Fill] = []  # a frame's new executions, until its end
        self._withdrawals = Withdrawals(wiring.port, round_trip_ns)
        self._exits = Exits(self._withdrawals)
        self._is_open = False
        self._held: list[str] = []
        self._askers: list[Asker] = []
        self._recalls = 2

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.gateway)
        ctx.ask(self._to.journal, Recall(ORDERS_TOPIC), _TIMEOUT_NS)
        ctx.ask(self._to.journal, Recall(FILLS_TOPIC), _TIMEOUT_NS)
        return STARTING

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """What we meant, from before a restart (nothing at the first start)."""
        recall = self._store.recall if message.topic == FILLS_TOPIC else self._store.recall_order
        for _, value in message.entries:
            recall(value)
        self._recalls -= 1
        if self._recalls == 0:
            for order in self._store.open.values():
                self._exits.note(order)
            ctx.started()

    # -- placing ------------------------------------------------------------------------------------------------

    @handles(ApprovedOrder)
    def approved(self, message: ApprovedOrder, ctx: Context) -> None:
        """Send it, or hold it until local view and venue agree."""
        our_id = self._id_of(message)
        known = self._store.find(our_id)
        if known is not None:
            self._tell(known, ctx)
            return
        if not message.is_entry:
            older = self._exits.make_way(message, ctx)
            if older is not None:
                if older.status is _JOURNALED:
                    self._move(older, OrderEvent.CANCELLED, ctx)  # it never went out
                return
        self._place(draft(message, our_id, _FIRST), ctx)

    def _id_of(self, message: ApprovedOrder) -> str:
        code = self._codes[message.card_id]
        return link_id(self._deployment, code, message.block_index, 0, message.bar_close_ms)

    def _place(self, order: Order, ctx: Context) -> None:
        our_id = order.request.link_id
        self._exits.note(order)
        self._store.add(order)
        if self._is_open:
            self._send(order, ctx)
        else:
            ctx.send(self._to.journal, Remember(ORDERS_TOPIC, our_id, replace(order)))
            self._held.append(our_id)

    def _send(self, order: Order, ctx: Context) -> None:
        """Journal, then send: with the same id however often."""
        order.attempts += 1
        request, to = order.request, self._to
        ctx.send(to.journal, Remember(ORDERS_TOPIC, request.link_id, replace(order)))
        self._asked[ctx.ask(to.port, SubmitOrder(request), self._timeout_ns)] = order
        self._move(order, _EVENT_SENT, ctx)

    @handles(OrderResult)
    def answered(self, message: OrderResult, ctx: Context) -> None:
        """The venue's word on a submission or on a cancel."""
        order = self._asked.pop(ctx.correlation, None)
        if order is None:
            self._cancel_answered(ctx.correlation, message, ctx)
            return
        if order.order_id != message.order_id:
            self._store.learn_id(order, message.order_id)
        if message.outcome is _ACCEPTED:
            self._move(order, _EVENT_ACCEPTED, ctx)
        elif message.outcome is Outcome.UNKNOWN or message.refusal is Refusal.DUPLICATE_ID:
            self._unknown(order, message.reason or "the id is known to the venue", ctx)
        elif message.outcome is Outcome.NEVER_SENT:
            self._never_sent(order, message, ctx)
        else:
            self._refused(order, message, ctx)

    @handles(AskFailed)
    def no_answer(self, message: AskFailed, ctx: Context) -> None:
        """Sent, perhaps; what became of it is a question for the reconciler."""
        order = self._asked.pop(message.correlation, None)
        if order is not None:
            self._unknown(order, f"no answer from {message.target}: {message.cause}", ctx)
        else:
            self._cancel_answered(message.correlation, None, ctx)

    @handles(ReplaceDue)
    def replace_due(self, message: ReplaceDue, ctx: Context) -> None:
        """The older exit has not made way; a market exit waits no longer."""
        self._follow(self._exits.overdue(message.card_id), ctx)

    @handles(RetryDue)
    def retry(self, message: RetryDue, ctx: Context) -> None:
        """The wait of the retry policy is over."""
        order = self._store.open.get(message.link_id)
        if order is not None and order.status is LocalStatus.JOURNALED:
            self._send(order, ctx)

    @handles(NeverArrived)
    def never_arrived(self, message: NeverArrived, ctx: Context) -> None:
        """Not at the venue, proven: send it again, late, a few times."""
        order = self._store.open.get(message.link_id)
        if order is None or order.status is not LocalStatus.UNKNOWN:
            return
        if message.link_id in self._withdrawals.wanted:
            self._move(order, OrderEvent.CANCELLED, ctx)
        elif order.attempts >= _MAX_ATTEMPTS:
            order.reason = Refusal.NEVER_ARRIVED.value
            self._move(order, OrderEvent.REFUSED, ctx)
        else:
            order.reason = "late"
            self._move(order, OrderEvent.NEVER_ARRIVED, ctx)
            self._send(order, ctx)

    # -- withdrawing --------------------------------------------------------------------------------------------

    @handles(WithdrawResting)
    def withdraw(self, message: WithdrawResting, ctx: Context) -> None:
        """What has not been sent ends here, the rest at the venue."""
        for order in tuple(self._store.open.values()):
            if order.card_id != message.card_id or not order.is_entry:
                continue
            if order.status is _JOURNALED:
                self._move(order, OrderEvent.CANCELLED, ctx)
            else:
                self._withdrawals.want(order, ctx)

    @handles(CancelDue)
    def cancel_again(self, message: CancelDue, ctx: Context) -> None:
        """The last cancel did not get through; is it still wanted?"""
        order = self._store.open.get(message.link_id)
        if order is not None and message.link_id in self._withdrawals.wanted:
            self._withdrawals.cancel(order, ctx)

    def _cancel_answered(self, correlation: int, result: OrderResult | None, ctx: Context) -> None:
        if not self._withdrawals.answered(correlation, result, ctx):
            ctx.send(self._to.reconciler, ReconcileNow("an order could not be cancelled"))

    # -- what the venue answers ---------------------------------------------------------------------------------

    def _unknown(self, order: Order, why: str, ctx: Context) -> None:
        order.reason = why
        self._move(order, OrderEvent.NO_ANSWER, ctx)
        if order.status is LocalStatus.UNKNOWN:
            ctx.send(self._to.reconciler, ReconcileNow(why))

    def _never_sent(self, order: Order, message: OrderResult, ctx: Context) -> None:
        """Surely not at the venue. An entry's price is old by now: it ends here; an exit goes to the gate again."""
        order.reason = Refusal.NEVER_SENT.value
        self._retry_or_refuse(order, None if order.is_entry else RATE_LIMIT_RETRY.next_wait_ns(order.attempts), ctx)

    def _refused(self, order: Order, message: OrderResult, ctx: Context) -> None:
        order.code, order.reason = message.code, message.reason
        if error_class_of(message.code) is RateLimitError:
            self._retry_or_refuse(order, RATE_LIMIT_RETRY.next_wait_ns(order.attempts), ctx)
        else:
            self._move(order, OrderEvent.REFUSED, ctx)

    def _retry_or_refuse(self, order: Order, wait_ns: int | None, ctx: Context) -> None:
        if wait_ns is None:
            self._move(order, OrderEvent.REFUSED, ctx)
            return
        self._move(order, OrderEvent.RETRY, ctx)
        ctx.after(wait_ns, RetryDue(order.request.link_id), f"retry/{order.request.link_id}")

    # -- what the venue reports ---------------------------------------------------------------------------------

    @handles(PrivateFrame)
    def frame(self, message: PrivateFrame, ctx: Context) -> None:
        """Reports and executions, from the stream or from a reconciliation: both are idempotent."""
        kept: list[Remember] = []
        self._kept = kept
        stop_gone_ms: int | None = None
        for event in message.events:
            if isinstance(event, Fill):
                self._book(event, ctx)
            elif event.link_id:
                self._report(event, ctx)
            elif event.origin is Origin.STOP_LOSS and event.status is _DEACTIVATED and event.reason != WITH_POSITION:
                stop_gone_ms = event.time_ms
        self._kept = None
        if self._booked:
            kept.append(Remember(FILLS_TOPIC, _BOOKED, self._store.checkpoint(tuple(self._booked))))
            self._booked.clear()
        if kept:
            ctx.send(self._to.journal, kept[0] if len(kept) == 1 else RememberAll(tuple(kept)))
        entry = self._store.protected
        if stop_gone_ms is not None and entry is not None and entry.stop_loss is not None:
            ctx.note(StopSeen(is_standing=False, time_ms=stop_gone_ms))
            ctx.send(self._to.reconciler, ReconcileNow("the position's stop is gone"))

    def _report(self, report: OrderReport, ctx: Context) -> None:
        order = self._store.find(report.link_id, report.order_id)
        if order is None:
            return
        if order.order_id != report.order_id:
            self._store.learn_id(order, report.order_id)
        event = EVENT_OF_REPORT[report.status]
        if event is _EVENT_FILLED and order.filled_qty < report.filled_qty:
            order.awaited_qty = report.filled_qty
            return
        if report.reason:
            order.reason = report.reason
        self._move(order, event, ctx)

    def _book(self, fill: Fill, ctx: Context) -> None:
        store, place = self._store, self._instrument
        if not store.is_new(fill):
            return
        if store.ahead:
            ctx.send(self._to.reconciler, ReconcileNow(f"executions before {fill.seq} are missing"))
        self._booked.append(fill)
        order = store.find(fill.link_id, fill.order_id)
        store.follow(fill.side * fill.qty, order)
        if order is None:
            ctx.send(self._to.account, FillBooked(fill, "", ""))
            return
        if order.order_id != fill.order_id:
            store.learn_id(order, fill.order_id)
        store.book(order, fill, place.value(fill.price, fill.qty))
        ctx.send(self._to.account, FillBooked(fill, order.card_id, order.block_id))
        if order.is_entry and order.has_levels:
            ctx.send(self._to.protection, protection_of(order, fill.price, place, order.request.protection))
        if store.is_filled(order):
            self._move(order, _EVENT_FILLED, ctx)
        if not order.status.has_ended:
            self._remember(Remember(ORDERS_TOPIC, order.request.link_id, replace(order)), ctx)

    # -- the local view -----------------------------------------------------------------------------------------

    @handles(Reconciled)
    def reconciled(self, message: Reconciled, ctx: Context) -> None:
        """Open: answer who waited, send what was held, and see to a position left without its protection."""
        self._is_open = True
        for asker in self._askers:
            ctx.answer(asker, self._store.in_flight())
        self._askers.clear()
        held, self._held = self._held, []
        for our_id in held:
            order = self._store.open.get(our_id)
            if order is not None and order.status is LocalStatus.JOURNALED:
                self._send(order, ctx)
        report, entry = message.position, self._store.protected
        if report.position.qty and entry is not None and entry.filled_qty and lacks_a_level(report, entry):
            if report.stop is None and entry.stop_loss is not None:
                ctx.note(StopSeen(is_standing=False, time_ms=ctx.now // 1_000_000))
            price = entry.filled_value // self._instrument.value(1, entry.filled_qty)
            ctx.send(self._to.protection, protection_of(entry, price, self._instrument))

    @handles(InFlightQuery)
    def in_flight(self, message: InFlightQuery, ctx: Context) -> None:
        """Now, or once reconciled."""
        if self._is_open:
            ctx.reply(self._store.in_flight())
        else:
            self._askers.append(ctx.asker())

    @handles(LocalViewQuery)
    def local_view(self, message: LocalViewQuery, ctx: Context) -> None:
        """For the reconciler."""
        ctx.reply(self._store.view())

    @handles(Down)
    def gateway_down(self, message: Down, ctx: Context) -> None:
        """Nothing goes out until the next reconciliation."""
        self._is_open = False

    @handles(Up)
    def gateway_up(self, message: Up, ctx: Context) -> None:
        """The reconciler opens us when the streams are back too."""

    # -- inside -------------------------------------------------------------------------------------------------

    def _move(self, order: Order, event: OrderEvent, ctx: Context) -> None:
        """Run the table; an ignored pair changes nothing and tells nobody."""
        status = NEXT[order.status][event]
        if status is None or status is order.status:
            return
        order.status = status
        if status is _JOURNALED or status is _SENT:
            return
        as_it_is = self._tell(order, ctx)
        if self._withdrawals.wanted:
            self._withdrawals.follow(order, ctx)
        if status >= _FIRST_END:
            forgotten = self._store.ended(order)
            self._remember(Remember(ORDERS_TOPIC, order.request.link_id, as_it_is, forgotten), ctx)
            ctx.send(self._to.intents, OrderEnded(as_it_is))
            self._follow(self._exits.ended(order), ctx)

    def _follow(self, message: ApprovedOrder | None, ctx: Context) -> None:
        """Send the exit that waited, for what the older one has left of its quantity; or end it, if that is nothing."""
        if message is None:
            return
        order = draft(message, self._id_of(message), _FIRST)
        if message.qty >= self._instrument.min_qty:
            self._place(order, ctx)
            return
        order.reason = "the exit it replaced has filled meanwhile"
        self._store.add(order)
        self._move(order, OrderEvent.CANCELLED, ctx)

    def _tell(self, order: Order, ctx: Context) -> Order:
        """Every change is on the record; the card hears of those that are something to it: it rests, it has ended.

        Returns the copy that was sent.
        """
        as_it_is, status = replace(order), order.status
        if status >= _FIRST_END or status in _RESTING:
            ctx.send(self._to.cards[order.card_id], OrderUpdated(as_it_is))
        else:
            ctx.note(OrderUpdated(as_it_is))
        return as_it_is

    def _remember(self, memory: Remember, ctx: Context) -> None:
        if self._kept is None:
            ctx.send(self._to.journal, memory)
        else:
            self._kept.append(memory)
