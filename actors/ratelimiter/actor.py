"""The gate: passes a request on when both its endpoint's and the IP's windows have room, else holds it in its lane.

A held question keeps its asker, so the answer goes straight back; the asker's deadline runs on meanwhile.
"""

from collections import deque

from actors.model.backend import AmendBatch, Batch, BatchResult, CancelBatch, Command, Query, SubmitBatch
from actors.model.result import OrderResult, Outcome, Refusal, VenueCode
from actors.ratelimiter.bucket import RollingWindow
from actors.ratelimiter.messages import ENDPOINTS, Endpoint, Lane, PermitDue, count_of, lane_of
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Asker, Ref

__all__ = ["RateLimiter"]

SECOND_NS = 1_000_000_000
MAX_HELD = 1_000
_TIMER = "permit"
_BATCHES = (SubmitBatch, AmendBatch, CancelBatch)


class RateLimiter(Actor):
    """`budgets` are grants a rolling second by endpoint; `ip_budget` grants per 5 s over all."""

    def __init__(self, gateway: Ref, budgets: dict[Endpoint, int], ip_budget: int) -> None:
        self._gateway = gateway
        windows = {endpoint: RollingWindow(limit, SECOND_NS) for endpoint, limit in budgets.items()}
        self._windows = {kind: windows[endpoint] for kind, endpoint in ENDPOINTS.items()}
        self._ip = RollingWindow(ip_budget, 5 * SECOND_NS)
        self._held: dict[Lane, deque[tuple[Command | Batch | Query, Asker]]] = {lane: deque() for lane in Lane}
        self._held_count = 0

    @handles(*[kind for kind in ENDPOINTS if kind not in _BATCHES])
    def request(self, message: Command | Query, ctx: Context) -> None:
        """Pass on now, or hold."""
        window, ip, now = self._windows[type(message)], self._ip, ctx.now
        if not self._held_count and window.has_room(now) and ip.has_room(now):
            window.grant(now)
            ip.grant(now)
            ctx.forward(self._gateway, message)
        else:
            self._hold(message, ctx)

    @handles(*_BATCHES)
    def batch(self, message: Batch, ctx: Context) -> None:
        """Pass on now, or hold; of a batch beyond the budget the venue refuses the rest."""
        window, now, count = self._windows[type(message)], ctx.now, count_of(message)
        if not self._held_count and window.free_at(now, count) <= now and self._ip.has_room(now):
            window.grant(now, count)
            self._ip.grant(now)
            ctx.forward(self._gateway, message)
        else:
            self._hold(message, ctx)

    def _hold(self, message: Command | Batch | Query, ctx: Context) -> None:
        if self._held_count >= MAX_HELD:
            self._refuse(message, ctx)
        else:
            self._held[lane_of(message)].append((message, ctx.asker()))
            self._held_count += 1
            self._release(ctx)

    @handles(PermitDue)
    def permit_due(self, message: PermitDue, ctx: Context) -> None:
        """A window may have opened."""
        self._release(ctx)

    def _refuse(self, message: Command | Batch | Query, ctx: Context) -> None:
        """Full: a command is answered, a question is left to its deadline, which its asker knows how to meet."""
        refused = OrderResult(Outcome.REFUSED, code=VenueCode.RATE_LIMITED, refusal=Refusal.RATE_LIMITED)
        if isinstance(message, Command):
            ctx.reply(refused)
        elif isinstance(message, Batch):
            ctx.reply(BatchResult(refused))

    def _release(self, ctx: Context) -> None:
        """Pass on what has room, lane by lane and in order within a lane and endpoint; set a timer for the rest."""
        now = ctx.now
        wake: int | None = None
        for lane in Lane:
            kept: deque[tuple[Command | Batch | Query, Asker]] = deque()
            awaited: list[RollingWindow] = []  # somebody in this lane waits for them: nobody behind may go first
            for message, asker in self._held[lane]:
                window = self._windows[type(message)]
                count = count_of(message)
                free = max(window.free_at(now, count), self._ip.free_at(now))
                if free <= now and window not in awaited:
                    window.grant(now, count)
                    self._ip.grant(now)
                    self._held_count -= 1
                    ctx.forward_for(asker, self._gateway, message)
                else:
                    kept.append((message, asker))
                    if window not in awaited:
                        awaited.append(window)
                        wake = free if wake is None else min(wake, free)
            self._held[lane] = kept
        if wake is not None:
            ctx.after(wake - now, PermitDue(), _TIMER)
