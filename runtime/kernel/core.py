"""What one turn leaves behind: sends let in, timers set, answers delivered, effects released, or all of it undone.

The half of the kernel that contexts and the lifecycle see. A handler only appends: messages to the data lane, all else
to `operations`; here they are carried out when it has returned, or taken back when it has raised.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from runtime.errors import ActorError, MailboxFull, UnknownRef
from runtime.kernel import incarnation as lives
from runtime.kernel.asks import PendingAsks
from runtime.kernel.audit import Audit
from runtime.kernel.cell import Cell, Tombstone
from runtime.kernel.deadletters import DeadCause, DeadLetter, DeadLetters
from runtime.kernel.dispatch import Dispatch
from runtime.kernel.history import TreeListener
from runtime.kernel.mailbox import Bounds, Entry, Lane, Pressure, admit
from runtime.kernel.ports import Effect, JournalSink, Port
from runtime.kernel.quarantine import Quarantine
from runtime.kernel.recorder import Record, Recorder
from runtime.kernel.statistics import HandlerTimes
from runtime.kernel.timers import TimerQueue
from runtime.messages import AskCause, Down, Managed, Message, Ref, Rejected, ask_failed
from runtime.spec import SupervisorSpec
from runtime.supervision.lifecycle import Lifecycle
from runtime.supervision.management import Call, DeadSupervisor

__all__ = ["NOBODY", "Core"]

NOBODY: Entry = (None, None, None, 0)  # type: ignore[assignment]
_LIFE_SIGNS = ("started", "stopped", "exit", "escalate", "call", "overflowed")
_MAX_EFFECTS = 100_000
_OUTSIDE = Ref("")  # who answers from outside the tree has no name in it


class Core:
    """State of a kernel, and the consequences of its turns; `Kernel` adds what drives it."""

    def __init__(
        self,
        root: SupervisorSpec,
        recorder: Recorder | None,
        seed: int,
        *,
        ports: Mapping[str, Port] | None,
        journal: JournalSink | None,
        listener: TreeListener | None,
        audit: Audit | None,
    ) -> None:
        self.now = 0
        self.wall_offset_ns = 0
        self._told_time = (0, 0)
        self.seed = seed
        self.ports = dict(ports or {})
        self.journal = journal
        self.audit = audit
        self.cells: dict[Ref, Cell] = {}
        self.nobody = Dispatch({}, lives.sink(self))  # the handlers of whoever is down
        self.control: Lane = deque()
        self.data: Lane = deque()
        self.effects: deque[Effect] = deque()
        self.held_effects: deque[Effect] = deque()
        self.operations: list[tuple[str, Cell, int, Any, str]] = []
        self.in_hand: Entry = NOBODY
        self._noting: Entry = NOBODY  # whose notes are counted; no two turns have the same object in hand
        self._notes = 0
        self.asks = PendingAsks()
        self.outside_answers: dict[int, Any] = {}
        self.timers = TimerQueue()
        self.dead_letters = DeadLetters()
        self.recorder = recorder if recorder is not None else Recorder({})
        self.recorded_classes, self.stream = self.recorder.classes, self.recorder.stream
        self.watchers: dict[Ref, dict[Cell, None]] = {}
        self.coverage: dict[str, list[int]] = {}
        self.quarantine = Quarantine(self._refuse_poison)
        self.pressure = Pressure()
        self.handler_times = HandlerTimes()
        self.bounds = Bounds()
        self.smallest_bound = self.bounds.smallest  # a queue no longer than that has filled no mailbox
        self.is_trapped = False  # clocks raise in handlers: a simulating driver is at work
        self.life = Lifecycle(self, root, listener)

    # -- for contexts and the lifecycle -------------------------------------------------------------------------

    def cell(self, ref: Ref) -> Cell:
        """The cell of that name, or the tombstone of one that is gone; UnknownRef if there never was one."""
        cell = self.cells.get(ref) or self.tombstone(ref)
        if cell is None:
            raise UnknownRef(f"{ref!r} is not in the tree")
        return cell

    def tombstone(self, ref: Ref) -> Tombstone | None:
        """What is left of a name that is gone for good, or None."""
        return self.life.builder.tombstone(ref)

    def bound_by(self, mailbox: int) -> None:
        """A mailbox of this size is in the tree."""
        self.bounds.add(mailbox)
        self.smallest_bound = self.bounds.smallest

    def bound_gone(self, mailbox: int) -> None:
        """A mailbox of this size has left the tree."""
        self.bounds.remove(mailbox)
        self.smallest_bound = self.bounds.smallest

    def watch_no_more(self, ref: Ref) -> None:
        """That name never comes back: there is nothing more to tell of it."""
        for watcher in self.watchers.pop(ref, ()):
            watcher.watching.pop(ref)

    def cover(self, name: str, condition: bool) -> None:
        """Count a claim as true or false."""
        counts = self.coverage.setdefault(name, [0, 0])
        counts[not condition] += 1

    def record(self, message: Message) -> None:
        """Put a message of a recorded class into the decision stream."""
        self.stream.append(Record(self.now, message))
        if self.journal is not None:
            self.operations.append(("recorded", self.in_hand[0], 0, message, ""))

    def note(self, message: Message) -> None:
        """The same for a message that is sent to nobody; counted, for a handler that raises has noted nothing."""
        self.record(message)
        if self._noting is self.in_hand:
            self._notes += 1
        else:
            self._noting, self._notes = self.in_hand, 1

    def check_asks(self, asker: Cell, ref: Ref) -> None:
        """An actor's open questions are bounded as its mailbox is."""
        if len(self.asks.of_asker(asker)) >= asker.spec.mailbox:
            raise ActorError(f"{asker.ref} asks {ref}, and its {asker.spec.mailbox} open questions are its bound")

    def check_timers(self, cell: Cell, key: str) -> None:
        """An actor's timers are bounded as its mailbox is, those that the handler in hand has set included."""
        keys = dict(cell.timers)
        for kind, _, _, _, name in self.operations:
            if kind == "after":
                keys[name] = 0
            elif kind == "cancel":
                keys.pop(name, None)
        if key not in keys and len(keys) >= cell.spec.mailbox:
            raise ActorError(f"{cell.ref} sets timer {key!r}, and its {len(keys)} timers are its bound")

    def answer(self, correlation: int, answer: Message) -> None:
        """Deliver an answer; nobody waiting for it any more makes it a dead letter."""
        self.operations.append(("answer", self.in_hand[0], correlation, answer, ""))

    def request_effect(self, cell: Cell, port: str, request: Message) -> int:
        """Note an effect; it leaves when the handler has returned."""
        if len(self.effects) + len(self.held_effects) >= _MAX_EFFECTS:
            raise ActorError(f"{cell.ref} uses port {port!r}, and {_MAX_EFFECTS} effects wait already")
        correlation = self.asks.next_correlation()
        self.operations.append(("effect", cell, correlation, request, port))
        return correlation

    def tell_journal(self, kind: str, payload: tuple[Any, ...]) -> int:
        """Write one record, if there is a journal; 0 without one."""
        if self.journal is None:
            return 0
        self.tell_journal_the_time()
        return self.journal.record(kind, self.now, payload)

    def tell_journal_the_time(self) -> None:
        """Write the clock reading that what follows is seen under, if it is a new one."""
        reading = (self.now, self.wall_offset_ns)
        if self.journal is not None and reading != self._told_time:
            self._told_time = reading
            self.journal.record("time", self.now, reading)

    def notify(self, watcher: Cell, message: Message, about: Cell) -> None:
        """Down or Up, behind what the dead had sent; no bound holds it up."""
        self.count(message)
        self.pressure.forget()
        self.data.append((watcher, message, about, 0))

    # -- the end of a turn --------------------------------------------------------------------------------------

    def crash(self, entry: Entry, mark: int, error: BaseException) -> None:
        """The handler raised: nothing it did is released, the message is dead, the supervisor decides."""
        self.roll_back(mark)
        self.bury(entry, DeadCause.CRASH)
        self.quarantine.note(entry[0], entry[1])
        self.life.crashed(entry[0], error, entry[1])

    def let_in(self, mark: int, turn: int) -> None:
        """Under pressure: what the turn sent is let in one by one, by its receivers' bounds and policies."""
        data = self.data
        tail = [data.pop() for _ in range(len(data) - mark)]
        depths = self.pressure.depths(data, self.in_hand[0], turn)
        for entry in reversed(tail):
            cell = entry[0]
            if self._admit(entry, depths[cell]):
                depths[cell] += 1
            else:
                depths[cell] = sum(1 for other in data if other[0] is cell)
            if depths[cell] > cell.peak:
                cell.peak = depths[cell]
        self.pressure.settle(data)

    def perform(self) -> None:
        """Release the timers, answers, effects and life signs of a handler that has returned; life signs last."""
        operations, self.operations[:] = self.operations[:], []
        signs = []
        for operation in operations:
            kind, cell, number, message, key = operation
            if kind == "answer":
                self.deliver_answer(number, message, cell)
            elif kind == "after":
                self.timers.set_for(cell, self.now + number, key, message)
            elif kind == "cancel":
                self.timers.cancel_for(cell, key)
            elif kind == "effect":
                self._release_effect(cell, number, message, key)
            elif kind == "recorded":
                self._journal_decision(message)
            elif kind == "watch":
                self._watch(cell, Ref(key))
            elif kind in _LIFE_SIGNS:
                signs.append((cell.incarnation, operation))
        for incarnation, operation in signs:
            self._live(incarnation, *operation)

    def bury(self, entry: Entry, cause: DeadCause) -> None:
        """A message that reaches nobody."""
        self._bury(entry[0].ref, entry[1], cause)

    def _bury(self, ref: Ref, message: Message, cause: DeadCause) -> None:
        self.dead_letters.add(DeadLetter(self.now, ref, message, cause))
        self.recorder.lost(self.now, message, cause)

    def fail_ask(self, correlation: int, cause: AskCause) -> None:
        """Tell the asker, if there is still one, that no answer will come."""
        asker, target, _ = self.asks.pending.pop(correlation)
        failure = ask_failed(correlation, target.ref, cause)
        if asker is None:
            self.outside_answers[correlation] = failure
        else:
            self.push_control((asker, failure, None, correlation))

    def push_data(self, entry: Entry) -> None:
        """One message from outside a handler."""
        self.count(entry[1])
        self.pressure.forget()
        mark = len(self.data)
        self.data.append(entry)
        self.release(mark)

    def push_control(self, entry: Entry) -> None:
        """One message into the control lane; what can come there is bounded where it is asked for."""
        self.count(entry[1])
        self.control.append(entry)

    def count(self, message: Message) -> None:
        """For the audit: one more message."""
        if self.audit is not None:
            self.audit.offer(message)

    def count_sent(self, mark: int) -> None:
        """For the audit: what a handler has sent since `mark`."""
        if self.audit is not None:
            for position in range(mark, len(self.data)):
                self.audit.offer(self.data[position][1])

    # -- inside -------------------------------------------------------------------------------------------------

    def _live(self, incarnation: int, kind: str, cell: Cell, number: int, message: Any, key: str) -> None:
        """One life sign of an incarnation, unless an earlier one has ended it."""
        if cell.incarnation != incarnation or not cell.is_alive:
            return
        if kind == "started":
            self.life.became_started(cell)
        elif kind == "stopped":
            self.life.became_stopped(cell)
        elif kind == "exit":
            self.life.exited(cell, message)
        elif kind == "escalate":
            self.life.escalated(cell, message)
        elif kind == "overflowed":
            self.life.crashed(cell, *message)
        else:
            self._call(cell, number, Ref(key), *message)

    def _call(self, cell: Cell, correlation: int, ref: Ref, verb: Any, argument: Any) -> None:
        incarnation = cell.incarnation

        def answer(result: Any) -> None:
            if cell.is_alive and cell.incarnation == incarnation:
                self.push_control((cell, Managed(result), None, correlation))

        supervisor = self.life.supervisors.get(ref)
        if supervisor is None:
            answer(DeadSupervisor(ref))
        else:
            supervisor.call(Call(verb, argument, answer))

    def _watch(self, cell: Cell, ref: Ref) -> None:
        """From now on; that nobody lives there any more is told at once, that nobody has lived there yet is not."""
        if ref in cell.watching:
            return
        watched = self.cell(ref)
        if ref in self.cells or ref in self.life.builder.gone:
            cell.watching[ref] = None
            self.watchers.setdefault(ref, {})[cell] = None
        if not watched.is_alive and (watched.incarnation or isinstance(watched, Tombstone)):
            self.notify(cell, Down(ref, watched.incarnation, *watched.ended), watched)

    def _admit(self, entry: Entry, depth: int) -> bool:
        """Whether the entry simply joined the lane."""
        cell = entry[0]
        found = admit(self.data, entry, depth, cell.actor.overflow if cell.actor is not None else {})
        for dead in found.dead:
            self.bury(dead, found.cause)
            if dead[3] in self.asks.pending:
                self.fail_ask(dead[3], AskCause.REJECTED)
            elif found.cause is DeadCause.REJECTED and dead[2] is not None:
                self._tell_rejected(dead[2], dead)
        if found.cause is DeadCause.RESYNC:
            self.count(self.data[-1][1])
        if found.crash:
            error = MailboxFull(f"mailbox of {cell.ref} is full, and {type(entry[1]).__name__} may not be lost")
            self.operations.append(("overflowed", cell, 0, (error, entry[1]), ""))
        return not found.dead

    def _tell_rejected(self, sender: Cell, dead: Entry) -> None:
        if sender.actor is not None and sender.actor.hears_rejections:
            self.push_control((sender, Rejected(dead[0].ref, dead[1]), dead[0], 0))

    def release(self, mark: int) -> None:
        """Let out what was sent and noted since `mark`, outside the hot loop."""
        if len(self.data) > self.smallest_bound:
            self.pressure.forget()
            self.let_in(mark, 0)
        if self.operations:
            self.perform()

    def roll_back(self, mark: int) -> None:
        """Drop what the raising handler sent: it is dead, and a recorded class among it is named as lost."""
        dropped = []
        while len(self.data) > mark:
            dropped.append(self.data.pop())
        self.operations.clear()
        mine = self.in_hand[0]
        recorded = sum(entry[2] is mine and type(entry[1]) in self.recorded_classes for entry in dropped)
        if self._noting is self.in_hand:
            recorded += self._notes
        del self.stream[len(self.stream) - recorded :]
        for entry in reversed(dropped):
            if entry[3] and entry[2] is mine:
                self.asks.forget(entry[3])  # its own question
            elif entry[3]:
                self.asks.retarget(entry[3], mine)  # one that it passed on: it dies with whoever passed it on
            self.bury(entry, DeadCause.ROLLED_BACK)

    def _release_effect(self, cell: Cell, correlation: int, request: Message, name: str) -> None:
        port = self.ports[name]
        effect = Effect(cell.ref, cell.incarnation, correlation, name, request)
        if self.journal is not None:
            payload = (cell.ref, cell.incarnation, correlation, name, request)
            sequence = self.journal.record("memory" if port.is_memory else "effect", self.now, payload)
            effect = msgspec.structs.replace(effect, sequence=sequence)
        if port.is_memory:
            return
        must_wait = self.journal is not None and port.is_durable_first
        (self.held_effects if must_wait else self.effects).append(effect)

    def _journal_decision(self, message: Message) -> None:
        if self.journal is not None:
            fields = self.recorded_classes[type(message)]
            if fields is not None:
                self.journal.record("decision", self.now, (type(message).__name__, *fields(message)))

    def deliver_answer(self, correlation: int, answer: Message, sender: Cell | None) -> None:
        """To whoever asked; `sender` is None where the answer is given from outside the tree."""
        ask = self.asks.pending.pop(correlation, None)
        if ask is None:
            self.count(answer)
            self._bury(_OUTSIDE if sender is None else sender.ref, answer, DeadCause.LATE)
        elif ask[0] is None:
            self.outside_answers[correlation] = answer
        else:
            self.control.append((ask[0], answer, sender, correlation))
            if self.audit is not None:
                self.count(answer)

    def _refuse_poison(self) -> None:
        self.bury(self.in_hand, DeadCause.POISON)
        if self.in_hand[3] in self.asks.pending:
            self.fail_ask(self.in_hand[3], AskCause.REJECTED)
