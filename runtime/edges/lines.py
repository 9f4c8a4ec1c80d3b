"""Lines of text as edges: a terminal, and a TCP server. For examples and small services."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

import msgspec
import trio

from runtime.messages import Message

__all__ = ["LineCame", "LineServer", "Listening", "NoMoreLines", "Say", "terminal"]

Emit = Callable[[Message], Awaitable[None]]
_LONGEST = 4_096
_ONE_READER = trio.CapacityLimiter(1)


class LineCame(msgspec.Struct, frozen=True):
    """A line, without its line end, from caller `caller` (0: the terminal)."""

    caller: int
    text: str


class NoMoreLines(msgspec.Struct, frozen=True):
    """The caller has disconnected."""

    caller: int


class Listening(msgspec.Struct, frozen=True):
    """The server accepts connections at this port."""

    port: int


class Say(msgspec.Struct, frozen=True):
    """Send a line to a caller; does nothing if the caller has disconnected."""

    caller: int
    text: str


async def terminal(request: Any, emit: Emit, source: TextIO | None = None) -> None:
    """An edge that emits each line of standard input, then NoMoreLines; the request's content does not matter."""
    read = (source or sys.stdin).readline
    while line := await trio.to_thread.run_sync(read, limiter=_ONE_READER, abandon_on_cancel=True):
        await emit(LineCame(0, line.rstrip("\n")))
    await emit(NoMoreLines(0))


class LineServer:
    """A TCP server on loopback as two edges: `serve` (request: a port, 0 for any) and `say` (request: a Say)."""

    def __init__(self) -> None:
        self._callers: dict[int, trio.SocketStream] = {}
        self._last = 0
        self.port = 0  # the port, once it listens

    async def serve(self, port: Any, emit: Emit) -> None:
        """Emit Listening, then the callers' lines."""
        listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
        self.port = int(listeners[0].socket.getsockname()[1])
        await emit(Listening(self.port))

        async def hear(stream: trio.SocketStream) -> None:
            self._last += 1
            await self._hear(self._last, stream, emit)

        await trio.serve_listeners(hear, listeners)

    async def say(self, request: Any, emit: Emit) -> None:
        """Send one line."""
        stream = self._callers.get(request.caller)
        if stream is not None:
            try:
                await stream.send_all(request.text.encode() + b"\n")
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._callers.pop(request.caller, None)

    async def _hear(self, caller: int, stream: trio.SocketStream, emit: Emit) -> None:
        self._callers[caller] = stream
        rest = b""
        try:
            async for data in stream:
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    await emit(LineCame(caller, line.decode(errors="replace").rstrip("\r")))
                if len(rest) > _LONGEST:
                    break
        except trio.BrokenResourceError:
            rest = b""
        finally:
            self._callers.pop(caller, None)
        await emit(NoMoreLines(caller))
