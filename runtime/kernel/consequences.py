"""What a handler leaves behind: its operations, carried out when it has returned, or all of it undone when it raised.

A handler only appends: messages to the data lane, all else to `operations`. Nobody else runs in between, so what lies
behind the mark taken before the handler is its own, and truncating is the same as never having sent.
"""

from collections.abc import Callable
from typing import Any

from runtime.errors import ActorError
from runtime.kernel.cell import Cell
from runtime.kernel.clock import KernelClock
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.delivery import Delivery
from runtime.kernel.envelope import NOBODY
from runtime.kernel.journaling import JournalTap
from runtime.kernel.mailboxes import Mailboxes
from runtime.kernel.memory import Memory
from runtime.kernel.operations import (
    Answer,
    CancelTimer,
    CorrectWall,
    JournalDecision,
    Keep,
    LifeSign,
    Operation,
    RequestEffect,
    SetTimer,
    Watch,
)
from runtime.kernel.outbox import Outbox
from runtime.kernel.recorder import Record, Recorder
from runtime.kernel.timers import TimerQueue
from runtime.kernel.watches import Watches
from runtime.messages import Message

__all__ = ["Consequences"]


class Consequences:
    """`heed` is told of life signs; supervision stands behind it."""

    def __init__(
        self,
        clock: KernelClock,
        delivery: Delivery,
        timers: TimerQueue,
        watches: Watches,
        outbox: Outbox,
        memory: Memory,
        recorder: Recorder,
        journal: JournalTap,
    ) -> None:
        self.operations: list[Operation] = []
        self.mailboxes = Mailboxes(delivery, self.operations)
        self.heed: Callable[[LifeSign], None] = lambda sign: None
        self._clock = clock
        self._delivery = delivery
        self._timers = timers
        self._watches = watches
        self._outbox = outbox
        self._recorder = recorder
        self._journal = journal
        self._noting = NOBODY  # whose notes are counted; no two turns have the same object in hand
        self._notes = 0
        self._carry_out: dict[type, Callable[[Any], None]] = {
            Answer: self._answer,
            SetTimer: self._set_timer,
            CancelTimer: self._cancel_timer,
            CorrectWall: self._correct_wall,
            RequestEffect: outbox.release,
            Keep: memory.keep,
            JournalDecision: self._journal_decision,
            Watch: self._begin_watch,
        }

    # -- while a handler runs -----------------------------------------------------------------------------------

    def record(self, message: Message) -> None:
        """Put a message of a recorded class into the decision stream."""
        self._recorder.stream.append(Record(self._clock.now, message))
        if self._journal.sink is not None:
            self.operations.append(JournalDecision(self._delivery.in_hand.receiver, message))

    def note(self, message: Message) -> None:
        """The same for a message that is sent to nobody; counted, for a handler that raises has noted nothing."""
        self.record(message)
        if self._noting is self._delivery.in_hand:
            self._notes += 1
        else:
            self._noting, self._notes = self._delivery.in_hand, 1

    def check_timers(self, cell: Cell, key: str) -> None:
        """ActorError where one more timer would be over the mailbox's bound, those of the handler in hand included."""
        keys = dict(cell.timers)
        for operation in self.operations:
            if isinstance(operation, SetTimer):
                keys[operation.key] = 0
            elif isinstance(operation, CancelTimer):
                keys.pop(operation.key, None)
        if key not in keys and len(keys) >= cell.spec.mailbox:
            raise ActorError(f"{cell.ref} sets timer {key!r}, and its {len(keys)} timers are its bound")

    # -- at its end ---------------------------------------------------------------------------------------------

    def release(self, mark: int) -> None:
        """Let out what was sent and asked for since `mark`, outside the kernel's loop."""
        if len(self._delivery.data) > self.mailboxes.smallest_bound:
            self._delivery.pressure.forget()
            self.mailboxes.let_in(mark, 0)
        if self.operations:
            self.perform()

    def perform(self) -> None:
        """Carry out the operations in order, life signs last; one that an earlier sign has ended says nothing more."""
        waiting = self.operations
        if len(waiting) == 1 and (carry_out := self._carry_out.get(type(waiting[0]))) is not None:
            carry_out(waiting.pop())  # most handlers ask for one thing
            return
        operations, waiting[:] = waiting[:], []
        signs = []
        for operation in operations:
            if isinstance(operation, LifeSign):
                signs.append((operation.cell.incarnation, operation))
            else:
                self._carry_out[type(operation)](operation)
        for incarnation, sign in signs:
            if sign.cell.incarnation == incarnation and sign.cell.is_alive:
                self.heed(sign)

    def _answer(self, asked: Answer) -> None:
        self._delivery.deliver_answer(asked.correlation, asked.answer, asked.cell)

    def _set_timer(self, asked: SetTimer) -> None:
        self._timers.set_for(asked.cell, self._clock.now + asked.delay_ns, asked.key, asked.message)

    def _cancel_timer(self, asked: CancelTimer) -> None:
        self._timers.cancel_for(asked.cell, asked.key)

    def _correct_wall(self, asked: CorrectWall) -> None:
        self._clock.correct_wall(asked.offset_ns, asked.error_ns, asked.drift_ppm)
        if self._journal.sink is not None:
            correction = (asked.cell.ref, asked.offset_ns, asked.error_ns, asked.drift_ppm)
            self._journal.sink.record("correction", self._clock.now, correction)

    def _begin_watch(self, asked: Watch) -> None:
        self._watches.begin(asked.cell, asked.ref)

    def _journal_decision(self, asked: JournalDecision) -> None:
        message = asked.message
        sink, fields = self._journal.sink, self._recorder.classes.get(type(message))
        if sink is not None and fields is not None:
            sink.record("decision", self._clock.now, (type(message).__name__, *fields(message)))

    def roll_back(self, mark: int) -> None:
        """Drop what the raising handler sent: it is dead, and a recorded class among it is named as lost."""
        delivery, recorder = self._delivery, self._recorder
        dropped = []
        while len(delivery.data) > mark:
            dropped.append(delivery.data.pop())
        self.operations.clear()
        mine = delivery.in_hand.receiver
        recorded = sum(sent.sender is mine and type(sent.message) in recorder.classes for sent in dropped)
        if self._noting is delivery.in_hand:
            recorded += self._notes
        del recorder.stream[len(recorder.stream) - recorded :]
        for sent in reversed(dropped):
            if sent.correlation and sent.sender is mine:
                delivery.asks.forget(sent.correlation)  # its own question
            elif sent.correlation:
                delivery.asks.retarget(sent.correlation, mine)  # one that it passed on dies with whoever passed it on
            delivery.bury(sent, DeadCause.ROLLED_BACK)
