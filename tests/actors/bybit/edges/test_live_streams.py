"""Streams against the local exchange over loopback: real sockets, real time, every wait bounded and none a sleep."""

import itertools
import socket

import pytest

from actors.bybit.streams import PrivateStream, PublicStream
from actors.bybit.topics import Socket
from actors.marketdata.messages import BarsDue
from actors.model.backend import ClosedBars, PrivateFrame
from actors.model.order import Fill, OrderReport, VenueStatus
from actors.model.streams import StreamProtocol
from actors.reconciler.messages import ReconcileNow
from actors.websocket.messages import StreamDown, StreamKind, StreamLive, StreamQuery, StreamReport
from actors.websocket.policy import StreamPolicy
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from tests.actors.builders import an_instrument
from tests.actors.bybit.edges.live import Exchange, Heard, exchange, stream

MINUTE_MS = 60_000
BTC = {"BTCUSDT": an_instrument()}
PUBLIC, PRIVATE = StreamKind.PUBLIC, StreamKind.PRIVATE


def bars_stream(*books: str) -> PublicStream:
    return PublicStream(Socket.PUBLIC_LINEAR, BTC, {"BTCUSDT": MINUTE_MS}, books)


def url(port: int, path: str) -> str:
    return f"ws://127.0.0.1:{port}/v5/{path}"


async def report(heard: Heard) -> StreamReport:
    assert heard.driver is not None
    answer = await heard.driver.ask(Ref("socket"), StreamQuery(), SECOND_NS)
    assert isinstance(answer, StreamReport)
    return answer


async def test_closed_bars_reach_their_reader_one_after_another_beside_a_book_without_a_gap() -> None:
    with exchange("--time-rate", "60") as venue:
        protocol = bars_stream("orderbook.200.BTCUSDT")
        async with stream(PUBLIC, url(venue.port, "public/linear"), protocol) as (_, heard):
            await heard.until(lambda heard: len(heard.of("reader")) >= 5)
            bars = heard.of("reader")
            assert all(isinstance(each, ClosedBars) and len(each.candles) == 1 for each in bars)
            assert all(later.ts_open == earlier.ts_close for earlier, later in itertools.pairwise(bars))
            found = await report(heard)
            assert (found.state, found.connections) == ("live", 1)
            assert (found.unreadable, found.gaps) == (0, 0)
            assert found.frames > 10
            assert heard.of("follower") == [StreamLive(PUBLIC)]


def buy(venue: Exchange) -> str:
    order = {"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0.01"}
    answer = venue.post("/v5/order/create", {**order, "orderLinkId": f"cf-{venue.now_ms()}"})
    assert answer["retCode"] == 0, answer
    return str(answer["result"]["orderId"])


async def test_an_order_and_its_execution_reach_their_reader_in_the_venues_order() -> None:
    with exchange() as venue:
        async with stream(PRIVATE, url(venue.port, "private"), PrivateStream(BTC)) as (_, heard):
            order_id = buy(venue)

            def is_filled(heard: Heard) -> bool:
                events = [event for frame in heard.of("reader") for event in frame.events]
                kinds = {type(event) for event in events}
                return kinds == {OrderReport, Fill} and events_end(events)

            await heard.until(is_filled)
            frames = heard.of("reader")
            assert all(isinstance(frame, PrivateFrame) for frame in frames)
            events = [event for frame in frames for event in frame.events]
            assert {event.order_id for event in events} == {order_id}
            assert sum(event.qty for event in events if isinstance(event, Fill)) == 10
            assert (await report(heard)).unreadable == 0


def events_end(events: list[OrderReport | Fill]) -> bool:
    return any(isinstance(event, OrderReport) and event.status is VenueStatus.FILLED for event in events)


