"""The kernel and the model side by side: the same tree, the same plans, the same commands; then they must agree."""

from typing import Any

import attrs
import msgspec

from runtime.actor import IGNORE, STARTED, STARTING, STOPPED, STOPPING, Actor, StartResult, StopResult
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.errors import FatalError
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.messages import Reason, Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.supervision.management import StartFailed, Verb
from tests.runtime.supervision.model import Model
from tests.runtime.supervision.nodes import Plan

__all__ = ["Disagreement", "Do", "Pair", "Played", "played"]


class Do(msgspec.Struct, frozen=True):
    """A word to an actor: crash, fatal, exit, escalate, ready or finish."""

    what: str


class Boom(Exception):
    """A planted crash."""


class Disagreement(AssertionError):
    """Kernel and model tell different stories."""


class Played(Actor):
    """Does what the plan of its name says."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.state = "starting"

    def start(self, ctx: Context) -> StartResult:
        if self.plan.fails:
            self.plan.fails -= 1
            raise Boom("planned")
        if self.plan.ignores:
            self.plan.ignores -= 1
            return IGNORE
        if self.plan.is_slow:
            return STARTING
        self.state = "up"
        return STARTED

    def receive(self, message: Any, ctx: Context) -> None:
        what = message.what
        if what == "crash":
            raise Boom(what)
        if what == "fatal":
            raise FatalError(what)
        if what == "exit":
            ctx.stop()
        elif what == "escalate":
            ctx.escalate(Boom(what))
        elif what == "ready" and self.state == "starting":
            self.state = "up"
            ctx.started()
        elif what == "finish" and self.state == "stopping":
            ctx.stopped()

    def stop(self, reason: Reason, ctx: Context) -> StopResult:
        if self.plan.chokes:
            raise Boom("planned")
        if self.plan.lingers:
            self.state = "stopping"
            return STOPPING
        return STOPPED


def played(name: str, plans: dict[str, Plan], **options: Any) -> ActorSpec:
    """The spec of a played actor; those of one template share a plan."""
    plan = plans.setdefault(name, Plan())
    return ActorSpec(name, lambda: Played(plan), **options)


class Pair:
    """Takes commands, gives them to both, compares what an onlooker sees after each."""

    def __init__(self, make_root: Any, *, seed: int = 0, faults: Faults | None = None, **plans: Any) -> None:
        self.kernel_plans = {name: attrs.evolve(plan) for name, plan in plans.items()}
        self.root: SupervisorSpec = make_root(self.kernel_plans)
        self.model = Model(self.root, {name: attrs.evolve(plan) for name, plan in self.kernel_plans.items()})
        self.kernel = Kernel(self.root, seed=seed, faults=faults)
        self.driver = SimulatedDriver(self.kernel)
        self.calls: dict[int, int] = {}
        self.kernel.start()
        self.kernel.pump()
        self.model.start()
        self.agree()

    # -- commands -----------------------------------------------------------------------------------------------

    def plan(self, name: str, **changes: Any) -> None:
        for plans in (self.kernel_plans, self.model.plans):
            for key, value in changes.items():
                setattr(plans.setdefault(name, Plan()), key, value)

    def tell(self, ref: str, what: str) -> None:
        self.kernel.tell(Ref(ref), Do(what))
        self.kernel.pump()
        self.model.tell(ref, what)
        self.agree()

    def kill(self, ref: str) -> None:
        self.kernel.kill(Ref(ref))
        self.kernel.pump()
        self.model.kill(ref)
        self.agree()

    def wait(self, delay_ns: int) -> None:
        until = self.kernel.now + delay_ns
        self.driver.run_until(until)
        self.model.advance(until)
        self.agree()

    def call(self, ref: str, verb: Verb, argument: Any = None) -> Any:
        """A call and, when it is there already, its answer."""
        number = self.kernel.manage(Ref(ref), verb, argument)
        self.kernel.pump()
        assert self.model.manage(number, ref, verb, argument)
        self.agree()
        return self.kernel.outside_answers.get(number)

    def halt(self) -> None:
        self.kernel.halt("asked")
        self.kernel.pump()
        self.model.halt()
        self.agree()

    # -- comparing ----------------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        return self.kernel.life.outcome is not None

    def seen(self, *kinds: str) -> list[str]:
        """The kernel's events so far as "kind path", of these kinds or all."""
        events = self.kernel.events
        return [f"{event.kind.value} {event.path}" for event in events if not kinds or event.kind.value in kinds]

    def agree(self) -> None:
        ours = [(e.time_ns, e.kind.value, str(e.path), e.incarnation, e.reason) for e in self.kernel.events]
        theirs = [(at, kind, str(path), life, reason) for at, kind, path, life, reason in self.model.seen]
        if ours != theirs:
            same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
            same = min(len(ours), len(theirs)) if same is None else same
            raise Disagreement(f"after {ours[:same][-4:]}\nkernel {ours[same:][:6]}\nmodel  {theirs[same:][:6]}")
        answers = {number: _plain(answer) for number, answer in self.kernel.outside_answers.items()}
        if answers != self.model.answers:
            differing = sorted(
                number
                for number in {**answers, **self.model.answers}
                if answers.get(number, "none") != self.model.answers.get(number, "none")
            )
            pairs = [(answers.get(n, "none"), self.model.answers.get(n, "none")) for n in differing]
            raise Disagreement(f"answers (kernel, model): {pairs}")
        outcome = self.kernel.life.outcome
        ended = (outcome is not None, outcome is None or outcome.is_clean)
        if ended != (self.model.is_over, not (self.model.is_over and self.model.has_failed)):
            raise Disagreement(f"outcome {outcome}, model over {self.model.is_over} failed {self.model.has_failed}")
        if outcome is not None:
            causes = [(str(cause.ref), cause.incarnation, cause.reason.value) for cause in outcome.causes]
            if causes != self.model.causes:
                raise Disagreement(f"causes\nkernel {causes}\nmodel  {self.model.causes}")


def _plain(answer: Any) -> Any:
    """The error's name is not the model's business."""
    return StartFailed(answer.id, "") if isinstance(answer, StartFailed) else answer
