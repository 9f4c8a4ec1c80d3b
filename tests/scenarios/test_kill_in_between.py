"""Kill who hears nothing in a run without a latency, between two messages, at each event of the market.

The gate passes the gateway by and the venue the sockets, where they would have nothing to do on the way; the journal is
asked at starts alone, and safety hears of a wallet at its floor. Deaths are told all the same: a connection that is
gone is opened anew, and what happened meanwhile is asked for. Nothing of a run shows that.
"""

from pathlib import Path

import attrs
import pytest

from actors.app import names
from actors.app.runs.simulation import MarketWorld, RunFailed
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from tests.oracle.engine import EngineRun, run_rows
from tests.scenarios.test_kill_anything import OFTEN, STORY, is_unharmed, market

SILENT = (names.GATEWAY, names.PRIVATE_SOCKET, names.PUBLIC_SOCKET, names.SAFETY)


@attrs.define
class Killer:
    """Kills the actor at `ref` when nothing is queued and the market's `number`-th event is about to come."""

    ref: Ref
    number: int
    count: int = 0

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        kernels: list[Kernel] = []
        init, next_time = MarketWorld.__init__, MarketWorld.next_time

        def with_kernel(world: MarketWorld, kernel: Kernel) -> None:
            kernels.append(kernel)
            init(world, kernel)

        def with_kill(world: MarketWorld) -> int | None:
            self.count += 1
            if self.count == self.number:
                kernels[0].kill(self.ref)
            return next_time(world)

        patch.setattr(MarketWorld, "__init__", with_kernel)
        patch.setattr(MarketWorld, "next_time", with_kill)


def run_with(killer: Killer, folder: Path, *, every_bar: bool) -> EngineRun:
    with pytest.MonkeyPatch.context() as patch:
        killer.plant(patch)
        return run_rows(folder, market(), STORY, every_bar=every_bar, **OFTEN)


@pytest.mark.parametrize(("every_bar", "step"), [(False, 1), (True, 5)], ids=["wake set", "every bar"])
def test_a_silent_actor_that_dies_between_two_messages_takes_nothing_with_it(
    every_bar: bool, step: int, tmp_path: Path
) -> None:
    counter = Killer(names.GATEWAY, 0)
    unkilled = run_with(counter, tmp_path, every_bar=every_bar)
    assert counter.count > 15
    for ref in SILENT:
        for number in range(1, counter.count, step):
            run = run_with(Killer(ref, number), tmp_path, every_bar=every_bar)
            assert run.tape.restarts > 0
            assert is_unharmed(run, unkilled), f"{ref} killed at event {number}"


def test_the_journals_death_stops_the_run_with_its_cause(tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as failure:
        run_with(Killer(names.JOURNAL, 9), tmp_path, every_bar=False)
    causes = failure.value.outcome.causes
    assert (causes[0].ref, causes[0].reason.value) == (names.JOURNAL, "killed")
