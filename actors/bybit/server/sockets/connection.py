"""One connected client: a bounded queue of frames to it, and the two tasks that read and write.

A client that does not read as fast as it is told is dropped when its queue is full. The server never waits for it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf

import attrs
import trio
from hypercorn.protocol.events import Data, StreamClosed
from starlette.websockets import WebSocket, WebSocketDisconnect
from wsproto.events import TextMessage

from actors.bybit.server.sockets.counts import FrameCounts
from actors.bybit.topics import Socket

__all__ = ["MAX_QUEUED", "STREAM", "Connection", "serve"]

STREAM = "coldframe.stream"  # where the ASGI scope has hypercorn's stream of the connection

MAX_QUEUED = 2_000
_MOST_TOGETHER = 64
_SCAN_S = 30.0  # how often idle connections are looked for
Outgoing = Callable[["Connection", bytes], list[tuple[float, bytes]]]


@attrs.define(eq=False)
class Connection:
    """`kind` names the socket. `latency_s` is how long an answer takes; pushed frames leave at once.

    `outgoing` may change what leaves, as a fault does: (delay in seconds, frame) for each frame.
    """

    kind: Socket
    conn_id: str
    socket: WebSocket
    latency_s: float = 0.0
    max_idle_s: float = 600.0
    outgoing: Outgoing = lambda connection, frame: [(0.0, frame)]
    account: str = ""  # the API key that it has signed in with
    traffic: FrameCounts = attrs.Factory(FrameCounts)
    last_heard_s: float = 0.0
    is_dropped: bool = False
    is_deaf: bool = False
    _is_heard: bool = False
    _queue: "trio.MemorySendChannel[tuple[float, bytes]]" = attrs.field(init=False)
    _frames: "trio.MemoryReceiveChannel[tuple[float, bytes]]" = attrs.field(init=False)
    _scope: trio.CancelScope = attrs.Factory(trio.CancelScope)

    def __attrs_post_init__(self) -> None:
        self._queue, self._frames = trio.open_memory_channel[tuple[float, bytes]](MAX_QUEUED)
        self.last_heard_s = trio.current_time()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """While it lasts, what the client says is heard, until the connection is dropped or deaf."""
        self._is_heard = True
        self.traffic.open[self.kind] += 1
        try:
            yield
        finally:
            self._hear_no_more()

    def push(self, frame: bytes) -> None:
        """Tell something; a client that is too slow is dropped, and one that is told something is not idle."""
        self.last_heard_s = trio.current_time()
        self._put(frame, 0.0)

    def answer(self, frame: bytes) -> None:
        """Answer a request, after the response latency."""
        self._put(frame, self.latency_s)

    def drop(self) -> None:
        """Close the connection without a word."""
        self.is_dropped = True
        self._hear_no_more()
        self._scope.cancel()

    def go_deaf(self) -> None:
        """Half open: nothing is heard or told any more, protocol pings neither, and the TCP connection stays."""
        self.is_deaf = True
        self._hear_no_more()
        self.max_idle_s = inf
        stream = self.socket.scope.get(STREAM)
        if stream is not None:
            stream.handle = partial(_hear_only_the_end, stream.handle)

    def _hear_no_more(self) -> None:
        if self._is_heard:
            self._is_heard = False
            self.traffic.open[self.kind] -= 1

    def queue(self, frame: bytes, delay_s: float = 0.0) -> None:
        """Send a frame as it is, after those that are queued."""
        if self.is_deaf:
            return
        try:
            self._queue.send_nowait((trio.current_time() + delay_s, frame))
        except trio.WouldBlock:
            self.drop()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return  # the client has gone

    def _put(self, frame: bytes, delay_s: float) -> None:
        for more_s, each in self.outgoing(self, frame):
            self.queue(each, delay_s + more_s)

    async def write(self) -> None:
        """Send what is queued, each frame at its time and in its order; those that are due together in one write."""
        later: tuple[float, bytes] | None = None
        while True:
            try:
                due_s, frame = await self._frames.receive() if later is None else later
            except trio.EndOfChannel:
                return
            if due_s > trio.current_time():
                await trio.sleep_until(due_s)
            frames, later = self._due_with(frame)
            if not self.is_deaf:
                await self._send(frames)

    def _due_with(self, frame: bytes) -> tuple[list[bytes], tuple[float, bytes] | None]:
        """The frame and those behind it that are due now; and the next one, if it was taken and is not due."""
        frames, now = [frame], trio.current_time()
        while len(frames) < _MOST_TOGETHER:
            try:
                due_s, following = self._frames.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
            if due_s > now:
                return frames, (due_s, following)
            frames.append(following)
        return frames, None

    async def _send(self, frames: list[bytes]) -> None:
        """In one write to the transport, where hypercorn's stream is at hand: a write a frame is what costs most."""
        self.traffic.told[self.kind] += len(frames)
        stream = self.socket.scope.get(STREAM)
        if len(frames) == 1 or stream is None:
            for frame in frames:
                await self.socket.send_text(frame.decode())
        elif not stream.closed:
            data = b"".join(stream.connection.send(TextMessage(data=frame.decode())) for frame in frames)
            await stream.send(Data(stream_id=stream.stream_id, data=data))

    async def read(self, hear: "Callable[[Connection, str], Awaitable[None]]") -> None:
        """Pass on every text frame until the client goes."""
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                self._hear_no_more()
                return
            self.last_heard_s = trio.current_time()
            self.traffic.heard[self.kind] += 1
            text = message.get("text")
            await hear(self, text if text is not None else message.get("bytes", b"").decode(errors="replace"))

    async def watch(self) -> None:
        """Drop the client when nothing was heard or told for as long as it may be idle."""
        if self.max_idle_s == inf:
            return
        while trio.current_time() - self.last_heard_s <= self.max_idle_s:
            await trio.sleep(min(_SCAN_S, self.max_idle_s))
        self.drop()


async def _hear_only_the_end(handle: Callable[[object], Awaitable[None]], event: object) -> None:
    """In place of what the server does with bytes of the client: only that it has gone is passed on."""
    if isinstance(event, StreamClosed):
        await handle(event)


async def serve(connection: Connection, hear: Callable[[Connection, str], Awaitable[None]]) -> None:
    """Run a connection until the client or the server ends it."""
    try:
        with connection._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write)
                nursery.start_soon(connection.watch)
                await connection.read(hear)
                nursery.cancel_scope.cancel()
    except* (WebSocketDisconnect, RuntimeError, trio.BrokenResourceError):
        pass  # the client went while it was being told something
    finally:
        connection._queue.close()
    if connection.is_dropped:
        with trio.move_on_after(1):
            await connection.socket.close(1001)
