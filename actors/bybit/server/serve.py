"""The server: REST and sockets of one exchange on one listener, and the task that lets the market go on."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from ipaddress import ip_address
from urllib.parse import parse_qs

import attrs
import trio
from hypercorn.config import Config
from hypercorn.trio import serve as serve_asgi
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from actors.bybit.server.clock import ExchangeClock, SteppedClock
from actors.bybit.server.control.advancing import EventAdvancer
from actors.bybit.server.control.routes import ControlDesk
from actors.bybit.server.control.stepping import ClockStepper
from actors.bybit.server.faults.assembly import FaultAssembly, FaultSetup
from actors.bybit.server.gate import AddressLimit, KeyLimits
from actors.bybit.server.http import RestDesk
from actors.bybit.server.injection import Door, Hear, Injection
from actors.bybit.server.market.dice import mixed
from actors.bybit.server.sockets.connection import STREAM, Connection, serve
from actors.bybit.server.sockets.counts import FrameCounts
from actors.bybit.server.sockets.private import PrivateStreams
from actors.bybit.server.sockets.public import PublicStreams
from actors.bybit.server.sockets.status import StatusStreams
from actors.bybit.server.sockets.trade import TradeSocket
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.topics import SOCKET_PATHS, Socket
from actors.model.errors import ConfigurationError

__all__ = ["ServerPlan", "is_loopback", "run_server"]

MAX_FRAME = 64 * 1024
_POLL_S = 0.25  # of market time: a market without events is looked at so often
_IDLE_S = 600.0


@attrs.frozen
class ServerPlan:
    """Where to listen, as whom, and how fast answers are. `address_limit`: requests of one address in five seconds."""

    host: str
    port: int
    is_demo: bool = False
    latency_s: float = 0.005
    address_limit: int = 600
    faults: FaultSetup | None = None  # None: no faults, and no control route


def _idle_s(query: str) -> float:
    """`max_active_time` of a private or trade socket: 30s to 600s, or minutes as 1m."""
    text = parse_qs(query).get("max_active_time", [""])[0]
    unit = {"s": 1, "m": 60}.get(text[-1:], 0)
    seconds = int(text[:-1]) * unit if text[:-1].isdigit() else 0
    return float(min(600, max(30, seconds))) if seconds else _IDLE_S


class _Sockets:
    """The WebSocket routes, and the connections that are open."""

    def __init__(
        self,
        latency_s: float,
        exchange: LocalExchange,
        connections: dict[Connection, None],
        injection: Injection,
    ) -> None:
        self._latency_s = latency_s
        self._exchange = exchange
        self._connections = connections
        self._injection = injection
        self._count = 0
        self.traffic = FrameCounts()

    def route(self, socket: Socket, hear: Hear, left: Callable[[Connection], None]) -> WebSocketRoute:
        """One path."""
        injection, connections = self._injection, self._connections
        heard = injection.hear(hear)

        async def endpoint(websocket: WebSocket) -> None:
            self._count += 1
            is_timed = socket in (Socket.PRIVATE, Socket.TRADE)
            connection = Connection(
                socket,
                f"{mixed(self._exchange.start_ms, self._count):016x}-{self._count}",
                websocket,
                self._latency_s,
                _idle_s(websocket.url.query) if is_timed else _IDLE_S,
            )
            connection.outgoing = injection.outgoing
            connection.traffic = self.traffic
            with connection.opened():  # before the client can say a word
                await accepted(connection)

        async def accepted(connection: Connection) -> None:
            await connection.socket.accept()
            connections[connection] = None
            injection.opened(connection)
            try:
                await serve(connection, heard)
            finally:
                left(connection)
                del connections[connection]

        return WebSocketRoute(SOCKET_PATHS[socket], endpoint)


async def run_server(
    plan: ServerPlan,
    exchange: LocalExchange,
    clock: ExchangeClock,
    *,
    task_status: "trio.TaskStatus[list[str]]" = trio.TASK_STATUS_IGNORED,
    shutdown: Callable[[], Awaitable[None]] = trio.sleep_forever,
) -> None:
    """Serve until `shutdown` returns. `task_status` is told the addresses that are bound."""
    limits, addresses = KeyLimits(), AddressLimit(plan.address_limit)
    connections: dict[Connection, None] = {}
    faults = None if plan.faults is None else FaultAssembly(plan.faults, exchange, clock, addresses, connections)
    injection = Injection() if faults is None else faults.injection
    desk = RestDesk(exchange, clock, limits, addresses, plan.is_demo, injection)
    latency_s = 0.0 if isinstance(clock, SteppedClock) else plan.latency_s  # a clock that stands lets nothing wait
    sockets = _Sockets(latency_s, exchange, connections, injection)
    routes = [] if faults is None else _control_routes(plan, faults, exchange, clock, connections, sockets.traffic)
    async with AsyncExitStack() as stack:
        nursery = await stack.enter_async_context(trio.open_nursery())
        if faults is not None:
            nursery.start_soon(faults.run)
        private = PrivateStreams(exchange, clock, is_demo=plan.is_demo)
        routes.append(sockets.route(Socket.PRIVATE, private.hear, private.left))
        if not plan.is_demo:
            trade = TradeSocket(exchange, clock, limits, injection.carry_out(Door.TRADE))
            routes.append(sockets.route(Socket.TRADE, trade.hear, trade.left))
        for socket in (Socket.PUBLIC_LINEAR, Socket.PUBLIC_SPOT):
            if not plan.is_demo:  # demo takes its public streams from the main host
                public = PublicStreams(socket, exchange, clock, nursery)
                routes.append(sockets.route(socket, public.hear, public.left))
        status = StatusStreams(clock)
        if not plan.is_demo:
            routes.append(sockets.route(Socket.STATUS, status.hear, status.left))
        if faults is not None:
            faults.announce = status.tell

        async def rest(request: Request) -> Response:
            return await desk.answer(request)

        routes.append(Route("/v5/{path:path}", rest, methods=["GET", "POST"]))
        nursery.start_soon(_let_the_market_go_on, exchange, clock)
        bound = await nursery.start(_listen, plan, _with_streams(Starlette(routes=routes)), shutdown)
        task_status.started(bound)
        await shutdown()
        for connection in list(connections):
            connection.drop()
        nursery.cancel_scope.cancel()


def _control_routes(
    plan: ServerPlan,
    faults: FaultAssembly,
    exchange: LocalExchange,
    clock: ExchangeClock,
    connections: dict[Connection, None],
    traffic: FrameCounts,
) -> list[BaseRoute]:
    """None where the plan has none. ConfigurationError on an address that others can reach."""
    assert plan.faults is not None
    if not plan.faults.has_control:
        return []
    if not is_loopback(plan.host):
        raise ConfigurationError(f"the control route is for loopback alone, not for {plan.host}: switch it off")
    stepper = ClockStepper(exchange, clock, faults.desk)
    advancer = EventAdvancer(exchange, clock, faults.desk, traffic)
    return ControlDesk(exchange, clock, faults.desk, stepper, advancer, connections).routes()


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _with_streams(app: ASGIApp) -> ASGIApp:
    """The application, with hypercorn's stream of each socket in its scope."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope[STREAM] = getattr(send, "__self__", None)
        await app(scope, receive, send)

    return call


