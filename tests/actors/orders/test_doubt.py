"""Orders of unknown outcome: none is sent twice, and none counts as failed or filled without proof."""

import msgspec
import pytest

from actors.model.backend import PrivateFrame, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderReport, OrderType, Side, VenueStatus
from actors.model.origins import StopOrderType
from actors.model.result import OrderResult, RejectReason, RequestOutcome, VenueCode
from actors.orders.messages import NeverArrived
from actors.reconciler.messages import ReconcileNow
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from tests.actors.orders.desk import TOO_MANY, UNKNOWN, Desk, opened


def submissions(desk: Desk) -> list[str]:
    found = []
    for _, message, correlation in desk.said:
        if isinstance(message, SubmitOrder):
            desk.submitted = correlation
            found.append(message.request.link_id)
    return found


def tell_filled(desk: Desk, link_id: str, filled: int) -> None:
    report = OrderReport(
        "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.FILLED, Qty(5), Qty(filled), Money(0),
        Price(9_000), None, False, 61_000,
    )  # fmt: skip
    desk.said = desk.harness.deliver(PrivateFrame((report,)))


def test_while_the_gateway_is_down_and_until_the_next_reconciliation_nothing_is_sent() -> None:
    desk = Desk()
    desk.harness.kernel.kill(Ref("gateway"))
    desk.harness.kernel.pump()
    assert desk.place() == ""
    desk.said = desk.harness.deliver(opened())
    assert len(submissions(desk)) == 1


def test_an_id_that_the_venue_knows_already_is_proof_of_arrival_and_no_refusal() -> None:
    desk = Desk()
    ours = desk.place()
    known = OrderResult(RequestOutcome.REJECTED, code=VenueCode.DUPLICATE_ID, rejection=RejectReason.DUPLICATE_ID)
    desk.said = desk.harness.answer(desk.submitted, known)
    assert desk.states() == []
    assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow]
    desk.report(ours, VenueStatus.NEW)
    assert desk.states() == [LocalStatus.WORKING]


@pytest.mark.parametrize("reached", ["sent", "acknowledged", "working", "filled"])
def test_an_order_that_is_not_in_doubt_is_never_sent_again(reached: str) -> None:
    desk = Desk()
    ours = desk.place()
    if reached != "sent":
        desk.accept()
    if reached == "working":
        desk.report(ours, VenueStatus.NEW)
    if reached == "filled":
        desk.fill(ours, 5)
    desk.said = desk.harness.deliver(NeverArrived(ours))
    assert desk.said == []


def test_filled_is_believed_when_the_executions_have_come() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell_filled(desk, ours, 5)
    assert desk.states() == []
    desk.fill(ours, 2, number=1)
    assert desk.states() == []
    desk.fill(ours, 3, number=2)
    assert desk.states() == [LocalStatus.FILLED]


def test_an_order_that_the_venue_made_smaller_is_filled_by_as_much_as_the_venue_says() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    tell_filled(desk, ours, 3)
    assert desk.states() == []
    desk.fill(ours, 3)
    assert desk.states() == [LocalStatus.FILLED]


def test_reported_executions_that_do_not_come_within_a_second_start_a_reconciliation() -> None:
    for comes, wants in ((2, 1), (3, 0)):
        desk = Desk()
        ours = desk.place()
        desk.accept()
        tell_filled(desk, ours, 3)
        assert desk.told("reconciler") == []
        desk.fill(ours, comes)
        desk.said = desk.harness.advance(SECOND_NS - 1)
        assert desk.told("reconciler") == []
        desk.said = desk.harness.advance(1)
        assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow] * wants


def test_an_order_of_the_venues_own_is_missed_by_its_executions_too() -> None:
    stop = OrderReport(
        "o9", "", "BTCUSDT", Side.SELL, OrderType.MARKET, VenueStatus.FILLED, Qty(5), Qty(5), Money(0), None, None,
        True, 61_000, stop_order_type=StopOrderType.STOP_LOSS,
    )  # fmt: skip
    fill = Fill("e9", "o9", "", "BTCUSDT", Side.SELL, Price(9_000), Qty(5), Money(1), False, 61_000)
    for events, wants in (((stop,), 1), ((fill, stop), 0), ((stop, fill), 0)):
        desk = Desk()
        desk.said = desk.harness.deliver(PrivateFrame(events))
        desk.said = desk.harness.advance(SECOND_NS)
        assert len(desk.told("reconciler")) == wants


