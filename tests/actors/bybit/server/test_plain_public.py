"""The public sockets, heard by a client that knows the reference alone."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import trio
from trio_websocket import ConnectionClosed

from tests.actors.bybit.server.plain import PlainRest, PlainSocket, plain_socket
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, running

SOCKETS = ["linear", "spot"]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running() as found:
        yield found


@pytest.fixture
def rest(server: RunningServer) -> Iterator[PlainRest]:
    with PlainRest(server.address, KEY, SECRET, server.wall_ms) as found:
        yield found


async def pushed(socket: PlainSocket) -> list[dict[str, Any]]:
    """The data frames up to now: what comes before the answer to a ping."""
    frames = []
    await socket.say(op="ping", req_id="mark")
    while "topic" in (frame := await socket.hear()):
        frames.append(frame)
    return frames


class Book:
    """Rebuilt as the reference says: snapshot replaces, absolute sizes, "0" removes, `u` rises by one."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, Decimal]] = {"b": {}, "a": {}}
        self.u = 0
        self.deltas = 0

    def take(self, frame: dict[str, Any]) -> None:
        data = frame["data"]
        if frame["type"] == "snapshot":
            self.sides = {"b": {}, "a": {}}
        else:
            assert data["u"] == self.u + 1
            self.deltas += 1
        self.u = data["u"]
        for name, side in self.sides.items():
            for price, size in data[name]:
                if size == "0":
                    del side[Decimal(price)]  # the server never removes a level that a client does not hold
                else:
                    side[Decimal(price)] = Decimal(size)

    def best(self) -> tuple[Decimal, Decimal]:
        return max(self.sides["b"]), min(self.sides["a"])


@pytest.mark.parametrize("category", SOCKETS)
@pytest.mark.parametrize("depth", [50, 200, 1000])
async def test_a_rebuilt_book_has_the_best_prices_of_the_ticker(
    server: RunningServer, rest: PlainRest, category: str, depth: int
) -> None:
    book = Book()
    topic = f"orderbook.{depth}.BTCUSDT"
    async with plain_socket(server.address, f"public/{category}") as socket:
        ack = await socket.ask(op="subscribe", args=[topic], req_id="a")
        assert ack["success"] is True
        for _ in range(8):
            for frame in await pushed(socket):
                assert (frame["topic"], frame["data"]["s"]) == (topic, "BTCUSDT")
                book.take(frame)
            assert [len(side) for side in book.sides.values()] == [depth, depth]
            (row,) = rest.get("market/tickers", f"category={category}&symbol=BTCUSDT")["result"]["list"]
            assert book.best() == (Decimal(row["bid1Price"]), Decimal(row["ask1Price"]))
            shown = rest.get("market/orderbook", f"category={category}&symbol=BTCUSDT&limit={depth}")["result"]
            assert {Decimal(price): Decimal(size) for price, size in shown["b"]} == book.sides["b"]
            assert {Decimal(price): Decimal(size) for price, size in shown["a"]} == book.sides["a"]
            server.advance(7_000)
    assert book.deltas > 3


async def test_the_best_level_alone_comes_as_snapshots_and_again_without_a_change(server: RunningServer) -> None:
    async with plain_socket(server.address, "public/linear") as socket:
        await socket.ask(op="subscribe", args=["orderbook.1.BTCUSDT"], req_id="a")
        seen = []
        for _ in range(30):
            seen += await pushed(socket)
            server.advance(3_000)
    assert {frame["type"] for frame in seen} == {"snapshot"}
    assert {len(frame["data"]["b"]) for frame in seen} == {1}
    assert len(seen) == 30
    assert [frame["data"]["u"] for frame in seen] == sorted(frame["data"]["u"] for frame in seen)


@pytest.mark.parametrize("category", SOCKETS)
async def test_merged_tickers_are_those_of_rest(server: RunningServer, rest: PlainRest, category: str) -> None:
    merged, kinds = dict[str, Any](), []
    async with plain_socket(server.address, f"public/{category}") as socket:
        await socket.ask(op="subscribe", args=["tickers.BTCUSDT"], req_id="a")
        for _ in range(6):
            for frame in await pushed(socket):
                kinds.append(frame["type"])
                merged = frame["data"] if frame["type"] == "snapshot" else merged | frame["data"]
            (row,) = rest.get("market/tickers", f"category={category}&symbol=BTCUSDT")["result"]["list"]
            hidden = {"bid1Price", "bid1Size", "ask1Price", "ask1Size"} if category == "spot" else set()
            assert merged == {name: value for name, value in row.items() if name not in hidden}
            server.advance(40_000)
    assert kinds[0] == "snapshot"
    assert set(kinds[1:]) == ({"delta"} if category == "linear" else {"snapshot"})


