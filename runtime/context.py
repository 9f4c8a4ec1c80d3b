"""The contract between an actor and its kernel: everything an actor may do and see.

Each incarnation has one context. A handler's calls take effect when the handler returns, and never if it raises.
`runtime.kernel.context` implements it; a test may use any object with these methods.
"""

from typing import Any, Protocol

from runtime.messages import Asker, Message, Reason, Ref, Remember
from runtime.rng import RandomStream
from runtime.supervision.management import SupervisorCalls

__all__ = ["Context"]


class Context(Protocol):
    """`me` is the actor's own name, `incarnation` its number, from 1."""

    me: Ref
    incarnation: int

    # -- what it sees -------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Kernel time, ns, monotonic."""

    @property
    def wall(self) -> int:
        """The best estimate of the venue's time, ns since the UTC epoch; `wall_error_ns` bounds its error."""

    @property
    def wall_error_ns(self) -> int | None:
        """Largest error of `wall` in either direction, ns; 0 on a virtual clock; None until it has been measured."""

    @property
    def correlation(self) -> int:
        """The correlation of the message in hand: of the ask to answer, or of our ask, effect or call; 0 for none."""

    @property
    def parent(self) -> Ref:
        """The name of the actor's supervisor."""

    def rng(self, site: str) -> RandomStream:
        """The random stream of seed, actor, incarnation and `site`."""

    # -- saying -------------------------------------------------------------------------------------------------

    def send(self, ref: Ref, message: Message) -> None:
        """Send a message; messages to one receiver stay in order. A full mailbox's policy applies at our return."""

    def note(self, message: Message) -> None:
        """Record a message of a recorded class without sending it; undone when the handler raises."""

    def remember(self, *memories: Remember) -> None:
        """Keep these for a later life, on the journal before anything that this handler sends is heard."""

    def recall(self, topic: str) -> tuple[tuple[str, Any], ...]:
        """Last known states of a topic by key, in the order in which their keys first appeared."""

    def ask(self, ref: Ref, message: Message, timeout_ns: int) -> int:
        """Ask; returns the correlation with which the answer or AskFailed arrives as a message."""

    def asker(self) -> Asker:
        """The asker of the message in hand, to keep for a later `answer`."""

    def deadline_of(self, asker: Asker) -> int | None:
        """Deadline (kernel ns) of an open question; None if its asker no longer waits."""

    def reply(self, answer: Message) -> None:
        """Answer the message in hand."""

    def answer(self, asker: Asker, answer: Message) -> None:
        """Answer an earlier question; a late or second answer is a dead letter."""

    def forward(self, ref: Ref, message: Message) -> None:
        """Forward the question in hand; the answer goes to its asker."""

    def forward_for(self, asker: Asker, ref: Ref, message: Message) -> None:
        """Forward an earlier question."""

    def effect(self, port: str, request: Message) -> int:
        """Send a request to the edge behind `port`; returns the correlation with which its results arrive.

        If the port is durable first, the request leaves only when everything up to it is on disk.
        """

    # -- time ---------------------------------------------------------------------------------------------------

    def after(self, delay_ns: int, message: Message, key: str) -> None:
        """Send this actor `message` after `delay_ns`; a timer of the same key is replaced."""

    def cancel(self, key: str) -> None:
        """Cancel a timer; an unknown key is no error."""

    def correct_wall(self, offset_ns: int, error_ns: int, drift_ppm: int) -> None:
        """Set `wall` to `now + offset_ns`, within `error_ns`, for all actors when the handler returns.

        The error grows by `drift_ppm` millionths of the time since then. A journal records each correction.
        """

    # -- lives --------------------------------------------------------------------------------------------------

    def watch(self, ref: Ref) -> None:
        """Receive Down at each death of `ref` and Up at each later start, from now on."""

    def started(self) -> None:
        """An actor that returned STARTING has started."""

    def stopped(self) -> None:
        """An actor that returned STOPPING has stopped."""

    def stop(self, reason: Reason = Reason.NORMAL) -> None:
        """End this incarnation when the handler returns; the restart type decides whether another follows."""

    def escalate(self, error: BaseException) -> None:
        """End this incarnation and fail its supervisor with this error; the supervisor's parent decides."""

    def supervisor(self, ref: Ref) -> SupervisorCalls:
        """Management calls to a supervisor ("" is the root); each returns the correlation of its `Managed` result."""

    def spawn(self, spec: Any = None) -> int:
        """Start one more child of the actor's supervisor; returns the correlation of its `Managed` result."""

    # -- claims -------------------------------------------------------------------------------------------------

    def always(self, name: str, condition: bool) -> None:
        """Assert an invariant; raises InvariantBroken, which is fatal, if `condition` is false."""

    def sometimes(self, name: str, condition: bool) -> None:
        """Count a coverage condition: over many runs it should be true at least once."""
