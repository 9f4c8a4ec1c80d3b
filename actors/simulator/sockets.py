"""The simulator's sockets: each opens a stream at the venue and passes its frames on to the one actor that reads them.

With latency frames are delayed, and they arrive in the order in which they were sent. Without latency the venue sends
straight to the reader as long as the socket lives.
"""

import msgspec

from actors.model.backend import ClosedBars, PrivateFrame
from actors.simulator.latency import NO_LATENCY, Latency
from actors.websocket.messages import OpenStream, RenewStream, StreamKind, StreamOpened
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.errors import ActorError
from runtime.messages import AskFailed, Ref

__all__ = ["SimulatedSocket"]

_OPEN_TIMEOUT_NS = 10_000_000_000


class Arrived(msgspec.Struct, frozen=True):
    """A delayed frame arrives."""

    frame: ClosedBars | PrivateFrame


class SimulatedSocket(Actor):
    """One stream of `kind` from `venue` to `reader`; it has started once the venue has opened it.

    `may_be_direct`: without latency the venue may send frames straight to the reader.
    """

    def __init__(
        self, kind: StreamKind, venue: Ref, reader: Ref, latency: Latency = NO_LATENCY, *, may_be_direct: bool = True
    ) -> None:
        self._kind = kind
        self._venue = venue
        self._reader = reader
        self._latency = latency
        self._is_instant = latency == NO_LATENCY
        self._is_direct = may_be_direct and self._is_instant
        self._count = 0
        self._last_ns = 0  # when the newest delayed frame arrives

    def start(self, ctx: Context) -> StartResult:
        reader = self._reader if self._is_direct else ctx.me
        ctx.ask(self._venue, OpenStream(self._kind, ctx.me, reader), _OPEN_TIMEOUT_NS)
        return STARTING

    @handles(StreamOpened)
    def opened(self, message: StreamOpened, ctx: Context) -> None:
        """The venue has opened the stream."""
        ctx.started()

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """The venue did not open the stream: raise ActorError and let the supervisor decide."""
        raise ActorError(f"{self._kind} stream was not opened: {message.cause}")

    @handles(RenewStream)
    def renew(self, message: RenewStream, ctx: Context) -> None:
        """There is no connection to replace: the venue is in the same process, and loses no frame."""

    @handles(ClosedBars, PrivateFrame)
    def frame(self, message: ClosedBars | PrivateFrame, ctx: Context) -> None:
        """Pass a frame on to the reader, at once or after the latency."""
        if self._is_instant:
            ctx.send(self._reader, message)
            return
        self._count += 1
        # The draw depends on the bar's number, so that bars which are not delivered change no other bar's delay.
        number = message.stop if isinstance(message, ClosedBars) else self._count
        delay_ns = self._latency.delay_ns(ctx.now, ctx.rng("latency").at(number))
        self._last_ns = max(self._last_ns, ctx.now + delay_ns)
        ctx.after(self._last_ns - ctx.now, Arrived(message), f"frame/{self._count}")

    @handles(Arrived)
    def arrived(self, message: Arrived, ctx: Context) -> None:
        """Pass the delayed frame on to the reader."""
        ctx.send(self._reader, message.frame)
