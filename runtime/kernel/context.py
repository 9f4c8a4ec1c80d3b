"""The context that a kernel gives each incarnation: `runtime.context.Context`, where every method is explained.

It only appends: sends to the data lane, all else to the turn's operations; the kernel carries them out, or takes them
back. What is wrong with a call raises here, in the handler that made it.
"""

from typing import Any

from runtime.errors import ActorError, InvariantBroken, UnknownPort, UnknownRef
from runtime.kernel.asks import Question
from runtime.kernel.cell import Cell, CellState
from runtime.kernel.core import Core
from runtime.kernel.envelope import Envelope
from runtime.kernel.operations import (
    Answer,
    CallSupervisor,
    CancelTimer,
    CorrectWall,
    Escalate,
    Exit,
    Keep,
    RequestEffect,
    SetTimer,
    StartDone,
    StopDone,
    Watch,
)
from runtime.messages import Asker, Message, Reason, Ref, Remember
from runtime.rng import RandomStream
from runtime.supervision.management import SupervisorCalls, Verb

__all__ = ["KernelContext"]


class KernelContext:
    """Bound to one incarnation of one cell. The parts that every send and reply reaches for are at hand in slots."""

    __slots__ = (
        "_cell",
        "_cells",
        "_clock",
        "_core",
        "_data",
        "_delivery",
        "_operations",
        "_pending",
        "_recorded",
        "_streams",
        "incarnation",
        "me",
    )

    def __init__(self, core: Core, cell: Cell) -> None:
        self._core = core
        self._cell = cell
        self._cells = core.directory.cells
        self._clock = core.clock
        self._delivery = core.delivery
        self._data = core.delivery.data
        self._operations = core.consequences.operations
        self._pending = core.delivery.asks.pending
        self._recorded = core.recorder.classes
        self._streams: dict[str, RandomStream] = {}
        self.me = cell.ref
        self.incarnation = cell.incarnation

    # -- what it sees -------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self._clock.now

    @property
    def wall(self) -> int:
        return self._clock.now + self._clock.wall_offset_ns

    @property
    def wall_error_ns(self) -> int | None:
        return self._clock.wall_error_ns

    @property
    def correlation(self) -> int:
        return self._delivery.in_hand.correlation

    @property
    def parent(self) -> Ref:
        return self._cell.parent

    def rng(self, site: str) -> RandomStream:
        if site not in self._streams:
            self._streams[site] = RandomStream(self._core.seed, f"{self.me}/{self.incarnation}/{site}")
        return self._streams[site]

    # -- saying -------------------------------------------------------------------------------------------------

    def send(self, ref: Ref, message: Message) -> None:
        try:
            cell = self._cells[ref]
        except KeyError:
            cell = self._missing(ref, message)
        if type(message) in self._recorded:
            self._core.consequences.record(message)
        self._data.append(Envelope(cell, message, self._cell, 0))

    def note(self, message: Message) -> None:
        self._core.consequences.note(message)

    def remember(self, *memories: Remember) -> None:
        self._operations.append(Keep(self._cell, memories))

    def recall(self, topic: str) -> tuple[tuple[str, Any], ...]:
        return self._core.memory.of(topic)

    def ask(self, ref: Ref, message: Message, timeout_ns: int) -> int:
        if ref == self.me:
            raise ActorError(f"{self.me} asks itself: {type(message).__name__}")
        if type(timeout_ns) is not int or timeout_ns <= 0:
            raise ActorError(f"{self.me} asks {ref} with a deadline of {timeout_ns!r} ns, not a whole number above 0")
        cell, pending = self._cell, self._pending
        target = self._cells.get(ref) or self._missing(ref, message)
        asks = self._delivery.asks
        if len(pending) >= cell.spec.mailbox and len(asks.of_asker(cell)) >= cell.spec.mailbox:
            raise ActorError(f"{self.me} asks {ref}, and its {cell.spec.mailbox} open questions are its bound")
        asks.last = correlation = asks.last + 1
        pending[correlation] = Question(cell, target, self._clock.now + timeout_ns)
        if type(message) in self._recorded:
            self._core.consequences.record(message)
        self._data.append(Envelope(target, message, cell, correlation))
        return correlation

    def asker(self) -> Asker:
        asked = self._question_in_hand()
        return Asker(asked.sender.ref if asked.sender is not None else Ref(""), asked.correlation)

    def deadline_of(self, asker: Asker) -> int | None:
        question = self._pending.get(asker.correlation)
        return None if question is None else question.deadline_ns

    def reply(self, answer: Message) -> None:
        self._operations.append(Answer(self._cell, self._question_in_hand().correlation, answer))

    def answer(self, asker: Asker, answer: Message) -> None:
        self._operations.append(Answer(self._cell, asker.correlation, answer))

    def forward(self, ref: Ref, message: Message) -> None:
        asked = self._question_in_hand()
        target = self._cells.get(ref) or self._missing(ref, message)
        self._delivery.asks.retarget(asked.correlation, target)
        self._data.append(Envelope(target, message, asked.sender, asked.correlation))

    def forward_for(self, asker: Asker, ref: Ref, message: Message) -> None:
        target = self._cells.get(ref) or self._missing(ref, message)
        self._data.append(Envelope(target, message, self._cells.get(asker.ref), asker.correlation))
        self._delivery.asks.retarget(asker.correlation, target)

    def effect(self, port: str, request: Message) -> int:
        outbox = self._core.outbox
        if port not in outbox.ports:
            known = ", ".join(outbox.ports) or "none"
            raise UnknownPort(f"{self.me} uses port {port!r}, which is not in the tree (there are: {known})")
        outbox.check_room(self._cell, port)
        correlation = self._delivery.asks.next_correlation()
        self._operations.append(RequestEffect(self._cell, correlation, port, request))
        return correlation

    # -- time ---------------------------------------------------------------------------------------------------

    def after(self, delay_ns: int, message: Message, key: str) -> None:
        if type(delay_ns) is not int or delay_ns < 0:
            raise ActorError(f"{self.me} sets timer {key!r} {delay_ns!r} ns ahead, not a whole number from 0 on")
        operations = self._operations
        if len(self._cell.timers) + len(operations) >= self._cell.spec.mailbox:
            self._core.consequences.check_timers(self._cell, key)
        operations.append(SetTimer(self._cell, delay_ns, message, key))

    def cancel(self, key: str) -> None:
        self._operations.append(CancelTimer(self._cell, key))

    def correct_wall(self, offset_ns: int, error_ns: int, drift_ppm: int) -> None:
        for value in (offset_ns, error_ns, drift_ppm):
            if type(value) is not int:
                raise ActorError(f"{self.me} corrects the wall clock by {value!r}, not a whole number")
        if error_ns < 0 or drift_ppm < 0:
            raise ActorError(f"{self.me} gives the wall clock an error of {error_ns} ns, growing by {drift_ppm} ppm")
        self._operations.append(CorrectWall(self._cell, offset_ns, error_ns, drift_ppm))

    # -- lives --------------------------------------------------------------------------------------------------

    def watch(self, ref: Ref) -> None:
        if ref not in self._cells:
            self._missing(ref, None)
        self._operations.append(Watch(self._cell, ref))

    def started(self) -> None:
        if self._cell.state is not CellState.STARTING:
            raise ActorError(f"{self.me} says started while {self._cell.state.value}")
        self._operations.append(StartDone(self._cell))

    def stopped(self) -> None:
        if self._cell.state is not CellState.STOPPING:
            raise ActorError(f"{self.me} says stopped while {self._cell.state.value}")
        self._operations.append(StopDone(self._cell))

    def stop(self, reason: Reason = Reason.NORMAL) -> None:
        if reason not in (Reason.NORMAL, Reason.SHUTDOWN):
            raise ActorError(f"{self.me} stops itself as {reason!r}: an end of one's own is normal or shutdown")
        self._operations.append(Exit(self._cell, reason))

    def escalate(self, error: BaseException) -> None:
        if not isinstance(error, BaseException):
            raise ActorError(f"{self.me} escalates {error!r}, which is no exception")
        self._operations.append(Escalate(self._cell, error))

    def supervisor(self, ref: Ref) -> SupervisorCalls:
        core, cell = self._core, self._cell
        if not core.directory.branches.is_supervisor(ref):
            raise UnknownRef(f"{self.me} calls {ref!r}, which is no supervisor in the tree")

        def make(verb: Verb, argument: Any) -> int:
            is_starting = cell.state is CellState.STARTING and core.delivery.in_hand.message is None
            if is_starting and ref == cell.parent:
                raise ActorError(f"{self.me} calls its own supervisor from inside start, which waits for that start")
            correlation = core.delivery.asks.next_correlation()
            self._operations.append(CallSupervisor(cell, correlation, ref, verb, argument))
            return correlation

        return SupervisorCalls(make)

    def spawn(self, spec: Any = None) -> int:
        correlation: int = self.supervisor(self.parent).start_child(spec)
        return correlation

    # -- claims -------------------------------------------------------------------------------------------------

    def always(self, name: str, condition: bool) -> None:
        self._core.coverage.claim(name, bool(condition))
        if not condition:
            raise InvariantBroken(f"{self.me}: {name}")

    def sometimes(self, name: str, condition: bool) -> None:
        self._core.coverage.claim(name, bool(condition))

    def _question_in_hand(self) -> Envelope:
        asked = self._delivery.in_hand
        if not asked.correlation:
            raise ActorError(f"{self.me} would answer {type(asked.message).__name__}, which is not a question")
        return asked

    def _missing(self, ref: Ref, message: Message) -> Cell:
        """A name that was in the tree and is gone has a tombstone; one that never was is our fault."""
        stone = self._core.directory.tombstone(ref)
        if stone is None:
            what = "watches" if message is None else f"sends {type(message).__name__} to"
            raise UnknownRef(f"{self.me} {what} {ref!r}, which is not in the tree")
        return stone
