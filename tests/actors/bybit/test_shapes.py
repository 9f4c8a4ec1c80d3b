"""Every shape against literal JSON: what it reads, what it writes, and that no field of it goes without a payload.

The payloads are no work of the codec, so a wrong name in a shape fails here twice: the payload's field is lost, and the
shape's own field is never seen.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from actors.bybit.wire.base import (
    UnknownValueError,
    Wire,
    WireError,
    decode,
    decode_query,
    encode,
    encode_query,
    wire_name,
)
from actors.bybit.wire.market import NoParams
from actors.bybit.wire.orders import CancelOrderBody, CreateOrderBody, OrderPage, OrdersParams, WireOrder
from actors.bybit.wire.streams import ControlReply, FrameHead
from actors.bybit.wire.values import WireCategory, WireOrderStatus, WireOrderType, WireSide
from tests.actors.bybit.samples import SAMPLES, SHAPES

WITHOUT_FIELDS = ("NoParams", "NoResult")


def shapes_below(kind: Any) -> Iterator[Any]:
    for below in kind.__subclasses__():
        yield below
        yield from shapes_below(below)


def seen_in(value: Any) -> Iterator[tuple[str, str]]:
    """(shape, wire name) of every field that holds something, of the shape that declares it."""
    if isinstance(value, msgspec.Struct):
        for name, written in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            if (inner := getattr(value, name)) not in (None, (), msgspec.UNSET):
                yield from ((kind.__name__, written) for kind in type(value).__mro__ if name in kind.__dict__)
                yield from seen_in(inner)
    elif isinstance(value, tuple):
        for item in value:
            yield from seen_in(item)


def test_each_payload_has_a_shape_and_each_shape_a_payload() -> None:
    assert set(SAMPLES) == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_a_payload_is_read_and_written_back_as_it_was(name: str) -> None:
    value = decode(json.dumps(SAMPLES[name]), SHAPES[name])
    assert json.loads(encode(value)) == SAMPLES[name]


def test_every_field_of_every_shape_stands_in_a_payload() -> None:
    values = [decode(json.dumps(payload), SHAPES[name]) for name, payload in SAMPLES.items()]
    values.append(decode(json.dumps(SAMPLES["orderbook frame"]), FrameHead))
    values.append(decode(json.dumps(SAMPLES["ping request"]), FrameHead))
    seen = {pair for value in values for pair in seen_in(value)}
    classes = [*shapes_below(Wire), *shapes_below(ControlReply.__mro__[1])]
    assert len(classes) > 80
    wanted = {
        (kind.__name__, written)
        for kind in classes
        for name, written in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        if name in kind.__dict__
    }
    assert sorted(wanted - seen) == []
    assert {kind.__name__ for kind in classes if not kind.__struct_fields__} == set(WITHOUT_FIELDS)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("symbol", "symbol"),
        ("order_link_id", "orderLinkId"),
        ("bid1_price", "bid1Price"),
        ("position_im_by_mp", "positionIMByMp"),
        ("exec_fee_v2", "execFeeV2"),
        ("price_24h_pcnt", "price24hPcnt"),
    ],
)
def test_names_are_camel_case_on_the_wire_but_for_the_venues_own(field: str, name: str) -> None:
    assert wire_name(field) == name


def test_a_command_is_written_without_what_it_does_not_say() -> None:
    body = CreateOrderBody(
        category=WireCategory.LINEAR,
        symbol="BTCUSDT",
        side=WireSide.SELL,
        order_type=WireOrderType.MARKET,
        qty="0.001",
        reduce_only=False,
    )
    assert json.loads(encode(body)) == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "side": "Sell",
        "orderType": "Market",
        "qty": "0.001",
        "reduceOnly": False,
    }


def test_a_value_outside_its_set_is_named_with_its_field() -> None:
    page = {"list": [{**SAMPLES["order/realtime result"]["list"][0], "orderStatus": "Exploded"}]}
    with pytest.raises(UnknownValueError) as caught:
        decode(json.dumps(page), OrderPage)
    assert (caught.value.field, caught.value.value) == ("orderStatus", "Exploded")
    assert str(caught.value) == "orderStatus: unknown value 'Exploded' (at $.list[0].orderStatus)"


def test_a_number_outside_its_set_is_named_too() -> None:
    with pytest.raises(UnknownValueError, match=r"positionIdx: unknown value '7'"):
        decode(json.dumps({**SAMPLES["order/create body"], "positionIdx": 7}), CreateOrderBody)


@pytest.mark.parametrize("field", ["cancelType", "rejectReason", "createType"])
def test_reasons_are_data_whatever_they_say(field: str) -> None:
    order = {**SAMPLES["order/realtime result"]["list"][0], field: "BrandNew"}
    assert "BrandNew" in msgspec.structs.astuple(decode(json.dumps(order), WireOrder))


def test_unknown_fields_and_nulls_are_taken() -> None:
    order = {**SAMPLES["order/realtime result"]["list"][0], "newField": [1], "avgPrice": None}
    read = decode(json.dumps(order), WireOrder)
    assert (read.avg_price, read.order_status) == (None, WireOrderStatus.PARTIALLY_FILLED)


@pytest.mark.parametrize("text", ["", "{", '{"list": 4}', '{"list": [{"symbol": "X"}]}', '{"list": [{"qty": 1}]}'])
def test_another_shape_is_an_error_of_the_wire(text: str) -> None:
    with pytest.raises(WireError):
        decode(text, OrderPage)


def test_a_query_is_written_in_order_and_its_cursor_verbatim() -> None:
    params = OrdersParams(category=WireCategory.LINEAR, symbol="BTCUSDT", limit=50, cursor="a%3D1%2C")
    assert encode_query(params) == "category=linear&symbol=BTCUSDT&limit=50&cursor=a%3D1%2C"
    assert encode_query(NoParams()) == ""


def test_a_query_is_read_leniently_and_its_cursor_verbatim() -> None:
    text = "category=linear&symbol=BTC%55SDT&limit=50&nonsense=1&cursor=a%3D1%2C"
    assert decode_query(text, OrdersParams) == OrdersParams(
        category=WireCategory.LINEAR, symbol="BTCUSDT", limit=50, cursor="a%3D1%2C"
    )
    assert decode_query("", NoParams) == NoParams()
    with pytest.raises(UnknownValueError, match="category"):
        decode_query("category=linea", OrdersParams)


def test_a_server_takes_numbers_and_booleans_written_as_text() -> None:
    text = json.dumps({**SAMPLES["order/create body"], "positionIdx": "0", "reduceOnly": "true"})
    with pytest.raises(WireError):
        decode(text, CreateOrderBody)
    body = decode(text, CreateOrderBody, lenient=True)
    assert (body.position_idx, body.reduce_only) == (0, True)


def test_a_client_may_write_null_for_what_it_does_not_say() -> None:
    body = decode('{"category":"linear","symbol":"BTCUSDT","orderLinkId":null,"orderId":"7"}', CancelOrderBody)
    assert (body.order_id, body.order_link_id) == ("7", None)
