"""The private and the order-entry socket, used by a client that knows the reference alone."""

from collections.abc import Iterator
from typing import Any

import pytest
import trio

from actors.bybit.server.trading.accounts import AccountPlan
from tests.actors.bybit.server.markets import an_exchange
from tests.actors.bybit.server.plain import PlainRest, PlainSocket, plain_socket, sign
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, running

FLAT = (100, 100, 100, 100)
RISE = (100, 110, 100, 108)
BUY = {"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit"}
ID = {"category": "linear", "symbol": "BTCUSDT"}
OTHER = AccountPlan("other-key", "other-secret", 2)
READER = AccountPlan("reader-key", "reader-secret", 3, is_read_only=True)
TOPICS = ["order", "execution", "position", "wallet"]


@pytest.fixture
def server() -> Iterator[RunningServer]:
    plans = (AccountPlan(KEY, SECRET, order_rate=10_000), OTHER, READER)
    with running(an_exchange([FLAT, RISE, FLAT, FLAT], *plans)) as found:
        yield found


@pytest.fixture
def rest(server: RunningServer) -> Iterator[PlainRest]:
    with PlainRest(server.address, KEY, SECRET, server.wall_ms) as found:
        yield found


async def signed_in(server: RunningServer, socket: PlainSocket, topics: list[str]) -> None:
    assert (await socket.authenticate(KEY, SECRET, server.wall_ms()))["success"] is True
    assert (await socket.ask(op="subscribe", args=topics))["success"] is True


async def told(socket: PlainSocket) -> list[dict[str, Any]]:
    """The frames up to now."""
    frames = []
    await socket.say(op="ping")
    while "topic" in (frame := await socket.hear()):
        frames.append(frame)
    return frames


def words(frames: list[dict[str, Any]]) -> list[str]:
    """Topics, of orders with their status."""
    return [
        f"{frame['topic']} {item['orderStatus']}" if frame["topic"] == "order" else frame["topic"]
        for frame in frames
        for item in frame["data"]
    ]


def test_frames_of_a_day_come_in_the_venues_order(server: RunningServer, rest: PlainRest) -> None:
    trio.run(_frames_of_a_day, server, rest)


async def _frames_of_a_day(server: RunningServer, rest: PlainRest) -> None:
    async with plain_socket(server.address, "private") as socket:
        await signed_in(server, socket, TOPICS)
        rest.done("order/create", BUY | {"qty": "1", "price": "90", "orderLinkId": "a"})
        assert words(await told(socket)) == ["order New", "position"]
        rest.done("order/amend", ID | {"orderLinkId": "a", "price": "91"})
        assert words(await told(socket)) == ["order New", "position"]
        rest.done("order/cancel", ID | {"orderLinkId": "a"})
        frames = await told(socket)
        assert words(frames) == ["order Cancelled", "position"]
        (order,) = frames[0]["data"]
        assert (order["cancelType"], order["rejectReason"]) == ("CancelByUser", "EC_PerCancelRequest")
        rest.done("order/create", BUY | {"orderType": "Market", "qty": "2", "takeProfit": "105", "stopLoss": "95"})
        frames = await told(socket)
        assert words(frames) == [
            "position",  # of the order's creation: nothing is filled yet
            "execution", "order Filled", "order Untriggered", "order Untriggered", "position", "wallet",
        ]  # fmt: skip
        (position,) = frames[-2]["data"]
        assert (position["side"], position["size"], position["takeProfit"], position["stopLoss"]) == (
            "Buy", "2", "105", "95",
        )  # fmt: skip
        server.advance(120_000)
        frames = await told(socket)
        assert words(frames)[-2:] == ["position", "wallet"]
        ended = {item["stopOrderType"]: item for frame in frames if frame["topic"] == "order" for item in frame["data"]}
        assert ended["TakeProfit"]["orderStatus"] == "Filled"
        assert (ended["StopLoss"]["orderStatus"], ended["StopLoss"]["cancelType"]) == (
            "Cancelled", "CancelByTpSlTsClear",
        )  # fmt: skip
        assert (ended["TakeProfit"]["orderLinkId"], ended["TakeProfit"]["reduceOnly"]) == ("", True)
        ids = [frame["id"] for frame in frames]
        assert len(ids) == len(set(ids))


def test_what_comes_by_stream_is_what_rest_shows(server: RunningServer, rest: PlainRest) -> None:
    trio.run(_by_stream_and_by_rest, server, rest)


