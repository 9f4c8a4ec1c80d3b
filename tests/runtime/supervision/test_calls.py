"""Management calls: every answer, when it comes, and what is left afterwards."""

from typing import Any

import pytest

from runtime.actor import Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.errors import InvalidSpec, UnknownRef
from runtime.kernel.kernel import Kernel
from runtime.messages import Down, Managed, Ref, Up
from runtime.spec import SECOND_NS, ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.management import (
    AlreadyPresent,
    AlreadyStarted,
    ChildCounts,
    DeadSupervisor,
    Ignored,
    NotFound,
    Restarting,
    Running,
    StartFailed,
    Verb,
    WrongStrategy,
)
from runtime.testing import Probe, Script, started_tree
from tests.runtime.supervision.nodes import Plan
from tests.runtime.supervision.pair import Do, Pair, Played, played
from tests.runtime.supervision.test_stories import a_tree, below

S = SECOND_NS


def a_dynamic_tree(**options: Any) -> Pair:
    def make(own: dict[str, Plan]) -> SupervisorSpec:
        pool = SupervisorSpec("pool", RestartStrategy.DYNAMIC, (played("t", own, **options),))
        return SupervisorSpec("root", children=(played("a", own), pool), intensity=9)

    return Pair(make)


def test_S22_calls_wait_for_a_step_under_way_and_are_answered_in_their_order() -> None:
    pair = a_tree("ab", plans={"b": Plan(lingers=True)})
    assert pair.call("", Verb.TERMINATE, "b") is None
    pair.call("", Verb.COUNT)
    pair.call("", Verb.RESTART, "b")
    assert pair.kernel.outside_answers == {}
    pair.tell("b", "finish")
    assert list(pair.kernel.outside_answers.values()) == [None, ChildCounts(2, 1, 0, 2), "b"]


def test_S22_calls_are_served_during_a_backoff() -> None:
    pair = a_tree("ab", of={"a": {"backoff": Backoff(S, S, 0.0)}}, intensity=9)
    pair.tell("a", "crash")
    pair.tell("a", "crash")
    assert [child.status for child in pair.call("", Verb.WHICH)] == ["restarting", "running"]
    assert pair.call("", Verb.RESTART, "a") == Restarting("a")
    assert pair.call("", Verb.DELETE, "a") == Restarting("a")
    assert pair.call("", Verb.START, played("a", pair.kernel_plans)) == AlreadyStarted(Ref("a"))


def test_S25_start_child_has_six_answers() -> None:
    pair = a_tree("a", plans={"new": Plan(), "bad": Plan(fails=1), "shy": Plan(ignores=1)})
    new, bad, shy = (played(name, pair.kernel_plans) for name in ("new", "bad", "shy"))
    assert pair.call("", Verb.START, new) == Ref("new")
    assert pair.call("", Verb.START, new) == AlreadyStarted(Ref("new"))
    pair.call("", Verb.TERMINATE, "new")
    assert pair.call("", Verb.START, new) == AlreadyPresent("new")
    assert pair.call("", Verb.START, bad) == StartFailed("bad", "Boom")
    assert pair.call("", Verb.START, bad) == Ref("bad"), "a failed start leaves no spec behind"
    assert pair.call("", Verb.START, shy) == Ignored("shy")
    driver = pair.driver.supervisor()
    assert isinstance(driver.start_child(ActorSpec("x/y", lambda: Played(Plan()))), InvalidSpec)


@pytest.mark.parametrize("end", ["kill", "escalate", "gives up"])
def test_S25_a_supervisor_that_ends_while_it_is_added_is_a_failed_start(end: str) -> None:
    pair = a_tree("a", plans={"c": Plan(is_slow=True)}, intensity=9)
    children = (played("b", pair.kernel_plans), played("c", pair.kernel_plans))
    spec = SupervisorSpec("s", children=children, intensity=0, restart=Restart.TEMPORARY)
    number = len(pair.kernel.outside_answers)
    assert pair.call("", Verb.START, spec) is None
    if end == "kill":
        pair.kill("s")
    else:
        pair.tell("s/b", "escalate" if end == "escalate" else "crash")
    (answer,) = list(pair.kernel.outside_answers.values())[number:]
    assert isinstance(answer, StartFailed)
    assert [child.id for child in pair.call("", Verb.WHICH)] == ["a"]


