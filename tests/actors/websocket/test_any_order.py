"""Whatever happens in whatever order, the stream keeps its promises; Hypothesis chooses what happens.

A venue is kept beside the actor: it knows which sockets are open and what is subscribed on each, and objects.
"""

from collections import deque

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.model.maintenance import MaintenanceOver, MaintenancePlanned
from actors.model.streams import (
    CloseCause,
    CloseSocket,
    OpenSocket,
    SendText,
    SignIn,
    SocketClosed,
    SocketConnected,
    SocketFrame,
)
from actors.websocket.messages import StreamKind
from actors.websocket.transitions import IGNORED, StreamState
from runtime.drivers.simulated import EmitToTree
from runtime.spec import SECOND_NS
from tests.actors.websocket.stories import WALL_NS, Story, a_policy

S = StreamState
BUDGET, WINDOW_S = 20, 300
MAX_WAIT_NS = 30 * SECOND_NS
POLICY = a_policy(budget=BUDGET, max_refusals=10**6, start_attempts=10**6, stable_ns=5 * SECOND_NS)


class Venue:
    """What the edge and the venue behind it see. Answers wait until the story lets them come."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.open: dict[str, EmitToTree] = {}
        self.held: dict[str, None] = {}  # topics of the one connection
        self.opened_ns: deque[int] = deque()
        self.numbers = 0
        self.answers: deque[SocketFrame | SocketClosed | SocketConnected] = deque()
        self.refuses = False
        for request in story.sent:
            self.carry_out(request, story.emit)
        story.harness.driver.edges["socket"] = self.carry_out

    def carry_out(self, request: object, emit: EmitToTree | None) -> None:
        match request:
            case OpenSocket(name):
                assert emit is not None
                assert not self.open, "two connects in flight"
                self.open[name] = self.story.emit = emit
                self.held.clear()
                self.answers.clear()
                self.numbers = 0
                now = self.story.harness.kernel.now
                self.opened_ns.append(now)
                recent = [at for at in self.opened_ns if at > now - WINDOW_S * SECOND_NS]
                assert len(recent) <= BUDGET, "beyond the budget"
                self.answers.append(SocketConnected())
            case CloseSocket():
                self.answers.append(SocketClosed(CloseCause.OURS))
            case SignIn(name, number):
                self.count(name, number)
                self.answers.append(SocketFrame("auth late" if self.refuses else "auth ok"))
            case SendText(name, number, text):
                self.count(name, number)
                self.hear(text)

    def count(self, name: str, number: int) -> None:
        assert name in self.open, "sent to a socket that is closed"
        self.numbers += 1
        assert number == self.numbers

    def hear(self, text: str) -> None:
        op, *words = text.split()
        if op == "ping":
            self.answers.append(SocketFrame("pong"))
            return
        req_id, *topics = words
        if op == "unsubscribe":
            for topic in topics:
                del self.held[topic]
        elif self.refuses:
            self.answers.append(SocketFrame(f"no {req_id} refused"))
            return
        else:
            assert not set(topics) & set(self.held), "subscribed twice"
            self.held.update(dict.fromkeys(topics))
        self.answers.append(SocketFrame(f"ack {req_id}"))

    def give(self, message: SocketFrame | SocketClosed | SocketConnected) -> None:
        if isinstance(message, SocketClosed):
            self.open.clear()
            self.answers.clear()
        self.story.edge(message)


NAMES = st.sampled_from(["a", "b"])
STEPS = st.one_of(
    st.just("answer"),
    st.just("answer"),
    st.just("answer all"),
    st.just("lose answer"),
    st.just("drop"),
    st.sampled_from(["pong", "noise", "ack 7", "auth ok", "auth late x", "snapshot 5", "bar 60000"]),
    st.integers(0, 9).map(lambda u: f"book {u}"),
    st.sampled_from([0.0, 0.3, 1.0, 7.0, 20.0, 41.0, 100.0]),
    st.booleans(),
    st.tuples(NAMES, st.integers(-60, 60), st.integers(0, 120)),
    NAMES.map(lambda name: ("over", name)),
)


@given(st.lists(STEPS, max_size=60), st.sampled_from([StreamKind.PUBLIC, StreamKind.PRIVATE]), st.integers(0, 5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_order_of_events_breaks_a_promise(steps: list[object], kind: StreamKind, seed: int) -> None:
    story = Story(kind, ("bars", "book", "order"), POLICY, size=2, seed=seed)
    venue = Venue(story)
    play(story, venue, "answer all")  # the start of a first life has a deadline
    assert story.state() is S.LIVE
    for step in steps:
        play(story, venue, step)
        check(story, venue)
    recover(story, venue)


def play(story: Story, venue: Venue, step: object) -> None:
    match step:
        case "answer" | "answer all":
            while venue.answers:
                venue.give(venue.answers.popleft())
                if step == "answer":
                    break
        case "lose answer":
            if venue.answers and not isinstance(venue.answers[0], SocketClosed):
                venue.answers.popleft()
        case "drop":
            if venue.open:
                venue.give(SocketClosed(CloseCause.BROKEN))
        case bool(refuses):
            venue.refuses = refuses
        case float(seconds):
            pass_time(story, venue, seconds)
        case str(text):
            if venue.open and story.state() is not S.CONNECTING:
                venue.give(SocketFrame(text))
        case ("over", str(name)):
            story.tell(MaintenanceOver(name))
        case (str(name), int(begin_s), int(lasts_s)):
            begin_ms = (WALL_NS + story.harness.kernel.now) // 1_000_000 + 1000 * begin_s
            story.tell(MaintenancePlanned(name, begin_ms, begin_ms + 1000 * lasts_s))


def pass_time(story: Story, venue: Venue, seconds: float) -> None:
    """The edge keeps its own promise: what it is told to close is closed within a few seconds."""
    while seconds > 0:
        for answer in [each for each in venue.answers if isinstance(each, SocketClosed)]:
            venue.give(answer)
        story.wait(min(seconds, 3.0))
        check(story, venue)
        seconds -= 3.0


def check(story: Story, venue: Venue) -> None:
    life, state = story.harness.kernel.life, story.state()
    assert life.outcome is None
    assert not life.causes, list(life.causes)
    assert set(story.actor.counts.ignored) <= set(IGNORED)
    if state in (S.CONNECTING, S.AUTHENTICATING, S.SUBSCRIBING, S.LIVE, S.STALE):
        assert len(venue.open) == 1
    if state is S.BACKING_OFF:
        assert not venue.open


def recover(story: Story, venue: Venue) -> None:
    """Once all is well again the stream is live in bounded time: a plan, a full budget window and a backoff."""
    venue.refuses = False
    for name in "ab":
        story.tell(MaintenanceOver(name))
    for _ in range((WINDOW_S + 100) // 3):
        play(story, venue, "answer all")
        story.wait(3.0)
        check(story, venue)
        if story.state() is S.LIVE and not venue.answers and set(venue.held) == {"bars", "book", "order"}:
            break
    else:
        raise AssertionError(f"still {story.state().name}, subscribed to {', '.join(venue.held)}")


def test_the_backoff_is_bounded_whatever_the_number_of_attempts() -> None:
    for attempts in (1, 2, 7, 8, 50, 10_000):
        for chance in (0.0, 0.5, 0.999999):
            assert 0 < POLICY.backoff_ns(attempts, chance) <= MAX_WAIT_NS