@pytest.mark.parametrize(
    ("kind", "path", "protocol", "asked"),
    [
        (PUBLIC, "public/linear", bars_stream(), BarsDue("BTCUSDT")),
        (PRIVATE, "private", PrivateStream(BTC), None),
    ],
)
async def test_an_exchange_that_dies_and_comes_back_costs_no_restart_and_its_gap_is_asked_for(
    kind: StreamKind, path: str, protocol: StreamProtocol, asked: object
) -> None:
    port = free_port()
    with exchange(port=port) as venue:
        venue_process = venue.service.process
        async with stream(kind, url(port, path), protocol) as (driver, heard):
            await heard.until(lambda heard: StreamLive(kind) in heard.of("follower"))
            venue_process.kill()
            await heard.until(lambda heard: isinstance(heard.of("follower")[-1], StreamDown))
            with exchange(port=port) as second:
                await heard.until(lambda heard: heard.of("follower")[-1] == StreamLive(kind))
                told = [message for who, message in heard.all if who in ("backfill", "follower")]
                *_, backfill, live = told
                assert live == StreamLive(kind)
                assert isinstance(backfill, ReconcileNow) if asked is None else backfill == asked
                assert not driver.kernel.life.causes
                assert driver.kernel.cell(Ref("socket")).incarnation == 1
                if kind is PRIVATE:
                    buy(second)
                    await heard.until(lambda heard: bool(heard.of("reader")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_faults_of_the_private_socket_are_survived_one_after_another_and_each_asks_for_a_backfill() -> None:
    brisk = StreamPolicy(ping_ns=SECOND_NS, close_ns=5 * SECOND_NS)
    with exchange() as venue:
        async with stream(PRIVATE, url(venue.port, "private"), PrivateStream(BTC), policy=brisk) as (driver, heard):
            await heard.until(lambda heard: heard.last("follower") == StreamLive(PRIVATE))
            for kind in ("closed", "instead of a frame", "half open", "maintenance"):
                asked = len(heard.of("backfill"))
                order_a_fault(venue, kind)
                await heard.until(lambda heard: isinstance(heard.last("follower"), StreamDown))
                await heard.until(lambda heard: heard.last("follower") == StreamLive(PRIVATE))
                assert len(heard.of("backfill")) > asked, kind
                assert isinstance(heard.last("backfill"), ReconcileNow)
            before = len(heard.of("reader"))
            buy(venue)
            await heard.until(lambda heard: len(heard.of("reader")) > before)
            assert not driver.kernel.life.causes
            assert (await report(heard)).unreadable == 0
            downs = [message.reason for message in heard.of("follower") if isinstance(message, StreamDown)]
            assert "no frame in 2 s" in downs


def order_a_fault(venue: Exchange, kind: str) -> None:
    match kind:
        case "closed":
            venue.fault(kind="drop_socket", on="now", socket="private")
        case "instead of a frame":
            venue.fault(kind="drop_socket", on="sent", topic="order")
            buy(venue)
        case "half open":
            venue.fault(kind="half_open", on="now", socket="private")
        case "maintenance":
            venue.fault(kind="maintenance", for_ms=700)


async def test_a_wrong_secret_ends_the_tree_and_says_what_to_look_at() -> None:
    with exchange() as venue:
        protocol = PrivateStream(BTC)
        async with stream(PRIVATE, url(venue.port, "private"), protocol, secret="wrong") as (driver, _):
            outcome = driver.kernel.life.outcome
            assert outcome is not None
            (cause, *_) = outcome.causes
            assert cause.error == "AuthenticationError"
            assert "error sign!" in cause.text
            assert "wrong" not in cause.text


async def test_the_demo_host_has_no_public_stream_and_the_start_says_so() -> None:
    with exchange("--bybit-demo") as venue:
        async with stream(PUBLIC, url(venue.port, "public/linear"), bars_stream()) as (driver, _):
            outcome = driver.kernel.life.outcome
            assert outcome is not None
            (cause, *_) = outcome.causes
            assert cause.error == "NetworkError"
            assert "HTTP 4" in cause.text


async def test_a_symbol_that_the_venue_does_not_list_is_named() -> None:
    with exchange() as venue:
        nowhere = PublicStream(Socket.PUBLIC_LINEAR, {"NOUSDT": an_instrument(symbol="NOUSDT")}, {"NOUSDT": MINUTE_MS})
        async with stream(PUBLIC, url(venue.port, "public/linear"), nowhere) as (driver, _):
            outcome = driver.kernel.life.outcome
            assert outcome is not None
            (cause, *_) = outcome.causes
            assert cause.error == "ConfigurationError"
            assert "kline.1.NOUSDT" in cause.text
