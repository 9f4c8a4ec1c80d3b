"""One actor, message by message, with a clock held in the hand: no tree to build, every word it says is there to see.

It runs on the real kernel. The names that the actor speaks to are given; whatever stands there keeps what it hears and
answers only what it is told to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.actor import STARTED, Actor, StartResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.cell import CellState
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Effect, Port
from runtime.messages import Message, Ref, Remember
from runtime.spec import ActorSpec, Restart, RestartStrategy, SupervisorSpec

__all__ = ["ActorHarness", "Said"]

Said = tuple[Ref, Any, int]  # to whom, what, and its correlation (0: a tell)


class _Listener(Actor):
    """Stands where another actor would."""

    def __init__(self, said: list[Said]) -> None:
        self._said = said

    def start(self, ctx: Context) -> StartResult:
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        self._said.append((ctx.me, message, ctx.correlation))


class _Memories:
    """A journal that keeps what is remembered, and counts the rest."""

    def __init__(self) -> None:
        self.kept: list[Remember] = []
        self._count = 0

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        self._count += 1
        if kind == "memory":
            self.kept.append(payload[2])
        return self._count


class ActorHarness:
    """`factory` builds the actor, which lives at `ref`; `others` are names it speaks to, `ports` those it uses.

    With `wall_ns` the wall clock is a local one that shows as much at the start, of unknown error; else it is virtual.
    """

    def __init__(
        self,
        factory: Callable[[], Actor],
        *,
        ref: str = "actor",
        others: Sequence[str] = (),
        ports: Sequence[str] = (),
        seed: int = 0,
        wall_ns: int | None = None,
    ) -> None:
        self.ref = Ref(ref)
        self._said: list[Said] = []
        leaves: dict[str, Callable[[], Actor]] = {other: lambda: _Listener(self._said) for other in others}
        leaves[ref] = factory
        tree = SupervisorSpec("root", RestartStrategy.ONE_FOR_ONE, _children(leaves), intensity=1_000)
        self._memories = _Memories()
        self.kernel = Kernel(tree, seed=seed, ports={name: Port() for name in ports}, journal=self._memories)
        self.driver = SimulatedDriver(self.kernel)
        if wall_ns is not None:
            self.kernel.read_wall(wall_ns)
        self.kernel.start()
        self.kernel.pump()

    @property
    def is_started(self) -> bool:
        """Whether it is up, beyond `Starting`."""
        return self.kernel.cell(self.ref).state is CellState.RUNNING

    @property
    def incarnation(self) -> int:
        """Which life it lives."""
        return self.kernel.cell(self.ref).incarnation

    @property
    def actor(self) -> Actor:
        """The incarnation itself, for a look at its state."""
        actor = self.kernel.cell(self.ref).actor
        assert actor is not None, f"{self.ref} is down"
        return actor

    def deliver(self, message: Message) -> list[Said]:
        """One message to it; what it says to others because of it."""
        self.kernel.tell(self.ref, message)
        self.kernel.pump()
        return self.take()

    def ask(self, message: Message, timeout_ns: int = 1_000_000_000) -> Any:
        """A question to it; its answer, or None if it gives none at once."""
        correlation = self.kernel.ask(None, self.ref, message, timeout_ns)
        self.kernel.pump()
        return self.kernel.outside_answers.pop(correlation, None)

    def take(self) -> list[Said]:
        """What it has said since it was last asked."""
        said, self._said[:] = self._said[:], []
        return said

    def remembered(self) -> list[Remember]:
        """What it has remembered since it was last asked."""
        kept, self._memories.kept[:] = self._memories.kept[:], []
        return kept

    def answer(self, correlation: int, answer: Message) -> list[Said]:
        """Answer one of its questions."""
        self.kernel.answer(correlation, answer)
        self.kernel.perform()
        self.kernel.pump()
        return self.take()

    def effects(self) -> list[Effect]:
        """The effects it has asked for since it was last asked."""
        found = list(self.kernel.effects)
        self.kernel.effects.clear()
        return found

    def result(self, effect: Effect, message: Message) -> list[Said]:
        """What an edge answers to one of its effects."""
        self.kernel.effect_result(effect, message)
        self.kernel.pump()
        return self.take()

    def advance(self, by_ns: int) -> list[Said]:
        """Time passes; timers and deadlines on the way are met one after another."""
        self.driver.run_until(self.kernel.now + by_ns)
        return self.take()

    def crash(self) -> list[Said]:
        """It dies and is restarted, as after an error of its own."""
        self.kernel.kill(self.ref)
        self.kernel.pump()
        return self.take()

    def stop(self) -> Outcome | None:
        """Ask it (and all others) to stop; None while it is still busy with that."""
        self.kernel.halt("the harness stops it")
        self.kernel.pump()
        return self.kernel.life.outcome

    def dead_letters(self) -> Mapping[tuple[str, str], int]:
        """What reached nobody, by class and cause."""
        return {(name, cause.value): count for (name, cause), count in self.kernel.dead_letters.counts.items()}


def _children(leaves: Mapping[str, Callable[[], Actor]]) -> tuple[Any, ...]:
    """Specs of a tree in which these paths are actors; the actor under test, last in the mapping, starts last."""
    branches: dict[str, dict[str, Callable[[], Actor]]] = {}
    out: dict[str, Any] = {}
    for path, factory in leaves.items():
        head, _, rest = path.partition("/")
        if rest:
            branches.setdefault(head, {})[rest] = factory
            out[head] = None
        else:
            out[head] = ActorSpec(head, factory, restart=Restart.PERMANENT)
    for head, inner in branches.items():
        out[head] = SupervisorSpec(head, RestartStrategy.ONE_FOR_ONE, _children(inner), intensity=1_000)
    return tuple(out.values())