async def _by_stream_and_by_rest(server: RunningServer, rest: PlainRest) -> None:
    async with plain_socket(server.address, "private") as socket:
        await signed_in(server, socket, [f"{kind}.linear" for kind in TOPICS[:3]] + ["wallet"])
        rest.done("order/create", BUY | {"orderType": "Market", "qty": "2", "orderLinkId": "m"})
        frames = {frame["topic"]: frame["data"][0] for frame in await told(socket)}
    query = "category=linear&symbol=BTCUSDT"
    (order,) = rest.result("order/history", query)["list"]
    (execution,) = rest.result("execution/list", query)["list"]
    (position,) = rest.result("position/list", query)["list"]
    (account,) = rest.result("account/wallet-balance", "accountType=UNIFIED")["list"]
    own = {"category", "closedPnl", "feeCurrency", "brokerOrderPrice", "isLeverage", "execPnl", "extraFees"}
    assert order.items() <= frames["order.linear"].items()
    assert set(frames["order.linear"]) - set(order) <= own
    assert {name: execution[name] for name in set(execution) - {"extraFees"}}.items() <= frames[
        "execution.linear"
    ].items()
    assert (order["cumExecQty"], order["cumExecFee"]) == (execution["execQty"], execution["execFee"])
    streamed = frames["position.linear"]
    assert streamed.pop("entryPrice") == position.pop("avgPrice")
    assert position.items() <= streamed.items()
    coin = next(coin for coin in account["coin"] if coin["coin"] == "USDT")
    assert coin == next(coin for coin in frames["wallet"]["coin"] if coin["coin"] == "USDT")


def test_nobody_hears_of_another_account_or_before_auth(server: RunningServer, rest: PlainRest) -> None:
    trio.run(_strangers, server, rest)


async def _strangers(server: RunningServer, rest: PlainRest) -> None:
    async with plain_socket(server.address, "private") as mine, plain_socket(server.address, "private") as other:
        refused = await other.ask(op="subscribe", args=["order"], req_id="x")
        assert (refused["success"], refused["op"], refused["req_id"]) == (False, "subscribe", "x")
        await signed_in(server, mine, ["order"])
        expires = server.wall_ms() + 10_000
        signature = sign(OTHER.secret, f"GET/realtime{expires}")
        assert (await other.ask(op="auth", args=[OTHER.key, str(expires), signature], req_id=5))["req_id"] == "5"
        assert (await other.ask(op="subscribe", args=["order"]))["success"] is True
        rest.done("order/create", BUY | {"qty": "1", "price": "90"})
        assert words(await told(mine)) == ["order New"]
        assert await told(other) == []


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([KEY, -1, "sign"], "expires"),
        ([KEY, 10_000, "00"], "error sign!"),
        (["nobody", 10_000, "sign"], "API key is invalid"),
        ([KEY, "soon", "sign"], "expires"),
        ([KEY], "args"),
        ([], "args"),
    ],
)
def test_a_wrong_sign_in_is_refused_with_its_reason(server: RunningServer, args: list[Any], text: str) -> None:
    async def attempt() -> None:
        sent = list(args)
        if len(sent) == 3 and isinstance(sent[1], int):
            sent[1] += server.wall_ms()
            sent[2] = sign(SECRET, f"GET/realtime{sent[1]}") if sent[2] == "sign" else sent[2]
        async with plain_socket(server.address, "private") as socket:
            answer = await socket.ask(op="auth", args=sent, req_id="a")
            assert (answer["success"], answer["op"], answer["req_id"]) == (False, "auth", "a")
            assert text in answer["ret_msg"]
            assert (await socket.ask(op="subscribe", args=["order"]))["success"] is False
        async with plain_socket(server.address, "trade") as socket:
            answer = await socket.ask(op="auth", args=sent, reqId="a")
            assert (answer["op"], answer["reqId"]) == ("auth", "a")
            assert answer["retCode"] in (10001, 10003, 10004)
            assert text in answer["retMsg"]

    trio.run(attempt)


@pytest.mark.parametrize("args", [["order", "order.linear"], ["execution.spot", "execution"], ["tickers.BTCUSDT"]])
def test_mixed_styles_and_public_topics_are_refused(server: RunningServer, args: list[str]) -> None:
    async def attempt() -> None:
        async with plain_socket(server.address, "private") as socket:
            assert (await socket.authenticate(KEY, SECRET, server.wall_ms()))["success"] is True
            answer = await socket.ask(op="subscribe", args=args, req_id="m")
            assert (answer["success"], answer["req_id"]) == (False, "m")
            assert answer["ret_msg"].startswith("error:")

    trio.run(attempt)


def test_the_trade_socket_creates_amends_cancels_and_takes_batches(server: RunningServer) -> None:
    trio.run(_trade, server)


