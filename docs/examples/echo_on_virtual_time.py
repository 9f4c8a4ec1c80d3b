"""The echo on virtual time and with planted faults: `python -m docs.examples.echo_on_virtual_time`.

The actors are those of `echo.py`, unchanged. A few lines of script replace the sockets, waiting costs no real time, and
a plan always gives the same run.
"""

from docs.examples.echo import echo_kernel
from runtime.drivers.simulated import EmitToTree, SimulatedDriver
from runtime.edges.lines import LineCame, Listening, Say
from runtime.kernel.faulting import Faults
from runtime.spec import SECOND_NS
from runtime.testing import Choice, FaultKind, FaultPlan, Rates, RunReport, check_many, run_plan

__all__ = ["CALLER", "PLAN", "main", "told"]

CALLER = ["hello", "boom", "are you there?", "good night"]

PLAN = FaultPlan(
    (
        Choice(FaultKind.CRASH, 1, ref="echo"),  # its first message: the handler runs, then raises
        Choice(FaultKind.DELAY, 3, ref="echo", delay_ns=5 * SECOND_NS),  # its third: handled five seconds later
    ),
    note="the first answer is lost, the third is late",
)


def a_call(faults: Faults, heard: list[str]) -> SimulatedDriver:
    """The echo on virtual time; a caller sends a line a second and records the answers."""
    driver = SimulatedDriver(echo_kernel(faults=faults))

    def listen(port: int, emit: EmitToTree) -> None:
        emit(Listening(port))
        for second, text in enumerate(CALLER, start=1):
            emit(LineCame(1, text), delay_ns=second * SECOND_NS)

    def say(request: Say, emit: EmitToTree) -> None:
        heard.append(f"{driver.kernel.now / SECOND_NS:.0f} s  {request.text}")

    driver.edges = {"listen": listen, "say": say}
    return driver


def to_the_end(driver: SimulatedDriver) -> None:
    """Run until no message and no timer is pending."""
    driver.run_until("idle")


def told(plan: FaultPlan) -> tuple[list[str], RunReport]:
    """The answers under a plan, and the run's report: lives and deaths, dead letters, digests."""
    heard: list[str] = []
    report = run_plan(lambda faults: a_call(faults, heard), to_the_end, plan)
    return heard, report


def everything_is_answered(report: RunReport) -> None:
    """A claim that `check_many` disproves: that only "boom" has no answer."""
    lost = {name: count for name, count in report.dead_letters.items() if name[0] == "Numbered"}
    assert lost == {("Numbered", "crash"): 1}, f"lost: {lost}"


def main() -> None:
    """Three runs, and a search for the smallest plan that breaks a claim."""
    print("Nothing goes wrong, but that `boom` kills:", *told(FaultPlan())[0], sep="\n  ")

    heard, report = told(PLAN)
    print(f"\nUnder a plan ({PLAN.note}):", *heard, sep="\n  ")
    deaths = [event for event in report.events if event.kind.value == "down"]
    print("  deaths:", ", ".join(f"{event.path} at {event.time_ns / SECOND_NS:.0f} s" for event in deaths))

    stored = FaultPlan.from_json(PLAN.to_json())
    again, _ = told(stored)
    print(f"\nStored as JSON, read and run again, the same is heard: {again == heard}")

    print("\nTwenty seeds that lose one message in ten, and a claim that every line but `boom` is answered:")
    try:
        rates = Rates(reorder=0, drop=0.1)
        check_many(lambda faults: a_call(faults, []), to_the_end, everything_is_answered, rates=rates)
    except AssertionError as error:
        print(f"  {error}")


if __name__ == "__main__":
    main()
