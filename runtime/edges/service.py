"""A tree as a service: health, systemd and signals around a live driver, and the exit code that tells how it ended.

0: the tree ended by itself, in order. 130 and 143: stopped in order by SIGINT or SIGTERM (in a unit file:
`SuccessExitStatus=130 143`). 1: it ended because of a failure, or did not stop in time and was killed.
"""

import signal
from collections.abc import Callable, Mapping

from runtime.drivers.live import LiveDriver
from runtime.drivers.live_tasks import Edge
from runtime.edges.health import Health, HealthLimits
from runtime.edges.journal_writer import WriterStore
from runtime.edges.metrics import exposition
from runtime.edges.pulse import Pulse
from runtime.edges.sd_notify import Notifier
from runtime.history import Outcome
from runtime.kernel import Kernel
from runtime.spec import SECOND_NS

__all__ = ["exit_code", "run_service"]


def exit_code(outcome: Outcome, stopped_by: int | None) -> int:
    """How a process says what became of its tree."""
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
    on_up: Callable[[Health], None] | None = None,
) -> int:
    """Run to the end in this (the main) thread; the exit code. READY is told when the whole tree is up."""
    notifier, pulse = Notifier(), Pulse()
    drivers: list[LiveDriver] = []
    metrics = exposition(lambda: drivers[0].newest if drivers else None)
    with Health(pulse, limits, notifier=notifier, port=health_port, metrics=metrics) as health:

        def is_up() -> None:
            notifier.ready()
            notifier.status("up")
            if on_up is not None:
                on_up(health)

        def is_stopping(reason: str) -> None:
            notifier.stopping()
            notifier.status(f"stopping: {reason}")

        driver = LiveDriver(
            kernel,
            edges,
            store=store,
            pulse=pulse,
            stop_ns=stop_ns,
            hurry_ns=hurry_ns,
            on_up=is_up,
            on_stopping=is_stopping,
            stops_on=(signal.SIGTERM, signal.SIGINT),
        )
        drivers.append(driver)
        return exit_code(driver.run_alone(), driver.stopped_by)
