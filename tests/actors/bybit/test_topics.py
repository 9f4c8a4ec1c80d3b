"""Topics: what is read is written again, what no socket carries is refused, and a frame is known by its topic."""

import json

import pytest

from actors.bybit.topics import TOPICS, Socket, Topic, TopicKind, check_args, decode_frame, read_topic
from actors.bybit.wire.base import WireError
from actors.bybit.wire.values import WireCategory, WireInterval
from tests.actors.bybit.samples import SAMPLES, SHAPES

READ = {
    "orderbook.50.BTCUSDT": Topic(TopicKind.ORDERBOOK, "BTCUSDT", 50),
    "publicTrade.ETHUSDT": Topic(TopicKind.PUBLIC_TRADE, "ETHUSDT"),
    "tickers.BTCUSDT": Topic(TopicKind.TICKERS, "BTCUSDT"),
    "kline.240.BTCUSDT": Topic(TopicKind.KLINE, "BTCUSDT", interval=WireInterval.HOUR_4),
    "priceLimit.BTCUSDT": Topic(TopicKind.PRICE_LIMIT, "BTCUSDT"),
    "allLiquidation.BTCUSDT": Topic(TopicKind.ALL_LIQUIDATION, "BTCUSDT"),
    "order": Topic(TopicKind.ORDER),
    "order.linear": Topic(TopicKind.ORDER, category=WireCategory.LINEAR),
    "execution.spot": Topic(TopicKind.EXECUTION, category=WireCategory.SPOT),
    "execution.fast": Topic(TopicKind.EXECUTION_FAST),
    "execution.fast.linear": Topic(TopicKind.EXECUTION_FAST, category=WireCategory.LINEAR),
    "position": Topic(TopicKind.POSITION),
    "wallet": Topic(TopicKind.WALLET),
    "dcp.future": Topic(TopicKind.DCP, product="future"),
    "system.status": Topic(TopicKind.SYSTEM_STATUS),
}
BAD = [
    "", ".", "orders", "orderbook", "orderbook.50", "orderbook.x.BTCUSDT", "orderbook.050.BTCUSDT", "orderbook.0.X",
    "kline.7.BTCUSDT", "kline.1", "publicTrade", "publicTrade.", "publicTrade.A.B", "order.margin", "order.linear.x",
    "wallet.linear", "dcp", "dcp.swap", "system", "system.status.x",
]  # fmt: skip


@pytest.mark.parametrize(("text", "topic"), READ.items())
def test_a_topic_is_read_and_written(text: str, topic: Topic) -> None:
    assert read_topic(text) == topic
    assert topic.text == text


def test_every_kind_of_topic_is_tried() -> None:
    assert {topic.kind for topic in READ.values()} == set(TopicKind) == set(TOPICS)


@pytest.mark.parametrize("text", BAD)
def test_another_topic_is_refused_by_name(text: str) -> None:
    with pytest.raises(WireError, match="handler not found,topic:"):
        read_topic(text)


@pytest.mark.parametrize(
    ("socket", "args", "text"),
    [
        (Socket.PUBLIC_LINEAR, ("orderbook.500.BTCUSDT",), "handler not found,topic:orderbook.500.BTCUSDT"),
        (Socket.PUBLIC_LINEAR, ("order",), "handler not found,topic:order"),
        (Socket.PRIVATE, ("tickers.BTCUSDT",), "handler not found,topic:tickers.BTCUSDT"),
        (Socket.PUBLIC_SPOT, tuple(f"tickers.S{number}" for number in range(11)), "more than 10"),
        (Socket.PRIVATE, ("order", "order.linear"), "order for all categories and for one"),
        (Socket.PRIVATE, ("execution.linear", "execution"), "execution for all categories and for one"),
        (Socket.PUBLIC_LINEAR, tuple(f"tickers.{'S' * 200}{number}" for number in range(105)), "longer than 21000"),
    ],
)
def test_a_subscription_is_refused_for_what_the_socket_refuses(
    socket: Socket, args: tuple[str, ...], text: str
) -> None:
    with pytest.raises(WireError, match=text):
        check_args(socket, args)


def test_a_subscription_is_taken() -> None:
    assert check_args(Socket.PRIVATE, ("order.linear", "order.spot", "execution")) == (
        read_topic("order.linear"),
        read_topic("order.spot"),
        read_topic("execution"),
    )
    assert len(check_args(Socket.PUBLIC_SPOT, tuple(f"tickers.S{number}" for number in range(10)))) == 10


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.endswith(" frame")])
def test_a_frame_is_decoded_as_the_shape_of_its_topic(name: str) -> None:
    assert type(decode_frame(json.dumps(SAMPLES[name]))) is SHAPES[name]


@pytest.mark.parametrize("name", ["public pong", "linear subscribe ack", "trade order ack"])
def test_an_answer_is_no_data(name: str) -> None:
    with pytest.raises(WireError, match="without a topic"):
        decode_frame(json.dumps(SAMPLES[name]))


def test_a_topic_that_pushes_nothing_has_no_frame() -> None:
    with pytest.raises(WireError, match="pushes no data"):
        decode_frame('{"topic": "dcp.future", "data": []}')
