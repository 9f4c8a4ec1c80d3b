"""One test a promise about messages: handlers, mailboxes, questions, timers and dead letters."""

import os
import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest

from runtime.actor import STARTED, STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.audit import Audit
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Port
from runtime.messages import ActorDied, AskRejected, AskTimedOut, Ref, Rejected, ResyncNeeded
from runtime.overflow import CONFLATE, DROP_OLDEST, FATAL, REJECT, RESYNC, Overflow
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from runtime.testing import Probe, Script

S = SECOND_NS


class Note(msgspec.Struct, frozen=True):
    """Anything said."""

    text: str = ""


def a_kernel(*specs: ActorSpec, ports: dict[str, Port] | None = None, audit: Audit | None = None) -> Kernel:
    kernel = Kernel(SupervisorSpec("root", children=specs, intensity=9), ports=ports, audit=audit)
    kernel.start()
    kernel.pump()
    return kernel


def does(name: str, act: Callable[[Any, Context], None], **options: Any) -> ActorSpec:
    return ActorSpec(name, lambda: Script(act), **options)


def hears(name: str, seen: list[tuple[int, Any]], **options: Any) -> ActorSpec:
    return ActorSpec(name, lambda: Probe(seen), **options)


def tell(kernel: Kernel, ref: str, *texts: str) -> None:
    for text in texts:
        kernel.tell(Ref(ref), Note(text))
    kernel.pump()


def dead(kernel: Kernel) -> list[tuple[str, DeadCause]]:
    return [(getattr(letter.message, "text", ""), letter.cause) for letter in kernel.dead_letters.last]


def texts(seen: list[tuple[int, Any]]) -> list[str]:
    return [message.text for _, message in seen]


def test_M1_what_a_raising_handler_did_is_not_released() -> None:
    seen: list[tuple[int, Any]] = []

    def act(message: Any, ctx: Context) -> None:
        ctx.send(Ref("b"), Note("sent"))
        ctx.after(S, Note("timer"), "t")
        ctx.effect("port", Note("effect"))
        raise RuntimeError("planted")

    kernel = a_kernel(does("a", act), hears("b", seen), ports={"port": Port()})
    tell(kernel, "a", "go")
    assert seen == []
    assert kernel.next_timer() is None
    assert not kernel.effects
    assert dead(kernel) == [("sent", DeadCause.ROLLED_BACK), ("go", DeadCause.CRASH)]


def test_M2_messages_of_one_sender_to_one_receiver_keep_their_order() -> None:
    seen: list[tuple[int, Any]] = []

    def act(message: Any, ctx: Context) -> None:
        for number in range(3):
            ctx.send(Ref("b"), Note(f"{message.text}{number}"))

    tell(a_kernel(does("a", act), hears("b", seen)), "a", "x", "y")
    assert texts(seen) == ["x0", "x1", "x2", "y0", "y1", "y2"]


def test_M3_control_goes_before_data_and_a_kill_before_both() -> None:
    seen: list[tuple[int, Any]] = []
    kernel = a_kernel(hears("a", seen))
    kernel.tell(Ref("a"), Note("data"))
    kernel.command(Ref("a"), Note("control"))
    kernel.pump()
    assert texts(seen) == ["control", "data"]
    kernel.tell(Ref("a"), Note("late"))
    kernel.kill(Ref("a"))
    kernel.pump()
    assert dead(kernel) == [("late", DeadCause.RESTART)]


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(REJECT, "ab"), (DROP_OLDEST, "bc"), (CONFLATE(lambda note: note.text in "ac"), "cb")],
    ids=["reject", "drop_oldest", "conflate"],
)
def test_M4_a_full_mailbox_does_what_its_receiver_declared(policy: Overflow, kept: str) -> None:
    seen: list[tuple[int, Any]] = []

    class Bounded(Probe):
        overflow: ClassVar[dict[type, Overflow]] = {Note: policy}

    kernel = a_kernel(ActorSpec("a", lambda: Bounded(seen), mailbox=2))
    tell(kernel, "a", "a", "b", "c")
    assert "".join(texts(seen)) == kept
    assert kernel.dead_letters.count == 1


def test_M4_a_resync_replaces_all_of_its_class_by_one_notice() -> None:
    seen: list[tuple[int, Any]] = []

    class Bounded(Probe):
        overflow: ClassVar[dict[type, Overflow]] = {Note: RESYNC}

    kernel = a_kernel(ActorSpec("a", lambda: Bounded(seen), mailbox=2))
    tell(kernel, "a", "a", "b", "c")
    assert [message for _, message in seen] == [ResyncNeeded(3)]


