"""The order table is total, nothing but an execution follows an end, and the indexed table equals the written one."""

import itertools

import pytest

from actors.model.order import LocalStatus, VenueStatus
from actors.orders.transitions import EVENT_OF_REPORT, IGNORED, MOVES, OrderEvent, next_status

PAIRS = list(itertools.product(LocalStatus, OrderEvent))


def test_every_pair_leads_to_a_status_or_is_ignored_with_a_reason() -> None:
    for status, event in PAIRS:
        moves = event in MOVES[status]
        assert moves != ((status, event) in IGNORED), f"{status.name} {event.name} stands in both or neither"
        assert moves or IGNORED[status, event]


def test_the_compiled_table_is_the_written_one() -> None:
    assert [next_status(*pair) for pair in PAIRS] == [MOVES[status].get(event) for status, event in PAIRS]


@pytest.mark.parametrize("status", [status for status in LocalStatus if status.has_ended])
def test_after_an_end_only_executions_change_anything(status: LocalStatus) -> None:
    assert set(MOVES[status]) <= {OrderEvent.FILLED}


def test_every_status_of_the_venue_is_an_event() -> None:
    assert set(EVENT_OF_REPORT) == set(VenueStatus)


@pytest.mark.parametrize("status", [LocalStatus.SENT, LocalStatus.UNKNOWN, LocalStatus.ACKED])
def test_the_stream_may_be_faster_than_the_acknowledgement(status: LocalStatus) -> None:
    assert next_status(status, OrderEvent.FILLED) is LocalStatus.FILLED
    assert next_status(LocalStatus.FILLED, OrderEvent.ACCEPTED) is None


def test_no_answer_is_unknown_and_never_a_failure() -> None:
    assert next_status(LocalStatus.SENT, OrderEvent.NO_ANSWER) is LocalStatus.UNKNOWN
    assert next_status(LocalStatus.WORKING, OrderEvent.NO_ANSWER) is None


def test_every_status_but_the_first_and_expired_is_reached() -> None:
    reached = {target for moves in MOVES.values() for target in moves.values()}
    assert set(LocalStatus) - reached == {LocalStatus.DRAFT, LocalStatus.EXPIRED}


def test_a_conditional_order_goes_from_untriggered_over_triggered_to_working_or_its_end_and_never_back() -> None:
    ends = {
        OrderEvent.CANCELLED: LocalStatus.CANCELLED,
        OrderEvent.REJECTED: LocalStatus.REJECTED,
        OrderEvent.DEACTIVATED: LocalStatus.DEACTIVATED,
        OrderEvent.FILLED: LocalStatus.FILLED,
        OrderEvent.WORKING: LocalStatus.WORKING,
    }
    assert MOVES[LocalStatus.UNTRIGGERED] == {**ends, OrderEvent.TRIGGERED: LocalStatus.TRIGGERED}
    assert MOVES[LocalStatus.TRIGGERED] == ends


@pytest.mark.parametrize(
    ("status", "event", "reason"),
    [
        (LocalStatus.WORKING, OrderEvent.RETRY, "only we cause this, and not in this state"),
        (LocalStatus.FILLED, OrderEvent.SENT, "only we cause this, and not in this state"),
        (LocalStatus.FILLED, OrderEvent.ACCEPTED, "the order has ended; only its executions may still come"),
        (LocalStatus.CANCELLED, OrderEvent.WORKING, "the order has ended; only its executions may still come"),
        (LocalStatus.WORKING, OrderEvent.NO_ANSWER, "the stream was faster than the acknowledgement"),
        (
            LocalStatus.WORKING,
            OrderEvent.UNTRIGGERED,
            "an older report of the same order, or one that says nothing new",
        ),
    ],
)
def test_every_ignored_pair_has_a_reason(status: LocalStatus, event: OrderEvent, reason: str) -> None:
    assert IGNORED[status, event] == reason
