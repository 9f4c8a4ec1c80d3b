"""The supervision tree as data: settings and one market in, specs out. Profiles differ in the `exchange` branch alone.

The order matters: children start top to bottom and stop bottom to top, and under rest_for_one a crash restarts
everything below it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn

import attrs

from actors.app import names
from actors.app.files.instruments import load_instrument
from actors.app.latencies import Latencies, latencies_of
from actors.app.runs.synthetic import synthetic_bars
from actors.app.settings import LimitSettings, Settings
from actors.app.tree_view import TreeNode
from actors.clocksync.actor import ClockSync
from actors.clocksync.policy import SyncPolicy
from actors.intents.actor import IntentProcessor
from actors.intents.processor import RiskLimits
from actors.marketdata.actor import MarketData
from actors.model.errors import InvariantError
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.model.order import Category
from actors.orders.actor import Orders
from actors.orders.wiring import OrdersWiring
from actors.protection.actor import Protection
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import Endpoint
from actors.ratelimiter.policy import RatePolicy
from actors.reconciler.actor import Reconciler
from actors.reconciler.wiring import ReconcilerWiring
from actors.safety.actor import Safety
from actors.simulator.actor import VenueActor
from actors.simulator.gateway import SimulatedGateway
from actors.simulator.latency import NO_LATENCY
from actors.simulator.sockets import SimulatedSocket
from actors.simulator.venue.venue import Venue
from actors.strategy.actor import CardProgram, Strategy
from actors.strategy.wiring import StrategyWiring
from actors.websocket.messages import StreamKind
from ideacards.feeds import Bars
from runtime.actor import Actor
from runtime.journal.actor import JournalActor
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Backoff, ChildSpec, Restart, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting

__all__ = [
    "CardPlan",
    "SimulatedMarkets",
    "describe",
    "exchange_branch",
    "house",
    "journal_spec",
    "patient",
    "rate_policy",
    "way_to_venue",
]

_MINUTE_NS = 60 * SECOND_NS
_BACKOFF = Backoff()


@attrs.frozen(eq=False)
class CardPlan:
    """A card to run: its id, its block ids in order, the factory of its program, and the symbol it trades."""

    id: str
    blocks: tuple[str, ...]
    program: Callable[[], CardProgram]
    symbol: str


@attrs.frozen(eq=False)
class SimulatedMarkets:
    """What one account trades in the simulator: instruments and bars by symbol, and the venue over them."""

    instruments: Mapping[str, Instrument]
    bars: Mapping[str, Bars]
    start_equity: Money
    build_venue: Callable[[], Venue]
    start_ms: int = 0  # the earliest open of all markets

    @property
    def symbols(self) -> tuple[str, ...]:
        """The traded symbols, in the order in which they were given."""
        return tuple(self.instruments)

    def money(self, amount: Decimal) -> Money:
        """An amount as Money, whose unit all instruments of the account share."""
        return next(iter(self.instruments.values())).money(amount)


def house(
    settings: Settings, market: SimulatedMarkets, cards: tuple[CardPlan, ...], *, has_journal: bool = False
) -> SupervisorSpec:
    """The whole tree, root rest_for_one."""
    children = (
        journal_spec(has_journal=has_journal),
        exchange_branch(settings, market, names.ORDERS),
        _actor(names.MARKETDATA, lambda: _marketdata(settings, market)),
        _ledger(settings, market, cards),
        _actor(
            names.SAFETY,
            lambda: Safety(names.JOURNAL, names.INTENTS, names.CLOCKSYNC, _wallet_floor(settings, market)),
            is_critical=True,
        ),
        _actor(names.INTENTS, lambda: _intents(settings, market, cards)),
        SupervisorSpec(
            "strategies",
            Restarting.ONE_FOR_ONE,
            tuple(_strategy(market, card) for card in cards),
            intensity=3,
            period_ns=_MINUTE_NS,
        ),
    )
    root = SupervisorSpec("root", Restarting.REST_FOR_ONE, children, intensity=5, period_ns=_MINUTE_NS)
    return patient(root, settings)


def patient(spec: SupervisorSpec, settings: Settings) -> SupervisorSpec:
    """The tree with longer start deadlines: room for six more round trips to the exchange."""
    longer_ns = 6 * latencies_of(settings.latency).round_trip_ns

    def child(spec: ActorSpec | SupervisorSpec) -> ActorSpec | SupervisorSpec:
        if isinstance(spec, SupervisorSpec):
            return attrs.evolve(spec, children=tuple(map(child, spec.children)))
        return attrs.evolve(spec, init_ns=spec.init_ns + longer_ns)

    return attrs.evolve(spec, children=tuple(map(child, spec.children)))


def describe(settings: Settings, card_ids: tuple[str, ...]) -> TreeNode:
    """The profile's tree for printing, from the same specs that a run uses; nothing is started."""
    bars = synthetic_bars(settings.seed, 1)
    cards = tuple(CardPlan(card_id, (), _not_run, bars.symbol) for card_id in card_ids)
    instrument = load_instrument(bars.symbol, bars.price_digits)
    market = SimulatedMarkets({bars.symbol: instrument}, {bars.symbol: bars}, Money(0), _not_run)
    return _node(house(settings, market, cards))


