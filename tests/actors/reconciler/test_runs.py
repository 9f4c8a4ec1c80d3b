"""The reconciler message by message: one run at a time, none lost, and two look-ups before an order never arrived."""

from typing import Any

import msgspec
import pytest

from actors.model.backend import (
    EquityQuery,
    Executions,
    ExecutionsQuery,
    OpenOrders,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    PrivateFrame,
    SyncState,
    Unanswered,
)
from actors.model.fixed import Qty
from actors.model.order import Fill, LocalStatus
from actors.orders.messages import DriftFound, LocalOrder, LocalView, LocalViewQuery, NeverArrived, Reconciled
from actors.reconciler.actor import Reconciler
from actors.reconciler.messages import ReconcileNow
from actors.reconciler.wiring import ReconcilerWiring
from runtime.messages import Ref
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.reconciler.test_diff import AGREED, NOTHING, a_fill, a_report

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
PARTS = ("port", "private_socket", "orders")
IN_DOUBT = LocalView("BTCUSDT", (LocalOrder("one", LocalStatus.UNKNOWN, Qty(0)),), 0)


def answers(state: SyncState) -> tuple[tuple[type, Any], ...]:
    """The four questions of a run and what the venue says to each, in their order."""
    return (
        (PositionQuery, state.position),
        (EquityQuery, state.equity),
        (OpenOrdersQuery, OpenOrders(state.orders, 0)),
        (ExecutionsQuery, Executions(state.fills, 0)),
    )


class Books:
    """The reconciler in the hand; `said` is what it has said and was not yet looked at."""

    def __init__(self, *, has_started: bool = True, symbols: tuple[str, ...] = ("BTCUSDT",)) -> None:
        wiring = ReconcilerWiring(**{part: Ref(part) for part in PARTS})
        self.harness = ActorHarness(lambda: Reconciler(wiring, symbols, HOUR_NS), others=PARTS)
        self.said: list[Said] = self.harness.take()
        if has_started:
            self.run()

    def asked(self, kind: type) -> int:
        """The correlation of the one question of that kind in what it said last; 0 if there is none."""
        found = [correlation for _, message, correlation in self.said if isinstance(message, kind)]
        assert len(found) <= 1
        return found[0] if found else 0

    def told(self, kind: type) -> list[Any]:
        return [message for _, message, _ in self.said if isinstance(message, kind)]

    def run(self, view: LocalView = AGREED, state: SyncState = NOTHING) -> None:
        """Answer a run that has begun."""
        self.said = self.harness.answer(self.asked(LocalViewQuery), view)
        for question, answer in answers(state):
            self.said = self.harness.answer(self.asked(question), answer)

    def doubt(self) -> None:
        self.said = self.harness.deliver(ReconcileNow("doubt"))

    def look_up(self, found: OrderFound) -> None:
        number = self.asked(OrderQuery)
        assert number, "an order is being looked up"
        self.said = self.harness.answer(number, found)

    def execute(self, *fills: Fill, cursor: str = "") -> None:
        """The venue lists these executions to the last question about an order in doubt."""
        self.said = self.harness.answer(self.asked(ExecutionsQuery), Executions(fills, 0, cursor))

    def noted(self, kind: type) -> list[Any]:
        """Notes of that kind on the record so far."""
        return [one.message for one in self.harness.kernel.recorder.stream if isinstance(one.message, kind)]

    def wait(self, seconds: int) -> None:
        self.said = self.harness.advance(seconds * SECOND_NS)

    def fail(self, times: int) -> None:
        """Runs whose first question is left to its deadline."""
        for number in range(times):
            assert self.asked(LocalViewQuery)
            self.wait(10)
            self.wait(min(1 << number, 30))


def test_it_is_up_when_its_first_run_has_passed() -> None:
    books = Books(has_started=False)
    assert not books.harness.is_started
    books.run()
    assert books.harness.is_started


