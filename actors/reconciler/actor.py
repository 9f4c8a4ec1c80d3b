"""Runs the one routine: local view, venue state, diff, corrections, and the evidence ladder for orders in doubt.

Starting until the first run has passed, so nothing below the ledger trades on an unproven picture. An order unknown to
the venue twice, the second time after the grace period, never arrived; once is no proof.
"""

from actors.account.messages import AccountSync
from actors.model.backend import NeverSent, OrderFound, OrderQuery, PrivateFrame, SyncStateQuery, VenueState
from actors.model.errors import NetworkError
from actors.orders.messages import LocalView, LocalViewQuery, NeverArrived, Reconciled
from actors.reconciler.diff import diff
from actors.reconciler.messages import LadderDue, ReconcileDue, ReconcileNow
from actors.reconciler.wiring import ReconcilerWiring
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Up

__all__ = ["Reconciler"]

_TIMEOUT_NS = 10_000_000_000
_GRACE_NS = 7_000_000_000  # the receive window (5 s), in which a delayed request may still be taken, and 2 s
_RETRY_NS = 1_000_000_000
_MAX_FAILURES = 5


class Reconciler(Actor):
    """One symbol; at most one run at a time, and one more if somebody asked meanwhile."""

    def __init__(self, wiring: ReconcilerWiring, symbol: str, interval_ns: int, round_trip_ns: int = 0) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._grace_ns = _GRACE_NS + round_trip_ns  # a request may be under way for so long
        self._to = wiring
        self._symbol = symbol
        self._interval_ns = interval_ns
        self._is_started = False
        self._is_running = False
        self._is_wanted = False
        self._failures = 0
        self._run_ask = 0
        self._view: LocalView | None = None
        self._looked_up: dict[int, str] = {}
        self._absent: dict[str, int] = {}

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.private_socket)
        self._begin(ctx)
        return STARTING

    @handles(ReconcileNow, ReconcileDue, Up)
    def wanted(self, message: ReconcileNow | ReconcileDue | Up, ctx: Context) -> None:
        """Doubt, time, or a new connection."""
        self._begin(ctx)

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """Expected: Up follows, or the tree stops."""

    @handles(LocalView)
    def local_view(self, message: LocalView, ctx: Context) -> None:
        """What we believe; now what is."""
        self._view = message
        query = SyncStateQuery(self._symbol, message.last_seq)
        self._run_ask = ctx.ask(self._to.port, query, self._timeout_ns)

    @handles(VenueState)
    def venue_state(self, message: VenueState, ctx: Context) -> None:
        """Compare, correct, open."""
        if self._view is None:
            return
        found = diff(self._view, message)
        if found.corrections.events:
            ctx.send(self._to.orders, found.corrections)
        sync = AccountSync(message.position.seq, message.equity.wallet, message.position.position)
        ctx.send(self._to.account, sync)
        ctx.send(self._to.protection, message.position)
        for link_id in found.to_ask:
            if link_id not in self._absent and link_id not in self._looked_up.values():
                self._look_up(link_id, ctx)
        ctx.send(self._to.orders, Reconciled(message.position))
        self._finish(ctx)

    @handles(OrderFound)
    def order_found(self, message: OrderFound, ctx: Context) -> None:
        """A rung of the ladder: the venue's word on one order, or its silence."""
        link_id = self._looked_up.pop(ctx.correlation, "")
        if message.order is not None:
            self._absent.pop(link_id, None)
            ctx.send(self._to.orders, PrivateFrame((message.order,)))
        elif self._absent.get(link_id, 0) >= 1:
            self._absent.pop(link_id)
            ctx.send(self._to.orders, NeverArrived(link_id))
        else:
            self._absent[link_id] = 1
            ctx.after(self._grace_ns, LadderDue(link_id), f"ladder/{link_id}")

    @handles(LadderDue)
    def ladder_due(self, message: LadderDue, ctx: Context) -> None:
        """The grace is over: ask once more."""
        self._look_up(message.link_id, ctx)

    @handles(AskFailed, NeverSent)
    def failed(self, message: AskFailed | NeverSent, ctx: Context) -> None:
        """A question without an answer: ask again soon; a run that fails five times is the supervisor's."""
        link_id = self._looked_up.pop(ctx.correlation, "")
        if link_id:
            ctx.after(_RETRY_NS, LadderDue(link_id), f"ladder/{link_id}")
        elif ctx.correlation == self._run_ask:
            self._failures += 1
            if self._failures > _MAX_FAILURES:
                raise NetworkError(f"no venue state in {self._failures} attempts")
            self._is_running = False
            ctx.after(_RETRY_NS, ReconcileDue(), "interval")

    def _begin(self, ctx: Context) -> None:
        if self._is_running:
            self._is_wanted = True
            return
        self._is_running = True
        self._view = None
        self._run_ask = ctx.ask(self._to.orders, LocalViewQuery(), _TIMEOUT_NS)

    def _finish(self, ctx: Context) -> None:
        self._is_running = False
        self._failures = 0
        self._view = None
        ctx.after(self._interval_ns, ReconcileDue(), "interval")
        if not self._is_started:
            self._is_started = True
            ctx.started()
        if self._is_wanted:
            self._is_wanted = False
            self._begin(ctx)

    def _look_up(self, link_id: str, ctx: Context) -> None:
        correlation = ctx.ask(self._to.port, OrderQuery(self._symbol, link_id), self._timeout_ns)
        self._looked_up[correlation] = link_id
