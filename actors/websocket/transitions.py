"""The life of a connection as a table: every (state, event) pair stands here, and the code runs the table.

A pair leads on, or ends the actor with an error, or is ignored for a stated reason. A connection that ends is an
expected event: it leads to the next attempt and never to a restart.
"""

from enum import IntEnum

__all__ = ["ENDS", "IGNORED", "MOVES", "NEXT", "StreamEvent", "StreamState", "next_state"]


class StreamState(IntEnum):
    """Where a stream is. At most one socket exists at any time."""

    CONNECTING = 0
    AUTHENTICATING = 1
    SUBSCRIBING = 2
    LIVE = 3
    STALE = 4  # not trusted any more: being closed
    BACKING_OFF = 5
    MAINTENANCE = 6  # closed until the venue's planned maintenance ends


class StreamEvent(IntEnum):
    """What can happen to a stream."""

    CONNECTED = 0  # a public stream
    CONNECTED_SIGNED = 1  # a stream that needs authentication
    AUTH_ACCEPTED = 2
    AUTH_FAILED = 3
    AUTH_REFUSED = 4
    TOPICS_ANSWERED = 5  # a request is answered, others are not yet
    ALL_SUBSCRIBED = 6
    TOPIC_DENIED = 7  # a topic was refused in a request of its own
    DATA = 8  # or the answer to a call
    GAP = 9  # data that does not continue its topic
    PONG = 10
    UNREADABLE = 11
    SILENT = 12  # no frame in two ping intervals
    OVERDUE = 13  # connecting, an answer or the close took too long
    CLOSED = 14
    RETRY_DUE = 15
    MAINTENANCE_BEGAN = 16
    MAINTENANCE_ENDED = 17
    DISMISSED = 18  # the venue takes no more calls on this connection, or does not tell on it what it should


S, E = StreamState, StreamEvent

_OPEN = {
    E.PONG: None,  # None: the state stays
    E.UNREADABLE: None,
    E.SILENT: S.STALE,
    E.OVERDUE: S.STALE,
    E.CLOSED: S.BACKING_OFF,
    E.MAINTENANCE_BEGAN: S.MAINTENANCE,
}
_SUBSCRIBED = {
    E.TOPICS_ANSWERED: None,
    E.ALL_SUBSCRIBED: S.LIVE,
    E.TOPIC_DENIED: S.STALE,
    E.DATA: None,
    E.GAP: None,
    E.AUTH_FAILED: S.STALE,
    E.AUTH_REFUSED: S.STALE,
    E.DISMISSED: S.STALE,
    **_OPEN,
}
_TABLE: dict[StreamState, dict[StreamEvent, StreamState | None]] = {
    S.CONNECTING: {
        E.CONNECTED: S.SUBSCRIBING,
        E.CONNECTED_SIGNED: S.AUTHENTICATING,
        E.OVERDUE: S.STALE,
        E.CLOSED: S.BACKING_OFF,
        E.MAINTENANCE_BEGAN: S.MAINTENANCE,
    },
    S.AUTHENTICATING: {E.AUTH_ACCEPTED: S.SUBSCRIBING, E.AUTH_FAILED: S.STALE, **_OPEN},
    S.SUBSCRIBING: _SUBSCRIBED,
    S.LIVE: _SUBSCRIBED,
    S.STALE: {E.CLOSED: S.BACKING_OFF, E.MAINTENANCE_BEGAN: S.MAINTENANCE},
    S.BACKING_OFF: {E.RETRY_DUE: S.CONNECTING, E.MAINTENANCE_BEGAN: S.MAINTENANCE},
    S.MAINTENANCE: {E.CLOSED: None, E.MAINTENANCE_ENDED: S.CONNECTING},
}

MOVES: dict[StreamState, dict[StreamEvent, StreamState]] = {
    state: {event: state if to is None else to for event, to in row.items()} for state, row in _TABLE.items()
}

_STUCK = "the edge did not close the socket in time; the life's end closes it"
ENDS: dict[tuple[StreamState, StreamEvent], str] = {
    (S.AUTHENTICATING, E.AUTH_REFUSED): "key, signature or permission refused: no repetition helps",
    (S.STALE, E.OVERDUE): _STUCK,
    (S.MAINTENANCE, E.OVERDUE): _STUCK,
}
"""Pairs that end the actor with an error."""

_ANSWERS = (E.AUTH_ACCEPTED, E.AUTH_FAILED, E.AUTH_REFUSED, E.TOPICS_ANSWERED, E.ALL_SUBSCRIBED, E.TOPIC_DENIED)
_FRAMES = (*_ANSWERS, E.DATA, E.GAP, E.PONG, E.UNREADABLE, E.DISMISSED)
_TIMERS = (E.SILENT, E.OVERDUE, E.RETRY_DUE, E.MAINTENANCE_ENDED)


def _reason(state: StreamState, event: StreamEvent) -> str:
    if event in (E.CONNECTED, E.CONNECTED_SIGNED):
        return "the edge says this once a connection, while connecting"
    if event in _TIMERS:
        return "this timer does not run in this state"
    if event is E.MAINTENANCE_BEGAN:
        return "it has begun already"
    if event is E.CLOSED:
        return "there is no socket"
    if state in (S.CONNECTING, S.BACKING_OFF):
        return "no frame comes without a connection"
    if state in (S.STALE, S.MAINTENANCE):
        return "the connection is being closed; the backfill tells what it would have told"
    if state is S.AUTHENTICATING:
        return "nothing has been subscribed to yet"
    return "we are signed in already"


IGNORED: dict[tuple[StreamState, StreamEvent], str] = {
    (state, event): _reason(state, event)
    for state in S
    for event in E
    if event not in MOVES[state] and (state, event) not in ENDS
}

# By state and event, both integers: the state that the event leads to, None where the pair ends us or is ignored.
NEXT: tuple[tuple[StreamState | None, ...], ...] = tuple(tuple(MOVES[state].get(event) for event in E) for state in S)


def next_state(state: StreamState, event: StreamEvent) -> StreamState | None:
    """The state that `event` leads to, or None where the pair stands in ENDS or IGNORED."""
    return NEXT[state][event]
