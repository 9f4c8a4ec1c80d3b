"""The rate limiter passes a request on when its path's window and the address's have room, else holds it in its lane.

A held request keeps its asker, so the answer goes straight back. It is sent before its asker's deadline or not at all:
as soon as no permit can come in time, it is dropped and answered `never sent`, which proves that it is not at the
venue. A request whose asker has died is dropped without an answer.

A ban of our address stops all traffic until it is over. It is journaled, so that a later life and a later process keep
it too: nothing is passed on before the journal has said whether there is one.
"""

from collections import deque
from typing import NamedTuple

from actors.model.backend import Batch, BatchResult, Command, NeverSent, Query
from actors.model.errors import NetworkError
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.ratelimiter.bucket import RollingWindow
from actors.ratelimiter.budgets import Budgets, Claim
from actors.ratelimiter.messages import (
    BAN_TOPIC,
    ENDPOINTS,
    AddressBanned,
    BanKept,
    Lane,
    LimitReported,
    MoreRequested,
    PermitDue,
)
from actors.ratelimiter.policy import RatePolicy
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Asker, AskFailed, Ref, Remember

__all__ = ["MAX_HELD", "RateLimiter"]

MAX_HELD = 1_000  # in each lane
_SECOND_NS = 1_000_000_000
_NS_PER_MS = 1_000_000
_RECALL_NS = 30 * _SECOND_NS
_TIMER = "permit"

_Request = Command | Batch | Query


class _Held(NamedTuple):
    """A request that waits, and what it waits for."""

    message: _Request
    asker: Asker
    claim: Claim


