"""The tree of each profile, for printing: the same specs that a run uses, with nothing started."""

from typing import NoReturn

from actors.app import names
from actors.app.exchanges.bybit import BybitPolicies, Readers, bybit_exchange
from actors.app.exchanges.paper import paper_exchange
from actors.app.exchanges.simulated import simulated_exchange
from actors.app.files.instruments import load_instrument
from actors.app.markets import Markets, SimulatedMarkets
from actors.app.runs.synthetic import synthetic_bars
from actors.app.settings import ProfileName, Settings
from actors.app.tree import CardPlan, house
from actors.app.tree_view import TreeNode
from actors.marketdata.feed import Appended
from actors.model.errors import InvariantError
from actors.model.fixed import Money
from ideacards.feeds import GrowingBars
from runtime.spec import SECOND_NS, ActorSpec, ChildSpec

__all__ = ["describe"]


def describe(settings: Settings, card_ids: tuple[str, ...]) -> TreeNode:
    """The profile's tree; nothing is started."""
    bars = synthetic_bars(settings.seed, 1)
    cards = tuple(CardPlan(card_id, (), _not_run, bars.symbol) for card_id in card_ids)
    instruments = {bars.symbol: load_instrument(bars.symbol, bars.price_digits)}
    market: Markets
    if settings.profile is ProfileName.SIMULATOR:
        market = SimulatedMarkets(instruments, start_equity=Money(0), bars={bars.symbol: bars}, build_venue=_not_run)
        exchange = simulated_exchange(settings, market, names.ORDERS)
    else:
        columns = GrowingBars(bars.symbol, bars.timeframe_ms, bars.price_digits)
        appended = {bars.symbol: Appended(columns, instruments[bars.symbol])}
        market = Markets(instruments, {bars.symbol: columns}, Money(0))
        policies, has_trade_socket = BybitPolicies(), settings.profile is not ProfileName.DEMO
        exchange = (
            paper_exchange(settings, instruments, appended, policies, _not_run)
            if settings.profile is ProfileName.PAPER
            else bybit_exchange(settings, instruments, appended, policies, Readers(), has_trade_socket=has_trade_socket)
        )
    return _node(house(settings, market, cards, exchange))


def _node(spec: ChildSpec) -> TreeNode:
    if isinstance(spec, ActorSpec):
        return TreeNode(spec.id, "actor", restart=spec.restart.value, note=spec.note)
    budget = f"{spec.intensity} restarts in {spec.period_ns // SECOND_NS} s"
    children = tuple(_node(child) for child in spec.children)
    note = f"{spec.note}, {budget}" if spec.note else budget
    return TreeNode(spec.id, "supervisor", spec.restart.value, spec.strategy.value, note, children)


def _not_run() -> NoReturn:
    raise InvariantError("this tree was built to be printed, not run")
