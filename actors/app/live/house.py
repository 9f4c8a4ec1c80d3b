"""The live kernel: the tree over Bybit's branch, with its ports, its recorder and its memory; nothing is started.

A run and its replay build it by the same function from the same plan.
"""

from collections.abc import Callable, Mapping
from functools import partial

import attrs

from actors.app.compiling import tell_compiling
from actors.app.exchanges.branch import Exchange
from actors.app.exchanges.bybit import BybitPolicies, Readers, bybit_exchange
from actors.app.exchanges.paper import paper_exchange
from actors.app.exchanges.ports import PAPER_PORTS, PORTS
from actors.app.live.log_lines import LOGGED
from actors.app.markets import Markets
from actors.app.results.record import decision_recorder
from actors.app.runs.run import ExecutorProgram
from actors.app.runs.simulation import venue_config
from actors.app.settings import ProfileName, Settings
from actors.app.tree import CardPlan, house
from actors.clocksync.policy import SyncPolicy
from actors.marketdata.feed import Appended
from actors.model.fixed import Money, Price
from actors.model.instrument import Instrument
from actors.simulator.paper.venue import PaperVenue
from actors.strategy.actor import NO_LEADERS as NO_BARS
from actors.strategy.actor import CardProgram
from actors.strategy.leading import covered
from actors.websocket.policy import StreamPolicy
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Feeds, GrowingBars
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink
from runtime.spec import SECOND_NS

__all__ = ["LivePlan", "card_program", "live_kernel", "policies_of"]

_REHEARSED_PING_NS = 550 * SECOND_NS  # nothing is lost unnoticed in a rehearsal, and each ping is a step of its clock


@attrs.frozen(eq=False)
class LivePlan:
    """Cards of one account, one a symbol, and what was known of the exchange when they started.

    `instruments` are traded, `leaders` read by cards and traded by none. `since_ms` is by symbol the first bar open
    (UTC ms) that is read at the start. A paper account begins at `venue_ms` (UTC ms of the exchange), at these last
    `prices`.
    """

    settings: Settings
    cards: tuple[Card, ...]
    instruments: Mapping[str, Instrument]
    start_equity: Money
    since_ms: Mapping[str, int]
    policies: BybitPolicies = attrs.field(factory=BybitPolicies)
    has_trade_socket: bool = False
    has_status_socket: bool = True
    venue_ms: int = 0
    prices: Mapping[str, Price] = attrs.field(factory=dict)
    leaders: Mapping[str, Instrument] = attrs.field(factory=dict)

    @property
    def is_paper(self) -> bool:
        """Whether the account is simulated."""
        return self.settings.profile is ProfileName.PAPER

    def build_paper_venue(self) -> PaperVenue:
        """The account at its beginning."""
        leverages = {card.market.symbol: int(card.account.leverage) for card in self.cards}
        config = venue_config(self.settings, self.start_equity)
        return PaperVenue(self.instruments, self.prices, leverages, self.venue_ms, config)


def policies_of(*, is_rehearsal: bool, time_rate: float = 1.0) -> BybitPolicies:
    """How long the branch waits for what; on a rehearsal's clock nothing drifts.

    At `time_rate` seconds per real one a round trip is so much longer, and with it the error of the venue's clock.
    """
    if not is_rehearsal:
        return BybitPolicies(clock=SyncPolicy(max_error_ns=int(SyncPolicy().max_error_ns * max(1.0, time_rate))))
    return BybitPolicies(streams=StreamPolicy(ping_ns=_REHEARSED_PING_NS), clock=SyncPolicy(drift_ppm=0))


def card_program(card: Card, columns: GrowingBars, leaders: Mapping[str, GrowingBars] = NO_BARS) -> CardProgram:
    """The card's blocks over features of the newest columns, as far as its leaders' bars go along."""
    tell_compiling((card,))
    led = {symbol: bars.newest() for symbol, bars in leaders.items()}
    feeds = Feeds.build(card, covered(columns.newest(), leaders), led)
    return ExecutorProgram(StrategyBlocksExecutor(card, feeds), feeds, 0, leaders=leaders)


def live_kernel(
    plan: LivePlan,
    journal: JournalSink | None = None,
    recalled: Mapping[str, Mapping[str, object]] | None = None,
    program: Callable[..., CardProgram] = card_program,
) -> Kernel:
    """A new kernel over new columns; `program` makes what decides for a card from its columns and those of leaders."""
    columns = {card.market.symbol: _columns(card, plan.instruments[card.market.symbol]) for card in plan.cards}
    led_by = {
        symbol: _columns(card, instrument)
        for card in plan.cards
        for symbol, instrument in plan.leaders.items()
        if symbol in card.leaders
    }
    read, instruments = columns | led_by, {**plan.leaders, **plan.instruments}
    appended = {
        symbol: Appended(bars, instruments[symbol], since_ms=plan.since_ms[symbol]) for symbol, bars in read.items()
    }
    markets = Markets(plan.instruments, columns, plan.start_equity, led_by=led_by)
    exchange = _exchange(plan, appended)
    cards = tuple(_card_plan(card, read, program) for card in plan.cards)
    tree = house(plan.settings, markets, cards, exchange, has_journal=journal is not None)
    recorder = decision_recorder(plan.instruments, {card.id: card.symbol for card in cards}, LOGGED)
    ports = PAPER_PORTS if plan.is_paper else PORTS
    return Kernel(tree, recorder, plan.settings.seed, ports=ports, journal=journal, recalled=recalled)


def _card_plan(card: Card, read: Mapping[str, GrowingBars], program: Callable[..., CardProgram]) -> CardPlan:
    symbol, blocks = card.market.symbol, tuple(block.id for block in card.blocks)
    leaders = {leader: read[leader] for leader in card.leaders}
    words = (card, read[symbol], leaders) if leaders else (card, read[symbol])
    return CardPlan(card.id, blocks, partial(program, *words), symbol, int(card.account.leverage), leaders)


def _exchange(plan: LivePlan, appended: Mapping[str, Appended]) -> Exchange:
    settings, instruments, policies = plan.settings, plan.instruments, plan.policies
    if plan.is_paper:
        return paper_exchange(
            settings,
            instruments,
            appended,
            policies,
            plan.build_paper_venue,
            has_status_socket=plan.has_status_socket,
            leaders=plan.leaders,
        )
    return bybit_exchange(
        settings,
        instruments,
        appended,
        policies,
        Readers(),
        has_trade_socket=plan.has_trade_socket,
        has_status_socket=plan.has_status_socket,
        leaders=plan.leaders,
    )


def _columns(card: Card, instrument: Instrument) -> GrowingBars:
    return GrowingBars(instrument.symbol, card.timeframes.exec.ms, instrument.price_digits)
