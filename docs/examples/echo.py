"""A supervised echo: the actors and their tree, which know nothing of sockets, threads or clocks.

`line` receives and numbers the callers' lines; `echo` answers them, and crashes at the word "boom". Answers leave
through the port `say`, which is durable first: none leaves before its line, number and answer are in the journal.
"""

import msgspec

from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.edges.lines import LineCame, Listening, NoMoreLines, Say
from runtime.journal.codec import Codec
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink, Port
from runtime.kernel.recorder import Recorder
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, Backoff, RestartStrategy, SupervisorSpec

__all__ = ["CODEC", "PORTS", "Echo", "Line", "Numbered", "echo_kernel", "echo_tree"]

PORTS = {"listen": Port(), "say": Port(is_durable_first=True)}
CODEC = Codec((LineCame, NoMoreLines, Listening))  # what comes in from outside


class Numbered(msgspec.Struct, frozen=True):
    """A caller's line, with our number for it."""

    number: int
    caller: int
    text: str


class Line(Actor):
    """Opens the line at its start and has started once the server listens; numbers the lines."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._count = 0

    def start(self, ctx: Context) -> StartResult:
        ctx.effect("listen", self._port)
        return STARTING

    @handles(Listening)
    def listening(self, message: Listening, ctx: Context) -> None:
        """Now `echo`, the next child, may start, and the service may report that it is ready."""
        ctx.started()

    @handles(LineCame)
    def came(self, message: LineCame, ctx: Context) -> None:
        """Number a line and pass it to `echo`."""
        self._count += 1
        ctx.send(Ref("echo"), Numbered(self._count, message.caller, message.text))

    @handles(NoMoreLines)
    def gone(self, message: NoMoreLines, ctx: Context) -> None:
        """Nothing to do."""


class Echo(Actor):
    """Answers each line with its number and text."""

    @handles(Numbered)
    def answer(self, message: Numbered, ctx: Context) -> None:
        """Answer a line; a handler is atomic, so the answer to a line that crashes it is never sent."""
        ctx.effect("say", Say(message.caller, f"{message.number}: {message.text}"))
        if message.text == "boom":
            raise ValueError("boom")


def echo_tree(port: int = 0) -> SupervisorSpec:
    """`line` is first, so that it stops last; a child that dies is restarted alone."""
    children = (
        ActorSpec("line", lambda: Line(port)),
        ActorSpec("echo", Echo, backoff=Backoff(min_ns=SECOND_NS // 100)),
    )
    return SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, children, intensity=100, period_ns=SECOND_NS)


def echo_kernel(journal: JournalSink | None = None, port: int = 0, faults: Faults | None = None) -> Kernel:
    """A kernel of that tree; the numbers given are its decisions. `faults` plants faults."""
    recorder = Recorder({Numbered: lambda line: (line.number, line.text)})
    return Kernel(echo_tree(port), recorder, ports=PORTS, journal=journal, faults=faults)
