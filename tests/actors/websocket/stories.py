"""A stream in the hand: its actor, an edge that is played here, and a venue's protocol in plain words.

Frames of the spoken protocol are `kind words…`: `pong`, `auth ok`, `auth late why`, `auth no why`, `ack ID`,
`no ID why`, `bar START`, `book U`, `snapshot U`, `order ID`, `done ID text`, `bye ID why`; anything else is unreadable.
"""

from collections.abc import Callable

from actors.model.backend import ClosedBars, PrivateFrame
from actors.model.calls import CallAnswered, SendCall, VenueCall
from actors.model.streams import (
    AnswerKind,
    AuthAnswer,
    CallReturned,
    CloseCause,
    CloseSocket,
    Continuity,
    Heard,
    OpenSocket,
    Pong,
    Remedy,
    SendText,
    SignIn,
    SocketClosed,
    SocketConnected,
    SocketFrame,
    StreamData,
    TopicsAnswer,
    Unreadable,
)
from actors.websocket.actor import ResilientWebSocket
from actors.websocket.messages import FollowStream, StreamKind, StreamQuery, StreamReport
from actors.websocket.policy import StreamPolicy
from actors.websocket.transitions import StreamState
from actors.websocket.wiring import StreamWiring
from runtime.drivers.simulated import EmitToTree
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from runtime.testing.harness import Said

__all__ = ["KINDS", "MINUTE_MS", "STAMP_MS", "Spoken", "Story", "a_policy", "bars_at"]

MINUTE_MS = 60_000
WALL_NS = 1_700_000_000 * SECOND_NS
STAMP_MS = 1_700_000_000_000
KINDS = {"ok": AnswerKind.ACCEPTED, "late": AnswerKind.FAILED, "no": AnswerKind.REFUSED}


def bars_at(start: int) -> ClosedBars:
    return ClosedBars("BTCUSDT", MINUTE_MS, start, start + MINUTE_MS)


