"""The simulated exchange: the venue as the world, and thin actors between it and the rest of the tree."""

from actors.app import names
from actors.app.exchanges.branch import Exchange, branch_of, clocksync_spec, ratelimiter_spec
from actors.app.latencies import Latencies, latencies_of
from actors.app.markets import SimulatedMarkets
from actors.app.settings import Settings
from actors.app.specs import actor_spec
from actors.clocksync.policy import SyncPolicy
from actors.simulator.actor import VenueActor
from actors.simulator.gateway import SimulatedGateway
from actors.simulator.latency import NO_LATENCY
from actors.simulator.sockets import SimulatedSocket
from actors.websocket.messages import StreamKind
from runtime.messages import Ref
from runtime.spec import Restart

__all__ = ["simulated_exchange", "way_to_venue"]


def simulated_exchange(settings: Settings, market: SimulatedMarkets, reader: Ref) -> Exchange:
    """`reader` hears the private stream, marketdata the public one."""
    latencies = latencies_of(settings.latency)
    children = (
        actor_spec(names.VENUE, lambda: VenueActor(market.build_venue()), restart=Restart.FATAL, note="the world"),
        ratelimiter_spec(settings, way_to_venue(latencies), market.instruments),
        actor_spec(names.GATEWAY, lambda: SimulatedGateway(names.VENUE, latencies.entry, latencies.response)),
        clocksync_spec(settings, SyncPolicy(drift_ppm=0), latencies.round_trip_ns),  # kernel time is the venue's own
        actor_spec(
            names.PRIVATE_SOCKET,
            lambda: SimulatedSocket(StreamKind.PRIVATE, names.VENUE, reader, latencies.response),
        ),
        actor_spec(
            names.PUBLIC_SOCKET,
            lambda: SimulatedSocket(StreamKind.PUBLIC, names.VENUE, names.MARKETDATA, latencies.feed),
        ),
    )
    # Giving up would restart the venue, and its market would start again.
    branch = branch_of(children, restart=Restart.FATAL)
    return Exchange(branch, latencies.round_trip_ns, wakes=names.VENUE)


def way_to_venue(latencies: Latencies) -> Ref:
    """Where the gate passes requests on: to the gateway, or past it, where it has nothing to do on the way."""
    return names.VENUE if latencies.entry == NO_LATENCY == latencies.response else names.GATEWAY
