"""A trade stream: signs in and is live; each call is sent once, answered by its id, and lost with the connection."""

import pytest

from actors.model.calls import CallAnswered, CallLost, CallUnsent
from actors.model.maintenance import MaintenancePlanned
from actors.model.streams import CloseCause
from actors.websocket.messages import StreamDown, StreamKind, StreamLive
from actors.websocket.transitions import StreamState
from runtime.messages import ActorDied, AskTimedOut
from tests.actors.websocket.stories import STAMP_MS, WALL_NS, Story

S = StreamState
TRADE = StreamKind.TRADE
LOST = CallLost("trade stream: broken as the test says")


def live() -> Story:
    story = Story(TRADE, ()).go_live()
    assert story.state() is S.LIVE
    story.follow()
    story.take_sent()
    return story


def sent_id(story: Story) -> str:
    """The id of the one call that was sent since the last look."""
    (text,) = story.take_sent()
    op, req_id, *_ = text.split()
    assert op == "call"
    return req_id


def test_it_signs_in_and_is_live_without_a_topic() -> None:
    story = Story(TRADE, ()).connect()
    assert story.take_sent() == ["open", "sign in 1700000010000"]
    assert story.state() is S.AUTHENTICATING
    story.say("auth ok")
    assert (story.state(), story.take_sent()) == (S.LIVE, [])
    assert story.follow() == StreamLive(TRADE)
    story.wait(11)  # no answer is awaited any more
    assert story.state() is S.LIVE


def test_a_call_is_sent_once_and_answered_by_the_frame_with_its_id() -> None:
    story = live()
    one, two = story.call("one"), story.call("two")
    first, second = (text.split() for text in story.take_sent())
    assert (first[2], second[2]) == ("one", "two")
    assert first[1] != second[1]
    story.say(f"done {second[1]} yes")
    assert (story.answer(one), story.answer(two)) == (None, CallAnswered(200, "yes"))
    story.say(f"done {first[1]} no")
    assert story.answer(one) == CallAnswered(200, "no")
    assert story.take_sent() == []
    report = story.report()
    assert (report.calls, report.unmatched, report.unreadable) == (2, 0, 0)


def test_ids_are_new_on_every_connection_in_every_life_and_in_every_process() -> None:
    story, ids = live(), []
    for _ in range(2):
        story.call("x")
        ids.append(sent_id(story))
        story.drop().retry().take_sent()
        story.go_live().take_sent()
    story.crash().take_sent()
    story.go_live().take_sent()
    story.call("x")
    ids.append(sent_id(story))
    assert len(set(ids)) == 3
    assert all(one.startswith(f"{STAMP_MS}-") and len(one) <= 36 for one in ids)


