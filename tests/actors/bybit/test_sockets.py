"""Control frames and order entry by socket, as literal JSON; answers of every socket told apart."""

import json
from typing import Any

import pytest

from actors.bybit.control import (
    FrameKind,
    auth_request,
    is_success,
    kind_of,
    ping_request,
    subscribe_request,
    unsubscribe_request,
)
from actors.bybit.endpoints import ENDPOINTS, endpoint
from actors.bybit.socket_orders import SOCKET_OPS, goes_by_socket, read_answer, write_request_frame
from actors.bybit.translate.results import RestRequest, judge
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.orders import CancelOrderBody
from actors.bybit.wire.streams import ControlReply
from actors.bybit.wire.trade import TradeReply
from actors.bybit.wire.values import WireCategory
from actors.model.calls import LimitHeaders
from tests.actors.bybit.samples import SAMPLES

SECRET = "TESTSECRET000000000000000000000001"
CANCEL = RestRequest(
    endpoint("order/cancel"), CancelOrderBody(category=WireCategory.LINEAR, symbol="BTCUSDT", order_link_id="a")
)

KINDS = {
    "linear subscribe ack": FrameKind.SUBSCRIPTION,
    "spot subscribe ack": FrameKind.SUBSCRIPTION,
    "option subscribe ack": FrameKind.SUBSCRIPTION,
    "subscribe failure": FrameKind.SUBSCRIPTION,
    "public pong": FrameKind.PONG,
    "private pong": FrameKind.PONG,
    "trade auth ack": FrameKind.AUTH,
    "trade order ack": FrameKind.ORDER,
    "orderbook frame": FrameKind.DATA,
    "order frame": FrameKind.DATA,
}


def written(value: Any) -> Any:
    return json.loads(encode(value))


def test_what_opens_a_socket_and_keeps_it() -> None:
    assert written(auth_request("KEY", SECRET, 1_700_000_010_000)) == {
        "op": "auth",
        "args": ["KEY", 1_700_000_010_000, "cfc5f094219063f89cf3398556e3768f358a4ac1c313b8a43b1227d3811dea1b"],
    }
    assert written(ping_request()) == {"op": "ping"}
    assert written(ping_request("7")) == {"op": "ping", "req_id": "7"}
    assert written(subscribe_request(("order", "execution"), "2")) == {
        "op": "subscribe", "args": ["order", "execution"], "req_id": "2",
    }  # fmt: skip
    assert written(unsubscribe_request(("order",), "3")) == {"op": "unsubscribe", "args": ["order"], "req_id": "3"}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_frame_is_told_by_its_fields(name: str, kind: FrameKind) -> None:
    assert kind_of(json.dumps(SAMPLES[name])) is kind


@pytest.mark.parametrize("text", ['{"op": "hello"}', "{}", '{"ret_msg": "pong"}', "[]", "pong"])
def test_another_frame_is_an_error(text: str) -> None:
    with pytest.raises(WireError):
        kind_of(text)


def test_success_is_said_in_two_styles() -> None:
    for name in ("linear subscribe ack", "public pong", "private pong"):
        assert is_success(decode(json.dumps(SAMPLES[name]), ControlReply))
    assert not is_success(decode(json.dumps(SAMPLES["subscribe failure"]), ControlReply))
    assert not is_success(decode(json.dumps(SAMPLES["trade auth ack"]), TradeReply))
    assert is_success(decode(json.dumps(SAMPLES["trade order ack"]), TradeReply))


def test_a_request_by_socket_is_rests_body_in_a_frame() -> None:
    assert json.loads(write_request_frame(CANCEL.endpoint.path, CANCEL.payload, "r1", 1_764_402_000_123)) == {
        "op": "order.cancel",
        "args": [{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "a"}],
        "header": {"X-BAPI-TIMESTAMP": "1764402000123", "X-BAPI-RECV-WINDOW": "5000"},
        "reqId": "r1",
    }


def test_the_socket_takes_the_six_order_operations_and_nothing_else() -> None:
    paths = {item.path.removeprefix("/v5/") for item in ENDPOINTS.values() if goes_by_socket(item)}
    assert paths == {f"order/{name}{batch}" for name in ("create", "amend", "cancel") for batch in ("", "-batch")}
    for path, op in SOCKET_OPS.items():
        assert op.value.replace("order.", "/v5/order/") == path
    with pytest.raises(KeyError):
        write_request_frame("/v5/order/cancel-all", "{}", "r", 1)


def test_an_answer_by_socket_is_judged_as_rests() -> None:
    answer = read_answer(json.dumps(SAMPLES["trade order ack"]))
    assert (answer.req_id, answer.reply.status) == ("r1", 200)
    assert answer.limit == LimitHeaders(10, 9, 1_764_402_000_123)
    assert json.loads(answer.reply.body) == {
        "retCode": 0, "retMsg": "OK", "retExtInfo": {}, "time": 1_764_402_000_124,
        "result": {"orderId": "7f0c2b52-0c83-4f5e-9a0e-0d6b5cb2a001", "orderLinkId": ""},
    }  # fmt: skip
    late = {"reqId": "r2", "retCode": 110001, "retMsg": "too late", "op": "order.cancel", "connId": "d1"}
    refused = read_answer(json.dumps(late))
    assert (refused.req_id, refused.limit) == ("r2", None)
    ruling = judge(CANCEL, refused.reply)
    assert (ruling.code, ruling.reason) == (110001, "too late")


def test_an_answer_that_names_no_request_is_an_error() -> None:
    with pytest.raises(WireError, match="20006"):
        read_answer('{"op": "order.create", "retCode": 20006, "retMsg": "duplicate reqId"}')
