"""The rate limiter passes a request on when its endpoint's and the IP's windows have room, else holds it in its lane.

A held request keeps its asker, so the answer goes straight back. It is sent before its asker's deadline or not at all:
as soon as no permit can come in time, it is dropped and answered `never sent`, which proves that it is not at the
venue. A request whose asker has died is dropped without an answer.
"""

from collections import deque

from actors.model.backend import AmendBatch, Batch, BatchResult, CancelBatch, Command, NeverSent, Query, SubmitBatch
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.ratelimiter.bucket import RollingWindow
from actors.ratelimiter.messages import (
    ENDPOINTS,
    AddressBanned,
    Endpoint,
    Lane,
    LimitReported,
    PermitDue,
    count_of,
    lane_of,
)
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Asker, Ref

__all__ = ["RateLimiter"]

SECOND_NS = 1_000_000_000
MAX_HELD = 1_000
_TIMER = "permit"
_BATCHES = (SubmitBatch, AmendBatch, CancelBatch)


class RateLimiter(Actor):
    """`budgets` are requests per rolling second by endpoint; `ip_budget` is requests per 5 s over all endpoints."""

    def __init__(self, gateway: Ref, budgets: dict[Endpoint, int], ip_budget: int) -> None:
        self._gateway = gateway
        windows = self._budgets = {endpoint: RollingWindow(limit, SECOND_NS) for endpoint, limit in budgets.items()}
        self._windows = {kind: windows[endpoint] for kind, endpoint in ENDPOINTS.items()}
        self._ip = RollingWindow(ip_budget, 5 * SECOND_NS)
        self._held: dict[Lane, deque[tuple[Command | Batch | Query, Asker]]] = {lane: deque() for lane in Lane}
        self._held_count = 0

    @handles(*[kind for kind in ENDPOINTS if kind not in _BATCHES])
    def request(self, message: Command | Query, ctx: Context) -> None:
        """Pass the request on now, or hold it."""
        window, ip, now = self._windows[type(message)], self._ip, ctx.now
        if (ctx.deadline_of(ctx.asker()) or 0) <= now:
            return  # its asker's deadline has passed
        if not self._held_count and window.has_room(now) and ip.has_room(now):
            window.grant(now)
            ip.grant(now)
            ctx.forward(self._gateway, message)
        else:
            self._hold(message, ctx)

    @handles(*_BATCHES)
    def batch(self, message: Batch, ctx: Context) -> None:
        """Pass the batch on now, or hold it; of one larger than the budget the venue rejects the rest."""
        window, now, count = self._windows[type(message)], ctx.now, count_of(message)
        if (ctx.deadline_of(ctx.asker()) or 0) <= now:
            return
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
        """A window may have room now: pass on what fits."""
        self._release(ctx)

    @handles(LimitReported)
    def limit_reported(self, message: LimitReported, ctx: Context) -> None:
        """Count what the venue counts. Its limit lowers ours, never raises it: settings say how much we may use.

        Questions share one budget over paths of different limits, so their limit is no report on that budget.
        """
        window = self._budgets[message.endpoint]
        if message.endpoint is not Endpoint.QUERY:
            window.lower(message.limit)
        window.count_at_least(message.sent_ns, ctx.now, message.limit - message.left)

    @handles(AddressBanned)
    def address_banned(self, message: AddressBanned, ctx: Context) -> None:
        """Send nothing until the ban is over; what cannot wait so long is told so at once."""
        self._ip.shut(ctx.now + message.for_ns)
        self._release(ctx)

    def _refuse(self, message: Command | Batch | Query, ctx: Context) -> None:
        """Too many requests are held: answer a command as over the rate, a query as never sent."""
        refused = OrderResult(RequestOutcome.REJECTED, code=VenueCode.RATE_LIMITED, rejection=RejectReason.RATE_LIMITED)
        ctx.reply(_answer(message, refused, f"{MAX_HELD} requests wait already"))

    def _release(self, ctx: Context) -> None:
        """Pass on what has room, lane by lane and in order within a lane and endpoint; set a timer for the rest.

        A held request has a time before its deadline at which it could be sent, and the timer is at the earliest of
        these times; so each is looked at again while its asker still waits.
        """
        now = ctx.now
        wake: int | None = None
        for lane in Lane:
            kept: deque[tuple[Command | Batch | Query, Asker]] = deque()
            awaited: list[RollingWindow] = []  # windows that a request in this lane waits for; later ones wait too
            for message, asker in self._held[lane]:
                window = self._windows[type(message)]
                count = count_of(message)
                free = max(window.free_at(now, count), self._ip.free_at(now))
                deadline = ctx.deadline_of(asker) or 0
                if free >= deadline:
                    self._held_count -= 1
                    if deadline > now:
                        ctx.answer(asker, _never_sent(message, deadline - now))
                elif free <= now and window not in awaited:
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


def _never_sent(message: Command | Batch | Query, left_ns: int) -> OrderResult | BatchResult | NeverSent:
    """The answer to a request that gets no permit in the `left_ns` before its deadline."""
    reason = f"no permit within the {left_ns / SECOND_NS:g} s that were left"
    return _answer(
        message, OrderResult(RequestOutcome.NEVER_SENT, rejection=RejectReason.NEVER_SENT, reason=reason), reason
    )


def _answer(
    message: Command | Batch | Query, result: OrderResult, reason: str
) -> OrderResult | BatchResult | NeverSent:
    """`result` in the form that answers this request; a query has no result, so it gets `reason`."""
    if isinstance(message, Command):
        return result
    return BatchResult(result) if isinstance(message, Batch) else NeverSent(reason)
