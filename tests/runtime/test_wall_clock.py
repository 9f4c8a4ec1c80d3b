"""The wall clock: the kernel's monotonic time and an offset, with a bound on its error, set by whoever measures it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.actor import STARTING, Actor, StartResult
from runtime.context import Context
from runtime.errors import KernelError
from runtime.journal.boundary import Boundary
from runtime.journal.replay import Replay
from runtime.kernel.clock import KernelClock
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from runtime.testing import Script, started_tree
from tests.runtime.journal.stories import CODEC, MemoryStore, Row

Reading = tuple[int, int, int | None]
NOON_NS = 1_700_000_000 * SECOND_NS


def clocks(seen: list[Reading]) -> list[ActorSpec]:
    """`setter` corrects the clock by what it is told, and raises where the error is 13; `reader` notes what it sees."""

    def correct(message: Any, ctx: Context) -> None:
        ctx.correct_wall(*message)
        ctx.send(Ref("reader"), 0)
        if message[1] == 13:
            raise RuntimeError("planted")

    def read(message: Any, ctx: Context) -> None:
        seen.append((ctx.now, ctx.wall, ctx.wall_error_ns))

    return [ActorSpec("reader", lambda: Script(read)), ActorSpec("setter", lambda: Script(correct))]


def a_tree(seen: list[Reading]) -> Kernel:
    kernel, _ = started_tree(clocks(seen))
    return kernel


def tell(kernel: Kernel, now_ns: int, ref: str, message: Any) -> None:
    kernel.set_time(now_ns)
    kernel.tell(Ref(ref), message)
    kernel.pump()


def test_a_virtual_clock_is_exact() -> None:
    seen: list[Reading] = []
    kernel = a_tree(seen)
    tell(kernel, 77, "reader", 0)
    assert seen == [(77, 77, 0)]


def test_a_local_clock_that_nobody_has_measured_has_an_unknown_error() -> None:
    seen: list[Reading] = []
    kernel = a_tree(seen)
    kernel.set_time(5)
    kernel.read_wall(NOON_NS)
    tell(kernel, 7, "reader", 0)
    assert seen == [(7, NOON_NS + 2, None)]


def test_M25_a_correction_holds_for_everybody_once_the_handler_has_returned() -> None:
    seen: list[Reading] = []
    kernel = a_tree(seen)
    kernel.read_wall(NOON_NS)
    tell(kernel, 1_000, "setter", (NOON_NS + 500, 20, 0))
    tell(kernel, 3_000, "reader", 0)
    assert seen == [(1_000, NOON_NS + 1_500, 20), (3_000, NOON_NS + 3_500, 20)]


def test_M25_a_handler_that_raises_has_corrected_nothing() -> None:
    seen: list[Reading] = []
    kernel = a_tree(seen)
    tell(kernel, 10, "setter", (4, 13, 0))
    tell(kernel, 10, "reader", 0)
    assert seen == [(10, 10, 0)]


@given(st.integers(0, 10**9), st.integers(0, 10**4), st.lists(st.integers(0, 10**12), min_size=1, max_size=4))
def test_M25_the_error_grows_with_age_and_is_rounded_up(error_ns: int, drift_ppm: int, steps: list[int]) -> None:
    clock = KernelClock()
    clock.set(123)
    clock.correct_wall(-45, error_ns, drift_ppm)
    for step in steps:
        clock.set(clock.now + step)
    found = clock.wall_error_ns
    assert found is not None
    exact_millionths = error_ns * 1_000_000 + (clock.now - 123) * drift_ppm
    assert exact_millionths <= found * 1_000_000 < exact_millionths + 1_000_000


@pytest.mark.parametrize("message", [(0, -1, 0), (0, 0, -1), (0.5, 0, 0), (0, None, 0), (0, 0, True)])
def test_M25_a_misuse_raises_in_the_handler(message: tuple[Any, ...]) -> None:
    seen: list[Reading] = []
    kernel = a_tree(seen)
    tell(kernel, 10, "setter", message)
    assert kernel.life.restarts == 1
    tell(kernel, 10, "reader", 0)
    assert seen == [(10, 10, 0)]


def test_a_negative_error_is_refused_by_the_clock_itself() -> None:
    with pytest.raises(KernelError, match="error of -1 ns"):
        KernelClock().correct_wall(0, -1, 0)


def test_kernel_time_never_goes_back_and_a_reading_of_the_local_clock_does_not_move_it() -> None:
    clock = KernelClock()
    clock.set(10)
    clock.set(9)
    clock.read_wall(5)
    assert (clock.now, clock.now + clock.wall_offset_ns) == (10, 5)


# -- journal and replay ---------------------------------------------------------------------------------------------


def built(seen: list[Reading]) -> Callable[[JournalSink | None], Kernel]:
    return lambda sink: Kernel(SupervisorSpec("root", children=tuple(clocks(seen)), intensity=9), journal=sink)


def recorded() -> tuple[list[Row], list[Reading]]:
    """A run whose local clock is an hour fast; an actor corrects it twice."""
    seen: list[Reading] = []
    store = MemoryStore()
    boundary = Boundary(store, CODEC)
    kernel = boundary.kernel = built(seen)(boundary)
    kernel.read_wall(NOON_NS + 3600 * SECOND_NS)
    kernel.start()
    kernel.pump()
    tell(kernel, 10, "reader", 1)
    tell(kernel, 20, "setter", [NOON_NS, 5, 200])
    tell(kernel, SECOND_NS, "reader", 2)
    tell(kernel, 2 * SECOND_NS, "setter", [NOON_NS + 7, 3, 100])
    tell(kernel, 3 * SECOND_NS, "reader", 3)
    kernel.halt("done")
    return store.rows, seen


def test_a_replay_sees_the_same_wall_clock_and_the_same_errors() -> None:
    rows, seen = recorded()
    again: list[Reading] = []
    assert Replay(rows, built(again), CODEC).run().divergence is None
    assert again == seen
    assert [error for _, _, error in seen] == [None, 5, 5 + 200_000, 3, 3 + 100_000]


class LateStarter(Actor):
    """Has started once it has corrected the clock: both in one handler, as clock sync does it."""

    def start(self, ctx: Context) -> StartResult:
        return STARTING

    def receive(self, message: Any, ctx: Context) -> None:
        ctx.correct_wall(NOON_NS, 5, 200)
        ctx.started()


def test_a_handler_that_corrects_and_has_started_is_replayed() -> None:
    def late(sink: JournalSink | None) -> Kernel:
        return Kernel(SupervisorSpec("root", children=(ActorSpec("late", LateStarter),)), journal=sink)

    store = MemoryStore()
    boundary = Boundary(store, CODEC)
    kernel = boundary.kernel = late(boundary)
    kernel.read_wall(NOON_NS + SECOND_NS)
    kernel.start()
    kernel.pump()
    tell(kernel, 10, "late", 1)
    assert kernel.life.has_been_up
    assert Replay(store.rows, late, CODEC).run().divergence is None


@pytest.mark.parametrize("kind", ["wall", "correction"])
def test_a_reading_or_a_correction_is_a_record_of_its_own(kind: str) -> None:
    rows, seen = recorded()
    left = [row for row in rows if row.kind != kind]
    assert len(rows) - len(left) == {"wall": 1, "correction": 2}[kind]
    again: list[Reading] = []
    report = Replay(left, built(again), CODEC).run()
    assert report.divergence is not None or again != seen


def test_another_correction_is_a_divergence_that_names_its_actor() -> None:
    rows, _ = recorded()
    changed = [
        Row(row.sequence, row.time_ns, row.kind, row.payload.replace(b",5,200]", b",6,200]"))
        if row.kind == "correction"
        else row
        for row in rows
    ]
    found = Replay(changed, built([]), CODEC).run().divergence
    assert found is not None
    assert (found.actor, found.time_ns) == ("setter", 20)
