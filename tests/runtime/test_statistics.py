"""The snapshot tells what is so, in tree order, and costs nothing that is not asked for."""

from typing import Any

import attrs
import pytest

from runtime.context import Context
from runtime.kernel.statistics import HandlerTimes
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec
from runtime.testing import Script, started_tree


def hear(message: Any, ctx: Context) -> None:
    if message == "die":
        raise RuntimeError("planted")
    if message == "busy":
        ctx.after(SECOND_NS, "later", "timer")
        ctx.ask(Ref("inner/b"), "question", SECOND_NS)
        ctx.sometimes("asked", True)


def kernel_with_mail() -> Any:
    inner = SupervisorSpec("inner", RestartStrategy.ONE_FOR_ONE, (ActorSpec("b", lambda: Script(hear), mailbox=7),))
    kernel, _ = started_tree([ActorSpec("a", lambda: Script(hear)), inner], intensity=3)
    return kernel


def test_a_snapshot_shows_depth_peak_restarts_dead_letters_timers_and_claims() -> None:
    kernel = kernel_with_mail()
    for _ in range(3):
        kernel.tell(Ref("inner/b"), "hello")
    before = kernel.statistics()
    assert [(actor.path, actor.depth, actor.bound) for actor in before.actors] == [("a", 0, 10_000), ("inner/b", 3, 7)]
    kernel.tell(Ref("a"), "die")
    kernel.tell(Ref("a"), "busy")
    kernel.pump()
    after = kernel.statistics()
    assert [(actor.incarnation, actor.depth, actor.peak) for actor in after.actors] == [(2, 0, 0), (1, 0, 3)]
    assert [(s.path, s.restarts_in_window, s.intensity, s.phase) for s in after.supervisors] == [
        ("", 1, 3, "running"),
        ("inner", 0, 1, "running"),
    ]
    assert after.dead_letters == (("str", "crash", 1), ("str", "restart", 1))
    assert (after.restarts, after.handled, after.timers_pending, after.coverage) == (1, 4, 0, ())


def test_timers_questions_and_claims_are_counted_while_they_stand() -> None:
    kernel = kernel_with_mail()
    kernel.tell(Ref("a"), "busy")
    kernel.pump()
    found = kernel.statistics()
    assert (found.timers_pending, found.asks_pending, found.coverage) == (1, 1, (("asked", 1, 0),))


def test_a_restart_older_than_the_period_is_not_in_the_window() -> None:
    kernel = kernel_with_mail()
    kernel.tell(Ref("a"), "die")
    kernel.pump()
    kernel.set_time(5 * SECOND_NS)
    assert kernel.statistics().supervisors[0].restarts_in_window == 1
    kernel.set_time(5 * SECOND_NS + 1)
    assert kernel.statistics().supervisors[0].restarts_in_window == 0


def test_a_snapshot_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        kernel_with_mail().statistics().handled = 1


def test_handler_times_are_the_last_samples_and_nearest_ranks() -> None:
    times = HandlerTimes()
    for taken_ns in [10**9] * 10 + list(range(1, 513)):
        times.note(Ref("a"), taken_ns)
    assert (times.quantile(Ref("a"), 0.5), times.quantile(Ref("a"), 0.99)) == (257, 507)
    assert times.quantile(Ref("b"), 0.5) is None
    times.forget({})
    assert times.quantile(Ref("a"), 0.5) is None
