"""The kernel: one pure scheduler for all actors. It knows lanes, time, life and death, and nothing of what is said.

Messages go into one FIFO queue a lane: control (answers, timers, operator) before data. Kills, stops and what
supervisors do need no queue: they are carried out between two messages, before any lane. A handler's sends are appended
in place and truncated when it raises, which is the same as an outbox, since nobody else runs in between.
Time is set by a driver; the kernel never reads a clock. Everything that comes in from outside comes through the methods
under "from outside", so a journal sees all of it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.errors import UnknownRef
from runtime.kernel.audit import Audit
from runtime.kernel.cell import Cell, Tombstone
from runtime.kernel.core import NOBODY, Core
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.dispatch import refuse_return
from runtime.kernel.history import TreeEvent, TreeListener, is_fatal, leaf_of
from runtime.kernel.mailbox import Entry
from runtime.kernel.ports import Effect, JournalSink, Port
from runtime.kernel.recorder import Recorder
from runtime.kernel.statistics import KernelStatistics, snapshot
from runtime.messages import AskCause, Cause, Message, Reason, Ref
from runtime.spec import SupervisorSpec
from runtime.supervision.management import Call, Verb

__all__ = ["FaultHook", "Kernel", "Killed"]

FaultHook = Callable[[Cell, Message], bool]


class Killed(Exception):
    """Raised in place of a handler's return by a fault plan."""


