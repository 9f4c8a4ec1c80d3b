"""Bybit's public, private, status and trade streams in the words of a stream's actor; pure, without state.

The public one tells closed bars, the private one reports and executions, the status one planned maintenance; the trade
one carries order requests. Whatever else comes is Unreadable, with the reason; nothing is guessed.
"""

import re
from collections.abc import Mapping
from typing import Any

from actors.bybit.codes import CodeClass, class_of
from actors.bybit.control import (
    FrameKind,
    is_success,
    kind_of_head,
    ping_request,
    subscribe_request,
    unsubscribe_request,
)
from actors.bybit.socket_orders import SOCKET_OPS, read_answer, write_request_frame
from actors.bybit.topics import MAX_ARGS_LENGTH, MAX_SPOT_ARGS, Socket, TopicKind, check_args, decode_topic, read_topic
from actors.bybit.translate.candles import INTERVALS_MS, interval_of, read_kline_frame
from actors.bybit.translate.frames import read_private
from actors.bybit.translate.maintenance import MaintenanceScope, read_maintenance
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.streams import (
    BookFrame,
    ControlReply,
    ExecutionFrame,
    FrameHead,
    KlineFrame,
    OrderFrame,
    PositionFrame,
    SystemStatusFrame,
    WalletFrame,
)
from actors.bybit.wire.trade import TradeReply
from actors.bybit.wire.values import WireFrameType
from actors.model.calls import CallAnswered, SendCall
from actors.model.errors import ColdframeError
from actors.model.instrument import Instrument
from actors.model.streams import (
    AnswerKind,
    AuthAnswer,
    CallReturned,
    Continuity,
    Heard,
    Pong,
    Remedy,
    StreamData,
    TopicsAnswer,
    Unreadable,
)

__all__ = ["BybitStream", "PrivateStream", "PublicStream", "StatusStream", "TradeStream"]

_TRANSIENT = re.compile(r"\bexpires\b|timestamp|time-?out|too many|busy", re.IGNORECASE)
_ALREADY = "already subscribed"
_FAREWELLS = {
    10003: "10003 it is not signed in",
    10019: "10019 it is being restarted, and requests under way go on",
}
"""Codes of an order's answer after which a connection is of no use."""


