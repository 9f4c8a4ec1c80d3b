"""Turns: one message, one handler, its consequences. The control lane (answers, timers, operator) goes before data.

Two loops take the same turn: `pump` is the fast one, `handle` is for audits and planted faults.
"""

from collections.abc import Callable

from runtime.kernel.audit import Audit
from runtime.kernel.cell import Cell
from runtime.kernel.core import Core
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.dispatch import refuse_return
from runtime.kernel.envelope import NOBODY, Envelope
from runtime.messages import Message

__all__ = ["FaultHook", "Killed", "Turns"]

FaultHook = Callable[[Cell, Message], bool]
Crashed = Callable[[Cell, BaseException, Message], None]


class Killed(Exception):
    """Raised by a fault plan after a handler, as if the handler had raised."""


class Turns:
    """`crashed` is called for a handler that raised; `fault`, after a handler, says whether to count it as raised."""

    def __init__(self, core: Core, crashed: Crashed, fault: FaultHook | None, audit: Audit | None) -> None:
        self.core = core
        self.handled = 0
        self._crashed = crashed
        self._fault = fault
        self._audit = audit

    def pump(self, budget: int) -> int:
        """Handle up to `budget` messages; returns how many were handled."""
        if self._fault is not None or self._audit is not None:
            return self._pump_slowly(budget)
        delivery, mailboxes, consequences = self.core.delivery, self.core.mailboxes, self.core.consequences
        data, control, operations = delivery.data, delivery.control, consequences.operations
        done = 0
        while done < budget:
            if control:
                envelope = control.popleft()
            elif data:
                envelope = data.popleft()
            else:
                break
            done += 1
            delivery.in_hand = envelope
            cell, message = envelope.receiver, envelope.message
            mark = len(data)
            try:
                if (said := cell.handlers[type(message)](message, cell.context)) is not None:
                    refuse_return(cell.ref, said)
            except BaseException as error:
                self._crash(envelope, mark, error)
            else:
                if len(data) > mailboxes.smallest_bound:
                    mailboxes.let_in(mark, self.handled + done)
                if operations:
                    consequences.perform()
        delivery.in_hand = NOBODY
        self.handled += done
        return done

    def handle(self, envelope: Envelope, *, must_crash: bool = False) -> None:
        """Take one turn as `pump` does, with faults and an audit."""
        delivery, mailboxes, consequences = self.core.delivery, self.core.mailboxes, self.core.consequences
        delivery.in_hand = envelope
        cell, message = envelope.receiver, envelope.message
        mark = len(delivery.data)
        dead_before = delivery.dead_letters.count
        try:
            if (said := cell.handlers[type(message)](message, cell.context)) is not None:
                refuse_return(cell.ref, said)
            if must_crash or (self._fault is not None and cell.actor is not None and self._fault(cell, message)):
                raise Killed(f"fault plan kills {cell.ref}")
        except BaseException as error:
            delivery.count_sent(mark)
            self._crash(envelope, mark, error)
        else:
            delivery.count_sent(mark)
            if self._audit is not None and delivery.dead_letters.count == dead_before:
                self._audit.handle(message)
            if len(delivery.data) > mailboxes.smallest_bound:
                mailboxes.let_in(mark, self.handled + 1)
            if consequences.operations:
                consequences.perform()
        delivery.in_hand = NOBODY
        self.handled += 1

    def _pump_slowly(self, budget: int) -> int:
        lanes = self.core.delivery
        done = 0
        while done < budget and (lanes.control or lanes.data):
            self.handle(lanes.control.popleft() if lanes.control else lanes.data.popleft())
            done += 1
        return done

    def _crash(self, envelope: Envelope, mark: int, error: BaseException) -> None:
        """The handler raised: undo its sends, bury the message, and let its supervisor decide."""
        self.core.consequences.roll_back(mark)
        self.core.delivery.bury(envelope, DeadCause.CRASH)
        self.core.quarantine.note(envelope.receiver, envelope.message)
        self._crashed(envelope.receiver, error, envelope.message)
