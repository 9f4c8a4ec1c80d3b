"""The gateway of a real exchange: holds the codec's conversation for each message of the port, one request at a time.

Each request goes out and its reply resumes the conversation; what the conversation returns is the answer, given exactly
once. A reply after its time-out finds no conversation and changes nothing. Nothing is sent for an asker that no longer
waits. When this actor or its edge dies, every asker hears ActorDied: for a command, outcome unknown.

A request takes one of two lanes, and is sent once: a write is offered to the trade stream, where there is one, and goes
by REST when the stream answers that it has not sent it. What the stream has sent is never sent again.
"""

from typing import Any

import attrs

from actors.clocksync.messages import TimestampRefused
from actors.gateway.messages import PORT_CLASSES, READ_PORT, WRITE_PORT, CallOverdue
from actors.gateway.policy import GatewayPolicy
from actors.model.backend import Batch, BatchResult, CancelAll, Command, NeverSent, Query, Unanswered
from actors.model.calls import (
    CallAnswered,
    CallLost,
    CallReply,
    CallUnsent,
    Conversation,
    Notice,
    SendCall,
    VenueCall,
    VenueCodec,
)
from actors.model.errors import AuthenticationError, ColdframeError
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.model.venue_time import SigningStamp, VenueTime
from actors.ratelimiter.messages import ENDPOINTS, AddressBanned, LimitReported, MoreRequested
from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import Asker, AskFailed, AskTimedOut, Down, Ref, Up

__all__ = ["LiveGateway"]

_NS_PER_MS = 1_000_000
_UNMEASURED = "the venue's clock has not been measured yet: nothing can be signed"
_BANNED = "the venue bans our address"


@attrs.define(eq=False)
class _Talk:
    """A conversation under way, and the request of it that is out; `permits` are the requests that the gate counted."""

    message: Command | Batch | Query
    asker: Asker
    steps: Conversation
    permits: int
    request: SendCall | None = None
    sent_ns: int = 0


