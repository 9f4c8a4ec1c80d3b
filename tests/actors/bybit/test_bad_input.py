"""Whatever comes over the wire is a value or a WireError: no other exception leaves the codec."""

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.bybit.control import kind_of
from actors.bybit.conversations.port import converse
from actors.bybit.socket_orders import read_answer
from actors.bybit.topics import decode_frame
from actors.bybit.translate.frames import read_private
from actors.bybit.translate.orders import read_amend, read_request
from actors.bybit.translate.results import RestReply
from actors.bybit.wire.base import WireError, decode, decode_query
from actors.bybit.wire.envelope import RestAnswer
from actors.bybit.wire.orders import AmendOrderBody, CreateOrderBody, OrderPage, OrdersParams
from actors.bybit.wire.streams import ExecutionFrame, OrderFrame
from actors.model.backend import EquityQuery, ExecutionsQuery, HistoryQuery, OpenOrdersQuery, PositionQuery, Query
from actors.model.errors import ColdframeError
from tests.actors.builders import an_instrument
from tests.actors.bybit.conversations.talking import ACCOUNT
from tests.actors.bybit.samples import SAMPLES, SHAPES

LINEAR = an_instrument()
DEEP = "[" * 100_000
BAD_TEXTS: list[str | bytes] = [
    b"\xff\xfe",
    b'{"topic":"\xff"}',
    '{"topic":"\ud800"}',
    DEEP,
    f'{{"topic":{DEEP}',
    f'{{"retCode":{DEEP}{"]" * 100_000}}}',
    f'{{"nobody knows":{DEEP}',
    "NaN",
    "",
]
READERS: dict[str, Callable[[str | bytes], Any]] = {
    "a pushed frame": decode_frame,
    "any frame": kind_of,
    "a socket's answer": read_answer,
    "a result": lambda data: decode(data, OrderPage),
    "an answer": lambda data: decode(data, RestAnswer),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", BAD_TEXTS, ids=range(len(BAD_TEXTS)))
def test_text_that_is_no_json_of_ours_is_an_error_of_the_wire(reader: str, text: str | bytes) -> None:
    with pytest.raises(WireError):
        READERS[reader](text)


def test_a_depth_that_is_no_number_is_an_error_of_the_wire() -> None:
    with pytest.raises(WireError):
        decode_frame('{"topic":"orderbook.' + "9" * 5_000 + '.BTCUSDT"}')


def test_a_time_that_is_no_number_is_an_error_of_the_wire() -> None:
    late = {"reqId": "r", "retCode": 0, "op": "order.create", "header": {"Timenow": "9" * 5_000}}
    with pytest.raises(WireError):
        read_answer(json.dumps(late))


LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({})
)
NUMBERS = st.sampled_from(["", "0", "-1", "1e5", "NaN", "0.00000000001", "9" * 40, "9" * 41, "UNKNOWN", "x", "-", "."])


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a payload."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [path for key, item in inner for path in paths(item, (*at, key))]


@st.composite
def spoilt(draw: st.DrawFn, names: list[str]) -> tuple[str, str]:
    """A sample with one of its values replaced."""
    name = draw(st.sampled_from(names))
    payload = copy.deepcopy(SAMPLES[name])
    *way, last = draw(st.sampled_from(paths(payload)))
    inside = payload
    for key in way:
        inside = inside[key]
    inside[last] = draw(LEAVES | NUMBERS)
    return name, json.dumps(payload)


FRAMES = [name for name in SAMPLES if name.endswith(" frame")]


@given(spoilt(FRAMES))
def test_a_spoilt_frame_is_read_or_refused(sample: tuple[str, str]) -> None:
    with suppress(WireError):
        frame = decode_frame(sample[1])
        if isinstance(frame, OrderFrame | ExecutionFrame):
            read_private(frame, {"BTCUSDT": LINEAR})


@given(spoilt(list(SAMPLES)))
def test_a_spoilt_payload_is_read_or_refused(sample: tuple[str, str]) -> None:
    with suppress(WireError):
        decode(sample[1], SHAPES[sample[0]])


@given(spoilt(["order/create body", "order/amend body"]))
def test_a_spoilt_command_is_read_or_refused(sample: tuple[str, str]) -> None:
    with suppress(WireError):
        if sample[0] == "order/create body":
            read_request(decode(sample[1], CreateOrderBody, lenient=True), LINEAR)
        else:
            read_amend(decode(sample[1], AmendOrderBody, lenient=True), LINEAR)


QUESTIONS: dict[str, Query] = {
    "order/realtime result": OpenOrdersQuery("BTCUSDT"),
    "execution/list result": ExecutionsQuery("BTCUSDT"),
    "position/list result": PositionQuery("BTCUSDT"),
    "account/wallet-balance result": EquityQuery("BTCUSDT"),
    "market/kline result": HistoryQuery("BTCUSDT", 60_000, 1_764_400_020_000),
}


@given(spoilt(list(QUESTIONS)))
def test_a_spoilt_answer_is_read_or_refused(sample: tuple[str, str]) -> None:
    conversation = converse(QUESTIONS[sample[0]], ACCOUNT)
    next(conversation)
    body = f'{{"retCode":0,"time":1764402010000,"result":{sample[1]}}}'.encode()
    with suppress(StopIteration, ColdframeError):
        conversation.send(RestReply(200, body))


@given(st.text(max_size=80))
def test_any_query_is_read_or_refused(text: str) -> None:
    with suppress(WireError):
        decode_query(text, OrdersParams)
