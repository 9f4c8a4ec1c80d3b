"""Bybit as the exchange: gateway and streams that speak its protocol through edges."""

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from actors.app import names
from actors.app.exchanges.branch import Exchange, branch_of, clocksync_spec, ratelimiter_spec
from actors.app.exchanges.maintenance import maintenance_specs
from actors.app.exchanges.ports import PRIVATE_PORT, PUBLIC_PORT
from actors.app.settings import ProfileName, Settings
from actors.app.specs import actor_spec
from actors.bybit.calls import bybit_codec
from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.streams import PrivateStream, PublicStream, TradeStream
from actors.bybit.topics import Socket
from actors.clocksync.policy import SyncPolicy
from actors.gateway.actor import LiveGateway
from actors.gateway.policy import GatewayPolicy
from actors.maintenance.actor import MaintenancePolicy
from actors.marketdata.feed import Appended
from actors.model.instrument import Instrument
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import StreamKind
from actors.websocket.policy import StreamPolicy
from actors.websocket.wiring import TRADE_WIRING, StreamWiring
from runtime.messages import Ref
from runtime.spec import ActorSpec

__all__ = ["NO_LEADERS", "BybitPolicies", "Readers", "bybit_exchange"]


NO_LEADERS: Mapping[str, Instrument] = MappingProxyType({})


@attrs.frozen
class BybitPolicies:
    """How long the branch waits for what."""

    gateway: GatewayPolicy = attrs.field(factory=GatewayPolicy)
    streams: StreamPolicy = attrs.field(factory=StreamPolicy)
    clock: SyncPolicy = attrs.field(factory=SyncPolicy)
    maintenance: MaintenancePolicy = attrs.field(factory=MaintenancePolicy)


@attrs.frozen
class Readers:
    """Who hears the streams, and who reads again what a broken connection has missed (None: nobody)."""

    private: Ref = names.ORDERS
    private_backfill: Ref | None = names.RECONCILER
    public: Ref = names.MARKETDATA
    public_backfill: Ref | None = names.MARKETDATA


def bybit_exchange(
    settings: Settings,
    instruments: Mapping[str, Instrument],
    appended: Mapping[str, Appended],
    policies: BybitPolicies,
    readers: Readers,
    *,
    has_trade_socket: bool = False,
    has_status_socket: bool = True,
    leaders: Mapping[str, Instrument] = NO_LEADERS,
) -> Exchange:
    """Over the ports of `ports.py`. `appended` are the feeds by symbol, whose closed bars the public stream tells.

    `instruments` are traded, `leaders` only read. With `has_trade_socket` orders go over the trade socket while it is
    live, else by REST. With `has_status_socket` planned maintenance is heeded.
    """
    is_demo = settings.profile is ProfileName.DEMO
    read = {**leaders, **instruments}
    codec = bybit_codec(VenueAccount(read, is_demo))
    timeframes = {symbol: feed.columns.timeframe_ms for symbol, feed in appended.items()}
    symbols = tuple(timeframes)
    private = StreamWiring(StreamKind.PRIVATE, PRIVATE_PORT, (readers.private,), readers.private_backfill, symbols)
    public = StreamWiring(StreamKind.PUBLIC, PUBLIC_PORT, (readers.public,), readers.public_backfill, symbols)
    streams = (names.PRIVATE_SOCKET, names.PUBLIC_SOCKET, *((names.TRADE_SOCKET,) if has_trade_socket else ()))
    maintenance = maintenance_specs(instruments, streams, policies.maintenance, policies.streams, is_demo=is_demo)
    children = (
        ratelimiter_spec(settings, names.GATEWAY, read),
        actor_spec(
            names.GATEWAY,
            lambda: LiveGateway(
                codec,
                names.RATELIMITER,
                names.CLOCKSYNC,
                policies.gateway,
                names.TRADE_SOCKET if has_trade_socket else None,
            ),
            note="orders by the trade socket or REST" if has_trade_socket else "REST",
        ),
        clocksync_spec(settings, policies.clock),
        actor_spec(
            names.PRIVATE_SOCKET,
            lambda: ResilientWebSocket(private, PrivateStream(instruments), policies.streams),
            note="order, execution",
        ),
        actor_spec(
            names.PUBLIC_SOCKET,
            lambda: ResilientWebSocket(public, PublicStream(Socket.PUBLIC_LINEAR, read, timeframes), policies.streams),
            note="kline",
        ),
        *((_trade_socket(policies.streams),) if has_trade_socket else ()),
        *(maintenance if has_status_socket else ()),
    )
    return Exchange(branch_of(children), appended=appended, private_socket=names.PRIVATE_SOCKET)


def _trade_socket(policy: StreamPolicy) -> ActorSpec:
    return actor_spec(
        names.TRADE_SOCKET, lambda: ResilientWebSocket(TRADE_WIRING, TradeStream(), policy), note="orders"
    )