class LiveGateway(Actor):
    """`codec` is the venue's language; limits and bans are told to `ratelimiter`, bad time stamps to `clocksync`.

    `trade` is the trade stream's actor; None where the environment has none, as demo.
    """

    def __init__(
        self, codec: VenueCodec, ratelimiter: Ref, clocksync: Ref, policy: GatewayPolicy, trade: Ref | None = None
    ) -> None:
        self._codec = codec
        self._ratelimiter = ratelimiter
        self._clocksync = clocksync
        self._policy = policy
        self._trade = trade
        self._is_trade_up = trade is not None
        self._talks: dict[int, _Talk] = {}
        self._banned_until_ns = 0

    def start(self, ctx: Context) -> StartResult:
        if self._trade is not None:
            ctx.watch(self._trade)
        return STARTED

    @handles(Down, Up)
    def trade_stream(self, message: Down | Up, ctx: Context) -> None:
        """Between two lives of the trade stream all goes by REST."""
        self._is_trade_up = isinstance(message, Up)

    @handles(*PORT_CLASSES)
    def request(self, message: Command | Batch | Query, ctx: Context) -> None:
        """Begin the conversation that answers it."""
        permits = max(1, len(ENDPOINTS[type(message)]))
        self._proceed(_Talk(message, ctx.asker(), self._codec.converse(message), permits), None, ctx)

    @handles(CallAnswered)
    def answered(self, message: CallAnswered, ctx: Context) -> None:
        """Tell what the answer says of limits, ban and clock, then go on."""
        talk = self._close(ctx.correlation, ctx)
        ctx.sometimes("an answer came after its time-out", talk is None)
        if talk is None or talk.request is None:
            return
        if message.limit is not None:
            limit, left = message.limit.limit, message.limit.left
            call = talk.request.call
            report = LimitReported(call.path, call.category, limit, left, talk.sent_ns)
            ctx.send(self._ratelimiter, report)
        notice = self._codec.notice(talk.request.call, message)
        if notice is Notice.BANNED:
            banned = AddressBanned(self._codec.ban_ms * _NS_PER_MS)
            self._banned_until_ns = ctx.now + banned.for_ns  # conversations under way send nothing more either
            ctx.send(self._ratelimiter, banned)
        elif notice is Notice.CLOCK:
            ctx.send(self._clocksync, TimestampRefused())
        self._proceed(talk, message, ctx)

    @handles(CallLost)
    def lost(self, message: CallLost, ctx: Context) -> None:
        """The edge has given up, or the trade stream has lost its connection."""
        talk = self._close(ctx.correlation, ctx)
        if talk is not None:
            self._proceed(talk, message, ctx)

    @handles(CallUnsent)
    def unsent(self, message: CallUnsent, ctx: Context) -> None:
        """The trade stream is not live, or takes no such call: by REST then."""
        talk = self._close(ctx.correlation, ctx)
        if talk is not None and talk.request is not None:
            if ctx.now < self._banned_until_ns:
                self._proceed(talk, CallLost(f"{_BANNED}: not sent"), ctx)
            else:
                self._by_rest(talk, talk.request, ctx)

    @handles(AskFailed)
    def unanswered(self, message: AskFailed, ctx: Context) -> None:
        """The trade stream has sent it and heard nothing in time, or has died with it: perhaps carried out."""
        talk = self._close(message.correlation, ctx)
        if talk is not None and talk.request is not None:
            is_late = isinstance(message, AskTimedOut)
            why = f"no answer within {talk.request.timeout_ms} ms" if is_late else f"the trade stream: {message.cause}"
            self._proceed(talk, CallLost(why), ctx)

    @handles(CallOverdue)
    def overdue(self, message: CallOverdue, ctx: Context) -> None:
        """The edge is silent beyond the time-out: as if it had given up."""
        talk = self._talks.pop(message.correlation)
        self._proceed(talk, CallLost("the edge has not answered in time"), ctx)

    def _close(self, correlation: int, ctx: Context) -> _Talk | None:
        """The conversation whose request this was; None for a reply that comes too late."""
        ctx.cancel(_timer(correlation))
        return self._talks.pop(correlation, None)

    def _proceed(self, talk: _Talk, reply: CallReply | None, ctx: Context) -> None:
        """Resume the conversation: it wants one more request, has come to its answer, or cannot answer."""
        try:
            call = next(talk.steps) if reply is None else talk.steps.send(reply)
        except StopIteration as end:
            ctx.answer(talk.asker, end.value)
        except AuthenticationError as error:
            where = "" if talk.request is None else f" (asked for {talk.request.call.path})"
            raise AuthenticationError(
                f"{error}{where}: check the key, its permissions, its IP addresses and its environment"
            ) from error
        except ColdframeError as error:
            outcome = RequestOutcome.REJECTED if talk.request is None else RequestOutcome.UNKNOWN
            ctx.answer(talk.asker, _without_answer(talk.message, outcome, str(error)))
        else:
            self._send(talk, call, ctx)

    def _send(self, talk: _Talk, call: VenueCall, ctx: Context) -> None:
        """Send a request by the lane that takes it, with a deadline and, where it is signed, with the time to sign."""
        left_ns = self._ns_left(talk.asker, ctx)
        if left_ns <= 0:
            return
        if ctx.now < self._banned_until_ns:
            if talk.request is None:
                ctx.answer(talk.asker, _without_answer(talk.message, RequestOutcome.NEVER_SENT, _BANNED))
            else:
                self._proceed(talk, CallLost(f"{_BANNED}: not sent"), ctx)
            return
        timeout_ns = min(self._policy.timeout_ns, left_ns)
        request = SendCall(call, max(1, timeout_ns // _NS_PER_MS))
        if call.is_signed:
            venue_time = VenueTime(ctx.wall, ctx.wall_error_ns)
            if venue_time.error_ns is None:
                ctx.answer(talk.asker, _without_answer(talk.message, RequestOutcome.NEVER_SENT, _UNMEASURED))
                return
            stamp = _stamp(venue_time, request.timeout_ms)
            request = SendCall(call, request.timeout_ms, stamp.timestamp_ms, stamp.recv_window_ms)
        self._count(talk, call, ctx)
        talk.request, talk.sent_ns = request, ctx.now
        if call.is_write and self._trade is not None and self._is_trade_up:
            self._talks[ctx.ask(self._trade, request, timeout_ns)] = talk
        else:
            self._by_rest(talk, request, ctx)

    def _by_rest(self, talk: _Talk, request: SendCall, ctx: Context) -> None:
        """Give it to the REST edge; a timer of ours waits for an edge that says nothing."""
        correlation = ctx.effect(WRITE_PORT if request.call.is_write else READ_PORT, request)
        self._talks[correlation] = talk
        wait_ns = request.timeout_ms * _NS_PER_MS + self._policy.grace_ns
        ctx.after(wait_ns, CallOverdue(correlation), _timer(correlation))

    def _count(self, talk: _Talk, call: VenueCall, ctx: Context) -> None:
        """Tell the gate of a request that it has not counted; all items of a batch were counted at its path."""
        if talk.permits:
            talk.permits -= 1
            return
        is_items = isinstance(talk.message, Batch) and not isinstance(talk.message, CancelAll)
        ctx.send(self._ratelimiter, MoreRequested("" if is_items else call.path, call.category))

    @staticmethod
    def _ns_left(asker: Asker, ctx: Context) -> int:
        """How long its asker still waits; 0 when nobody does."""
        deadline_ns = ctx.deadline_of(asker)
        return 0 if deadline_ns is None else max(0, deadline_ns - ctx.now)


def _stamp(venue_time: VenueTime, timeout_ms: int) -> SigningStamp:
    """A stamp whose window is over when the time-out is: the venue refuses what we have given up."""
    least_ms = venue_time.signing_stamp(0).recv_window_ms
    return venue_time.signing_stamp(max(0, timeout_ms - least_ms))


def _timer(correlation: int) -> str:
    return f"call/{correlation}"


def _without_answer(message: Command | Batch | Query, outcome: RequestOutcome, reason: str) -> Any:
    """What the port says of a message that the venue did not answer: a result for commands, a reason for questions."""
    if isinstance(message, Query):
        return NeverSent(reason) if outcome is RequestOutcome.NEVER_SENT else Unanswered(reason)
    rejections = {
        RequestOutcome.REJECTED: RejectReason.BAD_PARAMETER,
        RequestOutcome.NEVER_SENT: RejectReason.NEVER_SENT,
    }
    result = OrderResult(outcome, rejection=rejections.get(outcome), reason=reason)
    return BatchResult(result) if isinstance(message, Batch) else result
