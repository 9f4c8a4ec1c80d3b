"""The last rung of the evidence ladder, and the notes that say why a run began and what a look-up came to."""

import msgspec
import pytest

from actors.model.backend import OrderFound, PrivateFrame
from actors.orders.messages import NeverArrived, Reconciled
from actors.reconciler.messages import (
    LookUpOutcome,
    LookUpReport,
    ReconcileCause,
    ReconcileFailed,
    ReconcileNow,
    RunSummary,
)
from runtime.messages import Ref
from tests.actors.reconciler.test_diff import AGREED, NOTHING, a_fill, a_report
from tests.actors.reconciler.test_runs import IN_DOUBT, Books

OURS = msgspec.structs.replace(a_fill(1), link_id="one")
OTHERS = msgspec.structs.replace(a_fill(2), link_id="another")


def absent_twice() -> Books:
    books = Books()
    books.doubt()
    books.run(IN_DOUBT)
    books.look_up(OrderFound(None))
    books.wait(7)
    books.look_up(OrderFound(None))
    return books


def outcomes(books: Books) -> list[LookUpOutcome]:
    return [report.outcome for report in books.noted(LookUpReport)]


def test_an_execution_of_an_order_that_is_absent_twice_is_proof_that_it_arrived() -> None:
    books = absent_twice()
    books.execute(OTHERS, cursor="more")
    assert books.told(NeverArrived) == []
    books.execute(OURS)
    assert books.told(PrivateFrame) == [PrivateFrame((OURS,), is_read=True)]
    assert books.told(NeverArrived) == []
    assert outcomes(books) == [LookUpOutcome.ABSENT, LookUpOutcome.EXECUTED]
    books.doubt()
    books.run(IN_DOUBT)
    books.look_up(OrderFound(None))
    assert books.said == [], "the ladder begins anew"


def test_an_order_never_arrived_when_all_pages_of_executions_are_without_it() -> None:
    books = absent_twice()
    books.execute(OTHERS, cursor="more")
    books.execute()
    assert books.told(NeverArrived) == [NeverArrived("one")]
    assert outcomes(books) == [LookUpOutcome.ABSENT, LookUpOutcome.NEVER_ARRIVED]


def test_executions_that_are_not_told_prove_nothing_and_the_order_is_looked_up_again() -> None:
    books = absent_twice()
    books.wait(10)
    assert books.told(NeverArrived) == []
    books.wait(1)
    books.look_up(OrderFound(a_report("one")))
    assert outcomes(books)[-1] is LookUpOutcome.FOUND


def causes(books: Books) -> list[RunSummary]:
    return [stated.run for stated in books.told(Reconciled)]


def test_the_first_run_is_of_the_boot() -> None:
    books = Books(has_started=False)
    books.run()
    assert causes(books) == [RunSummary(ReconcileCause.BOOT, "the reconciler has started", 4)]


@pytest.mark.parametrize("cause", ReconcileCause)
def test_a_run_carries_the_cause_and_the_reason_of_the_request_that_began_it(cause: ReconcileCause) -> None:
    books = Books()
    books.said = books.harness.deliver(ReconcileNow("because", cause))
    books.run(AGREED, msgspec.structs.replace(NOTHING, fills=(a_fill(1),), orders=(a_report("one"),)))
    assert causes(books) == [RunSummary(cause, "because", 4, 1, 1)]


def test_the_timer_and_a_new_connection_are_causes() -> None:
    books = Books()
    books.wait(3600)
    books.run()
    assert [run.cause for run in causes(books)] == [ReconcileCause.TIMER]
    books.harness.kernel.kill(Ref("private_socket"))
    books.harness.kernel.pump()
    books.said = books.harness.take()
    books.run()
    assert [run.cause for run in causes(books)] == [ReconcileCause.RECONNECT]


def test_a_run_that_fails_is_noted_and_repeated_for_its_own_reason() -> None:
    books = Books()
    books.doubt()
    books.fail(2)
    failed = [ReconcileFailed(ReconcileCause.UNKNOWN, "no answer", number) for number in (1, 2)]
    assert books.noted(ReconcileFailed) == failed
    books.run()
    assert causes(books)[0].cause is ReconcileCause.UNKNOWN


def test_a_run_names_the_orders_that_it_looks_up_and_those_that_are_not_ours() -> None:
    by_hand = msgspec.structs.replace(a_report(""), order_id="h1")
    books = Books()
    books.doubt()
    books.run(IN_DOUBT, msgspec.structs.replace(NOTHING, orders=(by_hand,)))
    assert causes(books) == [RunSummary(ReconcileCause.UNKNOWN, "doubt", 4, 1, 0, ("one",), ("h1",))]