def test_a_run_corrects_orders_before_it_opens_them() -> None:
    books = Books()
    books.doubt()
    books.run(AGREED, msgspec.structs.replace(NOTHING, fills=(a_fill(1),)))
    assert [(ref, type(message)) for ref, message, _ in books.said] == [
        ("orders", PrivateFrame), ("orders", Reconciled),
    ]  # fmt: skip


def test_a_run_goes_through_all_symbols_one_after_the_other() -> None:
    symbols = ("BTCUSDT", "ETHUSDT")
    books = Books(has_started=False, symbols=symbols)
    compared = []
    for symbol in symbols:
        assert not books.harness.is_started
        assert books.told(LocalViewQuery) == [LocalViewQuery(symbol)]
        position = msgspec.structs.replace(NOTHING.position, symbol=symbol)
        books.run(msgspec.structs.replace(AGREED, symbol=symbol), msgspec.structs.replace(NOTHING, position=position))
        compared += [stated.position.symbol for stated in books.told(Reconciled)]
    assert books.harness.is_started
    assert tuple(compared) == symbols


@pytest.mark.parametrize("lost", range(4))
def test_an_answer_that_does_not_come_is_a_failed_run_which_begins_again(lost: int) -> None:
    books = Books()
    books.doubt()
    books.said = books.harness.answer(books.asked(LocalViewQuery), AGREED)
    for question, answer in answers(NOTHING)[:lost]:
        books.said = books.harness.answer(books.asked(question), answer)
    books.wait(10)
    assert books.told(Reconciled) == []
    books.wait(1)
    books.run()
    assert len(books.told(Reconciled)) == 1


def test_pages_that_do_not_end_are_a_failed_run_too() -> None:
    books = Books()
    books.doubt()
    books.said = books.harness.answer(books.asked(LocalViewQuery), AGREED)
    for question, answer in answers(NOTHING)[:2]:
        books.said = books.harness.answer(books.asked(question), answer)
    for _ in range(2):
        books.said = books.harness.answer(books.asked(OpenOrdersQuery), OpenOrders((), 0, "again"))
    assert books.said == []
    books.wait(1)
    assert books.asked(LocalViewQuery)


def test_a_request_during_a_run_is_run_after_it_and_two_are_one() -> None:
    books = Books()
    books.doubt()
    question = books.said
    books.doubt()
    assert books.said == []
    books.doubt()
    books.said = question
    books.run()
    assert books.asked(LocalViewQuery)
    books.run()
    assert not books.asked(LocalViewQuery)


def test_a_new_connection_and_the_interval_are_reasons_to_reconcile() -> None:
    books = Books()
    books.wait(3599)
    assert books.said == []
    books.wait(1)
    assert books.asked(LocalViewQuery)
    books.run()
    books.harness.kernel.kill(Ref("private_socket"))
    books.harness.kernel.pump()
    books.said = books.harness.take()
    assert books.asked(LocalViewQuery)


def test_the_sixth_failure_in_a_row_crashes_the_reconciler() -> None:
    books = Books()
    life = books.harness.incarnation
    books.doubt()
    books.fail(5)
    assert books.harness.incarnation == life
    books.fail(1)
    assert books.harness.incarnation == life + 1


def unanswered(books: Books) -> None:
    """A run whose first question the venue does not answer."""
    books.said = books.harness.answer(books.asked(LocalViewQuery), AGREED)
    books.said = books.harness.answer(books.asked(PositionQuery), Unanswered("10016 Server error."))


def test_once_up_a_venue_that_does_not_answer_is_asked_ever_more_slowly_until_it_does() -> None:
    books = Books()
    life = books.harness.incarnation
    books.doubt()
    for wait_s in (1, 2, 4, 8, 16, 30, 30, 30):
        unanswered(books)
        books.wait(wait_s - 1)
        assert books.said == []
        books.wait(1)
    books.run()
    assert books.told(Reconciled)
    assert books.harness.incarnation == life


