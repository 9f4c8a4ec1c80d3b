"""Supervision: order, strategies, budget, backoff, fatal ends, and telling watchers."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime.actor import STARTING, STOPPING, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.errors import InvalidSpec
from runtime.kernel.history import TreeEventKind
from runtime.kernel.kernel import Kernel
from runtime.kernel.recorder import Recorder
from runtime.messages import Down, Reason, Ref, Up
from runtime.rng import RandomStream
from runtime.spec import SECOND_NS, ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.restarts import Streak
from runtime.testing import Probe, Script, started_tree


def quiet(message: Any, ctx: Context) -> None:
    """Hears and says nothing; a string is a reason to crash."""
    if isinstance(message, str):
        raise RuntimeError(message)


def actor(name: str, **options: Any) -> ActorSpec:
    return ActorSpec(name, lambda: Script(quiet), **options)


def history(kernel: Kernel, *kinds: TreeEventKind) -> list[str]:
    return [f"{event.kind.value} {event.path}" for event in kernel.life.events if event.kind in kinds]


def crash(kernel: Kernel, name: str) -> None:
    kernel.tell(Ref(name), "planted")
    kernel.pump()


def test_children_start_top_to_bottom_and_stop_bottom_to_top() -> None:
    nested = SupervisorSpec("s", RestartStrategy.ONE_FOR_ONE, (actor("b"), actor("c")))
    kernel, driver = started_tree([actor("a"), nested, actor("d")])
    outcome = driver.stop("done")
    assert history(kernel, TreeEventKind.STARTED) == ["started a", "started s/b", "started s/c", "started d"]
    assert history(kernel, TreeEventKind.STOP) == ["stop d", "stop s/c", "stop s/b", "stop a"]
    assert outcome.is_clean


@pytest.mark.parametrize(
    ("strategy", "restarted"),
    [(RestartStrategy.ONE_FOR_ONE, "b"), (RestartStrategy.REST_FOR_ONE, "bc"), (RestartStrategy.ONE_FOR_ALL, "abc")],
)
def test_a_death_restarts_those_the_strategy_names_in_order(strategy: RestartStrategy, restarted: str) -> None:
    kernel, _ = started_tree([actor("a"), actor("b"), actor("c")], strategy)
    crash(kernel, "b")
    assert history(kernel, TreeEventKind.STARTED)[3:] == [f"started {name}" for name in restarted]
    stopped = [name for name in reversed(restarted) if name != "b"]
    assert history(kernel, TreeEventKind.STOP) == [f"stop {name}" for name in stopped]


@pytest.mark.parametrize(("age_ns", "is_clean"), [(5 * SECOND_NS, False), (5 * SECOND_NS + 1, True)])
def test_a_restart_exactly_one_period_old_still_counts(age_ns: int, *, is_clean: bool) -> None:
    kernel, driver = started_tree([actor("a")], intensity=1, period_ns=5 * SECOND_NS)
    crash(kernel, "a")
    kernel.set_time(kernel.now + age_ns)
    crash(kernel, "a")
    assert (kernel.life.outcome is None) is is_clean
    if is_clean:
        assert driver.stop("done").is_clean
    else:
        assert kernel.life.outcome is not None
        assert not kernel.life.outcome.is_clean


def test_a_group_restart_counts_once() -> None:
    kernel, _ = started_tree([actor("a"), actor("b"), actor("c")], RestartStrategy.ONE_FOR_ALL, intensity=1)
    crash(kernel, "a")
    assert kernel.life.outcome is None


def test_a_supervisor_that_gives_up_is_restarted_by_its_parent_with_a_fresh_budget() -> None:
    nested = SupervisorSpec("s", RestartStrategy.ONE_FOR_ONE, (actor("a"),), intensity=0)
    kernel, driver = started_tree([nested], intensity=1)
    crash(kernel, "s/a")
    assert kernel.life.is_up
    assert kernel.cell(Ref("s/a")).incarnation == 2
    assert driver.stop("done").is_clean
    assert [cause.ref for cause in kernel.life.causes] == ["s/a", "s"]


def test_any_death_of_a_fatal_child_stops_the_tree_in_order_with_its_cause() -> None:
    kernel, _ = started_tree([actor("a"), actor("b", restart=Restart.FATAL), actor("c")])
    crash(kernel, "b")
    outcome = kernel.life.outcome
    assert outcome is not None
    assert not outcome.is_clean
    assert outcome.causes[0].ref == "b"
    assert history(kernel, TreeEventKind.STOP) == ["stop c", "stop a"]


class FatalError(Exception):
    """An error that no restart can help."""

    is_fatal = True


@pytest.mark.parametrize("error", [FatalError, KeyboardInterrupt, SystemExit])
def test_a_fatal_error_stops_the_tree_from_any_restart_type(error: type[BaseException]) -> None:
    def raising(message: Any, ctx: Context) -> None:
        raise error("planted")

    kernel, _ = started_tree([ActorSpec("a", lambda: Script(raising), restart=Restart.TEMPORARY)])
    crash(kernel, "a")
    assert kernel.life.outcome is not None
    assert not kernel.life.outcome.is_clean


def test_a_crash_before_the_tree_is_up_stops_the_started_in_reverse() -> None:
    def failing(ctx: Context) -> StartResult:
        raise RuntimeError("planted")

    kernel, _ = started_tree([actor("a"), actor("b"), ActorSpec("c", lambda: Script(quiet, failing))])
    assert history(kernel, TreeEventKind.STOP) == ["stop b", "stop a"]
    assert kernel.life.outcome is not None
    assert not kernel.life.outcome.is_clean
    assert kernel.life.restarts == 0


def test_a_crash_in_a_branch_that_is_up_stops_a_tree_that_is_not() -> None:
    branch = SupervisorSpec("s", RestartStrategy.ONE_FOR_ONE, (actor("a"),), intensity=5)

    def provoke(ctx: Context) -> StartResult:
        ctx.send(Ref("s/a"), "planted")
        return STARTING

    kernel, _ = started_tree([branch, ActorSpec("b", lambda: Script(quiet, provoke))])
    assert kernel.life.outcome is not None
    assert not kernel.life.outcome.is_clean
    assert kernel.life.restarts == 0


def test_a_child_that_never_says_started_fails_at_its_init_deadline() -> None:
    waiting = ActorSpec("slow", lambda: Script(quiet, lambda ctx: STARTING), init_ns=3 * SECOND_NS)
    kernel, _ = started_tree([actor("a"), waiting])
    assert kernel.now == 3 * SECOND_NS
    assert kernel.life.outcome is not None
    assert kernel.life.outcome.causes[0].error == "init deadline"


def test_the_first_restart_is_at_once_and_later_ones_back_off() -> None:
    backoff = Backoff(min_ns=SECOND_NS, max_ns=4 * SECOND_NS, jitter=0.0, reset_ns=60 * SECOND_NS)
    kernel, driver = started_tree([actor("a", backoff=backoff)], intensity=10, period_ns=100 * SECOND_NS)
    lives: list[int] = []
    for _ in range(5):
        crash(kernel, "a")
        driver.serve(lambda: kernel.life.is_up and kernel.cell(Ref("a")).is_alive)
        lives.append(kernel.now // SECOND_NS)
    assert lives == [0, 1, 3, 7, 11]


def test_a_temporary_child_stays_down_and_a_transient_one_returns_from_an_error() -> None:
    children = [actor("a", restart=Restart.TEMPORARY), actor("b", restart=Restart.TRANSIENT)]
    kernel, _ = started_tree(children, intensity=5)
    crash(kernel, "a")
    crash(kernel, "b")
    assert not kernel.cell(Ref("a")).is_alive
    assert kernel.cell(Ref("b")).incarnation == 2


class Slow(Actor):
    """Takes its time to stop; `say` decides whether it ever says so."""

    def __init__(self, *, say: bool) -> None:
        self.say = say

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        ctx.after(SECOND_NS, "done", "bye")
        return STOPPING

    def receive(self, message: Any, ctx: Context) -> None:
        if self.say:
            ctx.stopped()


@pytest.mark.parametrize(("say", "seconds"), [(True, 1), (False, 4)])
def test_a_stopping_child_ends_when_it_says_so_or_at_its_deadline(seconds: int, *, say: bool) -> None:
    kernel, driver = started_tree([actor("a"), ActorSpec("slow", lambda: Slow(say=say), shutdown_ns=4 * SECOND_NS)])
    assert driver.stop("done").is_clean
    assert kernel.now == seconds * SECOND_NS


def test_a_watcher_hears_down_after_all_the_dead_had_sent_and_then_up() -> None:
    seen: list[tuple[int, Any]] = []

    def talk(message: Any, ctx: Context) -> None:
        if message == "die":
            raise RuntimeError("planted")
        ctx.send(Ref("probe"), message)

    class Watcher(Probe):
        def start(self, ctx: Context) -> StartResult:
            ctx.watch(Ref("talker"))
            return super().start(ctx)

    children = [ActorSpec("talker", lambda: Script(talk)), ActorSpec("probe", lambda: Watcher(seen))]
    kernel, _ = started_tree(children)
    for message in ("one", "two", "die"):
        kernel.tell(Ref("talker"), message)
    kernel.pump()
    talker = Ref("talker")
    assert [message for _, message in seen] == [
        "one",
        "two",
        Down(talker, 1, Reason.ERROR, "RuntimeError"),
        Up(talker, 2),
    ]


Planted = tuple[Callable[[], SupervisorSpec], str]
PLANTED: list[Planted] = [
    (lambda: SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, (actor("a"), actor("a"))), "root/a: id is used twice"),
    (lambda: SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, (), intensity=-1), "root: intensity is -1"),
    (lambda: SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, (), period_ns=0), "root: period is 0 ns"),
    (lambda: SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, (actor("a/b"),)), "without '/'"),
    (lambda: SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, (actor("a", mailbox=0),)), "mailbox bound is 0"),
]


@pytest.mark.parametrize(("build", "text"), PLANTED)
def test_a_wrong_spec_is_refused_before_anything_starts(build: Callable[[], SupervisorSpec], text: str) -> None:
    with pytest.raises(InvalidSpec, match=text.replace("'", ".")):
        Kernel(build(), Recorder({}))


def test_a_long_life_ends_the_streak_once_and_a_failing_restart_backs_off() -> None:
    backoff = Backoff(min_ns=SECOND_NS, max_ns=4 * SECOND_NS, jitter=0.0, reset_ns=60 * SECOND_NS)
    streak = Streak(backoff, RandomStream(0, "test"))
    streak.started(0)
    streak.ended(3600 * SECOND_NS)
    assert [streak.next_wait() for _ in range(4)] == [0, SECOND_NS, 2 * SECOND_NS, 4 * SECOND_NS]


def test_what_a_raising_stop_sent_is_dropped() -> None:
    seen: list[tuple[int, Any]] = []

    class Rude(Actor):
        def stop(self, reason: Reason, ctx: Context) -> StopResult:
            ctx.send(Ref("probe"), "last words")
            raise RuntimeError("planted")

    kernel, driver = started_tree([ActorSpec("probe", lambda: Probe(seen)), ActorSpec("rude", Rude)])
    outcome = driver.stop("done")
    assert seen == []
    assert outcome.is_clean
    assert outcome.causes == ()
    assert kernel.life.causes[0].error == "RuntimeError"
    assert kernel.is_idle
