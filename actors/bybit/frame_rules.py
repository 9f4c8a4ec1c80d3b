"""What may become of a frame that waits because its reader is slow, by topic; data for the edge's mailbox.

Orders, executions, answers, closed candles and whatever is not known are kept: none is dropped, replaced or moved. Of
states of the market the newest is enough. Changes of an order book only make sense one after another, so a topic that
is too far behind loses all that waits, and the reader sees the gap.
"""

from enum import Enum
from typing import Any, NamedTuple

import msgspec

from actors.bybit.topics import TopicKind, read_topic
from actors.bybit.wire.base import WireError

__all__ = ["FrameRule", "Waiting", "merge_ticker", "rule_of"]


class Waiting(Enum):
    """How a frame waits."""

    KEEP = "keep"
    REPLACE = "replace"  # the newest of the topic, in the place of the older
    MERGE = "merge"  # its fields are written over those of the one that waits
    QUEUE = "queue"  # one after another, up to a bound; then all of the topic are dropped


class FrameRule(NamedTuple):
    """`supersedes`: what waits of the topic is worth nothing once this frame is there."""

    topic: str
    waiting: Waiting
    supersedes: bool = False


class _Candle(msgspec.Struct):
    confirm: bool = False


class _Head(msgspec.Struct):
    """`data` is read for candles alone."""

    topic: str = ""
    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"[]")


_HEAD = msgspec.json.Decoder(_Head)
_CANDLES = msgspec.json.Decoder(tuple[_Candle, ...])
_KEPT = FrameRule("", Waiting.KEEP)
_QUEUED = (TopicKind.PUBLIC_TRADE, TopicKind.ALL_LIQUIDATION)
_SNAPSHOT = "snapshot"


def rule_of(text: str) -> FrameRule:
    """The rule for a frame; one that cannot be read is kept, for the actor to be loud about."""
    try:
        head = _HEAD.decode(text)
        if not head.topic:
            return _KEPT
        topic = read_topic(head.topic)
        if topic.kind is TopicKind.KLINE:
            is_closed = any(candle.confirm for candle in _CANDLES.decode(head.data))
            return FrameRule(head.topic, Waiting.KEEP if is_closed else Waiting.REPLACE, is_closed)
    except (msgspec.DecodeError, UnicodeError, RecursionError, WireError):
        return _KEPT
    if topic.kind is TopicKind.ORDERBOOK:
        if topic.depth == 1:
            return FrameRule(head.topic, Waiting.REPLACE)
        return FrameRule(head.topic, Waiting.QUEUE, head.type == _SNAPSHOT)
    if topic.kind is TopicKind.TICKERS:
        is_whole = head.type == _SNAPSHOT
        return FrameRule(head.topic, Waiting.REPLACE if is_whole else Waiting.MERGE)
    if topic.kind is TopicKind.PRICE_LIMIT:
        return FrameRule(head.topic, Waiting.REPLACE)
    return FrameRule(head.topic, Waiting.QUEUE if topic.kind in _QUEUED else Waiting.KEEP)


def merge_ticker(older: str, newer: str) -> str:
    """Two ticker frames as one: the newer's fields over the older's; a snapshot with a change is a snapshot."""
    one: dict[str, Any] = msgspec.json.decode(older)
    two: dict[str, Any] = msgspec.json.decode(newer)
    merged = {**one, **two, "type": one["type"], "data": {**one["data"], **two["data"]}}
    return msgspec.json.encode(merged).decode()
