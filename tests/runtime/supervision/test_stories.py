"""One story a guarantee of supervision; the model watches each, and the test says what the page promises."""

from typing import Any

import pytest

from runtime.errors import InvalidSpec, SpecWarning
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import BRUTAL, INFINITY, SECOND_NS, ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.management import DeadSupervisor, Verb
from tests.runtime.supervision.nodes import Plan
from tests.runtime.supervision.pair import Pair, Played, played

S = SECOND_NS
WAITING = Backoff(S, 4 * S, 0.0, 10 * S)


def a_tree(
    names: str,
    strategy: RestartStrategy = RestartStrategy.ONE_FOR_ONE,
    *,
    of: dict[str, dict[str, Any]] | None = None,
    plans: dict[str, Plan] | None = None,
    nested: SupervisorSpec | None = None,
    seed: int = 0,
    **bounds: Any,
) -> Pair:
    """One actor a letter under the root; an S stands for the nested supervisor."""

    def make(own: dict[str, Plan]) -> SupervisorSpec:
        children = [nested if name == "S" else played(name, own, **(of or {}).get(name, {})) for name in names]
        return SupervisorSpec("root", strategy, tuple(child for child in children if child), **bounds)

    named: dict[str, Any] = dict(plans or {})
    return Pair(make, seed=seed, **named)


def below(names: str, strategy: RestartStrategy = RestartStrategy.ONE_FOR_ONE, **bounds: Any) -> SupervisorSpec:
    """The nested supervisor s, over one plain actor a letter."""
    return SupervisorSpec("s", strategy, tuple(played(name, {}) for name in names), **bounds)


def test_S1_children_start_in_order_and_stop_in_reverse() -> None:
    pair = a_tree("aSd", nested=below("bc"))
    pair.halt()
    assert pair.seen("started") == ["started a", "started s/b", "started s/c", "started d"]
    assert pair.seen("stop") == ["stop d", "stop s/c", "stop s/b", "stop a"]


def test_S2_a_wrong_spec_is_refused_with_every_problem_before_anything_starts() -> None:
    children = (ActorSpec("a/b", lambda: Played(Plan())), ActorSpec("c", lambda: Played(Plan()), mailbox=0))
    with pytest.raises(InvalidSpec) as caught:
        Kernel(SupervisorSpec("root", children=children, intensity=-1))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("strategy", "restarted"),
    [(RestartStrategy.ONE_FOR_ONE, "b"), (RestartStrategy.REST_FOR_ONE, "bc"), (RestartStrategy.ONE_FOR_ALL, "abc")],
)
def test_S3_a_death_restarts_those_the_strategy_names(strategy: RestartStrategy, restarted: str) -> None:
    pair = a_tree("abc", strategy)
    pair.tell("b", "crash")
    assert pair.seen("started")[3:] == [f"started {name}" for name in restarted]
    assert pair.seen("stop") == [f"stop {name}" for name in reversed(restarted) if name != "b"]


@pytest.mark.parametrize(
    ("restart", "after"),
    [
        (Restart.PERMANENT, {"crash", "exit", "kill"}),
        (Restart.TRANSIENT, {"crash", "kill"}),
        (Restart.TEMPORARY, set()),
    ],
)
@pytest.mark.parametrize("end", ["crash", "exit", "kill"])
def test_S4_the_restart_type_says_who_comes_back(restart: Restart, after: set[str], end: str) -> None:
    pair = a_tree("ab", of={"a": {"restart": restart}})
    if end == "kill":
        pair.kill("a")
    else:
        pair.tell("a", end)
    assert ("started a" in pair.seen("started")[2:]) is (end in after)
    kept = [child.id for child in pair.call("", Verb.WHICH)]
    assert kept == (["b"] if restart is Restart.TEMPORARY else ["a", "b"])


