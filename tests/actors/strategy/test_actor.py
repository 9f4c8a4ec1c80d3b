"""The strategy actor message by message: its state is the newest revision and its own unacknowledged entries."""

from typing import Any

import numpy as np
import pytest

from actors.intents.messages import IntentRefused
from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed, WaitForBars, Wake
from actors.model.fixed import Money, Qty
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import InFlightOrder, LedgerChanged, LedgerQuery
from actors.strategy.actor import Strategy
from actors.strategy.facts import TRADES_TOPIC
from actors.strategy.messages import Decided
from actors.strategy.wiring import StrategyWiring
from ideacards.feeds import Bars, WakeSet, WakeState
from ideacards.intents import Action, Intent, IntentMetadata
from ideacards.position_view import PositionView
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref, Remember
from runtime.testing import ActorHarness
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

BARS = a_market([(100.0, 100.0, 100.0, 100.0 + index) for index in range(9)])
CARD, SYMBOL = "card", "BTCUSDT"
PLACE = an_instrument()
HELD = Position(Qty(1000), Money(PLACE.value(10_000, 1000)))
WALLET = Money(10**15)
PARTS = ("journal", "marketdata", "orders", "intents", "world")


class Program:
    """Enters at every bar; keeps what it was shown."""

    reads_equity = True
    reads_drawdown = False
    reads_trades = False

    def __init__(self, wakes: WakeSet | None) -> None:
        self.wakes = wakes
        self.seen: list[tuple[int, int, bool, float]] = []

    def extend(self, bars: Bars) -> None:
        """It reads no bars."""

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        self.seen.append((index, view.qty_sign, view.has_entry_in_flight, view.equity))
        return (Intent(Action.ENTER_LONG, CARD, "entry", ts_close, IntentMetadata()),)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        return ()


def a_wake_set() -> WakeSet:
    every = np.ones(len(BARS), dtype=bool)
    return WakeSet(every, every, every, every)


class Desk:
    """The strategy in the hand, with a flat ledger unless told otherwise."""

    def __init__(
        self, *, wakes: WakeSet | None = None, starts: bool = True, decided_ms: int = 0, **ledger: Any
    ) -> None:
        self.program = Program(wakes)
        self.program.reads_trades = ledger.pop("reads_trades", False)
        wiring = StrategyWiring(*map(Ref, ("journal", "marketdata", "orders", "intents")))
        other = {"ETHUSDT": (BARS, an_instrument(symbol="ETHUSDT"))} if ledger.pop("has_other", False) else {}
        build = lambda: Strategy(wiring, CARD, BARS, PLACE, lambda: self.program, other)  # noqa: E731
        self.harness = ActorHarness(build, others=PARTS)
        self.asked: dict[type | str, int] = {}  # by the question, or by the symbol where that is another one
        for _, message, number in self.harness.take():
            symbol = getattr(message, "symbol", SYMBOL)
            is_trades = message == Recall(TRADES_TOPIC)
            self.asked[TRADES_TOPIC if is_trades else type(message) if symbol == SYMBOL else symbol] = number
        if starts:
            self.begin(0, a_revision(1, **ledger))

    def begin(self, decided_ms: int, ledger: LedgerChanged) -> list[Any]:
        """Answer what it asks at a start; what it says then."""
        return self.begin_with(Recalled("decided", ((CARD, decided_ms),)), ledger)

    def begin_with(self, recalled: Recalled, ledger: LedgerChanged) -> list[Any]:
        """As `begin`, with all that the journal tells."""
        self.harness.answer(self.asked[Recall], recalled)
        waits = WaitForBars(self.harness.ref, SYMBOL, self.program.wakes)
        assert self.harness.answer(self.asked[Subscribe], Subscribed(3, Ref("world"))) == [("world", waits, 0)]
        if "ETHUSDT" in self.asked:
            self.harness.answer(self.asked["ETHUSDT"], a_revision(1, symbol="ETHUSDT"))
        said = self.harness.answer(self.asked[LedgerQuery], ledger)
        assert self.harness.is_started
        return [(ref, message) for ref, message, _ in said]

    def tell(self, message: Any) -> list[tuple[Ref, Any]]:
        return [(ref, said) for ref, said, _ in self.harness.deliver(message)]

    def close(self, index: int) -> tuple[int, bool, float]:
        """What the card is shown at the close of a bar: position, flight, equity."""
        self.tell(BarsClosed(SYMBOL, index, index + 1, int(BARS.ts_close[index])))
        seen, sign, flies, equity = self.program.seen[-1]
        assert seen == index
        return sign, flies, equity