def test_S26_terminate_restart_and_delete_answer_by_the_childs_state() -> None:
    pair = a_tree("ab", plans={"b": Plan()})
    for verb in (Verb.TERMINATE, Verb.RESTART, Verb.DELETE, Verb.SPEC):
        assert pair.call("", verb, "nobody") == NotFound("nobody")
    assert pair.call("", Verb.RESTART, "b") == Running("b")
    assert pair.call("", Verb.DELETE, "b") == Running("b")
    assert pair.call("", Verb.TERMINATE, "b") is None
    assert pair.call("", Verb.TERMINATE, "b") is None
    pair.plan("b", fails=1)
    assert pair.call("", Verb.RESTART, "b") == StartFailed("b", "Boom")
    assert pair.call("", Verb.RESTART, "b") == Ref("b"), "the spec of a failed restart_child is kept"
    pair.call("", Verb.TERMINATE, "b")
    assert pair.call("", Verb.DELETE, "b") is None
    assert [child.id for child in pair.call("", Verb.WHICH)] == ["a"]


def test_S26_a_child_that_waits_for_its_restart_is_restarting_and_cannot_be_deleted() -> None:
    pair = a_tree("ab", of={"b": {"backoff": Backoff(S, S, jitter=0)}}, intensity=9)
    pair.tell("b", "crash")
    pair.tell("b", "crash")
    assert pair.call("", Verb.RESTART, "b") == Restarting("b")
    assert pair.call("", Verb.DELETE, "b") == Restarting("b")


def test_S27_children_are_listed_in_start_order_counted_and_shown_by_their_specs() -> None:
    pair = a_tree("aS", nested=below("b"))
    pair.call("", Verb.TERMINATE, "a")
    listed = [(child.id, child.status, child.kind, child.incarnation) for child in pair.call("", Verb.WHICH)]
    assert listed == [("a", "stopped", "worker", 1), ("s", "running", "supervisor", 1)]
    assert pair.call("", Verb.COUNT) == ChildCounts(specs=2, active=1, supervisors=1, workers=1)
    assert pair.call("", Verb.SPEC, "a") is pair.root.children[0]


def test_S28_dynamic_children_have_names_of_their_own_and_are_lost_with_their_supervisor() -> None:
    pair = a_dynamic_tree()
    refs = [pair.call("pool", Verb.START) for _ in range(3)]
    assert refs == ["pool/t-1", "pool/t-2", "pool/t-3"]
    assert pair.call("pool", Verb.RESTART, refs[0]) == WrongStrategy(refs[0])
    assert pair.call("pool", Verb.DELETE, refs[0]) == WrongStrategy(refs[0])
    assert pair.call("pool", Verb.START, played("x", pair.kernel_plans)) == WrongStrategy("x")
    assert pair.call("pool", Verb.TERMINATE, refs[0]) is None
    pair.tell(refs[1], "crash")
    assert pair.seen("started")[-1] == "started pool/t-2"
    pair.kill("pool")
    assert pair.call("pool", Verb.WHICH) == ()
    assert pair.call("pool", Verb.START) == "pool/t-4"


def test_S28_dynamic_children_stop_all_together_under_one_deadline_and_once_each() -> None:
    pair = a_dynamic_tree(shutdown_ns=2 * S)
    pair.plan("t", lingers=True)
    for _ in range(3):
        pair.call("pool", Verb.START)
    pair.call("pool", Verb.TERMINATE, "pool/t-2")
    pair.wait(S)
    pair.halt()
    assert pair.seen("stop") == ["stop pool/t-2", "stop pool/t-1", "stop pool/t-3"]
    pair.wait(2 * S)
    assert pair.is_over


def test_S29_a_supervisor_that_is_gone_or_going_is_dead_and_one_that_never_was_is_an_error() -> None:
    pair = a_tree("aS", nested=below("b"), plans={"a": Plan(lingers=True)})
    pair.halt()
    assert pair.call("s", Verb.WHICH) == DeadSupervisor(Ref("s"))
    assert pair.call("", Verb.WHICH) == DeadSupervisor(Ref(""))
    with pytest.raises(UnknownRef):
        pair.driver.supervisor("nobody").which_children()


def test_S30_a_handlers_call_is_answered_as_a_message_with_its_correlation() -> None:
    heard: list[tuple[int, Any]] = []
    asked: list[int] = []

    class Manager(Actor):
        @handles(Do)
        def on_do(self, message: Do, ctx: Context) -> None:
            asked.append(ctx.spawn(ActorSpec("new", lambda: Script(lambda message, ctx: None))))
            asked.append(ctx.supervisor(Ref("")).terminate_child("nobody"))

        @handles(Managed)
        def on_managed(self, message: Managed, ctx: Context) -> None:
            heard.append((ctx.correlation, message.result))

    kernel, _ = started_tree([ActorSpec("a", Manager)])
    kernel.tell(Ref("a"), Do("manage"))
    kernel.pump()
    assert heard == [(asked[0], Ref("new")), (asked[1], NotFound("nobody"))]


