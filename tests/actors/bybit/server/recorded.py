"""What the server says in one day of trading, by endpoint and topic, as plain JSON: the material of the shape tests.

Everything is asked by the plain client. Time is moved by hand, so the day is short and the same on every run.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import trio

from tests.actors.bybit.server.plain import PlainRest, PlainSocket, plain_socket
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, running

__all__ = ["recorded"]

LINEAR = {"category": "linear", "symbol": "BTCUSDT"}
SPOT = {"category": "spot", "symbol": "BTCUSDT"}
QUERY, SPOT_QUERY = "category=linear&symbol=BTCUSDT", "category=spot&symbol=BTCUSDT"
_PUBLIC_READS = {
    "market/time": [""],
    "market/kline": [f"{QUERY}&interval=1&limit=3", f"{SPOT_QUERY}&interval=1"],
    "market/mark-price-kline": [f"{QUERY}&interval=1&limit=3"],
    "market/index-price-kline": [f"{QUERY}&interval=1&limit=3"],
    "market/premium-index-price-kline": [f"{QUERY}&interval=1&limit=3"],
    "market/instruments-info": ["category=linear"],
    "market/instruments-info spot": ["category=spot"],
    "market/tickers": ["category=linear"],
    "market/tickers spot": ["category=spot"],
    "market/orderbook": [f"{QUERY}&limit=50"],
    "market/recent-trade": [QUERY],
    "market/funding/history": [QUERY],
    "market/risk-limit": [QUERY],
    "market/price-limit": [QUERY],
    "market/open-interest": [f"{QUERY}&intervalTime=1h"],
    "system/status": [""],
}
_SIGNED_READS = {
    "order/realtime": [QUERY, SPOT_QUERY],
    "order/history": [QUERY],
    "execution/list": [QUERY],
    "execution/list spot": [SPOT_QUERY],
    "position/list": [QUERY],
    "position/closed-pnl": [QUERY],
    "account/wallet-balance": ["accountType=UNIFIED"],
    "account/info": [""],
    "account/user-setting-config": [""],
    "account/fee-rate": [QUERY],
    "account/transaction-log": ["accountType=UNIFIED"],
    "account/query-dcp-info": [""],
    "account/smp-group": [""],
    "user/query-api": [""],
    "apilimit/query": [""],
}
_PRIVATE_TOPICS = ("order", "execution", "position", "wallet", "execution.fast")
_PUBLIC_TOPICS = ("orderbook.50.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT", "kline.1.BTCUSDT")
Said = dict[str, list[Any]]


@cache
def recorded() -> Said:
    """Payloads by name: a path, a topic's kind (with ` spot` for spot's own), or `… ack`."""
    said: Said = {}
    with running() as server, PlainRest(server.address, KEY, SECRET, server.wall_ms) as rest:
        trio.run(_day, server, rest, said)
    return said


async def _day(server: RunningServer, rest: PlainRest, said: Said) -> None:
    def keep(name: str, value: Any) -> Any:
        said.setdefault(name, []).append(value)
        return value

    async with (
        plain_socket(server.address, "private") as private,
        plain_socket(server.address, "trade") as trade,
        plain_socket(server.address, "public/linear") as linear,
        plain_socket(server.address, "public/spot") as spot,
    ):
        keep("private auth ack", await private.authenticate(KEY, SECRET, server.wall_ms()))
        keep("private subscribe ack", await private.ask(op="subscribe", args=list(_PRIVATE_TOPICS)))
        keep("private pong", await private.ask(op="ping", req_id="test"))
        await _public(linear, "", keep, server)
        await _public(spot, " spot", keep, server)
        _trade_by_rest(rest, keep)
        await _trade_by_socket(server, trade, keep)
        server.advance(1_000)
        _read(rest, keep)
        rest.done("order/create", LINEAR | {"side": "Sell", "orderType": "Market", "qty": "0.05", "reduceOnly": True})
        server.advance(60_000)
        _read(rest, keep)
        await private.say(op="ping", req_id="end")
        while (frame := await private.hear()).get("op") != "pong":
            keep(f"{frame['topic']} frame", frame)


async def _public(socket: PlainSocket, kind: str, keep: Callable[[str, Any], Any], server: RunningServer) -> None:
    keep(f"public subscribe ack{kind}", await socket.ask(op="subscribe", args=list(_PUBLIC_TOPICS), req_id="1"))
    keep(f"public pong{kind}", await socket.ask(op="ping", req_id="2"))
    for _ in range(3):
        server.advance(30_000)
        await socket.say(op="ping", req_id="3")
        while "topic" in (frame := await socket.hear()):
            keep(f"{frame['topic'].partition('.')[0]} frame{kind}", frame)


def _trade_by_rest(rest: PlainRest, keep: Callable[[str, Any], Any]) -> None:
    last = float(rest.result("market/tickers", QUERY)["list"][0]["lastPrice"])
    low, high = f"{last * 0.95:.1f}", f"{last * 1.05:.1f}"
    limit = LINEAR | {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": low}
    keep("order/create", rest.post("order/create", limit | {"orderLinkId": "day-1"}))
    keep("order/amend", rest.post("order/amend", LINEAR | {"orderLinkId": "day-1", "qty": "0.02"}))
    keep("order/cancel", rest.post("order/cancel", LINEAR | {"orderLinkId": "day-1"}))
    market = LINEAR | {"side": "Buy", "orderType": "Market", "qty": "0.05", "stopLoss": low, "takeProfit": high}
    keep("order/create", rest.post("order/create", market))
    stop = LINEAR | {"side": "Sell", "orderType": "Market", "qty": "0.01", "triggerPrice": low, "triggerDirection": 2}
    keep("order/create", rest.post("order/create", stop | {"triggerBy": "MarkPrice", "reduceOnly": True}))
    keep(
        "position/set-leverage", rest.post("position/set-leverage", LINEAR | {"buyLeverage": "5", "sellLeverage": "5"})
    )
    levels = {"tpslMode": "Full", "positionIdx": 0, "stopLoss": f"{last * 0.96:.1f}"}
    keep("position/trading-stop", rest.post("position/trading-stop", LINEAR | levels))
    item = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01", "price": low}
    batch = {"category": "linear", "request": [item | {"orderLinkId": "b-1"}, item | {"orderLinkId": "b-1"}]}
    keep("order/create-batch", rest.post("order/create-batch", batch))
    change = {"symbol": "BTCUSDT", "orderLinkId": "b-1", "qty": "0.011"}
    keep("order/amend-batch", rest.post("order/amend-batch", {"category": "linear", "request": [change]}))
    ids = {"symbol": "BTCUSDT", "orderLinkId": "b-1"}
    keep("order/cancel-batch", rest.post("order/cancel-batch", {"category": "linear", "request": [ids]}))
    rest.done("order/create", limit | {"orderLinkId": "day-2"})
    rest.done("order/create", SPOT | {"side": "Buy", "orderType": "Market", "qty": "1000"})
    rest.done("order/create", SPOT | {"side": "Buy", "orderType": "Limit", "qty": "0.001", "price": low})
    keep("account/set-limit-px-action", rest.post("account/set-limit-px-action", LINEAR | {"modifyEnable": True}))
    keep("account/set-margin-mode", rest.post("account/set-margin-mode", {"setMarginMode": "REGULAR_MARGIN"}))


async def _trade_by_socket(server: RunningServer, trade: PlainSocket, keep: Callable[[str, Any], Any]) -> None:
    keep("trade auth ack", await trade.authenticate(KEY, SECRET, server.wall_ms()))
    keep("trade pong", await trade.ask(op="ping"))
    header = {"X-BAPI-TIMESTAMP": str(server.wall_ms()), "X-BAPI-RECV-WINDOW": "5000"}
    item = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "50000"}
    one = {"header": header, "args": [item | {"category": "linear", "orderLinkId": "w-1"}]}
    keep("trade ack", await trade.ask(op="order.create", reqId="t-1", **one))
    two = {"header": header, "args": [{"category": "linear", "request": [item, item | {"qty": "0"}]}]}
    keep("trade batch ack", await trade.ask(op="order.create-batch", reqId="t-2", **two))


def _read(rest: PlainRest, keep: Callable[[str, Any], Any]) -> None:
    for name, queries in _PUBLIC_READS.items():
        for query in queries:
            keep(name, rest.get(name.split()[0], query, is_signed=False))
    for name, queries in _SIGNED_READS.items():
        for query in queries:
            keep(name, rest.get(name.split()[0], query))
    answer = rest.post("order/cancel-all", LINEAR)
    keep("order/cancel-all", answer)
