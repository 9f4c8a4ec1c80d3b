"""Measures the venue's clock at its start, on a timer, and soon after a failure. Is up once it knows the offset."""

from actors.clocksync.estimator import estimate
from actors.clocksync.messages import ClockEstimate, ClockQuery, SyncDue
from actors.model.backend import NeverSent, ServerTime, ServerTimeQuery
from actors.model.errors import NetworkError
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["ClockSync"]

_TIMEOUT_NS = 5_000_000_000
_RETRY_NS = 1_000_000_000
_MAX_FAILURES = 5
_TIMER = "sync"


class ClockSync(Actor):
    """Asks `port` every `interval_ns`, and waits `round_trip_ns` and five seconds for the answer.

    Five failures in a row are a crash, and the supervisor's to judge.
    """

    def __init__(self, port: Ref, interval_ns: int, round_trip_ns: int = 0) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._interval_ns = interval_ns
        self._sent_ns = 0
        self._failures = 0
        self._estimate: ClockEstimate | None = None

    def start(self, ctx: Context) -> StartResult:
        self._measure(ctx)
        return STARTING

    @handles(SyncDue)
    def sync_due(self, message: SyncDue, ctx: Context) -> None:
        """Time to measure."""
        self._measure(ctx)

    @handles(ServerTime)
    def server_time(self, message: ServerTime, ctx: Context) -> None:
        """A measurement."""
        is_first = self._estimate is None
        self._estimate = estimate(self._sent_ns, ctx.wall, message.time_ms)
        self._failures = 0
        ctx.after(self._interval_ns, SyncDue(), _TIMER)
        if is_first:
            ctx.started()

    @handles(AskFailed, NeverSent)
    def failed(self, message: AskFailed | NeverSent, ctx: Context) -> None:
        """No answer: soon again, a few times."""
        self._failures += 1
        if self._failures > _MAX_FAILURES:
            raise NetworkError(f"no server time in {self._failures} attempts")
        ctx.after(_RETRY_NS, SyncDue(), _TIMER)

    @handles(ClockQuery)
    def query(self, message: ClockQuery, ctx: Context) -> None:
        """The last estimate; asked only of a started actor, so there is one."""
        assert self._estimate is not None, "clocksync is started only with an estimate"
        ctx.reply(self._estimate)

    def _measure(self, ctx: Context) -> None:
        self._sent_ns = ctx.wall
        ctx.ask(self._port, ServerTimeQuery(), self._timeout_ns)
