"""A private stream that keeps silent of what the venue has acknowledged: asked once, and replaced where it must be."""

from typing import Any

import pytest

from actors.model.backend import NeverSent, OrderFound, OrderQuery, Unanswered
from actors.model.fixed import Money, Price, Qty
from actors.model.order import OrderReport, OrderType, Side, VenueStatus
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from actors.websocket.messages import RenewStream
from runtime.spec import SECOND_NS
from tests.actors.orders.desk import ACCEPTED, Desk

S = VenueStatus


class Ear:
    """A desk, and what it asks and says of the stream."""

    def __init__(self, **options: Any) -> None:
        self.desk = Desk(**options)
        self.question = 0

    def acknowledged(self, **changes: Any) -> str:
        """An order that the venue has taken; its id."""
        link_id = self.desk.place(**changes)
        self.desk.accept()
        return link_id

    def wait(self, seconds: float) -> list[str]:
        """Which orders it asks for meanwhile."""
        self.desk.said = self.desk.harness.advance(int(seconds * SECOND_NS))
        asked = [(each, number) for _, each, number in self.desk.said if isinstance(each, OrderQuery)]
        for _, self.question in asked:
            pass
        return [query.link_id for query, _ in asked]

    def answer(self, message: Any) -> None:
        self.desk.said = self.desk.harness.answer(self.question, message)

    def found(self, link_id: str, status: S, filled: int = 0) -> None:
        """The venue's answer."""
        self.answer(OrderFound(a_report(link_id, status, filled)))

    def renewed(self) -> list[str]:
        """Why the stream is replaced, if it is."""
        return [each.reason for each in self.desk.told("private_socket") if isinstance(each, RenewStream)]

    def reconciles(self) -> list[Any]:
        return self.desk.told("reconciler")


def a_report(link_id: str, status: S, filled: int = 0) -> OrderReport:
    return OrderReport(
        "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, status, Qty(5), Qty(filled), Money(0), Price(9_000), None,
        False, 61_000,
    )  # fmt: skip


def test_an_order_that_the_stream_tells_of_is_never_asked_for() -> None:
    ear = Ear()
    link_id = ear.acknowledged()
    ear.desk.report(link_id, S.NEW)
    assert ear.wait(60) == []
    ear = Ear()
    link_id = ear.acknowledged()
    ear.desk.fill(link_id, 2)  # an execution is as good as a report
    assert ear.wait(60) == []
    ear = Ear()
    link_id = ear.desk.place()
    ear.desk.report(link_id, S.NEW)  # before its acknowledgement
    ear.desk.accept()
    assert ear.wait(60) == []


def test_one_that_it_has_not_told_of_after_two_seconds_is_asked_for_once() -> None:
    ear = Ear()
    link_id = ear.acknowledged()
    assert ear.wait(1.9) == []
    assert ear.wait(0.2) == [link_id]
    assert ear.wait(20) == []


@pytest.mark.parametrize(("status", "filled"), [(S.NEW, 0), (S.PARTIALLY_FILLED, 2), (S.FILLED, 5), (S.REJECTED, 0)])
def test_a_venue_that_knows_more_has_the_stream_replaced_and_everything_read(status: S, filled: int) -> None:
    ear = Ear()
    link_id = ear.acknowledged()
    ear.wait(2)
    ear.found(link_id, status, filled)
    why = f"the private stream has told nothing of {link_id}"
    assert ear.renewed() == [f"{why}, which the venue says is {status.value}"]
    (renewal,) = ear.desk.told("private_socket")
    assert renewal.since_ns == 0  # when it was acknowledged
    assert ear.reconciles() == [ReconcileNow(why, ReconcileCause.GAP)]
    assert ear.desk.told("card") == []  # what was asked proves the silence; the reconciliation books


def test_a_frame_that_comes_while_we_ask_clears_the_stream() -> None:
    ear = Ear()
    link_id = ear.acknowledged()
    ear.wait(2)
    ear.desk.report(link_id, S.NEW)
    ear.found(link_id, S.NEW)
    assert (ear.renewed(), ear.reconciles()) == ([], [])
    link_id = ear.acknowledged(bar_close_ms=120_000)
    ear.wait(2)
    ear.desk.fill(link_id, 5)
    ear.found(link_id, S.FILLED, 5)
    assert (ear.renewed(), ear.reconciles()) == ([], [])


def test_a_market_order_that_waits_for_a_trade_is_no_proof_and_one_that_has_filled_is() -> None:
    for status, filled, is_silent in ((S.NEW, 0, False), (S.FILLED, 5, True)):
        ear = Ear()
        link_id = ear.acknowledged(type=OrderType.MARKET, price=None)
        ear.wait(2)
        ear.found(link_id, status, filled)
        assert bool(ear.renewed()) is bool(ear.reconciles()) is is_silent


@pytest.mark.parametrize("answer", [OrderFound(None), NeverSent("banned"), Unanswered("10016"), None], ids=repr)
def test_without_a_word_of_the_venue_the_reconciler_finds_out_and_the_stream_stays(answer: Any) -> None:
    ear = Ear()
    link_id = ear.acknowledged()
    ear.wait(2)
    if answer is None:
        ear.wait(30)
    else:
        ear.answer(answer)
    assert ear.renewed() == []
    assert ear.reconciles() == [ReconcileNow(f"the private stream has told nothing of {link_id}", ReconcileCause.GAP)]
    assert ear.wait(60) == []


def test_many_that_it_keeps_silent_of_are_one_question() -> None:
    ear = Ear()
    ids = [ear.acknowledged(bar_close_ms=60_000 * number) for number in (1, 2, 3)]
    assert ear.wait(2) == ids[:1]
    ear.found(ids[0], S.NEW)
    assert len(ear.renewed()) == 1
    assert ear.wait(60) == []


def test_the_others_are_asked_for_where_the_first_was_told_of_meanwhile() -> None:
    ear = Ear()
    first = ear.acknowledged()
    ear.wait(1)
    second = ear.acknowledged(bar_close_ms=120_000)
    assert ear.wait(1) == [first]
    ear.desk.report(first, S.NEW)
    ear.found(first, S.NEW)
    assert ear.wait(0.9) == []
    assert ear.wait(0.2) == [second]


def test_a_cancel_whose_end_nobody_tells_is_asked_for() -> None:
    for status, filled, is_silent in ((S.CANCELLED, 0, True), (S.PARTIALLY_FILLED, 2, True), (S.NEW, 0, False)):
        ear = Ear()
        link_id = ear.acknowledged()
        ear.desk.report(link_id, S.NEW)
        ear.desk.withdraw()
        ear.desk.answer_cancel(ACCEPTED)
        assert ear.wait(2) == [link_id]
        ear.found(link_id, status, filled)
        assert bool(ear.renewed()) is is_silent
        assert bool(ear.reconciles()) is is_silent


def test_with_latency_it_waits_for_as_long_as_the_way_takes() -> None:
    ear = Ear(round_trip_ns=3 * SECOND_NS)
    link_id = ear.acknowledged()
    assert ear.wait(4.9) == []
    assert ear.wait(0.2) == [link_id]
