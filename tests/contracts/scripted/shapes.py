"""Payloads of the scripts: the samples of the codec's tests with some fields changed, and requests as literal JSON."""

import copy
from typing import Any

from tests.actors.bybit.samples import SAMPLES

__all__ = [
    "TIME_MS",
    "a_frame",
    "a_position",
    "a_reply",
    "a_wallet",
    "an_execution",
    "an_order",
    "batch_reply",
    "create_body",
]

TIME_MS = 1_764_402_010_000
"""When every answer was given, UTC ms of the venue."""


def _changed(sample: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    assert set(changes) <= set(sample), set(changes) - set(sample)
    return {**copy.deepcopy(sample), **changes}


def an_order(**changes: Any) -> dict[str, Any]:
    """A resting limit order without fills and without levels, of one unit."""
    nothing = {"avgPrice": "", "cumExecQty": "0", "cumExecValue": "0", "cumExecFee": "0", "cumFeeDetail": {}}
    resting = {"orderStatus": "New", "qty": "1", "leavesQty": "1", "takeProfit": "", "stopLoss": "", "tpslMode": ""}
    return _changed(SAMPLES["order/realtime result"]["list"][0], nothing | resting | changes)


def an_execution(**changes: Any) -> dict[str, Any]:
    """A taker's trade of one unit at 100, fee 5.5 basis points."""
    trade = {
        "execPrice": "100.0", "execQty": "1", "execFee": "0.055", "execValue": "100", "isMaker": False,
        "feeRate": "0.00055", "orderLinkId": "one", "orderId": "id-one", "orderType": "Market", "extraFees": "",
    }  # fmt: skip
    return _changed(SAMPLES["execution/list result"]["list"][0], trade | changes)


def a_position(**changes: Any) -> dict[str, Any]:
    """No position, leverage 1, no levels."""
    flat = {
        "side": "", "size": "0", "avgPrice": "0", "entryPrice": "0", "positionValue": "", "leverage": "1",
        "takeProfit": "0.00", "stopLoss": "0.00", "trailingStop": "0.00", "unrealisedPnl": "",
    }  # fmt: skip
    return _changed(SAMPLES["position/list result"]["list"][0], flat | changes)


def a_wallet(balance: str = "100000") -> dict[str, Any]:
    """A wallet of so many USDT, one of which is a dollar."""
    sample = SAMPLES["account/wallet-balance result"]["list"][0]
    coin = _changed(sample["coin"][0], {"walletBalance": balance, "equity": balance, "usdValue": balance})
    totals = {"totalEquity": balance, "totalWalletBalance": balance, "totalAvailableBalance": balance}
    return _changed(sample, totals | {"coin": [coin]})


def a_reply(
    result: Any,
    code: int = 0,
    text: str = "OK",
    codes: list[tuple[int, str]] | None = None,
    time_ms: int = TIME_MS,
) -> dict[str, Any]:
    """The wire's envelope around a result; `codes` are those of a batch's items."""
    more = {} if codes is None else {"list": [{"code": code, "msg": text} for code, text in codes]}
    return {"retCode": code, "retMsg": text, "result": result, "retExtInfo": more, "time": time_ms}


def batch_reply(*items: tuple[str, str, int, str]) -> dict[str, Any]:
    """Of (our id, the venue's id, code, text) for each item."""
    rows = [
        {"category": "linear", "symbol": "BTCUSDT", "orderId": order_id, "orderLinkId": link_id, "createAt": ""}
        for link_id, order_id, _, _ in items
    ]
    return a_reply({"list": rows}, codes=[(code, text) for _, _, code, text in items])


def a_frame(topic: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """A private frame."""
    return {"topic": topic, "id": f"{topic}-1", "creationTime": TIME_MS, "data": list(rows)}


def create_body(link_id: str = "one", **changes: Any) -> dict[str, Any]:
    """What order/create is sent for a market order to buy one; None takes a field away."""
    market = {
        "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "1",
        "timeInForce": "IOC", "orderLinkId": link_id, "positionIdx": 0, "reduceOnly": False,
    }  # fmt: skip
    return {key: value for key, value in (market | changes).items() if value is not None}
