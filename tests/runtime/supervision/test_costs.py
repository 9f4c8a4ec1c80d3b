"""What supervision keeps and what it costs, counted in executed instructions and in objects, never in seconds."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from runtime.actor import Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.live import LiveDriver
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import Kernel
from runtime.messages import Down, Ref
from runtime.spec import SECOND_NS, ActorSpec, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.management import NotFound, Verb, WrongStrategy
from runtime.supervision.restarts import AT_ONCE
from runtime.testing import Probe, started_tree
from tests.runtime.supervision.nodes import Plan
from tests.runtime.supervision.pair import Do
from tests.runtime.supervision.test_stories import a_tree


def instructions_of(act: Callable[[], Any]) -> int:
    """Bytecode instructions that `act` executes, in all it calls."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def a_pool(n: int) -> tuple[Kernel, SimulatedDriver]:
    kernel, driver = started_tree(
        [SupervisorSpec("pool", RestartStrategy.DYNAMIC, (ActorSpec("t", Actor),), intensity=100)]
    )
    for _ in range(n):
        kernel.manage(Ref("pool"), Verb.START, None)
        kernel.pump()
    return kernel, driver


def test_S28_a_dynamic_start_a_crash_and_a_stop_cost_the_same_however_many_siblings_there_are() -> None:
    costs = []
    for n in (500, 4_000):
        _, driver = a_pool(n)
        calls = driver.supervisor("pool")

        def work(calls: Any = calls, kernel: Kernel = driver.kernel) -> None:
            for _ in range(5):
                ref = calls.start_child()
                kernel.kill(ref)
                calls.terminate_child(ref)
                calls.count_children()

        costs.append(instructions_of(work))
    assert costs[1] < 1.2 * costs[0], costs


def test_S4_what_is_gone_for_good_leaves_no_spec_and_is_bounded() -> None:
    kernel, driver = a_pool(0)
    calls = driver.supervisor("pool")
    for _ in range(1_100):
        calls.terminate_child(calls.start_child())
    stone = kernel.tombstone(Ref("pool/t-1100"))
    assert stone is not None
    assert (stone.incarnation, stone.spec.id) == (1, "gone")
    assert len(kernel.core.directory._gone_dynamic) == 1_000
    kernel.tell(Ref("pool/t-1"), "late")
    kernel.pump()
    assert kernel.dead_letters.count == 1, "also where nothing is left but the number"


def test_S34_a_watch_of_the_dead_is_told_at_once() -> None:
    seen: list[tuple[int, Any]] = []

    class Talker(Probe):
        def receive(self, message: Any, ctx: Context) -> None:
            if isinstance(message, Do):
                ctx.watch(Ref(message.what))
            else:
                super().receive(message, ctx)

    kernel, driver = started_tree([ActorSpec("a", Actor), ActorSpec("w", lambda: Talker(seen))])
    driver.supervisor().terminate_child("a")
    for _ in range(2):
        kernel.tell(Ref("w"), Do("a"))
        kernel.pump()
    assert [message for _, message in seen] == [Down(Ref("a"), 1, "shutdown")]  # type: ignore[arg-type]


def test_S28_an_empty_dynamic_supervisor_has_one_spec_and_no_child_by_id() -> None:
    _, driver = a_pool(0)
    calls = driver.supervisor("pool")
    counts = calls.count_children()
    assert (counts.specs, counts.active, counts.workers) == (1, 0, 0)
    ref = calls.start_child()
    assert calls.terminate_child("t-1") == WrongStrategy("t-1")
    assert calls.terminate_child(ref) is None
    assert calls.terminate_child(ref) == NotFound(ref)


def test_S4_a_temporary_that_is_gone_no_longer_bounds_the_queue() -> None:
    narrow = ActorSpec("n", Actor, Restart.TEMPORARY, mailbox=1)
    kernel, _ = started_tree([ActorSpec("a", Actor, mailbox=50), narrow])
    assert kernel.core.mailboxes.smallest_bound == 1
    kernel.kill(Ref("n"))
    assert kernel.core.mailboxes.smallest_bound == 50