def test_S30_a_call_to_ones_own_supervisor_from_inside_start_raises() -> None:
    def start(ctx: Context) -> StartResult | None:
        ctx.spawn(ActorSpec("new", lambda: Script(lambda message, ctx: None)))
        return None

    kernel = Kernel(SupervisorSpec("root", children=(ActorSpec("a", lambda: Script(lambda m, c: None, start)),)))
    SimulatedDriver(kernel).start()
    assert kernel.events[1].kind.value == "start_failed"
    assert kernel.events[1].error == "ActorError"


def test_S30_a_call_for_a_starting_child_is_answered_when_it_is_up() -> None:
    pair = a_tree("a", plans={"b": Plan(is_slow=True)})
    assert pair.call("", Verb.START, played("b", pair.kernel_plans)) is None
    pair.tell("b", "ready")
    assert list(pair.kernel.outside_answers.values()) == ["b"]


def test_S30_a_start_that_its_group_interrupts_is_answered_by_the_start_that_follows() -> None:
    pair = a_tree("a", RestartStrategy.ONE_FOR_ALL, plans={"b": Plan(is_slow=True)})
    pair.call("", Verb.START, played("b", pair.kernel_plans))
    pair.tell("a", "crash")
    assert pair.kernel.outside_answers == {}
    pair.tell("b", "ready")
    assert list(pair.kernel.outside_answers.values()) == ["b"]


def test_S31_incarnations_only_grow_whatever_is_deleted_and_added_again() -> None:
    pair = a_tree("ab")
    for _ in range(2):
        pair.call("", Verb.TERMINATE, "b")
        pair.call("", Verb.DELETE, "b")
        pair.call("", Verb.START, played("b", pair.kernel_plans))
    assert [
        event.incarnation for event in pair.kernel.events if event.path == "b" and event.kind.value == "started"
    ] == [
        1,
        2,
        3,
    ]


def test_S32_every_life_is_a_start_then_one_of_started_ignored_start_failed_or_stop() -> None:
    pair = a_tree("aS", nested=below("b", intensity=9), plans={"a": Plan(is_slow=True)})
    assert pair.seen() == ["start a"]
    pair.tell("a", "ready")
    pair.tell("s/b", "crash")
    pair.halt()
    told = ["start a", "started a", "start s/b", "started s/b", "down s/b", "start s/b", "started s/b"]
    assert pair.seen() == [*told, "stop s/b", "down s/b", "stop a", "down a"]


def test_S32_a_failed_start_of_a_restart_is_told_as_one_and_not_as_a_death() -> None:
    pair = a_tree("a", intensity=9)
    pair.plan("a", fails=1)
    pair.tell("a", "crash")
    assert pair.seen() == ["start a", "started a", "down a", "start a", "start_failed a", "start a", "started a"]


def test_S33_the_outcome_is_clean_or_names_its_causes_leaf_first() -> None:
    pair = a_tree("aS", nested=below("b", intensity=0), intensity=0)
    pair.tell("s/b", "crash")
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert not outcome.is_clean
    assert [cause.ref for cause in outcome.causes] == ["s/b", "s", ""]
    clean = a_tree("a")
    clean.halt()
    assert clean.kernel.life.outcome is not None
    assert clean.kernel.life.outcome.is_clean


def test_S34_a_watcher_hears_down_at_each_death_and_up_at_each_later_start_and_nothing_of_a_failed_one() -> None:
    seen: list[tuple[int, Any]] = []
    plan = Plan()

    class Watcher(Probe):
        def start(self, ctx: Context) -> StartResult:
            ctx.watch(Ref("a"))
            return super().start(ctx)

    kernel, _ = started_tree([played("a", {"a": plan}), ActorSpec("w", lambda: Watcher(seen))], intensity=9)
    plan.fails = 1
    kernel.tell(Ref("a"), Do("crash"))
    kernel.pump()
    assert [type(message) for _, message in seen] == [Down, Up]
    down, up = (message for _, message in seen)
    assert (down.incarnation, down.reason, down.error, up.incarnation) == (1, "error", "Boom", 3)


def test_S35_children_added_at_run_time_are_lost_when_their_supervisor_starts_again() -> None:
    pair = a_tree("aS", nested=below("b"))
    pair.call("s", Verb.START, played("new", pair.kernel_plans))
    pair.call("", Verb.TERMINATE, "s")
    pair.call("", Verb.RESTART, "s")
    assert [child.id for child in pair.call("s", Verb.WHICH)] == ["b"]
