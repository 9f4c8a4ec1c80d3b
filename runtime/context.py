"""What an actor may do, and all it may see. One context an incarnation; what it does is released with the handler."""

from typing import TYPE_CHECKING

from runtime.cell import Cell, CellState
from runtime.errors import ActorError, UnknownRef
from runtime.messages import Asker, Message, Ref
from runtime.rng import RandomStream

if TYPE_CHECKING:
    from runtime.kernel import Kernel

__all__ = ["Context"]


class Context:
    """Bound to one incarnation of one cell."""

    __slots__ = ("_cell", "_kernel", "_streams", "incarnation", "me")

    def __init__(self, kernel: "Kernel", cell: Cell) -> None:
        self._kernel = kernel
        self._cell = cell
        self._streams: dict[str, RandomStream] = {}
        self.me = cell.ref
        self.incarnation = cell.incarnation

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
        """The correlation of the message in hand: of the ask to answer, or of our ask that this answers; 0 for none."""
        return self._kernel.in_hand[3]

    def rng(self, site: str) -> RandomStream:
        """The seeded random stream of that site."""
        if site not in self._streams:
            self._streams[site] = RandomStream(self._kernel.seed, f"{self.me}/{self.incarnation}/{site}")
        return self._streams[site]

    def send(self, ref: Ref, message: Message) -> None:
        """Tell; first in, first out from here to that receiver."""
        kernel = self._kernel
        try:
            cell = kernel.cells[ref]
        except KeyError:
            raise UnknownRef(f"{self.me} sends {type(message).__name__} to {ref!r}, which is not in the tree") from None
        if type(message) in kernel.recorded_classes:
            kernel.record(message)
        data = kernel.data
        if len(data) >= kernel.smallest_bound:
            kernel.send_under_pressure((cell, message, self._cell, 0))
        else:
            data.append((cell, message, self._cell, 0))

    def ask(self, ref: Ref, message: Message, timeout_ns: int) -> int:
        """Ask; the answer arrives as a message with this correlation, or AskFailed does. Returns the correlation."""
        if ref == self.me:
            raise ActorError(f"{self.me} asks itself: {type(message).__name__}")
        if timeout_ns <= 0:
            raise ActorError(f"{self.me} asks {ref} with a deadline of {timeout_ns} ns, not above 0")
        return self._kernel.ask(self._cell, ref, message, timeout_ns)

    def asker(self) -> Asker:
        """Who waits for an answer to the message in hand; kept by a receiver that answers later."""
        _, message, sender, correlation = self._kernel.in_hand
        if not correlation:
            raise ActorError(f"{self.me} would answer {type(message).__name__}, which is not a question")
        return Asker(sender.ref if sender is not None else Ref(""), correlation)

    def reply(self, answer: Message) -> None:
        """Answer the question in hand."""
        self._kernel.answer(self.asker().correlation, answer)

    def answer(self, asker: Asker, answer: Message) -> None:
        """Answer an earlier question; too late or twice is a dead letter."""
        self._kernel.answer(asker.correlation, answer)

    def forward(self, ref: Ref, message: Message) -> None:
        """Pass the question in hand on: the answer goes to whoever asked."""
        self.forward_for(self.asker(), ref, message)

    def forward_for(self, asker: Asker, ref: Ref, message: Message) -> None:
        """Pass an earlier question on."""
        kernel = self._kernel
        target = kernel.cell(ref)
        kernel.data.append((target, message, kernel.cells.get(asker.ref), asker.correlation))
        kernel.operations.append(("retarget", target, asker.correlation, None, ""))

    def after(self, delay_ns: int, message: Message, key: str) -> None:
        """Send oneself `message` after `delay_ns`; the same key again replaces the timer."""
        if delay_ns < 0:
            raise ActorError(f"{self.me} sets timer {key!r} {delay_ns} ns ahead, below 0")
        self._kernel.operations.append(("after", self._cell, delay_ns, message, key))

    def cancel(self, key: str) -> None:
        """Forget a timer; an unknown key is no error."""
        self._kernel.operations.append(("cancel", self._cell, 0, None, key))

    def watch(self, ref: Ref) -> None:
        """From now on: Down at each death of `ref`, Up at each later start."""
        self._kernel.cell(ref)
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
