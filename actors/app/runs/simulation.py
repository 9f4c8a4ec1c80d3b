"""A simulator run: the supervision tree on a virtual clock, with the market as its world."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import attrs

from actors.app import names
from actors.app.exchanges.simulated import simulated_exchange
from actors.app.latencies import latencies_of
from actors.app.markets import Markets, SimulatedMarkets
from actors.app.results.record import decision_recorder
from actors.app.runs.journaling import RunJournal
from actors.app.settings import Settings
from actors.app.tree import CardPlan, house
from actors.model.errors import ColdframeError
from actors.model.fixed import Money
from actors.simulator.actor import NS_PER_MS, VenueActor
from actors.simulator.config import VenueConfig
from actors.simulator.latency import NO_LATENCY
from actors.simulator.matching.market import MarketPlan
from actors.simulator.messages import Pull
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.venue import Venue
from ideacards.feeds import compile_scan
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import FaultHook, Kernel
from runtime.kernel.ports import JournalSink
from runtime.messages import Message, Ref
from runtime.spec import SupervisorSpec

__all__ = [
    "MarketWorld",
    "RunFailed",
    "Simulation",
    "build_kernel",
    "market_of",
    "simulated_house",
    "start_kernel",
    "venue_config",
]


class RunFailed(ColdframeError):
    """The tree stopped before the market ended; carries the causes, leaf first."""

    def __init__(self, outcome: Outcome) -> None:
        first = outcome.causes[0] if outcome.causes else None
        what = f"{first.ref}: {first.error} {first.text}".strip() if first is not None else "no cause"
        super().__init__(f"the run stopped: {outcome.reason} ({what})")
        self.outcome = outcome


def _end_of(outcome: Outcome) -> BaseException:
    """The error to raise for a stopped tree: re-raise the signal that stopped us, if a signal did."""
    for cause in outcome.causes:
        if cause.error == "KeyboardInterrupt":
            return KeyboardInterrupt()
        if cause.error == "SystemExit":
            return SystemExit(int(cause.text) if cause.text.isdecimal() else 1)
    return RunFailed(outcome)


class MarketWorld:
    """The driver's view of the venue actor: the time of the next market event, and the message that requests it."""

    def __init__(self, kernel: Kernel) -> None:
        self.ref: Ref = names.VENUE
        self.pull: Message = Pull()
        self._cell = kernel.cell(names.VENUE)
        self._next_ms: Callable[[], int | None] | None = None  # set by the one venue of a run

    def next_time(self) -> int | None:
        """Kernel time (ns) of the next market event; None at the end, or once the venue has stopped."""
        if self._next_ms is None:
            actor = self._cell.actor
            if not isinstance(actor, VenueActor):
                return None
            self._next_ms = actor.venue.next_time
        time_ms = self._next_ms()
        return None if time_ms is None else time_ms * NS_PER_MS


class Watched:
    """A world that also reports its time (kernel ns), for a progress bar."""

    def __init__(self, world: MarketWorld, on_event: Callable[[int], None]) -> None:
        self.ref, self.pull = world.ref, world.pull
        self._world = world
        self._on_event = on_event
        self._calls = 0

    def next_time(self) -> int | None:
        """The next time of the wrapped world; reports it every few thousand events."""
        event_ns = self._world.next_time()
        self._calls += 1
        if event_ns is not None and self._calls % 4096 == 0:
            self._on_event(event_ns)
        return event_ns


def market_of(plans: Sequence[MarketPlan], settings: Settings, start_equity: Money) -> SimulatedMarkets:
    """The simulated markets of one account, with the venue over them."""
    config = venue_config(settings, start_equity)
    return SimulatedMarkets(
        instruments={plan.instrument.symbol: plan.instrument for plan in plans},
        bars={plan.instrument.symbol: plan.bars for plan in plans},
        start_equity=start_equity,
        build_venue=lambda: Venue(plans, config),
        start_ms=min(int(plan.bars.ts_open[plan.start]) for plan in plans),
    )


