"""The edge of Bybit's sockets: connects, reads, sends and closes as it is told, and says what came. It decides nothing.

A frame is taken off the socket at once and waits in a bounded mailbox until the kernel has room, so a slow reader never
makes the venue wait. Whatever ends a connection is said as SocketClosed, once, after all frames that came before it.
"""

import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import msgspec
import trio
from trio_websocket import ConnectionClosed, ConnectionRejected, WebSocketConnection

from actors.bybit.edges.mailbox import FrameMailbox
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.edges.wires import Address, HandshakeBroken, open_stream, shake_hands
from actors.model.streams import (
    CloseCause,
    CloseSocket,
    OpenSocket,
    SendText,
    SignIn,
    SocketClosed,
    SocketConnected,
    SocketFrame,
)
from runtime.messages import Message

__all__ = ["SocketEdge"]

Emit = Callable[[Message], Awaitable[None]]
_MAX_UNSENT = 1_000
_SHOWN = 200  # characters of an answer that is no WebSocket's
_ABNORMAL = 1006
_HIDDEN_KEY = "[key]"


@attrs.define(eq=False)
class _Link:
    """One connection: what is to be sent by number, and how it is to end."""

    mailbox: FrameMailbox
    unsent: dict[int, str] = attrs.field(factory=dict)
    next_number: int = 1
    news: trio.Event = attrs.field(factory=trio.Event)  # something to send
    arrived: trio.Event = attrs.field(factory=trio.Event)  # a frame, or the end of frames
    room: Awaitable[None] | None = None  # of a frame that the reader has passed on itself, until it is awaited
    is_waiting: bool = False  # all that came is passed on
    close_asked: trio.Event = attrs.field(factory=trio.Event)
    connecting: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    is_connected: bool = False
    closed: SocketClosed | None = None

    def end(self, closed: SocketClosed) -> None:
        """The first cause counts."""
        self.closed = self.closed or closed