def test_M13_a_handler_cannot_set_more_timers_at_once_than_its_bound() -> None:
    class Setter(Actor):
        @handles(str)
        def on_text(self, message: str, ctx: Context) -> None:
            for key in message:
                ctx.after(1, "x", key)

    kernel, _ = started_tree([ActorSpec("a", Setter, mailbox=1)], intensity=9)
    for text, deaths in [("aa", 0), ("ab", 1)]:
        kernel.tell(Ref("a"), text)
        kernel.pump()
        assert sum(event.kind.value == "down" for event in kernel.events) == deaths


def test_S16_a_starting_child_that_is_asked_to_stop_has_its_shutdown_deadline_and_no_init_deadline() -> None:
    options = {"init_ns": SECOND_NS, "shutdown_ns": 3 * SECOND_NS}
    pair = a_tree("a", of={"a": options}, plans={"a": Plan(is_slow=True, lingers=True)})
    pair.wait(SECOND_NS // 2)
    pair.halt()
    pair.wait(4 * SECOND_NS)
    last = pair.kernel.events[-1]
    assert (last.time_ns, last.kind.value, last.reason) == (7 * SECOND_NS // 2, "down", "killed")


def test_S33_a_death_that_was_recovered_is_no_cause_of_the_end() -> None:
    pair = a_tree("ab", of={"a": {"restart": Restart.FATAL}}, intensity=9)
    pair.tell("b", "crash")
    pair.tell("a", "exit")
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert [(cause.ref, cause.error, cause.text) for cause in outcome.causes] == [
        ("a", "ended normally", "restart: fatal")
    ]
    assert [cause.ref for cause in pair.kernel.life.causes] == ["b"]


def test_S33_a_fatal_error_during_the_stop_is_not_the_cause_of_it() -> None:
    pair = a_tree("ab", of={"b": {"restart": Restart.FATAL}}, plans={"a": Plan(lingers=True)})
    pair.tell("b", "crash")
    pair.tell("a", "fatal")
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert [cause.ref for cause in outcome.causes] == ["b"]


class Hopeless(Actor):
    """Starts once, and never again."""

    lives = 0

    def start(self, ctx: Context) -> StartResult:
        type(self).lives += 1
        if self.lives > 1:
            raise RuntimeError("planted")
        return super().start(ctx)


def a_hopeless_kernel() -> Kernel:
    kind = type("Hopeless", (Hopeless,), {})
    return Kernel(SupervisorSpec("root", children=(ActorSpec("a", kind),), intensity=10**12))


def test_S19_a_start_that_always_raises_leaves_its_turn_in_simulation() -> None:
    kernel = a_hopeless_kernel()
    driver = SimulatedDriver(kernel)
    driver.start()
    kernel.kill(Ref("a"))
    assert kernel.cell(Ref("a")).incarnation == AT_ONCE + 1
    driver.run_until(5 * SECOND_NS)
    assert kernel.cell(Ref("a")).incarnation < 20 * AT_ONCE
    assert driver.stop("asked").is_clean


async def test_S19_a_start_that_always_raises_leaves_its_turn_live() -> None:
    kernel = a_hopeless_kernel()
    driver = LiveDriver(kernel)
    driver.kill(Ref("a"))
    driver.stop("asked")
    assert (await driver.run()).is_clean


@pytest.mark.parametrize("how", ["crash", "escalate"])
def test_S9_a_crash_during_boot_is_told_as_a_failed_start(how: str) -> None:
    plans = {"a": Plan(), "b": Plan(is_slow=True)}
    pair = a_tree("ab", plans=plans, intensity=9)
    pair.tell("a", how)
    pair.tell("b", "finish")
    assert pair.seen()[-1] == "start_failed "
    outcome = pair.kernel.life.outcome
    assert outcome is not None
    assert [cause.reason for cause in outcome.causes] == ["error", "start_failed"]
