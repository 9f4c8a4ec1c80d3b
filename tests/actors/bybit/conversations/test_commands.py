"""Commands: one request of literal JSON each, and what each kind of reply makes of the order."""

from typing import Any

import pytest

from actors.bybit.translate.results import RestReply
from actors.model.backend import (
    AddTradingStop,
    AmendOrder,
    CancelOrder,
    Command,
    SetLeverage,
    SetTradingStop,
    SubmitOrder,
)
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from tests.actors.bybit.conversations.talking import an_answer, talk

LIMIT = OrderRequest("a", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(1000), Price(9_000))
SUBMIT = SubmitOrder(LIMIT)
ACK = an_answer({"orderId": "id-a", "orderLinkId": "a"})
HEAD = {"category": "linear", "symbol": "BTCUSDT"}

COMMANDS: list[tuple[Command, str, dict[str, Any]]] = [
    (
        SUBMIT,
        "order/create",
        {"side": "Buy", "orderType": "Limit", "qty": "1", "price": "90", "timeInForce": "GTC", "orderLinkId": "a"}
        | {"positionIdx": 0, "reduceOnly": False},
    ),
    (AmendOrder("BTCUSDT", "a", price=Price(9_100)), "order/amend", {"orderLinkId": "a", "price": "91"}),
    (CancelOrder("BTCUSDT", "a"), "order/cancel", {"orderLinkId": "a"}),
    (
        SetTradingStop("BTCUSDT", Price(9_000), None),
        "position/trading-stop",
        {"tpslMode": "Full", "positionIdx": 0, "takeProfit": "0", "stopLoss": "90", "trailingStop": "0"}
        | {"tpTriggerBy": "LastPrice", "slTriggerBy": "LastPrice"},
    ),
    (
        AddTradingStop("BTCUSDT", Qty(500), ProtectionTerms(stop_loss=Price(9_000), is_partial=True)),
        "position/trading-stop",
        {"tpslMode": "Partial", "positionIdx": 0, "stopLoss": "90", "slTriggerBy": "LastPrice", "slSize": "0.5"}
        | {"slOrderType": "Market"},
    ),
    (SetLeverage("BTCUSDT", 5), "position/set-leverage", {"buyLeverage": "5", "sellLeverage": "5"}),
]


@pytest.mark.parametrize(
    ("message", "path", "body"), COMMANDS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_command_is_one_request(message: Command, path: str, body: dict[str, Any]) -> None:
    done = talk(message, ACK)
    assert done.asked == [(path, HEAD | body)]
    assert done.answer.outcome is RequestOutcome.ACCEPTED


def test_a_spot_symbol_goes_to_spot() -> None:
    done = talk(CancelOrder("ETHUSDT", "a"), ACK)
    assert done.asked == [("order/cancel", {"category": "spot", "symbol": "ETHUSDT", "orderLinkId": "a"})]


def test_an_acknowledgement_carries_both_ids() -> None:
    assert talk(SUBMIT, ACK).answer == OrderResult(RequestOutcome.ACCEPTED, "a", "id-a")


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (10001, "params error", RejectReason.BAD_PARAMETER),
        (110007, "ab not enough for new order", RejectReason.INSUFFICIENT_MARGIN),
        (170131, "Balance insufficient", RejectReason.INSUFFICIENT_MARGIN),
        (110072, "OrderLinkedID is duplicate", RejectReason.DUPLICATE_ID),
        (110001, "too late", RejectReason.ORDER_NOT_FOUND),
        (110043, "leverage not modified", RejectReason.NOTHING_CHANGED),
        (110066, "settling", RejectReason.NOT_TRADING),
        (10006, "Too many visits!", RejectReason.RATE_LIMITED),
        (10002, "time", RejectReason.VENUE_OTHER),
        (10004, "error sign", RejectReason.VENUE_OTHER),
    ],
)
def test_what_was_not_executed_is_rejected_with_the_venues_word(code: int, text: str, reason: RejectReason) -> None:
    answer = talk(SUBMIT, an_answer({}, code, text)).answer
    assert answer == OrderResult(RequestOutcome.REJECTED, "a", code=code, rejection=reason, reason=text)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (None, 0),
        (RestReply(502, b"<html>Bad Gateway</html>"), 502),
        (RestReply(504, b""), 504),
        (RestReply(429, b""), 429),
        (RestReply(200, b"<html>"), 0),
        (RestReply(500, b'{"retCode": 0, "retMsg": "OK", "result": {}}'), 500),
        (an_answer({}, 10000, "Server Timeout"), 10000),
        (an_answer({}, 10016, "restarting"), 10016),
        (an_answer({}, 20003, "Too frequent"), 20003),
        (an_answer({}, 987654, "brand new"), 987654),
        (an_answer({"nothing": "like an ack"}), 0),
    ],
)
def test_what_may_have_been_executed_is_unknown(reply: RestReply | None, code: int) -> None:
    answer = talk(SUBMIT, reply).answer
    assert (answer.outcome, answer.link_id, answer.code) == (RequestOutcome.UNKNOWN, "a", code)
    assert answer.reason or code in (504, 429)


def test_a_ban_of_the_address_is_a_rate_limit() -> None:
    answer = talk(SUBMIT, RestReply(403, b"Access too frequent. Please try again in 5 minutes.")).answer
    assert (answer.outcome, answer.rejection) == (RequestOutcome.REJECTED, RejectReason.RATE_LIMITED)
