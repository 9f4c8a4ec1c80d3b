"""The order state machine: `transitions` decides what an event means for an order, this actor carries it out.

It is Starting until the journal has returned the orders of an earlier life, and sends nothing until every symbol has
been compared with the venue. It journals an order before it sends it, sends it again only with the same id, and treats
a missing answer as unknown, never as a failure. It hosts the ledger and publishes a revision of it after each frame or
answer that changed something.
"""

from collections.abc import Callable
from typing import Any

from actors.model.backend import NeverSent, OrderFound, PrivateFrame, Unanswered
from actors.model.order import LocalStatus, Order
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.amends import Amend, AmendVerdict, verdict_of
from actors.orders.answers import meaning_of
from actors.orders.comparing import Comparison
from actors.orders.life import Instruments, OrderLife
from actors.orders.messages import (
    BOOKED_TOPIC,
    EXECUTIONS_TOPIC,
    ORDERS_TOPIC,
    AdoptPosition,
    ApprovedLadder,
    ApprovedOrder,
    CancelDue,
    ExecutionsDue,
    HearingDue,
    LedgerQuery,
    LocalViewQuery,
    MoveLevels,
    NeverArrived,
    PlaceTarget,
    Reconciled,
    ReplaceDue,
    Requote,
    RetryDue,
    WithdrawResting,
)
from actors.orders.reports import VenueReports
from actors.orders.transitions import OrderEvent
from actors.orders.wiring import OrdersWiring
from actors.reconciler.messages import ReconcileNow
from runtime.actor import STARTING, STOPPED, Actor, StartResult, StopResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled
from runtime.messages import AskFailed, Down, Reason, Up

__all__ = ["Orders"]

_TIMEOUT_NS = 30_000_000_000
_MAX_ATTEMPTS = 3
_TOPICS = (ORDERS_TOPIC, EXECUTIONS_TOPIC, BOOKED_TOPIC)


