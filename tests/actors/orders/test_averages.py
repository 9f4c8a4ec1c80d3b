"""The venue's rounded average price: one that cannot come of our executions is named, and never replaces our cost."""

from decimal import Decimal

import msgspec
import pytest

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.orders.messages import DriftFound, Reconciled
from tests.actors.builders import an_instrument
from tests.actors.orders.desk import Desk, opened

# 1 at 90.00 and 2 at 90.50: the average is 90.3333 and goes on.
FILLS = tuple(
    Fill(f"e{number}", "o1", "", "BTCUSDT", Side.BUY, Price(price), Qty(qty), Money(7), False, 61_000)
    for number, (price, qty) in enumerate([(9_000, 1), (9_050, 2)])
)
COST = an_instrument().value(9_000, 1) + an_instrument().value(9_050, 2)


def stated(average: str | None, qty: int = 3, at_ms: int = 90_000) -> Reconciled:
    plain = opened(qty, at_ms=at_ms)
    price = None if average is None else Decimal(average)
    return msgspec.structs.replace(plain, position=msgspec.structs.replace(plain.position, average_price=price))


def held(side: Side = Side.BUY) -> Desk:
    desk = Desk()
    desk.harness.deliver(PrivateFrame(tuple(msgspec.structs.replace(fill, side=side) for fill in FILLS)))
    return desk


def drifts(desk: Desk) -> list[str]:
    return [message.what for message in desk.noted() if isinstance(message, DriftFound)]


@pytest.mark.parametrize("average", ["90.33333333", "90.3", "90.24", "90.43", None])
@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_an_average_within_a_tick_of_ours_is_the_venues_rounding(average: str | None, side: Side) -> None:
    desk = held(side)
    desk.said = desk.harness.deliver(stated(average, side * 3))
    assert drifts(desk) == []
    assert desk.ledger().position.cost == side * COST, "exact, whatever the venue rounds"


@pytest.mark.parametrize("average", ["90.44", "90.23", "0", "181"])
def test_an_average_that_cannot_come_of_our_executions_is_named_once_and_replaces_nothing(average: str) -> None:
    desk = held()
    desk.said = desk.harness.deliver(stated(average))
    assert drifts(desk) == [f"the venue's average price of BTCUSDT is {average}, our executions come to 90.333333"]
    told = desk.ledger()
    assert (told.position.qty, told.position.cost, told.quarantine) == (3, COST, "")
    assert desk.told("reconciler") == []
    desk.said = desk.harness.deliver(stated(average, at_ms=95_000))
    assert drifts(desk) == [], "said already"
    desk.harness.deliver(stated("90.33", at_ms=96_000))
    desk.said = desk.harness.deliver(stated(average, at_ms=97_000))
    assert len(drifts(desk)) == 1


def test_an_average_of_another_moment_is_not_compared() -> None:
    desk = held()
    desk.said = desk.harness.deliver(stated("99", at_ms=61_500))
    assert drifts(desk) == [], "an execution is as new as the statement"


def test_an_average_beside_another_quantity_is_no_second_drift() -> None:
    desk = held()
    desk.said = desk.harness.deliver(stated("99", qty=4))
    assert drifts(desk) == ["the venue holds 0.004 BTCUSDT, the executions come to 0.003"]
    assert desk.ledger().position.cost == COST


def test_the_average_of_a_venue_that_rounds_down() -> None:
    assert an_instrument().average_text(COST, 3) == an_instrument().average_text(-COST, -3) == "90.333333"
