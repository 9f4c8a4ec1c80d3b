"""Who hears of a maintenance, when, and what happens when nobody answers."""

from typing import Any

import pytest

from actors.maintenance.actor import MaintenancePolicy, MaintenanceWatch, MaintenanceWiring
from actors.maintenance.messages import MaintenanceUnknown, PlanDropped, PlanNoted, ReadPlans, VenueClosing, VenueOpen
from actors.model.backend import NeverSent, Unanswered
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned, MaintenanceQuery, PlannedMaintenance
from runtime.kernel.recorder import Recorder
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness

WALL_MS = 1_700_000_000_000
LIVE = ReadPlans("the status stream is live")
WIRING = MaintenanceWiring(Ref("port"), (Ref("private"), Ref("public")), Ref("safety"))


def plan(begin_s: int, end_s: int, name: str = "a", *, closes_streams: bool = True) -> MaintenancePlanned:
    return MaintenancePlanned(name, WALL_MS + 1000 * begin_s, WALL_MS + 1000 * end_s, closes_streams)


def early(begin_s: int, end_s: int, name: str = "a") -> MaintenancePlanned:
    """As the streams hear it: a second before it begins."""
    return plan(begin_s - 1, end_s, name)


class Desk:
    """The actor, with a status stream that is live and an answer that lists `plans`."""

    def __init__(self, *plans: MaintenancePlanned, is_live: bool = True) -> None:
        self.harness = ActorHarness(
            lambda: MaintenanceWatch(WIRING, MaintenancePolicy()),
            others=("port", "private", "public", "safety"),
            wall_ns=WALL_MS * 1_000_000,
        )
        assert self.harness.is_started  # whatever is answered
        self.question = 0
        if is_live:
            self.tell(LIVE)
            self.first = self.lists(*plans)

    def heard(self, said: list[Any]) -> dict[str, list[Any]]:
        told: dict[str, list[Any]] = {}
        for ref, message, correlation in said:
            if isinstance(message, MaintenanceQuery):
                self.question = correlation
            told.setdefault(ref, []).append(message)
        return told

    def lists(self, *plans: MaintenancePlanned) -> dict[str, list[Any]]:
        """The venue answers the question."""
        return self.answer(PlannedMaintenance(plans))

    def answer(self, message: Any) -> dict[str, list[Any]]:
        return self.heard(self.harness.answer(self.question, message))

    def tell(self, message: Any) -> dict[str, list[Any]]:
        return self.heard(self.harness.deliver(message))

    def wait(self, seconds: float) -> dict[str, list[Any]]:
        return self.heard(self.harness.advance(int(seconds * SECOND_NS)))

    def noted(self, kind: type) -> list[Any]:
        recorder: Recorder = self.harness.kernel.recorder
        return [record.message for record in recorder.stream if type(record.message) is kind]


def closing(desk: Desk, seconds: int) -> str:
    """What safety hears within so many seconds: the reason, "open", or "" for nothing."""
    (said,) = desk.wait(seconds).get("safety", [None])
    return said.reason if isinstance(said, VenueClosing) else "open" if isinstance(said, VenueOpen) else ""


def test_nothing_planned_says_nothing() -> None:
    desk = Desk()
    assert desk.first == {}
    assert desk.wait(899) == {}
    assert desk.wait(1) == {"port": [MaintenanceQuery()]}  # the stream may be silent
    assert desk.lists() == {}


def test_streams_hear_at_once_and_safety_two_minutes_before_until_the_end() -> None:
    desk = Desk(plan(600, 900))
    assert desk.first == {"private": [early(600, 900)], "public": [early(600, 900)]}
    assert closing(desk, 479) == ""
    assert closing(desk, 2) == "planned maintenance from 2023-11-14T22:23:20Z to 2023-11-14T22:28:20Z"
    assert closing(desk, 418) == ""
    assert closing(desk, 2) == "open"
    assert desk.wait(2) == {}


def test_what_the_status_stream_tells_changes_the_plan() -> None:
    desk = Desk()
    assert desk.tell(plan(600, 900))["public"] == [early(600, 900)]
    assert desk.tell(plan(600, 900)) == {}  # told again, as when it begins
    moved = desk.tell(plan(60, 900))
    assert (moved["public"], type(moved["safety"][0])) == ([early(60, 900)], VenueClosing)
    over = desk.tell(MaintenanceOver("a"))
    assert over == {"private": [MaintenanceOver("a")], "public": [MaintenanceOver("a")], "safety": [VenueOpen()]}
    assert desk.tell(MaintenanceOver("a")) == {}


def test_one_that_is_on_pauses_at_once_and_an_ended_one_does_nothing() -> None:
    assert type(Desk(plan(-60, 60)).first["safety"][0]) is VenueClosing
    assert Desk(plan(-60, 0)).first == {}


def test_of_trading_alone_the_streams_stay_open() -> None:
    desk = Desk(plan(60, 90, closes_streams=False))
    assert desk.first["private"] == desk.first["public"] == [MaintenanceOver("a")]
    assert type(desk.first["safety"][0]) is VenueClosing


def test_two_that_overlap_keep_entries_paused_until_the_last_one_ends() -> None:
    desk = Desk(plan(0, 60), plan(30, 90, "b"))
    assert closing(desk, 61) == "planned maintenance from 2023-11-14T22:13:50Z to 2023-11-14T22:14:50Z"
    assert closing(desk, 30) == "open"


def test_the_venue_is_asked_again_whenever_the_stream_is_live_again() -> None:
    desk = Desk(plan(600, 900))
    assert desk.tell(LIVE) == {"port": [MaintenanceQuery()]}
    assert desk.tell(LIVE) == {}  # one question at a time
    assert desk.lists() == {"private": [MaintenanceOver("a")], "public": [MaintenanceOver("a")]}


def test_without_the_status_stream_the_venue_is_asked_after_half_a_minute() -> None:
    desk = Desk(is_live=False)
    assert desk.wait(29) == {}
    assert desk.wait(1) == {"port": [MaintenanceQuery()]}
    desk.lists()
    assert desk.wait(899) == {}
    assert desk.wait(1) == {"port": [MaintenanceQuery()]}


@pytest.mark.parametrize("answer", [Unanswered("10016 Server error."), NeverSent("the address is banned")])
def test_no_answer_is_said_once_and_asked_again(answer: Any) -> None:
    desk = Desk(is_live=False)
    desk.wait(30)
    assert desk.answer(answer) == {}
    assert desk.wait(30) == {"port": [MaintenanceQuery()]}
    desk.answer(answer)
    assert desk.noted(MaintenanceUnknown) == [MaintenanceUnknown(answer.reason)]
    desk.wait(30)
    assert desk.lists(plan(600, 900))["public"] == [early(600, 900)]


def test_the_record_names_each_plan_and_its_end() -> None:
    desk = Desk(plan(0, 60), plan(600, 900, "b"))
    desk.wait(61)
    desk.tell(MaintenanceOver("b"))
    assert [noted.plan.id for noted in desk.noted(PlanNoted)] == ["a", "b"]
    assert [noted.id for noted in desk.noted(PlanDropped)] == ["a", "b"]


def test_a_new_life_tells_safety_that_the_last_ones_word_does_not_count() -> None:
    desk = Desk(plan(0, 600))
    told = desk.heard(desk.harness.crash())
    assert told["safety"] == [VenueOpen()]
