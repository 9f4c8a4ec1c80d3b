"""What a user of the kernel can get wrong: each is a typed error at the earliest moment, and names the offender.

A wrong spec is refused whole, before anything starts; a wrong class when it is defined; a wrong use of the context is a
crash of the actor that did it, with path, error and text in the outcome. An endless handler is told of by health, which
`tests/runtime/edges` and `tests/runtime/live` hold.
"""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import pytest

from runtime.actor import STARTING, Actor, handles
from runtime.context import Context
from runtime.errors import ActorError, InvalidSpec, UnknownPort, UnknownRef
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.messages import Reason, Ref
from runtime.spec import ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec
from runtime.testing import Script, started_tree

SECOND_NS = 1_000_000_000
FINE = ActorSpec("fine", Actor)


def root_of(*children: Any, **fields: Any) -> Any:
    wanted: dict[str, Any] = {"id": "root", "children": children} | fields
    return SupervisorSpec(**wanted)


def an_actor(**fields: Any) -> Any:
    wanted: dict[str, Any] = {"id": "a", "factory": Actor} | fields
    return ActorSpec(**wanted)


WRONG_SPECS: list[tuple[Any, str]] = [
    (root_of(FINE, FINE), "root/fine: id is used twice among siblings"),
    (root_of(an_actor(id="")), "root/: an id is a name without '/'"),
    (root_of(an_actor(id="a/b")), "root/a/b: an id is a name without '/'"),
    (root_of(an_actor(restart="sometimes")), "root/a: restart is 'sometimes', not one of permanent, transient"),
    (root_of(strategy="all_for_one"), "root: strategy is 'all_for_one', not one of one_for_one"),
    (root_of(intensity=-1), "root: intensity is -1, below 0"),
    (root_of(intensity=1.5), "root: intensity is 1.5, below 0"),
    (root_of(period_ns=0), "root: period is 0 ns, not above 0"),
    (root_of(an_actor(shutdown_ns=-1)), "root/a: shutdown deadline is -1 ns, below 0"),
    (root_of(an_actor(init_ns=0)), "root/a: init deadline is 0 ns, not above 0"),
    (root_of(an_actor(mailbox=0)), "root/a: mailbox bound is 0, below 1"),
    (root_of(an_actor(poison=0)), "root/a: poison is 0, below 1"),
    (root_of(an_actor(factory=Actor())), "root/a: factory is Actor, not something to call"),
    (root_of(an_actor(backoff=Backoff(min_ns=2, max_ns=1))), "root/a: backoff from 2 to 1 ns"),
    (root_of(an_actor(backoff=Backoff(min_ns=0))), "root/a: backoff from 0 to"),
    (root_of(an_actor(backoff=Backoff(jitter=2))), "root/a: backoff jitter is 2, not a share from 0 to 1"),
    (root_of(an_actor(backoff=1.5)), "root/a: backoff is 1.5, not a Backoff"),
    (root_of(strategy=RestartStrategy.DYNAMIC), "root: a dynamic supervisor has one template, not 0"),
    (root_of(children=None), "root: children is NoneType, not a tuple of specs"),
    (root_of(children=5, intensity=-1), "root: intensity is -1, below 0"),
    (root_of(an_actor(backoff=Backoff(jitter="x"))), "root/a: backoff jitter is 'x', not a share"),  # type: ignore[arg-type]
    (root_of("not a spec"), "root/?: str is no spec of an actor or supervisor"),
    (root_of(root_of(an_actor(mailbox=0), id="inner")), "root/inner/a: mailbox bound is 0"),
    (FINE, "fine: the root of a tree is a supervisor"),
]


@pytest.mark.parametrize(("spec", "said"), WRONG_SPECS, ids=[said for _, said in WRONG_SPECS])
def test_a_wrong_spec_is_refused_before_anything_starts(spec: Any, said: str) -> None:
    with pytest.raises(InvalidSpec) as raised:
        Kernel(spec)
    assert any(problem.startswith(said) for problem in raised.value.problems), raised.value.problems


def test_all_of_a_trees_problems_are_told_at_once() -> None:
    born: list[str] = []
    root = root_of(
        an_actor(factory=lambda: born.append("a")),
        an_actor(mailbox=0, poison=-1),
        root_of(id="inner", intensity=-2),
        restart="never",
    )
    with pytest.raises(InvalidSpec) as raised:
        Kernel(root)
    assert len(raised.value.problems) == 5
    assert str(raised.value).count(";") == 4
    assert born == []


