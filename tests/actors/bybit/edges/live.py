"""Streams against the local exchange: a tree of sockets and listeners under the live driver, and orders by REST."""

import http.client
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import attrs
import trio

from actors.bybit.control import auth_request
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.signing import rest_headers
from actors.bybit.wire.base import encode
from actors.model.streams import StreamProtocol
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import FollowStream, StreamKind
from actors.websocket.policy import StreamPolicy
from actors.websocket.wiring import StreamWiring
from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from tests.runtime.live.processes import Service, service

__all__ = ["BOUND_S", "KEY", "SECRET", "Exchange", "Heard", "exchange", "stream"]

KEY, SECRET = "local-key-1", "local-secret-1"
BOUND_S = 30.0  # of a test that should take a second or two
_PATIENT = StreamPolicy(sign_in_ms=3_600_000)  # the exchange's clock may be faster than ours


@attrs.define
class Exchange:
    """The process and its port."""

    service: Service
    port: int

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A signed request; its answer."""
        payload = json.dumps(body)
        headers = {**rest_headers(SECRET, KEY, self.now_ms(), payload), "Content-Type": "application/json"}
        return self._ask("POST", path, payload, headers)

    def fault(self, **fault: Any) -> None:
        """Order a fault; now, unless it names its time."""
        answer = self._ask("POST", "/control/faults", json.dumps(fault), {})
        assert "numbers" in answer, answer

    def state(self) -> dict[str, Any]:
        """Clock, accounts and connections, as the exchange itself knows them."""
        return self._ask("GET", "/control/state", None, {})

    def now_ms(self) -> int:
        return int(self._ask("GET", "/v5/market/time", None, {})["time"])

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=BOUND_S)
        try:
            connection.request(method, path, body, headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer


@contextmanager
def exchange(*words: str, port: int = 0) -> Iterator[Exchange]:
    """A local exchange in a process of its own, ended with the test."""
    with service("actors.app.cli", "exchange", "--listen", f"127.0.0.1:{port}", *words) as process:
        line = process.line()
        assert line.startswith("local exchange on http://127.0.0.1:"), line
        yield Exchange(process, int(line.partition("127.0.0.1:")[2].partition(":")[0]))


class _Listener(Actor):
    """Keeps what it hears; a follower asks to be told first."""

    def __init__(self, heard: "Heard", socket: Ref | None = None) -> None:
        self._heard, self._socket = heard, socket

    def start(self, ctx: Context) -> StartResult:
        if self._socket is not None:
            ctx.ask(self._socket, FollowStream(ctx.me), SECOND_NS)
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        self._heard.put(ctx.me, message)


class Heard:
    """What the listeners have heard, in one order, by their name."""

    def __init__(self, driver: LiveDriver | None = None) -> None:
        self.all: list[tuple[Ref, Any]] = []
        self._news = trio.Event()
        self.driver = driver

    def put(self, who: Ref, message: Any) -> None:
        self.all.append((who, message))
        self._news.set()
        self._news = trio.Event()

    def last(self, who: str) -> Any:
        """The newest one that somebody has heard, or None."""
        found = self.of(who)
        return found[-1] if found else None

    def of(self, who: str) -> list[Any]:
        return [message for ref, message in self.all if ref == who]

    async def until(self, done: Callable[["Heard"], bool]) -> None:
        with trio.fail_after(BOUND_S):
            while not done(self):
                await self._news.wait()


@asynccontextmanager
async def stream(
    kind: StreamKind, url: str, protocol: StreamProtocol, *, secret: str = SECRET, policy: StreamPolicy = _PATIENT
) -> AsyncIterator[tuple[LiveDriver, Heard]]:
    """One stream with its reader, backfill and follower, up."""
    heard = Heard()
    wiring = StreamWiring(kind, "socket", (Ref("reader"),), Ref("backfill"), ("BTCUSDT",))
    children = (
        ActorSpec("reader", lambda: _Listener(heard)),
        ActorSpec("backfill", lambda: _Listener(heard)),
        ActorSpec("socket", lambda: ResilientWebSocket(wiring, protocol, policy)),
        ActorSpec("follower", lambda: _Listener(heard, Ref("socket"))),
    )
    kernel = Kernel(SupervisorSpec("root", children=children), ports={"socket": Port()})

    def sign(expires_ms: int) -> str:
        return encode(auth_request(KEY, secret, expires_ms)).decode()

    driver = heard.driver = LiveDriver(kernel, {"socket": SocketEdge(url, sign=sign)}, wall_ns=time.time_ns)
    with trio.fail_after(2 * BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(driver.run)
            await driver.wait_up()
            yield driver, heard
            driver.stop("the test is over")
