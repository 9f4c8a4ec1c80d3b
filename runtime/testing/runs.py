"""Whole trees under virtual time with things going wrong: one run and its report, or many seeds and the smallest plan
that breaks a claim.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path

import attrs

from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.faulting import Chooser, Faults
from runtime.kernel.history import Outcome, TreeEvent
from runtime.kernel.kernel import Kernel
from runtime.testing.choosers import Planned, Rates, Seeded
from runtime.testing.plan import FaultPlan
from runtime.testing.shrink import shrink

__all__ = ["Build", "Check", "Drive", "RunReport", "check_many", "run_plan", "run_seed"]

Build = Callable[[Faults], Kernel | SimulatedDriver]  # return a driver if the tree has a world or edges
Drive = Callable[[SimulatedDriver], None]
Check = Callable[["RunReport"], None]


@attrs.frozen(eq=False)
class RunReport:
    """One run: its outcome (None: still running), events and digests, its fault plan, and the kernel itself."""

    kernel: Kernel
    outcome: Outcome | None
    events: tuple[TreeEvent, ...]
    decision_digest: str
    trace_digest: str
    plan: FaultPlan
    turns: int
    coverage: dict[str, tuple[int, int]]
    dead_letters: dict[tuple[str, str], int]


def run_plan(build: Build, drive: Drive, plan: FaultPlan | None = None) -> RunReport:
    """Build, start and drive a tree under an explicit plan (None: no faults)."""
    plan = plan or FaultPlan()
    return _run(build, drive, Planned(plan), lambda: plan)


def run_seed(build: Build, drive: Drive, seed: int, rates: Rates | None = None) -> RunReport:
    """Run under a seed: messages are reordered and faults happen at `rates`. The report holds the explicit plan."""
    chooser = Seeded(seed, rates)
    return _run(build, drive, chooser, chooser.plan)


def check_many(
    build: Build,
    drive: Drive,
    check: Check,
    *,
    seeds: Iterable[int] = range(20),
    rates: Rates | None = None,
    folder: Path | None = None,
    most_runs: int = 500,
) -> tuple[RunReport, ...]:
    """Run each seed and `check` its report; the first failing plan is shrunk, stored in `folder`, and its error raised.

    Also raises AssertionError if a `sometimes` was true in no run: the seeds do not cover what they should.
    """
    reports = []
    for seed in seeds:
        report = run_seed(build, drive, seed, rates)
        try:
            check(report)
        except AssertionError as error:
            raise AssertionError(_failure(build, drive, check, report, seed, folder, most_runs)) from error
        reports.append(report)
    never = [name for name in _claims(reports) if not any(report.coverage.get(name, (0, 0))[0] for report in reports)]
    assert not never, f"never true in {len(reports)} runs: {', '.join(never)}"
    return tuple(reports)


def _run(build: Build, drive: Drive, chooser: Chooser, plan: Callable[[], FaultPlan]) -> RunReport:
    faults = Faults(chooser)
    built = build(faults)
    driver = SimulatedDriver(built) if isinstance(built, Kernel) else built
    kernel = driver.kernel
    driver.start()
    drive(driver)
    return RunReport(
        kernel=kernel,
        outcome=kernel.life.outcome,
        events=kernel.events,
        decision_digest=kernel.recorder.digest(),
        trace_digest=faults.digest(),
        plan=plan(),
        turns=faults.turns,
        coverage={name: (counts[0], counts[1]) for name, counts in sorted(kernel.coverage.items())},
        dead_letters={(name, cause.value): n for (name, cause), n in sorted(kernel.dead_letters.counts.items())},
    )


def _claims(reports: list[RunReport]) -> list[str]:
    return sorted({name for report in reports for name in report.coverage})


def _failure(
    build: Build, drive: Drive, check: Check, report: RunReport, seed: int, folder: Path | None, most_runs: int
) -> str:
    """Shrink and store a failing plan; returns the AssertionError that describes it."""

    def fails(plan: FaultPlan) -> bool:
        try:
            check(run_plan(build, drive, plan))
        except AssertionError:
            return True
        return False

    found = shrink(report.plan, fails, most_runs=most_runs)
    text = found.plan.to_json()
    kept = "" if found.is_smallest else ", perhaps not the smallest"
    where = ""
    if folder is not None:
        file = folder / f"plan-{blake2b(text.encode(), digest_size=4).hexdigest()}.json"
        file.write_text(text, encoding="utf-8")
        where = f", stored in {file}"
    count = len(found.plan.choices)
    enough = "1 choice is" if count == 1 else f"{count} choices are"
    return f"seed {seed} fails; {enough} enough{kept}{where}:\n{text}"
