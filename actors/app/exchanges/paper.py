"""Paper as the exchange: a simulated account, matched against the trades of Bybit's public market; no key anywhere.

Bars, history and server time come from the exchange, as in a live run. Commands, and questions about the account, go
to the venue, which hears the public trades. The venue stands first: no crash of a connection restarts it.
"""

from collections.abc import Callable, Mapping

from actors.app import names
from actors.app.exchanges.branch import Exchange, branch_of, clocksync_spec, ratelimiter_spec
from actors.app.exchanges.bybit import NO_LEADERS, BybitPolicies
from actors.app.exchanges.maintenance import maintenance_specs
from actors.app.exchanges.ports import PUBLIC_PORT, TRADES_PORT
from actors.app.settings import Settings
from actors.app.specs import actor_spec
from actors.bybit.calls import bybit_codec
from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.public_trades import TradesStream
from actors.bybit.streams import PublicStream
from actors.bybit.topics import Socket
from actors.gateway.actor import LiveGateway
from actors.marketdata.feed import Appended
from actors.model.instrument import Instrument
from actors.simulator.paper.gateway import PaperGateway
from actors.simulator.paper.venue import PaperVenue
from actors.simulator.sockets import SimulatedSocket
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import StreamKind
from actors.websocket.wiring import StreamWiring
from runtime.spec import Restart

__all__ = ["paper_exchange"]


def paper_exchange(
    settings: Settings,
    instruments: Mapping[str, Instrument],
    appended: Mapping[str, Appended],
    policies: BybitPolicies,
    build_venue: Callable[[], PaperVenue],
    *,
    has_status_socket: bool = True,
    leaders: Mapping[str, Instrument] = NO_LEADERS,
) -> Exchange:
    """Over the public ports of `ports.py`; orders hears the account's stream, marketdata the closed bars.

    `instruments` are traded, `leaders` read only.
    """
    read = {**leaders, **instruments}
    codec = bybit_codec(VenueAccount(read))
    timeframes = {symbol: feed.columns.timeframe_ms for symbol, feed in appended.items()}
    symbols = tuple(timeframes)
    public = StreamWiring(StreamKind.PUBLIC, PUBLIC_PORT, (names.MARKETDATA,), names.MARKETDATA, symbols)
    trades = StreamWiring(StreamKind.PUBLIC, TRADES_PORT, (names.VENUE,))
    streams = (names.TRADES_SOCKET, names.PUBLIC_SOCKET)
    maintenance = maintenance_specs(instruments, streams, policies.maintenance, policies.streams)
    children = (
        actor_spec(names.VENUE, build_venue, restart=Restart.FATAL, note="a simulated account"),
        ratelimiter_spec(settings, names.GATEWAY, read),
        actor_spec(names.GATEWAY, lambda: PaperGateway(names.PUBLIC_MARKET, names.VENUE)),
        actor_spec(
            names.PUBLIC_MARKET,
            lambda: LiveGateway(codec, names.RATELIMITER, names.CLOCKSYNC, policies.gateway),
            note="REST without a key",
        ),
        clocksync_spec(settings, policies.clock),
        actor_spec(
            names.TRADES_SOCKET,
            lambda: ResilientWebSocket(trades, TradesStream(instruments), policies.streams),
            note="publicTrade",
        ),
        actor_spec(names.PRIVATE_SOCKET, lambda: SimulatedSocket(StreamKind.PRIVATE, names.VENUE, names.ORDERS)),
        actor_spec(
            names.PUBLIC_SOCKET,
            lambda: ResilientWebSocket(public, PublicStream(Socket.PUBLIC_LINEAR, read, timeframes), policies.streams),
            note="kline",
        ),
        *(maintenance if has_status_socket else ()),
    )
    return Exchange(branch_of(children, restart=Restart.FATAL), appended=appended)
