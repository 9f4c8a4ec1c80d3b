"""Random programs of actors: what each does with each kind of message, small bounds, every policy, and a diary of it.

The diary is kept by the actors and the script, never by the kernel: what was said (with a number that tells messages
apart), what a handler ended with, in which life. The tests compare it with what the kernel claims.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import msgspec
from hypothesis import strategies as st

from runtime.actor import Actor
from runtime.context import Context
from runtime.kernel.audit import Audit
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink
from runtime.kernel.recorder import Recorder
from runtime.messages import AskFailed, Ref, Rejected, ResyncNeeded
from runtime.overflow import CONFLATE, DROP_OLDEST, FATAL, REJECT, RESYNC, Overflow
from runtime.spec import ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["NAMES", "Diary", "Program", "Told", "World", "programs"]

NAMES = ("a", "b", "c")
KINDS = 3
FUEL = 3
POLICIES = {
    "reject": REJECT,
    "drop_oldest": DROP_OLDEST,
    "conflate": CONFLATE(lambda message: message.kind),
    "resync": RESYNC,
    "fatal": FATAL,
}

Step = tuple[Any, ...]


class Told(msgspec.Struct, frozen=True):
    """A message: what to do at it, how many more may follow from it, and a number of its own."""

    kind: int
    fuel: int
    number: int
    sender: str


class Asked(Told, frozen=True):
    """The same, as a question."""


class Timed(Told, frozen=True):
    """The same, from a timer."""


class Answer(msgspec.Struct, frozen=True):
    """An answer, to be told apart."""

    number: int


@attrs.define
class Diary:
    """`said` and `handled` are (receiver, message); `handled` with the receiver's life, `order` in one line."""

    said: list[tuple[str, Told]] = attrs.field(factory=list)
    handled: list[tuple[str, int, object]] = attrs.field(factory=list)
    armed: dict[int, tuple[str, int]] = attrs.field(factory=dict)  # number of a timer's message: who, in which life
    asked: dict[int, tuple[str, int]] = attrs.field(factory=dict)  # correlation: who, in which life
    strays: list[str] = attrs.field(factory=list)  # what reached a life that it was not for
    void: set[int] = attrs.field(factory=set)  # numbers of what a handler said that crashed then
    numbers: int = 0

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def pairs(self) -> dict[tuple[str, str], list[int]]:
        """Numbers of the plain messages handled, by (sender, receiver), in the order of handling."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for receiver, _, message in self.handled:
            if type(message) is Told:
                found[message.sender, receiver].append(message.number)
        return found


class Player(Actor):
    """Plays its part of a program; every handler ends in the diary, or in a crash."""

    def __init__(self, name: str, program: "Program", diary: Diary) -> None:
        self._name = name
        self._program = program
        self._diary = diary
        self._asker: Any = None
        self.overflow = {Told: POLICIES[program.policies[name]]}  # type: ignore[misc]

    def receive(self, message: Any, ctx: Context) -> None:
        if isinstance(message, Told):
            if type(message) is Asked:
                self._asker = ctx.asker()
            before = self._diary.numbers
            try:
                for step in self._program.steps[self._name, message.kind]:
                    self._do(step, message, ctx)
            except BaseException:
                self._diary.void.update(range(before + 1, self._diary.numbers + 1))
                raise
        self._diary.handled.append((self._name, ctx.incarnation, message))
        me = (self._name, ctx.incarnation)
        if isinstance(message, Answer | AskFailed) and self._diary.asked[ctx.correlation] != me:
            self._diary.strays.append(f"{message} reached {me}")
        if type(message) is Timed and self._diary.armed[message.number] != me:
            self._diary.strays.append(f"{message} reached {me}")

    def _do(self, step: Step, message: Told, ctx: Context) -> None:
        verb, diary = step[0], self._diary
        if verb == "crash":
            raise RuntimeError("as the program says")
        if verb == "answer" and self._asker is not None:
            ctx.answer(self._asker, Answer(diary.next_number()))
        elif verb == "stop":
            ctx.cancel(f"{step[1]}")
        if message.fuel == 0:
            return
        if verb == "send":
            said = Told(step[2], message.fuel - 1, diary.next_number(), self._name)
            ctx.send(Ref(step[1]), said)
            diary.said.append((step[1], said))
        elif verb == "ask" and step[1] != self._name:
            question = Asked(step[2], message.fuel - 1, diary.next_number(), self._name)
            correlation = ctx.ask(Ref(step[1]), question, step[3])
            diary.asked[correlation] = (self._name, ctx.incarnation)
            diary.said.append((step[1], question))
        elif verb == "time":
            timed = Timed(step[2], message.fuel - 1, diary.next_number(), self._name)
            diary.armed[timed.number] = (self._name, ctx.incarnation)
            ctx.after(step[1], timed, f"{step[2]}")


@attrs.frozen
class Program:
    """`steps` by (actor, kind of message), bounds and policies by actor, and what comes from outside."""

    steps: dict[tuple[str, int], Sequence[Step]]
    bounds: dict[str, int]
    policies: dict[str, str]
    script: Sequence[Step]


verbs = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(NAMES), st.integers(0, KINDS - 1)),
    st.tuples(st.just("send"), st.sampled_from(NAMES), st.integers(0, KINDS - 1)),
    st.tuples(st.just("ask"), st.sampled_from(NAMES), st.integers(0, KINDS - 1), st.integers(1, 4)),
    st.tuples(st.just("time"), st.integers(0, 4), st.integers(0, KINDS - 1)),
    st.tuples(st.just("stop"), st.integers(0, KINDS - 1)),
    st.tuples(st.just("answer")),
    st.tuples(st.just("crash")),
)
outside = st.one_of(
    st.tuples(st.just("tell"), st.sampled_from(NAMES), st.integers(0, KINDS - 1), st.integers(1, 4)),
    st.tuples(st.just("pump"), st.integers(1, 6)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
    st.tuples(st.just("kill"), st.sampled_from(NAMES)),
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Three actors, three kinds of message, up to three steps a handler, up to a dozen things from outside."""
    return Program(
        {(name, kind): draw(st.lists(verbs, max_size=3)) for name in NAMES for kind in range(KINDS)},
        {name: draw(st.integers(1, 5)) for name in NAMES},
        {name: draw(st.sampled_from(sorted(POLICIES))) for name in NAMES},
        draw(st.lists(outside, min_size=1, max_size=12)),
    )


