"""Replays a journaled run: feeds its inputs to a kernel of the same actors and compares the outputs.

Each input is fed after the same number of handled messages, at the same kernel time. Every effect, decision and life
sign that the kernel emits must equal the next one in the journal, byte for byte; the first difference is reported.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import attrs
import msgspec

from runtime.journal.boundary import INPUTS, OUTPUTS
from runtime.journal.codec import Codec
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Effect, JournalSink
from runtime.messages import Ref
from runtime.supervision.management import Verb

__all__ = ["Divergence", "JournalRecord", "Replay", "ReplayReport"]

NOTHING = "nothing"


class JournalRecord(Protocol):
    """One record as a journal's reader gives it."""

    @property
    def sequence(self) -> int:
        """The record's sequence number."""

    @property
    def time_ns(self) -> int:
        """The kernel time, ns."""

    @property
    def kind(self) -> str:
        """The kind, one of INPUTS, OUTPUTS or the journal's own."""

    @property
    def payload(self) -> bytes:
        """The encoded payload."""


@attrs.frozen
class Divergence:
    """The first difference between replay and journal; `expected` and `got` are payloads, or "nothing"."""

    sequence: int
    time_ns: int
    actor: str
    expected: str
    got: str

    def __str__(self) -> str:
        where = f"sequence {self.sequence}, {self.time_ns} ns, {self.actor}"
        return f"{where}: the journal has {self.expected}, the replay {self.got}"


@attrs.frozen
class ReplayReport:
    """A replay's result: inputs fed, outputs compared, messages handled, and the first divergence or None."""

    inputs: int
    outputs: int
    handled: int
    divergence: Divergence | None


class _ReplayListener:
    """The replayed kernel's sink: keeps outputs until they are compared."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.heard: deque[tuple[str, int, bytes]] = deque()
        self._sequence = 0

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        if kind in OUTPUTS:
            self.heard.append((kind, now_ns, self._codec.write(kind, payload)))
        self._sequence += 1
        return self._sequence


class Replay:
    """`build` returns a kernel, not started, that writes to the given sink; `specs` are those for start_child."""

    def __init__(
        self,
        records: Iterable[JournalRecord],
        build: Callable[[JournalSink], Kernel],
        codec: Codec,
        specs: Mapping[str, Any] | None = None,
    ) -> None:
        self._records = records
        self._codec = codec
        self._specs = dict(specs or {})
        self._sink = _ReplayListener(codec)
        self._kernel = build(self._sink)
        self._expected: deque[JournalRecord] = deque()
        self._inputs = self._outputs = 0
        self._divergence: Divergence | None = None

    def run(self) -> ReplayReport:
        """Feed the whole journal, or up to the first divergence; returns the report."""
        for record in self._records:
            if record.kind in INPUTS:
                self._feed(record)
            elif record.kind in OUTPUTS:
                self._expected.append(record)
                self._compare()
            if self._divergence is not None:
                break
        else:
            self._finish()
        return ReplayReport(self._inputs, self._outputs, self._kernel.handled, self._divergence)

    def _feed(self, record: JournalRecord) -> None:
        """Handle messages up to the point at which this input came in, then feed it."""
        handled, payload = msgspec.json.decode(record.payload, type=tuple[int, msgspec.Raw])
        kernel = self._kernel
        kernel.pump(max(0, handled - kernel.handled))
        self._drop_effects()
        self._compare()
        if self._divergence is not None:
            return
        if self._expected or self._sink.heard:
            self._part(record)
        elif kernel.handled != handled:
            said = f"{record.kind} after {handled} handled messages"
            self._divergence = Divergence(record.sequence, record.time_ns, "kernel", said, f"{kernel.handled} messages")
        else:
            self._inputs += 1
            _apply(kernel, record.kind, self._codec.read(record.kind, bytes(payload)), self._specs)

    def _finish(self) -> None:
        """After the last input: go on until every recorded output is matched. A crash may have lost later ones."""
        while self._expected and self._divergence is None and self._kernel.pump(1):
            self._drop_effects()
            self._compare()
        if self._divergence is None and self._expected:
            self._part(self._expected[0])

    def _compare(self) -> None:
        heard, expected = self._sink.heard, self._expected
        while heard and expected and self._divergence is None:
            record = expected.popleft()
            kind, now_ns, payload = heard.popleft()
            if (kind, now_ns, payload) != (record.kind, record.time_ns, record.payload):
                got = f"{kind} {payload.decode()} at {now_ns} ns"
                self._divergence = Divergence(record.sequence, record.time_ns, _actor_of(record), _text(record), got)
            self._outputs += 1

    def _part(self, record: JournalRecord) -> None:
        """Report an output that only one side has."""
        if self._expected:
            missed = self._expected[0]
            self._divergence = Divergence(missed.sequence, missed.time_ns, _actor_of(missed), _text(missed), NOTHING)
        else:
            kind, now_ns, payload = self._sink.heard[0]
            got = f"{kind} {payload.decode()}"
            self._divergence = Divergence(record.sequence, now_ns, _actor(kind, payload), NOTHING, got)

    def _drop_effects(self) -> None:
        """Discard effects: a replay has no edges."""
        self._kernel.effects.clear()
        self._kernel.held_effects.clear()


def _text(record: JournalRecord) -> str:
    return f"{record.kind} {record.payload.decode()} at {record.time_ns} ns"


def _actor_of(record: JournalRecord) -> str:
    return _actor(record.kind, record.payload)


def _actor(kind: str, payload: bytes) -> str:
    """The actor of an output; of a decision, whose actor is not recorded, its class."""
    values = msgspec.json.decode(payload)
    return str(values[1] if kind == "life" else values[0]) or "root"


def _apply(kernel: Kernel, kind: str, payload: tuple[Any, ...], specs: Mapping[str, Any]) -> None:
    """Feed one input as the driver did."""
    match kind:
        case "start":
            kernel.start()
        case "tell":
            kernel.tell(*payload)
        case "command":
            kernel.command(*payload)
        case "ask":
            kernel.ask(None, *payload)
        case "time":
            kernel.set_time(payload[0])  # the recorded offset follows from the run's own corrections
        case "wall":
            kernel.read_wall(*payload)
        case "fire":
            kernel.fire_timers()
        case "kill":
            kernel.kill(*payload)
        case "halt":
            kernel.halt(*payload)
        case "result":
            ref, incarnation, correlation, message = payload
            kernel.effect_result(Effect(Ref(ref), incarnation, correlation, "", None), message)
        case "edge_failed":
            ref, incarnation, name, text, fatal = payload
            error = type(name, (Exception,), {"is_fatal": fatal})(text)
            kernel.edge_failed(Ref(ref), incarnation, error)
        case "manage":
            ref, verb, argument = payload
            wanted = Verb(verb)
            kernel.manage(Ref(ref), wanted, specs.get(argument, argument) if wanted is Verb.START else argument)
