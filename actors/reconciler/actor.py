"""Runs a reconciliation: local view, venue pages, diff, corrections, and a look-up of every order that is missing.

It is Starting until the first run has ended, so nothing that starts after it trades before. An order never arrived if
the venue does not know it twice, the second time after a grace period, and lists no execution of it then; once is no
proof.
"""

from msgspec.structs import replace

from actors.model.backend import (
    EquityReport,
    Executions,
    ExecutionsQuery,
    NeverSent,
    OpenOrders,
    OrderFound,
    OrderQuery,
    PositionReport,
    PrivateFrame,
    Unanswered,
)
from actors.model.errors import NetworkError
from actors.orders.messages import DriftFound, LocalView, LocalViewQuery, NeverArrived, Reconciled
from actors.reconciler.diff import diff
from actors.reconciler.messages import (
    LadderDue,
    LookUpOutcome,
    LookUpReport,
    ReconcileCause,
    ReconcileDue,
    ReconcileFailed,
    ReconcileNow,
    RunSummary,
)
from actors.reconciler.pages import Answer, PagesError, VenuePages
from actors.reconciler.wiring import ReconcilerWiring
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Up

__all__ = ["Reconciler"]

_TIMEOUT_NS = 10_000_000_000
_GRACE_NS = 7_000_000_000  # the receive window (5 s), in which the venue may still take a delayed request, and 2 s
_RETRY_NS = 1_000_000_000
_LONGEST_RETRY_NS = 30_000_000_000
_MAX_FAILURES = 5


