"""Bybit's streams in the words of a stream's actor: literal frames in, what they say out."""

import json
from typing import Any

import msgspec
import pytest

from actors.bybit.streams import PrivateStream, PublicStream, StatusStream, TradeStream
from actors.bybit.topics import Socket
from actors.bybit.translate.maintenance import MaintenanceScope
from actors.bybit.wire.base import WireError
from actors.model.backend import Candle, ClosedBars, PrivateFrame
from actors.model.calls import CallAnswered, LimitHeaders, SendCall, VenueCall
from actors.model.fixed import Price, Qty
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned
from actors.model.order import Fill, OrderReport, VenueStatus
from actors.model.streams import (
    AnswerKind,
    AuthAnswer,
    CallReturned,
    Continuity,
    Pong,
    Remedy,
    StreamData,
    TopicsAnswer,
    Unreadable,
)
from tests.actors.builders import an_instrument
from tests.actors.bybit.samples import SAMPLES

MINUTE_MS = 60_000
START = 1_700_000_040_000
BTC = {"BTCUSDT": an_instrument()}
TOPIC = "kline.1.BTCUSDT"


def public(books: tuple[str, ...] = ()) -> PublicStream:
    return PublicStream(Socket.PUBLIC_LINEAR, BTC, {"BTCUSDT": MINUTE_MS}, books)


def candle(start: int, *, confirm: bool) -> dict[str, Any]:
    return {
        "start": start, "end": start + MINUTE_MS - 1, "interval": "1", "open": "100.1", "close": "100.3",
        "high": "100.4", "low": "100", "volume": "2.5", "turnover": "250", "confirm": confirm, "timestamp": start + 5,
    }  # fmt: skip


def kline(*candles: dict[str, Any], topic: str = TOPIC) -> str:
    return json.dumps({"type": "snapshot", "topic": topic, "ts": START, "data": candles})


def book(u: int, kind: str = "delta") -> str:
    data = {"s": "BTCUSDT", "b": [], "a": [["100.1", "2"]], "u": u, "seq": 9}
    return json.dumps({"topic": "orderbook.50.BTCUSDT", "type": kind, "ts": 5, "data": data, "cts": 4})


def test_what_is_asked_for() -> None:
    stream = public(("orderbook.50.BTCUSDT",))
    assert stream.topics == (TOPIC, "orderbook.50.BTCUSDT")
    assert json.loads(stream.subscribe((TOPIC,), "7")) == {"op": "subscribe", "args": [TOPIC], "req_id": "7"}
    assert json.loads(stream.unsubscribe((TOPIC,), "8")) == {"op": "unsubscribe", "args": [TOPIC], "req_id": "8"}
    assert json.loads(stream.ping()) == {"op": "ping"}
    assert (stream.is_signed, PrivateStream(BTC).is_signed) == (False, True)
    assert PrivateStream(BTC).topics == ("order", "execution")


def test_spot_takes_ten_topics_a_request_and_linear_all() -> None:
    symbols = [f"C{number}USDT" for number in range(23)]
    instruments = {symbol: an_instrument(symbol=symbol) for symbol in symbols}
    feeds = dict.fromkeys(symbols, MINUTE_MS)
    spot = PublicStream(Socket.PUBLIC_SPOT, instruments, feeds)
    assert [len(batch) for batch in spot.batches(spot.topics)] == [10, 10, 3]
    linear = PublicStream(Socket.PUBLIC_LINEAR, instruments, feeds)
    assert [len(batch) for batch in linear.batches(linear.topics)] == [23]


@pytest.mark.parametrize("books", [("orderbook.500.BTCUSDT",), ("nonsense.BTCUSDT",), ("order",)])
def test_a_topic_that_the_socket_does_not_have_is_refused_before_anything_is_sent(books: tuple[str, ...]) -> None:
    with pytest.raises(WireError, match=f"handler not found,topic:{books[0]}"):
        public(books)


def test_a_confirmed_candle_is_a_closed_bar_with_its_place() -> None:
    bar = Candle(START, Price(10010), Price(10040), Price(10000), Price(10030), Qty(2500))
    bars = ClosedBars("BTCUSDT", MINUTE_MS, START, START + MINUTE_MS, candles=(bar,))
    continuity = Continuity(START, START, MINUTE_MS, Remedy.BACKFILL)
    both = kline(candle(START, confirm=True), candle(START + MINUTE_MS, confirm=False))
    assert public().read(both) == StreamData(TOPIC, (bars,), continuity)


