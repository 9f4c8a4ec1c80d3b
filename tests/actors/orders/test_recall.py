"""What `orders` restores after a restart, and how little the journal has to hold for that."""

from decimal import Decimal
from typing import Any

from actors.model.backend import PrivateFrame
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderType, Side, VenueStatus
from actors.orders import executions, store
from actors.orders.messages import LocalView, LocalViewQuery
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Remember
from tests.actors.orders.desk import ACCEPTED, Desk, opened

TOPICS = ("orders", "executions", "booked")
MARKET = {"type": OrderType.MARKET, "price": None}


class Memory:
    """All that a desk remembers, as a later life is told of it."""

    def __init__(self) -> None:
        self._topics: dict[str, dict[str, Any]] = {topic: {} for topic in TOPICS}

    def keep(self, desk: Desk) -> None:
        for memory in desk.memories:
            self._keep(memory)

    def _keep(self, memory: Remember) -> None:
        topic = self._topics[memory.topic]
        topic[memory.key] = memory.value
        topic.pop(memory.forget, None)

    def recall(self, topic: str) -> Recalled:
        return Recalled(topic, tuple(self._topics[topic].items()))

    def held(self) -> int:
        return sum(len(self.recall(topic).entries) for topic in TOPICS)


def restarted(memory: Memory) -> Desk:
    """A new life of `orders`, from what the journal remembers."""
    return Desk(recalled={topic: memory.recall(topic).entries for topic in TOPICS})


def asked(desk: Desk, question: Any) -> Any:
    number = desk.harness.kernel.ask(None, desk.harness.ref, question, 10**9)
    desk.harness.kernel.pump()
    return desk.harness.kernel.outside_answers[number]


def working(desk: Desk, memory: Memory, **changes: Any) -> str:
    ours = desk.place(**changes)
    memory.keep(desk)
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    memory.keep(desk)
    return ours


def test_what_was_filled_before_a_restart_counts_and_the_order_ends_with_its_last_execution() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory)
    desk.fill(ours, 2)
    memory.keep(desk)
    desk = restarted(memory)
    view = asked(desk, LocalViewQuery("BTCUSDT"))
    assert isinstance(view, LocalView)
    assert [(order.link_id, order.filled_qty) for order in view.orders] == [(ours, 2)]
    desk.fill(ours, 3, number=2)
    assert desk.states() == [LocalStatus.FILLED]


def test_an_execution_of_before_the_restart_is_not_booked_again() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory)
    desk.fill(ours, 2)
    memory.keep(desk)
    desk = restarted(memory)
    desk.fill(ours, 2)
    assert desk.booked() == []


def test_the_position_the_wallet_and_the_newest_execution_are_known_after_a_restart() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory)
    desk.fill(ours, 2)
    memory.keep(desk)
    before = desk.ledger()
    desk = restarted(memory)
    desk.harness.deliver(opened(2, wallet=before.wallet, at_ms=61_000))
    after = desk.ledger()
    assert (after.position, after.wallet, after.last_fill_ms) == (before.position, before.wallet, 61_000)
    assert after.position.qty == 2


def test_the_journal_holds_a_checkpoint_and_the_newest_ended_orders_however_long_the_story() -> None:
    desk, memory = Desk(), Memory()
    bound, most = store._MAX_ENDED, 0
    for number in range(bound + 200):
        side = Side.BUY if number % 2 == 0 else Side.SELL
        ours = desk.place(**MARKET, side=side, is_entry=side is Side.BUY, bar_close_ms=60_000 * (number + 1))
        memory.keep(desk)
        desk.accept()
        desk.fill(ours, 5, number=number + 1)
        memory.keep(desk)
        if number % 50 == 0:
            most = max(most, memory.held())
    resting = working(desk, memory, bar_close_ms=60_000_000_000)
    most = max(most, memory.held())
    assert most <= bound + executions._MAX_KNOWN + 2, "ended orders, executions, one open order and the checkpoint"
    desk = restarted(memory)
    view = asked(desk, LocalViewQuery("BTCUSDT"))
    assert [order.link_id for order in view.orders] == [resting]
    desk.harness.deliver(opened())
    assert desk.ledger().last_fill_ms == 61_000


def test_a_position_whose_entry_has_long_been_forgotten_is_still_to_be_protected() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, stop_loss=Decimal(1))
    desk.fill(ours, 5)
    memory.keep(desk)
    for number in range(store._MAX_ENDED + 1):
        later = desk.place(**MARKET, bar_close_ms=60_000 * (number + 2))
        memory.keep(desk)
        desk.report(later, VenueStatus.CANCELLED)
        memory.keep(desk)
    assert ours not in dict(memory.recall("orders").entries)
    desk = restarted(memory)
    desk.harness.deliver(opened(5, at_ms=61_000))
    entry = desk.ledger().protected
    assert entry is not None
    assert (entry.request.side, entry.stop_loss) == (Side.BUY, Decimal(1))


RESTING_EXIT = {"side": Side.SELL, "is_entry": False, "reduce_only": True}


def test_an_order_that_was_to_become_larger_before_a_restart_ends_when_the_venue_says_so() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, **RESTING_EXIT)
    desk.place(**RESTING_EXIT, bar_close_ms=120_000, qty=Qty(8))
    memory.keep(desk)
    desk = restarted(memory)
    desk.fill(ours, 3, number=1)
    desk.fill(ours, 2, number=2)
    assert desk.states() == [], "the venue may have made it eight"
    desk.report(ours, VenueStatus.FILLED, filled=5)
    assert desk.states() == [LocalStatus.FILLED]