async def _trade(server: RunningServer) -> None:
    header = {"X-BAPI-TIMESTAMP": str(server.wall_ms())}
    number = 0

    async def op(socket: PlainSocket, name: str, *args: object, **changes: object) -> dict[str, Any]:
        nonlocal number
        number += 1
        message = {"reqId": f"r-{number}", "header": header, "op": name, "args": list(args)} | changes
        return await socket.ask(**message)

    limit = BUY | {"qty": "1", "price": "90"}
    async with plain_socket(server.address, "trade") as socket:
        assert (await op(socket, "order.create", limit))["retCode"] == 10003  # not signed in
        assert (await socket.authenticate(KEY, SECRET, server.wall_ms()))["retCode"] == 0
        assert (await socket.authenticate(KEY, SECRET, server.wall_ms()))["retCode"] == 20001
        created = await op(socket, "order.create", limit | {"orderLinkId": "w"})
        assert (created["retCode"], created["op"], created["data"]["orderLinkId"]) == (0, "order.create", "w")
        assert {type(value) for value in created["header"].values()} == {str}
        left = int(created["header"]["X-Bapi-Limit-Status"])
        amended = await op(socket, "order.amend", ID | {"orderLinkId": "w", "price": "91"})
        assert amended["data"] == created["data"]
        number_header = {"X-BAPI-TIMESTAMP": server.wall_ms(), "X-BAPI-RECV-WINDOW": 5000}
        again = await op(socket, "order.create", limit, header=number_header)
        assert (again["retCode"], int(again["header"]["X-Bapi-Limit-Status"])) == (0, left - 1)
        cancelled = await op(socket, "order.cancel", ID | {"orderId": created["data"]["orderId"]})
        assert cancelled["retCode"] == 0
        late = await op(socket, "order.cancel", ID | {"orderId": created["data"]["orderId"]})
        assert (late["retCode"], late["data"]) == (110001, {})
        item = {name: value for name, value in limit.items() if name != "category"}
        batch = {"category": "linear", "request": [item, item | {"qty": "0.0001"}, item | {"symbol": "NOPE"}]}
        answer = await op(socket, "order.create-batch", batch)
        assert answer["retCode"] == 0
        assert [each["code"] == 0 for each in answer["retExtInfo"]["list"]] == [True, False, False]
        assert [bool(each["orderId"]) for each in answer["data"]["list"]] == [True, False, False]
        ids = {
            "category": "linear",
            "request": [{"symbol": "BTCUSDT", "orderId": answer["data"]["list"][0]["orderId"]}],
        }
        assert (await op(socket, "order.cancel-batch", ids))["retExtInfo"]["list"] == [{"code": 0, "msg": "OK"}]
        same = await socket.ask(reqId="r-2", header=header, op="order.create", args=[limit])
        assert (same["retCode"], same["reqId"]) == (20006, "r-2")
        assert (await op(socket, "order.nonsense", limit))["retCode"] == 10404
        assert (await op(socket, "order.create", limit, header={}))["retCode"] == 10001
        stale = {"X-BAPI-TIMESTAMP": server.wall_ms() - 5_001}
        assert (await op(socket, "order.create", limit, header=stale))["retCode"] == 10002
        assert (await op(socket, "order.create"))["retCode"] == 10001
        assert (await op(socket, "order.create", limit, reqId="x" * 37))["retCode"] == 10001
        pong = await socket.ask(op="ping", reqId="p")
        assert (pong["op"], pong["retCode"], pong["reqId"], pong["data"]) == ("pong", 0, "p", [str(server.wall_ms())])
        without = await socket.ask(header=header, op="order.create", args=[limit])
        assert (without["retCode"], "reqId" in without) == (0, False)


def test_a_key_that_only_reads_cannot_trade_by_socket(server: RunningServer) -> None:
    async def attempt() -> None:
        async with plain_socket(server.address, "trade") as socket:
            assert (await socket.authenticate(READER.key, READER.secret, server.wall_ms()))["retCode"] == 0
            header = {"X-BAPI-TIMESTAMP": str(server.wall_ms())}
            args = [BUY | {"qty": "1", "price": "90"}]
            assert (await socket.ask(reqId="a", header=header, op="order.create", args=args))["retCode"] == 10005

    trio.run(attempt)


def test_a_fast_execution_is_the_execution_without_its_fee(server: RunningServer, rest: PlainRest) -> None:
    async def attempt() -> None:
        async with plain_socket(server.address, "private") as socket:
            await signed_in(server, socket, ["execution", "execution.fast"])
            rest.done("order/create", BUY | {"orderType": "Market", "qty": "2", "orderLinkId": "m"})
            rest.done("order/create", BUY | {"qty": "2", "price": "99.5", "orderLinkId": "maker"})
            frames = await told(socket)
            slow, fast = (
                [frame["data"][0] for frame in frames if frame["topic"] == name]
                for name in ("execution", "execution.fast")
            )
            assert len(fast) == len(slow) >= 1
            for one, other in zip(slow, fast, strict=True):
                assert other["orderLinkId"] == ("" if one["isMaker"] else one["orderLinkId"])
                assert {name: one[name] for name in other if name != "orderLinkId"} == {
                    name: value for name, value in other.items() if name != "orderLinkId"
                }

    trio.run(attempt)
