"""Runs a tree as a service: health, systemd and signals around a live driver, and an exit code.

0: the tree ended by itself, in order. 130 and 143: stopped in order by SIGINT or SIGTERM (in a unit file:
`SuccessExitStatus=130 143`). 1: it ended because of a failure, or did not stop in time and was killed. 70: something
blocked the stop beyond that, and the guardian ended the process. Failures are printed on stderr, one a line.
"""

import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial

import trio

from runtime.drivers.live import LiveDriver
from runtime.drivers.live_tasks import Edge
from runtime.edges.guardian import Guardian
from runtime.edges.health import Health, HealthLimits
from runtime.edges.journal_writer import WriterStore
from runtime.edges.metrics import exposition
from runtime.edges.pulse import Pulse
from runtime.edges.sd_notify import Notifier
from runtime.kernel.history import Outcome, TreeEventKind
from runtime.kernel.kernel import Kernel
from runtime.messages import Message, Reason, Ref
from runtime.spec import SECOND_NS

__all__ = ["exit_code", "run_service"]


def exit_code(outcome: Outcome, stopped_by: int | None) -> int:
    """The exit code for an outcome."""
    if not outcome.is_clean:
        return 1
    return 0 if stopped_by is None else 128 + stopped_by


def run_service(
    kernel: Kernel,
    edges: Mapping[str, Edge],
    *,
    store: WriterStore | None = None,
    limits: HealthLimits | None = None,
    health_port: int | None = 0,
    stop_ns: int = 60 * SECOND_NS,
    hurry_ns: int = SECOND_NS,
    grace_ns: int = SECOND_NS,
    for_ns: int | None = None,
    beside: Sequence[Callable[[], Awaitable[None]]] = (),
    on_up: Callable[[Health], None] | None = None,
    commands: Sequence[tuple[Ref, Message]] = (),
    clock: trio.abc.Clock | None = None,
    wall_ns: Callable[[], int] = time.time_ns,
) -> int:
    """Run to the end in the main thread; returns the exit code. Sends READY when the whole tree is up.

    An orderly stop may take `stop_ns`, or `hurry_ns` after a second signal; then the tree is killed. If the process has
    not ended `grace_ns` later, the guardian ends it. With `for_ns` the orderly stop begins by itself, so long after the
    whole tree is up. `beside` are tasks that only look at the kernel. `commands` are an operator's, given when the tree
    is up for the first time. `clock` and `wall_ns` take the place of real time and of the local wall clock.
    """
    notifier, pulse = Notifier(), Pulse()
    drivers: list[LiveDriver] = []
    metrics = exposition(lambda: drivers[0].newest if drivers else None)
    guardian = Guardian(stop_s=stop_ns / SECOND_NS, hurry_s=hurry_ns / SECOND_NS, grace_s=grace_ns / SECOND_NS)
    with guardian, Health(pulse, limits, notifier=notifier, port=health_port, metrics=metrics) as health:

        def is_up() -> None:
            notifier.ready()
            notifier.status("up")
            for ref, command in commands:
                drivers[0].command(ref, command)
            if on_up is not None:
                on_up(health)

        driver = LiveDriver(
            kernel,
            edges,
            store=store,
            pulse=pulse,
            wall_ns=wall_ns,
            stop_ns=stop_ns,
            hurry_ns=hurry_ns,
            for_ns=for_ns,
            beside=beside,
            on_up=is_up,
            on_stopping=partial(_tell_stopping, notifier),
            guardian=guardian,
        )
        drivers.append(driver)
        outcome = driver.run_alone(clock)
        for line in _failures(driver, outcome):
            print(line, file=sys.stderr, flush=True)
        return exit_code(outcome, guardian.heard)


def _tell_stopping(notifier: Notifier, reason: str) -> None:
    notifier.stopping()
    notifier.status(f"stopping: {reason}")


def _failures(driver: LiveDriver, outcome: Outcome) -> Iterator[str]:
    """Lines for the service's log: stop hooks that raised, and why the run failed."""
    stopping = set()
    for event in driver.kernel.life.events:
        life = event.path, event.incarnation
        if event.kind is TreeEventKind.STOP:
            stopping.add(life)
        elif event.kind is TreeEventKind.DOWN and life in stopping and event.reason == Reason.ERROR.value:
            yield f"{event.path}: raised {event.error} while it stopped; the stop went on"
    if not outcome.is_clean:
        cause = next(iter(outcome.causes), None)
        why = outcome.reason if cause is None else f"{cause.ref or 'root'}: {cause.error}: {cause.text}"
        lost = f" ({driver.lost_records} later records were not written)" if driver.lost_records else ""
        yield " ".join(f"failed: {why}{lost}".split())