@pytest.mark.parametrize("end", ["crash", "exit", "kill", "asked"])
def test_S5_any_death_of_a_fatal_child_but_an_ordered_stop_stops_the_tree(end: str) -> None:
    pair = a_tree("abc", of={"b": {"restart": Restart.FATAL}})
    if end == "asked":
        assert pair.call("", Verb.TERMINATE, "b") is None
        assert not pair.is_over
        return
    if end == "kill":
        pair.kill("b")
    else:
        pair.tell("b", end)
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert not outcome.is_clean
    assert pair.seen("stop") == ["stop c", "stop a"]


@pytest.mark.parametrize("restart", list(Restart))
def test_S6_a_fatal_error_stops_the_tree_whatever_the_restart_type(restart: Restart) -> None:
    pair = a_tree("ab", of={"a": {"restart": restart}}, intensity=9)
    pair.tell("a", "fatal")
    assert pair.seen("start", "stop")[2:] == ["stop b"]
    assert pair.is_over


@pytest.mark.parametrize(("age_ns", "is_over"), [(5 * S, True), (5 * S + 1, False)])
def test_S7_a_restart_exactly_a_period_old_still_counts(age_ns: int, *, is_over: bool) -> None:
    pair = a_tree("a", intensity=1, period_ns=5 * S)
    pair.tell("a", "crash")
    pair.wait(age_ns)
    pair.tell("a", "crash")
    assert pair.is_over is is_over


@pytest.mark.parametrize("restart", [Restart.PERMANENT, Restart.TEMPORARY])
def test_S8_giving_up_is_a_shutdown_and_the_parent_judges(restart: Restart) -> None:
    pair = a_tree("aS", nested=below("bc", intensity=0, restart=restart))
    pair.tell("s/b", "crash")
    gave_up = [event for event in pair.kernel.events if event.kind.value == "gave_up"]
    assert [(event.path, event.reason) for event in gave_up] == [("s", "shutdown")]
    assert pair.seen("stop") == ["stop s/c"]
    assert (pair.seen("started")[3:] == ["started s/b", "started s/c"]) is (restart is Restart.PERMANENT)


def test_S8_a_new_life_of_a_supervisor_has_a_new_budget() -> None:
    pair = a_tree("S", nested=below("b", intensity=1), intensity=1)
    for _ in range(3):
        pair.tell("s/b", "crash")
    assert not pair.is_over
    pair.tell("s/b", "crash")
    assert pair.is_over


def test_S9_a_failed_first_start_is_not_tried_again_and_fails_the_tree() -> None:
    pair = a_tree("abcd", plans={"c": Plan(fails=1)}, intensity=9)
    assert pair.seen("start_failed", "stop") == ["start_failed c", "stop b", "stop a", "start_failed "]
    assert pair.seen("start") == ["start a", "start b", "start c"]
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert not outcome.is_clean


def test_S9_a_crash_before_the_whole_tree_is_up_fails_it() -> None:
    pair = a_tree("ab", plans={"b": Plan(is_slow=True)}, intensity=9)
    pair.tell("a", "crash")
    assert pair.is_over
    assert pair.seen("start") == ["start a", "start b"]


def test_S10_every_failed_start_of_a_restart_counts() -> None:
    pair = a_tree("a", plans={"a": Plan()}, intensity=3)
    pair.plan("a", fails=2)
    pair.tell("a", "crash")
    assert not pair.is_over
    pair.tell("a", "crash")
    assert pair.is_over


def test_S11_a_crash_below_a_restarted_supervisor_that_still_starts_is_an_ordinary_death() -> None:
    plans = {"b": Plan(), "c": Plan()}
    nested = SupervisorSpec("s", children=(played("b", plans), played("c", plans)), intensity=1)
    pair = Pair(lambda own: SupervisorSpec("root", children=(nested,)), **{})
    plans["c"].is_slow = True
    pair.model.plans["c"].is_slow = True
    pair.kill("s")
    assert pair.seen("start")[-1] == "start s/c"
    pair.kill("s/b")
    assert not pair.is_over
    pair.tell("s/c", "ready")
    assert pair.seen("started")[-2:] == ["started s/c", "started s/b"]


