"""One position a symbol: what the venue states of a hedge position is named and blocks entries, and is not merged."""

import msgspec
import pytest

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import OrderReport, OrderType, PositionIdx, Side, VenueStatus
from actors.orders.messages import AdoptPosition, DriftFound, LedgerChanged, Reconciled
from tests.actors.orders.desk import Desk, opened

HEDGED = [PositionIdx.HEDGE_LONG, PositionIdx.HEDGE_SHORT]


def stated(qty: int, idx: PositionIdx, at_ms: int = 90_000) -> Reconciled:
    plain = opened(qty, at_ms=at_ms)
    return msgspec.structs.replace(plain, position=msgspec.structs.replace(plain.position, position_idx=idx))


def drifts(desk: Desk) -> list[str]:
    return [message.what for message in desk.noted() if isinstance(message, DriftFound)]


@pytest.mark.parametrize("idx", HEDGED)
@pytest.mark.parametrize("qty", [0, 5])
def test_a_hedge_position_is_a_named_drift_and_quarantine_at_once(qty: int, idx: PositionIdx) -> None:
    desk = Desk()
    desk.said = desk.harness.deliver(stated(qty, idx))
    what = f"BTCUSDT has a position of hedge mode (positionIdx {idx:d}), which is not merged with ours"
    assert drifts(desk) == [what]
    assert (desk.ledger().quarantine, desk.ledger().position.qty) == (what, 0)
    assert [type(message) for message in desk.told("protection")] == [LedgerChanged], "not its levels"
    desk.harness.deliver(opened(at_ms=91_000))
    assert desk.ledger().quarantine == ""


def test_a_first_reading_does_not_take_a_hedge_position_over() -> None:
    desk = Desk(is_open=False)
    desk.harness.deliver(stated(5, PositionIdx.HEDGE_LONG))
    assert desk.ledger().position.qty == 0
    assert "hedge mode" in desk.ledger().quarantine
    for _ in range(2):
        desk.harness.deliver(opened(5, at_ms=92_000))
    assert (desk.ledger().position.qty, "before our first execution" in desk.ledger().quarantine) == (5, True)
    desk.harness.deliver(AdoptPosition("BTCUSDT"))
    desk.harness.deliver(opened(5, at_ms=92_000))
    assert (desk.ledger().position.qty, desk.ledger().quarantine) == (5, "")


def test_a_command_to_adopt_does_not_merge_a_hedge_position() -> None:
    desk = Desk()
    desk.harness.deliver(AdoptPosition("BTCUSDT"))
    desk.harness.deliver(stated(5, PositionIdx.HEDGE_SHORT))
    assert desk.ledger().position.qty == 0
    assert "hedge mode" in desk.ledger().quarantine


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_report_of_an_order_in_hedge_mode_is_named_and_moves_no_order_of_ours(is_ours: bool) -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    report = OrderReport(
        "o1", ours if is_ours else "", "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.CANCELLED, Qty(5), Qty(0),
        Money(0), Price(9_000), None, False, 61_000, position_idx=PositionIdx.HEDGE_LONG,
    )  # fmt: skip
    desk.said = desk.harness.deliver(PrivateFrame((report,)))
    (what,) = drifts(desk)
    assert what.startswith("order o1: BTCUSDT has a position of hedge mode (positionIdx 1)")
    assert desk.revision().quarantine == what
    assert desk.orders() == []
    assert [flying.block_id for flying in desk.ledger().in_flight] == ["b"]
    (memory,) = desk.memories
    assert memory.value.quarantine == what
