"""The state machine test finds faults: a kernel that breaks one rule differs from the model."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from runtime.kernel.history import Ending
from runtime.messages import Reason
from runtime.spec import Restart, RestartStrategy
from runtime.supervision import judging, supervisor
from runtime.supervision.children import Child, Children
from runtime.supervision.lifecycle import Lifecycle
from runtime.supervision.lives import CellLives
from runtime.supervision.management import Verb
from runtime.supervision.restarts import Budget, Streak
from runtime.supervision.supervisor import Supervisor
from tests.runtime.supervision import test_costs as costs
from tests.runtime.supervision import test_stories as stories
from tests.runtime.supervision.pair import Disagreement
from tests.runtime.supervision.test_machine import play

pytestmark = pytest.mark.slow

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
    patch.setattr(Supervisor, "is_kept", lambda self, child: self.spec.strategy is not RestartStrategy.DYNAMIC)


def group_restart_omits_the_stopped(patch: pytest.MonkeyPatch) -> None:
    def living(strategy: RestartStrategy, children: Children, died: Child) -> list[Child]:
        grouped = judging.group_of(strategy, children, died)
        return [child for child in grouped if child.is_alive or child.is_due or child is died]

    patch.setattr(supervisor, "group_of", living)


def rest_for_one_takes_all(patch: pytest.MonkeyPatch) -> None:
    def wide(strategy: RestartStrategy, children: Children, died: Child) -> list[Child]:
        if strategy is RestartStrategy.REST_FOR_ONE:
            return list(children)
        return judging.group_of(strategy, children, died)

    patch.setattr(supervisor, "group_of", wide)


def first_restart_delayed(patch: pytest.MonkeyPatch) -> None:
    waits = Streak.next_wait

    def late(self: Streak) -> int:
        return waits(self) or (self.backoff.min_ns if self.backoff else 0)

    patch.setattr(Streak, "next_wait", late)


def streak_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Streak, "ended", lambda self, now_ns: None)


def transient_always_returns(patch: pytest.MonkeyPatch) -> None:
    def returns(restart: Restart, reason: Reason) -> bool:
        return restart in (Restart.PERMANENT, Restart.TRANSIENT)

    patch.setattr(judging, "_comes_back", returns)


def temporary_returns(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judging, "_comes_back", lambda restart, reason: restart is not Restart.FATAL)


def failed_first_start_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lifecycle, "has_been_up", property(lambda self: True, lambda self, value: None), raising=False)


def init_deadline_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CellLives, "_init_expired", lambda self, cell: self._up(cell))


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
    stopped = CellLives._stopped
    patch.setattr(CellLives, "_stopped", lambda self, cell, reason: stopped(self, cell, Reason.SHUTDOWN), raising=True)


def calls_served_in_the_middle_of_a_step(patch: pytest.MonkeyPatch) -> None:
    calling = Supervisor.call

    def hasty(self: Supervisor, call: Any) -> None:
        if call.verb in (Verb.WHICH, Verb.COUNT) and self.busy is not None:
            self.life.serve(self, call)
        else:
            calling(self, call)

    patch.setattr(Supervisor, "call", hasty)


def escalation_is_an_ordinary_crash(patch: pytest.MonkeyPatch) -> None:
    def ordinary(self: Supervisor, node: Any, cause: Any, *, fatal: bool) -> None:
        self.child_died(node, (cause,), fatal=fatal)

    patch.setattr(Supervisor, "escalated", ordinary)


def lives_counted_anew(patch: pytest.MonkeyPatch) -> None:
    forgets = Lifecycle.forget

    def forgets_all(self: Lifecycle, node: Any) -> None:
        node.incarnation = 0
        forgets(self, node)

    patch.setattr(Lifecycle, "forget", forgets_all)


def every_death_is_a_cause(patch: pytest.MonkeyPatch) -> None:
    told = Ending.outcome
    patch.setattr(Ending, "outcome", lambda self: attrs.evolve(told(self), causes=tuple(self.deaths)))


def the_last_death_is_the_cause(patch: pytest.MonkeyPatch) -> None:
    decides = Ending.decide

    def anew(self: Ending, chain: Any) -> None:
        self._chain = ()
        decides(self, chain)

    patch.setattr(Ending, "decide", anew)


BY_THE_MACHINE: list[Plant] = [
    budget_off_by_one,
    stop_order_not_reversed,
    temporary_spec_kept,
    rest_for_one_takes_all,
    first_restart_delayed,
    temporary_returns,
    failed_first_start_tried_again,
    init_deadline_forgotten,
    brutal_is_polite,
    calls_served_in_the_middle_of_a_step,
    escalation_is_an_ordinary_crash,
    lives_counted_anew,
    every_death_is_a_cause,
]

BY_A_STORY: list[tuple[Plant, Callable[[], None]]] = [
    (the_last_death_is_the_cause, costs.test_S33_a_fatal_error_during_the_stop_is_not_the_cause_of_it),
    (
        old_restarts_forgotten_too_early,
        lambda: stories.test_S7_a_restart_exactly_a_period_old_still_counts(5 * stories.S, is_over=True),
    ),
    (budget_kept_over_lives, stories.test_S8_a_new_life_of_a_supervisor_has_a_new_budget),
    (group_restart_omits_the_stopped, stories.test_S13_a_group_restart_starts_every_kept_spec_and_loses_the_temporary),
    (streak_never_ends, stories.test_S20_a_stable_life_ends_a_streak_and_a_wait_or_a_failed_start_does_not),
    (shutdown_deadline_too_long, stories.test_S18_a_supervisors_own_deadline_kills_all_below_it),
    (
        transient_always_returns,
        lambda: stories.test_S4_the_restart_type_says_who_comes_back(Restart.TRANSIENT, {"crash", "kill"}, "exit"),
    ),
]


@pytest.mark.parametrize("plant", BY_THE_MACHINE, ids=lambda plant: plant.__name__)
def test_a_kernel_that_breaks_one_rule_is_told_from_the_model(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(Disagreement):
        play(400, 40, (Phase.generate,))


@pytest.mark.parametrize(("plant", "story"), BY_A_STORY, ids=lambda given: given.__name__)
def test_a_kernel_that_breaks_a_rare_rule_spoils_its_story(
    plant: Plant, story: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    story()
    plant(monkeypatch)
    with pytest.raises(Disagreement):
        story()