def test_a_child_with_a_wrong_spec_is_refused_at_run_time_too() -> None:
    _, driver = started_tree([FINE])
    answer = driver.supervisor("").start_child(an_actor(mailbox=0))
    assert isinstance(answer, InvalidSpec)
    assert "a: mailbox bound is 0" in answer.problems[0]


# -- classes, when they are defined ---------------------------------------------------------------------------------


def an_async_handler() -> None:
    class Waiting(Actor):
        @handles(str)  # type: ignore[type-var]
        async def on_text(self, message: str, ctx: Context) -> None: ...


def an_async_receive() -> None:
    class Waiting(Actor):
        async def receive(self, message: Any, ctx: Context) -> None: ...  # type: ignore[override]


def an_async_start() -> None:
    class Waiting(Actor):
        async def start(self, ctx: Context) -> Any: ...  # type: ignore[override]


def a_policy_that_is_none() -> None:
    class Full(Actor):
        overflow: ClassVar[dict[type, Any]] = {str: "newest"}


@pytest.mark.parametrize(
    ("define", "said"),
    [
        (an_async_handler, "Waiting.on_text is async"),
        (an_async_receive, "Waiting.receive is async"),
        (an_async_start, "Waiting.start is async"),
        (a_policy_that_is_none, "Full: overflow of str is 'newest', not a policy"),
    ],
)
def test_a_wrong_class_is_refused_where_it_stands(define: Callable[[], None], said: str) -> None:
    with pytest.raises(ActorError, match=said):
        define()


# -- handlers -------------------------------------------------------------------------------------------------------


class NoException(BaseException):
    """What only a few raise."""


def raising(error: BaseException) -> Callable[[Context], Any]:
    def act(ctx: Context) -> None:
        raise error

    return act


@attrs.frozen
class Wrong:
    """What a handler does, and what must be told of it."""

    act: Callable[[Context], Any]
    error: str
    said: str = ""
    is_fatal: bool = False


WRONG_HANDLERS = {
    "raises no Exception": Wrong(raising(NoException("deep")), "NoException", "deep"),
    "raises GeneratorExit": Wrong(raising(GeneratorExit()), "GeneratorExit"),
    "raises KeyboardInterrupt": Wrong(raising(KeyboardInterrupt()), "KeyboardInterrupt", is_fatal=True),
    "raises SystemExit": Wrong(raising(SystemExit(3)), "SystemExit", "3", is_fatal=True),
    "returns something": Wrong(lambda ctx: 5, "BadReturn", "a: a handler returned 5"),
    "sends to nobody": Wrong(lambda ctx: ctx.send(Ref("nobody"), "x"), "UnknownRef", "nobody"),
    "asks nobody": Wrong(lambda ctx: ctx.ask(Ref("nobody"), "x", 1), "UnknownRef", "nobody"),
    "watches nobody": Wrong(lambda ctx: ctx.watch(Ref("nobody")), "UnknownRef", "nobody"),
    "asks itself": Wrong(lambda ctx: ctx.ask(ctx.me, "x", 1), "ActorError", "a asks itself: str"),
    "asks with no time": Wrong(lambda ctx: ctx.ask(Ref("b"), "x", 0), "ActorError", "a deadline of 0 ns"),
    "asks for a share of a ns": Wrong(lambda ctx: ctx.ask(Ref("b"), "x", 0.5), "ActorError", "a deadline of 0.5 ns"),  # type: ignore[arg-type]
    "sets a timer in the past": Wrong(lambda ctx: ctx.after(-1, "x", "late"), "ActorError", "timer 'late' -1 ns"),
    "sets a timer at no number": Wrong(lambda ctx: ctx.after(math.nan, "x", "t"), "ActorError", "timer 't' nan ns"),  # type: ignore[arg-type]
    "sets a timer at a truth": Wrong(lambda ctx: ctx.after(True, "x", "t"), "ActorError", "timer 't' True ns"),
    "sets a timer at a float": Wrong(lambda ctx: ctx.after(1.0, "x", "t"), "ActorError", "timer 't' 1.0 ns"),  # type: ignore[arg-type]
    "asks into the past": Wrong(lambda ctx: ctx.ask(Ref("b"), "x", -1), "ActorError", "a deadline of -1 ns"),
    "uses no port": Wrong(lambda ctx: ctx.effect("disk", "x"), "UnknownPort", "'disk'"),
    "answers no question": Wrong(lambda ctx: ctx.reply("x"), "ActorError", "which is not a question"),
    "says twice that it is up": Wrong(lambda ctx: ctx.started(), "ActorError", "started"),
    "says that it has stopped": Wrong(lambda ctx: ctx.stopped(), "ActorError", "stopped"),
    "breaks an invariant": Wrong(lambda ctx: ctx.always("sum", False), "InvariantBroken", "sum", is_fatal=True),
}


