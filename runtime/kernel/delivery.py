"""Queued messages and their ends: two lanes, the message in hand, open questions, and dead letters.

Every message was handled, is a dead letter with its cause, or still waits. An asker is told whenever its question
fails, so nothing is lost silently.
"""

from collections import deque
from typing import Any

from runtime.kernel.asks import PendingAsks
from runtime.kernel.audit import Audit
from runtime.kernel.cell import Cell
from runtime.kernel.clock import KernelClock
from runtime.kernel.deadletters import DeadCause, DeadLetter, DeadLetters
from runtime.kernel.envelope import NOBODY, Envelope, Lane
from runtime.kernel.mailbox import withdraw
from runtime.kernel.pressure import Pressure
from runtime.kernel.recorder import Recorder
from runtime.messages import AskCause, Message, Ref, ask_failed

__all__ = ["Delivery"]

_OUTSIDE = Ref("")  # sender of answers from outside the tree


class Delivery:
    """The lanes are never replaced by other objects, so callers may keep references to them."""

    def __init__(self, clock: KernelClock, recorder: Recorder, audit: Audit | None) -> None:
        self.control: Lane = deque()
        self.data: Lane = deque()
        self.in_hand = NOBODY
        self.asks = PendingAsks()
        self.outside_answers: dict[int, Any] = {}
        self.dead_letters = DeadLetters()
        self.pressure = Pressure()
        self._clock = clock
        self._recorder = recorder
        self._audit = audit

    def push_control(self, envelope: Envelope) -> None:
        """Put a message into the control lane; its messages are bounded where they are requested."""
        self.count(envelope.message)
        self.control.append(envelope)

    def push_unbounded(self, envelope: Envelope) -> None:
        """Put a message into the data lane, regardless of its receiver's bound."""
        self.count(envelope.message)
        self.pressure.forget()
        self.data.append(envelope)

    def deliver_answer(self, correlation: int, answer: Message, sender: Cell | None) -> None:
        """Deliver an answer to its asker, or bury it if no one waits; `sender` None means from outside the tree."""
        question = self.asks.pending.pop(correlation, None)
        if question is None:
            self.count(answer)
            self._bury(_OUTSIDE if sender is None else sender.ref, answer, DeadCause.LATE)
        elif question.asker is None:
            self.outside_answers[correlation] = answer
        else:
            self.control.append(Envelope(question.asker, answer, sender, correlation))
            if self._audit is not None:
                self.count(answer)

    def fail_ask(self, correlation: int, cause: AskCause) -> None:
        """Tell the asker, if it is still alive, that no answer will come."""
        question = self.asks.pending.pop(correlation)
        failure = ask_failed(correlation, question.target.ref, cause)
        if question.asker is None:
            self.outside_answers[correlation] = failure
        else:
            self.push_control(Envelope(question.asker, failure, None, correlation))

    def bury(self, envelope: Envelope, cause: DeadCause) -> None:
        """Count a message as a dead letter."""
        self._bury(envelope.receiver.ref, envelope.message, cause)

    def _bury(self, ref: Ref, message: Message, cause: DeadCause) -> None:
        self.dead_letters.add(DeadLetter(self._clock.now, ref, message, cause))
        self._recorder.lost(self._clock.now, message, cause)

    def bury_with_question(self, envelope: Envelope, cause: DeadCause, told: AskCause) -> None:
        """Count a message as a dead letter; if it was a question, its asker is told."""
        self.bury(envelope, cause)
        if envelope.correlation in self.asks.pending:
            self.fail_ask(envelope.correlation, told)

    def bury_in_hand(self, message: Any, ctx: Any) -> None:
        """The handler of a cell that is down: the message in hand becomes a dead letter."""
        self.bury_with_question(self.in_hand, DeadCause.DOWN, AskCause.DIED)

    def refuse_in_hand(self) -> None:
        """The message in hand is in quarantine: bury it instead of calling its handler."""
        self.bury_with_question(self.in_hand, DeadCause.POISON, AskCause.REJECTED)

    def drop_mail_of(self, cell: Cell, cause: DeadCause) -> None:
        """Bury the messages that wait for `cell`."""
        self.pressure.forget()
        for lane in (self.control, self.data):
            for envelope in withdraw(lane, cell):
                self.bury(envelope, cause)

    def drop_questions_of(self, cell: Cell) -> None:
        """A life has ended: forget the questions it asked, and fail those it was asked."""
        for correlation in self.asks.of_asker(cell):
            self.asks.forget(correlation)
        for correlation in self.asks.at_target(cell):
            self.fail_ask(correlation, AskCause.DIED)

    def count(self, message: Message) -> None:
        """Count one more message for the audit."""
        if self._audit is not None:
            self._audit.offer(message)

    def count_sent(self, mark: int) -> None:
        """Count for the audit what a handler has sent since `mark`."""
        if self._audit is not None:
            for position in range(mark, len(self.data)):
                self._audit.offer(self.data[position].message)
