"""Planned maintenance: closed in time, back when it is over, whatever is announced meanwhile."""

from actors.marketdata.messages import BarsDue
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned, MaintenancePlans
from actors.model.streams import CloseCause
from actors.websocket.messages import StreamDown, StreamKind
from actors.websocket.transitions import StreamState
from tests.actors.websocket.stories import WALL_NS, Story

S = StreamState
START_MS = WALL_NS // 1_000_000


def plan(begin_s: int, end_s: int, name: str = "a") -> MaintenancePlanned:
    return MaintenancePlanned(name, START_MS + 1000 * begin_s, START_MS + 1000 * end_s)


def live() -> Story:
    story = Story().go_live()
    story.follow()
    story.take_sent()
    return story


def test_the_stream_is_closed_from_the_beginning_to_the_end_and_then_reads_what_it_missed() -> None:
    story = live().tell(plan(30, 90)).wait(20).say("pong").wait(9)
    assert story.state() is S.LIVE
    story.wait(1)
    assert story.state() is S.MAINTENANCE
    assert story.take_sent() == ["ping", "close"]
    assert story.take_heard("follower") == [StreamDown(StreamKind.PUBLIC, "planned maintenance")]
    story.drop(CloseCause.OURS).wait(59)
    assert story.state() is S.MAINTENANCE
    assert story.take_sent() == []
    story.wait(6)
    assert story.state() is S.CONNECTING
    story.go_live()
    assert story.take_heard("backfill") == [BarsDue("BTCUSDT"), BarsDue("ETHUSDT")]


def test_one_that_has_begun_closes_at_once_and_one_that_has_ended_does_nothing() -> None:
    assert live().tell(plan(-10, 60)).state() is S.MAINTENANCE
    assert live().tell(plan(-10, -1)).wait(10).state() is S.LIVE


def test_one_that_is_called_off_does_not_close_and_one_that_ends_early_opens() -> None:
    story = live().tell(plan(15, 60)).tell(MaintenanceOver("a")).wait(18).say("pong").wait(2)
    assert story.state() is S.LIVE
    story.tell(plan(0, 600)).drop(CloseCause.OURS)
    assert story.state() is S.MAINTENANCE
    assert story.tell(MaintenanceOver("a")).state() is S.CONNECTING


def test_another_plan_does_not_lengthen_the_one_that_is_on_and_is_kept() -> None:
    story = live().tell(plan(0, 10)).drop(CloseCause.OURS).tell(plan(1000, 2000, "b"))
    story.tell(plan(0, 20)).wait(19)
    assert story.state() is S.MAINTENANCE
    story.wait(6).go_live()
    assert story.state() is S.LIVE
    for _ in range(49):
        story.wait(20).say("pong")
    assert story.state() is S.MAINTENANCE


def test_no_second_socket_before_the_first_is_closed() -> None:
    story = live().tell(plan(0, 1)).wait(7)
    assert story.state() is S.MAINTENANCE
    assert story.take_sent() == ["close"]
    assert story.drop(CloseCause.OURS).wait(1).state() is S.CONNECTING


def test_it_interrupts_an_attempt_and_a_wait() -> None:
    story = live().drop().tell(plan(0, 60))
    assert story.state() is S.MAINTENANCE
    assert story.wait(30).take_sent() == []
    story.wait(36)
    assert story.state() is S.CONNECTING
    assert story.report().ignored == 0  # the timer of the wait was cancelled
    story.tell(plan(70, 120, "b")).wait(5)
    assert story.state() is S.MAINTENANCE
    assert story.take_sent() == ["open", "close"]


def test_it_does_not_close_again_what_is_being_closed() -> None:
    story = live().wait(40)
    assert story.state() is S.STALE
    story.tell(plan(0, 60))
    assert story.state() is S.MAINTENANCE
    assert story.take_sent().count("close") == 1


def test_of_several_plans_the_earliest_counts_and_ended_ones_are_forgotten() -> None:
    plans = MaintenancePlans()
    for each in (plan(50, 60, "late"), plan(10, 20, "soon"), plan(10, 30, "soon and longer")):
        plans.add(each)
    assert plans.next(START_MS) == plan(10, 30, "soon and longer")
    plans.drop("soon and longer")
    assert plans.next(START_MS) == plan(10, 20, "soon")
    assert plans.next(START_MS + 20_000) == plan(50, 60, "late")
    assert plans.next(START_MS + 60_000) is None
