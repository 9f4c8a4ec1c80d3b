"""The loop with planted faults: a plan chooses them, or a seed that also writes its choices down as a plan.

A kernel built with it takes every turn here. Messages of different receivers may be reordered; those of one receiver
never are, so Down still comes after what the dead life had sent. The kernel's own messages about lives are not lost or
duplicated. Without faults this loop gives the same result as the kernel's own.
"""

import hashlib
from collections import Counter
from copy import copy
from typing import Protocol

import attrs
import msgspec

from runtime.errors import KernelError
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.envelope import Envelope, Lane
from runtime.kernel.turns import Turns
from runtime.messages import AskCause, Down, Managed, Up

__all__ = ["Chooser", "Fault", "Faults", "Turn"]

_SPARED = (Down, Up, Managed)
_REACH = 64  # how far into a lane a reordering turn looks for another receiver's message
_BLOCK = 256


@attrs.frozen
class Turn:
    """One turn as a chooser sees it: its number overall, by receiver, and by receiver and class."""

    number: int
    ref: str
    message: str
    of_ref: int
    of_ref_and_class: int


@attrs.frozen
class Fault:
    """The fault of a turn: one of crash, drop, duplicate, or a delay."""

    is_crash: bool = False
    is_drop: bool = False
    is_duplicate: bool = False
    delay_ns: int = 0


class Chooser(Protocol):
    """Chooses the faults; called once for each turn, in order."""

    def ahead(self, turn: int, receivers: int) -> int:
        """How many other receivers' messages to skip, from 0 to `receivers` - 1."""

    def fault(self, turn: Turn) -> Fault | None:
        """The fault for this turn, or None."""


class Faults:
    """`chooser` chooses the faults; with `traced` every message handled goes into the trace digest."""

    def __init__(self, chooser: Chooser, *, traced: bool = True) -> None:
        self._chooser = chooser
        self._traced = traced
        self._turn = 0
        self._of_ref: Counter[str] = Counter()
        self._of_both: Counter[tuple[str, str]] = Counter()
        self._delayed = 0
        self._hash = hashlib.blake2b(digest_size=16)
        self._block: list[bytes] = []
        self.waiting = 0  # delayed messages, to be put back

    @property
    def turns(self) -> int:
        """Turns taken so far, including those of dropped and delayed messages."""
        return self._turn

    def digest(self) -> str:
        """blake2b-128 over (time, receiver, class, message) of every message handled so far."""
        state = self._hash.copy()
        for line in self._block:
            state.update(line)
        return state.hexdigest()

    def pump(self, turns: Turns, budget: int) -> int:
        """Take up to `budget` turns; replaces the kernel's own loop."""
        lanes, done = turns.core.delivery, 0
        while done < budget and (lanes.control or lanes.data):
            done += 1
            self._turn += 1
            self._take(turns, self._pick(lanes.control or lanes.data))
        return done

    def _pick(self, lane: Lane) -> Envelope:
        """Take the first message, or a later one of another receiver."""
        places: list[int] = []
        seen: list[object] = []
        for place in range(min(len(lane), _REACH)):
            if all(lane[place].receiver is not other for other in seen):
                seen.append(lane[place].receiver)
                places.append(place)
        place = places[min(self._chooser.ahead(self._turn, len(places)), len(places) - 1)]
        envelope = lane[place]
        del lane[place]
        return envelope

    def _take(self, turns: Turns, envelope: Envelope) -> None:
        cell, message = envelope.receiver, envelope.message
        name = type(message).__name__
        self._of_ref[cell.ref] += 1
        self._of_both[cell.ref, name] += 1
        turn = Turn(self._turn, cell.ref, name, self._of_ref[cell.ref], self._of_both[cell.ref, name])
        fault = self._chooser.fault(turn)
        if fault is None or (isinstance(message, _SPARED) and not fault.is_crash):
            fault = Fault()
        if fault.is_drop:
            self._drop(turns, envelope)
        elif fault.delay_ns:
            self._delay(turns, envelope, fault.delay_ns)
        else:
            self._handle(turns, envelope, must_crash=fault.is_crash and cell.actor is not None)
            if fault.is_duplicate:
                turns.core.delivery.count(message)
                self._handle(turns, copy(envelope), must_crash=False)  # every turn needs its own envelope

    def _handle(self, turns: Turns, envelope: Envelope, *, must_crash: bool) -> None:
        if self._traced:
            self._note(turns.core.clock.now, envelope)
        turns.handle(envelope, must_crash=must_crash)

    def _drop(self, turns: Turns, envelope: Envelope) -> None:
        """Lose the message; a question stays open until its deadline."""
        turns.core.delivery.bury(envelope, DeadCause.FAULT)

    def _delay(self, turns: Turns, envelope: Envelope, delay_ns: int) -> None:
        """Put the message back later if its receiver still has the same life, else bury it as queued mail is buried."""
        core, cell = turns.core, envelope.receiver
        incarnation, is_alive = cell.incarnation, cell.is_alive
        self._delayed += 1
        self.waiting += 1

        def again() -> None:
            self.waiting -= 1
            if is_alive and (cell.incarnation != incarnation or not cell.is_alive):
                core.delivery.bury_with_question(envelope, DeadCause.RESTART, AskCause.DIED)
            else:
                core.delivery.pressure.forget()
                core.delivery.data.append(envelope)

        core.timers.set(core.clock.now + delay_ns, ("fault", self._delayed), again)

    def _note(self, now_ns: int, envelope: Envelope) -> None:
        cell, message = envelope.receiver, envelope.message
        try:
            said = msgspec.json.encode(
                (now_ns, cell.ref, cell.incarnation, type(message).__name__, message, envelope.correlation)
            )
        except TypeError as error:
            raise KernelError(f"a trace is taken, and {type(message).__name__} cannot be encoded: {error}") from error
        self._block.append(said)
        if len(self._block) == _BLOCK:
            self._hash.update(b"".join(self._block))
            self._block.clear()
