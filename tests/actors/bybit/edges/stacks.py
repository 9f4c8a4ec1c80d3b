"""The live branch in small: gate, gateway and clock sync over a REST edge, driven in real time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio

from actors.bybit.calls import bybit_codec
from actors.bybit.conversations.asking import VenueAccount
from actors.clocksync.actor import ClockSync
from actors.clocksync.policy import SyncPolicy
from actors.gateway.actor import LiveGateway
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.gateway.policy import GatewayPolicy
from actors.model.calls import CallLost, CallReply, SendCall
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import Endpoint
from actors.ratelimiter.policy import RatePolicy
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

__all__ = ["ScriptedRest", "Stack", "a_live_kernel", "a_stack"]

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


def a_live_kernel(*, is_synced: bool = True, journal: JournalSink | None = None, budget: int = 50) -> Kernel:
    """The branch; with `is_synced` the clock is known from the start, else clock sync measures it."""
    gate, gateway, clock = Ref("exchange/ratelimiter"), Ref("exchange/gateway"), Ref("exchange/clocksync")
    codec = bybit_codec(VenueAccount({"BTCUSDT": an_instrument()}))
    policy = RatePolicy(dict.fromkeys(Endpoint, budget), 600)
    children = (
        ActorSpec("ratelimiter", lambda: RateLimiter(gateway, Ref("journal"), policy)),
        ActorSpec("gateway", lambda: LiveGateway(codec, gate, clock, GatewayPolicy())),
        ActorSpec("clocksync", KnownClock if is_synced else lambda: ClockSync(gate, SyncPolicy())),
    )
    exchange = SupervisorSpec("exchange", RestartStrategy.REST_FOR_ONE, children)
    ports = {READ_PORT: Port(), WRITE_PORT: Port(is_durable_first=True)}
    return Kernel(
        SupervisorSpec("root", children=(ActorSpec("journal", JournalActor), exchange)), ports=ports, journal=journal
    )


@asynccontextmanager
async def a_stack(
    kernel: Kernel, serve: Edge, wall_ms: Callable[[], int], store: WriterStore | None = None
) -> AsyncIterator[Stack]:
    """The branch under way over that edge; the local clock shows `wall_ms` when it starts."""
    edges = {READ_PORT: serve, WRITE_PORT: serve}
    driver = LiveDriver(kernel, edges, store=store, wall_ns=lambda: wall_ms() * _NS_PER_MS)
    async with driven(driver):
        yield Stack(driver)
