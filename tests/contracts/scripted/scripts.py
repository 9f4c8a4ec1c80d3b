"""A script for each test of the contract, by the test's name: the venue's side of what the test does."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.contracts.scripted.script import Scene, Script
from tests.contracts.scripted.shapes import (
    TIME_MS,
    a_frame,
    a_position,
    a_reply,
    a_wallet,
    an_execution,
    an_order,
    batch_reply,
    create_body,
)

__all__ = ["SCRIPTS", "ack", "by_id", "limit_body", "resting", "state"]

SYMBOL = {"category": "linear", "symbol": "BTCUSDT"}
OPEN = "category=linear&symbol=BTCUSDT&openOnly=0&limit=50"
LEVELS = "category=linear&symbol=BTCUSDT&openOnly=0&orderFilter=StopOrder&limit=50"
FILLS = "category=linear&symbol=BTCUSDT&limit=100"
POSITION = "category=linear&symbol=BTCUSDT"
WALLET = "accountType=UNIFIED&coin=USDT"
WEEK_MS = 7 * 24 * 3_600_000

LONG = {"side": "Buy", "size": "1", "avgPrice": "100.00", "entryPrice": "100.00", "positionValue": "100"}
Rows = Sequence[dict[str, Any]]


def _page(rows: Rows) -> dict[str, Any]:
    """As the venue pages: the newest first."""
    return a_reply({"list": list(reversed(rows)), "category": "linear", "nextPageCursor": ""})


def by_id(link_id: str) -> str:
    return f"category=linear&symbol=BTCUSDT&orderLinkId={link_id}"


def state(
    scene: Scene,
    orders: Rows = (),
    fills: Rows = (),
    balance: str = "100000",
    levels: Rows = (),
    held: dict[str, Any] | None = None,
) -> Scene:
    """Answers to all that a synchronisation asks for: `orders` and `fills` oldest first, `held` of the position."""
    scene.get("position/list", POSITION, _page([a_position(**held or {})]))
    scene.get("order/realtime", LEVELS, _page(levels))
    scene.get("account/wallet-balance", WALLET, a_reply({"list": [a_wallet(balance)]}))
    scene.get("order/realtime", OPEN, _page([*orders, *levels]))
    return scene.get("execution/list", FILLS, _page(fills))


def ack(link_id: str = "one") -> dict[str, Any]:
    return a_reply({"orderId": f"id-{link_id}", "orderLinkId": link_id})


def limit_body(link_id: str, price: str, **changes: Any) -> dict[str, Any]:
    return create_body(link_id, orderType="Limit", price=price, timeInForce="GTC", **changes)


def resting(link_id: str, price: str, **changes: Any) -> dict[str, Any]:
    return an_order(orderId=f"id-{link_id}", orderLinkId=link_id, price=price, **changes)


def acceptance() -> Script:
    script = Script()
    state(script.scene("start", later="filled")).post("order/create", create_body(), ack())
    state(script.scene("filled"), fills=[an_execution()], balance="99999.945", held=LONG)
    return script


def read_back() -> Script:
    script = Script()
    state(script.scene("start", later="filled")).post("order/create", create_body(), ack())
    done = resting(
        "one", "105.0", orderType="Market", orderStatus="Filled", timeInForce="IOC", avgPrice="100", leavesQty="0",
        cumExecQty="1", cumExecValue="100",
    )  # fmt: skip
    filled = state(script.scene("filled"), fills=[an_execution()], balance="99999.945", held=LONG)
    filled.get("order/realtime", by_id("one"), _page([done]))
    since = int(an_execution()["execTime"]) + 1
    window = f"category=linear&symbol=BTCUSDT&startTime={since}&endTime={since + WEEK_MS - 1}&limit=100"
    filled.get("execution/list", window, _page([]))
    return script


def resting_orders() -> Script:
    script = Script()
    low, lower = resting("low", "90.00"), resting("lower", "80.00")
    start = script.scene("start", later="resting")
    start.post("order/create", limit_body("low", "90"), ack("low"))
    start.post("order/create", limit_body("lower", "80"), ack("lower"))
    both = state(script.scene("resting"), orders=[low, lower])
    change = SYMBOL | {"orderLinkId": "low", "qty": "2", "price": "85"}
    both.post("order/amend", change, ack("low"), then="amended")
    amended = script.scene("amended")
    amended.post("order/cancel", SYMBOL | {"orderLinkId": "lower"}, ack("lower"), then="cancelled")
    cancelled = state(script.scene("cancelled"), orders=[resting("low", "85.00", qty="2")])
    gone = resting("lower", "80.00", orderStatus="Cancelled", cancelType="CancelByUser", leavesQty="0")
    cancelled.get("order/realtime", by_id("lower"), _page([]))  # not in the cache: the history has it
    cancelled.get("order/history", by_id("lower"), _page([gone]))
    return script


def stop_order() -> Script:
    script = Script()
    body = create_body("stop", triggerPrice="105", triggerDirection=1, triggerBy="LastPrice")
    script.scene("start").post("order/create", body, ack("stop"), then="untriggered")
    waiting = resting(
        "stop", "0", orderType="Market", orderStatus="Untriggered", timeInForce="IOC", stopOrderType="Stop",
        triggerPrice="105.00", triggerDirection=1, triggerBy="LastPrice",
    )  # fmt: skip
    state(script.scene("untriggered", later="filled"), orders=[waiting])
    fill = an_execution(orderLinkId="stop", execPrice="105.0", execFee="0.05775", execValue="105")
    state(script.scene("filled"), fills=[fill], held=LONG)
    return script


def a_level(kind: str, price: str, **changes: Any) -> dict[str, Any]:
    """A level of the position, as the venue lists it among the orders."""
    return an_order(
        orderId=f"id-{kind}", orderLinkId="", side="Sell", orderType="Market", orderStatus="Untriggered", price="0",
        stopOrderType=kind, triggerPrice=price, triggerBy="LastPrice", createType=f"CreateBy{kind}",
        timeInForce="IOC", reduceOnly=True, closeOnTrigger=True, **changes,
    )  # fmt: skip


def closing(kind: str, price: str, qty: str = "1", number: int = 2, **changes: Any) -> dict[str, Any]:
    return an_execution(
        execId=f"exec-{number}", orderId=f"id-{kind}", orderLinkId="", side="Sell", execPrice=price, execQty=qty,
        stopOrderType=kind, createType=f"CreateBy{kind}", execTime=str(TIME_MS + number), **changes,
    )  # fmt: skip


def trading_stop(**levels: Any) -> dict[str, Any]:
    full = {"tpslMode": "Full", "positionIdx": 0, "tpTriggerBy": "LastPrice", "slTriggerBy": "LastPrice"}
    return SYMBOL | full | {"takeProfit": "0", "stopLoss": "0", "trailingStop": "0"} | levels


def protection() -> Script:
    script = Script()
    script.scene("start", later="long").post("order/create", create_body(), ack())
    long = state(script.scene("long"), fills=[an_execution()], held=LONG)
    body = trading_stop(takeProfit="120", stopLoss="95")
    long.post("position/trading-stop", body, a_reply({}), then="protected")
    levels = [a_level("StopLoss", "95.00"), a_level("TakeProfit", "120.00")]
    held = LONG | {"stopLoss": "95.00", "takeProfit": "120.00"}
    state(script.scene("protected", later="closed"), fills=[an_execution()], levels=levels, held=held)
    state(script.scene("closed"), fills=[an_execution(), closing("StopLoss", "95.00")])
    return script


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    (limit_body("x", "90.05"), 10001, "params error: price invalid"),
    (create_body("x", qty="0"), 10001, "params error: qty invalid"),
    (create_body("x", qty="-0.005"), 10001, "params error: qty invalid"),
    (create_body("x", qty="500.001"), 10001, "the number of contracts exceeds maximum limit allowed"),
    (limit_body("x", "90", qty="0.001"), 110094, "order does not meet minimum order value 5USDT"),
    (limit_body("x", "90", qty="1189"), 110007, "ab not enough for new order"),
    (create_body("x", side="Sell", reduceOnly=True), 110017, "current position is zero"),
    (
        create_body("x", triggerPrice="90", triggerDirection=1, triggerBy="LastPrice"),
        110092,
        "expect Rising, but trigger_price[900000] <= current[1000000]",
    ),
]


def refusals() -> Script:
    script = Script()
    scene = state(script.scene("start"))
    for body, code, text in REFUSED:
        scene.post("order/create", body, a_reply({}, code, text))
    return script


def same_id() -> Script:
    script = Script()
    body = limit_body("one", "90")
    script.scene("start").post("order/create", body, ack(), then="resting")
    duplicate = a_reply({}, 110072, "OrderLinkedID is duplicate")
    state(script.scene("resting"), orders=[resting("one", "90.00")]).post("order/create", body, duplicate)
    return script


def not_there() -> Script:
    script = Script()
    late = a_reply({}, 110001, "order not exists or too late to cancel")
    scene = script.scene("start").post("order/cancel", SYMBOL | {"orderLinkId": "none"}, late)
    scene.post("order/amend", SYMBOL | {"orderLinkId": "none", "price": "90"}, late)
    scene.get("order/realtime", by_id("none"), _page([])).get("order/history", by_id("none"), _page([]))
    return script


def batches() -> Script:
    script = Script()
    items = [limit_body(name, price) for name, price in (("a", "90"), ("b", "90.05"), ("c", "80"))]
    placed = batch_reply(("a", "id-a", 0, "OK"), ("b", "", 10001, "price invalid"), ("c", "id-c", 0, "OK"))
    script.scene("start").post("order/create-batch", _batch(*items), placed, then="placed")
    missing = ("x", "", 110001, "order not exists or too late to replace")
    changes = [{"symbol": "BTCUSDT", "orderLinkId": "a", "price": "91"}, {"symbol": "BTCUSDT", "orderLinkId": "x"}]
    second = script.scene("placed")
    second.post("order/amend-batch", _batch(*changes), batch_reply(("a", "id-a", 0, "OK"), missing))
    cancels = [{"symbol": "BTCUSDT", "orderLinkId": name} for name in "ax"]
    gone = batch_reply(("a", "id-a", 0, "OK"), missing)
    second.post("order/cancel-batch", _batch(*cancels), gone, then="one left")
    left = state(script.scene("one left"), orders=[resting("c", "80.00")])
    all_gone = a_reply({"list": [{"orderId": "id-c", "orderLinkId": "c"}], "success": "1"})
    left.post("order/cancel-all", SYMBOL, all_gone, then="none left")
    state(script.scene("none left"))
    return script


def _batch(*items: dict[str, Any]) -> dict[str, Any]:
    bare = [{key: value for key, value in item.items() if key != "category"} for item in items]
    return {"category": "linear", "request": bare}


def over_the_budget() -> Script:
    script = Script()
    scene = script.scene("start")
    for name, taken in (("a", 6), ("b", 4)):
        bodies = [limit_body(f"{name}{number}", "90") for number in range(6)]
        rows = [(f"{name}{number}", f"id-{name}{number}", 0, "OK") for number in range(taken)]
        rows += [(f"{name}{number}", "", 10006, "Too many visits!") for number in range(taken, 6)]
        scene.post("order/create-batch", _batch(*bodies), batch_reply(*rows))
    return script


def parts_and_trailing() -> Script:
    script = Script()
    script.scene("start", later="long").post("order/create", create_body(qty="3"), ack())
    three = LONG | {"size": "3", "positionValue": "300"}
    bought = an_execution(execQty="3", execValue="300", execFee="0.165")
    part = SYMBOL | {
        "tpslMode": "Partial", "positionIdx": 0, "takeProfit": "105", "tpTriggerBy": "LastPrice", "tpSize": "1",
        "tpOrderType": "Market",
    }  # fmt: skip
    script.scene("long").post("position/trading-stop", part, a_reply({}), then="part")
    script.scene("part").post("position/trading-stop", trading_stop(trailingStop="5"), a_reply({}), then="trailing")
    levels = [a_level("PartialTakeProfit", "105.00"), a_level("TrailingStop", "95.00")]
    trailing = script.scene("trailing", later="closed")
    state(trailing, fills=[bought], levels=levels, held=three | {"trailingStop": "5.00"})
    taken = closing("PartialTakeProfit", "105.00", "1", 2)
    state(script.scene("closed"), fills=[bought, taken, closing("TrailingStop", "107.00", "2", 3)])
    return script


def leverage() -> Script:
    script = Script()
    start = script.scene("start")
    start.post("position/set-leverage", _leverage("5"), a_reply({}), then="set")
    again = state(script.scene("set"), held={"leverage": "5"})
    again.post("position/set-leverage", _leverage("5"), a_reply({}, 110043, "leverage not modified"))
    limit = a_reply({}, 110013, "cannot set leverage [10100] gt maxLeverage [10000] by risk limit")
    again.post("position/set-leverage", _leverage("101"), limit)
    again.post("position/set-leverage", _leverage("0"), a_reply({}, 10001, "params error: buyLeverage invalid"))
    return script


def _leverage(value: str) -> dict[str, Any]:
    return SYMBOL | {"buyLeverage": value, "sellLeverage": value}


def trading_day() -> Script:
    script = Script()
    low, moved = resting("low", "90.00"), resting("low", "85.00", qty="2", leavesQty="2")
    gone = moved | {"orderStatus": "Cancelled", "cancelType": "CancelByUser", "leavesQty": "0"}
    script.scene("start").post("order/create", limit_body("low", "90"), ack("low"), then="resting")
    one = state(script.scene("resting").push(a_frame("order", low)), orders=[low])
    change = SYMBOL | {"orderLinkId": "low", "qty": "2", "price": "85"}
    one.post("order/amend", change, ack("low"), then="moved")
    two = state(script.scene("moved").push(a_frame("order.linear", moved)), orders=[moved])
    two.post("order/cancel", SYMBOL | {"orderLinkId": "low"}, ack("low"), then="gone")
    three = state(script.scene("gone").push(a_frame("order", gone)))
    three.post("order/create", create_body(), ack(), then="sent")
    script.scene("sent", later="long")
    done = resting("one", "105.0", orderType="Market", orderStatus="Filled", cumExecQty="1", leavesQty="0")
    long = state(script.scene("long"), fills=[an_execution()], held=LONG)
    long.push(a_frame("execution", an_execution()), a_frame("order", done), a_frame("execution", an_execution()))
    long.post("position/trading-stop", trading_stop(stopLoss="95"), a_reply({}), then="protected")
    level, close = a_level("StopLoss", "95.00"), closing("StopLoss", "95.00")
    protected = script.scene("protected", later="closed").push(a_frame("order", level))
    state(protected, fills=[an_execution()], levels=[level], held=LONG | {"stopLoss": "95.00"})
    closed = script.scene("closed").push(a_frame("order", level | {"orderStatus": "Filled", "cumExecQty": "1"}))
    state(closed.push(a_frame("execution", close)), fills=[an_execution(), close])
    return script


def candles() -> Script:
    """Three minutes after the epoch: the newest candle is still open."""
    script = Script()
    rows = [[str(minute * 60_000), "100", "101", "99", "100", "1", "100"] for minute in (3, 2, 1)]
    scene = script.scene("start")
    for since, shown in ((60_000, rows), (180_000, rows[:1])):
        query = f"symbol=BTCUSDT&interval=1&category=linear&start={since}&end={since + 59_999_999}&limit=1000"
        page = {"symbol": "BTCUSDT", "category": "linear", "list": shown}
        scene.get("market/kline", query, a_reply(page, time_ms=180_500))
    return script


SCRIPTS: dict[str, Callable[[], Script]] = {
    "test_after_each_operation_the_stream_has_told_all_that_a_reconciliation_would_find": trading_day,
    "test_a_backend_is_one_by_its_shape": acceptance,
    "test_acceptance_comes_before_the_fill_and_does_not_wait_for_it": acceptance,
    "test_a_filled_order_and_its_position_can_be_read_back": read_back,
    "test_resting_orders_are_listed_amended_and_cancelled": resting_orders,
    "test_a_stop_is_untriggered_and_fires_at_its_level": stop_order,
    "test_protection_is_set_read_back_and_closes_the_position": protection,
    "test_a_refusal_is_an_answer_with_the_venues_code": refusals,
    "test_the_same_id_again_is_proof_of_arrival": same_id,
    "test_an_order_that_is_not_there_cannot_be_cancelled_or_amended": not_there,
    "test_several_orders_in_one_request_have_an_answer_each": batches,
    "test_a_batch_over_the_budget_says_of_each_order_what_became_of_it": over_the_budget,
    "test_a_part_of_a_position_has_its_own_stop_and_a_trailing_one_follows": parts_and_trailing,
    "test_leverage_is_set_and_refused_by_the_venues_rules": leverage,
    "test_history_is_closed_bars_with_their_values": candles,
}
