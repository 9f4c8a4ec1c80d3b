"""The socket edge over TLS: it speaks with a host whose certificate it can check, and with no other."""

import ssl

import pytest
import trio
import trustme
from trio_websocket import WebSocketConnection

from actors.bybit.edges.socket import SocketEdge
from actors.model.streams import CloseCause, CloseSocket, OpenSocket, SendText, SignIn, SocketClosed, SocketConnected
from tests.actors.bybit.edges.peers import BOUND_S, Ear, peer, talker

NAME = "1.1"


def server_context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    """Of a host with a certificate for that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """Of a client that trusts an authority beside the usual ones."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def echo(socket: WebSocketConnection) -> None:
    while True:
        await socket.send_message(await socket.get_message())


async def test_a_whole_connection_over_tls() -> None:
    authority = trustme.CA()
    ear, tls = Ear(), server_context(authority, "127.0.0.1")
    async with peer(talker(echo), tls) as url:
        assert url.startswith("wss://")
        edge = SocketEdge(url, sign=lambda expires_ms: f"until {expires_ms}", ssl_context=client_context(authority))
        with trio.fail_after(BOUND_S):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(edge, OpenSocket(NAME), ear.emit)
                await ear.connected()
                await edge(SignIn(NAME, 1, 77), ear.emit)
                await edge(SendText(NAME, 2, "x" * 100_000), ear.emit)
                while len(ear.texts()) < 2:
                    await trio.lowlevel.checkpoint()
                await edge(CloseSocket(NAME), ear.emit)
    assert ear.texts() == ["until 77", "x" * 100_000]
    assert (ear.heard[0], ear.heard[-1]) == (SocketConnected(), SocketClosed(CloseCause.OURS))


@pytest.mark.parametrize(
    ("is_trusted", "host", "reason"),
    [(False, "127.0.0.1", "certificate verify failed"), (True, "stream.bybit.com", "IP address mismatch")],
)
async def test_a_host_that_cannot_show_who_it_is_gets_no_word(is_trusted: bool, host: str, reason: str) -> None:
    authority = trustme.CA()
    context = client_context(authority if is_trusted else trustme.CA())
    ear, heard = Ear(), list[str]()

    async def talk(socket: WebSocketConnection) -> None:
        heard.append(str(await socket.get_message()))

    async with peer(talker(talk), server_context(authority, host)) as url:
        edge = SocketEdge(url, sign=lambda expires_ms: "secret", ssl_context=context)
        with trio.fail_after(BOUND_S):
            await edge(OpenSocket(NAME), ear.emit)
    (closed,) = ear.heard
    assert closed.cause is CloseCause.UNREACHABLE
    assert reason in closed.detail
    assert heard == []
