"""Applies mailbox bounds to a turn's messages. Below the smallest bound no mailbox can be full: nothing is checked.

Above it, what a handler sent is taken off the tail of the data lane when it has returned, and added message by message
by the receivers' policies. A handler that raises is rolled back first, so overflow is atomic too.
"""

from runtime.errors import MailboxFull
from runtime.kernel.cell import Cell
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.delivery import Delivery
from runtime.kernel.envelope import Envelope
from runtime.kernel.mailbox import admit
from runtime.kernel.operations import MailboxOverflow, Operation
from runtime.kernel.pressure import Bounds
from runtime.messages import AskCause, Rejected

__all__ = ["Mailboxes"]


class Mailboxes:
    """`smallest_bound`: while the queue is no longer than this, no mailbox is full.

    A receiver that must crash over a full mailbox is added to the turn's `operations`.
    """

    def __init__(self, delivery: Delivery, operations: list[Operation]) -> None:
        self._delivery = delivery
        self._operations = operations
        self._bounds = Bounds()
        self.smallest_bound = self._bounds.smallest

    def opened(self, bound: int) -> None:
        """A mailbox of this bound is in the tree."""
        self._bounds.add(bound)
        self.smallest_bound = self._bounds.smallest

    def closed(self, bound: int) -> None:
        """A mailbox of this bound has left the tree."""
        self._bounds.remove(bound)
        self.smallest_bound = self._bounds.smallest

    def let_in(self, mark: int, turn: int) -> None:
        """Add one by one what turn `number` has sent since `mark`; the number is 0 outside the kernel's loop."""
        delivery = self._delivery
        data, pressure = delivery.data, delivery.pressure
        tail = [data.pop() for _ in range(len(data) - mark)]
        depths = pressure.depths(data, delivery.in_hand.receiver, turn)
        for envelope in reversed(tail):
            cell = envelope.receiver
            if self._admit(envelope, depths[cell]):
                depths[cell] += 1
            else:
                depths[cell] = sum(1 for other in data if other.receiver is cell)
            cell.peak = max(cell.peak, depths[cell])
        pressure.settle(data)

    def _admit(self, envelope: Envelope, depth: int) -> bool:
        """Add one message; returns whether it simply joined the lane."""
        delivery, cell = self._delivery, envelope.receiver
        found = admit(delivery.data, envelope, depth, cell.actor.overflow if cell.actor is not None else {})
        for dead in found.dead:
            delivery.bury(dead, found.cause)
            if dead.correlation in delivery.asks.pending:
                delivery.fail_ask(dead.correlation, AskCause.REJECTED)
            elif found.cause is DeadCause.REJECTED and dead.sender is not None:
                self._tell_rejected(dead.sender, dead)
        if found.cause is DeadCause.RESYNC:
            delivery.count(delivery.data[-1].message)
        if found.crash:
            error = MailboxFull(f"mailbox of {cell.ref} is full, and {type(envelope.message).__name__} may not be lost")
            self._operations.append(MailboxOverflow(cell, error, envelope.message))
        return not found.dead

    def _tell_rejected(self, sender: Cell, dead: Envelope) -> None:
        if sender.actor is not None and sender.actor.hears_rejections:
            rejected = Rejected(dead.receiver.ref, dead.message)
            self._delivery.push_control(Envelope(sender, rejected, dead.receiver, 0))
