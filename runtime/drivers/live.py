"""Real time: one `trio.run`, one task that pumps the kernel, and edges that live in the tasks of their incarnations.

Messages never hop between tasks: the pump takes whole turns, and only what comes from the world (edges, operators,
signals) crosses over, through one bounded queue that is emptied at the beginning of a turn. The kernel's time is
Trio's clock, which is monotonic, and which a test may replace by a mock one. The local wall clock is read once, at the
start: when an administrator or NTP sets it later, the kernel's time does not move.
"""

import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import trio

from runtime.drivers.live_tasks import Edge, TaskTree
from runtime.edges.guardian import Guardian
from runtime.edges.journal_writer import FailSafeSink, JournalWriter, WriterStore
from runtime.edges.pulse import Pulse
from runtime.errors import KernelError
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Effect
from runtime.kernel.snapshot import sample_depths
from runtime.kernel.statistics import KernelStatistics
from runtime.messages import Message, Ref
from runtime.spec import SECOND_NS
from runtime.supervision.management import SupervisorCalls, Verb

__all__ = ["InputsFull", "LiveDriver"]

_BUDGET = 1_000  # messages a turn, before others may run
_SAMPLES = 8  # of them timed one by one
_ROOM = 10_000  # inputs that may wait; above it an edge that awaits its emit has to wait
_LOOK_S = 0.25
_HARD_ROOM = 100_000  # above it an edge that does not await its emit raises InputsFull


class InputsFull(KernelError):
    """An edge emits without awaiting while too many inputs wait."""


class _Room:
    """The result of `emit`: awaiting it waits for room; the message is queued already."""

    def __init__(self, driver: "LiveDriver") -> None:
        self._driver = driver

    def __await__(self) -> Generator[Any, Any, None]:
        return self._driver.room().__await__()