class SocketEdge:
    """Sockets of one URL. `sign` writes the frame that authenticates, from its expiry in UTC ms of the venue.

    `connect_s` and `close_s` are deadlines; `mailbox` makes the mailbox of a connection; `traffic` counts its frames.
    `hidden` is our key, which the venue may quote: `[key]` stands in its place in whatever is passed on.
    """

    def __init__(
        self,
        url: str,
        *,
        sign: Callable[[int], str] | None = None,
        connect_s: float = 10.0,
        close_s: float = 2.0,
        mailbox: Callable[[], FrameMailbox] = FrameMailbox,
        ssl_context: ssl.SSLContext | None = None,
        traffic: WireTraffic | None = None,
        hidden: str = "",
    ) -> None:
        self._address = Address.of(url)
        self._traffic = traffic or WireTraffic()
        self._sign = sign
        self._connect_s = connect_s
        self._close_s = close_s
        self._mailbox = mailbox
        self._ssl_context = ssl_context
        self._hidden = hidden
        self._links: dict[str, _Link] = {}

    def at_once(self, request: object) -> bool:
        """Frames to send need no task: the connection's own sends them."""
        if not isinstance(request, SendText):
            return False
        self._post(request.connection, request.number, request.text)
        return True

    async def __call__(self, request: Any, emit: Emit) -> None:
        """Carry out one request of the actor's."""
        match request:
            case OpenSocket(connection):
                await self._run(connection, emit)
            case SendText(connection, number, text):
                self._post(connection, number, text)
            case SignIn(connection, number, expires_ms):
                if self._sign is None:
                    raise TypeError(f"{self._address.url} was given no key to sign in with")
                self._post(connection, number, self._sign(expires_ms))
            case CloseSocket(connection):
                self._close(connection)
            case _:
                raise TypeError(f"a socket carries out no {type(request).__name__}")

    def _post(self, connection: str, number: int, text: str) -> None:
        link = self._links.get(connection)
        if link is None:
            return  # it has ended; SocketClosed is under way
        if len(link.unsent) >= _MAX_UNSENT:
            link.end(SocketClosed(CloseCause.OVERFLOW, f"{_MAX_UNSENT} frames could not be sent"))
            link.close_asked.set()
            return
        link.unsent[number] = text
        link.news.set()

    def _close(self, connection: str) -> None:
        link = self._links.get(connection)
        if link is not None:
            link.end(SocketClosed(CloseCause.OURS))
            link.close_asked.set()
            if not link.is_connected:
                link.connecting.cancel()

    # -- one connection ----------------------------------------------------------------------------------------------

    async def _run(self, connection: str, emit: Emit) -> None:
        link = self._links[connection] = _Link(self._mailbox())
        try:
            await self._hold(link, emit)
        finally:
            del self._links[connection]
        closed = link.closed or SocketClosed(CloseCause.BROKEN)
        await emit(msgspec.structs.replace(closed, detail=self._shown(closed.detail)))

    async def _hold(self, link: _Link, emit: Emit) -> None:
        """From connecting to the end; how it ended stands in the link. The stream is closed whatever happens."""
        link.connecting.deadline = trio.current_time() + self._connect_s
        stream: trio.abc.Stream | None = None
        try:
            with link.connecting:
                stream = await open_stream(self._address, self._ssl_context)
                await self._speak(stream, link, emit)
            if link.connecting.cancelled_caught:
                link.end(SocketClosed(CloseCause.TIMED_OUT, f"no connection in {self._connect_s:g} s"))
        except* ConnectionRejected as group:
            error = _first(group)
            body = (error.body or b"")[:_SHOWN].decode(errors="replace")
            link.end(SocketClosed(CloseCause.REFUSED, " ".join(body.split()), status=error.status_code))
        except* ConnectionClosed as group:
            link.end(_closed_by(_first(group)))
        except* (HandshakeBroken, OSError, trio.BrokenResourceError) as group:
            error = _first(group)
            link.end(SocketClosed(CloseCause.UNREACHABLE, f"{type(error).__name__}: {error}"))
        finally:
            if stream is not None:
                await trio.aclose_forcefully(stream)

    async def _speak(self, stream: trio.abc.Stream, link: _Link, emit: Emit) -> None:
        """Shake hands, talk, and say goodbye in bounded time."""
        async with trio.open_nursery() as nursery:
            socket = await shake_hands(nursery, stream, self._address)
            link.is_connected, link.connecting.deadline = True, float("inf")
            await emit(SocketConnected())
            await self._talk(socket, link, emit)
            with trio.move_on_after(self._close_s):
                await socket.aclose()
            nursery.cancel_scope.cancel()

    async def _talk(self, socket: WebSocketConnection, link: _Link, emit: Emit) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._read, socket, link, emit)
            nursery.start_soon(self._write, socket, link)
            nursery.start_soon(self._end_when_asked, link, nursery.cancel_scope)
            await self._pass_on(link, emit)
            nursery.cancel_scope.cancel()

    async def _read(self, socket: WebSocketConnection, link: _Link, emit: Emit) -> None:
        """Off the socket at once, into the mailbox; and on at once, where nothing waits before it."""
        while True:
            try:
                frame = await socket.get_message()
            except ConnectionClosed as error:
                link.end(_closed_by(error))
                break
            self._traffic.came(len(frame))
            text = frame if isinstance(frame, str) else frame.decode(errors="replace")
            if not link.mailbox.put(self._shown(text)):
                link.end(SocketClosed(CloseCause.OVERFLOW, f"{len(link.mailbox)} frames wait already"))
                break
            if link.is_waiting and (taken := link.mailbox.take()) is not None:
                link.is_waiting, link.room = False, emit(SocketFrame(*taken))
            link.arrived.set()
        link.arrived.set()

    def _shown(self, text: str) -> str:
        """Without our key."""
        return text.replace(self._hidden, _HIDDEN_KEY) if self._hidden else text

    async def _pass_on(self, link: _Link, emit: Emit) -> None:
        """Out of the mailbox as fast as the kernel takes them; ends when all are out and none will come."""
        while True:
            if link.room is not None:
                room, link.room = link.room, None
                await room
            elif (taken := link.mailbox.take()) is not None:
                await emit(SocketFrame(*taken))
            elif link.closed is not None:
                return
            else:
                link.arrived, link.is_waiting = trio.Event(), True
                await link.arrived.wait()
                link.is_waiting = False

    async def _write(self, socket: WebSocketConnection, link: _Link) -> None:
        """Send what is to be sent, in the order of its numbers; the reader says when the connection has ended."""
        while True:
            while link.next_number in link.unsent:
                text = link.unsent.pop(link.next_number)
                link.next_number += 1
                try:
                    self._traffic.went(len(text))
                    await socket.send_message(text)
                except ConnectionClosed:
                    return
            link.news = trio.Event()
            await link.news.wait()

    async def _end_when_asked(self, link: _Link, scope: trio.CancelScope) -> None:
        """What still waits in the mailbox is dropped with the connection."""
        await link.close_asked.wait()
        scope.cancel()


def _first(group: BaseExceptionGroup[Any]) -> Any:
    """The first exception of a group that is none."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _closed_by(error: ConnectionClosed) -> SocketClosed:
    reason = error.reason
    if reason is None or reason.code == _ABNORMAL:
        return SocketClosed(CloseCause.BROKEN, "the connection ended without a close frame", code=_ABNORMAL)
    return SocketClosed(CloseCause.PEER, reason.reason or reason.name, code=reason.code)
