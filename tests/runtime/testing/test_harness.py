"""ActorHarness: what one actor sends, when its timers fire, how it crashes."""

from typing import Any

from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness

CLERK = Ref("office/clerk")


class Shy(Actor):
    """Asks the clerk at its start and is up when it has an answer; then repeats what it is told, later."""

    def __init__(self) -> None:
        self.known = ""

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(CLERK, "who am I?", SECOND_NS)
        return STARTING

    @handles(str)
    def hear(self, message: str, ctx: Context) -> None:
        if not self.known:
            self.known = message
            ctx.started()
        elif message == "die":
            raise RuntimeError("planted")
        elif message == "again":
            ctx.reply(self.known)
        elif message == "world":
            ctx.effect("world", self.known)
        elif message.startswith("later "):
            ctx.send(CLERK, message.removeprefix("later "))
        else:
            ctx.after(3 * SECOND_NS, f"later {message}", "later")

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        ctx.send(CLERK, f"no answer: {message.cause}")


def shy() -> ActorHarness:
    return ActorHarness(Shy, others=[CLERK], ports=["world"])


def test_it_is_up_when_its_question_is_answered() -> None:
    harness = shy()
    ((to, question, correlation),) = harness.take()
    assert (to, question, harness.is_started) == (CLERK, "who am I?", False)
    harness.answer(correlation, "Ann")
    assert harness.is_started
    actor: Any = harness.actor
    assert actor.known == "Ann"
    assert harness.ask("again") == "Ann"


def test_a_question_that_is_not_answered_fails_at_its_deadline() -> None:
    harness = shy()
    harness.take()
    assert harness.advance(SECOND_NS - 1) == []
    assert harness.advance(1) == [(CLERK, "no answer: timeout", 0)]


def up() -> ActorHarness:
    harness = shy()
    harness.answer(harness.take()[0][2], "Ann")
    return harness


def test_time_is_held_in_the_hand() -> None:
    harness = up()
    assert harness.deliver("hello") == []
    assert harness.advance(3 * SECOND_NS - 1) == []
    assert harness.advance(1) == [(CLERK, "hello", 0)]


def test_effects_are_seen_and_answered_and_a_dead_lifes_answer_reaches_nobody() -> None:
    harness = up()
    harness.deliver("world")
    (effect,) = harness.effects()
    assert (effect.port, effect.request) == ("world", "Ann")
    harness.crash()
    assert harness.incarnation == 2
    assert harness.result(effect, "from the grave") == []
    assert harness.dead_letters()["str", "stale"] == 1


def test_its_own_crash_restarts_it_and_a_stop_ends_it() -> None:
    harness = up()
    assert harness.deliver("die")[0][1] == "who am I?"
    assert (harness.incarnation, harness.is_started) == (2, False)
    outcome = harness.stop()
    assert outcome is not None
    assert outcome.is_clean


def test_an_answer_that_comes_after_the_deadline_or_twice_reaches_nobody() -> None:
    harness = shy()
    ((_, _, correlation),) = harness.take()
    harness.advance(SECOND_NS)
    assert harness.answer(correlation, "Ann") == []
    assert not harness.is_started
    assert harness.dead_letters() == {("str", "late"): 1}
    harness = up()
    assert harness.answer(1, "Eve") == []
    assert harness.ask("again") == "Ann"
    assert harness.dead_letters() == {("str", "late"): 1}
