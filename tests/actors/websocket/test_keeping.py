"""A live stream: pings, silence, gaps, unreadable frames; and drops in each state, with the way back."""

from typing import Any

import pytest

from actors.maintenance.messages import ReadPlans
from actors.marketdata.messages import BarsDue
from actors.model.backend import PrivateFrame
from actors.model.streams import CloseCause, SocketFrame
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from actors.websocket.messages import RenewStream, StreamDown, StreamKind, StreamLive
from actors.websocket.transitions import StreamState
from tests.actors.websocket.stories import MINUTE_MS, Story, a_policy, bars_at

S = StreamState
PRIVATE, PUBLIC, STATUS = StreamKind.PRIVATE, StreamKind.PUBLIC, StreamKind.STATUS
BOTH = [BarsDue("BTCUSDT"), BarsDue("ETHUSDT")]


def live(kind: StreamKind = PUBLIC, **options: object) -> Story:
    topics = ("order",) if kind is PRIVATE else ("bars", "book")
    story = Story(kind, topics, **options).go_live()  # type: ignore[arg-type]
    assert story.state() is S.LIVE
    story.follow()
    story.take_sent()
    return story


# -- alive or not ------------------------------------------------------------------------------------------------------


def test_pings_go_out_from_the_first_interval_on_without_waiting_for_a_pong() -> None:
    story = live()
    story.wait(19.9)
    assert story.take_sent() == []
    story.wait(0.2)
    assert story.take_sent() == ["ping"]
    story.say("bar 0").wait(20)
    assert story.take_sent() == ["ping"]


def test_one_that_is_said_to_be_silent_is_replaced_at_once_and_reads_what_it_missed() -> None:
    story = live(PRIVATE).wait(5)
    now_ns = story.harness.kernel.now
    story.tell(RenewStream("it has told nothing of cf1", now_ns))
    assert story.take_heard("follower") == [StreamDown(PRIVATE, "it has told nothing of cf1")]
    assert (story.take_sent(), story.report().renewed) == (["close"], 1)
    story.tell(RenewStream("it has told nothing of cf2", now_ns))
    assert (story.take_sent(), story.report().renewed) == ([], 1)
    story.drop(CloseCause.OURS).wait(1)
    story.go_live()
    why = "the private stream is live again: it has told nothing of cf1"
    assert story.take_heard("backfill") == [ReconcileNow(why, ReconcileCause.RECONNECT)]
    story.take_sent()
    story.tell(RenewStream("it has told nothing of cf3", now_ns))  # from before it was live: it was read again
    assert (story.take_sent(), story.report().renewed, story.state()) == ([], 1, S.LIVE)


def test_pongs_alone_keep_a_quiet_stream_alive() -> None:
    story = live()
    for _ in range(200):
        story.wait(20).say("pong")
    assert story.state() is S.LIVE
    assert story.report().connections == 1


def test_a_half_open_connection_is_noticed_in_two_intervals() -> None:
    story = live().wait(7).say("pong")
    story.wait(39.9)
    assert story.state() is S.LIVE
    story.wait(0.2)
    assert story.state() is S.STALE
    assert story.take_sent() == ["ping", "ping", "close"]
    assert story.take_heard("follower") == [StreamDown(PUBLIC, "no frame in 40 s")]
    assert story.wait(3).take_sent() == []  # no ping, no second close
    assert story.drop(CloseCause.OURS).state() is S.BACKING_OFF


# -- the way back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "asked"), [(PUBLIC, BOTH), (PRIVATE, ReconcileNow), (STATUS, ReadPlans)])
def test_what_was_missed_is_asked_for_before_live_is_said_again(kind: StreamKind, asked: Any) -> None:
    story = live(kind)
    story.drop()
    assert story.take_heard("follower") == [StreamDown(kind, "broken as the test says")]
    story.retry().go_live()
    reason = f"the {kind} stream is live again: broken as the test says"
    said: dict[Any, list[Any]] = {
        ReconcileNow: [ReconcileNow(reason, ReconcileCause.RECONNECT)],
        ReadPlans: [ReadPlans(reason)],
    }
    expected = asked if asked is BOTH else said[asked]
    whole = [message for ref, message in story.heard if ref in ("backfill", "follower")]
    assert whole == [*expected, StreamLive(kind)]
    assert story.harness.incarnation == 1