def test_an_order_that_became_larger_before_a_restart_ends_with_its_last_execution() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, **RESTING_EXIT)
    desk.place(**RESTING_EXIT, bar_close_ms=120_000, qty=Qty(8))
    memory.keep(desk)
    assert len(desk.amends()) == 1
    desk.answer_amend(ACCEPTED)
    memory.keep(desk)
    desk = restarted(memory)
    desk.fill(ours, 3, number=1)
    desk.fill(ours, 2, number=2)
    assert desk.states() == []
    desk.fill(ours, 3, number=3)
    assert desk.states() == [LocalStatus.FILLED]


def test_a_decision_that_an_order_carried_before_a_restart_is_not_carried_out_again() -> None:
    for has_ended in (False, True):
        desk, memory = Desk(), Memory()
        ours = working(desk, memory, **RESTING_EXIT)
        newer = {**RESTING_EXIT, "bar_close_ms": 120_000, "price": Price(9_100)}
        desk.place(**newer)
        assert len(desk.amends()) == 1
        desk.answer_amend(ACCEPTED)
        memory.keep(desk)
        if has_ended:
            desk.report(ours, VenueStatus.CANCELLED)
            memory.keep(desk)
        desk = restarted(memory)
        desk.place(**newer)
        assert [order.request.link_id for order in desk.revision().orders] == [ours]
        assert desk.amends() == []


def test_what_was_being_sent_at_a_restart_is_in_doubt_and_what_rested_is_not() -> None:
    desk, memory = Desk(), Memory()
    resting = working(desk, memory)
    sending = desk.place(block_index=1)
    memory.keep(desk)
    desk.fill(resting, 2)
    memory.keep(desk)
    view = asked(restarted(memory), LocalViewQuery("BTCUSDT"))
    assert {order.link_id: order.status for order in view.orders} == {
        resting: LocalStatus.WORKING,
        sending: LocalStatus.UNKNOWN,
    }


def test_the_venues_id_of_an_order_is_known_after_a_restart() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory)
    desk.fill(ours, 2)
    memory.keep(desk)
    desk = restarted(memory)
    desk.fill("", 3, number=2)
    assert [message.card_id for message in desk.booked()] == ["grid"]


def test_what_an_entry_fills_after_a_restart_counts_into_the_price_that_its_stop_is_measured_from() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, stop_loss=Decimal(1))
    desk.fill(ours, 2)
    memory.keep(desk)
    desk = restarted(memory)
    dear = Fill("e2", "o1", ours, "BTCUSDT", Side.BUY, Price(9_500), Qty(2), Money(1), False, 61_000)
    desk.harness.deliver(PrivateFrame((dear,)))
    desk.harness.deliver(opened(4, at_ms=61_000))
    entry = desk.ledger().protected
    assert entry is not None
    assert (entry.filled_qty, entry.filled_value) == (4, (2 * 9_000 + 2 * 9_500) * 10**5)


def test_a_restart_knows_the_side_of_the_position_and_how_far_it_has_to_go() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, stop_loss=Decimal(1))
    desk.fill(ours, 5)
    memory.keep(desk)
    for qty, is_wanted in ((2, True), (5, False)):
        desk = restarted(memory)
        sale = Fill("e2", "x", "", "BTCUSDT", Side.SELL, Price(9_500), Qty(qty), Money(1), False, 61_000)
        desk.harness.deliver(PrivateFrame((sale,)))
        desk.harness.deliver(opened(5 - qty, at_ms=61_000))
        assert (desk.ledger().protected is not None) is is_wanted


def test_a_newer_exit_replaces_one_of_before_a_restart() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, **RESTING_EXIT)
    memory.keep(desk)
    desk = restarted(memory)
    desk.report(ours, VenueStatus.NEW)
    desk.place(**{**RESTING_EXIT, **MARKET}, bar_close_ms=120_000)
    assert [link for link, _ in desk.cancels()] == [ours]
    desk.report(ours, VenueStatus.CANCELLED)
    assert [message.request.type for message in desk.told("port")] == [OrderType.MARKET]


def test_after_a_restart_revisions_are_newer_and_every_symbol_is_published() -> None:
    desk, memory = Desk(), Memory()
    ours = working(desk, memory, stop_loss=Decimal(1))
    desk.fill(ours, 5)
    memory.keep(desk)
    before = desk.ledger()
    for _, question, number in desk.harness.crash():
        if isinstance(question, Recall):
            desk.harness.answer(number, memory.recall(question.topic))
    desk.said = desk.harness.deliver(opened(5, wallet=before.wallet, at_ms=61_000))
    for name in ("card", "intents", "protection", "safety"):
        changed = desk.told(name)[0]
        assert changed.revision > before.revision
        assert (changed.position, changed.wallet, changed.orders) == (before.position, before.wallet, ())
    assert desk.told("protection")[0].protected == before.protected


def test_an_execution_of_before_the_first_reading_is_not_counted_after_a_restart_either() -> None:
    """The position was taken as the venue stated it; a later reading lists executions of a minute before that."""
    desk, memory = Desk(is_open=False), Memory()
    desk.said = desk.harness.deliver(opened(5, at_ms=100_000))
    memory.keep(desk)
    held_already = Fill("x1", "x", "", "BTCUSDT", Side.BUY, Price(9_000), Qty(5), Money(1), False, 99_000)
    desk.said = desk.harness.deliver(PrivateFrame((held_already,)))
    assert desk.booked() == []
    memory.keep(desk)
    desk = restarted(memory)
    desk.said = desk.harness.deliver(PrivateFrame((held_already,)))
    assert desk.booked() == []
    assert desk.ledger().position.qty == 5