def test_M5_what_may_not_be_lost_crashes_its_receiver_when_it_would_be() -> None:
    class Bounded(Probe):
        overflow: ClassVar[dict[type, Overflow]] = {Note: FATAL}

    kernel = a_kernel(ActorSpec("a", lambda: Bounded([]), mailbox=2))
    tell(kernel, "a", "a", "b", "c")
    down = [event for event in kernel.events if event.kind.value == "down"]
    assert [event.error for event in down] == ["MailboxFull"]


def test_M6_a_sender_that_listens_is_told_of_a_rejection() -> None:
    told: list[Any] = []

    class Sender(Actor):
        @handles(Note)
        def on_note(self, message: Note, ctx: Context) -> None:
            for text in "ab":
                ctx.send(Ref("b"), Note(text))

        @handles(Rejected)
        def on_rejected(self, message: Rejected, ctx: Context) -> None:
            told.append(message)

    tell(a_kernel(ActorSpec("a", Sender), hears("b", [], mailbox=1)), "a", "go")
    assert told == [Rejected(Ref("b"), Note("b"))]


def test_M7_a_crash_costs_the_message_in_hand_and_the_mail_of_that_life() -> None:
    seen: list[str] = []

    def act(message: Any, ctx: Context) -> None:
        seen.append(message.text)
        if message.text == "bad":
            raise RuntimeError("planted")

    kernel = a_kernel(does("a", act))
    tell(kernel, "a", "bad", "queued")
    tell(kernel, "a", "after")
    assert seen == ["bad", "after"]
    assert dead(kernel) == [("bad", DeadCause.CRASH), ("queued", DeadCause.RESTART)]


def test_M8_mail_to_nobody_is_a_dead_letter() -> None:
    kernel = a_kernel(does("a", lambda message, ctx: None))
    driver = SimulatedDriver(kernel)
    driver.supervisor().terminate_child("a")
    tell(kernel, "a", "down")
    driver.supervisor().delete_child("a")
    tell(kernel, "a", "gone")
    assert dead(kernel) == [("down", DeadCause.DOWN), ("gone", DeadCause.DOWN)]


def test_M9_every_message_is_handled_or_dead() -> None:
    def act(message: Any, ctx: Context) -> None:
        if message.text == "bad":
            raise RuntimeError("planted")
        if message.text:
            ctx.send(Ref("a"), Note(message.text[1:]))

    audit = Audit()
    kernel = a_kernel(does("a", act, mailbox=3), audit=audit)
    tell(kernel, "a", "one", "two", "bad", "four", "five")
    assert audit.balance(kernel) == {}
    assert kernel.dead_letters.count > 0
    audit.offer(Note("lost"))
    assert audit.balance(kernel) == {"Note": 1}


def a_question(answers: bool, timeout_ns: int = S, **options: Any) -> tuple[Kernel, list[Any]]:
    heard: list[Any] = []

    def asking(message: Any, ctx: Context) -> None:
        if message == Note("ask"):
            ctx.ask(Ref("b"), Note("question"), timeout_ns)
        else:
            heard.append((ctx.now, message))

    def answering(message: Any, ctx: Context) -> None:
        if answers and message == Note("question"):
            ctx.reply(Note("answer"))

    return a_kernel(does("a", asking), does("b", answering, **options)), heard


def test_M10_a_question_is_answered_or_fails_at_its_deadline() -> None:
    kernel, heard = a_question(answers=True)
    tell(kernel, "a", "ask")
    assert heard == [(0, Note("answer"))]
    kernel, heard = a_question(answers=False)
    tell(kernel, "a", "ask")
    SimulatedDriver(kernel).run_until("idle")
    assert [(at, type(message)) for at, message in heard] == [(S, AskTimedOut)]


def test_M11_an_asker_is_told_at_once_that_its_target_died_or_refused() -> None:
    kernel, heard = a_question(answers=False)
    tell(kernel, "a", "ask")
    kernel.kill(Ref("b"))
    kernel.pump()
    assert [type(message) for _, message in heard] == [ActorDied]
    kernel, heard = a_question(answers=True, mailbox=1)
    kernel.tell(Ref("a"), Note("ask"))
    kernel.tell(Ref("b"), Note("filling"))
    kernel.pump()
    assert [type(message) for _, message in heard] == [AskRejected]


