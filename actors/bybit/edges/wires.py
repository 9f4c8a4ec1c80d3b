"""A TCP or TLS stream to a host, and the WebSocket handshake on it; both bounded by the caller's deadline.

trio-websocket's own connect waits until its deadline when the host closes during the handshake, and leaves the stream
open when it is cancelled. Here the stream is the caller's to close, and a host that closes is noticed at once.
"""

import ssl
from urllib.parse import urlsplit

import attrs
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

__all__ = ["Address", "HandshakeBroken", "open_stream", "shake_hands"]

_MAX_FRAME = 4 * 1024 * 1024
_PORTS = {"ws": 80, "wss": 443}


class HandshakeBroken(Exception):
    """The host closed the connection, or did not speak the protocol, before it was a WebSocket."""


@attrs.frozen
class Address:
    """Where a WebSocket is."""

    url: str
    host: str
    port: int
    resource: str
    is_tls: bool

    @classmethod
    def of(cls, url: str) -> "Address":
        """Raises ValueError for what is no ws: or wss: URL with a host."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is no ws: or wss: URL with a host")
        resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        port = parts.port or _PORTS[parts.scheme]
        return cls(url, parts.hostname, port, resource, parts.scheme == "wss")

    @property
    def host_header(self) -> str:
        """As HTTP names it: the port of the scheme is left out."""
        is_usual = self.port == _PORTS["wss" if self.is_tls else "ws"]
        return self.host if is_usual else f"{self.host}:{self.port}"


async def open_stream(address: Address, ssl_context: ssl.SSLContext | None) -> trio.abc.Stream:
    """Connected; with TLS the certificate has been checked. Raises OSError, of which SSLError is one."""
    if not address.is_tls:
        return await trio.open_tcp_stream(address.host, address.port)
    context = ssl_context or ssl.create_default_context()
    stream = await trio.open_ssl_over_tcp_stream(address.host, address.port, ssl_context=context, https_compatible=True)
    try:
        await stream.do_handshake()  # trio-websocket would wait for ever for a host whose certificate fails
    except BaseException as error:
        await trio.aclose_forcefully(stream)
        if isinstance(error, trio.BrokenResourceError) and isinstance(error.__cause__, OSError):
            raise error.__cause__ from None  # says what is wrong
        raise
    return stream


async def shake_hands(nursery: trio.Nursery, stream: trio.abc.Stream, address: Address) -> WebSocketConnection:
    """The open WebSocket, read by a task in `nursery`. Raises HandshakeBroken; the nursery ConnectionRejected."""
    watched = _WatchedStream(stream)
    with trio.CancelScope() as scope:
        watcher = await nursery.start(_cancel_at_end, watched, scope)
        socket = await wrap_client_stream(
            nursery,
            watched,  # type: ignore[arg-type]
            address.host_header,
            address.resource,
            max_message_size=_MAX_FRAME,
        )
        watcher.cancel()
        return socket
    raise HandshakeBroken("the host ended the connection during the handshake")


async def _cancel_at_end(
    watched: "_WatchedStream", scope: trio.CancelScope, task_status: trio.TaskStatus[trio.CancelScope]
) -> None:
    with trio.CancelScope() as own:
        task_status.started(own)
        await watched.ended.wait()
        scope.cancel()


class _WatchedStream(trio.abc.Stream):
    """The stream, and an event for its end."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self.ended = trio.Event()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        try:
            data = await self._stream.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.ended.set()
            raise
        if not data:
            self.ended.set()
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        self.ended.set()
        await self._stream.aclose()
