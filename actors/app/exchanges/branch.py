"""An exchange as the rest of the tree needs it, and the actors that are the same class in every exchange."""

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from actors.app import names
from actors.app.settings import LimitSettings, Settings
from actors.app.specs import MINUTE_NS, actor_spec
from actors.clocksync.actor import ClockSync
from actors.clocksync.policy import SyncPolicy
from actors.marketdata.feed import Appended
from actors.model.instrument import Instrument
from actors.model.order import Category
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import Endpoint
from actors.ratelimiter.policy import RatePolicy
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Restart, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting

__all__ = ["Exchange", "branch_of", "clocksync_spec", "rate_policy", "ratelimiter_spec"]


@attrs.frozen(eq=False)
class Exchange:
    """The branch, and what the tree below it must know of it.

    A request and its answer take `round_trip_ns` at most beyond the usual time-outs. `wakes` is told the bars that are
    waited for, where the exchange makes them. `appended` are the feeds whose bars come with their values. The stream of
    `private_socket` may fall silent; None where the venue is in this process.
    """

    branch: SupervisorSpec
    round_trip_ns: int = 0
    wakes: Ref | None = None
    appended: Mapping[str, Appended] = MappingProxyType({})
    private_socket: Ref | None = None


def branch_of(children: tuple[ActorSpec, ...], restart: Restart = Restart.PERMANENT) -> SupervisorSpec:
    """The supervisor `exchange` over these actors."""
    return SupervisorSpec(
        "exchange", Restarting.REST_FOR_ONE, children, intensity=5, period_ns=MINUTE_NS, restart=restart
    )


def ratelimiter_spec(settings: Settings, way: Ref, instruments: Mapping[str, Instrument]) -> ActorSpec:
    """The rate limiter; it passes requests on to `way`."""
    policy = rate_policy(settings.limits, instruments)
    return actor_spec(names.RATELIMITER, lambda: RateLimiter(way, names.JOURNAL, policy))


def rate_policy(limits: LimitSettings, instruments: Mapping[str, Instrument]) -> RatePolicy:
    """How much of the exchange's limits these settings use, for every exchange alike."""
    by_path = {
        Endpoint.CREATE: limits.create_per_second,
        Endpoint.CREATE_BATCH: limits.create_per_second,
        Endpoint.AMEND: limits.amend_per_second,
        Endpoint.AMEND_BATCH: limits.amend_per_second,
        Endpoint.CANCEL: limits.cancel_per_second,
        Endpoint.CANCEL_ALL: limits.cancel_per_second,
        Endpoint.CANCEL_BATCH: limits.cancel_per_second,
        Endpoint.TRADING_STOP: limits.protection_per_second,
        Endpoint.LEVERAGE: limits.leverage_per_second,
    }
    return RatePolicy(
        {endpoint: by_path.get(endpoint, limits.query_per_second) for endpoint in Endpoint},
        limits.ip_per_5s,
        {symbol: Category(instrument.category) for symbol, instrument in instruments.items()},
        limits.reserve_percent,
    )


def clocksync_spec(settings: Settings, policy: SyncPolicy, round_trip_ns: int = 0) -> ActorSpec:
    """Clock sync at the settings' interval; of `policy` the rest counts."""
    interval_s = settings.intervals.clock_sync_s
    policy = attrs.evolve(policy, interval_ns=interval_s * SECOND_NS)
    return actor_spec(
        names.CLOCKSYNC,
        lambda: ClockSync(names.RATELIMITER, policy, round_trip_ns),
        note=f"at start and every {interval_s} s",
    )
