"""Random trees and random commands: the kernel's events equal the model's."""

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from runtime.kernel.faulting import Faults
from runtime.spec import SECOND_NS, ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.management import Verb
from runtime.testing import Seeded
from tests.runtime.supervision.pair import Pair, played

pytestmark = pytest.mark.slow

STRATEGIES = st.sampled_from([RestartStrategy.ONE_FOR_ONE, RestartStrategy.ONE_FOR_ALL, RestartStrategy.REST_FOR_ONE])
RESTARTS = st.sampled_from([Restart.PERMANENT] * 3 + [Restart.TRANSIENT, Restart.TEMPORARY, Restart.FATAL])
GROUP_RESTARTS = st.sampled_from([Restart.PERMANENT] * 3 + [Restart.TEMPORARY])
DEADLINES = st.sampled_from([0, SECOND_NS, 3 * SECOND_NS, None])
BACKOFFS = st.sampled_from([None, None, Backoff(SECOND_NS // 4, SECOND_NS, 0.0, SECOND_NS * 2)])
WORDS = ["crash", "crash", "crash", "exit", "escalate", "ready", "ready", "finish", "finish"]
CALLS = st.sampled_from([Verb.TERMINATE, Verb.TERMINATE, Verb.RESTART, Verb.DELETE, Verb.WHICH, Verb.COUNT, Verb.SPEC])


@st.composite
def workers(draw: Any, name: str, plans: Any) -> ActorSpec:
    options = {
        "restart": draw(RESTARTS),
        "shutdown_ns": draw(DEADLINES),
        "init_ns": draw(st.sampled_from([SECOND_NS, 2 * SECOND_NS])),
        "backoff": draw(BACKOFFS),
    }
    return played(name, plans, **options)


@st.composite
def groups(draw: Any, name: str, plans: Any, depth: int) -> SupervisorSpec:
    bounds = {
        "intensity": draw(st.integers(0, 4)),
        "period_ns": draw(st.sampled_from([SECOND_NS, 5 * SECOND_NS])),
        "restart": draw(GROUP_RESTARTS),
        "shutdown_ns": draw(DEADLINES),
        "backoff": draw(BACKOFFS),
    }
    if depth and draw(st.integers(0, 3)) == 0:
        return SupervisorSpec(name, RestartStrategy.DYNAMIC, (draw(workers("t" + name[1:], plans)),), **bounds)
    children = []
    for number in range(draw(st.integers(1, 3 if depth else 4))):
        below = f"{name[1:]}{number}"
        if depth < 2 and draw(st.integers(0, 2)) == 0:
            children.append(draw(groups("s" + below, plans, depth + 1)))
        else:
            children.append(draw(workers("a" + below, plans)))
    return SupervisorSpec(name, draw(STRATEGIES), tuple(children), **bounds)


class Supervision(RuleBasedStateMachine):
    """One tree and its model; with a seed a scheduler of that seed picks whose message is next."""

    seed: ClassVar[int | None] = None
    pair: Pair

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.build(data)

    def build(self, data: st.DataObject) -> None:
        def make_root(plans: Any) -> SupervisorSpec:
            root: SupervisorSpec = data.draw(groups("s", plans, 0))
            names = list(plans)
            for name in data.draw(st.lists(st.sampled_from(names), max_size=2)) if names else []:
                plans[name].is_slow = True
            return root

        self.pair = Pair(make_root, faults=None if self.seed is None else Faults(Seeded(self.seed)))
        self.added = 0

    def living(self, *, is_group: bool | None = None) -> list[str]:
        nodes = self.pair.model.nodes()
        return [str(node.ref) for node in nodes if is_group in (None, node.is_group)]

    def one(self, data: st.DataObject, *, is_group: bool | None) -> str | None:
        refs = self.living(is_group=is_group)
        return data.draw(st.sampled_from(refs)) if refs else None

    def is_on(self) -> bool:
        return not self.pair.is_over

    @precondition(lambda self: self.pair.is_over)
    @rule(data=st.data())
    def begin_again(self, data: st.DataObject) -> None:
        self.build(data)

    @precondition(is_on)
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def say(self, data: st.DataObject, word: str) -> None:
        if (ref := self.one(data, is_group=False)) is not None:
            self.pair.tell(ref, word)

    @precondition(is_on)
    @rule(data=st.data(), nth=st.integers(0, 9))
    def kill(self, data: st.DataObject, nth: int) -> None:
        ref = self.one(data, is_group=False if nth else None)
        if ref is not None:
            self.pair.kill(ref)

    @precondition(is_on)
    @rule(
        data=st.data(), what=st.sampled_from(["fails", "ignores", "is_slow", "lingers", "chokes"]), n=st.integers(0, 3)
    )
    def plan(self, data: st.DataObject, what: str, n: int) -> None:
        name = data.draw(st.sampled_from(list(self.pair.kernel_plans))) if self.pair.kernel_plans else None
        if name is not None:
            self.pair.plan(name, **{what: n if what in ("fails", "ignores") else n > 0})

    @precondition(is_on)
    @rule(quarters=st.sampled_from([1, 1, 2, 4, 4, 8, 20, 21]))
    def wait(self, quarters: int) -> None:
        self.pair.wait(quarters * SECOND_NS // 4)

    @precondition(is_on)
    @rule(data=st.data(), verb=CALLS)
    def call(self, data: st.DataObject, verb: Verb) -> None:
        ref = self.one(data, is_group=True)
        if ref is None:
            return
        node = self.pair.model.find(ref)
        assert node is not None
        names = [str(kid.ref) if node.is_dynamic else kid.spec.id for kid in node.kids] + ["nobody"]
        argument = None if verb in (Verb.WHICH, Verb.COUNT) else data.draw(st.sampled_from(names))
        self.pair.call(ref, verb, argument)

    @precondition(is_on)
    @rule(data=st.data(), as_group=st.integers(0, 4), again=st.integers(0, 3))
    def add(self, data: st.DataObject, as_group: int, again: int) -> None:
        ref = self.one(data, is_group=True)
        node = None if ref is None else self.pair.model.find(ref)
        if ref is None or node is None:
            return
        if node.is_dynamic:
            self.pair.call(ref, Verb.START, None if again else node.spec.children[0])
            return
        if again == 0 and node.kids:
            spec = data.draw(st.sampled_from([kid.spec for kid in node.kids]))
        else:
            self.added += 1
            name = f"+{self.added}"
            one = (
                groups("s" + name, self.pair.kernel_plans, 2)
                if as_group == 0
                else workers("a" + name, self.pair.kernel_plans)
            )
            spec = data.draw(one)
        self.pair.call(ref, Verb.START, spec)

    @precondition(is_on)
    @rule(nth=st.integers(0, 30), data=st.data())
    def end(self, nth: int, data: st.DataObject) -> None:
        ref = self.one(data, is_group=False)
        if nth == 0:
            self.pair.halt()
        elif nth == 1 and ref is not None:
            self.pair.tell(ref, "fatal")

    def teardown(self) -> None:
        """Whatever happened: an ordered stop ends in time, unless somebody may linger for ever."""
        if hasattr(self, "pair") and not self.pair.is_over:
            self.pair.halt()
            for ref in self.living(is_group=False):
                if not self.pair.is_over:
                    self.pair.tell(ref, "finish")
            self.pair.wait(60 * SECOND_NS)


def play(
    examples: int,
    steps: int,
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink),
    machine: type[Supervision] = Supervision,
) -> None:
    """Run the machine; raises what the first story without agreement raises."""
    bounds = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=bounds)


def test_S37_the_kernel_tells_the_models_story_under_random_commands() -> None:
    play(600, 40)


@pytest.mark.parametrize("seed", range(20))
def test_S37_the_same_programs_under_twenty_schedulers(seed: int) -> None:
    """Examples are drawn without dice of their own, so each scheduler meets the same programs."""
    play(40, 40, machine=type("Scheduled", (Supervision,), {"seed": seed}))
