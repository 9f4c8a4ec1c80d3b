"""The live kernel: the tree over Bybit's branch, with its ports, its recorder and its memory; nothing is started.

A run and its replay build it by the same function from the same plan.
"""

from collections.abc import Mapping
from functools import partial

import attrs

from actors.app.exchanges.bybit import BybitPolicies, Readers, bybit_exchange
from actors.app.exchanges.ports import PORTS
from actors.app.markets import Markets
from actors.app.results.record import decision_recorder
from actors.app.runs.run import ExecutorProgram
from actors.app.settings import Settings
from actors.app.tree import CardPlan, house
from actors.clocksync.policy import SyncPolicy
from actors.marketdata.feed import Appended
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.websocket.policy import StreamPolicy
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Feeds, GrowingBars
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink
from runtime.spec import SECOND_NS

__all__ = ["LivePlan", "live_kernel", "policies_of"]

_REHEARSED_PING_NS = 300 * SECOND_NS  # nothing is lost unnoticed in a rehearsal, and each ping is a step of its clock


@attrs.frozen(eq=False)
class LivePlan:
    """Cards of one account, one a symbol, and what was known of the exchange when they started.

    `since_ms` is by symbol the first bar open (UTC ms) that is read at the start.
    """

    settings: Settings
    cards: tuple[Card, ...]
    instruments: Mapping[str, Instrument]
    start_equity: Money
    since_ms: Mapping[str, int]
    policies: BybitPolicies = attrs.field(factory=BybitPolicies)
    has_trade_socket: bool = False


def policies_of(*, is_rehearsal: bool) -> BybitPolicies:
    """How long the branch waits for what; on a rehearsal's clock nothing drifts."""
    if not is_rehearsal:
        return BybitPolicies()
    return BybitPolicies(streams=StreamPolicy(ping_ns=_REHEARSED_PING_NS), clock=SyncPolicy(drift_ppm=0))


def live_kernel(
    plan: LivePlan, journal: JournalSink | None = None, recalled: Mapping[str, Mapping[str, object]] | None = None
) -> Kernel:
    """A new kernel over new columns."""
    columns = {card.market.symbol: _columns(card, plan.instruments[card.market.symbol]) for card in plan.cards}
    appended = {
        symbol: Appended(bars, plan.instruments[symbol], since_ms=plan.since_ms[symbol])
        for symbol, bars in columns.items()
    }
    markets = Markets(plan.instruments, columns, plan.start_equity)
    exchange = bybit_exchange(
        plan.settings,
        plan.instruments,
        appended,
        plan.policies,
        Readers(),
        has_trade_socket=plan.has_trade_socket,
    )
    cards = tuple(
        CardPlan(
            card.id,
            tuple(block.id for block in card.blocks),
            partial(_program, card, columns[card.market.symbol]),
            card.market.symbol,
            int(card.account.leverage),
        )
        for card in plan.cards
    )
    tree = house(plan.settings, markets, cards, exchange, has_journal=journal is not None)
    recorder = decision_recorder(plan.instruments, {card.id: card.symbol for card in cards})
    return Kernel(tree, recorder, plan.settings.seed, ports=PORTS, journal=journal, recalled=recalled)


def _columns(card: Card, instrument: Instrument) -> GrowingBars:
    return GrowingBars(card.market.symbol, card.timeframes.exec.ms, instrument.price_digits)


def _program(card: Card, columns: GrowingBars) -> ExecutorProgram:
    feeds = Feeds.build(card, columns.newest())
    return ExecutorProgram(StrategyBlocksExecutor(card, feeds), feeds, 0)
