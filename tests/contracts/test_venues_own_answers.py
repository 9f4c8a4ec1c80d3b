"""The venue's own sample answers, beside the checkout, through the port: what its documentation shows is understood."""

import json
from typing import Any, get_args

import pytest

from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.conversations.port import converse
from actors.bybit.topics import decode_frame
from actors.bybit.translate.frames import read_private
from actors.bybit.translate.results import RestReply
from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    Batch,
    CancelAll,
    CancelBatch,
    CancelOrder,
    Command,
    EquityQuery,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    Query,
    ServerTimeQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.fixed import Price, Qty
from actors.model.maintenance import MaintenanceQuery
from actors.model.order import Fill, OrderReport, OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.result import RequestOutcome
from tests.actors.builders import an_instrument
from tests.actors.bybit.shared import FIXTURES, needs_fixtures

SYMBOLS = ("BTCUSDT", "ETHUSDT", "ETHPERP", "BTCUSD", "ICPUSDT")
ACCOUNT = VenueAccount({symbol: an_instrument(symbol=symbol, qty_digits=8, settle_coin="BTC") for symbol in SYMBOLS})
REQUEST = OrderRequest("a", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
TWO = (REQUEST, REQUEST)
TERMS = ProtectionTerms(stop_loss=Price(1), is_partial=True)

PORT: dict[type, tuple[Any, tuple[str, ...]]] = {
    SubmitOrder: (SubmitOrder(REQUEST), ("rest_order_create__response",)),
    AmendOrder: (AmendOrder("BTCUSDT", "a"), ("rest_order_amend__response",)),
    CancelOrder: (CancelOrder("BTCUSDT", "a"), ("rest_order_cancel__response",)),
    SetTradingStop: (SetTradingStop("BTCUSDT", Price(1), None), ("rest_position_trading_stop__response",)),
    AddTradingStop: (AddTradingStop("BTCUSDT", Qty(1), TERMS), ("rest_position_trading_stop__response",)),
    SetLeverage: (SetLeverage("BTCUSDT", 6), ("rest_position_set_leverage__response",)),
    SubmitBatch: (SubmitBatch(TWO), ("rest_order_create_batch__response",)),
    AmendBatch: (AmendBatch((AmendOrder("BTCUSDT", "a"),) * 2), ("rest_order_amend_batch__response",)),
    CancelBatch: (CancelBatch((CancelOrder("BTCUSDT", "a"),) * 2), ("rest_order_cancel_batch__response",)),
    CancelAll: (CancelAll("BTCUSDT"), ("rest_order_cancel_all__response",)),
    OpenOrdersQuery: (OpenOrdersQuery("ETHUSDT"), ("rest_order_realtime__response",)),
    OrderQuery: (OrderQuery("ETHUSDT", "test-000005"), ("rest_order_realtime__response",)),
    ExecutionsQuery: (ExecutionsQuery("ETHPERP"), ("rest_execution_list__response",)),
    PositionQuery: (PositionQuery("BTCUSD"), ("rest_position_list__response", "rest_order_realtime__response")),
    EquityQuery: (EquityQuery("BTCUSDT"), ("rest_account_wallet_balance__response",)),
    ServerTimeQuery: (ServerTimeQuery(), ("rest_market_time__response",)),
    MaintenanceQuery: (MaintenanceQuery(), ("rest_system_status__response",)),
    HistoryQuery: (HistoryQuery("BTCUSD", 3_600_000, 1_670_601_600_000), ("rest_market_kline__response",)),
}
"""For each message of the port, one that the sample answers fit."""


def answer_to(message: Any, *names: str) -> Any:
    conversation = converse(message, ACCOUNT)
    next(conversation)
    try:
        for name in names:
            conversation.send(RestReply(200, (FIXTURES / f"{name}.json").read_bytes()))
    except StopIteration as end:
        return end.value
    raise AssertionError("the conversation goes on")


def test_every_message_of_the_port_is_tried() -> None:
    assert set(PORT) == set(get_args(Command) + get_args(Batch) + get_args(Query))


@needs_fixtures
@pytest.mark.parametrize("kind", PORT, ids=lambda kind: kind.__name__)
def test_a_sample_answers_the_port(kind: type) -> None:
    message, names = PORT[kind]
    answer = answer_to(message, *names)
    if kind in get_args(Command):
        assert answer.outcome is RequestOutcome.ACCEPTED
    elif kind in get_args(Batch):
        wanted = [0, 170213] if kind is CancelBatch else [0, 0]
        assert [result.code for result in answer.results] == wanted
    else:
        assert answer is not None


@needs_fixtures
def test_what_the_samples_say_is_read() -> None:
    (order,) = answer_to(*_of(OpenOrdersQuery)).orders
    assert (order.link_id, order.price, order.status.value) == ("test-000005", 160_000, "New")
    assert answer_to(*_of(OrderQuery)).order == order
    (fill,) = answer_to(*_of(ExecutionsQuery)).fills
    assert (fill.price, fill.qty, fill.time_ms) == (119_015, 10_000_000, 1_672_282_722_429)
    position = answer_to(*_of(PositionQuery))
    assert (position.position.qty, position.leverage, position.stop_loss) == (-300 * 10**8, 10, None)
    assert answer_to(*_of(EquityQuery)).wallet == 0
    assert answer_to(*_of(ServerTimeQuery)).time_ms == 1_688_639_403_423
    assert answer_to(*_of(MaintenanceQuery)).plans == ()  # all of them are over
    bars = answer_to(*_of(HistoryQuery))
    assert [candle.close for candle in bars.candles] == [1_707_150, 1_707_100, 1_705_550]
    assert (bars.ts_open, bars.ts_close) == (1_670_601_600_000, 1_670_612_400_000)


def _of(kind: type) -> tuple[Any, ...]:
    message, names = PORT[kind]
    return message, *names


@needs_fixtures
@pytest.mark.parametrize(
    "path", sorted(FIXTURES.glob("nt_ws_account_order*.json")) or [FIXTURES], ids=lambda path: path.stem
)
def test_a_recorded_order_frame_is_a_report(path: Any) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    (report,) = read_private(decode_frame(json.dumps(data)), ACCOUNT.instruments).frame.events
    assert isinstance(report, OrderReport)
    assert report.order_id == data["data"][0]["orderId"]


@needs_fixtures
def test_a_recorded_execution_frame_is_a_fill() -> None:
    data = (FIXTURES / "ws_execution__push.json").read_text(encoding="utf-8")
    (fill,) = read_private(decode_frame(data), ACCOUNT.instruments).frame.events
    assert isinstance(fill, Fill)
    assert (fill.side, fill.price, fill.fee) == (Side.SELL, 9_590_010, 263_725_275 * 10**8)