@pytest.mark.parametrize("end", [VenueStatus.CANCELLED, VenueStatus.REJECTED, VenueStatus.DEACTIVATED])
def test_executions_that_come_after_an_end_are_booked_and_make_it_filled(end: VenueStatus) -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.report(ours, end)
    desk.fill(ours, 5)
    assert desk.states() == [LocalStatus.FILLED]
    assert len(desk.booked()) == 1


def test_an_order_that_never_arrives_is_sent_three_times_with_one_id_and_then_refused() -> None:
    desk = Desk()
    ours = desk.place()
    for _ in range(2):
        desk.harness.answer(desk.submitted, UNKNOWN)
        desk.said = desk.harness.deliver(NeverArrived(ours))
        assert submissions(desk) == [ours]
    desk.harness.answer(desk.submitted, UNKNOWN)
    desk.said = desk.harness.deliver(NeverArrived(ours))
    assert submissions(desk) == []
    (order,) = desk.orders()
    assert (order.status, order.reason) == (LocalStatus.REJECTED, RejectReason.NEVER_ARRIVED.value)
    assert msgspec.structs.asdict(order)["attempts"] == 3


NEVER_SENT = OrderResult(RequestOutcome.NEVER_SENT, rejection=RejectReason.NEVER_SENT, reason="no permit")


def test_an_entry_that_was_never_sent_ends_and_is_not_sent_late() -> None:
    desk = Desk()
    desk.place()
    desk.said = desk.harness.answer(desk.submitted, NEVER_SENT)
    (order,) = desk.orders()
    assert (order.status, order.reason) == (LocalStatus.REJECTED, RejectReason.NEVER_SENT.value)
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert submissions(desk) == []


def test_an_exit_that_was_never_sent_goes_out_again_with_the_same_id() -> None:
    desk = Desk()
    ours = desk.place(side=Side.SELL, is_entry=False, reduce_only=True)
    desk.said = desk.harness.answer(desk.submitted, NEVER_SENT)
    assert desk.states() == []
    desk.said = desk.harness.advance(SECOND_NS)
    assert submissions(desk) == [ours]


def test_an_execution_without_our_id_is_known_by_the_id_of_the_acknowledgement() -> None:
    desk = Desk()
    desk.place()
    desk.said = desk.harness.answer(desk.submitted, OrderResult(RequestOutcome.ACCEPTED, order_id="o1"))
    desk.fill("", 5)
    assert desk.states() == [LocalStatus.FILLED]


def test_the_reconciler_hears_why_an_order_is_in_doubt() -> None:
    known = OrderResult(RequestOutcome.REJECTED, code=VenueCode.DUPLICATE_ID, rejection=RejectReason.DUPLICATE_ID)
    for answer, why in ((UNKNOWN, "timed out"), (known, "the id is known to the venue")):
        desk = Desk()
        desk.place()
        desk.said = desk.harness.answer(desk.submitted, answer)
        assert desk.told("reconciler") == [ReconcileNow(why)]


def test_an_order_that_is_reported_while_it_waits_to_be_sent_again_is_not_sent_again() -> None:
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, TOO_MANY)
    desk.report(ours, VenueStatus.NEW)
    assert desk.states() == [LocalStatus.WORKING]
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert submissions(desk) == []
    desk = Desk()
    ours = desk.place()
    desk.harness.answer(desk.submitted, TOO_MANY)
    desk.fill(ours, 5)
    assert desk.states() == [LocalStatus.FILLED]
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert submissions(desk) == []


@pytest.mark.parametrize("end", [VenueStatus.CANCELLED, VenueStatus.PARTIALLY_FILLED, VenueStatus.DEACTIVATED])
def test_executions_that_a_cancelled_or_partly_filled_order_counts_are_missed_too(end: VenueStatus) -> None:
    for comes, wants in ((2, 1), (3, 0)):
        desk = Desk()
        ours = desk.place()
        desk.accept()
        desk.report(ours, end, filled=3)
        desk.fill(ours, comes)
        desk.said = desk.harness.advance(SECOND_NS)
        assert [type(message) for message in desk.told("reconciler")] == [ReconcileNow] * wants