class LiveDriver:
    """Drives one kernel, built and not started, until its tree has ended.

    `edges` serve the kernel's ports by name; `store` is the journal's log when the kernel has one. `stop_ns` bounds an
    ordered stop, `hurry_ns` what is left of it when it is said again. With `for_ns` the stop begins so long after the
    whole tree is up. `guardian` hears the signals that mean stop; it is entered around the run, in the main thread.
    `beside` are tasks that only look, as one that logs; they are cancelled when the tree has ended.
    """

    def __init__(
        self,
        kernel: Kernel,
        edges: Mapping[str, Edge] | None = None,
        *,
        store: WriterStore | None = None,
        pulse: Pulse | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
        stop_ns: int = 60 * SECOND_NS,
        hurry_ns: int = SECOND_NS,
        for_ns: int | None = None,
        on_up: Callable[[], None] | None = None,
        on_stopping: Callable[[str], None] | None = None,
        guardian: Guardian | None = None,
        beside: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self.kernel = kernel
        self.tasks = TaskTree(edges or {}, self._emit, self._edge_failed)
        kernel.listen(self.tasks)
        self._sink: FailSafeSink | None = None
        if kernel.journal is not None:
            kernel.journal = self._sink = FailSafeSink(kernel.journal, self._journal_failed)
        self._has_journal = True
        missing = [name for name, port in kernel.ports.items() if name not in (edges or {})]
        if missing:
            raise KernelError(f"no edge serves the ports {', '.join(missing)}")
        self.pulse = pulse
        self._writer = None if store is None else JournalWriter(store, self._durable, self._journal_failed, pulse)
        self._wall_ns = wall_ns
        self._stop_ns = stop_ns
        self._hurry_ns = hurry_ns
        self._for_ns = for_ns
        self._over_ns: int | None = None  # when a run of `for_ns` ends
        self._on_up = on_up
        self._on_stopping = on_stopping
        self._guardian = guardian
        self._beside = beside
        self.newest: KernelStatistics | None = None
        self._next_look = 0.0
        self._inputs: deque[Callable[[], None]] = deque()
        self._wake = trio.Event()
        self._has_room = trio.Event()
        self._up = trio.Event()
        self._ended = trio.Event()
        self._turned = trio.Event()
        self._deadline_ns: int | None = None
        self._started_at = 0.0

    # -- from outside -------------------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Start the tree, drive it to its end, and leave nothing running; how it ended."""
        self._started_at = trio.current_time()
        self.kernel.read_wall(self._wall_ns())
        async with trio.open_nursery() as house:
            self.tasks.open_in(house)
            if self._writer is not None:
                house.start_soon(self._writer.run, name="journal")
            if self._guardian is not None:
                await house.start(self._heed_signals, self._guardian, name="signals")
            for task in self._beside:
                house.start_soon(task)
            house.start_soon(self._pump, house, name="pump")
        outcome = self.kernel.life.outcome
        assert outcome is not None, "the pump ends with the tree"
        return outcome

    def run_alone(self, clock: trio.abc.Clock | None = None) -> Outcome:
        """Call `run` in a new Trio run, on real time or another clock."""
        return trio.run(self.run, clock=clock)

    def stop(self, reason: str) -> None:
        """Begin an orderly stop; a second call shortens the deadlines. `run` returns when the tree has ended."""
        self._put(partial(self._begin_stop, reason))

    def tell(self, ref: Ref, message: Message) -> None:
        """A message from outside, in the data lane."""
        self._put(partial(self.kernel.tell, ref, message))

    def command(self, ref: Ref, message: Message) -> None:
        """An operator's message, in the control lane."""
        self._put(partial(self.kernel.command, ref, message))

    def kill(self, ref: Ref) -> None:
        """Kill the incarnation at `ref` at once."""
        self._put(partial(self.kernel.kill, ref))

    async def ask(self, ref: Ref, message: Message, timeout_ns: int) -> Any:
        """Ask from outside; the answer, or AskFailed."""
        return await self._answer_of(lambda: self.kernel.ask(None, ref, message, timeout_ns))

    def supervisor(self, ref: Ref | str = "") -> SupervisorCalls:
        """Management calls to a supervisor ("" is the root); each gives an awaitable of its result."""

        def make(verb: Verb, argument: Any) -> Any:
            return self._answer_of(lambda: self.kernel.manage(Ref(ref), verb, argument))

        return SupervisorCalls(make)

    @property
    def lost_records(self) -> int:
        """Records dropped since the journal failed."""
        return 0 if self._sink is None else self._sink.lost

    async def wait_up(self) -> None:
        """Wait until the whole tree is up, or has ended."""
        await self._up.wait()

    async def room(self) -> None:
        """Wait until there is room for one more input."""
        while len(self._inputs) >= _ROOM:
            await self._has_room.wait()
        await trio.lowlevel.checkpoint()

    # -- the pump -----------------------------------------------------------------------------------------------

    async def _pump(self, house: trio.Nursery) -> None:
        kernel = self.kernel
        self._set_time()
        kernel.start()
        while True:
            self._turn()
            if self._has_ended():
                break
            if kernel.is_idle and not self._inputs:
                await self._sleep()
            else:
                await trio.lowlevel.checkpoint()
        self._ended.set()
        self._turned.set()
        self._up.set()
        if self._writer is not None:
            await self._writer.finish()
        house.cancel_scope.cancel()

    def _has_ended(self) -> bool:
        return self.kernel.life.outcome is not None

    def _turn(self) -> None:
        """Inputs, timers, messages, effects: nothing in it waits."""
        kernel, inputs = self.kernel, self._inputs
        self._set_time()
        for _ in range(min(len(inputs), _BUDGET)):
            inputs.popleft()()
        if len(inputs) < _ROOM:
            self._has_room.set()
            self._has_room = trio.Event()
        kernel.fire_timers()
        if not kernel.is_idle:
            sample_depths(kernel.core)
            self._take_turns()
        while kernel.effects:
            self.tasks.perform(kernel.effects.popleft())
        if self._writer is not None:
            self._writer.wake()
        self._watch_the_stop()
        if kernel.outside_answers:
            self._turned.set()
            self._turned = trio.Event()
        if self.pulse is not None:
            self.pulse.beat(kernel)
            self._look()
        if self._on_stopping is not None and kernel.life.is_halting:
            tell, self._on_stopping = self._on_stopping, None
            tell(kernel.life.halt_reason)
        if not self._up.is_set() and kernel.life.has_been_up:
            self._up.set()
            if self._for_ns is not None:
                self._over_ns = kernel.now + self._for_ns
            if self._on_up is not None:
                self._on_up()
        if self._over_ns is not None and kernel.now >= self._over_ns:
            self._over_ns = None
            self.stop("its time is over")

    def _watch_the_stop(self) -> None:
        """Every stop has its deadline, whoever began it: a signal, a caller, or a death that ends the tree."""
        life = self.kernel.life
        if life.outcome is not None or not (life.is_halting or life.is_stopping):
            return
        if self._deadline_ns is None:
            self._allow(self._stop_ns)
            if self._guardian is not None:
                self._guardian.stop_begun()
        elif self.kernel.now >= self._deadline_ns:
            self.kernel.kill(Ref(""))

    def _allow(self, span_ns: int) -> None:
        deadline_ns = self.kernel.now + span_ns
        self._deadline_ns = deadline_ns if self._deadline_ns is None else min(deadline_ns, self._deadline_ns)

    def _look(self) -> None:
        """Take a new snapshot for health and metrics, a few times a second."""
        if trio.current_time() >= self._next_look:
            self._next_look = trio.current_time() + _LOOK_S
            self.newest = self.kernel.statistics()

    def _take_turns(self) -> None:
        """A budget of messages, a few of them timed one by one for the statistics."""
        kernel = self.kernel
        for _ in range(_SAMPLES):
            if not (kernel.control or kernel.data):
                return
            receiver = (kernel.control or kernel.data)[0].receiver
            begun = time.perf_counter_ns()
            kernel.pump(1)
            kernel.note_handler_time(receiver, time.perf_counter_ns() - begun)
        kernel.pump(_BUDGET - _SAMPLES)

    async def _sleep(self) -> None:
        """Until an input comes or something is due; with a pulse never longer than its beat."""
        due = (self.kernel.next_timer(), self._deadline_ns, self._over_ns)
        due_ns = min((time_ns for time_ns in due if time_ns is not None), default=None)
        until = float("inf") if due_ns is None else self._started_at + due_ns / SECOND_NS
        if self.pulse is not None:
            until = min(until, trio.current_time() + self.pulse.beat_s)
        self._wake = trio.Event()
        with trio.move_on_at(until):
            await self._wake.wait()

    def _set_time(self) -> None:
        self.kernel.set_time(round((trio.current_time() - self._started_at) * SECOND_NS))

    # -- inputs -------------------------------------------------------------------------------------------------

    def _put(self, apply: Callable[[], None]) -> None:
        self._inputs.append(apply)
        self._wake.set()

    def _emit(self, effect: Effect, message: Message) -> Awaitable[None]:
        if len(self._inputs) >= _HARD_ROOM:
            raise InputsFull(f"{len(self._inputs)} inputs wait: await what emit gives back")
        self._put(partial(self.kernel.effect_result, effect, message))
        return _Room(self)

    def _edge_failed(self, ref: Ref, incarnation: int, error: BaseException) -> None:
        self._put(partial(self.kernel.edge_failed, ref, incarnation, error))

    def _begin_stop(self, reason: str) -> None:
        life = self.kernel.life
        if not (life.is_halting or life.is_stopping):
            self.kernel.halt(reason)
            return
        self._allow(self._hurry_ns)
        if self._guardian is not None:
            self._guardian.stop_hastened()

    def _durable(self, sequence: int) -> None:
        self._put(partial(self.kernel.durable, sequence))

    def _journal_failed(self, error: BaseException) -> None:
        """Stop in order with the cause: no run continues without its journal. Held effects never leave."""
        if self._has_journal:
            self._has_journal = False
            if self._sink is not None:
                self._sink.close()
            self._put(partial(self.kernel.fail, Ref("journal"), error))

    async def _heed_signals(self, guardian: Guardian, task_status: trio.TaskStatus[None]) -> None:
        """The first signal is an ordered stop, the second shortens its deadline, later ones change nothing."""
        with guardian.connected(lambda number: self.stop(signal.Signals(number).name)):
            task_status.started()
            await trio.sleep_forever()

    async def _answer_of(self, ask: Callable[[], int]) -> Any:
        """Ask in the pump's turn, and wait until the answer is there or the tree has ended."""
        answers = self.kernel.outside_answers
        found: list[int] = []
        self._put(lambda: found.append(ask()))
        while not (found and found[0] in answers):
            if self._ended.is_set():
                raise KernelError("the tree has ended")
            await self._turned.wait()
        return answers.pop(found[0])