def test_an_open_candle_tells_nothing() -> None:
    assert public().read(kline(candle(START, confirm=False))) == StreamData(TOPIC)


def test_book_frames_tell_their_place_and_a_restart_of_the_service_is_a_snapshot() -> None:
    stream = public(("orderbook.50.BTCUSDT",))
    places = [stream.read(frame) for frame in (book(7), book(9, "snapshot"), book(1))]
    expected = [
        StreamData("orderbook.50.BTCUSDT", (), Continuity(u, u, 1, Remedy.RESUBSCRIBE, is_snapshot))
        for u, is_snapshot in ((7, False), (9, True), (1, True))
    ]
    assert places == expected


def test_order_and_execution_frames_become_private_frames_in_their_order() -> None:
    frame = json.loads(json.dumps(SAMPLES["order frame"]))
    (row,) = frame["data"]
    instrument = an_instrument(symbol=row["symbol"])
    stream = PrivateStream({row["symbol"]: instrument})
    frame["data"] = [row, {**row, "orderStatus": "Filled"}, {**row, "symbol": "DOGEUSDT"}]
    heard = stream.read(json.dumps(frame))
    assert isinstance(heard, StreamData)
    (message,) = heard.messages
    assert isinstance(message, PrivateFrame)
    first, second = message.events
    assert isinstance(first, OrderReport)
    assert isinstance(second, OrderReport)
    assert second.status is VenueStatus.FILLED
    assert heard.foreign == ("DOGEUSDT",)
    assert heard.continuity is None

    execution = SAMPLES["execution frame"]
    symbol = execution["data"][0]["symbol"]
    heard = PrivateStream({symbol: an_instrument(symbol=symbol)}).read(json.dumps(execution))
    assert isinstance(heard, StreamData)
    (message,) = heard.messages
    assert isinstance(message, PrivateFrame)
    assert all(isinstance(event, Fill) for event in message.events)


def test_a_frame_of_foreign_orders_alone_tells_its_readers_nothing() -> None:
    heard = PrivateStream({}).read(json.dumps(SAMPLES["order frame"]))
    assert isinstance(heard, StreamData)
    assert heard.messages == ()
    assert len(heard.foreign) == len(SAMPLES["order frame"]["data"])


@pytest.mark.parametrize(
    ("frame", "kind", "reason"),
    [
        ({"success": True, "ret_msg": "", "op": "auth", "conn_id": "c"}, AnswerKind.ACCEPTED, ""),
        ({"retCode": 0, "retMsg": "OK", "op": "auth", "connId": "c"}, AnswerKind.ACCEPTED, ""),
        ({"op": "auth", "success": False, "retCode": 10003, "retMsg": "Invalid apikey"}, AnswerKind.REFUSED, "10003"),
        ({"success": False, "ret_msg": "API key is invalid.", "op": "auth"}, AnswerKind.REFUSED, "API key is invalid."),
        ({"success": False, "ret_msg": "error sign!", "op": "auth"}, AnswerKind.REFUSED, "error sign!"),
        ({"retCode": 33004, "retMsg": "Your api key has expired.", "op": "auth"}, AnswerKind.REFUSED, "33004"),
        ({"retCode": 10001, "retMsg": "params", "op": "auth"}, AnswerKind.REFUSED, "10001"),
        (
            {"success": False, "ret_msg": "Params Error: expires is in the past", "op": "auth"},
            AnswerKind.FAILED,
            "past",
        ),
        ({"retCode": 10002, "retMsg": "timestamp", "op": "auth"}, AnswerKind.FAILED, "10002"),
        ({"retCode": 10016, "retMsg": "server error", "op": "auth"}, AnswerKind.FAILED, "10016"),
    ],
)
def test_answers_to_signing_in(frame: dict[str, Any], kind: AnswerKind, reason: str) -> None:
    heard = PrivateStream(BTC).read(json.dumps(frame))
    assert isinstance(heard, AuthAnswer)
    assert heard.kind is kind
    assert reason in heard.reason