def venue_config(settings: Settings, start_equity: Money) -> VenueConfig:
    """How the simulated venue fills, by the settings."""
    rates, venue = settings.limits, settings.venue
    slippage_ticks, slippage_share = _distance(venue.slippage)
    slippage_tolerance_ticks, slippage_tolerance_share = _distance(venue.slippage_tolerance)
    return VenueConfig(
        path=venue.path,
        limit_fill_ticks=0 if venue.limit_fill == "touch" else int(venue.limit_fill.partition(":")[2] or 1),
        drift_ticks_per_second=venue.drift_ticks_per_second,
        slippage_ticks=slippage_ticks,
        slippage_share=slippage_share,
        slippage_tolerance_ticks=slippage_tolerance_ticks,
        slippage_tolerance_share=slippage_tolerance_share,
        volume_share=venue.volume_share.as_integer_ratio(),
        price_band=venue.price_band,
        margin_mode=venue.margin_mode,
        feed_is_late=latencies_of(settings.latency).feed != NO_LATENCY,
        leverage=1,
        start_equity=start_equity,
        rates=VenueRates(
            create=rates.create_per_second,
            amend=rates.amend_per_second,
            cancel=rates.cancel_per_second,
            protection=rates.protection_per_second,
            leverage=rates.leverage_per_second,
        ),
    )


def simulated_house(
    settings: Settings, market: SimulatedMarkets, cards: tuple[CardPlan, ...], *, has_journal: bool = False
) -> SupervisorSpec:
    """The whole tree over the simulated exchange."""
    exchange = simulated_exchange(settings, market, names.ORDERS)
    return house(settings, market, cards, exchange, has_journal=has_journal)


def _distance(text: str) -> tuple[int, tuple[int, int]]:
    """Ticks, or basis points of the price as a share (top, bottom)."""
    if text.endswith("bp"):
        return 0, (Decimal(text[:-2]) / 10_000).as_integer_ratio()
    return int(text), (0, 1)


def build_kernel(
    tree: SupervisorSpec,
    market: Markets,
    cards: tuple[CardPlan, ...],
    seed: int,
    fault: FaultHook | None = None,
    journal: JournalSink | None = None,
) -> Kernel:
    """A kernel with the whole tree, not started."""
    compile_scan()
    recorder = decision_recorder(market.instruments, {card.id: card.symbol for card in cards})
    return Kernel(tree, recorder, seed, fault, journal=journal)


def start_kernel(
    tree: SupervisorSpec,
    market: SimulatedMarkets,
    cards: tuple[CardPlan, ...],
    seed: int,
    fault: FaultHook | None = None,
    journal: RunJournal | None = None,
) -> tuple[Kernel, SimulatedDriver]:
    """A started kernel whose time is the market's first open, and its driver."""
    kernel = build_kernel(tree, market, cards, seed, fault, None if journal is None else journal.boundary)
    if journal is not None:
        journal.boundary.kernel = kernel
    kernel.set_time(market.start_ms * NS_PER_MS)
    driver = SimulatedDriver(kernel, MarketWorld(kernel))
    driver.start()
    return kernel, driver


@attrs.define(eq=False)
class Simulation:
    """One run of cards over a market; `run` returns its kernel at the end, or raises RunFailed."""

    settings: Settings
    market: SimulatedMarkets
    cards: tuple[CardPlan, ...]
    fault: FaultHook | None = None
    on_event: Callable[[int], None] | None = None
    bars_delivered: dict[str, int] = attrs.field(factory=dict)  # by symbol
    contested: dict[str, tuple[int, ...]] = attrs.field(factory=dict)
    journal: RunJournal | None = None

    def tree(self) -> SupervisorSpec:
        """The specs that are run."""
        return simulated_house(self.settings, self.market, self.cards, has_journal=self.journal is not None)

    def run(self) -> Kernel:
        """From the tree's start to its ordered stop."""
        seed = self.settings.seed
        kernel, driver = start_kernel(self.tree(), self.market, self.cards, seed, self.fault, self.journal)
        if self.on_event is not None:
            driver.world = Watched(MarketWorld(kernel), self.on_event)
        venue = kernel.cell(names.VENUE).actor
        if kernel.life.outcome is None:
            driver.run()
        outcome = kernel.life.outcome or driver.stop("the market's data has ended")
        if self.journal is not None:
            self.journal.end(kernel)
        if not outcome.is_clean:
            raise _end_of(outcome)
        assert isinstance(venue, VenueActor), "a run that ended well had a venue"
        self.bars_delivered = venue.bars_streamed
        for symbol, market in venue.venue.markets.items():
            self.contested[symbol] = tuple(
                bar for bar, made_a_difference in market.contested.items() if made_a_difference
            )
        return kernel
