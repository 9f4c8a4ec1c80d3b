"""The kernel: one pure scheduler for all actors. It knows lanes, time, life and death, and nothing of what is said.

Kills, stops and what supervisors do need no queue: they happen between two messages, before any lane. A driver sets the
time; the kernel never reads a clock. Everything from outside comes in through the methods under "from outside", so a
journal sees all of it.
"""

from collections.abc import Mapping
from typing import Any

from runtime.errors import UnknownRef
from runtime.kernel.audit import Audit
from runtime.kernel.cell import Cell, Tombstone
from runtime.kernel.core import Core
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.envelope import Envelope
from runtime.kernel.faulting import Faults
from runtime.kernel.history import TreeEvent, TreeListener, is_fatal, leaf_of
from runtime.kernel.operations import Answer
from runtime.kernel.ports import Effect, JournalSink, Port
from runtime.kernel.recorder import Recorder
from runtime.kernel.snapshot import snapshot
from runtime.kernel.statistics import HandlerTimes, KernelStatistics
from runtime.kernel.turns import FaultHook, Killed, Turns
from runtime.messages import AskCause, Cause, Message, Reason, Ref
from runtime.spec import SupervisorSpec
from runtime.supervision.lifecycle import Lifecycle
from runtime.supervision.management import Call, Verb

__all__ = ["FaultHook", "Kernel", "Killed"]