def a_revision(revision: int, **changes: Any) -> LedgerChanged:
    facts: dict[str, Any] = {"symbol": SYMBOL, "wallet": WALLET, "position": FLAT, "in_flight": ()} | changes
    return LedgerChanged(revision, **facts)


def an_entry(bar: int, *, rests: bool = False, card: str = CARD) -> InFlightOrder:
    return InFlightOrder(card, "entry", int(BARS.ts_close[bar]), is_entry=True, may_rest=rests, is_resting=rests)


def an_order(bar: int, status: LocalStatus) -> Order:
    request = OrderRequest("ours", SYMBOL, Side.BUY, OrderType.MARKET, Qty(1000))
    return Order(request, CARD, "entry", status, int(BARS.ts_close[bar]), is_entry=True)


def test_it_asks_for_the_ledger_through_the_processor_and_is_up_when_all_have_answered() -> None:
    desk = Desk(starts=False)
    assert set(desk.asked) == {Subscribe, Recall, LedgerQuery}
    desk.tell(BarsClosed(SYMBOL, 3, 4, int(BARS.ts_close[3])))
    assert desk.program.seen == [], "not before it knows what is held"
    desk.begin(0, a_revision(1))


def test_a_decision_is_remembered_before_it_is_sent_with_the_facts_it_was_made_on() -> None:
    desk = Desk(position=HELD)
    said = desk.tell(BarsClosed(SYMBOL, 2, 5, int(BARS.ts_close[4])))
    ((ref, decided),) = said
    assert ref == "intents"
    assert desk.harness.remembered() == [Remember("decided", CARD, int(BARS.ts_close[4]))]
    assert isinstance(decided, Decided)
    assert (decided.facts.close, decided.facts.position) == (10_400, HELD)
    assert decided.facts.equity == WALLET + PLACE.value(10_400, 1000) - HELD.cost
    assert [index for index, *_ in desk.program.seen] == [4], "the last bar of a range alone"


def test_its_own_entry_is_in_flight_from_the_decision_on_until_a_revision_says_what_became_of_it() -> None:
    desk = Desk()
    assert desk.close(3)[:2] == (0, False)
    assert desk.close(4)[:2] == (0, True)
    desk.tell(a_revision(2))
    assert desk.close(5)[1], "a revision that knows nothing of it"
    desk.tell(a_revision(3, in_flight=(an_entry(3), an_entry(4), an_entry(5))))
    assert desk.close(6)[1]
    desk.tell(a_revision(4, position=HELD, orders=(an_order(6, LocalStatus.FILLED),)))
    assert desk.close(7)[:2] == (1, False)


def test_a_refused_entry_is_not_in_flight() -> None:
    desk = Desk()
    desk.close(3)
    desk.tell(IntentRefused(CARD, "entry", int(BARS.ts_close[3]), "enter_long", RejectReason.HALTED, "why"))
    assert not desk.close(4)[1]


def test_an_older_revision_is_ignored_whole() -> None:
    desk = Desk()
    desk.tell(a_revision(9, position=HELD))
    desk.tell(a_revision(8, in_flight=(an_entry(2),)))
    assert desk.close(3)[:2] == (1, False)


def test_another_cards_order_and_an_exit_are_no_entry_of_its_own() -> None:
    desk = Desk()
    its_exit = InFlightOrder(CARD, "out", 0, is_entry=False)
    desk.tell(a_revision(2, in_flight=(an_entry(2, card="another"), its_exit)))
    assert not desk.close(3)[1]


