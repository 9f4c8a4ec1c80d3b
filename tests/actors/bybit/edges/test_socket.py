"""The socket edge against peers on loopback: what it says of each way in which a connection can begin and end."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from trio_websocket import WebSocketConnection, WebSocketRequest

from actors.bybit.edges.mailbox import FrameMailbox
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.edges.wires import Address
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
from tests.actors.bybit.edges.peers import BOUND_S, Ear, peer, talker, tcp_peer

NAME = "1.1"


@asynccontextmanager
async def opened(edge: SocketEdge, ear: Ear) -> AsyncIterator[None]:
    """A connection under way; it is over when the test is."""
    with trio.fail_after(2 * BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(edge, OpenSocket(NAME), ear.emit)
            yield
            nursery.cancel_scope.cancel()


async def until_closed(socket: WebSocketConnection) -> None:
    while True:
        await socket.get_message()


def order(number: int) -> str:
    return json.dumps({"topic": "order", "id": str(number), "creationTime": 1, "data": []})


async def test_connected_frames_in_order_and_the_peers_close_each_once() -> None:
    async def talk(socket: WebSocketConnection) -> None:
        for number in range(100):
            await socket.send_message(order(number))
        await socket.aclose(4001, "enough")

    ear = Ear()
    async with peer(talker(talk)) as url, opened(SocketEdge(url), ear):
        closed = await ear.closed()
    assert ear.heard[0] == SocketConnected()
    assert ear.texts() == [order(number) for number in range(100)]
    assert closed == SocketClosed(CloseCause.PEER, "enough", code=4001)
    assert ear.heard[-1] is closed
    assert len(ear.heard) == 102


async def test_a_host_that_refuses_is_told_with_its_status_and_text() -> None:
    async def handle(request: WebSocketRequest) -> None:
        await request.reject(403, body=b"<html>\n access too frequent</html>")

    ear = Ear()
    async with peer(handle) as url, opened(SocketEdge(url), ear):
        closed = await ear.closed()
    assert closed == SocketClosed(CloseCause.REFUSED, "<html> access too frequent</html>", status=403)
    assert ear.heard == [closed]


async def test_a_proxy_that_answers_with_a_page_is_no_connection() -> None:
    async def page(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>")
        await stream.receive_some()

    ear = Ear()
    async with tcp_peer(page) as url, opened(SocketEdge(url, connect_s=1.0), ear):
        closed = await ear.closed()
    assert (closed.cause, closed.status) == (CloseCause.REFUSED, 200)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n"])
async def test_a_host_that_hangs_up_or_speaks_something_else_is_noticed_at_once(answer: bytes) -> None:
    async def hang_up(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(answer)

    ear = Ear()
    async with tcp_peer(hang_up) as url, opened(SocketEdge(url, connect_s=60), ear):
        closed = await ear.closed()
    assert closed.cause is CloseCause.UNREACHABLE
    assert "during the handshake" in closed.detail


async def test_nobody_there() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    ear = Ear()
    async with opened(SocketEdge(f"ws://127.0.0.1:{port}/"), ear):
        closed = await ear.closed()
    assert closed.cause is CloseCause.UNREACHABLE
    assert "Error" in closed.detail


@pytest.mark.parametrize("is_asked", [False, True])
async def test_a_host_that_never_answers_is_given_up_at_the_deadline_or_when_asked(is_asked: bool) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    edge, ear = (
        SocketEdge(f"ws://127.0.0.1:{listener.socket.getsockname()[1]}/", connect_s=60 if is_asked else 0.05),
        Ear(),
    )
    async with opened(edge, ear):
        if is_asked:
            client = await listener.accept()
            await client.receive_some()  # it is connecting
            await edge(CloseSocket(NAME), ear.emit)
        closed = await ear.closed()
    if is_asked:
        await client.aclose()
    await listener.aclose()
    assert closed.cause is (CloseCause.OURS if is_asked else CloseCause.TIMED_OUT)


async def test_our_close_is_a_closing_handshake() -> None:
    seen: list[int] = []

    async def talk(socket: WebSocketConnection) -> None:
        try:
            await until_closed(socket)
        finally:
            seen.append(0 if socket.closed is None else socket.closed.code)

    ear = Ear()
    async with peer(talker(talk)) as url:
        edge = SocketEdge(url, close_s=BOUND_S)
        async with opened(edge, ear):
            await ear.connected()
            await edge(CloseSocket(NAME), ear.emit)
            closed = await ear.closed()
            await edge(CloseSocket(NAME), ear.emit)  # again: nothing
    assert closed == SocketClosed(CloseCause.OURS)
    assert seen == [1000]


async def test_a_peer_that_does_not_answer_our_close_is_left_behind() -> None:
    async def silent(stream: trio.SocketStream) -> None:
        request = await stream.receive_some()
        key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        await stream.send_all(_switching(key.split(b": ")[1]))
        while await stream.receive_some():
            pass

    ear = Ear()
    async with tcp_peer(silent) as url:
        edge = SocketEdge(url, close_s=0.05)
        async with opened(edge, ear):
            await ear.connected()
            await edge(CloseSocket(NAME), ear.emit)
            assert (await ear.closed()).cause is CloseCause.OURS


def _switching(key: bytes) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def test_a_connection_that_breaks_off_is_told_as_broken() -> None:
    async def talk(socket: WebSocketConnection) -> None:
        await socket.send_message(order(1))
        await socket._stream.aclose()

    ear = Ear()
    async with peer(talker(talk)) as url, opened(SocketEdge(url), ear):
        closed = await ear.closed()
    assert (closed.cause, closed.code) == (CloseCause.BROKEN, 1006)
    assert ear.texts() == [order(1)]


async def test_frames_leave_in_the_order_of_their_numbers_and_the_edge_signs() -> None:
    got: list[str] = []
    is_done = trio.Event()

    async def talk(socket: WebSocketConnection) -> None:
        while True:
            got.append(str(await socket.get_message()))
            if len(got) == 5:
                is_done.set()

    ear = Ear()
    async with peer(talker(talk)) as url:
        edge = SocketEdge(url, sign=lambda expires_ms: f"signed until {expires_ms}")
        async with opened(edge, ear):
            await ear.connected()
            for number in (3, 5, 2):
                await edge(SendText(NAME, number, str(number)), ear.emit)
            await edge(SendText(NAME, 4, "4"), ear.emit)
            await trio.testing.wait_all_tasks_blocked()
            assert got == []
            await edge(SignIn(NAME, 1, 77), ear.emit)
            await edge(SendText("0.9", 1, "to a connection that has ended"), ear.emit)
            with trio.fail_after(BOUND_S):
                await is_done.wait()
    assert got == ["signed until 77", "2", "3", "4", "5"]


async def test_a_slow_reader_does_not_hold_up_the_venue_and_gets_the_newest_states() -> None:
    count = 5_000
    is_sent = trio.Event()

    async def talk(socket: WebSocketConnection) -> None:
        for number in range(count):
            data = {"topic": "orderbook.1.BTCUSDT", "type": "snapshot", "data": {"u": number}}
            await socket.send_message(json.dumps(data))
        is_sent.set()
        await until_closed(socket)

    ear = Ear()
    async with peer(talker(talk)) as url, opened(SocketEdge(url), ear):
        await ear.connected()
        ear.is_open = trio.Event()
        with trio.fail_after(BOUND_S):
            await is_sent.wait()
        ear.is_open.set()
        with trio.fail_after(BOUND_S):
            while not ear.texts() or json.loads(ear.texts()[-1])["data"]["u"] != count - 1:
                await trio.lowlevel.checkpoint()
    frames = [each for each in ear.heard if isinstance(each, SocketFrame)]
    assert len(frames) + sum(frame.dropped for frame in frames) == count


async def test_orders_that_do_not_fit_close_the_connection_after_those_that_do() -> None:
    async def talk(socket: WebSocketConnection) -> None:
        for number in range(50):
            await socket.send_message(order(number))
        await until_closed(socket)

    ear = Ear()
    async with peer(talker(talk)) as url:
        edge = SocketEdge(url, mailbox=lambda: FrameMailbox(limit=10))
        async with opened(edge, ear):
            await ear.connected()
            ear.is_open = trio.Event()
            with trio.fail_after(BOUND_S):
                while edge._links[NAME].closed is None:
                    await trio.lowlevel.checkpoint()
            ear.is_open.set()
            closed = await ear.closed()
    assert closed.cause is CloseCause.OVERFLOW
    texts = ear.texts()
    assert texts == [order(number) for number in range(len(texts))]
    assert 10 <= len(texts) <= 12


@pytest.mark.parametrize(
    ("url", "host_header", "resource"),
    [
        (
            "wss://stream.bybit.com/v5/private?max_active_time=10m",
            "stream.bybit.com",
            "/v5/private?max_active_time=10m",
        ),
        ("ws://127.0.0.1:8899", "127.0.0.1:8899", "/"),
    ],
)
def test_addresses(url: str, host_header: str, resource: str) -> None:
    address = Address.of(url)
    assert (address.host_header, address.resource) == (host_header, resource)
    for bad in ("https://stream.bybit.com/", "wss:///v5", "stream.bybit.com"):
        with pytest.raises(ValueError, match="no ws: or wss: URL"):
            SocketEdge(bad)


async def test_requests_that_are_no_sockets_and_a_key_that_is_missing_are_our_errors() -> None:
    edge, ear = SocketEdge("ws://127.0.0.1:1/"), Ear()
    with pytest.raises(TypeError, match="no int"):
        await edge(5, ear.emit)
    with pytest.raises(TypeError, match="no key to sign in with"):
        await edge(SignIn(NAME, 1, 5), ear.emit)


async def test_our_key_is_hidden_where_the_venue_quotes_it() -> None:
    async def talk(socket: WebSocketConnection) -> None:
        await socket.send_message('{"op":"auth","retCode":10003,"retMsg":"KEY-1 is not known"}')
        await socket.aclose(4001, "KEY-1 is not known")

    ear = Ear()
    async with peer(talker(talk)) as url, opened(SocketEdge(url, hidden="KEY-1"), ear):
        closed = await ear.closed()
    assert ear.texts() == ['{"op":"auth","retCode":10003,"retMsg":"[key] is not known"}']
    assert closed == SocketClosed(CloseCause.PEER, "[key] is not known", code=4001)
