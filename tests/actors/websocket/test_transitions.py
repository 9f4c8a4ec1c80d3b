"""The table is total: every pair of state and event leads on, ends the actor, or is ignored for a reason."""

import itertools

from actors.websocket.transitions import ENDS, IGNORED, MOVES, NEXT, StreamEvent, StreamState, next_state

S, E = StreamState, StreamEvent


def test_every_pair_is_classified_once() -> None:
    assert set(MOVES) == set(S)
    for state, event in itertools.product(S, E):
        classes = [event in MOVES[state], (state, event) in ENDS, (state, event) in IGNORED]
        assert classes.count(True) == 1, (state.name, event.name)
        assert next_state(state, event) is MOVES[state].get(event)
    assert all(ENDS.values())
    assert all(IGNORED.values())


def test_the_integers_index_the_compiled_table() -> None:
    assert [int(state) for state in S] == list(range(len(NEXT)))
    assert [int(event) for event in E] == list(range(len(NEXT[0])))


def test_every_state_is_reached_and_left() -> None:
    reached = {to for state, row in MOVES.items() for to in row.values() if to is not state}
    assert reached == set(S)
    assert all(any(to is not state for to in row.values()) for state, row in MOVES.items())


def test_a_lost_connection_leads_to_the_next_attempt_wherever_there_is_a_socket() -> None:
    for state in (S.CONNECTING, S.AUTHENTICATING, S.SUBSCRIBING, S.LIVE, S.STALE):
        assert MOVES[state][E.CLOSED] is S.BACKING_OFF


def test_planned_maintenance_closes_from_every_other_state() -> None:
    for state in S:
        assert MOVES[state].get(E.MAINTENANCE_BEGAN) is (None if state is S.MAINTENANCE else S.MAINTENANCE)
