"""A venue made of a few lines on loopback, and an ear for what an edge says."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket

from actors.model.streams import SocketClosed, SocketConnected, SocketFrame

__all__ = ["BOUND_S", "Ear", "peer", "talker", "tcp_peer"]

BOUND_S = 10.0  # of a test that should take milliseconds
Handler = Callable[[WebSocketRequest], Awaitable[None]]


class Ear:
    """What was emitted. While `is_open` is not set, every emit waits: a kernel that is far behind."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.is_open = trio.Event()
        self.is_open.set()
        self._news = trio.Event()

    async def emit(self, message: Any) -> None:
        await self.is_open.wait()
        self.heard.append(message)
        self._news.set()
        self._news = trio.Event()
        await trio.lowlevel.checkpoint()

    async def until(self, kind: type) -> Any:
        """The first message of a class, from the beginning on."""
        with trio.fail_after(BOUND_S):
            while not (found := [each for each in self.heard if isinstance(each, kind)]):
                await self._news.wait()
        return found[0]

    async def connected(self) -> None:
        await self.until(SocketConnected)

    async def closed(self) -> SocketClosed:
        closed = await self.until(SocketClosed)
        assert isinstance(closed, SocketClosed)
        return closed

    def texts(self) -> list[str]:
        return [each.text for each in self.heard if isinstance(each, SocketFrame)]


def talker(talk: Callable[[WebSocketConnection], Awaitable[None]]) -> Handler:
    """Accept, and talk until somebody closes."""

    async def handle(request: WebSocketRequest) -> None:
        socket = await request.accept()
        with suppress(ConnectionClosed):
            await talk(socket)

    return handle


@asynccontextmanager
async def peer(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Its URL; with `tls` it is one of `wss`."""
    async with trio.open_nursery() as nursery:
        serve = partial(serve_websocket, handler, "127.0.0.1", 0, tls, connect_timeout=BOUND_S, disconnect_timeout=0.1)
        server = await nursery.start(serve)
        yield f"{'ws' if tls is None else 'wss'}://127.0.0.1:{server.port}/v5/private"
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def tcp_peer(handle: Callable[[trio.SocketStream], Awaitable[None]]) -> AsyncIterator[str]:
    """A host that need not speak WebSocket; the stream is closed when `handle` returns."""

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await handle(stream)

    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield f"ws://127.0.0.1:{listener.socket.getsockname()[1]}/"
        nursery.cancel_scope.cancel()
