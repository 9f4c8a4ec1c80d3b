"""From the first connect to live: what is said to the venue, in which order, and what a no of the venue does."""

import pytest

from actors.model.streams import CloseCause
from actors.websocket.messages import StreamDown, StreamKind, StreamLive
from actors.websocket.transitions import StreamState
from tests.actors.websocket.stories import Story, a_policy

S = StreamState
PRIVATE, PUBLIC = StreamKind.PRIVATE, StreamKind.PUBLIC


def causes(story: Story) -> list[tuple[str, str]]:
    return [(cause.error, cause.text) for cause in story.harness.kernel.life.causes]


def test_a_public_stream_connects_subscribes_and_is_live() -> None:
    story = Story()
    assert story.state() is S.CONNECTING
    assert story.take_sent() == ["open"]
    story.connect()
    assert story.take_sent() == ["subscribe 1 bars book"]
    was_up = story.harness.is_started
    story.say("ack 1")
    assert story.state() is S.LIVE
    assert (was_up, story.harness.is_started) == (False, True)
    assert story.follow() == StreamLive(PUBLIC)
    assert story.take_heard("backfill") == []  # the others read for themselves at their start


def test_a_private_stream_signs_in_first_for_ten_seconds_of_the_venues_clock() -> None:
    story = Story(PRIVATE, ("order",)).wait(0.5).connect()
    assert story.take_sent() == ["open", "sign in 1700000010500"]
    assert story.state() is S.AUTHENTICATING
    story.say("auth ok")
    assert story.take_sent() == ["subscribe 1 order"]
    assert story.say("ack 1").state() is S.LIVE


def test_acknowledgements_are_matched_to_their_requests_in_any_order() -> None:
    story = Story(topics=("a", "b", "c"), size=1).connect()
    assert story.take_sent() == ["open", "subscribe 1 a", "subscribe 2 b", "subscribe 3 c"]
    assert story.say("ack 3", "ack 1").state() is S.SUBSCRIBING
    assert story.say("ack 2").state() is S.LIVE


def test_one_acknowledgement_twice_does_not_confirm_another_request() -> None:
    story = Story(topics=("a", "b"), size=1).connect().say("ack 1", "ack 1")
    assert story.state() is S.SUBSCRIBING
    assert story.report().unreadable == 1


def test_an_answer_without_an_id_belongs_to_the_only_request_under_way() -> None:
    assert Story(topics=("a",)).connect().say("ack ").state() is S.LIVE
    two = Story(topics=("a", "b"), size=1).connect().say("ack ")
    assert two.state() is S.SUBSCRIBING
    assert two.report().unreadable == 1


def test_the_topics_of_a_refused_request_are_asked_for_singly() -> None:
    story = Story(topics=("a", "b", "c")).connect()
    story.take_sent()
    story.say("no 1 handler not found,topic:b")
    assert story.take_sent() == ["subscribe 2 a", "subscribe 3 b", "subscribe 4 c"]
    story.say("ack 2", "ack 4").say("ack 3")
    assert story.state() is S.LIVE


def test_a_topic_that_is_refused_alone_three_times_in_a_row_is_fatal_and_named() -> None:
    story = Story(topics=("a", "b"))
    for attempt in range(3):
        story.connect().take_sent()
        request = 4 * attempt - attempt + 1
        story.say(f"no {request} bad").say(f"ack {request + 1}", f"no {request + 2} handler not found,topic:b")
        if attempt < 2:
            assert story.state() is S.STALE
            story.drop(CloseCause.OURS).retry()
    ((error, text),) = causes(story)
    assert error == "ConfigurationError"
    assert "public stream: the venue refuses the topic b: handler not found,topic:b" in text


@pytest.mark.parametrize("why", ["10003 API key is invalid.", "error sign!"])
def test_a_refused_key_is_fatal_and_says_what_to_look_at(why: str) -> None:
    story = Story(PRIVATE, ("order",)).connect().say(f"auth no {why}")
    ((error, text),) = causes(story)
    assert error == "AuthenticationError"
    assert why in text
    assert "demo key" in text
    assert story.harness.kernel.life.outcome is not None
    assert not story.harness.kernel.life.outcome.is_clean


def test_a_sign_in_that_came_too_late_is_tried_again_but_not_for_ever() -> None:
    story = Story(PRIVATE, ("order",), a_policy(start_attempts=50))
    for _ in range(2):
        story.connect().say("auth late expires is in the past")
        assert story.state() is S.STALE
        assert story.take_sent()[-1] == "close"
        story.drop(CloseCause.OURS).retry()
    story.connect().say("auth ok")
    assert story.state() is S.SUBSCRIBING
    story.drop().retry()
    for attempt in range(3):  # the count began anew with the success
        story.connect().say("auth late expires is in the past")
        if attempt < 2:
            story.drop(CloseCause.OURS).retry()
    assert [error for error, _ in causes(story)] == ["AuthenticationError"]


def test_slow_answers_close_the_connection() -> None:
    for story in (Story(), Story(PRIVATE, ("order",))):
        story.connect().wait(9.9)
        assert story.state() in (S.SUBSCRIBING, S.AUTHENTICATING)
        assert "close" not in story.take_sent()
        story.wait(0.2)
        assert story.state() is S.STALE
        assert story.take_sent() == ["close"]
        assert story.drop(CloseCause.OURS).state() is S.BACKING_OFF
        assert story.follow() == StreamDown(story.actor._to.kind, story.actor._why)
        assert "took too long" in story.actor._why


def test_an_attempt_that_neither_succeeds_nor_fails_is_given_up() -> None:
    story = Story().wait(15)
    assert story.state() is S.STALE
    assert story.take_sent() == ["open", "close"]
    story.connect()  # it was on its way
    assert story.state() is S.STALE
    assert story.take_sent() == []
    assert story.drop(CloseCause.OURS).state() is S.BACKING_OFF


def test_an_edge_that_does_not_close_crashes_the_life_whose_end_closes_it() -> None:
    story = Story().go_live().wait(40)
    assert story.state() is S.STALE
    story.wait(10)
    assert story.harness.incarnation == 2
    assert story.state() is S.CONNECTING


def test_no_network_at_the_start_fails_the_start_with_the_reason() -> None:
    story = Story(policy=a_policy(start_attempts=3))
    for _ in range(2):
        story.drop(CloseCause.UNREACHABLE).retry()
    story.drop(CloseCause.UNREACHABLE)
    ((error, text), *_) = causes(story)
    assert error == "NetworkError"
    assert text.startswith("public stream: no connection in 3 attempt(s); the last: unreachable as the test says")


def test_a_host_that_answers_http_fails_the_start_at_once() -> None:
    story = Story().drop(CloseCause.REFUSED, status=404)
    ((error, text), *_) = causes(story)
    assert error == "NetworkError"
    assert "HTTP 404" in text