class Kernel:
    """Build with a tree, which is validated; a driver starts it, pumps it and moves its clock (ns).

    `recalled` is what an earlier run has remembered, by topic and key.
    """

    def __init__(
        self,
        root: SupervisorSpec,
        recorder: Recorder | None = None,
        seed: int = 0,
        fault: FaultHook | None = None,
        *,
        faults: Faults | None = None,
        ports: Mapping[str, Port] | None = None,
        journal: JournalSink | None = None,
        listener: TreeListener | None = None,
        audit: Audit | None = None,
        recalled: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self.recorder = recorder if recorder is not None else Recorder({})
        self.core = core = Core(self.recorder, seed, ports or {}, journal, audit, recalled)
        self.life = Lifecycle(core, root, listener)
        core.consequences.heed = self.life.heed
        self.turns = Turns(core, self.life.crashed, fault, audit)
        self.faults = faults
        self.is_trapped = False  # clocks raise in handlers: a simulating driver is at work
        self.handler_times = HandlerTimes()
        self.clock, self.timers, self.coverage = core.clock, core.timers, core.coverage
        self.control, self.data = core.delivery.control, core.delivery.data
        self.asks, self.outside_answers = core.delivery.asks, core.delivery.outside_answers
        self.dead_letters, self.cells = core.delivery.dead_letters, core.directory.cells
        self.ports, self.effects, self.held_effects = core.outbox.ports, core.outbox.ready, core.outbox.held

    # -- to look at ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Kernel time, ns."""
        return self.clock.now

    @property
    def in_hand(self) -> Envelope:
        """The message whose handler runs, or NOBODY."""
        return self.core.delivery.in_hand

    @property
    def is_idle(self) -> bool:
        """No message waits."""
        return not (self.data or self.control)

    @property
    def events(self) -> tuple[TreeEvent, ...]:
        """The tree's history so far: start, started, ignored, start_failed, stop, down, gave_up."""
        return tuple(self.life.events)

    @property
    def journal(self) -> JournalSink | None:
        """Where the journal is written, or None; a driver may put its own sink in front."""
        return self.core.journal.sink

    @journal.setter
    def journal(self, sink: JournalSink | None) -> None:
        self.core.journal.sink = sink

    def cell(self, ref: Ref) -> Cell:
        """The cell of that name, or the tombstone of one that is gone; UnknownRef if there never was one."""
        return self.core.directory.find(ref)

    def tombstone(self, ref: Ref) -> Tombstone | None:
        """What is left of a name that is gone for good, or None."""
        return self.core.directory.tombstone(ref)

    def next_timer(self) -> int | None:
        """Time (ns) of the earliest timer or ask deadline, or None."""
        due = self.timers.next_due()
        if self.asks.pending:
            deadline = self.asks.next_deadline()
            if due is None or (deadline is not None and deadline < due):
                return deadline
        return due

    def statistics(self) -> KernelStatistics:
        """A frozen look at everything."""
        supervisors = self.life.supervisors.values()
        return snapshot(self.core, self.handler_times, supervisors, handled=self.handled, restarts=self.life.restarts)

    # -- from outside -------------------------------------------------------------------------------------------

    def listen(self, listener: TreeListener) -> None:
        """Who is told of lives as they begin and end; said before the tree is started."""
        self.life.listen(listener)

    def note_handler_time(self, cell: Cell, taken_ns: int) -> None:
        """A driver's sample of how long a handler took."""
        self.handler_times.note(cell.ref, taken_ns)

    def start(self) -> None:
        """Begin to start the tree."""
        self.core.journal.tell("start", ())
        self.life.start()

    def halt(self, reason: str) -> None:
        """Begin an ordered stop of the tree."""
        self.core.journal.tell("halt", (reason,))
        self.life.halt(reason)

    def kill(self, ref: Ref) -> None:
        """End the incarnation (or all of a supervisor's) at `ref` without a word; its supervisor decides."""
        node = self.cells.get(ref) or self.life.supervisors.get(ref)
        if node is None:
            raise UnknownRef(f"{ref!r} is not in the tree")
        self.core.journal.tell("kill", (ref,))
        self.life.kill(node)

    def tell(self, ref: Ref, message: Message) -> None:
        """A message from outside the tree, in the data lane."""
        self.core.journal.tell("tell", (ref, message))
        self._push_data(Envelope(self.cell(ref), message, None, 0))

    def command(self, ref: Ref, message: Message) -> None:
        """An operator's message, in the control lane; bounded by the receiver's mailbox, and rejected over it."""
        self.core.journal.tell("command", (ref, message))
        cell = self.cell(ref)
        envelope = Envelope(cell, message, None, 0)
        depth = sum(1 for other in self.control if other.receiver is cell)
        if depth >= cell.spec.mailbox:
            self.core.delivery.bury(envelope, DeadCause.REJECTED)
        else:
            self.core.delivery.push_control(envelope)

    def ask(self, asker: None, ref: Ref, message: Message, timeout_ns: int) -> int:
        """A question from outside the tree; the answer or AskFailed comes to `outside_answers`."""
        self.core.journal.tell("ask", (ref, message, timeout_ns))
        correlation = self.asks.open(asker, self.cell(ref), self.now + timeout_ns)
        self._push_data(Envelope(self.cell(ref), message, None, correlation))
        return correlation

    def answer(self, correlation: int, answer: Message) -> None:
        """Answer an actor's question from outside; delivered with the next `perform`."""
        self.core.consequences.operations.append(Answer(self.in_hand.receiver, correlation, answer))

    def perform(self) -> None:
        """Carry out what was asked for outside a handler."""
        self.core.consequences.perform()

    def manage(self, ref: Ref, verb: Verb, argument: Any) -> int:
        """A management call; the result comes to `outside_answers`."""
        self.core.journal.tell("manage", (ref, verb.value, getattr(argument, "id", argument)))
        supervisor = self.life.supervisors.get(ref)
        if supervisor is None:
            raise UnknownRef(f"{ref!r} is no supervisor in the tree")
        correlation = self.asks.next_correlation()

        def answer(result: Any) -> None:
            self.outside_answers[correlation] = result

        supervisor.call(Call(verb, argument, answer))
        return correlation

    def set_time(self, now_ns: int) -> None:
        """The driver's clock reading; kernel time never goes back. A journal hears of it when something happens."""
        self.clock.set(now_ns)

    def read_wall(self, wall_ns: int) -> None:
        """What the local wall clock shows (UTC ns), read once, before the start; its error is unknown."""
        self.core.journal.tell("wall", (wall_ns,))
        self.clock.read_wall(wall_ns)

    def fire_timers(self) -> None:
        """Fire everything due at `now`, deadlines first (an answer that has not come by now is late)."""
        now = self.now
        if self.journal is not None:
            due = self.next_timer()
            if due is None or due > now:
                return
            self.core.journal.tell("fire", ())
        if self.asks.pending:
            for correlation in self.asks.expired(now):
                self.core.delivery.fail_ask(correlation, AskCause.TIMEOUT)
        if self.timers.not_before <= now:
            self.timers.fire(now, self.control, self.core.delivery.count)

    def effect_result(self, effect: Effect, message: Message) -> None:
        """What an edge emits; for a life that is gone it is a dead letter."""
        self.core.journal.tell("result", (effect.ref, effect.incarnation, effect.correlation, message))
        cell = self.cells.get(effect.ref) or self.tombstone(effect.ref)
        if cell is None:  # gone for so long that nothing is left of it
            cell = Tombstone(effect.ref, 0, (Reason.NORMAL, ""), self.core.directory.nobody)
        envelope = Envelope(cell, message, None, effect.correlation)
        if cell.incarnation != effect.incarnation or not cell.is_alive:
            self.core.delivery.bury(envelope, DeadCause.STALE)
        else:
            self._push_data(envelope)

    def edge_failed(self, ref: Ref, incarnation: int, error: BaseException) -> None:
        """An edge of that incarnation raised, or its task was cancelled: a crash, unless it is gone already."""
        leaf = leaf_of(error)
        self.core.journal.tell("edge_failed", (ref, incarnation, type(leaf).__name__, str(leaf), is_fatal(error)))
        cell = self.cells.get(ref)
        if cell is not None and cell.incarnation == incarnation:
            self.life.crashed(cell, error)

    def fail(self, ref: Ref, error: BaseException) -> None:
        """What the tree stands on has failed: stop in order, with the cause."""
        leaf = leaf_of(error)
        self.life.fail(Cause(ref, 0, Reason.ERROR, type(leaf).__name__, str(leaf)))

    def durable(self, sequence: int) -> None:
        """Everything recorded up to `sequence` is on disk: what waited for it leaves."""
        self.core.outbox.durable(sequence)

    def _push_data(self, envelope: Envelope) -> None:
        """One message from outside a handler, let in as a handler's sends are."""
        mark = len(self.data)
        self.core.delivery.push_unbounded(envelope)
        self.core.consequences.release(mark)

    # -- running ------------------------------------------------------------------------------------------------

    @property
    def handled(self) -> int:
        """Messages handled so far."""
        return self.turns.handled

    def pump(self, budget: int = 1_000_000_000) -> int:
        """Handle up to `budget` messages; returns how many were handled."""
        if self.journal is not None and not self.is_idle:
            self.core.journal.tell_time()
        if self.faults is not None:
            return self.faults.pump(self.turns, budget)
        return self.turns.pump(budget)

    def step(self) -> bool:
        """Handle one message, if there is one."""
        return self.pump(1) == 1