class Orders(Actor):
    """The orders of one account.

    `deployment` is the four characters that mark our ids; `round_trip_ns` is added to every deadline.
    """

    def __init__(self, wiring: OrdersWiring, instruments: Instruments, deployment: str, round_trip_ns: int = 0) -> None:
        self._to = wiring
        life = self._life = OrderLife(wiring, instruments, deployment, round_trip_ns)
        self._ledger, self._store = life.ledger, life.store
        self._reports = VenueReports(life, wiring.reconciler)
        self._comparison = Comparison(life, self._reports, wiring, tuple(instruments))
        self._recalls = len(_TOPICS)

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.gateway)
        self._ledger.begin(ctx.incarnation << 32)  # a later life's revisions are newer
        for topic in _TOPICS:
            ctx.ask(self._to.journal, Recall(topic), _TIMEOUT_NS)
        return STARTING

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """Take over what an earlier life journaled; at the first start there is nothing."""
        ledger = self._ledger
        recall: dict[str, Callable[[Any], None]] = {
            ORDERS_TOPIC: ledger.recall_order,
            EXECUTIONS_TOPIC: ledger.recall_execution,
            BOOKED_TOPIC: ledger.recall,
        }
        for _, value in message.entries:
            recall[message.topic](value)
        self._recalls -= 1
        if self._recalls == 0:
            self._life.recalled()
            ctx.started()

    # -- placing ------------------------------------------------------------------------------------------------

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        """Orders that are under way are on the record too: they were sent, and nobody knows yet what became of them."""
        for order in self._store.open.values():
            if order.status is LocalStatus.SENT:
                self._life.tell(order, ctx)
        return STOPPED

    @handles(ApprovedOrder)
    def approved(self, message: ApprovedOrder, ctx: Context) -> None:
        """Send the order, or hold it until local view and venue agree."""
        self._life.approve(message, ctx)
        self._life.publish(ctx)

    @handles(ApprovedLadder)
    def approved_ladder(self, message: ApprovedLadder, ctx: Context) -> None:
        """The same for the orders of a ladder."""
        for order in message.orders:
            self._life.approve(order, ctx)
        self._life.publish(ctx)

    @handles(PlaceTarget)
    def place_target(self, message: PlaceTarget, ctx: Context) -> None:
        """Place a target of an entry that has filled."""
        self._life.place_target(message, ctx)
        self._life.publish(ctx)

    @handles(Requote)
    def requote(self, message: Requote, ctx: Context) -> None:
        """Move a resting entry to another price."""
        self._life.requote(message, ctx)
        self._life.publish(ctx)

    @handles(MoveLevels)
    def move_levels(self, message: MoveLevels, ctx: Context) -> None:
        """Move the levels of a position."""
        self._life.move_levels(message, ctx)
        self._life.publish(ctx)

    @handles(OrderResult)
    def answered(self, message: OrderResult, ctx: Context) -> None:
        """The venue has answered a submission, an amend or a cancel."""
        order = self._life.asked.pop(ctx.correlation, None)
        if order is None:
            self._change_answered(ctx.correlation, message, ctx)
            self._life.publish(ctx)
            return
        if order.order_id != message.order_id:
            self._store.learn_id(order, message.order_id)
        self._submission_answered(order, message, ctx)
        self._life.publish(ctx)

    @handles(AskFailed)
    def no_answer(self, message: AskFailed, ctx: Context) -> None:
        """No answer came, so the outcome is unknown; the reconciler finds out."""
        if self._life.hearing.answered(message, ctx):
            return
        order = self._life.asked.pop(message.correlation, None)
        if order is None:
            self._change_answered(message.correlation, None, ctx)
        else:
            why = f"no answer from {message.target}: {message.cause}"
            self._submission_answered(order, OrderResult(RequestOutcome.UNKNOWN, reason=why), ctx)
        self._life.publish(ctx)

    @handles(ReplaceDue)
    def replace_due(self, message: ReplaceDue, ctx: Context) -> None:
        """The older exit has not ended in time: send the market exit that waits for it."""
        self._life.follow(self._life.exits.overdue(message.card_id, ctx), ctx)
        self._life.publish(ctx)

    @handles(RetryDue)
    def retry(self, message: RetryDue, ctx: Context) -> None:
        """The retry policy's wait is over: send the order again."""
        order = self._store.open.get(message.link_id)
        if order is not None and order.status is LocalStatus.JOURNALED:
            self._life.send(order, ctx)

    @handles(NeverArrived)
    def never_arrived(self, message: NeverArrived, ctx: Context) -> None:
        """The order is proven absent at the venue: send it again, at most three times in all."""
        order = self._store.open.get(message.link_id)
        if order is None or order.status is not LocalStatus.UNKNOWN:
            return
        if message.link_id in self._life.withdrawals.pending:
            self._life.move(order, OrderEvent.CANCELLED, ctx)
        elif order.attempts >= _MAX_ATTEMPTS:
            order.reason = RejectReason.NEVER_ARRIVED.value
            self._life.move(order, OrderEvent.REQUEST_REJECTED, ctx)
        else:
            order.reason = "late"
            self._life.move(order, OrderEvent.NEVER_ARRIVED, ctx)
            self._life.send(order, ctx)
        self._life.publish(ctx)

    # -- withdrawing --------------------------------------------------------------------------------------------

    @handles(WithdrawResting)
    def withdraw(self, message: WithdrawResting, ctx: Context) -> None:
        """Cancel the card's entries: those not sent yet here, the others at the venue."""
        for order in tuple(self._store.open.values()):
            if order.card_id == message.card_id and order.is_entry:
                self._life.withdraw(order, ctx)
        self._life.publish(ctx)

    @handles(CancelDue)
    def cancel_again(self, message: CancelDue, ctx: Context) -> None:
        """The last cancel did not get through: cancel again, unless the order has ended."""
        order = self._store.open.get(message.link_id)
        if order is not None and message.link_id in self._life.withdrawals.pending:
            self._life.withdrawals.cancel(order, ctx)

    def _change_answered(self, correlation: int, result: OrderResult | None, ctx: Context) -> None:
        """Handle the answer to an amend or a cancel; `result` is None if no answer came."""
        amend = self._life.amends.asked.pop(correlation, None)
        if amend is not None:
            self._amend_answered(amend, result, ctx)
            return
        order = self._store.open.get(self._life.withdrawals.asked_for(correlation))
        if not self._life.withdrawals.answered(correlation, result, ctx):
            ctx.send(self._to.reconciler, ReconcileNow("an order could not be cancelled"))
        elif order is not None and result is not None and result.outcome is RequestOutcome.ACCEPTED:
            self._life.hearing.expect(order, ctx)

    # -- what the venue answers ---------------------------------------------------------------------------------

    def _submission_answered(self, order: Order, result: OrderResult, ctx: Context) -> None:
        event, policy = meaning_of(result, order)
        self._life.move(order, event, ctx)
        if policy is not None:
            wait_ns = policy.wait_ns(order.attempts, ctx.rng("retry").random())
            ctx.after(wait_ns, RetryDue(order.request.link_id), f"retry/{order.request.link_id}")
        elif order.status is LocalStatus.UNKNOWN:
            ctx.send(self._to.reconciler, ReconcileNow(order.reason))
        elif order.status is LocalStatus.ACKED:  # the answer came before the stream told of it
            self._life.hearing.expect(order, ctx)

    def _amend_answered(self, amend: Amend, result: OrderResult | None, ctx: Context) -> None:
        """Apply the answer to an amend; a newer decision gets an order record of its own only if it was rejected."""
        order, verdict = amend.order, verdict_of(result)
        if order.status.has_ended:
            return  # the exit that waited for its end has been sent already
        if verdict is AmendVerdict.IN_FORCE:
            self._life.carries(amend)
            self._life.memories.of_order(self._life.tell(order, ctx), ctx)
        elif result is not None and result.outcome is not RequestOutcome.UNKNOWN:
            order.raised_to = None
        if self._store.is_filled(order):
            self._life.move(order, OrderEvent.FILLED, ctx)
        elif verdict is AmendVerdict.ENDED:
            ctx.send(self._to.reconciler, ReconcileNow("an order ended before it was amended"))
        elif order.is_entry:
            self._life.entry_amended(amend, verdict, result, ctx)
        elif not self._life.exits.answered(amend, verdict, ctx) and result is not None:
            rejected = amend.draft_rejected(result)
            self._ledger.add(rejected)
            self._life.move(rejected, OrderEvent.REQUEST_REJECTED, ctx)

    # -- what the venue reports ---------------------------------------------------------------------------------

    @handles(PrivateFrame)
    def frame(self, message: PrivateFrame, ctx: Context) -> None:
        """Take reports and executions, from the stream or from a reconciliation; taking one twice is harmless."""
        self._reports.take(message, ctx)

    @handles(ExecutionsDue)
    def executions_due(self, message: ExecutionsDue, ctx: Context) -> None:
        """Executions that a report has counted should have arrived by now."""
        self._reports.executions_due(message, ctx)

    @handles(HearingDue)
    def hearing_due(self, message: HearingDue, ctx: Context) -> None:
        """The stream has told nothing of an order that the venue has acknowledged: ask for it."""
        self._life.hearing.due(self._store.open, ctx)

    @handles(OrderFound, NeverSent, Unanswered)
    def looked_up(self, message: OrderFound | NeverSent | Unanswered, ctx: Context) -> None:
        """What the venue says of that order, if it says anything."""
        self._life.hearing.answered(message, ctx)

    # -- the local view -----------------------------------------------------------------------------------------

    @handles(Reconciled)
    def reconciled(self, message: Reconciled, ctx: Context) -> None:
        """One symbol has been read from the venue: compare it; orders go out once all symbols have been."""
        self._comparison.reconciled(message, ctx)

    @handles(AdoptPosition)
    def adopt(self, message: AdoptPosition, ctx: Context) -> None:
        """The operator accepts the venue's position of a symbol."""
        self._comparison.adopt(message.symbol, ctx)

    @handles(LedgerQuery)
    def ledger_query(self, message: LedgerQuery, ctx: Context) -> None:
        """Answer now, or once every symbol has been compared with the venue."""
        self._comparison.ask(message.symbol, ctx)

    @handles(LocalViewQuery)
    def local_view(self, message: LocalViewQuery, ctx: Context) -> None:
        """Answer with the local view, which the reconciler compares with the venue."""
        ctx.reply(self._ledger.view(message.symbol))

    @handles(Down)
    def gateway_down(self, message: Down, ctx: Context) -> None:
        """Send nothing until the next reconciliation."""
        self._comparison.close()

    @handles(Up)
    def gateway_up(self, message: Up, ctx: Context) -> None:
        """Nothing to do: orders go out again after the next reconciliation."""
