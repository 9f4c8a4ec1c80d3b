"""What a card withdraws ends: at once if it never went out, else by a cancel, sent again until the venue hears it."""

from typing import Any

import msgspec
import pytest

from actors.model.backend import CancelOrder, PositionReport, PrivateFrame, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.order import LocalStatus, OrderReport, OrderType, Side, VenueStatus
from actors.model.position import FLAT
from actors.model.result import OrderResult, Outcome, Refusal, VenueCode
from actors.orders.actor import Orders
from actors.orders.messages import ApprovedOrder, NeverArrived, OrderUpdated, Reconciled, WithdrawResting
from actors.orders.wiring import OrdersWiring
from actors.reconciler.messages import ReconcileNow
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.builders import an_instrument

CARD = "grid"
PARTS = ("journal", "port", "gateway", "account", "protection", "reconciler", "intents")
ACCEPTED = OrderResult(Outcome.ACCEPTED)
TOO_MANY = OrderResult(Outcome.REFUSED, code=VenueCode.RATE_LIMITED, refusal=Refusal.RATE_LIMITED)
TOO_LATE = OrderResult(Outcome.REFUSED, code=VenueCode.ORDER_NOT_FOUND, refusal=Refusal.ORDER_NOT_FOUND)
UNKNOWN = OrderResult(Outcome.UNKNOWN, reason="timed out")


def opened() -> Reconciled:
    return Reconciled(PositionReport("BTCUSDT", FLAT, None, None, 0))


class Desk:
    """`orders` in the hand, open unless told otherwise; `said` is what the last step made it say."""

    def __init__(self, *, is_open: bool = True) -> None:
        wiring = OrdersWiring(**{part: Ref(part) for part in PARTS}, cards={CARD: Ref("card")})
        build = lambda: Orders(wiring, an_instrument(), "test")  # noqa: E731
        self.harness = ActorHarness(build, others=(*PARTS, "card"))
        for _, question, correlation in self.harness.take():
            if isinstance(question, Recall):
                self.harness.answer(correlation, Recalled(question.topic, ()))
        if is_open:
            self.harness.deliver(opened())
        self.said: list[Said] = []
        self.submitted = 0

    def place(self, **changes: Any) -> str:
        """Approve an order; its id if it goes out, else an empty text."""
        order = ApprovedOrder(
            CARD, "b", 0, 60_000, "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(5), Price(9_000), None, None, False, True,
            None, None,
        )  # fmt: skip
        self.said = self.harness.deliver(msgspec.structs.replace(order, **changes))
        for _, message, correlation in self.said:
            if isinstance(message, SubmitOrder):
                self.submitted = correlation
                return message.request.link_id
        return ""

    def accept(self) -> None:
        """The venue takes the last submission."""
        self.said = self.harness.answer(self.submitted, ACCEPTED)

    def report(self, link_id: str, status: VenueStatus) -> None:
        """The venue tells of an order."""
        report = OrderReport(
            "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, status, Qty(5), Qty(0), Money(0), Price(9_000), None,
            False, 61_000,
        )  # fmt: skip
        self.said = self.harness.deliver(PrivateFrame((report,)))

    def withdraw(self) -> None:
        self.said = self.harness.deliver(WithdrawResting(CARD))

    def answer_cancel(self, result: OrderResult) -> None:
        ((_, correlation),) = self.cancels()
        self.said = self.harness.answer(correlation, result)

    def cancels(self) -> list[tuple[str, int]]:
        """Which orders it asked the venue to end, in the last step, and under which correlation."""
        return [(message.link_id, number) for _, message, number in self.said if isinstance(message, CancelOrder)]

    def states(self) -> list[LocalStatus]:
        """What the card was told in the last step."""
        return [message.order.status for _, message, _ in self.said if isinstance(message, OrderUpdated)]


def test_a_resting_order_is_cancelled_and_has_ended_when_the_venue_says_so() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    assert [link for link, _ in desk.cancels()] == [ours]
    assert desk.states() == []
    desk.answer_cancel(ACCEPTED)
    assert desk.states() == []
    desk.report(ours, VenueStatus.CANCELLED)
    assert desk.states() == [LocalStatus.CANCELLED]


def test_one_wish_sends_one_cancel_however_often_it_is_uttered_and_the_order_moves() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    assert len(desk.cancels()) == 1
    desk.withdraw()
    assert desk.cancels() == []
    desk.report(ours, VenueStatus.NEW)
    assert desk.states() == [LocalStatus.WORKING]
    assert desk.cancels() == []


def test_an_order_on_its_way_is_cancelled_when_it_has_arrived() -> None:
    desk = Desk()
    ours = desk.place()
    desk.withdraw()
    assert desk.cancels() == [], "a cancel would overtake the order it is meant for"
    desk.accept()
    assert [link for link, _ in desk.cancels()] == [ours]


def test_an_order_that_was_never_sent_ends_here() -> None:
    desk = Desk(is_open=False)
    assert desk.place() == ""
    desk.withdraw()
    assert desk.states() == [LocalStatus.CANCELLED]
    desk.said = desk.harness.deliver(opened())
    assert not [message for _, message, _ in desk.said if isinstance(message, SubmitOrder)]


def test_an_order_proven_never_to_have_arrived_is_not_sent_again() -> None:
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, UNKNOWN)
    desk.withdraw()
    desk.said = desk.harness.deliver(NeverArrived(ours))
    assert desk.states() == [LocalStatus.CANCELLED]
    assert not [message for _, message, _ in desk.said if isinstance(message, SubmitOrder)]


def test_exits_and_other_cards_orders_stay() -> None:
    desk = Desk()
    desk.place(is_entry=False, reduce_only=True)
    desk.accept()
    desk.withdraw()
    assert desk.cancels() == []
    desk.said = desk.harness.deliver(WithdrawResting("another"))
    assert desk.cancels() == []


@pytest.mark.parametrize("answer", [TOO_MANY, UNKNOWN, None])
def test_a_cancel_that_was_not_heard_is_sent_again_later(answer: OrderResult | None) -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    if answer is None:
        desk.said = desk.harness.advance(31 * SECOND_NS)  # the deadline of the question, and a second
    else:
        desk.answer_cancel(answer)
        assert desk.cancels() == []
        desk.said = desk.harness.advance(SECOND_NS)
    assert [link for link, _ in desk.cancels()] == [ours]


def test_no_cancel_is_repeated_for_an_order_that_has_ended_meanwhile() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(TOO_MANY)
    desk.report(ours, VenueStatus.CANCELLED)
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []


def test_a_cancel_that_came_too_late_is_left_to_what_the_venue_reports() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    desk.answer_cancel(TOO_LATE)
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []


def test_after_five_cancels_in_vain_the_books_are_compared() -> None:
    desk = Desk()
    desk.place()
    desk.accept()
    desk.withdraw()
    for _ in range(4):
        desk.answer_cancel(TOO_MANY)
        desk.said = desk.harness.advance(8 * SECOND_NS)
    desk.answer_cancel(TOO_MANY)
    assert [to for to, message, _ in desk.said if isinstance(message, ReconcileNow)] == ["reconciler"]
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert desk.cancels() == []
