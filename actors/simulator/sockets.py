"""The simulator's sockets: a stream opened at the venue, its frames passed on to the one actor that reads them.

With a latency a frame is under way for a while; one that was sent later never arrives earlier. Without one there is
nothing to do on the way, so the stream leads to its reader as long as the socket lives.
"""

import msgspec

from actors.model.backend import ClosedBars, PrivateFrame
from actors.simulator.latency import NO_LATENCY, Latency
from actors.websocket.messages import OpenStream, StreamKind, StreamOpened
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.errors import ActorError
from runtime.messages import AskFailed, Ref

__all__ = ["SimulatedSocket"]

_OPEN_TIMEOUT_NS = 10_000_000_000


class Arrived(msgspec.Struct, frozen=True):
    """A frame that was under way."""

    frame: ClosedBars | PrivateFrame


class SimulatedSocket(Actor):
    """One stream of `kind` from `venue` to `reader`; live when the venue says so.

    `may_be_direct`: without a latency the frames need not come through here.
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
        self._last_ns = 0  # when the newest frame under way arrives

    def start(self, ctx: Context) -> StartResult:
        reader = self._reader if self._is_direct else ctx.me
        ctx.ask(self._venue, OpenStream(self._kind, ctx.me, reader), _OPEN_TIMEOUT_NS)
        return STARTING

    @handles(StreamOpened)
    def opened(self, message: StreamOpened, ctx: Context) -> None:
        """Frames flow from now on."""
        ctx.started()

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """The venue did not open the stream: the supervisor decides."""
        raise ActorError(f"{self._kind} stream was not opened: {message.cause}")

    @handles(ClosedBars, PrivateFrame)
    def frame(self, message: ClosedBars | PrivateFrame, ctx: Context) -> None:
        """Pass on, now or when it arrives."""
        if self._is_instant:
            ctx.send(self._reader, message)
            return
        self._count += 1
        # A bar's draw is its own, so that bars which are left out change nothing for the others.
        number = message.stop if isinstance(message, ClosedBars) else self._count
        delay_ns = self._latency.delay_ns(ctx.now, ctx.rng("latency").at(number))
        self._last_ns = max(self._last_ns, ctx.now + delay_ns)
        ctx.after(self._last_ns - ctx.now, Arrived(message), f"frame/{self._count}")

    @handles(Arrived)
    def arrived(self, message: Arrived, ctx: Context) -> None:
        """Pass on."""
        ctx.send(self._reader, message.frame)
