"""What an actor may do, and all it may see. One context an incarnation; what it does is released with the handler."""

from typing import TYPE_CHECKING, Any

from runtime.errors import ActorError, InvariantBroken, UnknownPort, UnknownRef
from runtime.kernel.cell import Cell, CellState
from runtime.messages import Asker, Message, Reason, Ref
from runtime.rng import RandomStream
from runtime.supervision.management import SupervisorCalls, Verb

if TYPE_CHECKING:
    from runtime.kernel.core import Core

__all__ = ["Context"]


class Context:
    """Bound to one incarnation of one cell."""

    # What every send and reply reaches for is at hand here; the kernel never puts another object in its place.
    __slots__ = (
        "_cell",
        "_cells",
        "_data",
        "_kernel",
        "_operations",
        "_pending",
        "_recorded",
        "_streams",
        "incarnation",
        "me",
    )

    def __init__(self, kernel: "Core", cell: Cell) -> None:
        self._kernel = kernel
        self._cell = cell
        self._cells = kernel.cells
        self._data = kernel.data
        self._operations = kernel.operations
        self._pending = kernel.asks.pending
        self._recorded = kernel.recorded_classes
        self._streams: dict[str, RandomStream] = {}
        self.me = cell.ref
        self.incarnation = cell.incarnation

    # -- what it sees -------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Kernel time, ns, monotonic."""
        return self._kernel.now

    @property
    def wall(self) -> int:
        """Venue-corrected time, ns since the UTC epoch."""
        return self._kernel.now + self._kernel.wall_offset_ns

    @property
    def correlation(self) -> int:
        """Of the message in hand: the ask to answer, or our ask, effect or call that it belongs to; 0 for none."""
        return self._kernel.in_hand[3]

    @property
    def parent(self) -> Ref:
        """Our supervisor."""
        return self._cell.supervisor.ref

    def rng(self, site: str) -> RandomStream:
        """The seeded random stream of that site."""
        if site not in self._streams:
            self._streams[site] = RandomStream(self._kernel.seed, f"{self.me}/{self.incarnation}/{site}")
        return self._streams[site]

    # -- saying -------------------------------------------------------------------------------------------------

    def send(self, ref: Ref, message: Message) -> None:
        """Tell; first in, first out from here to that receiver. A full mailbox acts when the handler has returned."""
        try:
            cell = self._cells[ref]
        except KeyError:
            cell = self._missing(ref, message)
        if type(message) in self._recorded:
            self._kernel.record(message)
        self._data.append((cell, message, self._cell, 0))

    def note(self, message: Message) -> None:
        """Put a message of a recorded class on the record, and tell nobody; undone when the handler raises."""
        self._kernel.note(message)

    def ask(self, ref: Ref, message: Message, timeout_ns: int) -> int:
        """Ask; the answer arrives as a message with this correlation, or AskFailed does. Returns the correlation."""
        if ref == self.me:
            raise ActorError(f"{self.me} asks itself: {type(message).__name__}")
        if type(timeout_ns) is not int or timeout_ns <= 0:
            raise ActorError(f"{self.me} asks {ref} with a deadline of {timeout_ns!r} ns, not a whole number above 0")
        kernel, cell = self._kernel, self._cell
        target = self._cells.get(ref) or self._missing(ref, message)
        asks, pending = kernel.asks, self._pending
        if len(pending) >= cell.spec.mailbox:
            kernel.check_asks(cell, ref)
        asks.last = correlation = asks.last + 1
        pending[correlation] = (cell, target, kernel.now + timeout_ns)
        if type(message) in self._recorded:
            kernel.record(message)
        self._data.append((target, message, cell, correlation))
        return correlation

    def asker(self) -> Asker:
        """Who waits for an answer to the message in hand; kept by a receiver that answers later."""
        _, message, sender, correlation = self._kernel.in_hand
        if not correlation:
            raise self._no_question(message)
        return Asker(sender.ref if sender is not None else Ref(""), correlation)

    def deadline_of(self, asker: Asker) -> int | None:
        """Until when (kernel ns) somebody waits for the answer to this question; None: nobody does any more."""
        ask = self._pending.get(asker.correlation)
        return None if ask is None else ask[2]

    def reply(self, answer: Message) -> None:
        """Answer the question in hand."""
        _, message, _, correlation = self._kernel.in_hand
        if not correlation:
            raise self._no_question(message)
        self._operations.append(("answer", self._cell, correlation, answer, ""))

    def answer(self, asker: Asker, answer: Message) -> None:
        """Answer an earlier question; too late or twice is a dead letter."""
        self._kernel.answer(asker.correlation, answer)

    def forward(self, ref: Ref, message: Message) -> None:
        """Pass the question in hand on: the answer goes to whoever asked."""
        _, held, sender, correlation = self._kernel.in_hand
        if not correlation:
            raise self._no_question(held)
        target = self._cells.get(ref) or self._missing(ref, message)
        pending = self._pending
        if correlation in pending:
            asker, _, deadline_ns = pending[correlation]
            pending[correlation] = (asker, target, deadline_ns)  # from now on it dies with `target`
        self._data.append((target, message, sender, correlation))

    def forward_for(self, asker: Asker, ref: Ref, message: Message) -> None:
        """Pass an earlier question on."""
        target = self._cells.get(ref) or self._missing(ref, message)
        self._data.append((target, message, self._cells.get(asker.ref), asker.correlation))
        self._kernel.asks.retarget(asker.correlation, target)

    def effect(self, port: str, request: Message) -> int:
        """Ask the world: the request goes to the edge behind `port`, what it emits comes back with this correlation.

        A port may be durable first: then the request leaves only when everything up to it is on disk.
        """
        kernel = self._kernel
        if port not in kernel.ports:
            known = ", ".join(kernel.ports) or "none"
            raise UnknownPort(f"{self.me} uses port {port!r}, which is not in the tree (there are: {known})")
        return kernel.request_effect(self._cell, port, request)

    # -- time ---------------------------------------------------------------------------------------------------

    def after(self, delay_ns: int, message: Message, key: str) -> None:
        """Send oneself `message` after `delay_ns`; the same key again replaces the timer."""
        if type(delay_ns) is not int or delay_ns < 0:
            raise ActorError(f"{self.me} sets timer {key!r} {delay_ns!r} ns ahead, not a whole number from 0 on")
        operations = self._operations
        if len(self._cell.timers) + len(operations) >= self._cell.spec.mailbox:
            self._kernel.check_timers(self._cell, key)
        operations.append(("after", self._cell, delay_ns, message, key))

    def cancel(self, key: str) -> None:
        """Forget a timer; an unknown key is no error."""
        self._kernel.operations.append(("cancel", self._cell, 0, None, key))

    # -- lives --------------------------------------------------------------------------------------------------

    def watch(self, ref: Ref) -> None:
        """From now on: Down at each death of `ref`, Up at each later start."""
        if ref not in self._kernel.cells:
            self._missing(ref, None)
        self._kernel.operations.append(("watch", self._cell, 0, None, ref))

    def started(self) -> None:
        """End of `Starting`."""
        if self._cell.state is not CellState.STARTING:
            raise ActorError(f"{self.me} says started while {self._cell.state.value}")
        self._kernel.operations.append(("started", self._cell, 0, None, ""))

    def stopped(self) -> None:
        """End of `Stopping`."""
        if self._cell.state is not CellState.STOPPING:
            raise ActorError(f"{self.me} says stopped while {self._cell.state.value}")
        self._kernel.operations.append(("stopped", self._cell, 0, None, ""))

    def stop(self, reason: Reason = Reason.NORMAL) -> None:
        """End this incarnation when the handler returns; whether another follows is the restart type's to say."""
        if reason not in (Reason.NORMAL, Reason.SHUTDOWN):
            raise ActorError(f"{self.me} stops itself as {reason!r}: an end of one's own is normal or shutdown")
        self._kernel.operations.append(("exit", self._cell, 0, reason, ""))

    def escalate(self, error: BaseException) -> None:
        """End this incarnation and fail our supervisor with this error: no restart here, its parent judges."""
        if not isinstance(error, BaseException):
            raise ActorError(f"{self.me} escalates {error!r}, which is no exception")
        self._kernel.operations.append(("escalate", self._cell, 0, error, ""))

    def supervisor(self, ref: Ref) -> SupervisorCalls:
        """Management calls to a supervisor ("" is the root); each gives a correlation, `Managed` brings the result."""
        kernel, cell = self._kernel, self._cell
        if ref not in kernel.life.supervisors:
            raise UnknownRef(f"{self.me} calls {ref!r}, which is no supervisor in the tree")

        def make(verb: Verb, argument: Any) -> int:
            if ref == cell.supervisor.ref and cell.state is CellState.STARTING and kernel.in_hand[1] is None:
                raise ActorError(f"{self.me} calls its own supervisor from inside start, which waits for that start")
            correlation = kernel.asks.next_correlation()
            kernel.operations.append(("call", cell, correlation, (verb, argument), ref))
            return correlation

        return SupervisorCalls(make)

    def spawn(self, spec: Any = None) -> int:
        """Start one more child of our own supervisor; `Managed` brings the result with this correlation."""
        correlation: int = self.supervisor(self.parent).start_child(spec)
        return correlation

    # -- claims -------------------------------------------------------------------------------------------------

    def always(self, name: str, condition: bool) -> None:
        """An invariant: InvariantBroken, which is fatal, when it does not hold."""
        self._kernel.cover(name, bool(condition))
        if not condition:
            raise InvariantBroken(f"{self.me}: {name}")

    def sometimes(self, name: str, condition: bool) -> None:
        """A coverage mark: over many runs this should be true at least once."""
        self._kernel.cover(name, bool(condition))

    def _no_question(self, message: Message) -> ActorError:
        return ActorError(f"{self.me} would answer {type(message).__name__}, which is not a question")

    def _missing(self, ref: Ref, message: Message) -> Cell:
        """A name that was in the tree and is gone has a tombstone; one that never was is our fault."""
        stone = self._kernel.tombstone(ref)
        if stone is None:
            what = "watches" if message is None else f"sends {type(message).__name__} to"
            raise UnknownRef(f"{self.me} {what} {ref!r}, which is not in the tree")
        return stone
