"""A card's bar waits for its leaders' bars of the same close: released by them, by a later one, or by the time."""

from typing import Any

from actors.marketdata.messages import BarsClosed, Subscribe, Subscribed
from actors.orders.messages import LedgerQuery
from actors.strategy.actor import Strategy
from actors.strategy.leading import LEADER_WAIT_NS, covered
from actors.strategy.wiring import StrategyWiring
from ideacards.feeds import Bars, GrowingBars, WakeSet
from ideacards.position_view import PositionView
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref
from runtime.testing import ActorHarness
from tests.actors.builders import MINUTE_MS, an_instrument
from tests.actors.strategy.test_actor import CARD, PARTS, SYMBOL, a_revision

LEADERS = ("ETHUSDT", "SOLUSDT")


class Program:
    """Keeps at which bars it was called, and how many it knew then."""

    reads_equity = reads_drawdown = reads_trades = False
    wakes: WakeSet | None = None

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.known = 0

    def extend(self, bars: Bars) -> None:
        self.known = len(bars)

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[()]:
        self.seen.append((index, self.known))
        return ()

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Any, index: int) -> tuple[()]:
        return ()


class Desk:
    """The strategy in the hand, with three bars of each symbol; `close` appends one and tells of it."""

    def __init__(self) -> None:
        self.columns = {symbol: GrowingBars(symbol, MINUTE_MS, 2) for symbol in (SYMBOL, *LEADERS)}
        for symbol in self.columns:
            for minute in range(3):
                self.append(symbol, minute)
        self.program = Program()
        wiring = StrategyWiring(*map(Ref, ("journal", "marketdata", "orders", "intents")))
        leaders = {symbol: self.columns[symbol] for symbol in LEADERS}
        own = self.columns[SYMBOL]
        build = lambda: Strategy(wiring, CARD, own, an_instrument(), lambda: self.program, leaders=leaders)  # noqa: E731
        self.harness = ActorHarness(build, others=PARTS)
        self.subscribed: dict[str, int] = {}
        asked: dict[type, int] = {}
        for _, message, number in self.harness.take():
            if isinstance(message, Subscribe):
                self.subscribed[message.symbol] = number
            asked[type(message)] = number
        for number in self.subscribed.values():
            self.harness.answer(number, Subscribed(3))
        self.harness.answer(asked[Recall], Recalled("decided", ((CARD, 0),)))
        self.harness.answer(asked[LedgerQuery], a_revision(1))
        assert self.harness.is_started

    def append(self, symbol: str, minute: int) -> None:
        self.columns[symbol].append(minute * MINUTE_MS, (100, 110, 90, 105), 1.0)

    def close(self, symbol: str, minute: int) -> list[int]:
        """The bars at which the card was called because of it."""
        before = len(self.program.seen)
        self.append(symbol, minute)
        count = len(self.columns[symbol])
        self.harness.deliver(BarsClosed(symbol, count - 1, count, (minute + 1) * MINUTE_MS))
        return [index for index, _ in self.program.seen[before:]]

    def wait(self, by_ns: int) -> list[int]:
        before = len(self.program.seen)
        self.harness.advance(by_ns)
        return [index for index, _ in self.program.seen[before:]]


def test_it_hears_its_leaders_bars_and_decides_when_the_last_of_an_instant_is_in() -> None:
    desk = Desk()
    assert list(desk.subscribed) == [*LEADERS, SYMBOL]
    assert desk.close(SYMBOL, 3) == []
    assert desk.close("ETHUSDT", 3) == []
    assert desk.close("SOLUSDT", 3) == [3]
    assert desk.close("ETHUSDT", 4) == desk.close("SOLUSDT", 4) == []
    assert desk.close(SYMBOL, 4) == [4], "nothing to wait for"


def test_after_the_wait_it_decides_with_what_stands_and_once() -> None:
    desk = Desk()
    desk.close(SYMBOL, 3)
    assert desk.wait(LEADER_WAIT_NS - 1) == []
    assert desk.wait(1) == [3]
    assert desk.close("ETHUSDT", 3) == desk.close("SOLUSDT", 3) == [], "too late"
    desk.close(SYMBOL, 4)
    desk.close("ETHUSDT", 4)
    assert desk.close("SOLUSDT", 4) == [4]
    assert desk.wait(2 * LEADER_WAIT_NS) == [], "the timer of a bar that was released does nothing"


def test_a_later_bar_of_a_leader_shows_that_there_is_none_of_that_close() -> None:
    desk = Desk()
    desk.close("ETHUSDT", 3)
    desk.close(SYMBOL, 3)
    assert desk.close("SOLUSDT", 4) == [3]


def test_a_held_bar_is_decided_before_the_next_one_and_sees_no_later_bar() -> None:
    desk = Desk()
    desk.close(SYMBOL, 3)
    assert desk.close(SYMBOL, 4) == [3]
    assert desk.program.seen[-1] == (3, 4), "bars 0 to 3, though bar 4 is there"
    desk.close("ETHUSDT", 4)
    assert desk.close("SOLUSDT", 4) == [4]


def test_a_start_takes_in_the_bars_that_the_leaders_go_along_with() -> None:
    desk = Desk()
    own, leaders = desk.columns[SYMBOL], {symbol: desk.columns[symbol] for symbol in LEADERS}
    desk.append(SYMBOL, 3)
    desk.append("ETHUSDT", 3)
    assert len(covered(own.newest(), leaders)) == 3
    desk.append("SOLUSDT", 5)
    assert len(covered(own.newest(), leaders)) == 4
    assert len(covered(own.newest(), {})) == 4
    none = {"ETHUSDT": GrowingBars("ETHUSDT", MINUTE_MS, 2)}
    assert len(covered(own.newest(), none)) == 0
