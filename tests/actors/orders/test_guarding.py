"""The position's levels: protection is sent each fill, and a stop loss that vanishes starts a reconciliation."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from actors.model.backend import PrivateFrame
from actors.model.exits import LevelTerms
from actors.model.fixed import Money, Price, Qty
from actors.model.order import (
    WITH_POSITION,
    Fill,
    OrderReport,
    OrderType,
    ProtectionTerms,
    Side,
    VenueStatus,
)
from actors.model.origins import CreateType, StopOrderType
from actors.protection.messages import StopSeen
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from tests.actors.orders.desk import Desk, opened

GONE = OrderReport(
    "stop", "", "BTCUSDT", Side.SELL, OrderType.MARKET, VenueStatus.DEACTIVATED, Qty(5), Qty(0), Money(0), None,
    Price(8_900), True, 61_000, CreateType.BY_STOP_LOSS, StopOrderType.STOP_LOSS, "CancelByUser",
)  # fmt: skip
SALE = Fill("e2", "x", "", "BTCUSDT", Side.SELL, Price(9_000), Qty(5), Money(1), False, 61_000)
RECONCILE = ReconcileNow("the position's stop is gone", ReconcileCause.GAP)


def held(**levels: Any) -> Desk:
    """A desk with a position whose entry wants these levels."""
    desk = Desk()
    ours = desk.place(**levels)
    desk.accept()
    desk.fill(ours, 5)
    return desk


def tell(desk: Desk, **changes: Any) -> None:
    """The venue's report of a stop, alone in its frame."""
    desk.said = desk.harness.deliver(PrivateFrame((msgspec.structs.replace(GONE, **changes),)))


def seen(desk: Desk) -> list[StopSeen]:
    """What stands on the record of stops."""
    return [record.message for record in desk.harness.kernel.recorder.stream if isinstance(record.message, StopSeen)]


def test_a_stop_that_vanishes_while_its_position_stands_leads_to_a_reconciliation_and_stands_on_the_record() -> None:
    desk = held(stop_loss=Decimal(1))
    tell(desk)
    assert desk.said == [("reconciler", RECONCILE, 0)]
    assert seen(desk) == [StopSeen("BTCUSDT", is_standing=False, time_ms=61_000)]


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": WITH_POSITION},
        {"create_type": CreateType.BY_TAKE_PROFIT, "stop_order_type": StopOrderType.TAKE_PROFIT},
        {"create_type": CreateType.BY_USER, "stop_order_type": StopOrderType.STOP},
        {"status": VenueStatus.UNTRIGGERED},
        {"status": VenueStatus.TRIGGERED},
        {"status": VenueStatus.FILLED},
    ],
    ids=str,
)
def test_a_stop_that_acts_stands_or_goes_with_its_position_is_not_missed(changes: dict[str, Any]) -> None:
    desk = held(stop_loss=Decimal(1))
    tell(desk, **changes)
    assert desk.said == []
    assert seen(desk) == []


def test_nothing_is_missed_without_a_position_or_where_no_stop_was_wanted() -> None:
    flat, without, closed = Desk(), held(take_profit=Decimal(1)), held(stop_loss=Decimal(1))
    closing = closed.place(side=Side.SELL, is_entry=False, reduce_only=True, block_index=1)
    closed.accept()
    fill = msgspec.structs.replace(a_fill(closing), side=Side.SELL, exec_id="e3")
    closed.harness.deliver(PrivateFrame((fill,)))
    for desk in (flat, without, closed):
        tell(desk)
        assert desk.said == []
        assert seen(desk) == []


