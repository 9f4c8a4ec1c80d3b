"""What a full mailbox does with one more message, by the policy of the message's class.

All data messages share one queue; a receiver's mailbox is its part of that queue. `mailboxes.py` decides when bounds
are checked.
"""

import attrs

from runtime.kernel.cell import Cell
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.envelope import Envelope, Lane
from runtime.messages import ResyncNeeded
from runtime.overflow import REJECT, Overflow, OverflowKind

__all__ = ["Admission", "admit", "withdraw"]


@attrs.frozen
class Admission:
    """The result of adding a message: which messages were dropped, why, and whether the receiver must crash."""

    dead: tuple[Envelope, ...] = ()
    cause: DeadCause = DeadCause.DROPPED
    crash: bool = False


_WELCOME = Admission()


def admit(lane: Lane, envelope: Envelope, depth: int, policies: dict[type, Overflow]) -> Admission:
    """Add `envelope` to `lane`, which holds `depth` messages of its receiver, within the receiver's bound."""
    cell, message = envelope.receiver, envelope.message
    if depth < cell.spec.mailbox:
        lane.append(envelope)
        return _WELCOME
    policy = policies.get(type(message), REJECT)
    if policy.kind is OverflowKind.DROP_OLDEST:
        return _drop_oldest(lane, envelope)
    if policy.kind is OverflowKind.CONFLATE and policy.key is not None:
        return _conflate(lane, envelope, policy.key(message), policy)
    if policy.kind is OverflowKind.RESYNC:
        return _resync(lane, envelope, policies)
    return Admission((envelope,), DeadCause.REJECTED, crash=policy.kind is OverflowKind.FATAL)


def _drop_oldest(lane: Lane, envelope: Envelope) -> Admission:
    """Drop the oldest message of the same class, or the new one if there is none."""
    cell, kind = envelope.receiver, type(envelope.message)
    for position, other in enumerate(lane):
        if other.receiver is cell and type(other.message) is kind:
            del lane[position]
            lane.append(envelope)
            return Admission((other,))
    return Admission((envelope,))


def _conflate(lane: Lane, envelope: Envelope, wanted: object, policy: Overflow) -> Admission:
    cell, kind = envelope.receiver, type(envelope.message)
    assert policy.key is not None
    for position, other in enumerate(lane):
        if other.receiver is cell and type(other.message) is kind and policy.key(other.message) == wanted:
            lane[position] = envelope
            return Admission((other,), DeadCause.CONFLATED)
    return Admission((envelope,), DeadCause.REJECTED)


def _resync(lane: Lane, envelope: Envelope, policies: dict[type, Overflow]) -> Admission:
    """Replace the receiver's messages of RESYNC classes by one notice with their number."""
    cell = envelope.receiver
    kept, gone, notices, before = [], [], [], 0
    for other in lane:
        message = other.message
        if other.receiver is cell and isinstance(message, ResyncNeeded):
            before += message.dropped
            notices.append(other)
        elif other.receiver is cell and policies.get(type(message), REJECT).kind is OverflowKind.RESYNC:
            gone.append(other)
        else:
            kept.append(other)
    gone.append(envelope)
    lane.clear()
    lane.extend(kept)
    lane.append(Envelope(cell, ResyncNeeded(before + len(gone)), None, 0))
    return Admission((*gone, *notices), DeadCause.RESYNC)


def withdraw(lane: Lane, cell: Cell) -> list[Envelope]:
    """Remove and return the messages in `lane` for `cell`, whose incarnation has ended."""
    gone = [envelope for envelope in lane if envelope.receiver is cell]
    if gone:
        kept = [envelope for envelope in lane if envelope.receiver is not cell]
        lane.clear()
        lane.extend(kept)
    return gone
