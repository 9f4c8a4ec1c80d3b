"""A whole run on a disk that forgets and tears, dead at every write and sync: what left is in what is left.

The run is the story of `stories.py` with a real log on the fake disk. Wherever the power goes, the journal opens, its
durable prefix replays without divergence, and every durable-first effect that left has its record there, and with it
everything of a lower sequence: its causes.
"""

from typing import Any

import pytest

from runtime.drivers.simulated import EmitToTree, SimulatedDriver
from runtime.journal.boundary import Boundary
from runtime.journal.format import ENDED, HEADER, LogRecord
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.journal.replay import Replay
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import DiskDied, FakeDisk, Filling, Tear
from tests.runtime.journal.stories import CODEC, Answered, Asked, Tick, build

LIMITS = LogLimits(segment_bytes=2_000)
TEARS = [Tear(), Tear(survived=1_000), Tear(survived=37, filling=Filling.GARBAGE), Tear(survived=9, keeps_names=True)]


def run(disk: FakeDisk, paid: list[int], log_class: type[AppendLog] | None = None) -> None:
    """The story to its end, or to the disk's; `paid` are the requests that reached the bank."""
    log = open_log(disk, LIMITS)
    if log_class is not None:
        log.__class__ = log_class
    boundary = Boundary(log, CODEC)
    log.append(HEADER, 0, b"{}")
    kernel = build(boundary)
    boundary.kernel = kernel

    def world(request: Asked, emit: EmitToTree) -> None:
        emit(Answered(100 + request.number), delay_ns=SECOND_NS // 2)

    def bank(request: Asked, emit: EmitToTree) -> None:
        paid.append(request.number)

    driver = SimulatedDriver(kernel, edges={"world": world, "bank": bank}, store=log)
    driver.start()
    for number in range(1, 10):
        kernel.tell(Ref("buyer"), Tick(number))
        driver.run_until(number * SECOND_NS)
    driver.stop("done")
    log.append(ENDED, kernel.now, b"{}")
    log.close()


def left_on(disk: FakeDisk) -> list[LogRecord]:
    records: list[LogRecord] = []
    open_log(disk, LIMITS, each=records.append)
    return records


def paid_in(records: list[LogRecord]) -> list[int]:
    read = (CODEC.read("effect", record.payload) for record in records if record.kind == "effect")
    return [values[4].number for values in read if values[3] == "bank"]


@pytest.fixture(scope="module")
def operations() -> int:
    disk, paid = FakeDisk(), list[int]()
    run(disk, paid)
    assert len(paid) > 5
    return len(disk.operations)


@pytest.mark.parametrize("tear", TEARS, ids=str)
def test_dead_at_every_operation_what_left_is_in_what_is_left(operations: int, tear: Tear) -> None:
    assert operations > 30
    for death in range(operations):
        disk, paid = FakeDisk(die_at=death), list[int]()
        with pytest.raises(DiskDied):
            run(disk, paid)
        disk.crash(tear)
        records = left_on(disk)
        assert set(paid) <= set(paid_in(records)), f"dead at operation {death}: an effect left without its record"
        if records:
            assert [record.sequence for record in records] == list(range(len(records)))
            assert Replay(records, build, CODEC).run().divergence is None, f"dead at operation {death}"


class Hasty(AppendLog):
    """Says that all is on disk when nothing has been written."""

    def commit(self) -> int:
        return self.next_sequence - 1


def test_a_log_that_promises_too_early_is_caught() -> None:
    disk, paid = FakeDisk(), list[int]()
    run(disk, paid, Hasty)
    disk.crash(Tear())
    assert paid
    assert not set(paid) <= set(paid_in(left_on(disk)))


def test_the_effects_of_the_story_wait_for_their_commit() -> None:
    seen: list[tuple[int, Any]] = []

    class Watched(AppendLog):
        def write(self, batch: Any) -> int:
            synced = super().write(batch)
            seen.append((synced, batch.last_sequence))
            return synced

    disk, paid = FakeDisk(), list[int]()
    run(disk, paid, Watched)
    assert len(seen) >= len(paid)
    assert all(synced == last for synced, last in seen)
