"""A small tree with everything that a journal records, and a store in memory: for the tests of boundary and replay."""

from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.simulated import EmitToTree, SimulatedDriver
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.replay import Replay, ReplayReport
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink, Port
from runtime.kernel.recorder import Recorder
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["CODEC", "Answered", "Asked", "Buyer", "Decision", "MemoryStore", "Row", "Tick", "build", "play", "replay"]


class Tick(msgspec.Struct, frozen=True):
    """From outside: something to think about."""

    number: int


class Asked(msgspec.Struct, frozen=True):
    """To the world."""

    number: int
    amount: int


class Answered(msgspec.Struct, frozen=True):
    """From the world."""

    number: int


class Decision(msgspec.Struct, frozen=True):
    """What is recorded."""

    number: int
    total: int


CODEC = Codec((Tick, Asked, Answered))
PORTS = {"world": Port(), "bank": Port(is_durable_first=True)}


class Buyer(Actor):
    """Asks the world at every tick, the bank at every answer; numbers that 7 divides are too much for it."""

    def __init__(self) -> None:
        self.total = 0

    def start(self, ctx: Context) -> StartResult:
        ctx.after(10 * SECOND_NS, Tick(1000), "late")
        return STARTED

    @handles(Tick)
    def tick(self, message: Tick, ctx: Context) -> None:
        if message.number % 7 == 0:
            raise ValueError("sevens are too much")
        self.total += message.number
        ctx.send(Ref("book"), Decision(message.number, self.total))
        ctx.effect("world", Asked(message.number, self.total))

    @handles(Answered)
    def answered(self, message: Answered, ctx: Context) -> None:
        self.total += message.number
        ctx.effect("bank", Asked(message.number, self.total))


class Book(Actor):
    """Hears of decisions."""

    @handles(Decision)
    def decided(self, message: Decision, ctx: Context) -> None:
        pass


@attrs.frozen
class Row:
    """One record."""

    sequence: int
    time_ns: int
    kind: str
    payload: bytes


class MemoryStore:
    """Everything is durable at a commit."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.durable = -1

    @property
    def pending_bytes(self) -> int:
        return 0

    def append(self, kind: str, time_ns: int, payload: bytes) -> int:
        self.rows.append(Row(len(self.rows), time_ns, kind, payload))
        return len(self.rows) - 1

    def commit(self) -> int:
        self.durable = len(self.rows) - 1
        return self.durable


def build(journal: JournalSink | None, buyer: Callable[[], Actor] = Buyer) -> Kernel:
    children = (ActorSpec("book", Book), ActorSpec("buyer", buyer))
    root = SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, children, intensity=50)
    recorder = Recorder({Decision: lambda message: (message.number, message.total)})
    return Kernel(root, recorder, ports=PORTS, journal=journal)


def play(store: Any, world: Any = None) -> SimulatedDriver:
    """A run with inputs of every kind, to its ordered end."""
    boundary = Boundary(store, CODEC)
    kernel = build(boundary)
    boundary.kernel = kernel

    def answer(request: Asked, emit: EmitToTree) -> None:
        if request.number == 5:
            raise ConnectionError("the line is down")
        emit(Answered(100 + request.number), delay_ns=SECOND_NS // 2)

    def nothing(request: Asked, emit: EmitToTree) -> None:
        pass

    driver = SimulatedDriver(kernel, edges={"world": world or answer, "bank": nothing}, store=store)
    driver.start()
    buyer = Ref("buyer")
    for number in range(1, 12):
        kernel.tell(buyer, Tick(number))
        driver.run_until(number * SECOND_NS)
        if number == 3:
            kernel.kill(buyer)
        if number == 8:
            driver.supervisor().terminate_child("book")
            driver.supervisor().restart_child("book")
    driver.run_until(30 * SECOND_NS)
    driver.stop("done")
    return driver


def replay(rows: list[Row], buyer: Callable[[], Actor] = Buyer) -> ReplayReport:
    return Replay(rows, lambda sink: build(sink, buyer), CODEC).run()