def _node(spec: ChildSpec) -> TreeNode:
    if isinstance(spec, ActorSpec):
        return TreeNode(spec.id, "actor", restart=spec.restart.value, note=spec.note)
    budget = f"{spec.intensity} restarts in {spec.period_ns // SECOND_NS} s"
    children = tuple(_node(child) for child in spec.children)
    note = f"{spec.note}, {budget}" if spec.note else budget
    return TreeNode(spec.id, "supervisor", spec.restart.value, spec.strategy.value, note, children)


def _not_run() -> NoReturn:
    raise InvariantError("this tree was built to be printed, not run")


def journal_spec(*, has_journal: bool = False) -> ActorSpec:
    """The journal's spec. A crash ends the run: no restart is safe without memory."""
    note = "in memory and in the journal" if has_journal else "in memory"
    return ActorSpec(_leaf(names.JOURNAL), JournalActor, restart=Restart.FATAL, note=note)


def exchange_branch(settings: Settings, market: SimulatedMarkets, reader: Ref) -> SupervisorSpec:
    """The simulator's exchange; `reader` hears the private stream."""
    intervals, latencies = settings.intervals, latencies_of(settings.latency)
    children = (
        _actor(names.VENUE, lambda: _venue(market), restart=Restart.FATAL, note="the world"),
        _actor(names.RATELIMITER, lambda: _ratelimiter(settings, way_to_venue(latencies), market.instruments)),
        _actor(names.GATEWAY, lambda: SimulatedGateway(names.VENUE, latencies.entry, latencies.response)),
        _actor(
            names.CLOCKSYNC,
            lambda: ClockSync(
                names.RATELIMITER,
                SyncPolicy(intervals.clock_sync_s * SECOND_NS, drift_ppm=0),  # kernel time is the venue's own
                latencies.round_trip_ns,
            ),
            note=f"at start and every {intervals.clock_sync_s} s",
        ),
        _actor(
            names.PRIVATE_SOCKET,
            lambda: SimulatedSocket(StreamKind.PRIVATE, names.VENUE, reader, latencies.response),
        ),
        _actor(
            names.PUBLIC_SOCKET,
            lambda: SimulatedSocket(StreamKind.PUBLIC, names.VENUE, names.MARKETDATA, latencies.feed),
        ),
    )
    return SupervisorSpec(
        "exchange",
        Restarting.REST_FOR_ONE,
        children,
        intensity=5,
        period_ns=_MINUTE_NS,
        restart=Restart.FATAL,  # giving up would restart the venue, and its market would start again
    )


def _ledger(settings: Settings, market: SimulatedMarkets, cards: tuple[CardPlan, ...]) -> SupervisorSpec:
    interval_s, round_trip_ns = settings.intervals.reconcile_s, latencies_of(settings.latency).round_trip_ns
    children = (
        _actor(names.ORDERS, lambda: _orders(settings, market, cards), is_critical=True),
        _actor(
            names.PROTECTION,
            lambda: Protection(names.RATELIMITER, names.SAFETY, market.instruments, round_trip_ns),
            is_critical=True,
        ),
        _actor(
            names.RECONCILER,
            lambda: Reconciler(_reconciler_wiring(), market.symbols, interval_s * SECOND_NS, round_trip_ns),
            note=f"at start, on events and every {interval_s} s",
        ),
    )
    return SupervisorSpec("ledger", Restarting.ONE_FOR_ALL, children, intensity=5, period_ns=_MINUTE_NS)


