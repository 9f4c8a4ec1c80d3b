"""Each scene fails where the fault that it is there for is planted in the code, and the watch sees what it is for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

import attrs
import pytest

from actors.maintenance.actor import MaintenanceWatch
from actors.model.order import LocalStatus
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.answers import meaning_of
from actors.orders.exits import _WaitingExit
from actors.orders.hearing import Hearing
from actors.orders.ledger import Ledger
from actors.orders.reports import VenueReports
from actors.orders.transitions import NEXT, OrderEvent
from actors.reconciler.actor import Reconciler
from actors.reconciler.messages import ReconcileCause
from tests.faults.scenes import SCENES, STALE_READS, Scene
from tests.faults.stage import Stage
from tests.faults.watching import Truth, Watch

Plant = Callable[[], AbstractContextManager[Any]]
BY_NAME = {scene.name: scene for scene in (*SCENES, STALE_READS)}


def nothing(*_: object, **__: object) -> None:
    """In the place of what a fault leaves out."""


def only_for(cause: ReconcileCause) -> Plant:
    """The reconciler runs for one cause alone, and at the start."""
    begin = Reconciler._begin

    def planted(self: Reconciler, why: Any, ctx: Any) -> None:
        if why.cause in (cause, ReconcileCause.BOOT):
            begin(self, why, ctx)

    return lambda: mock.patch.object(Reconciler, "_begin", planted)


@contextmanager
def impatient() -> Iterator[None]:
    """The reconciler gives up after six failed runs, a second apart, also once it is up."""
    failed = Reconciler._failed

    def planted(self: Reconciler, why: str, ctx: Any, *, is_patient: bool = False) -> None:
        failed(self, why, ctx)

    every_second = mock.patch("actors.reconciler.actor._wait_ns", return_value=1_000_000_000)
    with mock.patch.object(Reconciler, "_failed", planted), every_second:
        yield


def unknown_is_rejected() -> AbstractContextManager[Any]:
    """A missing answer is taken for a rejection."""

    def planted(result: OrderResult, order: Any) -> Any:
        if result.outcome is RequestOutcome.UNKNOWN:
            return OrderEvent.REQUEST_REJECTED, None
        return meaning_of(result, order)

    return mock.patch("actors.orders.actor.meaning_of", planted)


def acceptance_reopens() -> AbstractContextManager[Any]:
    """A late acknowledgement brings a filled order back."""
    table = [list(row) for row in NEXT]
    table[LocalStatus.FILLED][OrderEvent.ACCEPTED] = LocalStatus.ACKED
    return mock.patch("actors.orders.life.NEXT", table)


PLANTED: dict[str, Plant] = {
    "disconnect": only_for(ReconcileCause.TIMER),
    "ack lost": only_for(ReconcileCause.TIMER),
    "request lost": lambda: mock.patch.object(Reconciler, "_ask_executions", nothing),
    "late reply": unknown_is_rejected,
    "fill before ack": acceptance_reopens,
    "duplicate execution": lambda: mock.patch.object(Ledger, "is_new", return_value=True),
    "fill after cancel": lambda: mock.patch.object(VenueReports, "_await_executions", nothing),
    "cancel race": lambda: mock.patch.object(_WaitingExit, "left_by", lambda self, older: self.message),
    "10006 burst": lambda: mock.patch("actors.orders.answers.policy_of", nothing),
    "403 ban": impatient,
    "clock": lambda: mock.patch("actors.orders.answers.policy_of", nothing),
    "maintenance": impatient,
    "planned maintenance": lambda: mock.patch.object(MaintenanceWatch, "_add", nothing),
    "silent stream": lambda: mock.patch.object(Hearing, "expect", nothing),
    "stale read after write": lambda: mock.patch("actors.reconciler.actor._GRACE_NS", 1),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_scene_fails_with_its_fault(name: str) -> None:
    with PLANTED[name](), pytest.raises(AssertionError):
        BY_NAME[name].play()


async def a_position_without_a_stop(stage: Stage) -> None:
    """Somebody else buys, and nothing protects it."""
    stage.fault("foreign_position", symbol="BTCUSDT", side="Buy", qty="0.1")
    await stage.pass_ms(10)


def test_the_watch_sees_a_position_without_a_stop() -> None:
    with pytest.raises(AssertionError, match="ms without a stop loss"):
        Scene("bare", a_position_without_a_stop, {}).play()


def test_the_watch_sees_two_orders_of_one_decision() -> None:
    watch = Watch(mock.Mock())
    watch.truth = Truth(link_ids=("cf-one-0", "cf-two-0"))
    watch.check()
    watch.truth = attrs.evolve(watch.truth, link_ids=("cf-one-0", "cf-one-1"))
    with pytest.raises(AssertionError, match="more than one order of a decision"):
        watch.check()
