"""Executions that no order of ours led to: what the venue does by itself moves position and money, and is no order."""

import msgspec
import pytest

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Category, Fill, OrderReport, OrderType, Side, VenueStatus
from actors.model.origins import CreateType, ExecType, Origin, StopOrderType
from actors.orders.messages import DriftFound, OrderUpdated
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from tests.actors.orders.desk import Desk, opened

BOUGHT = Fill("e1", "o1", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(7), is_maker=False, time_ms=61_000)


def a_fill(number: int, **changes: object) -> Fill:
    fill = msgspec.structs.replace(BOUGHT, exec_id=f"e{number}", side=Side.SELL, fee=Money(11), order_id="venue's")
    return msgspec.structs.replace(fill, **changes)


def tell(desk: Desk, *events: Fill | OrderReport) -> None:
    desk.said = desk.harness.deliver(PrivateFrame(events))


def drifts(desk: Desk) -> list[str]:
    return [message.what for message in desk.noted() if isinstance(message, DriftFound)]


def held() -> Desk:
    desk = Desk()
    tell(desk, BOUGHT)
    return desk


@pytest.mark.parametrize(
    ("exec_type", "create_type", "origin"),
    [
        (ExecType.ADL_TRADE, CreateType.BY_ADL, Origin.ADL),
        (ExecType.BUST_TRADE, CreateType.BY_TAKE_OVER, Origin.LIQUIDATION),
        (ExecType.TRADE, CreateType.BY_LIQ, Origin.LIQUIDATION),
        (ExecType.DELIVERY, CreateType.BY_SETTLE, Origin.DELIVERY),
        (ExecType.SETTLE, CreateType.NONE, Origin.DELIVERY),
        (ExecType.BLOCK_TRADE, CreateType.BY_BLOCK_TRADE, Origin.USER),
        (ExecType.MOVE_POSITION, CreateType.BY_MOVE_POSITION, Origin.USER),
    ],
)
def test_what_the_venue_closes_moves_the_position_and_makes_no_order(
    exec_type: ExecType, create_type: CreateType, origin: Origin
) -> None:
    desk = held()
    before = desk.ledger()
    tell(desk, a_fill(2, qty=Qty(3), exec_type=exec_type, create_type=create_type))
    changed = desk.revision()
    assert (changed.position.qty, changed.position.cost) == (2, before.position.cost * 2 // 5)
    assert changed.wallet == before.wallet - 11, "closed where it was bought: the fee alone"
    assert (changed.orders, changed.in_flight) == ((), ())
    assert [message for message in desk.noted() if isinstance(message, OrderUpdated)] == []
    (booked,) = desk.booked()
    assert (booked.fill.origin, booked.card_id, booked.block_id) == (origin, "", "")
    assert drifts(desk) == []


@pytest.mark.parametrize("exec_type", [ExecType.FUNDING, ExecType.SESSION_SETTLE_PNL])
def test_a_payment_names_the_whole_position_and_moves_money_alone(exec_type: ExecType) -> None:
    desk = held()
    before = desk.ledger()
    for number, fee in ((2, 13), (3, -4)):
        tell(desk, a_fill(number, side=Side.BUY, exec_type=exec_type, create_type=CreateType.NONE, fee=Money(fee)))
        assert desk.revision().position == before.position
    assert desk.ledger().wallet == before.wallet - 13 + 4
    assert desk.ledger().last_fill_ms == 61_000


def test_a_payment_counts_nothing_towards_an_order_of_the_venues_own() -> None:
    desk = held()
    tell(desk, a_fill(2, exec_type=ExecType.FUNDING, order_id="adl"))
    gone = OrderReport(
        "adl", "", "BTCUSDT", Side.SELL, OrderType.MARKET, VenueStatus.FILLED, Qty(5), Qty(5), Money(0), None, None,
        True, 61_000, CreateType.BY_ADL,
    )  # fmt: skip
    tell(desk, gone)
    desk.said = desk.harness.advance(1_000_000_000)
    assert desk.told("reconciler") == [ReconcileNow("executions of adl are missing", ReconcileCause.GAP)]


@pytest.mark.parametrize("exec_type", [ExecType.UNKNOWN, ExecType.CORPORATE_ACTION])
def test_a_kind_of_execution_that_may_move_the_position_or_not_is_not_booked_but_named_and_looked_into(
    exec_type: ExecType,
) -> None:
    desk = held()
    before = desk.ledger()
    odd = a_fill(2, exec_type=exec_type, unknown=("ExecType=Eclipse",))
    tell(desk, odd)
    what = f"execution e2 is of a kind that is not booked: {exec_type}"
    assert drifts(desk) == ["execution e2 has values that are not known: ExecType=Eclipse", what]
    assert desk.told("reconciler") == [ReconcileNow(what)]
    assert desk.booked() == []
    assert desk.told("card") == []
    assert desk.memories[0].value == odd, "known after a restart too"
    assert (desk.ledger().position, desk.ledger().wallet) == (before.position, before.wallet)
    tell(desk, odd)
    assert desk.told("reconciler") == [], "looked into once"
    for _ in range(2):
        desk.harness.deliver(opened(9, at_ms=99_000))
    assert "the venue holds 0.009" in desk.ledger().quarantine, "if it has moved the position, that is seen"


def test_a_creator_that_is_not_known_is_named_and_its_trade_is_booked() -> None:
    desk = held()
    odd = a_fill(2, qty=Qty(2), create_type=CreateType.UNKNOWN, unknown=("CreateType=CreateByMoon",))
    tell(desk, odd)
    assert drifts(desk) == ["execution e2 has values that are not known: CreateType=CreateByMoon"]
    assert desk.revision().position.qty == 3
    assert desk.booked()[0].fill.origin is Origin.OTHER


def test_a_report_with_values_that_are_not_known_is_named_and_runs_the_table_as_ever() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    report = OrderReport(
        "o1", ours, "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.CANCELLED, Qty(5), Qty(0), Money(0),
        Price(9_000), None, False, 61_000, stop_order_type=StopOrderType.UNKNOWN, unknown=("StopOrderType=Moon",),
    )  # fmt: skip
    tell(desk, report)
    assert drifts(desk) == ["order o1 has values that are not known: StopOrderType=Moon"]
    assert [order.request.link_id for order in desk.orders()] == [ours]


def test_an_execution_of_the_same_symbol_in_another_category_is_none_of_ours() -> None:
    desk = held()
    tell(desk, a_fill(2, category=Category.SPOT))
    assert drifts(desk) == ["Fill of spot BTCUSDT, which is traded here as linear"]
    assert desk.booked() == []
    assert desk.ledger().position.qty == 5


def test_one_id_in_two_categories_is_two_executions() -> None:
    desk = held()
    tell(desk, msgspec.structs.replace(BOUGHT, category=Category.SPOT), a_fill(1))
    assert desk.booked() == [], "e1 of linear is booked; e1 of spot is a stranger's"