async def test_a_candle_is_confirmed_once_and_is_then_the_one_of_rest(server: RunningServer, rest: PlainRest) -> None:
    confirmed, running_candles = list[dict[str, Any]](), 0
    async with plain_socket(server.address, "public/linear") as socket:
        await socket.ask(op="subscribe", args=["kline.1.BTCUSDT", "kline.5.BTCUSDT"], req_id="a")
        for _ in range(24):
            for frame in await pushed(socket):
                for candle in frame["data"]:
                    assert candle["end"] - candle["start"] + 1 == 60_000 * int(candle["interval"])
                    assert candle["confirm"] is (frame["ts"] > candle["end"])
                    confirmed += [candle] if candle["confirm"] else []
                    running_candles += not candle["confirm"]
            server.advance(25_000)
    keys = [(candle["interval"], candle["start"]) for candle in confirmed]
    assert len(keys) == len(set(keys)) >= 10
    assert running_candles >= 24
    for candle in confirmed:
        query = f"category=linear&symbol=BTCUSDT&interval={candle['interval']}&start={candle['start']}&limit=1"
        (row,) = rest.get("market/kline", query)["result"]["list"]
        names = ("open", "high", "low", "close", "volume", "turnover")
        assert row == [str(candle["start"]), *(candle[name] for name in names)]


@pytest.mark.parametrize("category", SOCKETS)
async def test_trades_come_once_in_the_order_of_time_and_stand_in_the_recent_ones(
    server: RunningServer, rest: PlainRest, category: str
) -> None:
    trades = list[dict[str, Any]]()
    async with plain_socket(server.address, f"public/{category}") as socket:
        await socket.ask(op="subscribe", args=["publicTrade.BTCUSDT"], req_id="a")
        assert await pushed(socket) == []  # never history
        for _ in range(4):
            server.advance(3_000)
            for frame in await pushed(socket):
                trades += frame["data"]
    assert [trade["T"] for trade in trades] == sorted(trade["T"] for trade in trades)
    assert len({trade["i"] for trade in trades}) == len(trades) > 20
    rows = rest.get("market/recent-trade", f"category={category}&symbol=BTCUSDT&limit=20")["result"]["list"]
    assert [row["execId"] for row in rows] == [trade["i"] for trade in reversed(trades)][:20]
    assert [(row["price"], row["size"], row["side"], row["time"], row["seq"]) for row in rows] == [
        (trade["p"], trade["v"], trade["S"], str(trade["T"]), str(trade["seq"])) for trade in reversed(trades)
    ][:20]


@pytest.mark.parametrize(("req_id", "echo"), [("mine", "mine"), (7, "7")])
async def test_a_request_id_may_be_text_or_a_number_and_comes_back_as_text(
    server: RunningServer, req_id: object, echo: str
) -> None:
    async with plain_socket(server.address, "public/linear") as socket:
        for _ in range(2):  # a public socket takes the same id again
            ack = await socket.ask(op="subscribe", args=["priceLimit.BTCUSDT"], req_id=req_id)
            assert {**ack, "conn_id": ""} == {
                "success": True, "ret_msg": "", "conn_id": "", "req_id": echo, "op": "subscribe",
            }  # fmt: skip
        pong = await socket.ask(op="ping", req_id=req_id)
        assert {**pong, "conn_id": ""} == {
            "success": True, "ret_msg": "pong", "conn_id": "", "req_id": echo, "op": "ping",
        }  # fmt: skip


async def test_spot_answers_in_its_own_words(server: RunningServer) -> None:
    async with plain_socket(server.address, "public/spot") as socket:
        ack = await socket.ask(op="subscribe", args=["tickers.BTCUSDT"], req_id="a")
        assert (ack["success"], ack["ret_msg"], ack["op"]) == (True, "subscribe", "subscribe")
        pong = await socket.ask(op="ping")
        assert {**pong, "conn_id": ""} == {"success": True, "ret_msg": "pong", "conn_id": "", "op": "ping"}


