"""Whoever goes first: batches of words to random trees under twenty schedulers, judged by the model in the order heard.

A scheduler chooses which actor's word is handled next, and that choice is the only difference. So the model is told the
words that were handled, in that order, and must then have seen the same lives, deaths and restarts.
"""

from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.kernel.cell import Cell
from runtime.kernel.envelope import Envelope
from runtime.kernel.faulting import Faults
from runtime.kernel.turns import Turns
from runtime.messages import Ref
from runtime.spec import SECOND_NS, ActorSpec, ChildSpec, SupervisorSpec
from runtime.testing import Rates, Seeded
from tests.runtime.supervision.nodes import Plan
from tests.runtime.supervision.pair import Do, Pair, played
from tests.runtime.supervision.test_machine import groups

SEEDS = 20
WORDS = ["crash", "crash", "exit", "escalate", "ready", "finish"]

Batch = list[tuple[str, str]]


class Hearing(Faults):
    """A scheduler that notes which words living actors hear."""

    def __init__(self, seed: int) -> None:
        super().__init__(Seeded(seed, Rates(reorder=0.7)))
        self.heard: Batch = []

    def _handle(self, turns: Turns, envelope: Envelope, *, must_crash: bool) -> None:
        if isinstance(envelope.message, Do) and envelope.receiver.is_alive:
            self.heard.append((str(envelope.receiver.ref), envelope.message.what))
        super()._handle(turns, envelope, must_crash=must_crash)


def again(spec: ChildSpec, plans: dict[str, Plan]) -> Any:
    """The same tree, with plans of its own."""
    if isinstance(spec, SupervisorSpec):
        return attrs.evolve(spec, children=tuple(again(child, plans) for child in spec.children))
    options = {name: getattr(spec, name) for name in ("restart", "shutdown_ns", "init_ns", "backoff")}
    return played(spec.id, plans, **options)


def actors_of(spec: ChildSpec, place: str = "") -> list[str]:
    """Paths of the actors that a tree begins with."""
    if isinstance(spec, ActorSpec):
        return [place]
    if spec.strategy.value == "dynamic":
        return []
    return [path for child in spec.children for path in actors_of(child, f"{place}/{child.id}".lstrip("/"))]


@st.composite
def stories(draw: st.DrawFn) -> tuple[SupervisorSpec, list[Batch]]:
    """A tree, and batches of words to its actors with a wait of a quarter of a second after each."""
    root: SupervisorSpec = draw(groups("s", {}, 0))
    paths = actors_of(root)
    words = st.tuples(st.sampled_from(paths or [""]), st.sampled_from(WORDS))
    batches = draw(st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=5))
    return root, batches if paths else []


def tell_all(pair: Pair, hearing: Hearing, batch: Batch) -> None:
    """All at once to the kernel; to the model what was heard of it."""
    for ref, what in batch:
        cell: Cell | None = pair.kernel.cells.get(Ref(ref))
        if cell is not None:
            pair.kernel.tell(Ref(ref), Do(what))
    hearing.heard.clear()
    pair.kernel.pump()
    for ref, what in hearing.heard:
        pair.model.tell(ref, what)
    pair.agree()


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(story=stories())
def test_S37_the_kernel_tells_the_models_story_whoever_goes_first(story: tuple[SupervisorSpec, list[Batch]]) -> None:
    root, batches = story
    for seed in range(SEEDS):
        hearing = Hearing(seed)
        pair = Pair(lambda plans: again(root, plans), faults=hearing)
        for batch in batches:
            if pair.is_over:
                break
            tell_all(pair, hearing, batch)
            if not pair.is_over:
                pair.wait(SECOND_NS // 4)


def test_the_schedulers_do_differ() -> None:
    root = SupervisorSpec("s", children=tuple(played(name, {}) for name in ("a", "b", "c")), intensity=9)
    batch = [(name, "finish") for name in ("a", "b", "c")]
    orders = set()
    for seed in range(SEEDS):
        hearing = Hearing(seed)
        pair = Pair(lambda plans: again(root, plans), faults=hearing)
        tell_all(pair, hearing, batch)
        orders.add(tuple(hearing.heard))
    assert len(orders) > 3
