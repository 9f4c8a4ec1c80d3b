"""The order state machine. It knows what became of every order: the table decides, this actor carries it out.

Starting until the journal has told what we meant; closed until the reconciler says that local view and venue agree.
An order is journaled before it is sent, sent again only with the same id, and never believed failed for want of an
answer. Fills are booked once, by execution sequence, whichever way they come.
"""

from msgspec.structs import replace

from actors.model.backend import PrivateFrame, SubmitOrder
from actors.model.instrument import Instrument
from actors.model.order import Fill, LocalStatus, Order, OrderReport
from actors.model.result import OrderResult, Outcome, Refusal
from actors.orders.amends import Amend, Amends, Verdict, verdict_of
from actors.orders.answers import meaning_of
from actors.orders.drafting import draft
from actors.orders.exits import Exits
from actors.orders.guarding import Guarding, is_lost_stop
from actors.orders.link_id import card_code, link_id
from actors.orders.memories import Memories
from actors.orders.messages import (
    FILLS_TOPIC,
    ORDERS_TOPIC,
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
from actors.orders.store import OrderStore
from actors.orders.transitions import EVENT_OF_REPORT, NEXT, OrderEvent
from actors.orders.wiring import OrdersWiring
from actors.orders.withdrawals import Withdrawals
from actors.reconciler.messages import ReconcileNow
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled, Remember
from runtime.messages import Asker, AskFailed, Down, Up

__all__ = ["FILLS_TOPIC", "ORDERS_TOPIC", "Orders"]

_TIMEOUT_NS = 30_000_000_000
_MAX_ATTEMPTS = 3

# On the way of every order, as module constants: looking up an enum's member costs as much as a call on some Pythons.
_JOURNALED, _SENT = LocalStatus.JOURNALED, LocalStatus.SENT
_FIRST_END = LocalStatus.FILLED
_RESTING = (LocalStatus.WORKING, LocalStatus.ARMED)
_EVENT_SENT, _EVENT_FILLED = OrderEvent.SENT, OrderEvent.FILLED


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
        self._memories = Memories(wiring.journal, self._store)
        self._withdrawals = Withdrawals(wiring.port, round_trip_ns)
        self._amends = Amends(wiring.port, self._memories, round_trip_ns)
        self._exits = Exits(self._withdrawals, self._amends, instrument.min_qty)
        self._guarding = Guarding(wiring, instrument, self._store)
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
        known = self._store.of_decision(our_id)
        if known is not None:
            self._tell(known, ctx)
            return
        older = None if message.is_entry else self._exits.before(message)
        if older is not None:
            if self._exits.replace_by(message, our_id, ctx) and older.status is _JOURNALED:
                self._move(older, OrderEvent.CANCELLED, ctx)  # it never went out
            return
        self._place(draft(message, our_id, _JOURNALED), ctx)

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
        """The venue's word on a submission, an amend or a cancel."""
        order = self._asked.pop(ctx.correlation, None)
        if order is None:
            self._change_answered(ctx.correlation, message, ctx)
            return
        if order.order_id != message.order_id:
            self._store.learn_id(order, message.order_id)
        self._submission_answered(order, message, ctx)

    @handles(AskFailed)
    def no_answer(self, message: AskFailed, ctx: Context) -> None:
        """Sent, perhaps; what became of it is a question for the reconciler."""
        order = self._asked.pop(message.correlation, None)
        if order is None:
            self._change_answered(message.correlation, None, ctx)
        else:
            why = f"no answer from {message.target}: {message.cause}"
            self._submission_answered(order, OrderResult(Outcome.UNKNOWN, reason=why), ctx)

    @handles(ReplaceDue)
    def replace_due(self, message: ReplaceDue, ctx: Context) -> None:
        """The older exit has not made way; a market exit waits no longer."""
        self._follow(self._exits.overdue(message.card_id, ctx), ctx)

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

    def _change_answered(self, correlation: int, result: OrderResult | None, ctx: Context) -> None:
        """The venue's word on an amend or on a cancel, None if there came none."""
        amend = self._amends.asked.pop(correlation, None)
        if amend is not None:
            self._amend_answered(amend, result, ctx)
        elif not self._withdrawals.answered(correlation, result, ctx):
            ctx.send(self._to.reconciler, ReconcileNow("an order could not be cancelled"))

    # -- what the venue answers ---------------------------------------------------------------------------------

    def _submission_answered(self, order: Order, result: OrderResult, ctx: Context) -> None:
        event, wait_ns = meaning_of(result, order)
        self._move(order, event, ctx)
        if wait_ns is not None:
            ctx.after(wait_ns, RetryDue(order.request.link_id), f"retry/{order.request.link_id}")
        elif order.status is LocalStatus.UNKNOWN:
            ctx.send(self._to.reconciler, ReconcileNow(order.reason))

    def _amend_answered(self, amend: Amend, result: OrderResult | None, ctx: Context) -> None:
        """Whether the order carries the newer decision now, which has a record of its own only if it was refused."""
        order, verdict = amend.order, verdict_of(result)
        if order.status.has_ended:
            return  # who waited has followed
        if verdict is Verdict.IN_FORCE:
            self._carries(amend)
            self._memories.of_order(self._tell(order, ctx), ctx)
        elif result is not None and result.outcome is not Outcome.UNKNOWN:
            order.raised_to = None
        if self._store.is_filled(order):
            self._move(order, _EVENT_FILLED, ctx)
        elif verdict is Verdict.ENDED:
            ctx.send(self._to.reconciler, ReconcileNow("an exit ended before it was amended"))
        elif not self._exits.answered(amend, verdict, ctx) and result is not None:
            refused = amend.draft_refused(result)
            self._store.add(refused)
            self._move(refused, OrderEvent.REFUSED, ctx)

    def _carries(self, amend: Amend) -> None:
        amend.put_in_force()
        self._store.carry(amend.order)
        self._exits.carried(amend)

    # -- what the venue reports ---------------------------------------------------------------------------------

    @handles(PrivateFrame)
    def frame(self, message: PrivateFrame, ctx: Context) -> None:
        """Reports and executions, from the stream or from a reconciliation: both are idempotent."""
        self._memories.begin()
        stop_gone_ms: int | None = None
        for event in message.events:
            if isinstance(event, Fill):
                self._book(event, ctx)
            elif event.link_id:
                self._report(event, ctx)
            elif is_lost_stop(event):
                stop_gone_ms = event.time_ms
        self._memories.end(ctx)
        if stop_gone_ms is not None:
            self._guarding.stop_gone(stop_gone_ms, ctx)

    def _report(self, report: OrderReport, ctx: Context) -> None:
        order = self._store.find(report.link_id, report.order_id)
        if order is None:
            return
        if order.order_id != report.order_id:
            self._store.learn_id(order, report.order_id)
        event = EVENT_OF_REPORT[report.status]
        if self._amends.asked and event >= OrderEvent.CANCELLED:
            amend = self._amends.told_by(report, order)
            if amend is not None:
                self._carries(amend)  # its end is faster than the answer
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
        self._memories.of_fill(fill)
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
            self._guarding.filled(order, fill.price, ctx)
        if store.is_filled(order):
            self._move(order, _EVENT_FILLED, ctx)
        if not order.status.has_ended:
            self._memories.of_order(replace(order), ctx)

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
        self._guarding.compared(message.position, ctx)

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
            self._memories.of_order(as_it_is, ctx, self._store.ended(order))
            ctx.send(self._to.intents, OrderEnded(as_it_is))
            self._follow(self._exits.ended(order), ctx)

    def _follow(self, message: ApprovedOrder | None, ctx: Context) -> None:
        """Send the exit that waited, for what the older one has left of its quantity; or end it, if that is nothing."""
        if message is None:
            return
        order = draft(message, self._id_of(message), _JOURNALED)
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