@pytest.mark.parametrize(
    ("path", "args", "text"),
    [
        ("public/linear", ["orderbook.500.BTCUSDT"], "error:handler not found,topic:orderbook.500.BTCUSDT"),
        ("public/linear", ["nonsense"], "error:handler not found,topic:nonsense"),
        ("public/linear", ["order"], "error:handler not found,topic:order"),
        ("public/spot", ["allLiquidation.BTCUSDT"], "error:handler not found,topic:allLiquidation.BTCUSDT"),
        ("public/linear", ["tickers.NOPEUSDT"], "error:Invalid symbol :[tickers.NOPEUSDT]"),
        ("public/linear", ["tickers.BTCUSDT", "kline.2.BTCUSDT"], "error:handler not found,topic:kline.2.BTCUSDT"),
        ("public/spot", [f"kline.{each}.BTCUSDT" for each in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720, "D")], "10"),
        ("public/linear", [f"tickers.{'A' * 50}"] * 500, "21000"),
    ],
)
async def test_a_subscription_that_cannot_be_fails_with_the_reason(
    server: RunningServer, path: str, args: list[str], text: str
) -> None:
    async with plain_socket(server.address, path) as socket:
        ack = await socket.ask(op="subscribe", args=args, req_id="a")
        assert (ack["success"], ack["op"], ack["req_id"]) == (False, "subscribe", "a")
        assert text in ack["ret_msg"]
        server.advance(5_000)
        assert await pushed(socket) == []  # not even the good ones of the request


async def test_who_unsubscribes_hears_no_more(server: RunningServer) -> None:
    async with plain_socket(server.address, "public/linear") as socket:
        await socket.ask(op="subscribe", args=["priceLimit.BTCUSDT", "tickers.BTCUSDT"], req_id="a")
        server.advance(1_000)
        assert {frame["topic"] for frame in await pushed(socket)} == {"priceLimit.BTCUSDT", "tickers.BTCUSDT"}
        ack = await socket.ask(op="unsubscribe", args=["priceLimit.BTCUSDT"], req_id="b")
        assert (ack["success"], ack["op"]) == (True, "unsubscribe")
        server.advance(1_000)
        assert {frame["topic"] for frame in await pushed(socket)} <= {"tickers.BTCUSDT"}


async def test_a_protocol_ping_is_answered_by_a_protocol_pong(server: RunningServer) -> None:
    for path in ("public/linear", "public/spot", "private", "trade"):
        async with plain_socket(server.address, path) as socket:
            with trio.fail_after(10):
                await socket.connection.ping(b"are you there")


@pytest.mark.parametrize(
    ("path", "limit_ms"),
    [
        ("public/linear", 600_000),
        ("private", 600_000),
        ("private?max_active_time=30s", 30_000),
        ("trade?max_active_time=1m", 60_000),
        ("private?max_active_time=5s", 30_000),
        ("private?max_active_time=soon", 600_000),
    ],
)
async def test_an_idle_socket_is_closed_at_its_time_and_a_ping_keeps_it(
    server: RunningServer, path: str, limit_ms: int
) -> None:
    async with plain_socket(server.address, path) as socket:
        for _ in range(3):  # each ping starts the time anew
            server.advance(limit_ms - 1_000)
            answer = await socket.ask(op="ping")
            assert "pong" in (answer.get("ret_msg"), answer["op"])
        server.advance(limit_ms - 1_000)
        server.advance(32_000)  # the server looks every 30 s
        with trio.fail_after(10), pytest.raises(ConnectionClosed):
            await socket.connection.get_message()


async def test_an_idle_socket_that_is_told_something_stays(server: RunningServer) -> None:
    async with plain_socket(server.address, "public/linear") as socket:
        await socket.ask(op="subscribe", args=["priceLimit.BTCUSDT"], req_id="a")
        for _ in range(30):
            server.advance(30_000)
            await socket.topic("priceLimit.BTCUSDT")
        assert (await socket.ask(op="ping"))["ret_msg"] == "pong"
