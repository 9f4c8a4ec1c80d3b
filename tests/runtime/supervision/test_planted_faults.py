"""The machine earns its trust: a kernel that breaks one rule is told from the model."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from runtime.lifecycle import Lifecycle
from runtime.management import Verb
from runtime.messages import Reason
from runtime.restarts import Budget, Streak
from runtime.spec import Restart, Strategy
from runtime.supervisor import Child, Supervisor
from tests.runtime.supervision.pair import Disagreement
from tests.runtime.supervision.test_machine import play

Plant = Callable[[pytest.MonkeyPatch], None]


def budget_off_by_one(patch: pytest.MonkeyPatch) -> None:
    made = Budget.__init__
    patch.setattr(Budget, "__init__", lambda self, n, period: made(self, n + 1, period))


def old_restarts_forgotten_too_early(patch: pytest.MonkeyPatch) -> None:
    made = Budget.__init__
    patch.setattr(Budget, "__init__", lambda self, n, period: made(self, n, period - 1))


def budget_kept_over_lives(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Budget, "clear", lambda self: None)


def stop_order_not_reversed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Supervisor, "_stops_together", property(lambda self: self.spec.strategy is not None))


def temporary_spec_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Supervisor, "is_kept", lambda self, child: self.spec.strategy is not Strategy.DYNAMIC)


def group_restart_omits_the_stopped(patch: pytest.MonkeyPatch) -> None:
    grouped = Supervisor._group

    def living(self: Supervisor, died: Child) -> list[Child]:
        return [child for child in grouped(self, died) if child.is_alive or child.is_due or child is died]

    patch.setattr(Supervisor, "_group", living)


def rest_for_one_takes_all(patch: pytest.MonkeyPatch) -> None:
    grouped = Supervisor._group

    def wide(self: Supervisor, died: Child) -> list[Child]:
        return list(self.children) if self.spec.strategy is Strategy.REST_FOR_ONE else grouped(self, died)

    patch.setattr(Supervisor, "_group", wide)


def first_restart_delayed(patch: pytest.MonkeyPatch) -> None:
    waits = Streak.next_wait

    def late(self: Streak) -> int:
        return waits(self) or (self.backoff.min_ns if self.backoff else 0)

    patch.setattr(Streak, "next_wait", late)


def streak_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Streak, "ended", lambda self, now_ns: None)


def transient_always_returns(patch: pytest.MonkeyPatch) -> None:
    def returns(self: Supervisor, child: Child, reason: Reason) -> bool:
        return child.spec.restart in (Restart.PERMANENT, Restart.TRANSIENT)

    patch.setattr(Supervisor, "_comes_back", returns)


def temporary_returns(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Supervisor, "_comes_back", lambda self, child, reason: child.spec.restart is not Restart.FATAL)


def failed_first_start_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lifecycle, "has_been_up", property(lambda self: True, lambda self, value: None), raising=False)


def init_deadline_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lifecycle, "_init_expired", lambda self, cell: self._up(cell))


def shutdown_deadline_too_long(patch: pytest.MonkeyPatch) -> None:
    stops = Lifecycle.stop_node

    def later(self: Lifecycle, node: Any) -> None:
        spec = node.spec
        if spec.shutdown_ns:
            node.spec = attrs.evolve(spec, shutdown_ns=spec.shutdown_ns + 1)
        stops(self, node)
        node.spec = spec

    patch.setattr(Lifecycle, "stop_node", later)


def brutal_is_polite(patch: pytest.MonkeyPatch) -> None:
    stopped = Lifecycle._stopped
    patch.setattr(Lifecycle, "_stopped", lambda self, cell, reason: stopped(self, cell, Reason.SHUTDOWN), raising=True)


def calls_served_in_the_middle_of_a_step(patch: pytest.MonkeyPatch) -> None:
    calling = Supervisor.call

    def hasty(self: Supervisor, call: Any) -> None:
        if call.verb in (Verb.WHICH, Verb.COUNT) and self.busy is not None:
            self.life.serve(self, call)
        else:
            calling(self, call)

    patch.setattr(Supervisor, "call", hasty)


def escalation_is_an_ordinary_crash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Supervisor, "escalated", Supervisor.child_died)


def lives_counted_anew(patch: pytest.MonkeyPatch) -> None:
    forgets = Lifecycle.forget

    def forgets_all(self: Lifecycle, node: Any) -> None:
        forgets(self, node)
        node.incarnation = 0

    patch.setattr(Lifecycle, "forget", forgets_all)


PLANTED: list[Plant] = [
    budget_off_by_one,
    old_restarts_forgotten_too_early,
    budget_kept_over_lives,
    stop_order_not_reversed,
    temporary_spec_kept,
    group_restart_omits_the_stopped,
    rest_for_one_takes_all,
    first_restart_delayed,
    streak_never_ends,
    transient_always_returns,
    temporary_returns,
    failed_first_start_tried_again,
    init_deadline_forgotten,
    shutdown_deadline_too_long,
    brutal_is_polite,
    calls_served_in_the_middle_of_a_step,
    escalation_is_an_ordinary_crash,
    lives_counted_anew,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_kernel_that_breaks_one_rule_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(Disagreement):
        play(400, 40, (Phase.generate,))
