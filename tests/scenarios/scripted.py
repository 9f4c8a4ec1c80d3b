"""A scripted strategy in the real tree: only the decisions are scripted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from actors.app import names
from actors.app.runs.simulation import market_of, simulated_house, start_kernel
from actors.app.settings import load_settings
from actors.app.tree import CardPlan
from actors.marketdata.messages import BarsClosed, Subscribe, Subscribed
from actors.model.fixed import Price, Qty
from actors.model.order import OrderType, Side
from actors.orders.messages import ApprovedOrder
from actors.simulator.gateway import SimulatedGateway
from actors.simulator.matching.market import MarketPlan
from ideacards.feeds import Bars
from runtime.actor import STARTING, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import FaultHook, Kernel
from runtime.spec import ActorSpec, SupervisorSpec
from tests.actors.builders import an_instrument

__all__ = ["Script", "a_limit_order", "scripted_house"]

CARD = "script"
Act = Callable[[int, Context], None]


class Script(Actor):
    """Calls `act(index of the closed bar)` at each close and ignores all else."""

    def __init__(self, bars: Bars, act: Act) -> None:
        self._bars = bars
        self._act = act

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(names.MARKETDATA, Subscribe(ctx.me, self._bars.symbol, self._bars.timeframe_ms), 10**9)
        return STARTING

    def receive(self, message: Any, ctx: Context) -> None:
        if isinstance(message, Subscribed):
            ctx.started()
        elif isinstance(message, BarsClosed):
            self._act(message.stop - 1, ctx)


def a_limit_order(number: int, price: int, close_ms: int) -> ApprovedOrder:
    """An approved resting buy of one; `price` in cents."""
    return ApprovedOrder(
        card_id=CARD,
        block_id=f"b{number}",
        block_index=number,
        bar_close_ms=close_ms,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        qty=Qty(1000),
        price=Price(price),
        trigger_price=None,
        trigger_direction=None,
        reduce_only=False,
        is_entry=True,
        stop_loss=None,
        take_profit=None,
    )


def scripted_house(
    bars: Bars, act: Act, *, has_gate: bool = True, fault: FaultHook | None = None
) -> tuple[Kernel, SimulatedDriver]:
    """The whole tree, started, with the script as its only strategy; without the gate requests go straight on."""
    settings, instrument = load_settings("simulator"), an_instrument()
    market = market_of([MarketPlan(instrument, bars, 0, len(bars))], settings, instrument.money(Decimal(1_000_000)))

    def no_program() -> Any:
        raise AssertionError("the script stands in the place of a card's program")

    cards = (CardPlan(CARD, (), no_program, bars.symbol),)
    tree = simulated_house(settings, market, cards)
    tree = _replaced(tree, "strategies", CARD, lambda: Script(bars, act))
    if not has_gate:
        tree = _replaced(tree, "exchange", "ratelimiter", lambda: SimulatedGateway(names.GATEWAY))
    return start_kernel(tree, market, cards, 0, fault)


def _replaced(tree: SupervisorSpec, branch: str, child: str, factory: Callable[[], Actor]) -> SupervisorSpec:
    """The tree with one leaf's factory exchanged."""

    def leaf(spec: Any) -> Any:
        return attrs.evolve(spec, factory=factory) if isinstance(spec, ActorSpec) and spec.id == child else spec

    def grown(spec: Any) -> Any:
        return attrs.evolve(spec, children=tuple(map(leaf, spec.children))) if spec.id == branch else spec

    return attrs.evolve(tree, children=tuple(map(grown, tree.children)))
