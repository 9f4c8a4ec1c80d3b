"""The live branch in small: gate, gateway, clock sync and trade stream over their edges, driven in real time."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio

from actors.bybit.calls import bybit_codec
from actors.bybit.control import auth_request
from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.edges.keys import ApiKeys
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.socket_orders import SOCKET_OPS
from actors.bybit.streams import TradeStream
from actors.bybit.wire.base import encode
from actors.clocksync.actor import ClockSync
from actors.clocksync.policy import SyncPolicy
from actors.gateway.actor import LiveGateway
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.gateway.policy import GatewayPolicy
from actors.model.calls import CallAnswered, CallLost, CallReply, SendCall, VenueCall
from actors.model.streams import OpenSocket, SendText, SignIn, SocketConnected, SocketFrame
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import Endpoint
from actors.ratelimiter.policy import RatePolicy
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import StreamQuery, StreamReport
from actors.websocket.wiring import TRADE_PORT, TRADE_WIRING
from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.drivers.live_tasks import Edge
from runtime.edges.journal_writer import WriterStore
from runtime.journal.actor import JournalActor
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink, Port
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec
from tests.actors.builders import an_instrument
from tests.runtime.live.trees import driven

__all__ = ["LANES", "ScriptedRest", "ScriptedTrade", "Stack", "a_live_kernel", "a_stack", "trade_edge"]

LANES = ("rest", "trade")
TRADE = Ref("exchange/trade")
Answering = Callable[[SendCall], CallReply | None]
_NS_PER_MS = 1_000_000


class ScriptedRest:
    """The REST edge's fake: `answers` by path say what comes of a call; None is silence until the call's time-out."""

    def __init__(self, answers: dict[str, Answering]) -> None:
        self.answers = answers
        self.asked: list[SendCall] = []

    async def serve(self, request: object, emit: Callable[[Any], Any]) -> None:
        """As `RestEdge.serve`."""
        assert isinstance(request, SendCall)
        self.asked.append(request)
        reply = self.answers[request.call.path](request)
        if reply is None:
            await trio.sleep(request.timeout_ms / 1000)
            reply = CallLost(f"no answer within {request.timeout_ms} ms")
        await emit(reply)


class ScriptedTrade:
    """The trade socket's fake: order frames are answered as REST's fake answers the same calls."""

    def __init__(self, rest: ScriptedRest) -> None:
        self._answers = rest.answers
        self._send: trio.MemorySendChannel[SocketFrame] | None = None

    async def __call__(self, request: Any, emit: Callable[[Any], Any]) -> None:
        match request:
            case OpenSocket():
                self._send, frames = trio.open_memory_channel[SocketFrame](100)
                await emit(SocketConnected())
                async for frame in frames:
                    await emit(frame)
            case SignIn():
                self._say({"op": "auth", "retCode": 0, "retMsg": "OK"})
            case SendText(_, _, text):
                frame = json.loads(text)
                if frame["op"] != "ping":
                    self._order(frame)

    def _order(self, frame: dict[str, Any]) -> None:
        path = next(path for path, op in SOCKET_OPS.items() if op == frame["op"])
        call = VenueCall("POST", path, json.dumps(frame["args"][0]), True, True)
        stamp, window = (int(frame["header"][f"X-BAPI-{name}"]) for name in ("TIMESTAMP", "RECV-WINDOW"))
        reply = self._answers[path](SendCall(call, window, stamp, window))
        assert isinstance(reply, CallAnswered)
        body = json.loads(reply.body)
        told = {"reqId": frame["reqId"], "op": frame["op"], "data": body["result"]}
        self._say({**told, "retCode": body["retCode"], "retMsg": body["retMsg"], "retExtInfo": body["retExtInfo"]})

    def _say(self, frame: dict[str, Any]) -> None:
        assert self._send is not None
        self._send.send_nowait(SocketFrame(json.dumps(frame)))


class KnownClock(Actor):
    """Stands where clock sync would: the local clock is the venue's, within 5 ms."""

    def start(self, ctx: Context) -> StartResult:
        ctx.correct_wall(ctx.wall - ctx.now, 5 * _NS_PER_MS, 0)
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        """It hears and does nothing."""


@attrs.define
class Stack:
    """Asks as an actor above the exchange branch would."""

    driver: LiveDriver

    async def ask(self, message: Any, timeout_ns: int = 30 * SECOND_NS) -> Any:
        return await self.driver.ask(Ref("exchange/ratelimiter"), message, timeout_ns)

    async def trade(self) -> StreamReport:
        """What the trade stream has done."""
        report = await self.driver.ask(TRADE, StreamQuery(), SECOND_NS)
        assert isinstance(report, StreamReport)
        return report

    async def trade_is(self, state: str = "live") -> StreamReport:
        """Wait until the trade stream is in that state."""
        with trio.fail_after(30):
            while (report := await self.trade()).state != state:
                await trio.lowlevel.checkpoint()
        return report


def a_live_kernel(
    *, is_synced: bool = True, journal: JournalSink | None = None, budget: int = 50, has_trade: bool = False
) -> Kernel:
    """The branch; with `is_synced` the clock is known from the start, else clock sync measures it."""
    gate, gateway, clock = Ref("exchange/ratelimiter"), Ref("exchange/gateway"), Ref("exchange/clocksync")
    codec = bybit_codec(VenueAccount({"BTCUSDT": an_instrument()}))
    policy = RatePolicy(dict.fromkeys(Endpoint, budget), 600)
    children: tuple[ActorSpec, ...] = (
        ActorSpec("ratelimiter", lambda: RateLimiter(gateway, Ref("journal"), policy)),
        ActorSpec("gateway", lambda: LiveGateway(codec, gate, clock, GatewayPolicy(), TRADE if has_trade else None)),
        ActorSpec("clocksync", KnownClock if is_synced else lambda: ClockSync(gate, SyncPolicy())),
    )
    ports = {READ_PORT: Port(), WRITE_PORT: Port(is_durable_first=True)}
    if has_trade:
        children = *children, ActorSpec("trade", lambda: ResilientWebSocket(TRADE_WIRING, TradeStream()))
        ports[TRADE_PORT] = Port(is_durable_first=True)
    exchange = SupervisorSpec("exchange", RestartStrategy.REST_FOR_ONE, children)
    root = SupervisorSpec("root", children=(ActorSpec("journal", JournalActor), exchange))
    return Kernel(root, ports=ports, journal=journal)


@asynccontextmanager
async def a_stack(
    kernel: Kernel,
    serve: Edge,
    wall_ms: Callable[[], int],
    store: WriterStore | None = None,
    trade: Edge | None = None,
) -> AsyncIterator[Stack]:
    """The branch under way over these edges; the local clock shows `wall_ms` when it starts.

    With a trade socket's edge it begins when the trade stream is live.
    """
    edges = {READ_PORT: serve, WRITE_PORT: serve} | ({TRADE_PORT: trade} if trade is not None else {})
    driver = LiveDriver(kernel, edges, store=store, wall_ns=lambda: wall_ms() * _NS_PER_MS)
    async with driven(driver):
        stack = Stack(driver)
        if trade is not None:
            await stack.trade_is("live")
        yield stack


def trade_edge(port: int, keys: ApiKeys) -> SocketEdge:
    """The trade socket of an exchange on this machine."""

    def sign(expires_ms: int) -> str:
        return encode(auth_request(keys.key, keys.secret.reveal(), expires_ms)).decode()

    return SocketEdge(f"ws://127.0.0.1:{port}/v5/trade", sign=sign, hidden=keys.key)