async def _listen(
    plan: ServerPlan,
    app: ASGIApp,
    shutdown: Callable[[], Awaitable[None]],
    *,
    task_status: "trio.TaskStatus[list[str]]" = trio.TASK_STATUS_IGNORED,
) -> None:
    config = Config()
    config.bind = [f"{plan.host}:{plan.port}"]
    config.accesslog = config.errorlog = None
    config.websocket_max_message_size = MAX_FRAME
    config.h11_max_incomplete_size = 16 * 1024
    config.wsgi_max_body_size = MAX_FRAME
    config.keep_alive_timeout = 3600.0
    config.graceful_timeout = 0.2
    config.shutdown_timeout = 0.5
    await serve_asgi(app, config, shutdown_trigger=shutdown, mode="asgi", task_status=task_status)  # type: ignore[arg-type]


async def _let_the_market_go_on(exchange: LocalExchange, clock: ExchangeClock) -> None:
    """Perform what the market does at its time; requests do so too, so nothing is ever seen late."""
    while True:
        now_ms = clock.market_ms()
        exchange.advance_to(now_ms)
        event_ms = exchange.next_event_ms()
        wait_s = _POLL_S if event_ms is None else min(_POLL_S, max(0.001, (event_ms - now_ms) / 1000))
        await trio.sleep(wait_s)
