"""What a handler asks of the kernel besides sending: one small class for each. They wait until the handler returns.

A handler that raises has asked for nothing. Life signs come last of all, because they may end the life that asked for
the rest.
"""

from typing import Any

import msgspec

from runtime.kernel.cell import Cell
from runtime.messages import Message, Reason, Ref, Remember
from runtime.supervision.management import Verb

__all__ = [
    "Answer",
    "CallSupervisor",
    "CancelTimer",
    "CorrectWall",
    "Escalate",
    "Exit",
    "JournalDecision",
    "Keep",
    "LifeSign",
    "MailboxOverflow",
    "Operation",
    "RequestEffect",
    "SetTimer",
    "StartDone",
    "StopDone",
    "Watch",
]


class Operation(msgspec.Struct, frozen=True, eq=False, gc=False):
    """`cell` is whose handler asked."""

    cell: Cell


class Answer(Operation, frozen=True, eq=False, gc=False):
    """Deliver `answer` to whoever asked the question of this correlation."""

    correlation: int
    answer: Message


class SetTimer(Operation, frozen=True, eq=False, gc=False):
    """Send the cell `message` in `delay_ns`; replaces its timer of the same key."""

    delay_ns: int
    message: Message
    key: str


class CancelTimer(Operation, frozen=True, eq=False, gc=False):
    """Forget the cell's timer of this key."""

    key: str


class CorrectWall(Operation, frozen=True, eq=False, gc=False):
    """Set the wall clock: kernel time + `offset_ns`, within `error_ns`, which grows by `drift_ppm`."""

    offset_ns: int
    error_ns: int
    drift_ppm: int


class RequestEffect(Operation, frozen=True, eq=False, gc=False):
    """Hand `request` to the edge behind `port`."""

    correlation: int
    port: str
    request: Message


class JournalDecision(Operation, frozen=True, eq=False, gc=False):
    """Write a message of a recorded class into the journal."""

    message: Message


class Keep(Operation, frozen=True, eq=False, gc=False):
    """Remember these, in their order, and write them to the journal."""

    memories: tuple[Remember, ...]


class Watch(Operation, frozen=True, eq=False, gc=False):
    """Tell the cell of deaths and starts of `ref`."""

    ref: Ref


class LifeSign(Operation, frozen=True, eq=False, gc=False):
    """What a life says of itself, or what happened to it: its supervisor hears of it."""


class StartDone(LifeSign, frozen=True, eq=False, gc=False):
    """`ctx.started()`."""


class StopDone(LifeSign, frozen=True, eq=False, gc=False):
    """`ctx.stopped()`."""


class Exit(LifeSign, frozen=True, eq=False, gc=False):
    """`ctx.stop(reason)`."""

    reason: Reason


class Escalate(LifeSign, frozen=True, eq=False, gc=False):
    """`ctx.escalate(error)`."""

    error: BaseException


class CallSupervisor(LifeSign, frozen=True, eq=False, gc=False):
    """A management call to the supervisor at `ref`; `Managed` brings its result with this correlation."""

    correlation: int
    ref: Ref
    verb: Verb
    argument: Any


class MailboxOverflow(LifeSign, frozen=True, eq=False, gc=False):
    """The cell's mailbox was full, and `message` may not be lost: its life ends with `error`."""

    error: BaseException
    message: Message
