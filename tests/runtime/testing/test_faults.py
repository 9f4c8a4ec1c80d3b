"""Faults do what they say and no more: each kind alone, nothing chosen, everything at once under many seeds."""

from collections import defaultdict
from typing import Any

import pytest

from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.audit import Audit
from runtime.kernel.faulting import Fault, Faults, Turn
from runtime.kernel.kernel import Kernel
from runtime.testing import Choice, FaultKind, FaultPlan, Planned, Rates, RunReport, Seeded, run_plan, run_seed
from tests.runtime.testing.chatter import Word, build, drive, spoken

WILD = Rates(reorder=0.5, crash=0.02, drop=0.03, duplicate=0.03, delay=0.05)


def plan_of(*choices: Choice) -> FaultPlan:
    return FaultPlan(choices)


def unharmed() -> RunReport:
    return run_plan(build, drive)


def plain_kernel() -> Kernel:
    kernel = build(None)
    driver = SimulatedDriver(kernel)
    driver.start()
    drive(driver)
    return kernel


def test_with_nothing_chosen_both_loops_tell_the_same_story() -> None:
    kernel, report = plain_kernel(), unharmed()
    assert report.decision_digest == kernel.recorder.digest()
    assert (report.kernel.handled, report.events) == (kernel.handled, kernel.events)


def test_a_crash_runs_the_handler_and_releases_nothing() -> None:
    report = run_plan(build, drive, plan_of(Choice(FaultKind.CRASH, 2, "a", "Tick")))
    assert [word.number for word in spoken(report.kernel) if word.speaker == "a" and not word.is_question][:6] == [
        *range(1, 6),
        1,
    ]
    assert report.dead_letters["Tick", "crash"] == 1
    assert report.dead_letters["Word", "rolled_back"] == 6
    assert report.coverage["a talker died"] == (1, 1)


def test_a_dropped_question_has_no_answer_and_fails_at_its_deadline() -> None:
    report = run_plan(build, drive, plan_of(Choice(FaultKind.DROP, 1, "clerk", "Word")))
    assert report.dead_letters == {("Word", "fault"): 1}
    assert report.coverage["no answer came"] == (1, 0)


def test_a_duplicated_question_is_answered_twice_and_the_second_answer_is_late() -> None:
    report = run_plan(build, drive, plan_of(Choice(FaultKind.DUPLICATE, 1, "clerk", "Word")))
    assert report.dead_letters == {("Word", "late"): 1}


def test_a_delayed_message_comes_later_and_is_the_same() -> None:
    whole = unharmed()
    report = run_plan(build, drive, plan_of(Choice(FaultKind.DELAY, 1, "b", "Word", delay_ns=10**8)))
    assert report.dead_letters == {}
    assert report.kernel.handled == whole.kernel.handled
    assert report.trace_digest != whole.trace_digest


def test_a_delayed_message_of_a_life_that_has_ended_is_dead_as_lying_mail_is() -> None:
    choices = (Choice(FaultKind.DELAY, 1, "b", "Word", delay_ns=10**8), Choice(FaultKind.CRASH, 2, "b", "Word"))
    assert run_plan(build, drive, plan_of(*choices)).dead_letters["Word", "restart"] == 4  # three lay there, and it


@pytest.mark.parametrize("seed", range(20))
def test_no_pairs_order_is_ever_changed(seed: int) -> None:
    heard: dict[tuple[str, str], list[int]] = defaultdict(list)

    faults = Faults(Seeded(seed, Rates(reorder=0.9)))
    kernel = build(faults)
    handle = kernel.turns.handle

    def listening(envelope: Any, *, must_crash: bool = False) -> None:
        word = envelope.message
        if isinstance(word, Word) and not word.is_question:
            heard[word.speaker, envelope.receiver.ref].append(word.number)
        handle(envelope, must_crash=must_crash)

    kernel.turns.handle = listening  # type: ignore[method-assign]
    driver = SimulatedDriver(kernel)
    driver.start()
    drive(driver)
    assert len(heard) == 3
    for numbers in heard.values():
        assert numbers == sorted(numbers)
    assert run_seed(build, drive, seed, Rates(reorder=0.9)).trace_digest != unharmed().trace_digest


@pytest.mark.parametrize("seed", range(20))
def test_a_seeded_run_is_had_again_from_its_plan_alone_and_from_its_file(seed: int) -> None:
    report = run_seed(build, drive, seed, WILD)
    assert report.plan.choices
    for plan in (report.plan, FaultPlan.from_json(report.plan.to_json())):
        again = run_plan(build, drive, plan)
        assert (again.trace_digest, again.decision_digest) == (report.trace_digest, report.decision_digest)
        assert (again.events, again.dead_letters) == (report.events, report.dead_letters)


@pytest.mark.parametrize("seed", range(20))
def test_the_books_balance_whatever_goes_wrong(seed: int) -> None:
    audit = Audit()
    faults = Faults(Seeded(seed, WILD))
    kernel = build(faults, audit)
    driver = SimulatedDriver(kernel)
    driver.start()
    drive(driver)
    balance = audit.balance(kernel)
    assert sum(balance.values()) == faults.waiting
    assert all(count > 0 for count in balance.values())


def test_planned_choices_for_the_same_turn_take_the_first() -> None:
    chooser = Planned(plan_of(Choice(FaultKind.DROP, 1), Choice(FaultKind.CRASH, 1)))
    assert chooser.fault(Turn(1, "a", "Word", 1, 1)) == Fault(is_drop=True)
    assert chooser.fault(Turn(2, "a", "Word", 2, 2)) is None