def test_answers_to_subscriptions() -> None:
    read = public().read
    yes = {"success": True, "ret_msg": "", "conn_id": "c", "req_id": "2", "op": "subscribe"}
    assert read(json.dumps(yes)) == TopicsAnswer("2", AnswerKind.ACCEPTED)
    no = {**yes, "success": False, "ret_msg": "error:handler not found,topic:a"}
    assert read(json.dumps(no)) == TopicsAnswer("2", AnswerKind.REFUSED, "error:handler not found,topic:a")
    again = {**yes, "success": False, "ret_msg": "error:already subscribed,topic:a"}
    assert isinstance(heard := read(json.dumps(again)), TopicsAnswer)
    assert heard.kind is AnswerKind.ACCEPTED
    del no["req_id"]
    assert isinstance(heard := read(json.dumps(no)), TopicsAnswer)
    assert heard.req_id == ""


@pytest.mark.parametrize("name", ["public pong", "private pong"])
def test_pongs_of_both_sockets(name: str) -> None:
    assert public().read(json.dumps(SAMPLES[name])) == Pong()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>502</html>",
        "[]",
        "{}",
        '{"success":false,"ret_msg":"error:not JSON","conn_id":"c"}',
        '{"topic":"kline.1.BTCUSDT"}',
        '{"topic":"nonsense.BTCUSDT","data":[]}',
        json.dumps(SAMPLES["trade order ack"]),
        kline(candle(START, confirm=True), topic="kline.5.BTCUSDT"),
        kline({**candle(START, confirm=True), "open": "NaN"}),
        kline({**candle(START, confirm=True), "open": "1e400000"}),
        kline({**candle(START, confirm=True), "volume": ""}),
        "[" * 100_000,
    ],
)
def test_whatever_is_not_known_is_unreadable_with_a_reason(text: str) -> None:
    for stream in (public(), PrivateStream(BTC), StatusStream()):
        heard = stream.read(text)
        assert isinstance(heard, Unreadable)
        assert heard.reason


def test_a_private_row_with_an_unknown_status_makes_its_whole_frame_unreadable() -> None:
    frame = json.loads(json.dumps(SAMPLES["order frame"]))
    frame["data"][0]["orderStatus"] = "Teleported"
    heard = PrivateStream(BTC).read(json.dumps(frame))
    assert isinstance(heard, Unreadable)
    assert "Teleported" in heard.reason


def status(**row: Any) -> str:
    base = {"id": "4d95b2a0", "title": "", "state": "scheduled", "begin": "1700000000000", "end": "1700003600000"}
    return json.dumps({"topic": "system.status", "ts": 1, "data": [{**base, **row}]})


def test_maintenance_that_concerns_us_is_planned_and_what_is_off_is_over() -> None:
    planned = StreamData("system.status", (MaintenancePlanned("4d95b2a0", 1_700_000_000_000, 1_700_003_600_000),))
    read = StatusStream().read
    assert read(status()) == planned
    assert read(status(serviceTypes=[2, 5], product=[1])) == planned
    assert read(status(state="ongoing", serviceTypes=[4])) == planned
    trading = MaintenancePlanned("4d95b2a0", 1_700_000_000_000, 1_700_003_600_000, closes_streams=False)
    assert read(status(serviceTypes=[2], product=[1])) == StreamData("system.status", (trading,))
    assert read(status(serviceTypes=[9])) == StreamData("system.status")
    assert read(status(env=2)) == StreamData("system.status")
    assert StatusStream(MaintenanceScope(is_demo=True)).read(status(env=2)) == planned
    spot = StatusStream(MaintenanceScope.of({"BTCUSDT": an_instrument(category="spot")}, is_demo=False))
    assert spot.read(status(product=[1])) == StreamData("system.status")
    assert spot.read(status(product=[2])) == planned
    for times in ({"begin": "soon"}, {"end": "1700000000000"}):
        assert isinstance(read(status(**times)), Unreadable)
    assert read(status(product=[3])) == StreamData("system.status")
    for state in ("completed", "canceled"):
        assert read(status(state=state, product=[3])) == StreamData("system.status", (MaintenanceOver("4d95b2a0"),))