@pytest.mark.parametrize("state", [S.CONNECTING, S.AUTHENTICATING, S.STALE, S.BACKING_OFF, S.MAINTENANCE])
def test_where_it_is_not_live_nothing_is_sent_and_the_asker_may_go_another_way(state: StreamState) -> None:
    story = Story(TRADE, ())
    if state is not S.CONNECTING:
        story.connect()
    if state in (S.STALE, S.BACKING_OFF, S.MAINTENANCE):
        story.say("auth ok")
    if state is S.STALE:
        story.wait(40.1)
    elif state is S.BACKING_OFF:
        story.drop()
    elif state is S.MAINTENANCE:
        story.tell(MaintenancePlanned("m", WALL_NS // 10**6, WALL_NS // 10**6 + 60_000))
    assert story.state() is state
    story.take_sent()
    told = story.answer(story.call("one"))
    assert isinstance(told, CallUnsent)
    assert told.reason == f"trade stream: {story.actor._why}"
    assert story.take_sent() == []


def test_a_call_that_the_socket_does_not_take_is_not_sent() -> None:
    story = live()
    assert story.answer(story.call("x", "/leverage")) == CallUnsent("trade stream: it takes no /leverage")
    public = Story().go_live()
    assert isinstance(public.answer(public.call("x", "/leverage")), CallUnsent)
    assert (story.take_sent(), public.take_sent()) == ([], [])


# -- what is lost ------------------------------------------------------------------------------------------------------


def test_with_the_connection_every_call_under_way_is_lost_and_none_is_sent_again() -> None:
    story = live()
    numbers = [story.call("one"), story.call("two")]
    story.say(f"done {story.take_sent()[0].split()[1]} yes").drop()
    assert [story.answer(number) for number in numbers] == [CallAnswered(200, "yes"), LOST]
    assert story.take_heard("follower") == [StreamDown(TRADE, "broken as the test says")]
    story.retry().connect().say("auth ok")
    assert [text.split()[0] for text in story.take_sent()] == ["open", "sign"]
    assert story.state() is S.LIVE
    story.drop()
    assert story.harness.dead_letters() == {}  # nobody is told twice
    assert story.take_heard("backfill") == []


def test_calls_are_lost_as_soon_as_the_connection_is_not_trusted_and_its_last_answers_change_nothing() -> None:
    story = live()
    story.wait(38)
    number = story.call("one")
    req_id = next(text for text in story.take_sent() if text.startswith("call")).split()[1]
    story.wait(2.1)
    assert story.state() is S.STALE
    assert story.answer(number) == CallLost("trade stream: no frame in 40 s")
    story.say(f"done {req_id} yes")
    assert (story.answer(number), story.report().unmatched) == (None, 0)
    assert story.drop(CloseCause.OURS).state() is S.BACKING_OFF


def test_an_answer_that_comes_late_twice_or_to_nobody_is_noted_and_ignored() -> None:
    story = live()
    late = story.call("late", timeout_s=1)
    late_id = sent_id(story)
    story.wait(1)
    assert isinstance(story.answer(late), AskTimedOut)
    story.say(f"done {late_id} yes")
    assert story.report().unmatched == 1
    once = story.call("once")
    once_id = sent_id(story)
    story.say(f"done {once_id} yes", f"done {once_id} no", f"done {late_id} yes", "done never-sent yes")
    assert story.answer(once) == CallAnswered(200, "yes")
    assert (story.report().unmatched, story.state()) == (4, S.LIVE)
    assert story.answer(once) is None
    assert story.harness.dead_letters() == {}


def test_who_waits_no_longer_is_forgotten() -> None:
    story = live()
    for _ in range(50):
        story.call("x", timeout_s=1)
        story.say("pong").wait(1)
    assert len(story.actor._calls._askers) == 1


def test_a_venue_that_takes_no_more_calls_is_left_for_a_new_connection() -> None:
    story = live()
    numbers = [story.call("one"), story.call("two")]
    first = story.take_sent()[0].split()[1]
    story.say(f"bye {first} being restarted")
    assert story.state() is S.STALE
    assert story.take_sent() == ["close"]
    why = "the venue takes no more calls on this connection: being restarted"
    assert [story.answer(number) for number in numbers] == [CallAnswered(200, "bye"), CallLost(f"trade stream: {why}")]
    assert story.take_heard("follower") == [StreamDown(TRADE, why)]
    story.drop(CloseCause.OURS).retry()
    assert story.go_live().state() is S.LIVE


def test_when_it_dies_the_askers_hear_it() -> None:
    story = live()
    number = story.call("one")
    story.crash()
    assert isinstance(story.answer(number), ActorDied)


# -- the first life ----------------------------------------------------------------------------------------------------


def test_a_start_without_the_trade_socket_goes_on_trying() -> None:
    story = Story(TRADE, ())
    assert story.harness.is_started
    for _ in range(10):
        story.drop(CloseCause.REFUSED, status=404).retry()
    assert not story.harness.kernel.life.causes
    assert story.go_live().state() is S.LIVE


def test_a_refused_key_ends_the_run() -> None:
    story = Story(TRADE, ()).connect().say("auth no 10003 API key is invalid.")
    (cause,) = story.harness.kernel.life.causes
    assert (cause.error, cause.text.startswith("trade stream: not signed in")) == ("AuthenticationError", True)
