"""What is published of an order: to the journal before it is sent and at its end, to cards when it rests or ends."""

from actors.model.backend import SubmitOrder
from actors.model.fixed import Qty
from actors.model.order import LocalStatus, Order, VenueStatus
from actors.orders.messages import BOOKED_TOPIC, EXECUTIONS_TOPIC, ORDERS_TOPIC
from tests.actors.orders.desk import CARD, Desk


def test_the_journal_hears_of_an_order_before_it_is_sent() -> None:
    desk = Desk()
    ours = desk.place()
    assert [type(message) for _, message, _ in desk.said] == [SubmitOrder]
    (memory,) = desk.memories
    assert (memory.topic, memory.key, memory.value.status) == (ORDERS_TOPIC, ours, LocalStatus.JOURNALED)


def test_the_journal_hears_of_a_frame_when_it_has_been_read_whatever_it_held() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.fill(ours, 5)
    assert [(memory.topic, memory.key) for memory in desk.memories] == [
        (EXECUTIONS_TOPIC, "linear/BTCUSDT/e1"), (ORDERS_TOPIC, ours), (BOOKED_TOPIC, "BTCUSDT"),
    ]  # fmt: skip
    execution, order, booked = (memory.value for memory in desk.memories)
    assert (execution.exec_id, order.status, booked.position.qty) == ("e1", LocalStatus.FILLED, 5)


def test_a_frame_with_nothing_to_remember_says_nothing_to_the_journal() -> None:
    desk = Desk()
    ours = desk.place()
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    assert desk.memories == []
    desk.report(ours, VenueStatus.CANCELLED)
    (entry,) = desk.memories
    assert (entry.topic, entry.key) == (ORDERS_TOPIC, ours)
    desk.fill(ours, 2)
    assert [memory.topic for memory in desk.memories] == [EXECUTIONS_TOPIC, BOOKED_TOPIC]
    desk.fill(ours, 2)
    assert (desk.said, desk.memories) == ([], []), "the same execution again"


def test_a_card_hears_that_its_order_rests_and_that_it_has_ended_and_no_more() -> None:
    desk = Desk()
    ours = desk.place()
    assert desk.states() == []
    desk.accept()
    assert desk.said == [], "an acknowledgement stands on the record alone"
    desk.report(ours, VenueStatus.NEW)
    assert desk.states() == [LocalStatus.WORKING]
    desk.fill(ours, 5)
    assert desk.states() == [LocalStatus.FILLED]
    assert [message.fill.exec_id for message in desk.booked()] == ["e1"]


def test_a_published_order_is_a_copy_that_does_not_change_later() -> None:
    desk = Desk()
    ours = desk.place()
    (sent,) = desk.memories
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    (resting,) = desk.revision().orders
    desk.fill(ours, 5)
    (ended,) = desk.revision().orders

    def story(order: Order) -> tuple[str, LocalStatus, Qty]:
        return order.card_id, order.status, order.filled_qty

    assert story(sent.value) == (CARD, LocalStatus.JOURNALED, 0)
    assert story(resting) == (CARD, LocalStatus.WORKING, 0)
    assert story(ended) == (CARD, LocalStatus.FILLED, 5)