class Doer(Actor):
    """Does it at any message."""

    def __init__(self, act: Callable[[Context], Any]) -> None:
        self._act = act

    def receive(self, message: Any, ctx: Context) -> None:
        return self._act(ctx)  # type: ignore[no-any-return]


def the_end(act: Callable[[Context], Any], *, intensity: int = 0) -> tuple[Kernel, Outcome | None]:
    kernel, driver = started_tree([ActorSpec("a", lambda: Doer(act)), ActorSpec("b", Actor)], intensity=intensity)
    kernel.tell(Ref("a"), "now")
    driver.run_until("idle")
    return kernel, kernel.life.outcome


@pytest.mark.parametrize("name", WRONG_HANDLERS)
def test_a_wrong_handler_is_a_crash_with_path_error_and_message(name: str) -> None:
    wrong = WRONG_HANDLERS[name]
    kernel, outcome = the_end(wrong.act)
    assert outcome is not None
    assert not outcome.is_clean
    leaf = outcome.causes[0]
    assert (leaf.ref, leaf.reason, leaf.error) == ("a", Reason.ERROR, wrong.error)
    assert leaf.message in ("str", "invariant")
    assert wrong.said in leaf.text
    assert kernel.dead_letters.counts["str", DeadCause.CRASH] == 1


@pytest.mark.parametrize("name", WRONG_HANDLERS)
def test_a_wrong_handler_is_restarted_unless_no_restart_can_help(name: str) -> None:
    wrong = WRONG_HANDLERS[name]
    kernel, outcome = the_end(wrong.act, intensity=1)
    assert (outcome is not None) is wrong.is_fatal
    if outcome is None:
        assert [event.kind.value for event in kernel.events if event.path == "a"][-3:] == ["down", "start", "started"]


@pytest.mark.parametrize("made", [None, 5, Actor], ids=["nothing", "a number", "a class"])
def test_a_factory_that_makes_no_actor_is_a_failed_start_by_name(made: Any) -> None:
    kernel, _ = started_tree([an_actor(factory=lambda: made)])
    outcome = kernel.life.outcome
    assert outcome is not None
    leaf = outcome.causes[0]
    assert (leaf.ref, leaf.reason, leaf.error) == ("a", Reason.START_FAILED, "ActorError")
    assert f"a: factory returned {type(made).__name__}, not an Actor" in leaf.text


def test_an_actor_that_forgets_to_say_it_is_up_fails_at_its_init_deadline_by_name() -> None:
    spec = ActorSpec("a", lambda: Script(lambda message, ctx: None, lambda ctx: STARTING), init_ns=SECOND_NS)
    kernel, driver = started_tree([spec])
    driver.run_until(2 * SECOND_NS)
    outcome = kernel.life.outcome
    assert outcome is not None
    assert (outcome.causes[0].ref, outcome.causes[0].error) == ("a", "init deadline")
    assert kernel.events[-1].time_ns == SECOND_NS


def test_what_comes_from_outside_for_nobody_raises_at_the_call() -> None:
    kernel, driver = started_tree([FINE])
    for call in (kernel.tell, kernel.command):
        with pytest.raises(UnknownRef, match="nobody"):
            call(Ref("nobody"), "x")
    with pytest.raises(UnknownRef, match="nobody"):
        kernel.kill(Ref("nobody"))
    with pytest.raises(UnknownRef, match="nobody"):
        driver.supervisor("nobody").which_children()


def test_the_ports_that_are_there_are_named() -> None:
    def receive(message: Any, ctx: Context) -> None:
        with pytest.raises(UnknownPort, match="there are: none"):
            ctx.effect("net", message)

    kernel, driver = started_tree([ActorSpec("a", lambda: Script(receive), Restart.FATAL)])
    kernel.tell(Ref("a"), "now")
    driver.run_until("idle")
    assert kernel.life.outcome is None
