"""A newer exit of another kind: the older one is cancelled, and the newer is sent for what that has not filled."""

from actors.model.backend import SubmitOrder
from actors.model.fixed import Price, Qty
from actors.model.order import LocalStatus, OrderType, Side, VenueStatus
from runtime.spec import SECOND_NS
from tests.actors.orders.desk import TOO_LATE, UNKNOWN, Desk

EXIT = {"side": Side.SELL, "is_entry": False, "reduce_only": True}
MARKET = {**EXIT, "type": OrderType.MARKET, "price": None, "block_index": 1, "block_id": "m"}


def a_resting_exit(desk: Desk) -> str:
    ours = desk.place(**EXIT)
    desk.accept()
    desk.report(ours, VenueStatus.NEW)
    return ours


def sent(desk: Desk) -> list[tuple[OrderType, Qty, bool]]:
    found = [message.request for _, message, _ in desk.said if isinstance(message, SubmitOrder)]
    return [(request.type, request.qty, request.reduce_only) for request in found]


def test_a_market_exit_follows_when_the_resting_one_has_been_cancelled() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.place(**MARKET)
    assert [link for link, _ in desk.cancels()] == [ours]
    assert sent(desk) == []
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.MARKET, 5, True)]


def test_what_the_older_exit_filled_meanwhile_is_taken_from_the_newer() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.place(**MARKET)
    desk.fill(ours, 2)
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.MARKET, 3, True)]


def test_an_exit_with_nothing_left_is_not_sent_and_is_no_longer_in_flight() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.place(**MARKET)
    desk.fill(ours, 5)
    assert sent(desk) == []
    (changed,) = desk.told("intents")
    assert [order.block_id for order in changed.orders] == ["b", "m"]
    assert changed.in_flight == ()
    assert desk.states() == [LocalStatus.FILLED, LocalStatus.CANCELLED]


def test_a_market_exit_waits_two_seconds_for_a_lost_cancel_and_then_goes_out_reduce_only() -> None:
    for answer in (None, UNKNOWN, TOO_LATE):
        desk = Desk()
        a_resting_exit(desk)
        desk.place(**MARKET)
        if answer is not None:
            desk.answer_cancel(answer)
        desk.said = desk.harness.advance(2 * SECOND_NS)
        assert sent(desk) == [(OrderType.MARKET, 5, True)]


def test_a_resting_exit_never_goes_out_beside_the_older_one() -> None:
    desk = Desk()
    a_resting_exit(desk)
    desk.place(**EXIT, block_index=1, price=Price(9_100))
    desk.said = desk.harness.advance(60 * SECOND_NS)
    assert sent(desk) == []


def test_an_exit_that_says_the_same_again_changes_nothing() -> None:
    desk = Desk()
    a_resting_exit(desk)
    desk.place(**EXIT, bar_close_ms=120_000)
    assert desk.said == []


def test_of_several_newer_exits_the_newest_follows() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.place(**EXIT, block_index=1, price=Price(9_100))
    desk.place(**MARKET)
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.MARKET, 5, True)]


def test_an_exit_that_never_went_out_is_replaced_at_once() -> None:
    desk = Desk(is_open=False)
    desk.place(**EXIT)
    desk.place(**MARKET)
    assert desk.cancels() == []
    assert LocalStatus.CANCELLED in desk.states()


def test_what_the_older_exit_had_filled_at_the_decision_is_not_taken_off_again() -> None:
    for waits in (False, True):
        desk = Desk()
        ours = a_resting_exit(desk)
        desk.fill(ours, 2, number=1)
        desk.place(**MARKET, qty=Qty(3))
        desk.fill(ours, 1, number=2)
        if waits:
            desk.said = desk.harness.advance(2 * SECOND_NS)
        else:
            desk.report(ours, VenueStatus.CANCELLED)
        assert sent(desk) == [(OrderType.MARKET, 2, True)]


def test_whether_an_exit_says_the_same_is_judged_by_what_the_older_has_left() -> None:
    for qty, is_new in ((3, False), (7, True)):
        desk = Desk()
        ours = a_resting_exit(desk)
        desk.fill(ours, 2)
        desk.place(**EXIT, bar_close_ms=120_000, qty=Qty(qty))
        assert bool(desk.said) is is_new


def test_an_exit_that_says_what_the_one_being_cancelled_said_takes_the_place_of_the_waiting_one() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.place(**MARKET)
    desk.place(**EXIT, bar_close_ms=120_000)
    desk.report(ours, VenueStatus.CANCELLED)
    assert sent(desk) == [(OrderType.LIMIT, 5, True)]


def test_after_an_exit_has_ended_the_next_goes_out_at_once() -> None:
    desk = Desk()
    ours = a_resting_exit(desk)
    desk.report(ours, VenueStatus.CANCELLED)
    assert desk.states() == [LocalStatus.CANCELLED]
    assert desk.place(**MARKET) != ""
    assert desk.cancels() == []