class BybitStream:
    """What the streams share. Raises WireError for topics that the socket would refuse."""

    is_signed = False

    def __init__(self, socket: Socket, topics: tuple[str, ...]) -> None:
        if not topics and socket is not Socket.TRADE:
            raise WireError(f"a {socket} stream without topics")
        self._socket = socket
        self.topics = topics
        for batch in self.batches(topics):
            check_args(socket, batch)

    def batches(self, topics: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """A request each: spot takes ten topics in one, the others as many as their text allows."""
        at_once = MAX_SPOT_ARGS if self._socket is Socket.PUBLIC_SPOT else max(1, len(topics))
        if sum(map(len, topics)) > MAX_ARGS_LENGTH:
            raise WireError(f"topics: longer than {MAX_ARGS_LENGTH} characters on one connection")
        return tuple(topics[start : start + at_once] for start in range(0, len(topics), at_once))

    def subscribe(self, topics: tuple[str, ...], req_id: str) -> str:
        """The text frame."""
        return encode(subscribe_request(topics, req_id)).decode()

    def unsubscribe(self, topics: tuple[str, ...], req_id: str) -> str:
        """The text frame."""
        return encode(unsubscribe_request(topics, req_id)).decode()

    def ping(self) -> str:
        """The text frame; the protocol's own pings do not count."""
        return encode(ping_request()).decode()

    def call(self, request: SendCall, req_id: str) -> str | None:
        """None: streams of topics take no calls."""
        return None

    def read(self, text: str) -> Heard:
        """What a frame says."""
        try:
            head = decode(text, FrameHead)
            match kind_of_head(head):
                case FrameKind.DATA:
                    return self._data(decode_topic(text, head.topic or ""))
                case FrameKind.PONG:
                    return Pong()
                case FrameKind.AUTH:
                    return _auth_answer(text)
                case FrameKind.SUBSCRIPTION:
                    return _topics_answer(text)
                case FrameKind.ORDER:
                    return self._returned(text)
        except (ColdframeError, ValueError, OverflowError) as error:
            return Unreadable(f"{type(error).__name__}: {error}")

    def _data(self, frame: Any) -> Heard:
        return Unreadable(f"{frame.topic} was not subscribed to")

    def _returned(self, text: str) -> Heard:
        return Unreadable("the answer to an order operation, of which a stream has none")


class PublicStream(BybitStream):
    """Closed bars of `feeds` (timeframe in ms by symbol), and beside them the `books` (topics), for their gaps."""

    def __init__(
        self,
        socket: Socket,
        instruments: Mapping[str, Instrument],
        feeds: Mapping[str, int],
        books: tuple[str, ...] = (),
    ) -> None:
        self._instruments = {
            f"kline.{interval_of(timeframe_ms)}.{symbol}": instruments[symbol] for symbol, timeframe_ms in feeds.items()
        }
        super().__init__(socket, (*self._instruments, *books))

    def _data(self, frame: Any) -> Heard:
        if frame.topic not in self.topics:
            return super()._data(frame)
        if isinstance(frame, KlineFrame):
            return _closed_bars(frame, self._instruments[frame.topic])
        if isinstance(frame, BookFrame):
            u, is_snapshot = frame.data.u, frame.type is WireFrameType.SNAPSHOT or frame.data.u == 1
            return StreamData(frame.topic, (), Continuity(u, u, 1, Remedy.RESUBSCRIBE, is_snapshot))
        return StreamData(frame.topic)


class PrivateStream(BybitStream):
    """Reports and executions of `instruments`, in the venue's order. The edge signs in."""

    is_signed = True

    def __init__(self, instruments: Mapping[str, Instrument], topics: tuple[str, ...] = ("order", "execution")) -> None:
        super().__init__(Socket.PRIVATE, topics)
        self._instruments = instruments
        self._kinds = tuple(read_topic(topic).kind for topic in topics)

    def _data(self, frame: Any) -> Heard:
        if read_topic(frame.topic).kind not in self._kinds:  # `order` may be told as `order.linear`
            return super()._data(frame)
        if not isinstance(frame, OrderFrame | ExecutionFrame | PositionFrame | WalletFrame):
            return StreamData(frame.topic)  # execution.fast: an early hint of what `execution` tells
        events = read_private(frame, self._instruments)
        return StreamData(frame.topic, (events.frame,) if events.frame.events else (), foreign=events.foreign)


class StatusStream(BybitStream):
    """Planned maintenance that concerns what we use of the venue."""

    def __init__(self, scope: MaintenanceScope | None = None) -> None:
        super().__init__(Socket.STATUS, (TopicKind.SYSTEM_STATUS.value,))
        self._scope = scope or MaintenanceScope()

    def _data(self, frame: Any) -> Heard:
        if not isinstance(frame, SystemStatusFrame):
            return super()._data(frame)
        return StreamData(frame.topic, read_maintenance(frame.data, self._scope))


class TradeStream(BybitStream):
    """Order requests over `/v5/trade`: create, amend, cancel and their batches. The edge signs in; no topics."""

    is_signed = True

    def __init__(self) -> None:
        super().__init__(Socket.TRADE, ())

    def call(self, request: SendCall, req_id: str) -> str | None:
        """The frame; None for an endpoint that the socket does not have."""
        call = request.call
        if call.path not in SOCKET_OPS:
            return None
        stamp_ms, window_ms = request.timestamp_ms, request.recv_window_ms
        return write_request_frame(call.path, call.payload, req_id, stamp_ms, window_ms).decode()

    def _returned(self, text: str) -> Heard:
        answer = read_answer(text)
        reply = CallAnswered(answer.reply.status, answer.reply.body.decode(), answer.limit)
        return CallReturned(answer.req_id, reply, _FAREWELLS.get(answer.ret_code, ""))


def _closed_bars(frame: KlineFrame, instrument: Instrument) -> StreamData:
    """A frame of a candle that is still open tells nothing yet."""
    bars = read_kline_frame(frame, instrument)
    if not bars.candles:
        return StreamData(frame.topic)
    first, last = bars.candles[0].ts_open, bars.candles[-1].ts_open
    step_ms = INTERVALS_MS[frame.data[0].interval]
    return StreamData(frame.topic, (bars,), Continuity(first, last, step_ms, Remedy.BACKFILL))


def _auth_answer(text: str) -> AuthAnswer:
    """By its code where it has one. Without one the text alone tells a late frame from a wrong key."""
    reply: TradeReply | ControlReply
    try:
        reply = decode(text, TradeReply)
    except WireError:
        reply = decode(text, ControlReply)
    if is_success(reply):
        return AuthAnswer(AnswerKind.ACCEPTED)
    reason = reply.ret_msg or "no reason given"
    if isinstance(reply, TradeReply):
        kind = class_of(reply.ret_code, is_write=False)
        is_final = kind in (CodeClass.AUTH_FATAL, CodeClass.REFUSE)
        reason = f"{reply.ret_code} {reason}"
    else:
        is_final = not _TRANSIENT.search(reason)
    return AuthAnswer(AnswerKind.REFUSED if is_final else AnswerKind.FAILED, reason)


def _topics_answer(text: str) -> TopicsAnswer:
    reply = decode(text, ControlReply)
    reason = reply.ret_msg or ""
    is_accepted = is_success(reply) or _ALREADY in reason
    return TopicsAnswer(reply.req_id or "", AnswerKind.ACCEPTED if is_accepted else AnswerKind.REFUSED, reason)
