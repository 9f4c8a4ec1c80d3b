"""The shrinker finds the few choices that matter, and many seeds with a claim find and keep the plan that breaks it."""

from pathlib import Path
from typing import Any

import pytest

from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.testing import Choice, FaultKind, FaultPlan, Rates, RunReport, Script, check_many, run_plan, shrink
from tests.runtime.testing.chatter import build, drive

DROPS = tuple(Choice(FaultKind.DROP, number) for number in range(1, 41))


def test_of_forty_choices_the_two_that_matter_are_found_and_no_single_one_can_be_left_out() -> None:
    needed = {7, 31}
    found = shrink(FaultPlan(DROPS), lambda plan: needed <= {choice.at for choice in plan.choices})
    assert {choice.at for choice in found.plan.choices} == needed
    assert found.is_smallest
    assert found.runs < 120


@pytest.mark.parametrize("needed", [{1}, {40}, {1, 2, 3}, {1, 20, 40}, set(range(1, 41))])
def test_whatever_is_needed_is_exactly_what_is_left(needed: set[int]) -> None:
    found = shrink(FaultPlan(DROPS), lambda plan: needed <= {choice.at for choice in plan.choices})
    assert {choice.at for choice in found.plan.choices} == needed


def test_a_run_that_fails_without_any_fault_needs_none() -> None:
    assert shrink(FaultPlan(DROPS), lambda plan: True).plan.choices == ()


def test_numbers_shrink_too() -> None:
    plan = FaultPlan((Choice(FaultKind.DELAY, 3, delay_ns=10**9), Choice(FaultKind.REORDER, 5, ahead=40)))
    found = shrink(plan, lambda plan: len(plan.choices) == 2 and plan.choices[0].delay_ns >= 1_000)
    assert found.plan.choices[0].delay_ns < 2_000
    assert found.plan.choices[1].ahead == 1


def test_the_bound_on_runs_holds_and_is_told() -> None:
    runs = 0

    def fails(plan: FaultPlan) -> bool:
        nonlocal runs
        runs += 1
        return {7, 31} <= {choice.at for choice in plan.choices}

    found = shrink(FaultPlan(DROPS), fails, most_runs=10)
    assert (runs, found.runs, found.is_smallest) == (10, 10, False)
    assert {7, 31} <= {choice.at for choice in found.plan.choices}


def test_a_claim_that_a_seed_breaks_is_shrunk_stored_and_had_again(tmp_path: Path) -> None:
    def no_talker_dies(report: RunReport) -> None:
        assert not report.kernel.life.restarts, "somebody died"

    with pytest.raises(AssertionError, match="1 choice is enough") as error:
        check_many(build, drive, no_talker_dies, rates=Rates(crash=0.01, drop=0.05), folder=tmp_path)
    (file,) = tmp_path.iterdir()
    assert str(file) in str(error.value)
    plan = FaultPlan.from_json(file.read_text(encoding="utf-8"))
    assert [choice.kind for choice in plan.choices] == [FaultKind.CRASH]
    with pytest.raises(AssertionError, match="somebody died"):
        no_talker_dies(run_plan(build, drive, plan))


def test_a_claim_that_holds_is_checked_on_twenty_seeds() -> None:
    checked: list[RunReport] = []
    check_many(build, drive, checked.append, rates=Rates(crash=0.02, drop=0.02))
    assert len(checked) == 20
    assert len({report.trace_digest for report in checked}) == 20


def test_seeds_that_never_reach_what_should_sometimes_happen_are_told_so() -> None:
    def hope(message: Any, ctx: Context) -> None:
        ctx.sometimes("it rained", False)

    def build_with_a_vain_hope(faults: Faults) -> Kernel:
        tree = SupervisorSpec("root", children=(ActorSpec("a", lambda: Script(hope)),))
        return Kernel(tree, faults=faults)

    def wake(driver: SimulatedDriver) -> None:
        driver.kernel.tell(Ref("a"), "hope")
        driver.run_until("idle")

    with pytest.raises(AssertionError, match="never true in 3 runs: it rained"):
        check_many(build_with_a_vain_hope, wake, lambda report: None, seeds=range(3))