class RateLimiter(Actor):
    """Stands before `gateway`; `journal` keeps a ban over restarts."""

    def __init__(self, gateway: Ref, journal: Ref, policy: RatePolicy) -> None:
        self._gateway = gateway
        self._journal = journal
        self._budgets = Budgets(policy)
        self._held: dict[Lane, deque[_Held]] = {lane: deque() for lane in Lane}
        self._held_count = 0
        self._is_recalled = False
        self._banned_until_ns = 0  # kernel time

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(self._journal, Recall(BAN_TOPIC), _RECALL_NS)
        return STARTING

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """Keep a ban of an earlier life for the rest of its time, and begin to pass requests on."""
        for _, ban in message.entries:
            left_ns = ban.until_ms * _NS_PER_MS - ctx.wall
            # A clock that has been set back since must not make it longer than a ban is.
            self._banned_until_ns = ctx.now + max(0, min(left_ns, ban.for_ms * _NS_PER_MS))
        self._is_recalled = True
        ctx.started()
        self._release(ctx)

    @handles(AskFailed)
    def no_memory(self, message: AskFailed, ctx: Context) -> None:
        """Without the journal's answer nobody knows whether we may send: NetworkError."""
        raise NetworkError(f"no answer from {message.target}: {message.cause}")

    @handles(*ENDPOINTS)
    def request(self, message: _Request, ctx: Context) -> None:
        """Pass the request on now, or hold it; of a batch larger than its budget the venue rejects the rest."""
        now = ctx.now
        if (ctx.deadline_of(ctx.asker()) or 0) <= now:
            return  # its asker's deadline has passed
        budgets = self._budgets
        claim = budgets.claim(message)
        is_open = self._is_recalled and not self._held_count and now >= self._banned_until_ns
        if is_open and budgets.free_at(claim, now) <= now:
            budgets.grant(claim, now)
            ctx.forward(self._gateway, message)
        else:
            self._hold(_Held(message, ctx.asker(), claim), ctx)

    def _hold(self, held: _Held, ctx: Context) -> None:
        lane = self._held[held.claim.lane]
        if len(lane) >= MAX_HELD:
            self._refuse(held.message, ctx)
            return
        lane.append(held)
        self._held_count += 1
        self._release(ctx)

    @handles(PermitDue)
    def permit_due(self, message: PermitDue, ctx: Context) -> None:
        """A window may have room now: pass on what fits."""
        self._release(ctx)

    @handles(LimitReported)
    def limit_reported(self, message: LimitReported, ctx: Context) -> None:
        """Count what the venue counts. Its limit may lower ours and never raises it: settings say how much we use."""
        used = message.limit - message.left
        self._budgets.reported(message.path, message.category, message.limit, used, message.sent_ns, ctx.now)

    @handles(MoreRequested)
    def more_requested(self, message: MoreRequested, ctx: Context) -> None:
        """Count a request that no permit has counted."""
        self._budgets.count(message.path, message.category, ctx.now)

    @handles(AddressBanned)
    def address_banned(self, message: AddressBanned, ctx: Context) -> None:
        """Send nothing until the ban is over; what cannot wait so long is told so at once."""
        self._banned_until_ns = max(self._banned_until_ns, ctx.now + message.for_ns)
        until_ns = ctx.wall + self._banned_until_ns - ctx.now
        ban = BanKept(-(-until_ns // _NS_PER_MS), -(-message.for_ns // _NS_PER_MS))
        ctx.remember(Remember(BAN_TOPIC, "address", ban))
        self._release(ctx)

    def _refuse(self, message: _Request, ctx: Context) -> None:
        """Too many requests are held: answer a command as over the rate, a query as never sent."""
        refused = OrderResult(RequestOutcome.REJECTED, code=VenueCode.RATE_LIMITED, rejection=RejectReason.RATE_LIMITED)
        ctx.reply(_answer(message, refused, f"{MAX_HELD} requests wait already"))

    def _release(self, ctx: Context) -> None:
        """Pass on what has room, lane by lane and in order within a lane and window; set a timer for the rest.

        A request takes nothing of a window that one before it waits for. So it is not sent before that one, and where
        that comes too late it is answered now. Each of the others is looked at again before its deadline, for the
        timer is at the earliest time at which any of them can be sent.
        """
        if not self._is_recalled:
            return
        now = ctx.now
        wake: int | None = None
        awaited: dict[RollingWindow, int] = {}  # until when a request waits for this window
        for lane, requests in self._held.items():
            if not requests:
                continue
            kept: deque[_Held] = deque()
            for held in requests:
                deadline = ctx.deadline_of(held.asker) or 0
                free = self._free_at(held.claim, awaited, now)
                if free < deadline and free > now:
                    kept.append(held)
                    self._await(held.claim, free, awaited, now)
                    wake = free if wake is None else min(wake, free)
                    continue
                self._held_count -= 1
                if free < deadline:
                    self._budgets.grant(held.claim, now)
                    ctx.forward_for(held.asker, self._gateway, held.message)
                elif deadline > now:
                    ctx.answer(held.asker, self._never_sent(held.message, deadline, now))
            self._held[lane] = kept
        if wake is not None:
            ctx.after(wake - now, PermitDue(), _TIMER)

    def _free_at(self, claim: Claim, awaited: dict[RollingWindow, int], now: int) -> int:
        """The earliest time at which it can be sent, after those that wait for a window of it."""
        free = max(self._banned_until_ns, self._budgets.free_at(claim, now))
        if awaited:
            for share in (claim.address, *claim.shares):
                free = max(free, awaited.get(share.window, 0))
        return free

    def _await(self, claim: Claim, free: int, awaited: dict[RollingWindow, int], now: int) -> None:
        """Keep its windows for it; the address's only where that has no room, for all others need it too."""
        for share in claim.shares:
            awaited.setdefault(share.window, free)
        if self._budgets.share_free_at(claim.address, now) > now:
            awaited.setdefault(claim.address.window, free)

    def _never_sent(self, message: _Request, deadline: int, now: int) -> OrderResult | BatchResult | NeverSent:
        """The answer to a request that gets no permit before its deadline."""
        reason = f"no permit within the {(deadline - now) / _SECOND_NS:g} s that were left"
        if self._banned_until_ns > now:
            reason = f"the venue bans our address for another {-(-(self._banned_until_ns - now) // _SECOND_NS)} s"
        return _answer(
            message, OrderResult(RequestOutcome.NEVER_SENT, rejection=RejectReason.NEVER_SENT, reason=reason), reason
        )


def _answer(message: _Request, result: OrderResult, reason: str) -> OrderResult | BatchResult | NeverSent:
    """`result` in the form that answers this request; a query has no result, so it gets `reason`."""
    if isinstance(message, Command):
        return result
    return BatchResult(result) if isinstance(message, Batch) else NeverSent(reason)
