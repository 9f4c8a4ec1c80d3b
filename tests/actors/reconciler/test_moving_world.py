"""Executions during a run: those that reduce the position, one whose frame was lost, and those of another symbol."""

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement, permutations

import msgspec
import pytest

from actors.model.backend import (
    EquityQuery,
    EquityReport,
    Executions,
    ExecutionsQuery,
    OpenOrders,
    OpenOrdersQuery,
    PositionQuery,
    PositionReport,
)
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.model.origins import ExecType
from actors.model.position import FLAT, Position, apply_fill
from actors.orders.ledger import Ledger
from actors.orders.messages import Reconciled
from actors.reconciler.diff import diff
from actors.reconciler.pages import Answer, VenuePages
from tests.actors.builders import an_instrument

BTC, ETH = "BTCUSDT", "ETHUSDT"
PLACES = {symbol: an_instrument(symbol=symbol) for symbol in (BTC, ETH)}
WALLET = Money(10**15)
START_MS = 10_000_000
Event = Callable[["Venue", int], Fill]


class Venue:
    """Positions of some symbols and one wallet; it answers as of now, and lists what it is asked for."""

    def __init__(self, *symbols: str) -> None:
        self.positions = dict.fromkeys(symbols, FLAT)
        self.wallet = WALLET
        self.fills: list[Fill] = []

    def execute(self, symbol: str, signed: int, price: int, fee: int, now_ms: int) -> Fill:
        """An execution, or a payment where nothing is executed."""
        side, kind = (Side.BUY if signed > 0 else Side.SELL), ExecType.TRADE if signed else ExecType.FUNDING
        fill = Fill(
            f"e{len(self.fills)}", "o1", "", symbol, side, Price(price), Qty(abs(signed)), Money(fee), False, now_ms,
            kind,
        )  # fmt: skip
        realised = 0
        if signed:
            value = PLACES[symbol].value(price, abs(signed))
            self.positions[symbol], realised = apply_fill(self.positions[symbol], Qty(signed), value)
        self.wallet = Money(self.wallet + realised - fee)
        self.fills.append(fill)
        return fill

    def answer(self, question: object, now_ms: int) -> Answer:
        match question:
            case PositionQuery(symbol=symbol):
                return PositionReport(symbol, self.positions[symbol], None, None, now_ms)
            case EquityQuery():
                return EquityReport(self.wallet, Money(0), Money(0), now_ms)
            case OpenOrdersQuery():
                return OpenOrders((), now_ms)
            case ExecutionsQuery(symbol=symbol, since_ms=since_ms):
                listed = [fill for fill in self.fills if fill.symbol == symbol and fill.time_ms >= since_ms]
                return Executions(tuple(listed), now_ms)
        raise AssertionError(question)


def executes(symbol: str, signed: int, price: int, fee: int = 3) -> Event:
    return lambda venue, now_ms: venue.execute(symbol, signed, price, fee, now_ms)


def book(ledger: Ledger, fills: Sequence[object]) -> None:
    for fill in fills:
        if isinstance(fill, Fill) and ledger.is_new(fill):
            ledger.book(fill, None)


def agreed(venue: Venue) -> Ledger:
    """A ledger that has been compared with the venue as it is, a minute before the run."""
    ledger = Ledger({symbol: PLACES[symbol] for symbol in venue.positions})
    for symbol, position in venue.positions.items():
        report = PositionReport(symbol, position, None, None, START_MS - 60_000)
        assert ledger.reconcile(Reconciled(report, venue.wallet, START_MS - 60_000)) == ""
    return ledger


class Run:
    """One run over all symbols; before the answer of each place, and after the last, its events happen."""

    def __init__(self, venue: Venue, ledger: Ledger, *, is_streamed: bool, step_ms: int) -> None:
        self.venue, self.ledger, self.is_streamed, self.step_ms = venue, ledger, is_streamed, step_ms
        self.now_ms = START_MS
        self.late: list[Fill] = []  # frames that are still under way

    def _happen(self, events: Sequence[Event]) -> None:
        for event in events:
            fill = event(self.venue, self.now_ms)
            self.late.append(fill)
            if self.is_streamed:
                book(self.ledger, (fill,))
            self.now_ms += self.step_ms

    def over(self, by_place: Sequence[Sequence[Event]]) -> list[str]:
        """What each symbol's comparison finds; then the frames come that were under way."""
        found, places = [], iter(by_place)
        for symbol in self.venue.positions:
            pages = VenuePages(self.ledger.view(symbol))
            while pages.next_question is not None:
                self._happen(next(places))
                pages.take(self.venue.answer(pages.next_question, self.now_ms))
                self.now_ms += self.step_ms
            state = pages.state
            book(self.ledger, diff(pages.view, state).corrections.events)
            found.append(self.ledger.reconcile(Reconciled(state.position, state.equity.wallet, pages.complete_ms)))
        self._happen(next(places))
        book(self.ledger, self.late)
        return found


def every_place(events: Sequence[Event], answers: int) -> list[list[list[Event]]]:
    """Each way to put the events, in their order, among so many answers."""
    return [
        [[event for event, at in zip(events, places, strict=True) if at == place] for place in range(answers + 1)]
        for places in combinations_with_replacement(range(answers + 1), len(events))
    ]