def test_after_a_new_life_of_orders_what_died_on_its_way_is_not_in_flight_and_what_was_decided_since_is() -> None:
    for decides_again in (False, True):
        desk = Desk()
        desk.close(3)
        desk.harness.kernel.kill(Ref("orders"))
        desk.harness.kernel.pump()
        ((_, question, number),) = [said for said in desk.harness.take() if said[0] == "intents"]
        assert question == LedgerQuery(SYMBOL)
        if decides_again:
            desk.close(4)
        desk.harness.answer(number, a_revision(1 << 33))
        assert desk.close(5)[1] is decides_again


def test_each_change_of_the_trading_state_is_sent_once_to_the_maker_of_the_bars() -> None:
    desk = Desk(wakes=a_wake_set())
    states = [
        (a_revision(2, in_flight=(an_entry(2, rests=True),)), WakeState.RESTING),
        (a_revision(3, in_flight=(an_entry(2, rests=True),)), None),
        (a_revision(4, position=HELD), WakeState.LONG),
        (a_revision(5, position=Position(Qty(-1000), Money(-HELD.cost))), WakeState.SHORT),
        (a_revision(6), WakeState.FLAT),
    ]
    for revision, state in states:
        assert desk.tell(revision) == ([] if state is None else [("world", Wake(SYMBOL, state))])


def test_a_card_that_finds_a_position_at_its_start_tells_the_world_so() -> None:
    for ledger_first in (True, False):
        desk = Desk(wakes=a_wake_set(), starts=False)
        subscribed, ledger = Subscribed(3, Ref("world")), a_revision(1, position=HELD)
        answers = [(LedgerQuery, ledger), (Subscribe, subscribed)]
        said = []
        for kind, answer in answers if ledger_first else reversed(answers):
            said += desk.harness.answer(desk.asked[kind], answer)
        waits = WaitForBars(desk.harness.ref, SYMBOL, desk.program.wakes)
        assert [message for _, message, _ in said] == [waits, Wake(SYMBOL, WakeState.LONG)]


@pytest.mark.parametrize(
    ("decided_ms", "last_fill_ms", "is_asked"),
    [(0, 0, True), (int(BARS.ts_close[2]), 0, False), (0, int(BARS.ts_close[2]), False), (0, MINUTE_MS, True)],
)
def test_a_later_life_asks_for_the_newest_bar_unless_it_must_have_been_seen(
    decided_ms: int, last_fill_ms: int, is_asked: bool
) -> None:
    desk = Desk()
    desk.asked = {type(message): number for _, message, number in desk.harness.crash()}
    said = desk.begin(decided_ms, a_revision(1, last_fill_ms=last_fill_ms))
    asked = [("marketdata", CatchUp(desk.harness.ref, SYMBOL, int(BARS.ts_close[2])))]
    assert said == (asked if is_asked else [])


def test_what_the_other_symbols_hold_counts_in_equity_at_their_last_closes() -> None:
    desk = Desk(has_other=True)
    other = Position(Qty(2000), Money(PLACE.value(10_000, 2000)))
    desk.tell(a_revision(2, symbol="ETHUSDT", position=other, wallet=Money(WALLET - 7)))
    money_one = 10**PLACE.money_digits
    assert desk.close(4)[2] * money_one == pytest.approx(WALLET - 7 + PLACE.value(400, 2000))
    desk.tell(a_revision(3, position=HELD, wallet=Money(WALLET - 9)))
    expected = WALLET - 9 + PLACE.value(500, 2000) + PLACE.value(10_500, 1000) - HELD.cost
    assert desk.close(5)[2] * money_one == pytest.approx(expected)
    desk.tell(a_revision(4, symbol="ETHUSDT", wallet=Money(WALLET + 1)))
    assert desk.close(6)[2] * money_one == pytest.approx(WALLET + 1 + PLACE.value(10_600, 1000) - HELD.cost)


def test_whoever_hears_of_its_trading_state_is_told_again_after_a_death() -> None:
    desk = Desk(wakes=a_wake_set())
    desk.tell(a_revision(2, position=HELD))
    desk.harness.kernel.kill(Ref("world"))
    desk.harness.kernel.pump()
    said = [(ref, message) for ref, message, _ in desk.harness.take()]
    waits = WaitForBars(desk.harness.ref, SYMBOL, desk.program.wakes)
    assert said == [("world", waits), ("world", Wake(SYMBOL, WakeState.LONG))], "and the ledger is not asked for"