def test_M12_a_late_answer_is_a_dead_letter() -> None:
    askers: list[Any] = []

    def act(message: Any, ctx: Context) -> None:
        if message == Note("answer now"):
            ctx.answer(askers[0], Note("late"))
        else:
            askers.append(ctx.asker())

    kernel = a_kernel(does("a", act))
    kernel.ask(None, Ref("a"), Note("question"), S)
    kernel.pump()
    SimulatedDriver(kernel).run_until(S)
    tell(kernel, "a", "answer now")
    assert dead(kernel) == [("late", DeadCause.LATE)]


@pytest.mark.parametrize(
    "act",
    [
        lambda message, ctx: ctx.ask(ctx.me, Note(), S),
        lambda message, ctx: ctx.ask(Ref("b"), Note(), 0),
        lambda message, ctx: ctx.after(-1, Note(), "t"),
        lambda message, ctx: ctx.send(Ref("nobody"), Note()),
        lambda message, ctx: ctx.watch(Ref("nobody")),
        lambda message, ctx: ctx.effect("nowhere", Note()),
        lambda message, ctx: ctx.started(),
        lambda message, ctx: ctx.stopped(),
    ],
)
def test_M13_a_misuse_of_the_context_is_a_crash_of_the_actor_that_did_it(act: Any) -> None:
    kernel = a_kernel(does("a", act), does("b", lambda message, ctx: None))
    tell(kernel, "a", "go")
    assert [event.path for event in kernel.events if event.kind.value == "down"] == ["a"]
    assert kernel.handled == 1  # the misuse itself was the crash: nothing came of it first


def test_M14_timers_fire_in_the_order_of_their_times_and_then_of_their_setting() -> None:
    heard: list[tuple[int, str]] = []

    def act(message: Any, ctx: Context) -> None:
        if message.text != "go":
            heard.append((ctx.now, message.text))
            return
        for delay_ns, text in [(2, "late"), (1, "first"), (1, "second"), (1, "cancelled"), (9, "replaced")]:
            ctx.after(delay_ns, Note(text), text)
        ctx.cancel("cancelled")
        ctx.after(1, Note("again"), "replaced")

    kernel = a_kernel(does("a", act))
    tell(kernel, "a", "go")
    SimulatedDriver(kernel).run_until("idle")
    assert heard == [(1, "first"), (1, "second"), (1, "again"), (2, "late")]


def test_M15_no_timer_answer_or_result_of_a_dead_life_reaches_the_next() -> None:
    heard: list[str] = []

    def act(message: Any, ctx: Context) -> None:
        if message.text == "go":
            ctx.after(S, Note("timer"), "t")
            ctx.ask(Ref("b"), Note("question"), S)
            ctx.effect("port", Note("effect"))
        else:
            heard.append(message.text)

    kernel = a_kernel(does("a", act), does("b", lambda message, ctx: None), ports={"port": Port()})
    tell(kernel, "a", "go")
    effect = kernel.effects.popleft()
    kernel.kill(Ref("a"))
    kernel.effect_result(effect, Note("result"))
    SimulatedDriver(kernel).run_until(2 * S)
    assert heard == []
    assert dead(kernel) == [("result", DeadCause.STALE)]


def test_M16_a_message_that_killed_k_lives_is_refused_from_then_on() -> None:
    def act(message: Any, ctx: Context) -> None:
        if message.text == "bad":
            raise RuntimeError("planted")

    kernel = a_kernel(does("a", act, poison=2))
    for _ in range(3):
        tell(kernel, "a", "bad")
    assert [cause for _, cause in dead(kernel)] == [DeadCause.CRASH, DeadCause.CRASH, DeadCause.POISON]


def test_M17_a_starting_actor_receives_and_is_up_when_it_says_so() -> None:
    class Slow(Actor):
        def start(self, ctx: Context) -> StartResult:
            return STARTING

        @handles(Note)
        def on_note(self, message: Note, ctx: Context) -> None:
            ctx.started()

    kernel = a_kernel(ActorSpec("a", Slow), ActorSpec("b", lambda: Script(lambda m, c: None, lambda ctx: STARTED)))
    tell(kernel, "a", "ready")
    assert [event.path for event in kernel.events if event.kind.value == "started"] == ["a", "b"]


def test_M18_a_false_always_is_fatal_and_a_sometimes_is_counted() -> None:
    def act(message: Any, ctx: Context) -> None:
        ctx.sometimes("seen", message.text == "yes")
        ctx.always("is no bad word", message.text != "bad")

    kernel = a_kernel(does("a", act))
    tell(kernel, "a", "yes", "no", "bad")
    assert kernel.coverage["seen"] == [1, 2]
    assert kernel.life.outcome is not None
    assert kernel.life.outcome.causes[0].error == "InvariantBroken"


