"""The order state machine as a table of every (status, event) pair.

A pair either leads to a status, or is ignored for a reason that the table states.
"""

from enum import IntEnum

from actors.model.order import LocalStatus as S
from actors.model.order import VenueStatus

__all__ = ["EVENT_OF_REPORT", "IGNORED", "MOVES", "NEXT", "OrderEvent", "next_status"]


class OrderEvent(IntEnum):
    """What can happen to an order."""

    JOURNALED = 0
    SENT = 1
    ACCEPTED = 2
    REQUEST_REJECTED = 3
    RETRY = 4
    NO_ANSWER = 5
    NEVER_ARRIVED = 6
    WORKING = 7
    UNTRIGGERED = 8
    TRIGGERED = 9
    CANCELLED = 10
    REJECTED = 11
    DEACTIVATED = 12
    FILLED = 13


E = OrderEvent

EVENT_OF_REPORT: dict[VenueStatus, OrderEvent] = {
    VenueStatus.NEW: E.WORKING,
    VenueStatus.PARTIALLY_FILLED: E.WORKING,
    VenueStatus.UNTRIGGERED: E.UNTRIGGERED,
    VenueStatus.TRIGGERED: E.TRIGGERED,
    VenueStatus.FILLED: E.FILLED,
    VenueStatus.CANCELLED: E.CANCELLED,
    VenueStatus.PARTIALLY_FILLED_CANCELED: E.CANCELLED,
    VenueStatus.REJECTED: E.REJECTED,
    VenueStatus.DEACTIVATED: E.DEACTIVATED,
}

_AS_REPORTED = {
    E.WORKING: S.WORKING,
    E.UNTRIGGERED: S.UNTRIGGERED,
    E.TRIGGERED: S.TRIGGERED,
    E.CANCELLED: S.CANCELLED,
    E.REJECTED: S.REJECTED,
    E.DEACTIVATED: S.DEACTIVATED,
    E.FILLED: S.FILLED,
}

MOVES: dict[S, dict[OrderEvent, S]] = {
    S.DRAFT: {E.JOURNALED: S.JOURNALED},
    S.JOURNALED: {E.SENT: S.SENT, **_AS_REPORTED},  # reported while it waits to be sent again: it has arrived
    S.SENT: {
        E.ACCEPTED: S.ACKED,
        E.REQUEST_REJECTED: S.REJECTED,
        E.RETRY: S.JOURNALED,
        E.NO_ANSWER: S.UNKNOWN,
        **_AS_REPORTED,
    },
    S.UNKNOWN: {
        E.ACCEPTED: S.ACKED,
        E.REQUEST_REJECTED: S.REJECTED,
        E.NEVER_ARRIVED: S.JOURNALED,
        **_AS_REPORTED,
    },
    S.ACKED: dict(_AS_REPORTED),
    S.WORKING: {E.CANCELLED: S.CANCELLED, E.REJECTED: S.REJECTED, E.FILLED: S.FILLED},
    S.UNTRIGGERED: {key: value for key, value in _AS_REPORTED.items() if key is not E.UNTRIGGERED},
    S.TRIGGERED: {key: value for key, value in _AS_REPORTED.items() if key not in (E.UNTRIGGERED, E.TRIGGERED)},
    S.FILLED: {},
    S.CANCELLED: {E.FILLED: S.FILLED},
    S.REJECTED: {E.FILLED: S.FILLED},
    S.EXPIRED: {E.FILLED: S.FILLED},
    S.DEACTIVATED: {E.FILLED: S.FILLED},
}

_STALE = "an older report of the same order, or one that says nothing new"
_ENDED = "the order has ended; only its executions may still come"
_OURS = "only we cause this, and not in this state"
_LATE_ACK = "the stream was faster than the acknowledgement"

_ENDED_STATES = (S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.DEACTIVATED)
_LOCAL_EVENTS = (E.JOURNALED, E.SENT, E.RETRY, E.NEVER_ARRIVED)


def _reason(status: S, event: OrderEvent) -> str:
    if event in _LOCAL_EVENTS:
        return _OURS
    if status in _ENDED_STATES:
        return _ENDED
    if event in (E.ACCEPTED, E.REQUEST_REJECTED, E.NO_ANSWER):
        return _LATE_ACK
    return _STALE


IGNORED: dict[tuple[S, OrderEvent], str] = {
    (status, event): _reason(status, event) for status in S for event in E if event not in MOVES[status]
}

# By status and event, both integers: the status that the event leads to, None where the pair is ignored.
NEXT: tuple[tuple[S | None, ...], ...] = tuple(tuple(MOVES[status].get(event) for event in E) for status in S)


def next_status(status: S, event: OrderEvent) -> S | None:
    """The status that `event` leads to, or None where the pair is ignored (its reason stands in IGNORED)."""
    return NEXT[status][event]