class Spoken:
    """The protocol in plain words; `size` topics go into one request."""

    def __init__(self, topics: tuple[str, ...], *, is_signed: bool = False, size: int = 10) -> None:
        self.topics = topics
        self.is_signed = is_signed
        self._size = size

    def batches(self, topics: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        return tuple(topics[at : at + self._size] for at in range(0, len(topics), self._size))

    def subscribe(self, topics: tuple[str, ...], req_id: str) -> str:
        return f"subscribe {req_id} {' '.join(topics)}"

    def unsubscribe(self, topics: tuple[str, ...], req_id: str) -> str:
        return f"unsubscribe {req_id} {' '.join(topics)}"

    def ping(self) -> str:
        return "ping"

    def call(self, request: SendCall, req_id: str) -> str | None:
        return f"call {req_id} {request.call.payload}" if request.call.path == "/order" else None

    def read(self, text: str) -> Heard:
        kind, *words = text.split(" ", 2)
        match kind:
            case "done":
                return CallReturned(words[0], CallAnswered(200, " ".join(words[1:])))
            case "bye":
                return CallReturned(words[0], CallAnswered(200, "bye"), " ".join(words[1:]))
            case "pong":
                return Pong()
            case "auth":
                return AuthAnswer(KINDS[words[0]], " ".join(words[1:]))
            case "ack":
                return TopicsAnswer(words[0] if words else "", AnswerKind.ACCEPTED)
            case "no":
                return TopicsAnswer(words[0], AnswerKind.REFUSED, " ".join(words[1:]))
            case "bar":
                start = int(words[0])
                return StreamData("bars", (bars_at(start),), Continuity(start, start, MINUTE_MS, Remedy.BACKFILL))
            case "book" | "snapshot":
                u = int(words[0])
                return StreamData("book", (), Continuity(u, u, 1, Remedy.RESUBSCRIBE, kind == "snapshot"))
            case "order":
                return StreamData("order", (PrivateFrame(()),), foreign=tuple(words))
        return Unreadable("no word of this language")


def a_policy(**changes: object) -> StreamPolicy:
    return StreamPolicy(**changes)  # type: ignore[arg-type]


class Story:
    """One stream; what the edge is told stands in `sent`, what its readers, backfill and follower hear in `heard`."""

    def __init__(
        self,
        kind: StreamKind = StreamKind.PUBLIC,
        topics: tuple[str, ...] = ("bars", "book"),
        policy: StreamPolicy | None = None,
        *,
        size: int = 10,
        seed: int = 0,
    ) -> None:
        is_trade = kind is StreamKind.TRADE
        is_signed = is_trade or kind is StreamKind.PRIVATE
        wiring = StreamWiring(kind, "socket", (Ref("reader"),), Ref("backfill"), ("BTCUSDT", "ETHUSDT"))
        if is_trade:
            wiring = StreamWiring(kind, "socket", (), waits_for_live=False)
        protocol = Spoken(topics, is_signed=is_signed, size=size)
        factory: Callable[[], ResilientWebSocket] = lambda: ResilientWebSocket(wiring, protocol, policy)  # noqa: E731
        self.harness = ActorHarness(
            factory, others=("reader", "backfill", "follower"), ports=("socket",), seed=seed, wall_ns=WALL_NS
        )
        self.emit: EmitToTree | None = None  # the way back from the newest socket
        self.waited_s = 0.0
        self.sent: list[object] = []
        self.heard: list[tuple[str, object]] = []
        self.harness.driver.edges["socket"] = self._carry_out
        self.settle()

    # -- what has happened -------------------------------------------------------------------------------------------

    def _carry_out(self, request: object, emit: EmitToTree) -> None:
        if isinstance(request, OpenSocket):
            self.emit = emit
        self.sent.append(request)

    def settle(self) -> "Story":
        """All that follows at this instant."""
        return self.wait(0)

    @property
    def actor(self) -> ResilientWebSocket:
        actor = self.harness.actor
        assert isinstance(actor, ResilientWebSocket)
        return actor

    def state(self) -> StreamState:
        return self.actor._state

    def take_sent(self) -> list[str]:
        """What the edge was told since the last look, in short: texts, `open`, `close`, `sign in EXPIRES`."""
        short: list[str] = []
        for request in self.sent:
            match request:
                case SendText():
                    short.append(request.text)
                case OpenSocket():
                    short.append("open")
                case CloseSocket():
                    short.append("close")
                case SignIn():
                    short.append(f"sign in {request.expires_ms}")
        self.sent.clear()
        return short

    def take_heard(self, who: str) -> list[object]:
        """What one of the others heard since the last look."""
        found = [message for ref, message in self.heard if ref == who]
        self.heard = [each for each in self.heard if each[0] != who]
        return found

    def report(self) -> StreamReport:
        report = self.harness.ask(StreamQuery())
        assert isinstance(report, StreamReport)
        return report

    def follow(self) -> object:
        return self.harness.ask(FollowStream(Ref("follower")))

    # -- what happens ------------------------------------------------------------------------------------------------

    def edge(self, message: object) -> "Story":
        """The edge says something about the newest socket."""
        assert self.emit is not None
        self.emit(message)
        return self.settle()

    def connect(self) -> "Story":
        return self.edge(SocketConnected())

    def say(self, *texts: str) -> "Story":
        """Frames from the venue."""
        for text in texts:
            self.edge(SocketFrame(text))
        return self

    def drop(self, cause: CloseCause = CloseCause.BROKEN, status: int = 0) -> "Story":
        """The connection ends."""
        return self.edge(SocketClosed(cause, "as the test says", status))

    def tell(self, message: object) -> "Story":
        self._hear(self.harness.deliver(message))
        return self.settle()

    def call(self, payload: str, path: str = "/order", timeout_s: float = 5) -> int:
        """The gateway asks for a call; the number under which `answer` finds what it was told."""
        request = SendCall(VenueCall("POST", path, payload, True, True), round(timeout_s * 1000), STAMP_MS, 5000)
        number = self.harness.kernel.ask(None, self.harness.ref, request, round(timeout_s * SECOND_NS))
        self.settle()
        return number

    def answer(self, number: int) -> object:
        """What was told, once; None while nothing was."""
        return self.harness.kernel.outside_answers.pop(number, None)

    def wait(self, seconds: float) -> "Story":
        self._hear(self.harness.advance(round(seconds * SECOND_NS)))
        return self

    def retry(self) -> "Story":
        """Time passes until it connects again; how long that took stands in `waited_s`."""
        began = self.harness.kernel.now
        while self.state() is StreamState.BACKING_OFF:
            self.wait(0.05)
        assert self.state() is StreamState.CONNECTING
        self.waited_s = (self.harness.kernel.now - began) / SECOND_NS
        return self

    def crash(self) -> "Story":
        """The actor dies of something else."""
        self._hear(self.harness.crash())
        return self.settle()

    def _hear(self, said: list[Said]) -> None:
        self.heard += [(ref, message) for ref, message, _ in said]

    def answer_all(self) -> "Story":
        """Accept every subscription that was asked for since the last look."""
        while asked := [text.split()[1] for text in self.take_sent() if text.startswith(("subscribe", "unsubscribe"))]:
            self.say(*(f"ack {req_id}" for req_id in asked))
        return self

    def go_live(self) -> "Story":
        """Connect, sign in, subscribe."""
        self.connect()
        if self.actor._protocol.is_signed:
            self.say("auth ok")
        return self.answer_all()
