"""Bybit's own Python client spends a trading day on the local exchange: REST, streams and order entry."""

import functools
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pybit._helpers
import pybit._websocket_stream
import pybit._websocket_trading
import pybit.unified_trading
import pytest
from pybit.exceptions import FailedRequestError, InvalidRequestError
from pybit.unified_trading import HTTP, WebSocket, WebSocketTrading

from tests.actors.bybit.server.expected import EXPECTED
from tests.actors.bybit.server.outlines import differences, outline
from tests.actors.bybit.server.running import KEY, PATIENCE_S, SECRET, RunningServer, running

LINEAR = {"category": "linear", "symbol": "BTCUSDT"}
SPOT = {"category": "spot", "symbol": "BTCUSDT"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server whose clock is the clients' clock too."""
    with running() as found:
        monkeypatch.setattr(pybit._helpers, "generate_timestamp", found.wall_ms)
        base = f"ws://{found.address}/v5/"
        monkeypatch.setattr(pybit.unified_trading, "PUBLIC_WSS", base + "public/{CHANNEL_TYPE}")
        monkeypatch.setattr(pybit.unified_trading, "PRIVATE_WSS", base + "private")
        monkeypatch.setattr(pybit._websocket_trading, "TRADE_WSS", base + "trade")
        for manager, name in (
            (pybit._websocket_stream._WebSocketManager, "_on_message"),
            (pybit._websocket_stream._V5WebSocketManager, "subscribe"),
            (pybit._websocket_trading._V5TradeWebSocketManager, "_send_order_operation"),
        ):
            monkeypatch.setattr(manager, name, _one_at_a_time(getattr(manager, name)))
        yield found


_reading = threading.RLock()


def _one_at_a_time(method: Callable[..., None]) -> Callable[..., None]:
    """pybit notes a request after it has sent it: an answer that is quicker would end the thread that reads it."""

    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> None:
        with _reading:
            method(*arguments, **named)

    return call


@pytest.fixture
def session(server: RunningServer) -> Iterator[HTTP]:
    found = HTTP(api_key=KEY, api_secret=SECRET, max_retries=1, retry_delay=0)
    found.endpoint = f"http://{server.address}"
    yield found
    found.client.close()


def checked(name: str, answer: Any) -> dict[str, Any]:
    """The result of an answer that has the reference's shape."""
    assert answer["retCode"] == 0, answer
    assert [each for each in differences(outline(answer), EXPECTED[name]) if "basePrice" not in each] == []
    result: dict[str, Any] = answer["result"]
    return result


def test_a_day_by_rest(server: RunningServer, session: HTTP) -> None:
    last = float(checked("market/tickers", session.get_tickers(**LINEAR))["list"][0]["lastPrice"])
    low, lower, high = f"{last * 0.95:.1f}", f"{last * 0.94:.1f}", f"{last * 1.05:.1f}"
    (account,) = checked("account/wallet-balance", session.get_wallet_balance(accountType="UNIFIED"))["list"]
    assert account["totalWalletBalance"] == "100000"
    checked("position/set-leverage", session.set_leverage(**LINEAR, buyLeverage="5", sellLeverage="5"))
    limit = LINEAR | {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": low}
    ids = checked("order/create", session.place_order(**limit, orderLinkId="day-1"))
    (order,) = checked("order/realtime", session.get_open_orders(**LINEAR))["list"]
    assert (order["orderId"], order["orderLinkId"], order["orderStatus"]) == (ids["orderId"], "day-1", "New")
    checked("order/amend", session.amend_order(**LINEAR, orderLinkId="day-1", price=lower, qty="0.02"))
    (order,) = session.get_open_orders(**LINEAR)["result"]["list"]
    assert (float(order["price"]), order["qty"]) == (float(lower), "0.02")
    checked("order/cancel", session.cancel_order(**LINEAR, orderLinkId="day-1"))
    with pytest.raises(InvalidRequestError) as late:
        session.cancel_order(**LINEAR, orderLinkId="day-1")
    assert late.value.status_code == 110001
    entry = LINEAR | {"side": "Buy", "orderType": "Market", "qty": "0.05", "stopLoss": low, "takeProfit": high}
    checked("order/create", session.place_order(**entry))
    (position,) = checked("position/list", session.get_positions(**LINEAR))["list"]
    assert (position["side"], position["size"], position["leverage"]) == ("Buy", "0.05", "5")
    kinds = {row["stopOrderType"]: row for row in session.get_open_orders(**LINEAR)["result"]["list"]}
    assert {name: float(row["triggerPrice"]) for name, row in kinds.items()} == {
        "StopLoss": float(low),
        "TakeProfit": float(high),
    }
    (execution,) = checked("execution/list", session.get_executions(**LINEAR))["list"]
    assert (execution["execType"], execution["execQty"], execution["feeRate"]) == ("Trade", "0.05", "0.00055")
    stop = {"tpslMode": "Full", "positionIdx": 0, "stopLoss": lower}
    checked("position/trading-stop", session.set_trading_stop(**LINEAR, **stop))
    assert float(session.get_positions(**LINEAR)["result"]["list"][0]["stopLoss"]) == float(lower)
    items = [{k: v for k, v in limit.items() if k != "category"} | {"orderLinkId": f"b-{n}"} for n in range(3)]
    assert len(checked("order/create-batch", session.place_batch_order(category="linear", request=items))["list"]) == 3
    assert len(checked("order/cancel-all", session.cancel_all_orders(**LINEAR))["list"]) == 3
    server.advance(1_000)
    checked("order/create", session.place_order(**LINEAR, side="Sell", orderType="Market", qty="0.05", reduceOnly=True))
    (closed,) = checked("position/closed-pnl", session.get_closed_pnl(**LINEAR))["list"]
    assert (closed["side"], closed["closedSize"], closed["orderType"]) == ("Sell", "0.05", "Market")
    assert session.get_positions(**LINEAR)["result"]["list"][0]["size"] == "0"
    _pages(session)
    _spot(session)
    checked("account/fee-rate", session.get_fee_rates(**LINEAR))
    checked("account/info", session.get_account_info())
    checked("user/query-api", session.get_api_key_information())
    checked("market/time", session.get_server_time())
    checked("market/kline", session.get_kline(**LINEAR, interval=1, limit=10))
    checked("market/orderbook", session.get_orderbook(**LINEAR, limit=50))
    checked("market/instruments-info", session.get_instruments_info(category="linear"))


def _pages(session: HTTP) -> None:
    """The history, two rows a page; the cursor goes back as it came."""
    found, cursor = list[str](), ""
    while True:
        result = session.get_order_history(**LINEAR, limit=2, cursor=cursor)["result"]
        found += [row["orderId"] for row in result["list"]]
        if not (cursor := result["nextPageCursor"]):
            break
    whole = checked("order/history", session.get_order_history(**LINEAR, limit=50))["list"]
    assert found == [row["orderId"] for row in whole]
    assert len(found) == len(set(found)) >= 6


def _spot(session: HTTP) -> None:
    before = len(session.get_transaction_log(accountType="UNIFIED")["result"]["list"])
    checked("order/create", session.place_order(**SPOT, side="Buy", orderType="Market", qty="1000"))
    rows = checked("account/transaction-log", session.get_transaction_log(accountType="UNIFIED"))["list"]
    assert (len(rows), rows[0]["type"], rows[0]["category"]) == (before + 1, "TRADE", "spot")
    (bought,) = session.get_executions(**SPOT)["result"]["list"]
    coins = {
        coin["coin"]: coin for coin in session.get_wallet_balance(accountType="UNIFIED")["result"]["list"][0]["coin"]
    }
    assert float(coins["BTC"]["walletBalance"]) == pytest.approx(float(bought["execQty"]) * 0.999)  # less the fee
    assert bought["feeCurrency"] == "BTC"


def test_refusals_reach_the_client_as_its_own_errors(server: RunningServer, session: HTTP) -> None:
    with pytest.raises(InvalidRequestError) as wrong:
        session.place_order(**LINEAR, side="Buy", orderType="Limit", qty="0.0001", price="50000")
    assert wrong.value.status_code == 10001
    session.api_secret = "not the secret"
    with pytest.raises(InvalidRequestError) as unsigned:
        session.get_open_orders(**LINEAR)
    assert unsigned.value.status_code == 10004
    session.endpoint = f"http://{server.address}/nowhere"
    with pytest.raises(FailedRequestError) as lost:
        session.get_server_time()
    assert lost.value.status_code == 404


Heard = Callable[[str], dict[str, Any]]


def listening() -> tuple[Callable[[dict[str, Any]], None], Heard]:
    """A callback for pybit's threads, and what it heard: the next frame of a topic."""
    frames: queue.Queue[dict[str, Any]] = queue.Queue()

    def heard(topic: str) -> dict[str, Any]:
        while (frame := frames.get(timeout=PATIENCE_S)).get("topic") != topic:
            pass
        return frame

    return frames.put, heard


@pytest.fixture
def threads() -> Iterator[list[threading.Thread]]:
    """Those of clients: the server's end ends them. Told to exit, pybit would take up to its ping's time-out."""
    found = list[threading.Thread]()
    yield found
    for thread in found:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_day_by_streams(threads: list[threading.Thread], server: RunningServer, session: HTTP) -> None:
    tell, heard = listening()
    keys: dict[str, Any] = {"api_key": KEY, "api_secret": SECRET, "private_auth_expire": 60}
    private = WebSocket("private", testnet=False, restart_on_error=False, **keys)
    public, spot = (WebSocket(kind, testnet=False, restart_on_error=False) for kind in ("linear", "spot"))
    trading = WebSocketTrading(testnet=False, restart_on_error=False, **keys)
    threads += [client.wst for client in (private, public, spot, trading)]
    for stream in (private.order_stream, private.execution_stream, private.position_stream, private.wallet_stream):
        stream(callback=tell)
    public.orderbook_stream(50, "BTCUSDT", tell)
    assert len(heard("orderbook.50.BTCUSDT")["data"]["b"]) == 50
    public.ticker_stream("BTCUSDT", tell)
    last = float(heard("tickers.BTCUSDT")["data"]["lastPrice"])
    public.kline_stream(1, "BTCUSDT", tell)
    assert heard("kline.1.BTCUSDT")["data"][0]["confirm"] is False
    answered, answer = listening()
    limit = LINEAR | {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": f"{last * 0.95:.1f}"}
    trading.place_order(lambda message: answered(message | {"topic": "ack"}), **limit, orderLinkId="ws-1")
    assert answer("ack")["data"]["orderLinkId"] == "ws-1"
    assert heard("order")["data"][0]["orderStatus"] == "New"
    assert heard("position")["data"][0]["size"] == "0"
    trading.cancel_order(lambda message: answered(message | {"topic": "ack"}), **LINEAR, orderLinkId="ws-1")
    assert answer("ack")["retCode"] == 0
    assert heard("order")["data"][0]["orderStatus"] == "Cancelled"
    session.place_order(**LINEAR, side="Buy", orderType="Market", qty="0.05")
    assert heard("execution")["data"][0]["execQty"] == "0.05"
    assert heard("order")["data"][0]["orderStatus"] == "Filled"
    assert heard("wallet")["data"][0]["coin"][0]["coin"] == "USDT"
    spot.trade_stream("BTCUSDT", tell)
    spot.orderbook_stream(1, "BTCUSDT", tell)
    heard("orderbook.1.BTCUSDT")
    server.advance(2_000)
    assert heard("publicTrade.BTCUSDT")["data"][0]["s"] == "BTCUSDT"
