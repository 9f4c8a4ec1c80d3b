"""A small tree with much traffic for the tests of faults: senders, an actor that is asked and watches, and timers."""

from typing import Any

import msgspec

from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.audit import Audit
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.kernel.recorder import Recorder
from runtime.messages import AskFailed, Down, Ref, Up
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["Word", "build", "drive", "spoken"]

TALKERS = ("a", "b", "c")


class Word(msgspec.Struct, frozen=True):
    """The n-th word of a talker; the second field tells whether an answer is wanted."""

    speaker: str
    number: int
    is_question: bool = False


class Tick(msgspec.Struct, frozen=True):
    """A talker's own timer."""


class Talker(Actor):
    """Says ten words a second to its neighbour and asks the clerk a question."""

    def __init__(self, following: Ref) -> None:
        self._following = following
        self._count = 0

    def start(self, ctx: Context) -> StartResult:
        ctx.after(SECOND_NS, Tick(), "tick")
        return STARTED

    @handles(Tick)
    def tick(self, message: Tick, ctx: Context) -> None:
        for _ in range(5):
            self._count += 1
            ctx.send(self._following, Word(ctx.me, self._count))
        ctx.ask(Ref("clerk"), Word(ctx.me, self._count, True), SECOND_NS // 2)
        ctx.after(SECOND_NS, Tick(), "tick")

    @handles(Word)
    def hear(self, message: Word, ctx: Context) -> None:
        ctx.sometimes("an answer came", message.is_question)

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        ctx.sometimes("no answer came", True)


class Clerk(Actor):
    """Answers; watches the talkers."""

    def start(self, ctx: Context) -> StartResult:
        for name in TALKERS:
            ctx.watch(Ref(name))
        return STARTED

    @handles(Word)
    def asked(self, message: Word, ctx: Context) -> None:
        ctx.reply(message)

    @handles(Down, Up)
    def noted(self, message: Down | Up, ctx: Context) -> None:
        ctx.sometimes("a talker died", isinstance(message, Down))


def build(faults: Faults | None, audit: Audit | None = None) -> Kernel:
    following = dict(zip(TALKERS, (*TALKERS[1:], TALKERS[0]), strict=True))

    def talker(name: str) -> ActorSpec:
        return ActorSpec(name, lambda: Talker(Ref(following[name])))

    children = (*map(talker, TALKERS), ActorSpec("clerk", Clerk))
    tree = SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, children, intensity=1_000)
    recorder = Recorder({Word: lambda word: (word.speaker, word.number, word.is_question)})
    return Kernel(tree, recorder, faults=faults, audit=audit)


def drive(driver: SimulatedDriver) -> None:
    driver.run_until(5 * SECOND_NS + SECOND_NS // 4)


def spoken(kernel: Kernel) -> list[Any]:
    return [record.message for record in kernel.recorder.stream]
