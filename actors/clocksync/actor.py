"""Measures the venue's clock, corrects `ctx.wall` by it, and raises the alarm when the venue's time is not known.

It is Starting until the first exchanges agree and the error is small enough, so nothing below it in the tree starts
without the venue's time. Later it measures on a timer, and soon after a failure, a doubtful exchange or a step of the
venue's clock. The error grows between measurements. When it is too large, or the venue's clock has stepped, followers
are sent Unsynchronised, and Synchronised once the time is known again.
"""

from actors.clocksync.estimator import Estimator, Finding, OffsetBound, Sample
from actors.clocksync.messages import FollowClock, SyncDue, Synchronised, TimestampRefused, Unsynchronised
from actors.clocksync.policy import SyncPolicy
from actors.model.backend import NeverSent, ServerTime, ServerTimeQuery, Unanswered
from actors.model.errors import NetworkError
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["ClockSync"]

_TIMEOUT_NS = 5_000_000_000
_RETRY_NS = 1_000_000_000  # after a failure
_SOON_NS = 250_000_000  # while an exchange is to be confirmed, or the alarm stands
_MAX_FAILURES = 5  # in a row, while Starting
_NS_PER_MS = 1_000_000
_TIMER = "sync"


class ClockSync(Actor):
    """Asks `port` for the time as `policy` says; an answer may take `round_trip_ns` plus five seconds.

    More than five failures in a row while Starting raise NetworkError.
    """

    def __init__(self, port: Ref, policy: SyncPolicy, round_trip_ns: int = 0) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._policy = policy
        self._estimator = Estimator(policy.drift_ppm)
        self._state: Synchronised | Unsynchronised = Unsynchronised("the venue's clock has not been measured yet")
        self._followers: list[Ref] = []
        self._sent_ns = 0
        self._failures = 0
        self._is_up = False
        self._is_measuring = False

    def start(self, ctx: Context) -> StartResult:
        if ctx.wall_error_ns is not None:  # an earlier life measured it, or the clock is virtual
            offset_ns, error_ns = ctx.wall - ctx.now, ctx.wall_error_ns
            prior = OffsetBound(offset_ns - error_ns, offset_ns + error_ns, ctx.now)
            self._estimator = Estimator(self._policy.drift_ppm, prior)
        self._measure(ctx)
        return STARTING

    @handles(SyncDue)
    def sync_due(self, message: SyncDue, ctx: Context) -> None:
        """The interval is over: measure."""
        self._measure(ctx)

    @handles(ServerTime)
    def server_time(self, message: ServerTime, ctx: Context) -> None:
        """An exchange is complete: correct the wall clock, then judge it."""
        self._failures = 0
        self._is_measuring = False
        estimator = self._estimator
        finding = estimator.add(Sample(self._sent_ns, message.time_ms, ctx.now))
        bound = estimator.at(ctx.now)
        ctx.correct_wall(bound.offset_ns, bound.error_ns, self._policy.drift_ppm)
        if finding is Finding.STEPPED:
            change_ms = (bound.offset_ns - (ctx.wall - ctx.now)) // _NS_PER_MS
            self._say(Unsynchronised(f"the venue's clock stepped by about {change_ms} ms"), ctx)
        if estimator.is_settled:
            self._judge(bound.error_ns, ctx)
        is_well = finding is Finding.AGREES and isinstance(self._state, Synchronised)
        ctx.after(self._policy.interval_ns if is_well else _SOON_NS, SyncDue(), _TIMER)

    @handles(AskFailed, NeverSent, Unanswered)
    def failed(self, message: AskFailed | NeverSent | Unanswered, ctx: Context) -> None:
        """No answer: measure again after a second; raise the alarm if the error has grown too large."""
        self._failures += 1
        self._is_measuring = False
        if not self._is_up and self._failures > _MAX_FAILURES:
            why = message.cause if isinstance(message, AskFailed) else message.reason
            raise NetworkError(f"no server time in {self._failures} attempts, the last: {why}")
        if ctx.wall_error_ns is not None and ctx.wall_error_ns > self._policy.max_error_ns:
            self._judge(ctx.wall_error_ns, ctx)
        ctx.after(_RETRY_NS, SyncDue(), _TIMER)

    @handles(TimestampRefused)
    def timestamp_refused(self, message: TimestampRefused, ctx: Context) -> None:
        """The venue's clock may have stepped: measure at once, unless an exchange is under way.

        No alarm yet: a request that was under way for too long is refused in the same words.
        """
        if not self._is_measuring:
            ctx.after(0, SyncDue(), _TIMER)

    @handles(FollowClock)
    def follow(self, message: FollowClock, ctx: Context) -> None:
        """Add a follower (or keep one that has restarted), and answer with the current state."""
        if message.follower not in self._followers:
            self._followers.append(message.follower)
        ctx.reply(self._state)

    def _measure(self, ctx: Context) -> None:
        self._sent_ns = ctx.now
        self._is_measuring = True
        ctx.ask(self._port, ServerTimeQuery(), self._timeout_ns)

    def _judge(self, error_ns: int, ctx: Context) -> None:
        """Say whether the error is small enough; the first time that it is, the actor has started."""
        limit_ns = self._policy.max_error_ns
        if error_ns > limit_ns:
            error_ms, limit_ms = error_ns // _NS_PER_MS, limit_ns // _NS_PER_MS
            self._say(Unsynchronised(f"the venue's time is known within {error_ms} ms only, not {limit_ms} ms"), ctx)
            return
        self._say(Synchronised(), ctx)
        if not self._is_up:
            self._is_up = True
            ctx.started()

    def _say(self, state: Synchronised | Unsynchronised, ctx: Context) -> None:
        """Tell the followers if the state has changed; the same alarm for another reason is no change."""
        if type(state) is not type(self._state):
            self._state = state
            for follower in self._followers:
                ctx.send(follower, state)