def _actor(
    ref: Ref,
    factory: Callable[[], Actor],
    restart: Restart = Restart.PERMANENT,
    note: str = "",
    *,
    is_critical: bool = False,
) -> ActorSpec:
    return ActorSpec(_leaf(ref), factory, restart=restart, backoff=_BACKOFF, is_critical=is_critical, note=note)


def _leaf(ref: Ref) -> str:
    return ref.rsplit("/", 1)[-1]


def _venue(market: SimulatedMarkets) -> VenueActor:
    return VenueActor(market.build_venue())


def way_to_venue(latencies: Latencies) -> Ref:
    """Where the gate passes requests on: to the gateway, or past it, where it has nothing to do on the way."""
    return names.VENUE if latencies.entry == NO_LATENCY == latencies.response else names.GATEWAY


def _ratelimiter(settings: Settings, way: Ref, instruments: Mapping[str, Instrument]) -> RateLimiter:
    return RateLimiter(way, names.JOURNAL, rate_policy(settings.limits, instruments))


def rate_policy(limits: LimitSettings, instruments: Mapping[str, Instrument]) -> RatePolicy:
    """How much of the exchange's limits these settings use, for every profile alike."""
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


def _marketdata(settings: Settings, market: SimulatedMarkets) -> MarketData:
    feeds = {symbol: bars.timeframe_ms for symbol, bars in market.bars.items()}
    round_trip_ns = latencies_of(settings.latency).round_trip_ns
    return MarketData(names.RATELIMITER, names.PUBLIC_SOCKET, feeds, round_trip_ns, wakes=names.VENUE)


def _orders(settings: Settings, market: SimulatedMarkets, cards: tuple[CardPlan, ...]) -> Orders:
    wiring = OrdersWiring(
        journal=names.JOURNAL,
        port=names.RATELIMITER,
        gateway=names.GATEWAY,
        protection=names.PROTECTION,
        reconciler=names.RECONCILER,
        intents=names.INTENTS,
        safety=names.SAFETY,
        cards=_refs(cards),
        wallet_floor=_wallet_floor(settings, market),
    )
    return Orders(wiring, market.instruments, settings.deployment, latencies_of(settings.latency).round_trip_ns)


def _reconciler_wiring() -> ReconcilerWiring:
    return ReconcilerWiring(
        port=names.RATELIMITER,
        private_socket=names.PRIVATE_SOCKET,
        orders=names.ORDERS,
    )


def _wallet_floor(settings: Settings, market: SimulatedMarkets) -> Money | None:
    percent = settings.risk.max_loss_percent
    if percent is None:
        return None
    top, bottom = percent.as_integer_ratio()
    return Money(market.start_equity - market.start_equity * top // (100 * bottom))


def _intents(settings: Settings, market: SimulatedMarkets, cards: tuple[CardPlan, ...]) -> IntentProcessor:
    risk = settings.risk
    limits = RiskLimits(
        None if risk.max_order_notional is None else market.money(risk.max_order_notional),
        None if risk.max_position_notional is None else market.money(risk.max_position_notional),
    )
    instruments = {card.id: market.instruments[card.symbol] for card in cards}
    blocks = {(card.id, block): index for card in cards for index, block in enumerate(card.blocks)}
    return IntentProcessor(names.ORDERS, names.SAFETY, _refs(cards), blocks, instruments, limits)


def _strategy(market: SimulatedMarkets, card: CardPlan) -> ActorSpec:
    wiring = StrategyWiring(names.JOURNAL, names.MARKETDATA, names.ORDERS, names.INTENTS)
    instrument = market.instruments[card.symbol]
    elsewhere = {
        symbol: (market.bars[symbol], market.instruments[symbol]) for symbol in market.symbols if symbol != card.symbol
    }

    def build() -> Strategy:
        return Strategy(wiring, card.id, market.bars[card.symbol], instrument, card.program, elsewhere)

    return ActorSpec(card.id, build, backoff=_BACKOFF)


def _refs(cards: tuple[CardPlan, ...]) -> dict[str, Ref]:
    return {card.id: names.strategy_ref(card.id) for card in cards}