class Kernel(Core):
    """Build with a tree, which is validated; a driver starts it, pumps it and moves `now` (ns)."""

    def __init__(
        self,
        root: SupervisorSpec,
        recorder: Recorder | None = None,
        seed: int = 0,
        fault: FaultHook | None = None,
        *,
        faults: Any = None,
        ports: Mapping[str, Port] | None = None,
        journal: JournalSink | None = None,
        listener: TreeListener | None = None,
        audit: Audit | None = None,
    ) -> None:
        super().__init__(root, recorder, seed, ports=ports, journal=journal, listener=listener, audit=audit)
        self.fault = fault
        self.faults = faults
        self.handled = 0

    def listen(self, listener: TreeListener) -> None:
        """Who is told of lives as they begin and end; said before the tree is started."""
        self.life.listen(listener)

    def note_handler_time(self, cell: Cell, taken_ns: int) -> None:
        """A driver's sample of how long a handler took."""
        self.handler_times.note(cell.ref, taken_ns)

    def statistics(self) -> KernelStatistics:
        """A frozen look at everything."""
        return snapshot(self, self.handled)

    # -- from outside -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start the tree."""
        self.tell_journal("start", ())
        self.life.start()

    def halt(self, reason: str) -> None:
        """Begin an ordered stop of the tree."""
        self.tell_journal("halt", (reason,))
        self.life.halt(reason)

    def kill(self, ref: Ref) -> None:
        """End the incarnation (or all of a supervisor's) at `ref` without a word; its supervisor decides."""
        node = self.cells.get(ref) or self.life.supervisors.get(ref)
        if node is None:
            raise UnknownRef(f"{ref!r} is not in the tree")
        self.tell_journal("kill", (ref,))
        self.life.kill(node)

    def tell(self, ref: Ref, message: Message) -> None:
        """A message from outside the tree, in the data lane."""
        self.tell_journal("tell", (ref, message))
        self.push_data((self.cell(ref), message, None, 0))

    def command(self, ref: Ref, message: Message) -> None:
        """An operator's message, in the control lane; bounded by the receiver's mailbox, and rejected over it."""
        self.tell_journal("command", (ref, message))
        cell = self.cell(ref)
        entry = (cell, message, None, 0)
        depth = sum(1 for other in self.control if other[0] is cell)
        if depth >= cell.spec.mailbox:
            self.bury(entry, DeadCause.REJECTED)
        else:
            self.push_control(entry)

    def ask(self, asker: None, ref: Ref, message: Message, timeout_ns: int) -> int:
        """A question from outside the tree; the answer or AskFailed comes to `outside_answers`."""
        self.tell_journal("ask", (ref, message, timeout_ns))
        correlation = self.asks.open(asker, self.cell(ref), self.now + timeout_ns)
        self.push_data((self.cell(ref), message, None, correlation))
        return correlation

    def manage(self, ref: Ref, verb: Verb, argument: Any) -> int:
        """A management call; the result comes to `outside_answers`."""
        self.tell_journal("manage", (ref, verb.value, getattr(argument, "id", argument)))
        supervisor = self.life.supervisors.get(ref)
        if supervisor is None:
            raise UnknownRef(f"{ref!r} is no supervisor in the tree")
        correlation = self.asks.next_correlation()

        def answer(result: Any) -> None:
            self.outside_answers[correlation] = result

        supervisor.call(Call(verb, argument, answer))
        return correlation

    def set_time(self, now_ns: int, wall_offset_ns: int | None = None) -> None:
        """The driver's clock reading; kernel time never goes back. A journal hears of it when something happens."""
        now_ns = max(now_ns, self.now)
        wall_offset_ns = self.wall_offset_ns if wall_offset_ns is None else wall_offset_ns
        self.now, self.wall_offset_ns = now_ns, wall_offset_ns

    def fire_timers(self) -> None:
        """Fire everything due at `now`, deadlines first (an answer that has not come by now is late)."""
        now = self.now
        if self.journal is not None:
            due = self.next_timer()
            if due is None or due > now:
                return
            self.tell_journal("fire", ())
        if self.asks.pending:
            for correlation in self.asks.expired(now):
                self.fail_ask(correlation, AskCause.TIMEOUT)
        if self.timers.not_before <= now:
            self.timers.fire(now, self.control, None if self.audit is None else self.count)

    def effect_result(self, effect: Effect, message: Message) -> None:
        """What an edge emits; for a life that is gone it is a dead letter."""
        self.tell_journal("result", (effect.ref, effect.incarnation, effect.correlation, message))
        cell = self.cells.get(effect.ref) or self.tombstone(effect.ref)
        if cell is None:  # gone for so long that nothing is left of it
            cell = Tombstone(effect.ref, 0, (Reason.NORMAL, ""), self.life.root, self.nobody)
        entry = (cell, message, None, effect.correlation)
        if cell.incarnation != effect.incarnation or not cell.is_alive:
            self.bury(entry, DeadCause.STALE)
        else:
            self.push_data(entry)

    def edge_failed(self, ref: Ref, incarnation: int, error: BaseException) -> None:
        """An edge of that incarnation raised, or its task was cancelled: a crash, unless it is gone already."""
        leaf = leaf_of(error)
        self.tell_journal("edge_failed", (ref, incarnation, type(leaf).__name__, str(leaf), is_fatal(error)))
        cell = self.cells.get(ref)
        if cell is not None and cell.incarnation == incarnation:
            self.life.crashed(cell, error)

    def fail(self, ref: Ref, error: BaseException) -> None:
        """What the tree stands on has failed: stop in order, with the cause."""
        leaf = leaf_of(error)
        self.life.fail(Cause(ref, 0, Reason.ERROR, type(leaf).__name__, str(leaf)))

    def durable(self, sequence: int) -> None:
        """Everything recorded up to `sequence` is on disk: what waited for it leaves."""
        while self.held_effects and self.held_effects[0].sequence <= sequence:
            self.effects.append(self.held_effects.popleft())

    # -- running ------------------------------------------------------------------------------------------------

    def pump(self, budget: int = 1_000_000_000) -> int:
        """Handle up to `budget` messages; returns how many were handled."""
        if self.journal is not None and (self.control or self.data):
            self.tell_journal_the_time()
        if self.faults is not None:
            return int(self.faults.pump(self, budget))
        if self.fault is not None or self.audit is not None:
            return self._pump_slowly(budget)
        data, control = self.data, self.control
        operations, timers, pending = self.operations, self.timers, self.asks.pending
        bound = self.smallest_bound
        done = 0
        while done < budget:
            if control:
                entry = control.popleft()
            elif data:
                entry = data.popleft()
            else:
                break
            done += 1
            cell, message, _, _ = self.in_hand = entry
            mark = len(data)
            try:
                if (said := cell.handlers[type(message)](message, cell.context)) is not None:
                    refuse_return(cell.ref, said)
            except BaseException as error:
                self.crash(entry, mark, error)
                bound = self.smallest_bound
            else:
                if len(data) > bound:
                    self.let_in(mark, self.handled + done)
                if not operations:
                    continue
                if len(operations) == 1:  # the common cases without a loop over one
                    kind, who, number, what, key = operations[0]
                    if kind == "answer" and (ask := pending.get(number)) is not None and ask[0] is not None:
                        del pending[number], operations[0]
                        control.append((ask[0], what, who, number))
                        continue
                    if kind == "after":
                        del operations[0]
                        timers.set_for(who, self.now + number, key, what)
                        continue
                self.perform()
                bound = self.smallest_bound
        self.in_hand = NOBODY
        self.handled += done
        return done

    def handle(self, entry: Entry, *, must_crash: bool = False) -> None:
        """One whole turn, for the loops that do more than pump: the same as a pass of `pump`."""
        self.in_hand = entry
        cell = entry[0]
        mark = len(self.data)
        dead_before = self.dead_letters.count
        try:
            if (said := cell.handlers[type(entry[1])](entry[1], cell.context)) is not None:
                refuse_return(cell.ref, said)
            if must_crash or (self.fault is not None and cell.actor is not None and self.fault(cell, entry[1])):
                raise Killed(f"fault plan kills {cell.ref}")
        except BaseException as error:
            self.count_sent(mark)
            self.crash(entry, mark, error)
        else:
            self.count_sent(mark)
            if self.audit is not None and self.dead_letters.count == dead_before:
                self.audit.handle(entry[1])
            if len(self.data) > self.smallest_bound:
                self.let_in(mark, self.handled + 1)
            if self.operations:
                self.perform()
        self.in_hand = NOBODY
        self.handled += 1

    def _pump_slowly(self, budget: int) -> int:
        done = 0
        while done < budget and (self.control or self.data):
            self.handle(self.control.popleft() if self.control else self.data.popleft())
            done += 1
        return done

    def step(self) -> bool:
        """Handle one message, if there is one."""
        return self.pump(1) == 1

    @property
    def is_idle(self) -> bool:
        """No message waits."""
        return not (self.data or self.control)

    @property
    def events(self) -> tuple[TreeEvent, ...]:
        """The tree's history so far: start, started, ignored, start_failed, stop, down, gave_up."""
        return tuple(self.life.events)

    def next_timer(self) -> int | None:
        """Time (ns) of the earliest timer or ask deadline, or None."""
        due = self.timers.next_due()
        if self.asks.pending:
            deadline = self.asks.next_deadline()
            if due is None or (deadline is not None and deadline < due):
                return deadline
        return due
