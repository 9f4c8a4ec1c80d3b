"""Card, processor and orders, message by message: one entry stays one entry, in whatever order its messages come.

The test plays all other actors: the venue's answer, its two frames, a closed bar, a ledger query and a timer come in
every order, in one instant with no message handled between them, or spread over forty milliseconds.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from typing import Any

import msgspec
import pytest

from actors.intents.actor import IntentProcessor
from actors.intents.processor import RiskLimits
from actors.marketdata.messages import BarsClosed, Subscribe, Subscribed
from actors.model.backend import PositionReport, PrivateFrame, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, OrderReport, OrderType, Side, VenueStatus
from actors.model.position import FLAT, Position
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.actor import Orders
from actors.orders.ledger import Ledger
from actors.orders.messages import LedgerChanged, LedgerQuery, Reconciled, ReplaceDue
from actors.orders.wiring import OrdersWiring
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from actors.strategy.actor import Strategy
from actors.strategy.wiring import StrategyWiring
from ideacards.feeds import Bars, WakeSet
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from ideacards.position_view import PositionView
from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.journal.messages import Recall, Recalled
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

BARS = a_market([(100.0, 100.0, 100.0, 100.0)] * 5)
CARD, SYMBOL = "card", "BTCUSDT"
HELD = Position(Qty(60), Money(60 * 10_000 * 10**5))
START = Money(10**15)
MS = 1_000_000
OTHERS = ("journal", "port", "gateway", "protection", "reconciler", "safety", "marketdata")


class WheneverFlat:
    """Wants to buy whenever it holds nothing, whatever is in flight."""

    reads_equity = False
    reads_drawdown = False
    reads_trades = False
    wakes: WakeSet | None = None

    def extend(self, bars: Bars) -> None:
        """It reads no bars."""

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        if view.qty_sign:
            return ()
        order = OrderSpec(OrderKind.LIMIT, PriceRef("close", offset_ticks=-1))
        metadata = IntentMetadata(size=Size(SizeKind.QUANTITY, Decimal("0.060")), order=order)
        return (Intent(Action.ENTER_LONG, CARD, "entry", ts_close, metadata),)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        return ()


class Listener(Actor):
    """Stands for another actor: keeps what it hears, and answers what has to be answered at a start."""

    def __init__(self, heard: list[tuple[str, Any, int]]) -> None:
        self._heard = heard

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        if isinstance(message, Recall):
            ctx.reply(Recalled(message.topic, ()))
        elif isinstance(message, Subscribe):
            ctx.reply(Subscribed(0))
        elif isinstance(message, TradingStateQuery):
            ctx.reply(TradingStateChanged(TradingState.ACTIVE, ""))
        else:
            self._heard.append((ctx.me, message, ctx.correlation))


class House:
    """The three of them, started, with the first bar closed and the entry it leads to on its way to the venue."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any, int]] = []
        instrument = an_instrument()
        parts = ("journal", "port", "gateway", "private_socket", "protection", "reconciler", "intents", "safety")
        refs: Any = {part: Ref(part) for part in parts}
        to_orders = OrdersWiring(**refs, cards={CARD: Ref(CARD)})
        to_strategy = StrategyWiring(Ref("journal"), Ref("marketdata"), Ref("orders"), Ref("intents"))
        real: dict[str, Callable[[], Actor]] = {
            "orders": lambda: Orders(to_orders, {SYMBOL: instrument}, "test"),
            "intents": lambda: IntentProcessor(
                Ref("orders"), Ref("safety"), {CARD: Ref(CARD)}, {(CARD, "entry"): 0}, {CARD: instrument}, RiskLimits()
            ),
            CARD: lambda: Strategy(to_strategy, CARD, BARS, instrument, WheneverFlat),
        }
        leaves: dict[str, Callable[[], Actor]] = {name: lambda: Listener(self.heard) for name in OTHERS}
        specs = tuple(ActorSpec(name, factory) for name, factory in {**leaves, **real}.items())
        self.kernel = Kernel(SupervisorSpec("root", Restarting.ONE_FOR_ONE, specs))
        self.driver = SimulatedDriver(self.kernel)
        self.kernel.set_time(int(BARS.ts_close[0]) * MS)
        self.kernel.start()
        self.kernel.pump()
        self.kernel.tell(Ref("orders"), stated(FLAT))
        self.kernel.pump()
        self.close(1)
        self.kernel.pump()
        ((request, self.question),) = self.submitted()
        self.link_id = request.link_id

    def submitted(self) -> list[tuple[Any, int]]:
        return [(message.request, number) for _, message, number in self.heard if isinstance(message, SubmitOrder)]

    def close(self, stop: int) -> None:
        self.kernel.tell(Ref(CARD), BarsClosed(SYMBOL, stop - 1, stop, int(BARS.ts_close[stop - 1])))

    def ledger(self) -> LedgerChanged:
        number = self.kernel.ask(None, Ref("orders"), LedgerQuery(SYMBOL), 10**9)
        self.kernel.pump()
        found = self.kernel.outside_answers.pop(number)
        assert isinstance(found, LedgerChanged)
        return found

    def report(self, status: VenueStatus, filled: int) -> OrderReport:
        return OrderReport(
            "o1", self.link_id, SYMBOL, Side.BUY, OrderType.LIMIT, status, Qty(60), Qty(filled), Money(0), Price(9_990),
            None, False, MINUTE_MS,
        )  # fmt: skip

    def happen(self, event: str) -> None:
        """One thing comes in; nothing is handled yet."""
        kernel = self.kernel
        if event == "answer":
            kernel.answer(self.question, OrderResult(RequestOutcome.ACCEPTED, self.link_id, "o1"))
            kernel.perform()
        elif event == "resting":
            kernel.tell(Ref("orders"), PrivateFrame((self.report(VenueStatus.NEW, 0),)))
        elif event == "filled":
            fill = Fill(
                "e1", "o1", self.link_id, SYMBOL, Side.BUY, Price(9_990), Qty(60), Money(3), True, 2 * MINUTE_MS - 1
            )
            kernel.tell(Ref("orders"), PrivateFrame((fill, self.report(VenueStatus.FILLED, 60))))
        elif event == "closed bar":
            self.close(2)
        elif event == "account":
            kernel.tell(Ref("orders"), stated(HELD, 2 * MINUTE_MS - 1))
        else:
            kernel.tell(Ref("orders"), ReplaceDue(CARD))


