"""The simulator's sockets: a stream opened at the venue, its frames passed on to the one actor that reads them."""

from actors.marketdata.messages import Subscribe, Wake
from actors.model.backend import BarRange, PrivateFrame
from actors.websocket.messages import OpenStream, StreamKind, StreamOpened
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.errors import ActorError
from runtime.messages import AskFailed, Ref

__all__ = ["SimulatedSocket"]

_OPEN_TIMEOUT_NS = 10_000_000_000


class SimulatedSocket(Actor):
    """One stream of `kind` from `venue` to `reader`; live when the venue says so."""

    def __init__(self, kind: StreamKind, venue: Ref, reader: Ref) -> None:
        self._kind = kind
        self._venue = venue
        self._reader = reader

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(self._venue, OpenStream(self._kind, ctx.me), _OPEN_TIMEOUT_NS)
        return STARTING

    @handles(StreamOpened)
    def opened(self, message: StreamOpened, ctx: Context) -> None:
        """Frames flow from now on."""
        ctx.started()

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """The venue did not open the stream: the supervisor decides."""
        raise ActorError(f"{self._kind} stream was not opened: {message.cause}")

    @handles(Subscribe, Wake)
    def wanted(self, message: Subscribe | Wake, ctx: Context) -> None:
        """Which bars the reader waits for is for the world that makes them."""
        ctx.send(self._venue, message)

    @handles(BarRange, PrivateFrame)
    def frame(self, message: BarRange | PrivateFrame, ctx: Context) -> None:
        """Pass on."""
        ctx.send(self._reader, message)
