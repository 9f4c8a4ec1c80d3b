"""ResilientWebSocket: keeps one stream live over connections that come and go.

It connects, authenticates, subscribes, and is live when every topic is accepted. It pings, notices silence and gaps,
and after a disconnect connects again within the venue's budget, asks for what was missed, and then says that it is
live. What each event does in each state stands in `transitions.py`; here is what is done when a state is entered.

A trade stream has no topics and carries the gateway's calls: each is sent once while the stream is live, answered by
the frame with its id, and lost with the connection.

Its first life is up when it is live, unless the wiring says otherwise, so that nothing below starts on a dead stream. A
later life is up at once: a restart while the network is down must not fail. It holds no secret and reads no wire: the
edge signs, the protocol reads.
"""

from typing import ClassVar, assert_never

from actors.model.calls import SendCall
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned, MaintenancePlans
from actors.model.streams import (
    AnswerKind,
    AuthAnswer,
    CallReturned,
    Pong,
    Remedy,
    SocketClosed,
    SocketConnected,
    SocketFrame,
    StreamData,
    StreamProtocol,
    TopicsAnswer,
    Unreadable,
)
from actors.websocket.audience import Audience
from actors.websocket.counts import StreamCounts
from actors.websocket.failures import cause_of, ended, no_connection, topic_refused
from actors.websocket.gaps import GapDetector
from actors.websocket.messages import (
    DoubtDue,
    FollowStream,
    FrameUnreadable,
    MaintenanceBegins,
    MaintenanceEnds,
    PingDue,
    ReconnectDue,
    RenewStream,
    SilenceDue,
    StepOverdue,
    StreamDown,
    StreamLive,
    StreamQuery,
    StreamSilent,
    TopicGap,
)
from actors.websocket.policy import StreamPolicy
from actors.websocket.retries import Retries
from actors.websocket.socket import StreamSocket
from actors.websocket.subscriptions import Subscriptions
from actors.websocket.transitions import ENDS, StreamEvent, StreamState, next_state
from actors.websocket.underway import CallsUnderWay
from actors.websocket.wiring import StreamWiring
from runtime.actor import STARTED, STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.overflow import FATAL, Overflow

__all__ = ["ResilientWebSocket"]

_NS_PER_MS = 1_000_000
_CONNECTION_TIMERS = ("ping", "silence", "doubt")
_SHOWN = 200  # characters of an unreadable frame on the record

S, E = StreamState, StreamEvent