def test_a_drop_in_each_state_leads_back_to_live_and_costs_no_restart() -> None:
    story = live(PRIVATE)
    states: list[StreamState] = []
    steps = [[], ["connect"], ["connect", "auth ok"], ["connect", "auth ok", "ack"]]
    for step in steps * 2:
        story.drop().retry()
        for word in step:
            if word == "connect":
                story.connect()
            elif word == "ack":
                story.answer_all()
            else:
                story.say(word)
        states.append(story.state())
    assert states == [S.CONNECTING, S.AUTHENTICATING, S.SUBSCRIBING, S.LIVE] * 2
    story.drop().retry().go_live()
    assert story.state() is S.LIVE
    assert story.harness.incarnation == 1
    assert not story.harness.kernel.life.causes


def test_everything_is_subscribed_to_anew_on_a_new_connection() -> None:
    story = live()
    story.drop().retry().connect()
    assert story.take_sent() == ["open", "subscribe 2 bars book"]


def test_the_waits_grow_to_their_bound_and_a_stable_connection_ends_the_row() -> None:
    waits: list[float] = []

    story = live()
    for _ in range(9):
        waits.append(story.drop().retry().waited_s)
    for whole, wait in zip([0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits, strict=True):
        assert whole / 2 <= wait <= whole + 0.06
    story.go_live().wait(20).say("pong").wait(20).say("pong").wait(19).drop()  # live, but not for long enough
    assert story.retry().waited_s >= 15
    story.go_live()
    for _ in range(4):
        story.wait(20).say("pong")
    assert story.drop().retry().waited_s <= 0.56


def test_the_jitter_is_seeded() -> None:
    def times(seed: int) -> list[int]:
        story = live(seed=seed)
        found: list[int] = []
        for _ in range(4):
            story.drop()
            while story.state() is S.BACKING_OFF:
                story.wait(0.01)
            found.append(story.harness.kernel.now)
        return found

    assert times(1) == times(1) != times(2)


def test_the_connection_budget_holds_even_where_the_backoff_would_not() -> None:
    story = live(policy=a_policy(budget=5, stable_ns=0))
    for _ in range(4):
        story.drop().retry().go_live()
    assert story.report().connections == 5
    story.drop().wait(290)
    assert story.state() is S.BACKING_OFF
    assert story.wait(10).state() is S.CONNECTING


def test_a_ban_of_the_address_is_waited_out() -> None:
    story = live()
    story.drop().retry()
    story.drop(CloseCause.REFUSED, status=403).wait(599)
    assert story.state() is S.BACKING_OFF
    assert story.wait(2).state() is S.CONNECTING


def test_a_later_life_is_up_at_once_and_asks_for_a_backfill_when_it_is_live() -> None:
    story = live()
    story.crash()
    assert story.harness.is_started
    for _ in range(20):  # the network is down for long: no attempt is a failure of the actor
        story.drop(CloseCause.UNREACHABLE).retry()
    assert story.harness.incarnation == 2
    story.take_heard("backfill")
    story.go_live()
    assert story.take_heard("backfill") == BOTH


def test_frames_of_an_earlier_connection_are_ignored() -> None:
    story = live()
    old = story.emit
    assert old is not None
    story.drop().retry().go_live().take_heard("reader")
    old(SocketFrame("bar 0"))
    story.settle()
    assert story.take_heard("reader") == []
    assert story.report().ignored == 1


# -- data --------------------------------------------------------------------------------------------------------------


def test_closed_bars_go_to_the_reader_and_a_bar_that_is_missing_is_asked_for() -> None:
    story = live().say("bar 0", f"bar {MINUTE_MS}")
    assert story.take_heard("reader") == [bars_at(0), bars_at(MINUTE_MS)]
    assert story.take_heard("backfill") == []
    story.say(f"bar {3 * MINUTE_MS}")
    assert story.take_heard("reader") == [bars_at(3 * MINUTE_MS)]
    assert story.take_heard("backfill") == BOTH
    story.say(f"bar {2 * MINUTE_MS}", f"bar {4 * MINUTE_MS}")  # late, and the next: no gap
    assert story.take_heard("backfill") == []
    assert story.report().gaps == 1


def test_private_frames_go_to_the_reader_in_order_before_the_answer_too() -> None:
    story = Story(PRIVATE, ("order",)).connect().say("auth ok", "order DOGE")
    assert story.state() is S.SUBSCRIBING
    assert story.take_heard("reader") == [PrivateFrame(())]
    assert story.report().foreign == 1


def test_a_gap_in_a_book_subscribes_it_anew_and_once() -> None:
    story = live().say("snapshot 7", "book 8", "book 8", "book 10", "book 11", "book 13")
    assert story.take_sent() == ["unsubscribe 2 book"]
    assert story.state() is S.LIVE
    story.say("ack 2")
    assert story.take_sent() == ["subscribe 3 book"]
    story.say("book 14", "ack 3", "snapshot 20", "book 21", "snapshot 3", "book 4")
    assert story.take_sent() == []
    assert story.report().gaps == 1
    story.wait(11).say("pong")
    assert story.state() is S.LIVE  # the answer has come: no deadline is left


def test_a_second_gap_while_the_book_is_being_left_does_not_leave_it_twice() -> None:
    story = live().say("snapshot 7", "book 9", "snapshot 20", "book 22")
    assert story.take_sent() == ["unsubscribe 2 book"]
    story.say("ack 2", "ack 3", "snapshot 30")
    assert story.take_sent() == ["subscribe 3 book"]
    assert story.report().gaps == 2


def test_a_new_connection_begins_every_topic_anew() -> None:
    story = live().say("bar 0", "snapshot 7", "book 9")
    assert story.report().gaps == 1
    story.drop().retry().go_live()
    story.say(f"bar {5 * MINUTE_MS}", "snapshot 50", "book 51")  # the backfill asks for the bars between
    assert story.report().gaps == 1


def test_a_book_that_is_not_given_back_in_time_closes_the_connection() -> None:
    story = live().say("snapshot 7", "book 9", "ack 2").wait(5).say("bar 0").wait(5)
    assert story.state() is S.STALE


def test_changes_of_a_book_before_its_acknowledgement_are_mended_after_it() -> None:
    story = Story().connect().say("book 5")
    assert story.take_sent() == ["open", "subscribe 1 bars book"]
    story.say("ack 1")
    assert story.take_sent() == ["unsubscribe 2 book"]
    assert story.state() is S.SUBSCRIBING
    story.say("ack 2", "ack 3", "snapshot 9")
    assert story.state() is S.LIVE


def test_an_unreadable_frame_is_counted_and_what_it_may_have_said_is_asked_for_once() -> None:
    story = live(PRIVATE)
    for _ in range(10):
        story.say("gibberish")
    assert story.take_heard("backfill") == []
    story.wait(1)
    assert story.take_heard("backfill") == [ReconcileNow("a frame could not be read", ReconcileCause.GAP)]
    assert story.report().unreadable == 10
    assert story.state() is S.LIVE
    story.say("gibberish").wait(1)
    assert len(story.take_heard("backfill")) == 1


def test_what_the_edge_dropped_is_counted() -> None:
    story = live().edge(SocketFrame("pong", 3)).edge(SocketFrame("pong", 2))
    assert (story.report().dropped, story.report().frames) == (5, 3)


def test_a_frame_that_finds_the_mailbox_full_is_not_lost_in_silence() -> None:
    story = live(PRIVATE)
    assert story.emit is not None
    for _ in range(10_001):
        story.emit(SocketFrame("order"))
    story.settle()
    assert story.harness.incarnation == 2
    story.take_heard("backfill")
    story.go_live()
    assert len(story.take_heard("backfill")) == 1