def test_a_start_fails_where_the_venue_does_not_answer_six_times() -> None:
    books = Books(has_started=False)
    for wait_s in (1, 2, 4, 8, 16):
        unanswered(books)
        books.wait(wait_s)
    unanswered(books)
    books.wait(60)
    assert (books.said, books.harness.is_started) == ([], False)


def test_a_run_that_passes_forgives_the_failures_before_it() -> None:
    books = Books()
    life = books.harness.incarnation
    books.doubt()
    books.fail(5)
    books.run()
    books.doubt()
    books.fail(5)
    assert books.harness.incarnation == life


def test_a_venue_without_an_answer_is_a_failure_too_and_is_asked_again_in_a_second() -> None:
    books = Books()
    books.doubt()
    books.said = books.harness.answer(books.asked(LocalViewQuery), AGREED)
    books.wait(10)
    assert books.said == []
    books.wait(1)
    assert books.asked(LocalViewQuery)


def test_an_order_in_doubt_is_looked_up_once_at_a_time() -> None:
    books = Books()
    books.doubt()
    books.run(IN_DOUBT)
    first = books.said
    assert books.asked(OrderQuery)
    books.doubt()
    books.run(IN_DOUBT)
    assert not books.asked(OrderQuery), "the first question is still open"
    books.said = first
    books.look_up(OrderFound(None))
    books.doubt()
    books.run(IN_DOUBT)
    assert not books.asked(OrderQuery), "its second question is due after the grace"


def test_an_order_absent_twice_a_grace_period_apart_never_arrived_and_once_is_no_proof() -> None:
    books = Books()
    for _ in range(2):  # a proof is used up: a later doubt needs two silences again
        books.doubt()
        books.run(IN_DOUBT)
        books.look_up(OrderFound(None))
        assert books.said == []
        books.wait(6)
        assert books.said == []
        books.wait(1)
        books.look_up(OrderFound(None))
        assert books.told(NeverArrived) == [], "its executions have not been read yet"
        books.execute()
        assert books.told(NeverArrived) == [NeverArrived("one")]


def test_an_absence_before_the_order_was_found_is_no_proof() -> None:
    books = Books()
    books.doubt()
    books.run(IN_DOUBT)
    books.look_up(OrderFound(None))
    books.wait(7)
    books.look_up(OrderFound(a_report("one")))
    assert books.told(PrivateFrame) == [PrivateFrame((a_report("one"),), is_read=True)]
    books.doubt()
    books.run(IN_DOUBT)
    books.look_up(OrderFound(None))
    assert books.said == []


def test_a_question_without_an_answer_is_asked_again_and_proves_nothing() -> None:
    books = Books()
    books.doubt()
    books.run(IN_DOUBT)
    books.wait(10)
    books.wait(1)
    books.look_up(OrderFound(None))
    assert books.told(NeverArrived) == []


@pytest.mark.parametrize("kind", [OpenOrdersQuery, ExecutionsQuery])
def test_a_cursor_that_comes_again_is_named_ends_the_run_and_is_tried_again(kind: type) -> None:
    books = Books()
    books.doubt()
    books.said = books.harness.answer(books.asked(LocalViewQuery), AGREED)
    for question, answer in answers(NOTHING):
        if question is kind:
            break
        books.said = books.harness.answer(books.asked(question), answer)
    for _ in range(2):
        books.said = books.harness.answer(books.asked(kind), msgspec.structs.replace(answer, cursor="again"))
    stream = [record.message for record in books.harness.kernel.recorder.stream]
    drifts = [message for message in stream if isinstance(message, DriftFound)]
    assert [drift.symbol for drift in drifts] == ["BTCUSDT"]
    assert drifts[0].what.startswith("page 'again' of BTCUSDT came again")
    assert books.said == [], "nothing is compared, corrected or opened"
    books.wait(1)
    books.run()
    assert [type(message) for _, message, _ in books.said] == [Reconciled]
