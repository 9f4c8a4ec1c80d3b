"""Commands against literal JSON: what a client sends for each, and what a server makes of what clients send."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.bybit.translate.orders import (
    read_amend,
    read_cancel,
    read_request,
    write_amend,
    write_cancel,
    write_request,
)
from actors.bybit.translate.stops import (
    read_added_stop,
    read_leverage,
    read_trading_stop,
    write_added_stop,
    write_leverage,
    write_trading_stop,
)
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.orders import AmendItem, CreateItem
from actors.bybit.wire.positions import SetLeverageBody, TradingStopBody
from actors.model.backend import AddTradingStop, AmendOrder, CancelOrder, SetLeverage, SetTradingStop
from actors.model.fixed import Price, Qty
from actors.model.order import (
    OrderRequest,
    OrderType,
    PositionIdx,
    PriceKind,
    ProtectionTerms,
    Side,
    TimeInForce,
    TriggerDirection,
)
from tests.actors.builders import an_instrument

LINEAR = an_instrument()
SPOT = an_instrument(category="spot")
MARKET = OrderRequest("m1", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1500))
LIMIT = OrderRequest("l1", "BTCUSDT", Side.SELL, OrderType.LIMIT, Qty(20), Price(6_123_450))
CONDITIONAL = OrderRequest(
    "c1",
    "BTCUSDT",
    Side.SELL,
    OrderType.LIMIT,
    Qty(1),
    Price(5_900_000),
    Price(5_910_010),
    TriggerDirection.FALL,
    TimeInForce.GTC,
    reduce_only=True,
    trigger_by=PriceKind.MARK,
    close_on_trigger=True,
)
FULL = ProtectionTerms(Price(6_000_050), Price(6_300_000), take_profit_trigger_by=PriceKind.INDEX)
PARTIAL = ProtectionTerms(Price(6_000_050), Price(6_300_000), is_partial=True, take_profit_limit_price=Price(6_299_000))


def changed(request: OrderRequest, **changes: Any) -> OrderRequest:
    return msgspec.structs.replace(request, **changes)


def written(value: msgspec.Struct) -> Any:
    return json.loads(encode(value))


MARKET_JSON = {
    "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "1.5", "timeInForce": "IOC",
    "orderLinkId": "m1", "positionIdx": 0, "reduceOnly": False,
}  # fmt: skip
LIMIT_JSON = {
    "symbol": "BTCUSDT", "side": "Sell", "orderType": "Limit", "qty": "0.02", "price": "61234.5", "timeInForce": "GTC",
    "orderLinkId": "l1", "positionIdx": 0, "reduceOnly": False,
}  # fmt: skip
CONDITIONAL_JSON = {
    "symbol": "BTCUSDT", "side": "Sell", "orderType": "Limit", "qty": "0.001", "price": "59000", "timeInForce": "GTC",
    "orderLinkId": "c1", "positionIdx": 0, "reduceOnly": True, "closeOnTrigger": True, "triggerPrice": "59100.1",
    "triggerDirection": 2, "triggerBy": "MarkPrice",
}  # fmt: skip

LINEAR_CASES: list[tuple[OrderRequest, dict[str, Any]]] = [
    (MARKET, MARKET_JSON),
    (LIMIT, LIMIT_JSON),
    (CONDITIONAL, CONDITIONAL_JSON),
    (changed(LIMIT, time_in_force=TimeInForce.POST_ONLY), LIMIT_JSON | {"timeInForce": "PostOnly"}),
    (changed(LIMIT, time_in_force=TimeInForce.FOK), LIMIT_JSON | {"timeInForce": "FOK"}),
    (
        changed(MARKET, slippage_tolerance_ticks=40),
        MARKET_JSON | {"slippageToleranceType": "TickSize", "slippageTolerance": "40"},
    ),
    (
        changed(MARKET, slippage_tolerance_bp=5),
        MARKET_JSON | {"slippageToleranceType": "Percent", "slippageTolerance": "0.05"},
    ),
    (
        changed(MARKET, qty=Qty(0), reduce_only=True, close_on_trigger=True),
        MARKET_JSON | {"qty": "0", "reduceOnly": True, "closeOnTrigger": True},
    ),
    (
        changed(LIMIT, protection=FULL),
        LIMIT_JSON
        | {"takeProfit": "63000", "stopLoss": "60000.5", "tpslMode": "Full"}
        | {"tpTriggerBy": "IndexPrice", "slTriggerBy": "LastPrice"},
    ),
    (
        changed(LIMIT, protection=PARTIAL),
        LIMIT_JSON
        | {"takeProfit": "63000", "stopLoss": "60000.5", "tpslMode": "Partial"}
        | {"tpTriggerBy": "LastPrice", "slTriggerBy": "LastPrice"}
        | {"tpOrderType": "Limit", "slOrderType": "Market", "tpLimitPrice": "62990"},
    ),
]


@pytest.mark.parametrize(("request_", "body"), LINEAR_CASES, ids=lambda value: getattr(value, "link_id", None))
def test_a_linear_order_is_this_json_and_back(request_: OrderRequest, body: dict[str, Any]) -> None:
    item = write_request(request_, LINEAR)
    assert written(item) == body
    is_market = request_.type is OrderType.MARKET
    wanted = changed(request_, time_in_force=TimeInForce.IOC) if is_market else request_
    assert read_request(item, LINEAR) == wanted


def test_a_spot_order_has_no_position_and_counts_base_coin() -> None:
    assert written(write_request(MARKET, SPOT)) == {
        "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "1.5", "timeInForce": "IOC",
        "orderLinkId": "m1", "marketUnit": "baseCoin",
    }  # fmt: skip
    levels = written(write_request(changed(LIMIT, protection=FULL), SPOT))
    assert levels == {
        "symbol": "BTCUSDT", "side": "Sell", "orderType": "Limit", "qty": "0.02", "price": "61234.5",
        "timeInForce": "GTC", "orderLinkId": "l1", "takeProfit": "63000", "stopLoss": "60000.5",
        "tpOrderType": "Market", "slOrderType": "Market",
    }  # fmt: skip
    conditional = written(write_request(changed(CONDITIONAL, reduce_only=False, close_on_trigger=False), SPOT))
    assert conditional["orderFilter"] == "StopOrder"
    assert not {"triggerBy", "positionIdx", "reduceOnly"} & set(conditional)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"timeInForce": "RPI"}, "RPI"),
        ({"orderType": "UNKNOWN"}, "orderType"),
        ({"side": ""}, "side"),
        ({"marketUnit": "quoteCoin"}, "base coin"),
        ({"price": "61234.567"}, "price"),
        ({"qty": "0.0001"}, "qty"),
        ({"qty": "1e-3"}, "qty"),
        ({"stopLoss": "x"}, "stopLoss"),
    ],
)
def test_what_a_server_cannot_take_is_named(more: dict[str, Any], text: str) -> None:
    item = decode(json.dumps(LIMIT_JSON | more), CreateItem)
    with pytest.raises(WireError, match=text):
        read_request(item, LINEAR)


def test_a_server_takes_trailing_zeros_and_what_a_client_leaves_out() -> None:
    bare = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.0200", "price": "61234.50"}
    request = read_request(decode(json.dumps(bare), CreateItem), LINEAR)
    assert request == OrderRequest("", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(20), Price(6_123_450))


AMENDS: list[tuple[AmendOrder, dict[str, Any]]] = [
    (AmendOrder("BTCUSDT", "a"), {}),
    (AmendOrder("BTCUSDT", "a", Qty(30), Price(6_120_000)), {"qty": "0.03", "price": "61200"}),
    (
        AmendOrder("BTCUSDT", "a", trigger_price=Price(6_099_990), trigger_by=PriceKind.MARK),
        {"triggerPrice": "60999.9", "triggerBy": "MarkPrice"},
    ),
    (
        AmendOrder("BTCUSDT", "a", protection=ProtectionTerms(stop_loss=Price(6_010_000))),
        {"takeProfit": "0", "stopLoss": "60100", "tpslMode": "Full"}
        | {"tpTriggerBy": "LastPrice", "slTriggerBy": "LastPrice"},
    ),
]


@pytest.mark.parametrize(("amend", "changes"), AMENDS)
def test_an_amend_says_only_what_changes(amend: AmendOrder, changes: dict[str, Any]) -> None:
    item = write_amend(amend, LINEAR)
    assert written(item) == {"symbol": "BTCUSDT", "orderLinkId": "a"} | changes
    assert read_amend(item, LINEAR) == amend


def test_a_cancel_names_one_id() -> None:
    cancel = CancelOrder("BTCUSDT", "a")
    assert written(write_cancel(cancel)) == {"symbol": "BTCUSDT", "orderLinkId": "a"}
    assert read_cancel(write_cancel(cancel)) == cancel


STOP_JSON = {
    "category": "linear", "symbol": "BTCUSDT", "tpslMode": "Full", "positionIdx": 0, "tpTriggerBy": "LastPrice",
    "slTriggerBy": "LastPrice",
}  # fmt: skip
STOPS: list[tuple[SetTradingStop, dict[str, Any]]] = [
    (SetTradingStop("BTCUSDT", None, None), {"takeProfit": "0", "stopLoss": "0", "trailingStop": "0"}),
    (
        SetTradingStop("BTCUSDT", Price(6_000_050), None, stop_loss_trigger_by=PriceKind.INDEX),
        {"takeProfit": "0", "stopLoss": "60000.5", "trailingStop": "0", "slTriggerBy": "IndexPrice"},
    ),
    (
        SetTradingStop("BTCUSDT", None, Price(6_300_000), Price(12_000), Price(6_200_000)),
        {"takeProfit": "63000", "stopLoss": "0", "trailingStop": "120", "activePrice": "62000"},
    ),
]


@pytest.mark.parametrize(("command", "body"), STOPS)
def test_levels_of_the_position_are_all_said(command: SetTradingStop, body: dict[str, Any]) -> None:
    assert written(write_trading_stop(command, LINEAR)) == STOP_JSON | body
    assert read_trading_stop(write_trading_stop(command, LINEAR), LINEAR) == command


ADDED: list[tuple[AddTradingStop, dict[str, Any]]] = [
    (
        AddTradingStop("BTCUSDT", Qty(2), ProtectionTerms(stop_loss=Price(6_000_050), is_partial=True)),
        {"stopLoss": "60000.5", "slTriggerBy": "LastPrice", "slSize": "0.002", "slOrderType": "Market"},
    ),
    (
        AddTradingStop("BTCUSDT", Qty(2), PARTIAL),
        {"takeProfit": "63000", "stopLoss": "60000.5", "tpTriggerBy": "LastPrice", "slTriggerBy": "LastPrice"}
        | {"tpSize": "0.002", "slSize": "0.002", "tpOrderType": "Limit", "slOrderType": "Market"}
        | {"tpLimitPrice": "62990"},
    ),
]


@pytest.mark.parametrize(("command", "body"), ADDED)
def test_levels_of_a_part_name_its_size(command: AddTradingStop, body: dict[str, Any]) -> None:
    head = {"category": "linear", "symbol": "BTCUSDT", "tpslMode": "Partial", "positionIdx": 0}
    assert written(write_added_stop(command, LINEAR)) == head | body
    assert read_added_stop(write_added_stop(command, LINEAR), LINEAR) == command


def test_sizes_of_a_pair_must_be_equal() -> None:
    body = decode(json.dumps(STOP_JSON | {"tpslMode": "Partial", "tpSize": "1", "slSize": "2"}), TradingStopBody)
    with pytest.raises(WireError, match="not equal"):
        read_added_stop(body, LINEAR)


def test_leverage_is_of_both_sides() -> None:
    body = write_leverage(SetLeverage("BTCUSDT", 7), LINEAR)
    assert written(body) == {"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "7", "sellLeverage": "7"}
    assert read_leverage(body) == SetLeverage("BTCUSDT", 7)
    uneven = json.dumps({"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "7", "sellLeverage": "8"})
    with pytest.raises(WireError, match="not equal"):
        read_leverage(decode(uneven, SetLeverageBody))


PRICES = st.integers(1, 10**9).map(Price)
TERMS = st.builds(
    ProtectionTerms,
    stop_loss=PRICES,
    take_profit=st.none() | PRICES,
    stop_loss_trigger_by=st.sampled_from(PriceKind),
    is_partial=st.booleans(),
)
REQUESTS = st.builds(
    OrderRequest,
    link_id=st.from_regex(r"[A-Za-z0-9_-]{1,36}", fullmatch=True),
    symbol=st.just("BTCUSDT"),
    side=st.sampled_from(Side),
    type=st.just(OrderType.LIMIT),
    qty=st.integers(0, 10**9).map(Qty),
    price=PRICES,
    trigger_price=PRICES,
    trigger_direction=st.sampled_from(TriggerDirection),
    time_in_force=st.sampled_from(TimeInForce),
    reduce_only=st.booleans(),
    trigger_by=st.sampled_from(PriceKind),
    close_on_trigger=st.booleans(),
    position_idx=st.sampled_from(PositionIdx),
    protection=st.none() | TERMS,
)


@given(REQUESTS)
def test_a_server_reads_what_a_client_writes(request: OrderRequest) -> None:
    assert read_request(decode(encode(write_request(request, LINEAR)), CreateItem), LINEAR) == request


@given(st.builds(AmendOrder, st.just("BTCUSDT"), st.just("a"), st.none() | PRICES, st.none() | PRICES))
def test_a_server_reads_the_amend_that_a_client_writes(amend: AmendOrder) -> None:
    assert read_amend(decode(encode(write_amend(amend, LINEAR)), AmendItem), LINEAR) == amend