def stated(position: Position, time_ms: int = 0) -> Reconciled:
    return Reconciled(PositionReport(SYMBOL, position, None, None, time_ms), START, time_ms)


EVENTS = ("answer", "resting", "filled", "closed bar", "account", "timer")


@pytest.mark.slow
@pytest.mark.parametrize("apart_ms", [None, 0, 8], ids=["unhandled", "one instant", "over 40 ms"])
@pytest.mark.parametrize("first", EVENTS)
def test_in_every_order_of_the_news_there_is_one_entry_and_one_position(first: str, apart_ms: int | None) -> None:
    """`unhandled`: all of it lies in the mailboxes before any of it is looked at."""
    for rest in permutations([event for event in EVENTS if event != first]):
        house, story = House(), (first, *rest)
        for event in story:
            house.happen(event)
            if apart_ms is not None:
                house.kernel.pump()
                house.driver.run_until(house.kernel.now + apart_ms * MS)
        house.kernel.pump()
        house.close(3)
        house.kernel.pump()
        assert len(house.submitted()) == 1, story
        ledger = house.ledger()
        assert (ledger.position.qty, ledger.in_flight) == (60, ()), story


def test_a_revision_without_the_position_would_let_the_card_enter_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a revision publishes the orders in flight without the position that came of them."""
    state_of = Ledger._state_of
    monkeypatch.setattr(Ledger, "_state_of", lambda *of: msgspec.structs.replace(state_of(*of), position=FLAT))
    house = House()
    for event in ("answer", "filled", "closed bar"):
        house.happen(event)
        house.kernel.pump()
    assert len(house.submitted()) == 2