def test_M19_dice_are_of_the_seed_the_actor_its_life_and_the_site() -> None:
    def thrown(seed: int) -> list[float]:
        dice: list[float] = []

        def act(message: Any, ctx: Context) -> None:
            dice.append(ctx.rng(message.text).random())

        kernel = Kernel(SupervisorSpec("root", children=(does("a", act),)), seed=seed)
        kernel.start()
        tell(kernel, "a", "one", "two")
        kernel.kill(Ref("a"))
        tell(kernel, "a", "one")
        return dice

    assert thrown(1) == thrown(1)
    assert len({*thrown(1), *thrown(2)}) == 6


def test_M20_a_restart_at_once_comes_before_any_other_message() -> None:
    heard: list[str] = []

    def act(message: Any, ctx: Context) -> None:
        if message.text == "bad":
            raise RuntimeError("planted")

    kernel = a_kernel(does("a", act), does("b", lambda message, ctx: heard.append(str(kernel.events[-1].kind.value))))
    kernel.tell(Ref("a"), Note("bad"))
    kernel.tell(Ref("b"), Note("next"))
    kernel.pump()
    assert heard == ["started"]


def test_M21_down_follows_everything_the_dead_had_sent_that_watcher() -> None:
    seen: list[tuple[int, Any]] = []

    class Watcher(Probe):
        def start(self, ctx: Context) -> StartResult:
            ctx.watch(Ref("a"))
            return STARTED

    def act(message: Any, ctx: Context) -> None:
        if message.text == "bad":
            raise RuntimeError("planted")
        ctx.send(Ref("w"), message)

    kernel = a_kernel(does("a", act), ActorSpec("w", lambda: Watcher(seen)))
    tell(kernel, "a", "last words", "bad")
    assert [type(message).__name__ for _, message in seen] == ["Note", "Down", "Up"]


def test_M22_an_unknown_class_and_a_returned_value_are_crashes() -> None:
    class Strict(Actor):
        @handles(Note)  # type: ignore[type-var]
        def on_note(self, message: Note, ctx: Context) -> str:
            return "an answer"

    kernel = a_kernel(ActorSpec("a", Strict))
    tell(kernel, "a", "go")
    kernel.tell(Ref("a"), ResyncNeeded(1))
    kernel.pump()
    errors = [event.error for event in kernel.events if event.kind.value == "down"]
    assert errors == ["BadReturn", "UnhandledMessage"]


IMPURE: dict[str, Callable[[], Any]] = {
    "time.time": lambda: time.time(),
    "time.perf_counter_ns": lambda: time.perf_counter_ns(),
    "random.random": lambda: random.random(),
    "uuid.uuid4": lambda: uuid.uuid4(),
    "os.urandom": lambda: os.urandom(1),
    "time.sleep": lambda: time.sleep(0),
}


@pytest.mark.parametrize("name", IMPURE)
def test_M23_a_handler_that_looks_at_a_clock_or_throws_dice_of_its_own_is_trapped(name: str) -> None:
    kernel = a_kernel(does("a", lambda message, ctx: IMPURE[name]()))
    kernel.tell(Ref("a"), Note())
    driver = SimulatedDriver(kernel)
    driver.run_until("idle")
    (down,) = [event for event in kernel.events if event.kind.value == "down"]
    assert (down.path, down.error) == ("a", "ImpureHandler")


def test_M23_whoever_is_no_handler_sees_the_real_clock() -> None:
    """Beside a driver, in another thread while a handler runs, and when the driver has gone."""
    seen: list[float] = []

    def look() -> None:
        seen.append(time.monotonic())

    def act(message: Any, ctx: Context) -> None:
        beside = threading.Thread(target=look)
        beside.start()
        beside.join()

    real = time.monotonic
    kernel = a_kernel(does("a", act))
    kernel.tell(Ref("a"), Note())
    SimulatedDriver(kernel).run_until(lambda: bool(seen) and time.monotonic() > 0)
    assert len(seen) == 1
    assert time.monotonic is real


def test_M23_a_trap_inside_a_trap_is_lifted_in_order() -> None:
    def act(message: Any, ctx: Context) -> None:
        time.time()

    inner = a_kernel(does("b", act))
    inner.tell(Ref("b"), Note())
    outer = a_kernel(does("a", lambda message, ctx: SimulatedDriver(inner).run_until("idle")))
    outer.tell(Ref("a"), Note())
    real = time.time
    SimulatedDriver(outer).run_until("idle")
    assert time.time is real
    assert [event.error for event in inner.events if event.kind.value == "down"] == ["ImpureHandler"]