def test_S12_a_group_restart_counts_once() -> None:
    pair = a_tree("abc", RestartStrategy.ONE_FOR_ALL, intensity=2)
    pair.tell("a", "crash")
    pair.tell("a", "crash")
    assert not pair.is_over
    pair.tell("a", "crash")
    assert pair.is_over


def test_S13_a_group_restart_starts_every_kept_spec_and_loses_the_temporary() -> None:
    pair = a_tree("abc", RestartStrategy.ONE_FOR_ALL, of={"c": {"restart": Restart.TEMPORARY}})
    pair.call("", Verb.TERMINATE, "b")
    pair.tell("a", "crash")
    assert pair.seen("started")[3:] == ["started a", "started b"]
    assert [child.id for child in pair.call("", Verb.WHICH)] == ["a", "b"]


def test_S14_a_start_that_says_ignore_is_kept_stopped_and_not_missed() -> None:
    plans = {"a": Plan(ignores=1), "b": Plan(ignores=1)}
    pair = a_tree("abc", of={"b": {"restart": Restart.TEMPORARY}}, plans=plans)
    assert pair.seen() == ["start a", "ignored a", "start b", "ignored b", "start c", "started c"]
    assert [(child.id, child.status) for child in pair.call("", Verb.WHICH)] == [("a", "stopped"), ("c", "running")]


@pytest.mark.parametrize("end", ["crash", "exit", "kill", "wait"])
def test_S15_a_starting_child_holds_its_siblings_and_any_end_of_it_is_a_failed_start(end: str) -> None:
    pair = a_tree("ab", of={"a": {"init_ns": 2 * S}}, plans={"a": Plan(is_slow=True)})
    assert pair.seen() == ["start a"]
    if end == "wait":
        pair.wait(2 * S - 1)
        assert pair.seen() == ["start a"]
        pair.wait(1)
    elif end == "kill":
        pair.kill("a")
    else:
        pair.tell("a", end)
    assert pair.seen() == ["start a", "start_failed a", "start_failed "]


def test_S15_a_life_that_was_never_up_is_a_failed_start_when_it_escalates_or_dies_with_its_supervisor() -> None:
    plans = {"b": Plan()}
    nested = SupervisorSpec("s", children=(played("b", plans),), intensity=9)
    pair = a_tree("aS", nested=nested, intensity=9)
    plans["b"].is_slow = True
    pair.plan("b", is_slow=True)
    pair.tell("s/b", "crash")
    pair.tell("s/b", "escalate")
    assert pair.seen()[-3:] == ["start_failed s/b", "gave_up s", "start s/b"]
    pair.kill("s")
    assert pair.seen()[-2:] == ["start_failed s/b", "start s/b"]


def test_S16_a_stop_interrupts_a_start_and_no_later_sibling_starts() -> None:
    pair = a_tree("abc", plans={"b": Plan(is_slow=True, lingers=True)})
    number = pair.kernel.manage(Ref(""), Verb.WHICH, None)
    pair.model.manage(number, "", Verb.WHICH, None)
    pair.halt()
    assert pair.seen() == ["start a", "started a", "start b", "stop b"]
    assert pair.kernel.outside_answers[number] == DeadSupervisor(Ref(""))
    pair.tell("b", "finish")
    assert pair.seen()[4:] == ["down b", "stop a", "down a"]


@pytest.mark.parametrize(
    ("shutdown_ns", "wait_ns", "reason"), [(BRUTAL, 0, "killed"), (2 * S, 2 * S, "killed"), (INFINITY, 99 * S, None)]
)
def test_S17_a_stop_is_brutal_or_has_a_deadline_or_all_the_time_it_wants(
    shutdown_ns: int | None, wait_ns: int, reason: str | None
) -> None:
    pair = a_tree("a", of={"a": {"shutdown_ns": shutdown_ns}}, plans={"a": Plan(lingers=True)})
    pair.halt()
    if wait_ns:
        pair.wait(wait_ns - 1)
        assert not pair.is_over
        pair.wait(1)
    assert pair.is_over is (reason is not None)
    assert [event.reason for event in pair.kernel.events if event.kind.value == "down"] == [reason] * pair.is_over