class Reconciler(Actor):
    """One run at a time, over all symbols one after the other, and one more run if it was asked for meanwhile."""

    def __init__(
        self, wiring: ReconcilerWiring, symbols: tuple[str, ...], interval_ns: int, round_trip_ns: int = 0
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._grace_ns = _GRACE_NS + round_trip_ns  # the longest that a request can be under way
        self._to = wiring
        self._symbols = symbols
        self._interval_ns = interval_ns
        self._is_started = False
        self._is_running = False
        self._failures = 0
        self._run_ask = 0
        self._to_do: list[str] = []  # symbols that this run has not read yet
        self._pages: VenuePages | None = None
        self._looked_up: dict[int, tuple[str, str]] = {}  # symbol and our id, by correlation
        self._absent: dict[str, int] = {}
        self._since_ms: dict[str, int] = {}  # from when on the last run has read executions, by symbol
        self._evidence: dict[int, tuple[ExecutionsQuery, str]] = {}  # of orders absent twice, by correlation
        self._why = ReconcileNow("the reconciler has started", ReconcileCause.BOOT)  # of this run
        self._why_next: ReconcileNow | None = None  # of the run after it

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.private_socket)
        self._begin(self._why, ctx)
        return STARTING

    @handles(ReconcileNow, ReconcileDue, Up)
    def wanted(self, message: ReconcileNow | ReconcileDue | Up, ctx: Context) -> None:
        """Begin a run: somebody is in doubt, the interval is over, or the connection is new."""
        if isinstance(message, Up):
            message = ReconcileNow(f"{message.ref} has restarted", ReconcileCause.RECONNECT)
        elif isinstance(message, ReconcileDue):
            timer = ReconcileNow("the interval is over", ReconcileCause.TIMER)
            message = self._why if self._failures else timer  # a failed run is repeated for its own reason
        self._begin(message, ctx)

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """Nothing to do: Up follows, or the tree stops."""

    @handles(LocalView)
    def local_view(self, message: LocalView, ctx: Context) -> None:
        """The local view is here: ask the venue for its pages."""
        self._pages = VenuePages(message)
        self._ask_on(self._pages, ctx)

    @handles(PositionReport, EquityReport, OpenOrders, Executions)
    def page(self, message: Answer, ctx: Context) -> None:
        """Take one page of the venue; pages that do not end fail the run."""
        if isinstance(message, Executions) and ctx.correlation in self._evidence:
            self._executions_of_one(message, ctx)
            return
        pages = self._pages
        if pages is None:
            return
        try:
            pages.take(message)
        except PagesError as error:
            ctx.note(DriftFound(pages.view.symbol, str(error)))
            self._failed(str(error), ctx)
        else:
            self._ask_on(pages, ctx)

    def _ask_on(self, pages: VenuePages, ctx: Context) -> None:
        question = pages.next_question
        if question is None:
            self._compare(pages, ctx)
        else:
            self._run_ask = ctx.ask(self._to.port, question, self._timeout_ns)

    def _compare(self, pages: VenuePages, ctx: Context) -> None:
        """Send corrections and position to orders, look up missing orders, then go on with the next symbol."""
        state = pages.state
        self._since_ms[pages.view.symbol] = pages.since_ms
        found = diff(pages.view, state)
        if found.corrections.events:
            ctx.send(self._to.orders, found.corrections)
        known = [link_id for _, link_id in self._looked_up.values()]
        looked_up = tuple(link_id for link_id in found.to_ask if link_id not in self._absent and link_id not in known)
        for link_id in looked_up:
            self._look_up(pages.view.symbol, link_id, ctx)
        why, read = self._why, (pages.questions, len(state.orders), len(state.fills))
        run = RunSummary(why.cause, why.reason, *read, looked_up, found.foreign)
        ctx.send(self._to.orders, Reconciled(state.position, state.equity.wallet, pages.complete_ms, run))
        self._pages = None
        self._next_symbol(ctx)

    @handles(OrderFound)
    def order_found(self, message: OrderFound, ctx: Context) -> None:
        """The venue knows a missing order, or does not: after the second time its executions are asked for."""
        symbol, link_id = self._looked_up.pop(ctx.correlation, ("", ""))
        if message.order is not None:
            self._found(PrivateFrame((message.order,), is_read=True), LookUpOutcome.FOUND, (symbol, link_id), ctx)
        elif self._absent.get(link_id, 0) >= 1:
            self._ask_executions(ExecutionsQuery(symbol, self._since_ms.get(symbol, 0)), link_id, ctx)
        else:
            self._absent[link_id] = 1
            ctx.note(LookUpReport(symbol, link_id, LookUpOutcome.ABSENT))
            ctx.after(self._grace_ns, LadderDue(symbol, link_id), f"ladder/{link_id}")

    def _found(self, frame: PrivateFrame, outcome: LookUpOutcome, order: tuple[str, str], ctx: Context) -> None:
        """The venue has told of an order that was missing: it is in no doubt any more."""
        self._absent.pop(order[1], None)
        ctx.note(LookUpReport(*order, outcome))
        ctx.send(self._to.orders, frame)

    def _ask_executions(self, question: ExecutionsQuery, link_id: str, ctx: Context) -> None:
        self._evidence[ctx.ask(self._to.port, question, self._timeout_ns)] = question, link_id

    def _executions_of_one(self, message: Executions, ctx: Context) -> None:
        """The last rung: an order that is absent twice never arrived, unless an execution of it is listed."""
        question, link_id = self._evidence.pop(ctx.correlation)
        own = tuple(fill for fill in message.fills if fill.link_id == link_id)
        if own:
            frame = PrivateFrame(own, is_read=True)
            self._found(frame, LookUpOutcome.EXECUTED, (question.symbol, link_id), ctx)
        elif message.cursor:
            self._ask_executions(replace(question, cursor=message.cursor), link_id, ctx)
        else:
            self._absent.pop(link_id, None)
            ctx.note(LookUpReport(question.symbol, link_id, LookUpOutcome.NEVER_ARRIVED))
            ctx.send(self._to.orders, NeverArrived(link_id))

    @handles(LadderDue)
    def ladder_due(self, message: LadderDue, ctx: Context) -> None:
        """The grace period is over: look the order up again."""
        self._look_up(message.symbol, message.link_id, ctx)

    @handles(AskFailed, NeverSent, Unanswered)
    def failed(self, message: AskFailed | NeverSent | Unanswered, ctx: Context) -> None:
        """A query failed: repeat it later.

        More than five failed runs in a row raise NetworkError while Starting, and where orders does not answer. Once
        up, a venue that does not answer is asked until it does: a ban or a maintenance lasts for minutes.
        """
        symbol, link_id = self._looked_up.pop(ctx.correlation, ("", ""))
        if ctx.correlation in self._evidence:
            question, link_id = self._evidence.pop(ctx.correlation)
            symbol = question.symbol
        if link_id:
            ctx.after(_RETRY_NS, LadderDue(symbol, link_id), f"ladder/{link_id}")
        elif ctx.correlation == self._run_ask:
            is_ours = isinstance(message, AskFailed) and message.target == self._to.orders
            why = message.reason if isinstance(message, Unanswered) else "no answer"
            self._failed(why, ctx, is_patient=self._is_started and not is_ours)

    def _failed(self, why: str, ctx: Context, *, is_patient: bool = False) -> None:
        self._failures += 1
        ctx.note(ReconcileFailed(self._why.cause, why, self._failures))
        if self._failures > _MAX_FAILURES and not is_patient:
            raise NetworkError(f"no venue state in {self._failures} attempts: {why}")
        self._pages = None
        self._is_running = False
        ctx.after(_wait_ns(self._failures), ReconcileDue(), "interval")

    def _begin(self, why: ReconcileNow, ctx: Context) -> None:
        if self._is_running:
            self._why_next = self._why_next or why
            return
        self._is_running = True
        self._why = why
        self._to_do = list(self._symbols)
        self._next_symbol(ctx)

    def _next_symbol(self, ctx: Context) -> None:
        if self._to_do:
            query = LocalViewQuery(self._to_do.pop(0))
            self._run_ask = ctx.ask(self._to.orders, query, _TIMEOUT_NS)
        else:
            self._finish(ctx)

    def _finish(self, ctx: Context) -> None:
        self._is_running = False
        self._failures = 0
        ctx.after(self._interval_ns, ReconcileDue(), "interval")
        if not self._is_started:
            self._is_started = True
            ctx.started()
        why, self._why_next = self._why_next, None
        if why is not None:
            self._begin(why, ctx)

    def _look_up(self, symbol: str, link_id: str, ctx: Context) -> None:
        correlation = ctx.ask(self._to.port, OrderQuery(symbol, link_id), self._timeout_ns)
        self._looked_up[correlation] = symbol, link_id


def _wait_ns(failures: int) -> int:
    """The wait after so many failed runs in a row: a second, then twice as long each time, up to half a minute."""
    return min(_RETRY_NS << min(failures - 1, 5), _LONGEST_RETRY_NS)
