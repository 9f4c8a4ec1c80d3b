"""A stream's run under the live driver on a mock clock: its journal replays to the same words."""

import json
from typing import Any

import trio

from actors.bybit.streams import PublicStream
from actors.bybit.topics import Socket
from actors.model.streams import SocketClosed, SocketConnected, SocketFrame
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import StreamKind, StreamQuery, StreamReport
from actors.websocket.wiring import StreamWiring
from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.replay import Replay
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink, Port
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from tests.actors.builders import an_instrument
from tests.actors.bybit.edges.scripted import ScriptedSocket
from tests.runtime.journal.stories import MemoryStore
from tests.runtime.live.trees import driven

MINUTE_MS = 60_000
START = 1_700_000_040_000


class Ear(Actor):
    """Keeps what it hears, with the time."""

    def __init__(self, heard: list[tuple[int, Any]]) -> None:
        self._heard = heard

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        self._heard.append((ctx.now, message))


def a_tree(heard: list[tuple[int, Any]], sink: JournalSink) -> Kernel:
    wiring = StreamWiring(StreamKind.PUBLIC, "socket", (Ref("ear"),), Ref("ear"), ("BTCUSDT",))
    protocol = PublicStream(Socket.PUBLIC_LINEAR, {"BTCUSDT": an_instrument()}, {"BTCUSDT": MINUTE_MS})
    children = (
        ActorSpec("ear", lambda: Ear(heard)),
        ActorSpec("socket", lambda: ResilientWebSocket(wiring, protocol)),
    )
    return Kernel(SupervisorSpec("root", children=children), ports={"socket": Port()}, journal=sink, seed=5)


def bar(number: int) -> str:
    row = {
        "start": START + number * MINUTE_MS, "end": START + (number + 1) * MINUTE_MS - 1, "interval": "1",
        "open": "100", "close": "101", "high": "102", "low": "99", "volume": "1", "turnover": "1", "confirm": True,
        "timestamp": START,
    }  # fmt: skip
    return json.dumps({"type": "snapshot", "topic": "kline.1.BTCUSDT", "ts": START, "data": [row]})


async def test_a_run_with_a_drop_a_silence_and_a_gap_replays_from_its_journal(autojump_clock: Any) -> None:
    heard: list[tuple[int, Any]] = []
    store, codec = MemoryStore(), Codec((SocketConnected, SocketFrame, SocketClosed, StreamQuery, StreamReport))
    boundary = Boundary(store, codec)
    kernel = boundary.kernel = a_tree(heard, boundary)
    edge = ScriptedSocket()
    driver = LiveDriver(kernel, {"socket": edge}, wall_ns=lambda: START * 1_000_000)
    async with driven(driver):
        edge.push(bar(0))
        await trio.sleep(30)
        edge.drop()
        await trio.sleep(5)
        edge.push(bar(3))
        edge.push(bar(5))
        edge.push("nonsense")
        edge.is_deaf = True
        await trio.sleep(40.3)
        edge.is_deaf = False
        await trio.sleep(20)
        edge.push(bar(6))
        await trio.sleep(1)
        report = await driver.ask(Ref("socket"), StreamQuery(), SECOND_NS)
    assert isinstance(report, StreamReport)
    assert (report.state, report.connections, report.gaps, report.unreadable) == ("live", 3, 1, 1)
    assert len(heard) == 4 + 4  # bars; and a backfill after the drop, the gap, the nonsense and the silence

    again: list[tuple[int, Any]] = []
    found = Replay(store.rows, lambda sink: a_tree(again, sink), codec).run()
    assert found.divergence is None
    assert again == heard