class World:
    """A kernel that plays a program; `check` is called after every step from outside."""

    def __init__(
        self,
        program: Program,
        *,
        audit: Audit | None = None,
        faults: Faults | None = None,
        journal: JournalSink | None = None,
        check: Callable[["World"], None] | None = None,
    ) -> None:
        self.program = program
        self.diary = Diary()
        children = tuple(ActorSpec(name, self._factory(name), mailbox=program.bounds[name]) for name in NAMES)
        root = SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, children, intensity=1_000)
        recorder = Recorder({Told: lambda told: (told.kind, told.number, told.sender)})
        self.kernel = Kernel(root, recorder, faults=faults, audit=audit, journal=journal)
        self._check = check
        self.kernel.start()
        self.kernel.pump()

    def _factory(self, name: str) -> Callable[[], Player]:
        return lambda: Player(name, self.program, self.diary)

    def play(self) -> "World":
        """Everything from outside, then until nothing is left to do."""
        for step in self.program.script:
            self._act(step)
            if self._check is not None:
                self._check(self)
        self._wait(50)
        return self

    def _act(self, step: Step) -> None:
        kernel = self.kernel
        match step[0]:
            case "tell":
                for _ in range(step[3]):
                    said = Told(step[2], FUEL, self.diary.next_number(), "outside")
                    self.diary.said.append((step[1], said))
                    kernel.tell(Ref(step[1]), said)
            case "pump":
                for _ in range(step[1]):
                    kernel.step()
                    if self._check is not None:
                        self._check(self)
            case "wait":
                self._wait(step[1])
            case "kill":
                kernel.kill(Ref(step[1]))

    def _wait(self, ns: int) -> None:
        kernel = self.kernel
        kernel.pump()
        for _ in range(ns):
            kernel.set_time(kernel.now + 1)
            kernel.fire_timers()
            kernel.pump()

    def dead(self, kind: type) -> int:
        """Dead letters of a class, whatever the cause."""
        return sum(count for (name, _), count in self.kernel.dead_letters.counts.items() if name == kind.__name__)

    def waiting(self, kind: type) -> int:
        """Messages of a class that lie in the data lane."""
        return sum(type(envelope.message) is kind for envelope in self.kernel.data)

    def depths(self) -> Counter[str]:
        """Waiting messages by receiver; what the kernel itself puts in is not bounded."""
        own = (ResyncNeeded, Rejected)
        return Counter(str(mail.receiver.ref) for mail in self.kernel.data if not isinstance(mail.message, own))

    def story(self) -> tuple[object, ...]:
        """All that can be told of the run."""
        kernel = self.kernel
        letters = [(letter.time_ns, letter.ref, letter.message, letter.cause) for letter in kernel.dead_letters.last]
        return (self.diary.handled, kernel.events, letters, kernel.recorder.digest(), kernel.now, kernel.life.outcome)


def overflow_of(name: str) -> Overflow:
    """A policy by its name."""
    return POLICIES[name]
