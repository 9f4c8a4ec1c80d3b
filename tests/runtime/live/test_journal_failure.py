"""D11 with the real append log: wherever its disk fails, the run ends in the documented stop, and nothing waits on."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

from runtime.actor import STARTED, STOPPED, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.journal.boundary import Boundary
from runtime.journal.errors import JournalFull, JournalOverflow
from runtime.journal.format import HEADER
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import Reason, Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.testing import FakeDisk
from tests.runtime.journal.stories import CODEC

Emit = Callable[[Any], Awaitable[None]]
PAYMENTS = 12
SEGMENT_BYTES = 900


class Payer(Actor):
    """Pays what it is told to, and has a stop hook that sends and sets timers like any handler."""

    def __init__(self, stopped: list[str]) -> None:
        self._stopped = stopped

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        ctx.effect("bank", message)

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        self._stopped.append(ctx.me)
        ctx.effect("bank", 0)
        return STOPPED


class Run:
    """Payments one after the other through a journal on `disk`, until the disk fails or all are made."""

    def __init__(self, disk: FakeDisk, limits: LogLimits | None = None) -> None:
        self.disk = disk
        self.log = open_log(disk, limits or LogLimits(segment_bytes=SEGMENT_BYTES))
        self.log.append(HEADER, 0, b"{}")
        self.stopped: list[str] = []
        self.paid: list[int] = []
        self.unsafe: list[int] = []
        boundary = Boundary(self.log, CODEC)
        children = tuple(ActorSpec(name, lambda: Payer(self.stopped)) for name in ("first", "second"))
        tree = SupervisorSpec("root", children=children)
        self.kernel = Kernel(tree, ports={"bank": Port(is_durable_first=True)}, journal=boundary)
        boundary.kernel = self.kernel
        self.driver = LiveDriver(self.kernel, {"bank": self.bank}, store=self.log)

    async def bank(self, request: Any, emit: Emit) -> None:
        self.paid.append(request)
        if self.log.failure is not None:
            self.unsafe.append(request)

    def go(self) -> Outcome:
        async def main() -> Outcome:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.pay)
                outcome = await self.driver.run()
                nursery.cancel_scope.cancel()
            return outcome

        return trio.run(main)

    async def pay(self) -> None:
        for number in range(1, PAYMENTS + 1):
            self.driver.tell(Ref("second"), number)
            while number not in self.paid:
                await trio.sleep(0)
        self.driver.stop("all is paid")


def operations_of_a_whole_run() -> list[tuple[str, str]]:
    run = Run(FakeDisk())
    assert run.go().is_clean
    assert run.paid[:PAYMENTS] == list(range(1, PAYMENTS + 1))
    return run.disk.operations


def test_the_story_opens_segments_and_ends_in_order() -> None:
    operations = operations_of_a_whole_run()
    assert sum(name == "create" for name, _ in operations) > 2


def test_D11_a_disk_that_fails_at_any_write_sync_or_new_segment_ends_the_run_in_the_documented_stop() -> None:
    failed = 0
    for operation in range(200):
        run = Run(FakeDisk(fail_at=operation))
        outcome = run.go()
        if outcome.is_clean:
            break  # the run was over before that operation
        failed += 1
        assert run.stopped == ["second", "first"], f"operation {operation}: a stop hook did not run"
        assert [cause.ref for cause in outcome.causes] == ["journal"]
        assert run.unsafe == []
        assert len(run.paid) < PAYMENTS + 1
        assert run.driver.lost_records > 0
        assert isinstance(run.log, AppendLog)
        run.log.close()
    assert failed > 30


def test_D11_a_full_disk_is_named_and_what_it_holds_opens_again() -> None:
    run = Run(FakeDisk(full_at=1_500))
    outcome = run.go()
    assert (outcome.is_clean, outcome.causes[0].error) == (False, JournalFull.__name__)
    promised = run.log.synced
    run.log.close()
    run.disk.crash()
    assert open_log(run.disk).synced >= promised


@pytest.mark.parametrize("pending_bytes", [700, 1_500])
def test_D11_a_journal_that_cannot_take_more_ends_the_run_in_the_same_stop(pending_bytes: int) -> None:
    run = Run(FakeDisk(), LogLimits(segment_bytes=SEGMENT_BYTES, pending_bytes=pending_bytes))
    for number in range(100, 200):
        run.driver.tell(Ref("second"), number)
    outcome = run.go()
    assert (outcome.is_clean, outcome.causes[0].error) == (False, JournalOverflow.__name__)
    assert run.stopped == ["second", "first"]