def a_fill(link_id: str) -> Fill:
    return Fill("e2", "o2", link_id, "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 61_000)


def test_a_stop_of_a_new_position_that_vanishes_in_the_frame_of_its_entry_is_missed() -> None:
    desk = Desk()
    ours = desk.place(stop_loss=Decimal(1))
    desk.accept()
    desk.said = desk.harness.deliver(PrivateFrame((GONE, a_fill(ours))))
    assert desk.told("reconciler") == [RECONCILE]


def test_protection_is_sent_each_fill_with_its_order_and_nothing_else() -> None:
    terms = ProtectionTerms(Price(8_900), Price(9_500))
    desk = Desk()
    ours = desk.place(stop_loss=Decimal(1), take_profit=Decimal(5), protection=terms)
    desk.accept()
    assert desk.told("protection") == []
    desk.fill(ours, 2)
    (changed,) = desk.told("protection")
    (order,) = changed.orders
    assert [fill.price for fill in changed.fills] == [9_000]
    assert (order.stop_loss, order.take_profit, order.request.protection) == (Decimal(1), Decimal(5), terms)
    assert changed.protected == order
    assert held().ledger().protected is None


def test_after_a_reconciliation_protection_hears_the_ledger_and_then_what_stands_at_the_venue() -> None:
    desk = held(stop_loss=Decimal(1))
    desk.said = desk.harness.deliver(opened(5, at_ms=61_000))
    report = opened(5, at_ms=61_000).position
    assert desk.told("protection") == [report], "nothing has changed"
    desk.said = desk.harness.deliver(opened(5, wallet=7, at_ms=70_000))
    changed, stated = desk.told("protection")
    assert (changed.wallet, changed.protected.stop_loss) == (7, Decimal(1))
    assert stated == opened(5, at_ms=70_000).position


def test_the_entry_that_filled_at_two_prices_is_known_with_both() -> None:
    desk = Desk()
    ours = desk.place(stop_loss=Decimal(1))
    desk.accept()
    first = a_fill(ours)
    cheap = msgspec.structs.replace(first, qty=Qty(2), price=Price(8_900))
    dear = msgspec.structs.replace(first, qty=Qty(3), price=Price(9_000), exec_id="e3")
    desk.harness.deliver(PrivateFrame((cheap, dear)))
    entry = desk.ledger().protected
    assert entry is not None
    assert (entry.filled_qty, entry.filled_value) == (5, (2 * 8_900 + 3 * 9_000) * 10**5)


def protecting(desk: Desk) -> LevelTerms | None:
    """The stop, in percent, that the position should have."""
    entry = desk.ledger().protected
    return None if entry is None else entry.stop_loss


def trade(desk: Desk, number: int, side: Side, qty: int, link_id: str = "") -> None:
    """An execution; without an id of ours, one that somebody else caused."""
    fill = msgspec.structs.replace(
        a_fill(link_id), side=side, qty=Qty(qty), exec_id=f"e{number}", order_id=f"x{number}"
    )
    desk.said = desk.harness.deliver(PrivateFrame((fill,)))


@pytest.mark.parametrize(("qty", "is_missed"), [(2, True), (5, False), (8, False)])
def test_a_stop_is_missed_while_its_position_stands_and_not_when_that_is_gone_or_turned(
    qty: int, is_missed: bool
) -> None:
    desk = held(stop_loss=Decimal(1))
    trade(desk, 5, Side.SELL, qty)
    tell(desk)
    assert bool(desk.told("reconciler")) is is_missed


def test_a_position_that_is_opened_again_by_others_wants_no_stop_of_ours() -> None:
    desk = held(stop_loss=Decimal(1))
    trade(desk, 5, Side.SELL, 5)
    trade(desk, 3, Side.BUY, 5)
    tell(desk)
    assert desk.told("reconciler") == []


@pytest.mark.parametrize(
    ("qty", "stop"),
    [(2, Decimal(1)), (5, None), (6, Decimal(3))],
    ids=["reduces", "closes", "turns"],
)
def test_an_entry_against_the_position_sets_its_levels_only_when_it_has_turned_it(
    qty: int, stop: Decimal | None
) -> None:
    desk = held(stop_loss=Decimal(1))
    other = desk.place(side=Side.SELL, block_index=1, stop_loss=Decimal(3), qty=Qty(qty))
    desk.accept()
    trade(desk, 5, Side.SELL, qty, other)
    assert protecting(desk) == stop


def test_an_entry_that_adds_brings_its_own_levels_and_one_without_any_leaves_the_others() -> None:
    for levels, stop in (({"stop_loss": Decimal(3)}, 3), ({}, 1)):
        desk = held(stop_loss=Decimal(1))
        other = desk.place(block_index=1, **levels)
        desk.accept()
        trade(desk, 5, Side.BUY, 5, other)
        assert protecting(desk) == stop


def test_protection_hears_of_executions_of_a_position_with_levels_and_of_those_that_end_it() -> None:
    desk = held(stop_loss=Decimal(1))
    assert [message.protected is not None for message in desk.told("protection")] == [True]
    desk.said = desk.harness.deliver(PrivateFrame((SALE,)))
    assert [(message.position.qty, message.protected) for message in desk.told("protection")] == [(0, None)]
    desk.said = desk.harness.deliver(PrivateFrame((msgspec.structs.replace(SALE, exec_id="e3"),)))
    assert desk.told("card") != []
    assert desk.told("protection") == [], "this position has no levels, and the last one is known to be gone"


def test_protection_hears_nothing_of_a_position_without_levels() -> None:
    desk = held()
    assert desk.told("card") != []
    assert desk.told("protection") == []


@pytest.mark.parametrize(("below", "is_told"), [(0, True), (1, False)])
def test_safety_hears_of_a_wallet_at_or_below_the_floor_and_of_no_other(below: int, is_told: bool) -> None:
    paid = Money(1)  # by the one execution, of an account that begins at 0
    desk = held_at(Money(-paid - below))
    assert desk.revision().wallet == -paid
    assert [message.wallet for message in desk.told("safety")] == ([-paid] if is_told else [])
    assert held_at(None).told("safety") == []


def held_at(floor: Money | None) -> Desk:
    """A desk with a position and this floor."""
    desk = Desk(wallet_floor=floor)
    ours = desk.place()
    desk.accept()
    desk.fill(ours, 5)
    return desk
