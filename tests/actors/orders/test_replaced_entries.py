"""A case that replaces a resting entry: an amend with the new total, and what becomes of it when that goes wrong."""

from typing import Any

import pytest

from actors.model.backend import AmendOrder
from actors.model.fixed import Price, Qty
from actors.model.order import LocalStatus, VenueStatus
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.messages import Requote
from tests.actors.orders.desk import ACCEPTED, CARD, UNKNOWN, Desk
from tests.actors.orders.test_amends import UNDER_FILLED, WRONG_SIDE


def resting(desk: Desk) -> str:
    """An entry of 5 that rests at 90.00."""
    ours = desk.place()
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    return ours


def replace(desk: Desk, bar: int = 2, **changes: Any) -> list[AmendOrder]:
    """What is asked of the venue when a case of another block replaces it."""
    told: dict[str, Any] = {"price": Price(9_100), "qty": Qty(7), "is_replacing": True} | changes
    desk.said = desk.harness.deliver(Requote(CARD, "b", 1, bar * 60_000, "BTCUSDT", close=Price(10_000), **told))
    return desk.amends()


def test_price_and_quantity_are_amended_together_and_the_order_stays_of_its_block() -> None:
    desk = Desk()
    ours = resting(desk)
    assert replace(desk) == [AmendOrder("BTCUSDT", ours, Qty(7), Price(9_100))]
    desk.answer_amend(ACCEPTED)
    (order,) = desk.orders()
    assert (order.request.link_id, order.request.qty, order.request.price) == (ours, 7, 9_100)
    assert (order.block_id, order.bar_close_ms) == ("b", 120_000)


def test_terms_that_it_has_already_are_not_asked_for() -> None:
    desk = Desk()
    resting(desk)
    assert replace(desk, price=Price(9_000), qty=Qty(5)) == []


def test_an_order_that_has_filled_as_much_is_cancelled_for_the_rest() -> None:
    desk = Desk()
    ours = resting(desk)
    desk.fill(ours, 3)
    assert replace(desk, qty=Qty(3)) == []
    assert [link_id for link_id, _ in desk.cancels()] == [ours]


@pytest.mark.parametrize("answer", [UNKNOWN, UNDER_FILLED, None])
def test_where_its_size_is_in_doubt_it_is_cancelled(answer: OrderResult | None) -> None:
    desk = Desk()
    ours = resting(desk)
    replace(desk)
    desk.answer_amend(answer)
    assert [link_id for link_id, _ in desk.cancels()] == [ours]


def test_a_rejection_is_told_and_the_order_rests_as_it_was() -> None:
    desk = Desk()
    ours = resting(desk)
    replace(desk)
    desk.answer_amend(WRONG_SIDE)
    (rejected,) = desk.orders()
    assert (rejected.status, rejected.reason) == (LocalStatus.REJECTED, "not below")
    assert desk.cancels() == []
    assert replace(desk, 3) == [AmendOrder("BTCUSDT", ours, Qty(7), Price(9_100))]


def test_the_newest_replacement_waits_for_the_amend_under_way() -> None:
    desk = Desk()
    ours = resting(desk)
    replace(desk)
    assert replace(desk, 3, price=Price(9_200)) == []
    assert replace(desk, 4, price=Price(9_300), qty=Qty(4)) == []
    desk.answer_amend(ACCEPTED)
    assert desk.amends() == [AmendOrder("BTCUSDT", ours, Qty(4), Price(9_300))]
    desk.answer_amend(ACCEPTED)
    assert desk.amends() == []


def test_an_order_that_follows_waits_for_the_next_close_instead() -> None:
    desk = Desk()
    resting(desk)
    assert len(replace(desk, is_replacing=False, qty=None)) == 1
    assert replace(desk, 3, is_replacing=False, qty=None, price=Price(9_200)) == []
    desk.answer_amend(ACCEPTED)
    assert desk.amends() == []


def test_a_late_answer_after_the_end_changes_nothing() -> None:
    desk = Desk()
    ours = resting(desk)
    replace(desk)
    assert replace(desk, 3, price=Price(9_200)) == []
    desk.report(ours, VenueStatus.CANCELLED)
    late = OrderResult(RequestOutcome.REJECTED, rejection=RejectReason.ORDER_NOT_FOUND)
    desk.answer_amend(late)
    assert (desk.amends(), desk.cancels(), desk.orders()) == ([], [], [])