def test_what_is_said_can_be_written_to_a_journal() -> None:
    heard = public().read(kline(candle(START, confirm=True)))
    assert isinstance(heard, StreamData)
    assert msgspec.json.decode(msgspec.json.encode(heard.messages[0]), type=ClosedBars) == heard.messages[0]


# -- trade -------------------------------------------------------------------------------------------------------------


def a_call(path: str = "/v5/order/cancel", payload: str = '{"symbol":"BTCUSDT"}') -> SendCall:
    return SendCall(VenueCall("POST", path, payload, True, True), 5000, START, 4990)


def test_a_trade_stream_signs_in_and_has_no_topics() -> None:
    trade = TradeStream()
    assert (trade.is_signed, trade.topics, trade.batches(())) == (True, (), ())
    assert json.loads(trade.ping()) == {"op": "ping"}


def test_a_call_is_written_with_its_stamp_and_window_and_no_key() -> None:
    frame = TradeStream().call(a_call(), "r-1")
    assert frame is not None
    assert json.loads(frame) == {
        "op": "order.cancel",
        "args": [{"symbol": "BTCUSDT"}],
        "header": {"X-BAPI-TIMESTAMP": str(START), "X-BAPI-RECV-WINDOW": "4990"},
        "reqId": "r-1",
    }


def test_other_endpoints_and_other_streams_take_no_call() -> None:
    assert TradeStream().call(a_call("/v5/position/set-leverage"), "r") is None
    assert TradeStream().call(a_call("/v5/order/cancel-all"), "r") is None
    assert public().call(a_call(), "r") is None


def test_an_orders_answer_reads_as_rests_with_the_limit_of_its_header() -> None:
    heard = TradeStream().read(json.dumps(SAMPLES["trade order ack"]))
    assert isinstance(heard, CallReturned)
    assert (heard.req_id, heard.farewell, heard.reply.status) == ("r1", "", 200)
    assert heard.reply.limit == LimitHeaders(10, 9, 1_764_402_000_123)
    assert json.loads(heard.reply.body)["result"]["orderId"] == "7f0c2b52-0c83-4f5e-9a0e-0d6b5cb2a001"


@pytest.mark.parametrize("limit", [{}, {"X-Bapi-Limit": "10"}, {"X-Bapi-Limit": "x", "X-Bapi-Limit-Status": "9"}])
def test_a_limit_that_is_incomplete_or_no_number_is_none_and_the_answer_counts(limit: dict[str, str]) -> None:
    heard = TradeStream().read(json.dumps({**SAMPLES["trade order ack"], "header": limit}))
    assert isinstance(heard, CallReturned)
    assert isinstance(heard.reply, CallAnswered)
    assert heard.reply.limit is None


@pytest.mark.parametrize(
    ("code", "says_goodbye"), [(0, False), (10006, False), (20006, False), (10003, True), (10019, True)]
)
def test_some_codes_say_that_the_connection_is_of_no_more_use(code: int, says_goodbye: bool) -> None:
    heard = TradeStream().read(json.dumps({"reqId": "r", "retCode": code, "retMsg": "m", "op": "order.create"}))
    assert isinstance(heard, CallReturned)
    assert bool(heard.farewell) is says_goodbye
    assert str(code) in heard.farewell or not says_goodbye


@pytest.mark.parametrize(
    "text",
    [
        '{"retCode":20006,"retMsg":"Duplicate reqId","op":"order.create"}',
        '{"topic":"order","id":"1","creationTime":1,"data":[]}',
    ],
)
def test_an_answer_without_an_id_and_a_topic_are_unreadable(text: str) -> None:
    assert isinstance(TradeStream().read(text), Unreadable)


def test_signing_in_is_answered_on_it_too() -> None:
    refused = TradeStream().read(json.dumps(SAMPLES["trade auth ack"]))
    assert refused == AuthAnswer(AnswerKind.REFUSED, "10004 Invalid sign")
    assert TradeStream().read('{"op":"auth","retCode":0,"retMsg":"OK","connId":"c"}') == AuthAnswer(AnswerKind.ACCEPTED)
    assert TradeStream().read('{"op":"pong","retCode":0,"retMsg":"OK","data":["1"],"connId":"c"}') == Pong()