class ResilientWebSocket(Actor):
    """`protocol` reads and writes the venue's frames; `policy` says how long to wait for what.

    A frame that finds the actor's mailbox full ends its life: what it may have told is read again by the next one.
    """

    overflow: ClassVar[dict[type, Overflow]] = {SocketFrame: FATAL, SocketConnected: FATAL, SocketClosed: FATAL}

    def __init__(self, wiring: StreamWiring, protocol: StreamProtocol, policy: StreamPolicy | None = None) -> None:
        self._to = wiring
        self._protocol = protocol
        self._policy = policy or StreamPolicy()
        self._retries = Retries(self._policy)
        self._topics = Subscriptions(protocol)
        self._audience = Audience(wiring)
        self._gaps = GapDetector()
        self._state = S.BACKING_OFF
        self._why = "it has not been opened yet"  # why it is not live
        self._socket = StreamSocket(wiring.port)
        self._plans = MaintenancePlans()
        self._heard_ns = 0
        self._auth_failures = 0
        self._is_up = False
        self._is_in_doubt = False
        self.counts = StreamCounts()
        self._calls = CallsUnderWay(wiring.kind, protocol, self.counts)

    def start(self, ctx: Context) -> StartResult:
        self._is_up = ctx.incarnation > 1 or not self._to.waits_for_live
        self._take(E.RETRY_DUE, ctx)
        return STARTED if self._is_up else STARTING

    @handles(FollowStream)
    def follow(self, message: FollowStream, ctx: Context) -> None:
        """One more follower, or the next life of one."""
        self._audience.follow(message.follower)
        kind = self._to.kind
        ctx.reply(StreamLive(kind) if self._state is S.LIVE else StreamDown(kind, self._why))

    @handles(StreamQuery)
    def report(self, message: StreamQuery, ctx: Context) -> None:
        """State and counts."""
        ctx.reply(self.counts.report(self._to.kind, self._state, self._socket.count))

    @handles(SendCall)
    def send_call(self, message: SendCall, ctx: Context) -> None:
        """A call leaves on a live connection or not at all: whoever asked may then take another lane."""
        frame = self._calls.begin(message, "" if self._state is S.LIVE else self._why, ctx)
        if frame is not None:
            self._socket.send(frame, ctx)

    @handles(RenewStream)
    def renew(self, message: RenewStream, ctx: Context) -> None:
        """Pings are answered, and nothing else is said."""
        if self._retries.is_live_since(message.since_ns) and self._take(E.DISMISSED, ctx, message.reason):
            self.counts.renewed += 1
            ctx.note(StreamSilent(self._to.kind, message.reason))

    # -- from the edge -----------------------------------------------------------------------------------------------

    @handles(SocketConnected)
    def connected(self, message: SocketConnected, ctx: Context) -> None:
        """The socket is open: keep it alive from the first interval on."""
        if not self._socket.speaks(ctx):
            self.counts.ignored[self._state, E.CONNECTED] += 1
            return
        if self._take(E.CONNECTED_SIGNED if self._protocol.is_signed else E.CONNECTED, ctx):
            self._heard_ns = ctx.now
            ctx.after(self._policy.ping_ns, PingDue(), "ping")
            ctx.after(self._policy.silence_ns, SilenceDue(), "silence")

    @handles(SocketClosed)
    def closed(self, message: SocketClosed, ctx: Context) -> None:
        """The connection has ended, whoever ended it."""
        if not self._socket.speaks(ctx):
            self.counts.ignored[self._state, E.CLOSED] += 1
            return
        self._socket.ended()
        self._retries.status = message.status
        for key in (*_CONNECTION_TIMERS, "step"):
            ctx.cancel(key)
        if not self._socket.is_closing:
            self._why = cause_of(message)
        self._take(E.CLOSED, ctx)

    @handles(SocketFrame)
    def frame(self, message: SocketFrame, ctx: Context) -> None:
        """Any frame shows that the connection lives; what it says is the protocol's to read."""
        if not self._socket.speaks(ctx):
            self.counts.ignored[self._state, E.DATA] += 1
            return
        self._heard_ns = ctx.now
        self.counts.frames += 1
        self.counts.dropped += message.dropped
        heard = self._protocol.read(message.text)
        match heard:
            case StreamData():
                self._data(heard, ctx)
            case CallReturned():
                self._returned(heard, ctx)
            case Pong():
                self._take(E.PONG, ctx)
            case AuthAnswer():
                self._signed_in(heard, ctx)
            case TopicsAnswer():
                self._answered(heard, message.text, ctx)
            case Unreadable():
                self._unreadable(heard.reason, message.text, ctx)
            case _:
                assert_never(heard)

    def _data(self, heard: StreamData, ctx: Context) -> None:
        if not self._take(E.DATA, ctx):
            return
        self.counts.foreign += len(heard.foreign)
        self._audience.pass_on(heard.messages, ctx)
        continuity = heard.continuity
        if continuity is not None and self._gaps.has_gap(heard.topic, continuity):
            self.counts.gaps += 1
            ctx.note(TopicGap(self._to.kind, heard.topic))
            self._take(E.GAP, ctx)
            if continuity.remedy is Remedy.RESUBSCRIBE:
                self._ask(self._topics.renew(heard.topic), ctx)
            else:
                self._audience.backfill(f"frames of {heard.topic} are missing", ctx)

    def _returned(self, heard: CallReturned, ctx: Context) -> None:
        if not self._take(E.DATA, ctx):
            return
        self._calls.end(heard, ctx)
        if heard.farewell:
            self._take(E.DISMISSED, ctx, f"the venue takes no more calls on this connection: {heard.farewell}")

    def _signed_in(self, heard: AuthAnswer, ctx: Context) -> None:
        if heard.kind is AnswerKind.ACCEPTED:
            self._auth_failures = 0
            self._take(E.AUTH_ACCEPTED, ctx)
            return
        self._auth_failures += 1
        is_final = heard.kind is AnswerKind.REFUSED or self._auth_failures >= self._policy.max_refusals
        self._take(E.AUTH_REFUSED if is_final else E.AUTH_FAILED, ctx, f"not signed in: {heard.reason}")

    def _answered(self, heard: TopicsAnswer, text: str, ctx: Context) -> None:
        if self._state not in (S.SUBSCRIBING, S.LIVE):
            self._take(E.TOPICS_ANSWERED, ctx)
            return
        answered = self._topics.answer(heard)
        if answered is None:
            self._unreadable("it answers no request of ours", text, ctx)
            return
        if answered.denied and self._topics.denials[answered.denied] >= self._policy.max_refusals:
            raise topic_refused(self._to.kind, answered.denied, answered.reason)
        self._ask(answered.frames, ctx)
        why = f"the venue refused {answered.denied}: {answered.reason}" if answered.denied else ""
        self._take(answered.event, ctx, why)

    def _unreadable(self, reason: str, text: str, ctx: Context) -> None:
        """Loud: on the record, counted, and what it may have said is asked for."""
        self.counts.unreadable += 1
        ctx.note(FrameUnreadable(self._to.kind, reason, text[:_SHOWN]))
        if self._take(E.UNREADABLE, ctx) and not self._is_in_doubt:
            self._is_in_doubt = True
            ctx.after(self._policy.doubt_ns, DoubtDue(), "doubt")

    # -- timers and plans --------------------------------------------------------------------------------------------

    @handles(StepOverdue)
    def step_overdue(self, message: StepOverdue, ctx: Context) -> None:
        """No answer, or no end."""
        self._take(E.OVERDUE, ctx, f"{self._state.name.lower()} took too long")

    @handles(PingDue)
    def ping_due(self, message: PingDue, ctx: Context) -> None:
        """Keep the connection alive."""
        if self._socket.is_open and not self._socket.is_closing:
            self._socket.send(self._protocol.ping(), ctx)
            ctx.after(self._policy.ping_ns, PingDue(), "ping")

    @handles(SilenceDue)
    def silence_due(self, message: SilenceDue, ctx: Context) -> None:
        """Frames have come meanwhile, or the connection is dead."""
        left_ns = self._heard_ns + self._policy.silence_ns - ctx.now
        if left_ns > 0:
            ctx.after(left_ns, SilenceDue(), "silence")
        else:
            self._take(E.SILENT, ctx, f"no frame in {self._policy.silence_ns // 1_000_000_000} s")

    @handles(ReconnectDue)
    def retry_due(self, message: ReconnectDue, ctx: Context) -> None:
        """Connect again."""
        self._take(E.RETRY_DUE, ctx)

    @handles(DoubtDue)
    def doubt_due(self, message: DoubtDue, ctx: Context) -> None:
        """Unreadable frames may have told something."""
        self._is_in_doubt = False
        self._audience.backfill("a frame could not be read", ctx)

    @handles(MaintenancePlanned, MaintenanceOver, MaintenanceBegins)
    def planned(self, message: MaintenancePlanned | MaintenanceOver | MaintenanceBegins, ctx: Context) -> None:
        """A plan, its change or its end; or it begins: close before the venue does."""
        if isinstance(message, MaintenanceOver):
            self._plans.drop(message.id)
        elif isinstance(message, MaintenancePlanned):
            self._plans.add(message)
        self._follow_plans(ctx)

    @handles(MaintenanceEnds)
    def maintenance_ends(self, message: MaintenanceEnds, ctx: Context) -> None:
        """Connect, as soon as the old socket is closed and the budget allows."""
        wait_ns = self._retries.budget_wait_ns(ctx.now)
        if self._socket.is_open:
            wait_ns = max(wait_ns, self._policy.doubt_ns)
        if wait_ns:
            ctx.after(wait_ns, MaintenanceEnds(), "maintenance")
        elif self._take(E.MAINTENANCE_ENDED, ctx):
            self._follow_plans(ctx)

    def _follow_plans(self, ctx: Context) -> None:
        """Be closed while a plan is on; else be open, and wait for the next one."""
        now_ms = ctx.wall // _NS_PER_MS
        plan = self._plans.next(now_ms)
        if plan is not None and plan.begin_ms <= now_ms:
            if self._state is not S.MAINTENANCE:
                self._take(E.MAINTENANCE_BEGAN, ctx, "planned maintenance")
            # All clients come back at the end of a maintenance: not all in the same instant.
            spread_ns = int(self._policy.maintenance_spread_ns * ctx.rng("maintenance").random())
            wait_ns = max(0, plan.end_ms * _NS_PER_MS - ctx.wall) + spread_ns
            ctx.after(wait_ns, MaintenanceEnds(), "maintenance")
        elif self._state is S.MAINTENANCE:
            ctx.after(0, MaintenanceEnds(), "maintenance")
        elif plan is not None:
            ctx.after(plan.begin_ms * _NS_PER_MS - ctx.wall, MaintenanceBegins(), "maintenance")
        else:
            ctx.cancel("maintenance")

    # -- states ------------------------------------------------------------------------------------------------------

    def _take(self, event: StreamEvent, ctx: Context, why: str = "") -> bool:
        """Run the table; False where it ignores the event. A state that stays is not entered again."""
        before = self._state
        to = next_state(before, event)
        if to is None:
            end = ENDS.get((before, event))
            if end is not None:
                raise ended(self._to.kind, event, why or end)
            self.counts.ignored[before, event] += 1
            return False
        if to is before:
            if event is E.ALL_SUBSCRIBED:  # a topic that was renewed
                ctx.cancel("step")
            return True
        self._state = to
        if before is S.LIVE:
            self._left_live(why or self._why, ctx)
        if why:
            self._why = why
        self._enter(to, ctx)
        return True

    def _enter(self, state: StreamState, ctx: Context) -> None:
        match state:
            case S.CONNECTING:
                self._connect(ctx)
            case S.AUTHENTICATING:
                self._sign_in(ctx)
            case S.SUBSCRIBING:
                self._gaps.clear()
                self._ask(self._topics.open(), ctx)
                if self._topics.is_settled:  # a stream without topics has nothing to wait for
                    self._take(E.ALL_SUBSCRIBED, ctx)
            case S.LIVE:
                self._entered_live(ctx)
            case S.STALE | S.MAINTENANCE:
                self._close(ctx)
            case S.BACKING_OFF:
                self._back_off(ctx)
            case _:
                assert_never(state)

    def _connect(self, ctx: Context) -> None:
        self._retries.connecting(ctx.now)
        self._is_in_doubt = False
        self._socket.open(ctx)
        ctx.after(self._policy.connect_ns, StepOverdue(), "step")

    def _sign_in(self, ctx: Context) -> None:
        """Valid for some seconds of the venue's clock, as well as we know it."""
        expires_ms = (ctx.wall + (ctx.wall_error_ns or 0)) // _NS_PER_MS + self._policy.sign_in_ms
        self._socket.sign_in(expires_ms, ctx)
        ctx.after(self._policy.answer_ns, StepOverdue(), "step")

    def _entered_live(self, ctx: Context) -> None:
        """Ask for what was missed, then say that we are live."""
        ctx.cancel("step")
        self._retries.went_live(ctx.now)
        if not self._is_up:
            self._is_up = True
            ctx.started()
        else:
            self._audience.reconnected(self._why, ctx)
        self._audience.tell(StreamLive(self._to.kind), ctx)

    def _left_live(self, why: str, ctx: Context) -> None:
        self._retries.went_down(ctx.now)
        self._calls.lose(why, ctx)
        self._audience.tell(StreamDown(self._to.kind, why), ctx)

    def _close(self, ctx: Context) -> None:
        ctx.cancel("retry")
        if self._socket.close(ctx):
            for key in _CONNECTION_TIMERS:
                ctx.cancel(key)
            ctx.after(self._policy.close_ns, StepOverdue(), "step")

    def _back_off(self, ctx: Context) -> None:
        retries = self._retries
        retries.failures += 1
        if not self._is_up and retries.is_hopeless:
            raise no_connection(self._to.kind, retries.failures, self._why)
        ctx.after(retries.next_wait_ns(ctx), ReconnectDue(), "retry")

    def _ask(self, frames: tuple[str, ...], ctx: Context) -> None:
        for text in frames:
            self._socket.send(text, ctx)
        if frames:
            ctx.after(self._policy.answer_ns, StepOverdue(), "step")
