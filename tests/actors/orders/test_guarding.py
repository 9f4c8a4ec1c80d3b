"""The position's stop and target: told to protection with each fill, missed when they are gone."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from actors.model.backend import PositionReport, PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import (
    WITH_POSITION,
    Fill,
    OrderReport,
    OrderType,
    Origin,
    ProtectionTerms,
    Side,
    VenueStatus,
)
from actors.model.position import FLAT, Position
from actors.orders.messages import Reconciled
from actors.protection.messages import ProtectEntry, StopSeen
from actors.reconciler.messages import ReconcileNow
from tests.actors.orders.desk import Desk

GONE = OrderReport(
    "stop", "", "BTCUSDT", Side.SELL, OrderType.MARKET, VenueStatus.DEACTIVATED, Qty(5), Qty(0), Money(0), None,
    Price(8_900), True, 61_000, Origin.STOP_LOSS, "CancelByUser",
)  # fmt: skip
HELD = PositionReport("BTCUSDT", Position(Qty(5), Money(45_000)), Price(8_900), Price(9_500), 1)
RECONCILE = ReconcileNow("the position's stop is gone")


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
    return [record.message for record in desk.harness.kernel.stream if isinstance(record.message, StopSeen)]


def test_a_stop_that_vanishes_while_its_position_stands_leads_to_a_reconciliation_and_stands_on_the_record() -> None:
    desk = held(stop_loss=Decimal(1))
    tell(desk)
    assert desk.said == [("reconciler", RECONCILE, 0)]
    assert seen(desk) == [StopSeen(is_standing=False, time_ms=61_000)]


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": WITH_POSITION},
        {"origin": Origin.TAKE_PROFIT},
        {"origin": Origin.USER},
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
    fill = msgspec.structs.replace(a_fill(closing), side=Side.SELL, seq=2)
    closed.harness.deliver(PrivateFrame((fill,)))
    for desk in (flat, without, closed):
        tell(desk)
        assert desk.said == []
        assert seen(desk) == []


def a_fill(link_id: str) -> Fill:
    return Fill("e2", 1, "o2", link_id, "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 61_000)


def test_a_stop_of_a_new_position_that_vanishes_in_the_frame_of_its_entry_is_missed() -> None:
    desk = Desk()
    ours = desk.place(stop_loss=Decimal(1))
    desk.accept()
    desk.said = desk.harness.deliver(PrivateFrame((GONE, a_fill(ours))))
    assert desk.told("reconciler") == [RECONCILE]


def test_protection_hears_of_each_fill_with_the_levels_that_came_along() -> None:
    terms = ProtectionTerms(Price(8_900), Price(9_500))
    desk = Desk()
    ours = desk.place(stop_loss=Decimal(1), take_profit=Decimal(5), protection=terms)
    desk.accept()
    desk.fill(ours, 2)
    wish = ProtectEntry("BTCUSDT", Side.BUY, Price(9_000), Decimal(1), Decimal(5), terms)
    assert desk.told("protection") == [wish]
    bare = held()
    assert bare.told("protection") == []


BOTH: dict[str, Any] = {"stop_loss": Decimal(1), "take_profit": Decimal(5)}


@pytest.mark.parametrize(
    ("wanted", "found", "is_told", "is_noted"),
    [
        (BOTH, {}, False, False),
        (BOTH, {"stop": None}, True, True),
        (BOTH, {"target": None}, True, False),
        (BOTH, {"stop": None, "target": None}, True, True),
        ({"stop_loss": Decimal(1)}, {"target": None}, False, False),
        ({"take_profit": Decimal(5)}, {"stop": None}, False, False),
        (BOTH, {"stop": None, "position": FLAT}, False, False),
        ({}, {"stop": None, "target": None}, False, False),
    ],
)
def test_a_position_found_without_a_level_that_its_entry_wants_is_seen_to(
    wanted: dict[str, Any], found: dict[str, Any], is_told: bool, is_noted: bool
) -> None:
    desk = held(**wanted)
    desk.harness.advance(5_000_000_000)
    desk.said = desk.harness.deliver(Reconciled(msgspec.structs.replace(HELD, **found)))
    levels = (wanted.get("stop_loss"), wanted.get("take_profit"))
    wish = ProtectEntry("BTCUSDT", Side.BUY, Price(9_000), *levels, None)
    assert desk.told("protection") == ([wish] if is_told else [])
    assert seen(desk) == ([StopSeen(is_standing=False, time_ms=5_000)] if is_noted else [])


def test_the_level_of_an_entry_that_filled_at_two_prices_is_measured_from_their_mean() -> None:
    desk = Desk()
    ours = desk.place(**BOTH)
    desk.accept()
    first = a_fill(ours)
    cheap = msgspec.structs.replace(first, qty=Qty(2), price=Price(8_900))
    dear = msgspec.structs.replace(first, qty=Qty(3), price=Price(9_000), seq=2, exec_id="e3")
    desk.harness.deliver(PrivateFrame((cheap, dear)))
    desk.said = desk.harness.deliver(Reconciled(msgspec.structs.replace(HELD, stop=None)))
    (wish,) = desk.told("protection")
    assert wish.fill_price == 8_960


def trade(desk: Desk, seq: int, side: Side, qty: int, link_id: str = "") -> None:
    """An execution; without an id of ours, one that somebody else caused."""
    fill = msgspec.structs.replace(a_fill(link_id), side=side, qty=Qty(qty), seq=seq, order_id=f"x{seq}")
    desk.said = desk.harness.deliver(PrivateFrame((fill,)))


@pytest.mark.parametrize(("qty", "is_missed"), [(2, True), (5, False), (8, False)])
def test_a_stop_is_missed_while_its_position_stands_and_not_when_that_is_gone_or_turned(
    qty: int, is_missed: bool
) -> None:
    desk = held(stop_loss=Decimal(1))
    trade(desk, 2, Side.SELL, qty)
    tell(desk)
    assert bool(desk.told("reconciler")) is is_missed


def test_a_position_that_is_opened_again_by_others_wants_no_stop_of_ours() -> None:
    desk = held(stop_loss=Decimal(1))
    trade(desk, 2, Side.SELL, 5)
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
    trade(desk, 2, Side.SELL, qty, other)
    desk.said = desk.harness.deliver(Reconciled(msgspec.structs.replace(HELD, stop=None)))
    assert [wish.stop_loss for wish in desk.told("protection")] == ([] if stop is None else [stop])


def test_an_entry_that_adds_brings_its_own_levels_and_one_without_any_leaves_the_others() -> None:
    for levels, stop in (({"stop_loss": Decimal(3)}, 3), ({}, 1)):
        desk = held(stop_loss=Decimal(1))
        other = desk.place(block_index=1, **levels)
        desk.accept()
        trade(desk, 2, Side.BUY, 5, other)
        desk.said = desk.harness.deliver(Reconciled(msgspec.structs.replace(HELD, stop=None)))
        assert [wish.stop_loss for wish in desk.told("protection")] == [stop]
