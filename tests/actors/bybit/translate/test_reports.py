"""What the venue states, from literal JSON to the model, and from the model to what a server states."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.bybit.topics import decode_frame
from actors.bybit.translate.frames import read_private
from actors.bybit.translate.reports import read_execution, read_order, read_position, read_wallet
from actors.bybit.translate.statements import write_execution, write_order, write_position, write_wallet
from actors.bybit.wire.account import WireWallet
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.executions import WireExecution
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.positions import WirePosition
from actors.model.backend import EquityReport, PositionReport
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, OrderReport, OrderType, PositionIdx, Side, VenueStatus
from actors.model.position import Position
from tests.actors.builders import an_instrument
from tests.actors.bybit.samples import SAMPLES

LINEAR = an_instrument()
ORDER = SAMPLES["order/realtime result"]["list"][0]
TRADE, FUNDING = SAMPLES["execution/list result"]["list"]
POSITION = SAMPLES["position/list result"]["list"][0]
WALLET = SAMPLES["account/wallet-balance result"]["list"][0]
UNIT = 10**10


def an_order(**changes: Any) -> OrderReport:
    return read_order(decode(json.dumps(ORDER | changes), WireOrder), LINEAR, 77)


def an_execution(row: dict[str, Any] = TRADE, **changes: Any) -> Fill:
    return read_execution(decode(json.dumps(row | changes), WireExecution), LINEAR)


def a_position(**changes: Any) -> PositionReport:
    return read_position(decode(json.dumps(POSITION | changes), WirePosition), LINEAR, 77)


def a_wallet(coin: dict[str, Any], **changes: Any) -> EquityReport:
    row = WALLET["coin"][0] | coin
    return read_wallet(decode(json.dumps(WALLET | changes | {"coin": [row]}), WireWallet), LINEAR, 77)


def test_an_order_is_read() -> None:
    assert an_order() == OrderReport(
        order_id="7f0c2b52-0c83-4f5e-9a0e-0d6b5cb2a001",
        link_id="cfabcd-entry-0-1",
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        status=VenueStatus.PARTIALLY_FILLED,
        qty=Qty(20),
        filled_qty=Qty(5),
        filled_value=Money(3_061_725 * UNIT // 10_000),
        price=Price(6_123_450),
        trigger_price=None,
        reduce_only=False,
        time_ms=1_764_402_003_456,
    )


@pytest.mark.parametrize("status", [status for status in VenueStatus])
def test_every_status_has_its_word(status: VenueStatus) -> None:
    assert an_order(orderStatus=status.value).status is status
    assert an_order(orderStatus="Created").status is VenueStatus.NEW


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"rejectReason": "", "cancelType": ""}, ""),
        ({"cancelType": "CancelByUser"}, "CancelByUser"),
        ({"rejectReason": "EC_PostOnlyWillTakeLiquidity"}, "EC_PostOnlyWillTakeLiquidity"),
        ({"rejectReason": "EC_BrandNew", "cancelType": "CancelByUser"}, "EC_BrandNew"),
    ],
)
def test_the_reason_is_the_rejection_or_the_cancel(changes: dict[str, Any], reason: str) -> None:
    assert an_order(**changes).reason == reason


@pytest.mark.parametrize("spelling", ["", "0", "0.00", "UNKNOWN"])
def test_no_trigger_price_has_many_spellings(spelling: str) -> None:
    assert an_order(triggerPrice=spelling).trigger_price is None


def test_a_market_orders_price_is_its_bound_and_no_price() -> None:
    assert an_order(orderType="Market", price="63071.5").price is None


def test_an_order_without_a_time_takes_the_frames() -> None:
    assert an_order(updatedTime="").time_ms == 77
    assert an_order(updatedTime=None).time_ms == 77


@pytest.mark.parametrize("changes", [{"side": ""}, {"orderType": "UNKNOWN"}, {"qty": "0.0001"}, {"price": "1e5"}])
def test_an_order_that_cannot_be_one_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        an_order(**changes)


@pytest.mark.parametrize(
    ("stop_type", "create_type", "origin"),
    [
        ("UNKNOWN", "CreateByUser", "user"),
        ("", None, "user"),
        ("Stop", "CreateByUser", "user"),
        ("StopLoss", "CreateByStopLoss", "stop_loss"),
        ("PartialTakeProfit", "CreateByPartialTakeProfit", "take_profit"),
        ("TrailingStop", "CreateByTrailingStop", "trailing_stop"),
        ("UNKNOWN", "CreateByTakeOver_PassThrough", "liquidation"),
        ("UNKNOWN", "CreateBySettle", "delivery"),
        ("UNKNOWN", "CreateByAdl_PassThrough", "adl"),
    ],
)
def test_an_origin_is_told_by_level_and_creator(stop_type: str, create_type: str | None, origin: str) -> None:
    assert an_order(stopOrderType=stop_type, createType=create_type).origin == origin


def test_an_execution_is_read() -> None:
    assert an_execution() == Fill(
        exec_id="2d1f7d3a-8a3e-5a0f-9e52-6b7b2d4c0001",
        order_id="7f0c2b52-0c83-4f5e-9a0e-0d6b5cb2a001",
        link_id="cfabcd-entry-0-1",
        symbol="BTCUSDT",
        side=Side.BUY,
        price=Price(6_123_450),
        qty=Qty(5),
        fee=Money(612_345 * UNIT // 10**7),
        fee_currency="USDT",
        is_maker=True,
        time_ms=1_764_402_003_456,
    )


def test_funding_is_a_payment_and_no_trade() -> None:
    fill = an_execution(FUNDING)
    assert (fill.origin.value, fill.fee, fill.price) == ("funding", -3059 * UNIT // 10**5, 6_118_007)
    assert (fill.qty, fill.traded_qty) == (5, 0)
    assert an_execution(FUNDING, execPrice="61180.0712345").price == 6_118_007


@pytest.mark.parametrize(
    ("exec_type", "origin"), [("BustTrade", "liquidation"), ("Delivery", "delivery"), ("Settle", "delivery")]
)
def test_the_kind_of_execution_decides_first(exec_type: str, origin: str) -> None:
    assert an_execution(execType=exec_type).origin == origin


def test_what_the_model_has_no_word_for_keeps_its_text() -> None:
    fill = an_execution(execType="SplitTrade", createType="CreateByRobot")
    assert fill.unknown == ("ExecType=SplitTrade", "CreateType=CreateByRobot")
    assert (fill.traded_qty, fill.origin.value) == (0, "other")
    assert an_order(stopOrderType="NewKind").unknown == ("StopOrderType=NewKind",)


def test_a_trade_finer_than_the_grid_is_an_error() -> None:
    for name, text in (("execPrice", "61234.567"), ("execQty", "0.0001"), ("execPrice", ""), ("side", "")):
        with pytest.raises(WireError):
            an_execution(TRADE | {name: text})


def test_a_fee_finer_than_money_goes_to_the_nearest_unit() -> None:
    assert an_execution(execFee="0.00000000016").fee == 2
    assert an_execution(execFee="").fee == 0


def test_a_position_is_read() -> None:
    report = a_position(trailingStop="120.00")
    assert report == PositionReport(
        symbol="BTCUSDT",
        position=Position(Qty(5), Money(6_123_450 * 5 * 10**5)),
        stop_loss=Price(6_000_050),
        take_profit=Price(6_300_000),
        time_ms=77,
        trailing_stop=Price(12_000),
        leverage=10,
        average_price=Decimal("61234.5"),
    )


def test_a_shorts_quantity_and_cost_are_negative() -> None:
    report = a_position(side="Sell", avgPrice="100.005", size="0.003")
    assert report.position == Position(Qty(-3), Money(-100_005 * 3 * 10**4))


def test_the_stream_calls_the_average_entry_price() -> None:
    assert a_position(avgPrice=None, entryPrice="100").position.cost == 100 * 5 * 10**7


@pytest.mark.parametrize(
    "changes", [{"side": "", "size": "0", "avgPrice": "0"}, {"side": "", "size": "0", "avgPrice": ""}]
)
def test_a_flat_position_has_no_side(changes: dict[str, Any]) -> None:
    report = a_position(**changes, stopLoss="", takeProfit="", unrealisedPnl="", positionValue="")
    assert (report.position, report.stop_loss, report.take_profit) == (Position(), None, None)
    assert report.average_price is None


def test_a_row_that_lacks_fields_is_read() -> None:
    bare = {"symbol": "BTCUSDT", "side": "", "size": "0", "positionIdx": 0}
    report = read_position(decode(json.dumps(bare), WirePosition), LINEAR, 77)
    assert report == PositionReport("BTCUSDT", Position(), None, None, 77)


def test_hedge_mode_is_told_by_the_index() -> None:
    assert a_position(positionIdx=1).position_idx is PositionIdx.HEDGE_LONG
    assert an_order(positionIdx=2).position_idx is PositionIdx.HEDGE_SHORT


def test_balances_are_of_the_coin_and_what_is_free_is_of_the_account() -> None:
    report = a_wallet({"usdValue": "1000.4931"})
    assert report == EquityReport(
        Money(1_000_5 * UNIT // 10), Money(1_000_4931 * UNIT // 10**4), Money(877_44 * UNIT // 100), 77
    )


def test_what_is_free_is_converted_at_the_coins_own_rate() -> None:
    report = a_wallet({"equity": "1000", "usdValue": "500"}, totalAvailableBalance="250")
    assert report.available == 500 * UNIT


def test_in_isolated_margin_what_is_bound_is_taken_off() -> None:
    report = a_wallet({"locked": "1", "bonus": "2", "totalOrderIM": ""}, totalAvailableBalance="")
    assert report.available == (10005 - 10 - 20) * UNIT // 10 - 3078 * UNIT // 100


def test_a_coin_that_was_never_held_is_nothing() -> None:
    wallet = decode(json.dumps(WALLET), WireWallet)
    assert read_wallet(wallet, an_instrument(settle_coin="BTC"), 77) == EquityReport(Money(0), Money(0), Money(0), 77)


def test_a_frame_holds_reports_in_their_order_and_names_what_is_not_ours() -> None:
    rows = [ORDER, ORDER | {"symbol": "DOGEUSDT"}, ORDER | {"category": "spot"}, ORDER | {"orderStatus": "Filled"}]
    frame = {"topic": "order", "creationTime": 5, "data": rows}
    events = read_private(decode_frame(json.dumps(frame)), {"BTCUSDT": LINEAR})
    assert [event.status for event in events.frame.events if isinstance(event, OrderReport)] == [
        VenueStatus.PARTIALLY_FILLED,
        VenueStatus.FILLED,
    ]
    assert events.foreign == ("linear DOGEUSDT", "spot BTCUSDT")


def test_frames_of_executions_positions_and_balances() -> None:
    frame = {"topic": "execution.linear", "creationTime": 5, "data": [TRADE, FUNDING]}
    events = read_private(decode_frame(json.dumps(frame)), {"BTCUSDT": LINEAR})
    assert events.frame.events == (an_execution(), an_execution(FUNDING))
    for name in ("position frame", "wallet frame"):
        assert read_private(decode_frame(json.dumps(SAMPLES[name])), {"BTCUSDT": LINEAR}).frame.events == ()


def test_a_fast_execution_is_a_hint_and_not_an_event() -> None:
    with pytest.raises(WireError, match=r"execution\.fast"):
        read_private(decode_frame(json.dumps(SAMPLES["execution.fast frame"])), {"BTCUSDT": LINEAR})


def test_a_server_states_an_order_so() -> None:
    stated = json.loads(encode(write_order(an_order(), LINEAR)))
    assert stated == {
        "symbol": "BTCUSDT", "orderId": ORDER["orderId"], "side": "Buy", "orderType": "Limit",
        "orderStatus": "PartiallyFilled", "qty": "0.02", "category": "linear", "orderLinkId": "cfabcd-entry-0-1",
        "price": "61234.5", "positionIdx": 0, "createType": "CreateByUser", "cancelType": "UNKNOWN",
        "rejectReason": "EC_NoError", "avgPrice": "61234.5", "leavesQty": "0.015", "cumExecQty": "0.005",
        "cumExecValue": "306.1725", "stopOrderType": "UNKNOWN", "triggerPrice": "0", "reduceOnly": False,
        "updatedTime": "1764402003456",
    }  # fmt: skip


def test_a_server_states_an_execution_a_position_and_a_wallet_so() -> None:
    execution = json.loads(encode(write_execution(an_execution(), LINEAR)))
    assert {key: TRADE[key] for key in execution if key != "orderType"} == execution
    position = json.loads(encode(write_position(a_position(), LINEAR)))
    assert position == {
        "symbol": "BTCUSDT", "side": "Buy", "size": "0.005", "positionIdx": 0, "category": "linear",
        "avgPrice": "61234.5", "positionStatus": "Normal", "leverage": "10", "takeProfit": "63000",
        "stopLoss": "60000.5", "trailingStop": "0", "updatedTime": "77",
    }  # fmt: skip
    wallet = json.loads(encode(write_wallet(a_wallet({"usdValue": "1000.4931"}), LINEAR)))
    assert wallet["coin"] == [
        {"coin": "USDT", "equity": "1000.4931", "usdValue": "1000.4931", "walletBalance": "1000.5", "locked": "0",
         "unrealisedPnl": "-0.0069"}
    ]  # fmt: skip
    assert (wallet["totalEquity"], wallet["totalAvailableBalance"]) == ("1000.4931", "877.44")


def test_a_client_reads_the_execution_that_a_server_states() -> None:
    for fill in (an_execution(), an_execution(FUNDING), an_execution(stopOrderType="StopLoss", execType="BustTrade")):
        assert read_execution(decode(encode(write_execution(fill, LINEAR)), WireExecution), LINEAR) == fill


@given(
    st.builds(
        OrderReport,
        order_id=st.just("id"),
        link_id=st.just("a"),
        symbol=st.just("BTCUSDT"),
        side=st.sampled_from(Side),
        type=st.just(OrderType.LIMIT),
        status=st.sampled_from(VenueStatus),
        qty=st.integers(10**6, 10**9).map(Qty),
        filled_qty=st.integers(0, 10**6).map(Qty),
        filled_value=st.integers(0, 10**18).map(Money),
        price=st.integers(1, 10**9).map(Price),
        trigger_price=st.none() | st.integers(1, 10**9).map(Price),
        reduce_only=st.booleans(),
        time_ms=st.integers(1, 2**45),
        reason=st.sampled_from(["", "CancelByUser", "EC_PostOnlyWillTakeLiquidity"]),
    )
)
def test_a_client_reads_the_order_that_a_server_states(report: OrderReport) -> None:
    assert read_order(decode(encode(write_order(report, LINEAR)), WireOrder), LINEAR) == report
