"""What an actor may do, and all it may see: the contract between an actor and its kernel.

Each incarnation has one context. What a handler says through it takes effect when the handler returns, and never if it
raises. `runtime.kernel.context` implements it; a test may put anything of this shape in its place.
"""

from typing import Any, Protocol

from runtime.messages import Asker, Message, Reason, Ref, Remember
from runtime.rng import RandomStream
from runtime.supervision.management import SupervisorCalls

__all__ = ["Context"]


class Context(Protocol):
    """`me` is the actor's own name, `incarnation` the number of its life."""

    me: Ref
    incarnation: int

    # -- what it sees -------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Kernel time, ns, monotonic."""

    @property
    def wall(self) -> int:
        """Time at the venue, ns since the UTC epoch, as well as it is known: `wall_error_ns` says how well."""

    @property
    def wall_error_ns(self) -> int | None:
        """How far `wall` may be off at most, either way, ns; 0 on a virtual clock; None: nobody has measured it yet."""

    @property
    def correlation(self) -> int:
        """Of the message in hand: the ask to answer, or our ask, effect or call that it belongs to; 0 for none."""

    @property
    def parent(self) -> Ref:
        """Our supervisor."""

    def rng(self, site: str) -> RandomStream:
        """The seeded random stream of that site."""

    # -- saying -------------------------------------------------------------------------------------------------

    def send(self, ref: Ref, message: Message) -> None:
        """Tell; first in, first out from here to that receiver. A full mailbox acts when the handler has returned."""

    def note(self, message: Message) -> None:
        """Put a message of a recorded class on the record, and tell nobody; undone when the handler raises."""

    def remember(self, *memories: Remember) -> None:
        """Keep these for a later life, on the journal before anything that this handler sends is heard."""

    def recall(self, topic: str) -> tuple[tuple[str, Any], ...]:
        """Last known states of a topic by key, in the order in which their keys first appeared."""

    def ask(self, ref: Ref, message: Message, timeout_ns: int) -> int:
        """Ask; the answer arrives as a message with this correlation, or AskFailed does. Returns the correlation."""

    def asker(self) -> Asker:
        """Who waits for an answer to the message in hand; kept by a receiver that answers later."""

    def deadline_of(self, asker: Asker) -> int | None:
        """Until when (kernel ns) somebody waits for the answer to this question; None: nobody does any more."""

    def reply(self, answer: Message) -> None:
        """Answer the question in hand."""

    def answer(self, asker: Asker, answer: Message) -> None:
        """Answer an earlier question; too late or twice is a dead letter."""

    def forward(self, ref: Ref, message: Message) -> None:
        """Pass the question in hand on: the answer goes to whoever asked."""

    def forward_for(self, asker: Asker, ref: Ref, message: Message) -> None:
        """Pass an earlier question on."""

    def effect(self, port: str, request: Message) -> int:
        """Ask the world: the request goes to the edge behind `port`, what it emits comes back with this correlation.

        A port may be durable first: then the request leaves only when everything up to it is on disk.
        """

    # -- time ---------------------------------------------------------------------------------------------------

    def after(self, delay_ns: int, message: Message, key: str) -> None:
        """Send oneself `message` after `delay_ns`; the same key again replaces the timer."""

    def cancel(self, key: str) -> None:
        """Forget a timer; an unknown key is no error."""

    def correct_wall(self, offset_ns: int, error_ns: int, drift_ppm: int) -> None:
        """When the handler returns: `wall` is `now + offset_ns` for everybody, within `error_ns`.

        That error grows by `drift_ppm` millionths of the time since then. A journal records each correction.
        """

    # -- lives --------------------------------------------------------------------------------------------------

    def watch(self, ref: Ref) -> None:
        """From now on: Down at each death of `ref`, Up at each later start."""

    def started(self) -> None:
        """End of `Starting`."""

    def stopped(self) -> None:
        """End of `Stopping`."""

    def stop(self, reason: Reason = Reason.NORMAL) -> None:
        """End this incarnation when the handler returns; the restart type decides whether another follows."""

    def escalate(self, error: BaseException) -> None:
        """End this incarnation and fail our supervisor with this error: no restart here, its parent judges."""

    def supervisor(self, ref: Ref) -> SupervisorCalls:
        """Management calls to a supervisor ("" is the root); each gives a correlation, `Managed` brings the result."""

    def spawn(self, spec: Any = None) -> int:
        """Start one more child of our own supervisor; `Managed` brings the result with this correlation."""

    # -- claims -------------------------------------------------------------------------------------------------

    def always(self, name: str, condition: bool) -> None:
        """An invariant: InvariantBroken, which is fatal, when it does not hold."""

    def sometimes(self, name: str, condition: bool) -> None:
        """A coverage mark: over many runs this should be true at least once."""