def test_S18_a_supervisors_own_deadline_kills_all_below_it() -> None:
    plans: dict[str, Plan] = {"b": Plan(), "c": Plan(lingers=True)}
    children = tuple(played(name, plans, shutdown_ns=INFINITY) for name in plans)
    nested = SupervisorSpec("s", children=children, shutdown_ns=3 * S)
    pair = Pair(lambda own: SupervisorSpec("root", children=(played("a", own), nested)), c=Plan(lingers=True))
    pair.halt()
    pair.wait(3 * S)
    assert pair.seen("stop", "down") == ["stop s/c", "down s/c", "down s/b", "stop a", "down a"]
    assert pair.is_over


def test_S19_the_first_restart_is_at_once_and_later_ones_wait_longer_each() -> None:
    pair = a_tree("a", of={"a": {"backoff": WAITING}}, intensity=9, period_ns=60 * S)
    waits = []
    for _ in range(5):
        before = pair.kernel.now
        pair.tell("a", "crash")
        while pair.seen()[-1] != "started a":
            pair.wait(S)
        waits.append((pair.kernel.now - before) // S)
    assert waits == [0, 1, 2, 4, 4]


@pytest.mark.parametrize("seed", range(20))
def test_S19_the_jitter_is_of_the_seed_and_within_its_share(seed: int) -> None:
    def restarted_at() -> int:
        spec = played("a", {}, backoff=Backoff(S, S, 0.5))
        kernel = Kernel(SupervisorSpec("root", children=(spec,), intensity=9), seed=seed)
        kernel.start()
        kernel.kill(Ref("a"))
        kernel.kill(Ref("a"))
        due = kernel.next_timer()
        assert due is not None
        return due

    assert restarted_at() == restarted_at()
    assert S <= restarted_at() <= S + S // 2


def test_S20_a_stable_life_ends_a_streak_and_a_wait_or_a_failed_start_does_not() -> None:
    backoff = Backoff(2 * S, 2 * S, 0.0, S)
    pair = a_tree("a", of={"a": {"backoff": backoff}}, intensity=99)
    pair.tell("a", "crash")
    pair.plan("a", fails=1)
    pair.tell("a", "crash")
    pair.wait(2 * S)
    assert pair.seen()[-1] == "start_failed a"
    pair.wait(2 * S)
    assert pair.seen()[-1] == "started a"
    pair.wait(S)
    pair.tell("a", "crash")
    assert pair.seen()[-1] == "started a"


def test_S21_siblings_stop_before_the_wait_and_start_in_order_after_it() -> None:
    pair = a_tree("abc", RestartStrategy.ONE_FOR_ALL, of={"b": {"backoff": WAITING}}, intensity=9)
    pair.tell("b", "crash")
    pair.tell("b", "crash")
    assert pair.seen()[-4:] == ["stop c", "down c", "stop a", "down a"]
    pair.wait(S)
    assert pair.seen("start")[-3:] == ["start a", "start b", "start c"]


def test_S21_a_group_restart_replaces_a_wait() -> None:
    pair = a_tree("abc", RestartStrategy.REST_FOR_ONE, of={"b": {"backoff": WAITING}}, intensity=9)
    pair.tell("b", "crash")
    pair.tell("b", "crash")
    pair.tell("a", "crash")
    assert pair.seen("started")[-3:] == ["started a", "started b", "started c"]
    before = len(pair.seen())
    pair.wait(9 * S)
    assert len(pair.seen()) == before


def test_S21_the_end_of_a_wait_that_was_replaced_starts_nobody() -> None:
    of = {name: {"backoff": WAITING} for name in "ab"}
    pair = a_tree("abc", RestartStrategy.REST_FOR_ONE, of=of, intensity=9)
    pair.tell("b", "crash")
    pair.tell("b", "crash")
    pair.wait(S // 2)
    pair.tell("a", "crash")
    pair.tell("a", "crash")
    before = pair.seen("started")
    pair.wait(S // 2)  # here b's own wait would have ended
    assert pair.seen("started") == before
    pair.wait(S // 2)
    assert pair.seen("started") == [*before, "started a", "started b", "started c"]


def test_S23_a_waiting_child_that_is_terminated_waits_no_more_and_its_group_starts() -> None:
    pair = a_tree("abc", RestartStrategy.ONE_FOR_ALL, of={"b": {"backoff": WAITING}}, intensity=9)
    pair.tell("b", "crash")
    pair.tell("b", "crash")
    assert pair.call("", Verb.TERMINATE, "b") is None
    assert pair.seen("started")[-2:] == ["started a", "started c"]


def test_S23_a_temporary_child_that_is_terminated_before_its_first_start_is_forgotten() -> None:
    plans = {"a": Plan(), "b": Plan(), "c": Plan()}
    options: dict[str, dict[str, Any]] = {"a": {"backoff": WAITING}, "b": {}, "c": {"restart": Restart.TEMPORARY}}
    children = tuple(played(name, plans, **options[name]) for name in plans)
    nested = SupervisorSpec("s", RestartStrategy.ONE_FOR_ALL, children, intensity=9)
    pair = a_tree("S", nested=nested, intensity=9)
    plans["b"].is_slow = True
    pair.plan("b", is_slow=True)
    pair.kill("s")
    pair.tell("s/a", "crash")
    pair.tell("s/a", "crash")
    assert [child.status for child in pair.call("s", Verb.WHICH)] == ["restarting"] * 3
    assert pair.call("s", Verb.TERMINATE, "c") is None
    assert [child.id for child in pair.call("s", Verb.WHICH)] == ["a", "b"]


def test_S24_an_escalation_fails_the_supervisor_and_its_parent_judges() -> None:
    pair = a_tree("aS", nested=below("bc", intensity=9))
    pair.tell("s/b", "escalate")
    gave_up = [event for event in pair.kernel.events if event.kind.value == "gave_up"]
    assert [(event.path, event.reason, event.error) for event in gave_up] == [("s", "error", "Boom")]
    assert pair.seen("start")[3:] == ["start s/b", "start s/c"]


def test_S24_a_child_that_was_to_stop_and_escalates_is_not_stopped_after_its_death() -> None:
    pair = a_tree("abcd", RestartStrategy.ONE_FOR_ALL, plans={"d": Plan(lingers=True)}, intensity=9)
    pair.tell("a", "crash")
    pair.tell("b", "escalate")
    pair.tell("d", "finish")
    assert pair.seen("stop") == ["stop d", "stop c"]
    assert pair.is_over


def test_S36_a_transient_supervisor_is_warned_of_because_giving_up_ends_it() -> None:
    with pytest.warns(SpecWarning, match="never restarted"):
        pair = a_tree("aS", nested=below("b", restart=Restart.TRANSIENT, intensity=0))
    pair.tell("s/b", "crash")
    assert pair.seen()[-1] == "gave_up s"


def a_long_story(seed: int) -> list[str]:
    """Crashes, waits, a group, an escalation and a stop, under one seed."""
    nested = below("de", RestartStrategy.REST_FOR_ONE, intensity=4)
    pair = a_tree(
        "abSc", RestartStrategy.ONE_FOR_ALL, of={"b": {"backoff": WAITING}}, nested=nested, intensity=9, seed=seed
    )
    for word in ("crash", "crash", "exit", "crash"):
        pair.tell("b", word)
        pair.tell("s/d", "crash")
        pair.wait(S)
        pair.tell("s/e", "escalate")
    pair.wait(9 * S)
    pair.halt()
    return [f"{event.time_ns} {event.kind.value} {event.path} {event.incarnation}" for event in pair.kernel.events]


@pytest.mark.parametrize("seed", range(20))
def test_S37_without_jitter_a_seed_changes_nothing(seed: int) -> None:
    story = a_long_story(seed)
    assert len(story) > 60
    assert story == a_long_story(0)
