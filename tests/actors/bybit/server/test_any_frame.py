"""Sockets that are sent anything, too much, or are not read: the server answers or hangs up, and goes on."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio_websocket import ConnectionClosed

from actors.bybit.server.sockets import connection
from actors.bybit.server.sockets.connection import Connection
from tests.actors.bybit.server.plain import PlainRest, PlainSocket, plain_socket
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, running

PATHS = ["public/linear", "public/spot", "private", "trade"]
OPS = ["auth", "subscribe", "unsubscribe", "ping", "pong", "order.create", "order.cancel-batch", "x", 7, None]
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
ARGS = st.lists(
    VALUES
    | st.sampled_from(["order", "order.linear", "orderbook.50.BTCUSDT", "tickers.BTCUSDT", "kline.1.BTCUSDT"])
    | st.dictionaries(st.sampled_from(["category", "symbol", "side", "orderType", "qty", "request"]), VALUES),
    max_size=4,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(OPS),
        "args": ARGS | VALUES,
        "req_id": VALUES,
        "reqId": VALUES,
        "header": VALUES | st.dictionaries(st.sampled_from(["X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW"]), VALUES),
    },
)
FRAMES = st.one_of(st.text(max_size=30), st.binary(max_size=30), MESSAGES.map(json.dumps))


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running() as found:
        yield found


async def is_alive(socket: PlainSocket) -> bool:
    """Whether a ping is answered still."""
    await socket.say(op="ping", req_id="alive", reqId="alive")
    return bool(
        await socket.until(
            lambda each: "alive" in (each.get("req_id"), each.get("reqId")) or each.get("ret_msg") == "pong"
        )
    )


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), is_signed=st.booleans(), frames=st.lists(FRAMES, min_size=5, max_size=30))
def test_a_socket_lives_through_any_frames(
    server: RunningServer, path: str, is_signed: bool, frames: list[str | bytes]
) -> None:
    async def attempt() -> None:
        async with plain_socket(server.address, path) as socket:
            if is_signed and path in ("private", "trade"):
                await socket.authenticate(KEY, SECRET, server.wall_ms())
            for frame in frames:
                await socket.connection.send_message(frame)
            assert await is_alive(socket)

    trio.run(attempt)
    assert server.crash is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "frame",
    [
        "[" * 30_000,
        '{"op":"subscribe","args":' + "[" * 30_000,
        '{"op":"order.create","args":' + '[{"a":' * 8_000,
        "\x00",
        "{}",
        "[]",
    ],
    ids=lambda text: repr(text[:28]),
)
def test_a_deep_or_empty_frame_is_an_error_and_no_end(server: RunningServer, path: str, frame: str) -> None:
    async def attempt() -> None:
        async with plain_socket(server.address, path) as socket:
            if path == "trade":
                await socket.authenticate(KEY, SECRET, server.wall_ms())
            await socket.connection.send_message(frame)
            answer = await socket.hear()
            assert answer.get("success") is False or answer["retCode"] in (10001, 10404)
            assert await is_alive(socket)

    trio.run(attempt)


@pytest.mark.parametrize("path", PATHS)
def test_a_frame_over_the_cap_ends_the_connection(server: RunningServer, path: str) -> None:
    async def attempt() -> int | None:
        async with plain_socket(server.address, path) as socket:
            await socket.connection.send_message("x" * 70_000)
            with trio.fail_after(10), pytest.raises(ConnectionClosed) as closed:
                await socket.connection.get_message()
            reason = closed.value.reason
            return None if reason is None else reason.code

    assert trio.run(attempt) in (1009, 1006, None)
    with PlainRest(server.address, KEY, SECRET, server.wall_ms) as rest:
        assert rest.get("market/time")["retCode"] == 0


def test_a_client_that_does_not_read_is_dropped_and_the_others_hear_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_QUEUED", 30)  # as for the real limit, with fewer frames
    told: dict[Connection, int] = {}

    put = Connection._put

    def counted(client: Connection, frame: bytes, delay_s: float) -> None:
        told[client] = told.get(client, 0) + 1
        put(client, frame, delay_s)

    monkeypatch.setattr(Connection, "_put", counted)

    async def attempt(server: RunningServer) -> None:
        async with plain_socket(server.address, "public/linear") as deaf, AsyncExitStack() as stack:
            topics = [f"orderbook.1000.{symbol}" for symbol in ("BTCUSDT", "ETHUSDT")]
            assert (await deaf.ask(op="subscribe", args=topics))["success"] is True
            (slow,) = told
            other = await stack.enter_async_context(plain_socket(server.address, "public/linear"))
            await other.ask(op="subscribe", args=["orderbook.1.BTCUSDT"])
            for _ in range(600):
                server.advance(3_000)
                await other.topic("orderbook.1.BTCUSDT")
                if slow.is_dropped:
                    break
            assert slow.is_dropped
            assert told[slow] > 30
            assert await is_alive(other)

    with running() as server:
        trio.run(attempt, server)


def test_what_is_remembered_of_request_ids_is_bounded(server: RunningServer) -> None:
    async def attempt() -> dict[str, Any]:
        async with plain_socket(server.address, "trade") as socket:
            await socket.authenticate(KEY, SECRET, server.wall_ms())
            header = {"X-BAPI-TIMESTAMP": str(server.wall_ms())}
            first = await socket.ask(reqId="x" * 36, header=header, op="order.cancel", args=[{"symbol": "BTCUSDT"}])
            assert first["retCode"] == 10001
            return await socket.ask(reqId="x" * 36, header=header, op="order.cancel", args=[{"symbol": "BTCUSDT"}])

    assert trio.run(attempt)["retCode"] == 20006
