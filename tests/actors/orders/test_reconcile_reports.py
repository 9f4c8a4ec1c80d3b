"""The report of a reconciliation, and what is on the account that is not ours."""

from typing import Any

import msgspec
import pytest

from actors.model.backend import PositionReport, PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, OrderReport, OrderType, Side, VenueStatus
from actors.model.position import Position
from actors.orders.messages import AdoptPosition, Booked, Reconciled
from actors.reconciler.messages import ReconcileCause, ReconcileNow, ReconcileReport, ReconcileVerdict, RunSummary
from tests.actors.orders.desk import Desk, opened

FILL = Fill("x1", "o7", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 61_000)
RUN = RunSummary(ReconcileCause.TIMER, "the interval is over", 4)


def compare(desk: Desk, qty: int = 0, *, run: RunSummary = RUN) -> ReconcileReport:
    """A reconciliation of that position; its one report."""
    desk.said = desk.harness.deliver(msgspec.structs.replace(opened(qty, at_ms=90_000), run=run))
    (report,) = [note for note in desk.noted() if isinstance(note, ReconcileReport)]
    assert (report.symbol, report.run) == ("BTCUSDT", run)
    return report


def read(desk: Desk, *events: Any) -> None:
    desk.harness.deliver(PrivateFrame(events, is_read=True))


def an_order(link_id: str, status: VenueStatus = VenueStatus.NEW) -> OrderReport:
    return OrderReport(
        "v1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, status, Qty(5), Qty(0), Money(0), Price(9_000), None,
        False, 61_000,
    )  # fmt: skip


def test_nothing_to_mend_is_a_report_too() -> None:
    desk = Desk()
    assert compare(desk) == ReconcileReport("BTCUSDT", RUN, ReconcileVerdict.AGREES)
    assert compare(desk).verdict is ReconcileVerdict.AGREES


def test_executions_and_states_that_were_missed_are_counted_once_and_a_second_run_finds_nothing() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    for verdict, count in ((ReconcileVerdict.MENDED, 1), (ReconcileVerdict.AGREES, 0)):
        read(desk, FILL, an_order(ours))
        report = compare(desk, 5)
        assert (report.verdict, report.booked, report.moved, report.difference) == (verdict, count, count, "")


def test_what_the_stream_tells_is_no_correction() -> None:
    desk = Desk()
    desk.harness.deliver(PrivateFrame((FILL,)))
    assert compare(desk, 5).verdict is ReconcileVerdict.AGREES


def test_a_position_that_is_not_explained_is_read_again_then_quarantined_then_adopted() -> None:
    desk = Desk()
    assert compare(desk, 5).verdict is ReconcileVerdict.READ_AGAIN
    (again,) = desk.told("reconciler")
    assert again.cause is ReconcileCause.DRIFT
    report = compare(desk, 5)
    assert (report.verdict, report.difference) == (
        ReconcileVerdict.QUARANTINED, "the venue holds 0.005 BTCUSDT, the executions come to 0",
    )  # fmt: skip
    desk.said = desk.harness.deliver(AdoptPosition("BTCUSDT"))
    (asked,) = desk.told("reconciler")
    assert asked == ReconcileNow("the operator adopts BTCUSDT as it is", ReconcileCause.OPERATOR)
    assert compare(desk, 5).verdict is ReconcileVerdict.ADOPTED
    assert compare(desk, 5).verdict is ReconcileVerdict.AGREES


def inherited(qty: int = 5) -> Desk:
    """An account that holds a position when it is read for the first time."""
    desk = Desk(is_open=False)
    assert compare(desk, qty).verdict is ReconcileVerdict.READ_AGAIN
    assert compare(desk, qty).verdict is ReconcileVerdict.QUARANTINED
    return desk


def test_a_position_that_is_there_before_our_first_execution_blocks_entries_until_it_is_adopted() -> None:
    desk = inherited()
    told = desk.ledger()
    assert told.position.qty == 5, "the books hold what the venue holds"
    assert told.quarantine == "0.005 BTCUSDT were held before our first execution: adopt or close them"
    desk.harness.deliver(AdoptPosition("BTCUSDT"))
    assert compare(desk, 5).verdict is ReconcileVerdict.ADOPTED
    assert compare(desk, 5).verdict is ReconcileVerdict.AGREES
    assert desk.ledger().quarantine == ""


def test_such_a_position_is_released_when_it_has_been_closed() -> None:
    desk = inherited()
    sold = msgspec.structs.replace(FILL, exec_id="x2", side=Side.SELL, time_ms=95_000)
    desk.harness.deliver(PrivateFrame((sold,)))
    assert compare(desk, 0).verdict is ReconcileVerdict.AGREES
    assert desk.ledger().quarantine == ""


def test_it_is_not_ours_after_a_restart_either() -> None:
    desk = inherited()
    booked = [memory.value for memory in desk.memories if isinstance(memory.value, Booked)][-1]
    again = Desk(is_open=False, recalled={"booked": (("BTCUSDT", booked),)})
    assert compare(again, 5).verdict is ReconcileVerdict.READ_AGAIN
    assert compare(again, 5).verdict is ReconcileVerdict.QUARANTINED


@pytest.mark.parametrize("link_id", ["", "cfothr0000000001"], ids=["by hand", "of another program"])
def test_an_open_order_that_is_not_ours_blocks_entries_until_it_is_gone_or_adopted(link_id: str) -> None:
    run = RUN if link_id else msgspec.structs.replace(RUN, foreign=("v1",))
    desk = Desk()

    def look() -> ReconcileReport:
        if link_id:
            read(desk, an_order(link_id))
        return compare(desk, run=run)

    assert look().verdict is ReconcileVerdict.READ_AGAIN
    report = look()
    assert report.verdict is ReconcileVerdict.QUARANTINED
    assert report.difference == "orders rest on BTCUSDT that are not ours (v1): cancel or adopt them"
    assert compare(desk).verdict is ReconcileVerdict.AGREES, "it has been cancelled"
    for _ in range(2):
        look()
    desk.harness.deliver(AdoptPosition("BTCUSDT"))
    assert look().verdict is ReconcileVerdict.ADOPTED
    assert look().verdict is ReconcileVerdict.AGREES


def test_a_report_of_an_order_that_has_ended_and_is_not_ours_is_of_no_concern() -> None:
    desk = Desk()
    for status in (VenueStatus.CANCELLED, VenueStatus.FILLED):
        read(desk, an_order("cfothr0000000001", status))
    assert compare(desk).verdict is ReconcileVerdict.AGREES


def test_the_wallet_is_known_even_if_the_first_position_is_not_ours_to_take() -> None:
    desk = Desk(is_open=False, wallet_floor=Money(100))
    hedged = PositionReport("BTCUSDT", Position(Qty(5), Money(5)), None, None, 90_000)
    stated = Reconciled(msgspec.structs.replace(hedged, position_idx=1), Money(1_000), 90_000)
    desk.said = desk.harness.deliver(stated)
    assert [changed.wallet for changed in desk.told("safety")] == [1_000], "not 0, which would be below any floor"
