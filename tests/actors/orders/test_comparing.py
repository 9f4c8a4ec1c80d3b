"""After a reconciliation orders go out if all agrees; a position unexplained twice is quarantined."""

import msgspec

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.orders.messages import AdoptPosition, DriftFound, LedgerChanged
from actors.reconciler.messages import ReconcileNow
from tests.actors.orders.desk import Desk, opened

FILL = Fill("x1", "o7", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 61_000)


def drifts(desk: Desk) -> list[str]:
    return [message.what for message in desk.noted() if isinstance(message, DriftFound)]


def compare(desk: Desk, qty: int) -> None:
    desk.said = desk.harness.deliver(opened(qty, at_ms=90_000))


def test_an_unexplained_position_is_looked_at_again_and_then_blocks_entries_until_it_is_explained() -> None:
    desk = Desk()
    compare(desk, 5)
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    assert desk.ledger().quarantine == ""
    compare(desk, 5)
    assert drifts(desk) == ["the venue holds 0.005 BTCUSDT, the executions come to 0"]
    assert desk.revision().quarantine == drifts(desk)[0]
    assert desk.ledger().position.qty == 0, "the position is not taken over"
    assert desk.told("reconciler") == []
    compare(desk, 0)
    assert desk.revision().quarantine == ""


def test_an_execution_that_is_listed_late_ends_the_doubt() -> None:
    desk = Desk()
    compare(desk, 5)
    desk.harness.deliver(PrivateFrame((FILL,)))
    compare(desk, 5)
    assert drifts(desk) == []
    assert desk.ledger().quarantine == ""
    compare(desk, 9)
    assert len(drifts(desk)) == 1
    assert desk.ledger().quarantine == "", "a later drift is looked at twice again"


def test_an_operator_may_have_the_venues_position_adopted() -> None:
    desk = Desk()
    compare(desk, 5)
    compare(desk, 5)
    desk.said = desk.harness.deliver(AdoptPosition("BTCUSDT"))
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    compare(desk, 5)
    changed = desk.revision()
    assert isinstance(changed, LedgerChanged)
    assert (changed.position.qty, changed.quarantine) == (5, "")
    compare(desk, 5)
    assert drifts(desk) == []


def test_a_command_to_adopt_is_for_one_comparison_and_not_for_a_later_drift() -> None:
    desk = Desk()
    desk.harness.deliver(AdoptPosition("BTCUSDT"))
    compare(desk, 0)
    compare(desk, 5)
    assert desk.ledger().position.qty == 0


def test_a_frame_of_a_symbol_that_is_not_traded_here_is_a_named_drift_and_nothing_else() -> None:
    desk = Desk()
    desk.said = desk.harness.deliver(PrivateFrame((msgspec.structs.replace(FILL, symbol="DOGEUSDT"),)))
    assert drifts(desk) == ["Fill of a symbol that is not traded here"]
    assert desk.said == []
    assert desk.booked() == []


def test_a_quarantine_outlives_a_restart_in_the_journal() -> None:
    desk = Desk()
    compare(desk, 5)
    compare(desk, 5)
    (memory,) = desk.memories
    assert memory.value.quarantine != ""
