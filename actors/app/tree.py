"""The supervision tree as data: settings, markets, cards and an exchange in, specs out. Profiles differ in the
`exchange` branch alone.

The order matters: children start top to bottom and stop bottom to top, and under rest_for_one a crash restarts
everything below it.
"""

from collections.abc import Callable, Mapping

import attrs

from actors.app import names
from actors.app.exchanges.branch import Exchange
from actors.app.markets import Markets
from actors.app.settings import Settings
from actors.app.specs import BACKOFF, MINUTE_NS, actor_spec, leaf_of, with_more_patience
from actors.intents.actor import IntentProcessor
from actors.intents.processor import RiskLimits
from actors.marketdata.actor import MarketData
from actors.model.fixed import Money
from actors.orders.actor import Orders
from actors.orders.wiring import OrdersWiring
from actors.protection.actor import Protection
from actors.reconciler.actor import Reconciler
from actors.reconciler.wiring import ReconcilerWiring
from actors.safety.actor import Safety
from actors.strategy.actor import CardProgram, Strategy
from actors.strategy.wiring import StrategyWiring
from ideacards.feeds import GrowingBars
from runtime.journal.actor import JournalActor
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Restart, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting

__all__ = ["CardPlan", "house", "journal_spec"]


@attrs.frozen(eq=False)
class CardPlan:
    """A card to run: its id, its block ids in order, the factory of its program, its symbol and leverage.

    `leaders` are the bars of the symbols that it reads, where bars grow.
    """

    id: str
    blocks: tuple[str, ...]
    program: Callable[[], CardProgram]
    symbol: str
    leverage: int = 1
    leaders: Mapping[str, GrowingBars] = attrs.field(factory=dict)


def house(
    settings: Settings, market: Markets, cards: tuple[CardPlan, ...], exchange: Exchange, *, has_journal: bool = False
) -> SupervisorSpec:
    """The whole tree, root rest_for_one."""
    children = (
        journal_spec(has_journal=has_journal),
        exchange.branch,
        actor_spec(names.MARKETDATA, lambda: _marketdata(market, exchange)),
        _ledger(settings, market, cards, exchange),
        actor_spec(
            names.SAFETY,
            lambda: Safety(names.JOURNAL, names.INTENTS, names.CLOCKSYNC, _wallet_floor(settings, market)),
            is_critical=True,
        ),
        actor_spec(names.INTENTS, lambda: _intents(settings, market, cards)),
        SupervisorSpec(
            "strategies",
            Restarting.ONE_FOR_ONE,
            tuple(_strategy(market, card) for card in cards),
            intensity=3,
            period_ns=MINUTE_NS,
        ),
    )
    root = SupervisorSpec("root", Restarting.REST_FOR_ONE, children, intensity=5, period_ns=MINUTE_NS)
    return with_more_patience(root, exchange.round_trip_ns)


def journal_spec(*, has_journal: bool = False) -> ActorSpec:
    """The journal's spec. A crash ends the run: no restart is safe without memory."""
    note = "in memory and in the journal" if has_journal else "in memory"
    return ActorSpec(leaf_of(names.JOURNAL), JournalActor, restart=Restart.FATAL, note=note)


def _ledger(settings: Settings, market: Markets, cards: tuple[CardPlan, ...], exchange: Exchange) -> SupervisorSpec:
    round_trip_ns = exchange.round_trip_ns
    interval_s = settings.intervals.reconcile_s
    children = (
        actor_spec(names.ORDERS, lambda: _orders(settings, market, cards, exchange), is_critical=True),
        actor_spec(
            names.PROTECTION,
            lambda: Protection(names.RATELIMITER, names.SAFETY, market.instruments, round_trip_ns, names.ORDERS),
            is_critical=True,
        ),
        actor_spec(
            names.RECONCILER,
            lambda: Reconciler(_reconciler_wiring(), market.symbols, interval_s * SECOND_NS, round_trip_ns),
            note=f"at start, on events and every {interval_s} s",
        ),
    )
    return SupervisorSpec("ledger", Restarting.ONE_FOR_ALL, children, intensity=5, period_ns=MINUTE_NS)


def _marketdata(market: Markets, exchange: Exchange) -> MarketData:
    feeds = {symbol: bars.timeframe_ms for symbol, bars in (*market.bars.items(), *market.led_by.items())}
    return MarketData(
        names.RATELIMITER,
        names.PUBLIC_SOCKET,
        feeds,
        exchange.round_trip_ns,
        wakes=exchange.wakes,
        appended=exchange.appended,
    )


def _orders(settings: Settings, market: Markets, cards: tuple[CardPlan, ...], exchange: Exchange) -> Orders:
    wiring = OrdersWiring(
        journal=names.JOURNAL,
        port=names.RATELIMITER,
        gateway=names.GATEWAY,
        private_socket=exchange.private_socket,
        protection=names.PROTECTION,
        reconciler=names.RECONCILER,
        intents=names.INTENTS,
        safety=names.SAFETY,
        cards=_refs(cards),
        wallet_floor=_wallet_floor(settings, market),
    )
    return Orders(wiring, market.instruments, settings.deployment, exchange.round_trip_ns)


def _reconciler_wiring() -> ReconcilerWiring:
    return ReconcilerWiring(
        port=names.RATELIMITER,
        private_socket=names.PRIVATE_SOCKET,
        orders=names.ORDERS,
    )


def _wallet_floor(settings: Settings, market: Markets) -> Money | None:
    percent = settings.risk.max_loss_percent
    if percent is None:
        return None
    top, bottom = percent.as_integer_ratio()
    return Money(market.start_equity - market.start_equity * top // (100 * bottom))


def _intents(settings: Settings, market: Markets, cards: tuple[CardPlan, ...]) -> IntentProcessor:
    risk = settings.risk
    limits = RiskLimits(
        None if risk.max_order_notional is None else market.money(risk.max_order_notional),
        None if risk.max_position_notional is None else market.money(risk.max_position_notional),
    )
    instruments = {card.id: market.instruments[card.symbol] for card in cards}
    blocks = {(card.id, block): index for card in cards for index, block in enumerate(card.blocks)}
    leverages = {card.id: card.leverage for card in cards}
    return IntentProcessor(names.ORDERS, names.SAFETY, _refs(cards), blocks, instruments, limits, leverages)


def _strategy(market: Markets, card: CardPlan) -> ActorSpec:
    wiring = StrategyWiring(names.JOURNAL, names.MARKETDATA, names.ORDERS, names.INTENTS)
    instrument = market.instruments[card.symbol]
    elsewhere = {
        symbol: (market.bars[symbol], market.instruments[symbol]) for symbol in market.symbols if symbol != card.symbol
    }

    def build() -> Strategy:
        return Strategy(wiring, card.id, market.bars[card.symbol], instrument, card.program, elsewhere, card.leaders)

    return ActorSpec(card.id, build, backoff=BACKOFF)


def _refs(cards: tuple[CardPlan, ...]) -> dict[str, Ref]:
    return {card.id: names.strategy_ref(card.id) for card in cards}
