"""Reports of the venue in any order: which order they belong to, by which id, and what stays in flight."""

from typing import Any

import msgspec

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderReport, OrderType, Side, VenueStatus
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from tests.actors.orders.desk import Desk, opened
from tests.actors.orders.test_recall import TOPICS, Memory, restarted, working

REPORT = OrderReport(
    "o7", "", "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.NEW, Qty(5), Qty(0), Money(0), Price(9_000), None,
    False, 61_000,
)  # fmt: skip
FILL = Fill("e1", "o7", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 61_000)


def tell(desk: Desk, **changes: Any) -> None:
    desk.said = desk.harness.deliver(PrivateFrame((msgspec.structs.replace(REPORT, **changes),)))


def test_a_report_of_an_order_that_is_not_ours_changes_nothing() -> None:
    desk = Desk()
    tell(desk, link_id="somebody's")
    assert desk.said == []
    assert desk.harness.incarnation == 1


def test_an_order_is_known_by_the_venues_id_of_its_report() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell(desk, link_id=ours)
    desk.said = desk.harness.deliver(PrivateFrame((FILL,)))
    assert [(order.request.link_id, order.status) for order in desk.orders()] == [(ours, LocalStatus.FILLED)]


def test_the_venues_reason_stands_in_the_order_and_silence_leaves_the_last_one() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell(desk, link_id=ours, reason="repriced")
    assert [order.reason for order in desk.orders()] == ["repriced"]
    tell(desk, link_id=ours, status=VenueStatus.CANCELLED)
    assert [order.reason for order in desk.orders()] == ["repriced"]


def test_an_execution_of_nobodys_order_is_booked_and_on_the_record_without_a_card() -> None:
    desk = Desk()
    desk.said = desk.harness.deliver(PrivateFrame((FILL,)))
    assert [(booked.fill.exec_id, booked.card_id, booked.block_id) for booked in desk.booked()] == [("e1", "", "")]
    assert desk.revision().position.qty == 5


def test_a_repeated_status_is_not_published() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell(desk, link_id=ours)
    tell(desk, link_id=ours, status=VenueStatus.PARTIALLY_FILLED)
    assert desk.said == []


def test_sending_and_journaling_stand_on_no_record_and_in_no_revision() -> None:
    desk = Desk()
    desk.place()
    assert desk.noted() == []
    assert desk.told("card") == []


def test_a_decision_repeated_while_its_order_is_being_sent_is_acknowledged() -> None:
    desk = Desk()
    ours = desk.place()
    desk.place()
    assert [order.request.link_id for order in desk.revision().orders] == [ours]


def test_what_is_held_and_has_ended_meanwhile_is_not_sent_when_orders_go_out() -> None:
    desk = Desk(is_open=False)
    desk.place()
    desk.withdraw()
    desk.said = desk.harness.deliver(opened())
    assert desk.told("port") == []


def test_open_orders_are_in_flight_after_a_restart_and_ended_ones_are_not() -> None:
    desk, memory = Desk(), Memory()
    gone = working(desk, memory)
    desk.report(gone, VenueStatus.CANCELLED)
    memory.keep(desk)
    working(desk, memory, block_index=1, block_id="stays")
    desk = restarted(memory)
    desk.harness.deliver(opened())
    assert [(flying.block_id, flying.is_resting) for flying in desk.ledger().in_flight] == [("stays", False)]


def test_a_quarantine_and_what_executions_explain_are_known_after_a_restart() -> None:
    desk, memory = Desk(), Memory()
    desk.said = desk.harness.deliver(PrivateFrame((FILL,)))
    memory.keep(desk)
    for _ in range(2):
        desk.said = desk.harness.deliver(opened(9, at_ms=99_000))
        memory.keep(desk)
    again = Desk(is_open=False, recalled={topic: memory.recall(topic).entries for topic in TOPICS})
    again.said = again.harness.deliver(opened(9, at_ms=99_000))
    assert again.ledger().quarantine == desk.ledger().quarantine != "", "seen once in this life, but known"
    again.said = again.harness.deliver(opened(0, at_ms=61_000))
    assert again.ledger().quarantine == "", "a position from before the newest execution is no drift"


def test_an_order_that_has_ended_part_filled_has_its_executions_read_when_they_do_not_come() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell(desk, link_id=ours, status=VenueStatus.CANCELLED, filled_qty=Qty(3))
    assert [order.status for order in desk.orders()] == [LocalStatus.CANCELLED]
    desk.said = desk.harness.advance(999_999_999)
    assert desk.told("reconciler") == []
    desk.said = desk.harness.advance(1)
    assert desk.told("reconciler") == [ReconcileNow("executions of o7 are missing", ReconcileCause.GAP)]


def test_an_order_that_has_ended_part_filled_with_all_its_executions_asks_nobody() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell(desk, link_id=ours, status=VenueStatus.CANCELLED, filled_qty=Qty(3))
    fill = msgspec.structs.replace(FILL, link_id=ours, qty=Qty(3))
    desk.harness.deliver(PrivateFrame((fill,)))
    desk.said = desk.harness.advance(60_000_000_000)
    assert desk.told("reconciler") == []