def differs(venue: Venue, ledger: Ledger) -> list[str]:
    told = {symbol: ledger.as_it_is(symbol) for symbol in venue.positions}
    wrong = [
        f"{symbol}: {told[symbol].position}" for symbol in told if told[symbol].position != venue.positions[symbol]
    ]
    return wrong if ledger.wallet == venue.wallet else [*wrong, f"wallet: {ledger.wallet - venue.wallet} too much"]


@pytest.mark.parametrize("step_ms", [0, 1, 700])
@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize("second", [-1, -2, -4], ids=["reduces", "closes", "turns"])
def test_executions_that_lower_and_turn_a_position_are_no_drift(
    *, second: int, is_streamed: bool, step_ms: int
) -> None:
    events = [executes(BTC, -3, 11_000), executes(BTC, second, 12_000), executes(BTC, 0, 0, 11)]
    for order in permutations(events):
        for by_place in every_place(order, 4):
            venue = Venue(BTC)
            venue.execute(BTC, 5, 10_000, 0, 0)
            ledger = agreed(venue)
            run = Run(venue, ledger, is_streamed=is_streamed, step_ms=step_ms)
            assert run.over(by_place) == [""], by_place
            assert differs(venue, ledger) == [], by_place


@pytest.mark.parametrize("step_ms", [1, 700])
@pytest.mark.parametrize("is_streamed", [True, False])
def test_an_execution_whose_frame_was_lost_hides_none_of_those_during_the_run(
    *, is_streamed: bool, step_ms: int
) -> None:
    """It is booked last, though it is the oldest."""
    for by_place in every_place([executes(BTC, 2, 10_000), executes(BTC, -3, 11_000)], 4):
        venue = Venue(BTC)
        venue.execute(BTC, 5, 10_000, 0, 0)
        ledger = agreed(venue)
        venue.execute(BTC, 1, 10_000, 3, START_MS - 20_000)
        run = Run(venue, ledger, is_streamed=is_streamed, step_ms=step_ms)
        assert run.over(by_place) == [""], by_place
        assert differs(venue, ledger) == [], by_place


@pytest.mark.parametrize(("is_streamed", "step_ms"), [(True, 0), (True, 1), (True, 700), (False, 1), (False, 700)])
def test_what_happens_to_one_symbol_while_another_is_read_is_in_the_wallet_once(
    *, is_streamed: bool, step_ms: int
) -> None:
    """Where all frames are late, executions of two symbols in one millisecond have no order that can be known."""
    events = [executes(BTC, 2, 10_000), executes(ETH, -3, 9_000), executes(ETH, 0, 0, 11)]
    for order in permutations(events):
        for by_place in every_place(order, 8):
            venue = Venue(BTC, ETH)
            ledger = agreed(venue)
            run = Run(venue, ledger, is_streamed=is_streamed, step_ms=step_ms)
            assert run.over(by_place) == ["", ""], by_place
            assert differs(venue, ledger) == [], by_place


def test_money_that_no_execution_explains_is_taken_over_when_all_symbols_have_been_read() -> None:
    venue = Venue(BTC, ETH)
    ledger = agreed(venue)
    venue.wallet = Money(WALLET + 500)
    run = Run(venue, ledger, is_streamed=True, step_ms=1)
    assert run.over([[]] * 9) == ["", ""]
    assert ledger.wallet == WALLET + 500


def test_a_position_that_differs_is_a_drift_of_its_symbol_alone() -> None:
    venue = Venue(BTC, ETH)
    ledger = agreed(venue)
    venue.positions[ETH] = Position(Qty(1), Money(PLACES[ETH].value(10_000, 1)))
    btc, eth = Run(venue, ledger, is_streamed=True, step_ms=1).over([[]] * 9)
    assert btc == ""
    assert ETH in eth


def test_a_run_that_ended_half_way_leaves_no_statement_of_the_wallet_behind() -> None:
    venue = Venue(BTC, ETH)
    ledger = agreed(venue)
    first = PositionReport(BTC, FLAT, None, None, START_MS)
    assert ledger.reconcile(Reconciled(first, venue.wallet, START_MS)) == ""
    venue.wallet = Money(WALLET - 700)
    again = msgspec.structs.replace(first, time_ms=START_MS + 5_000)
    other = PositionReport(ETH, FLAT, None, None, START_MS + 5_001)
    for report in (again, other):
        assert ledger.reconcile(Reconciled(report, venue.wallet, START_MS + 5_002)) == ""
    assert ledger.wallet == WALLET - 700


@pytest.mark.parametrize("before_ms", [1, 30_000, 59_000])
def test_a_position_that_was_taken_as_it_is_holds_what_was_executed_before(before_ms: int) -> None:
    """The next run lists executions from a minute before the first one on."""
    venue = Venue(BTC)
    venue.execute(BTC, 5, 10_000, 3, START_MS - before_ms)
    ledger = Ledger({BTC: PLACES[BTC]})
    assert Run(venue, ledger, is_streamed=False, step_ms=1).over([[]] * 5) == [""]
    assert Run(venue, ledger, is_streamed=False, step_ms=1).over([[]] * 5) == [""]
    assert differs(venue, ledger) == []


def test_money_that_only_looks_like_an_execution_of_long_before_is_taken_over() -> None:
    venue = Venue(BTC, ETH)
    ledger = agreed(venue)
    book(ledger, [venue.execute(ETH, -3, 9_000, 3, START_MS - 30_000)])
    venue.wallet = Money(venue.wallet + 3)
    assert Run(venue, ledger, is_streamed=True, step_ms=1).over([[]] * 9) == ["", ""]
    assert ledger.wallet == venue.wallet
