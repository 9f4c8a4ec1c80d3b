"""Delivery: order, atomic handlers, asks, timers, bounds, dead letters."""

from typing import Any, ClassVar

import msgspec
import pytest

from runtime.actor import STARTING
from runtime.context import Context
from runtime.kernel.deadletters import DeadCause
from runtime.kernel.faulting import Faults
from runtime.messages import AskCause, AskFailed, Ref, Remember
from runtime.overflow import CONFLATE, DROP_OLDEST, Overflow
from runtime.spec import SECOND_NS, ActorSpec
from runtime.testing import FaultPlan, Planned, Probe, Script, started_tree


class Note(msgspec.Struct, frozen=True):
    """A numbered message."""

    number: int
    topic: str = ""


PROBE = Ref("probe")


def probe_spec(seen: list[tuple[int, Any]]) -> ActorSpec:
    return ActorSpec("probe", lambda: Probe(seen))


def test_messages_of_one_sender_arrive_in_the_order_sent() -> None:
    seen: list[tuple[int, Any]] = []

    def three(message: Any, ctx: Context) -> None:
        for number in range(3):
            ctx.send(PROBE, Note(number))

    kernel, _ = started_tree([probe_spec(seen), ActorSpec("sender", lambda: Script(three))])
    kernel.tell(Ref("sender"), Note(0))
    kernel.pump()
    assert [message.number for _, message in seen] == [0, 1, 2]


def test_what_a_raising_handler_did_is_dropped_and_named_as_dead() -> None:
    seen: list[tuple[int, Any]] = []

    def send_and_raise(message: Any, ctx: Context) -> None:
        ctx.send(PROBE, Note(1))
        ctx.after(SECOND_NS, Note(2), "timer")
        ctx.ask(PROBE, Note(3), SECOND_NS)
        raise RuntimeError("planted")

    kernel, driver = started_tree([probe_spec(seen), ActorSpec("bad", lambda: Script(send_and_raise))])
    kernel.tell(Ref("bad"), Note(0))
    kernel.pump()
    assert seen == []
    assert kernel.next_timer() is None
    counts = kernel.dead_letters.counts
    assert counts["Note", DeadCause.ROLLED_BACK] == 2
    assert counts["Note", DeadCause.CRASH] == 1
    assert driver.kernel.life.restarts == 1


def test_a_recorded_message_of_a_raising_handler_is_a_loss_not_a_record() -> None:
    def send_and_raise(message: Any, ctx: Context) -> None:
        ctx.send(PROBE, Note(7))
        raise RuntimeError("planted")

    children = [probe_spec([]), ActorSpec("bad", lambda: Script(send_and_raise))]
    kernel, _ = started_tree(children, record={Note: lambda note: (note.number,)})
    kernel.tell(Ref("bad"), Note(0))
    kernel.pump()
    assert kernel.recorder.stream == []
    assert [(loss.message.number, loss.lost) for loss in kernel.recorder.losses] == [(7, "rolled_back"), (0, "crash")]


def test_M24_what_is_noted_stands_on_the_record_and_reaches_nobody() -> None:
    def note(message: Any, ctx: Context) -> None:
        ctx.send(PROBE, Note(1))
        ctx.note(Note(2))
        ctx.send(PROBE, Note(3))

    seen: list[tuple[int, Any]] = []
    children = [probe_spec(seen), ActorSpec("noting", lambda: Script(note))]
    kernel, _ = started_tree(children, record={Note: lambda note: (note.number,)})
    kernel.tell(Ref("noting"), Note(0))
    kernel.pump()
    assert [record.message.number for record in kernel.recorder.stream] == [1, 2, 3]
    assert [message.number for _, message in seen] == [1, 3]


@pytest.mark.parametrize("has_plan", [False, True], ids=["the kernel's own loop", "the loop of faults"])
def test_M24_what_a_raising_handler_noted_was_never_noted(*, has_plan: bool) -> None:
    def note(message: Any, ctx: Context) -> None:
        ctx.note(Note(message.number))
        if message.topic == "raise":
            ctx.send(PROBE, Note(9))
            ctx.note(Note(8))
            raise RuntimeError("planted")

    children = [probe_spec([]), ActorSpec("noting", lambda: Script(note))]
    kernel, _ = started_tree(children, record={Note: lambda note: (note.number,)})
    if has_plan:
        kernel.faults = Faults(Planned(FaultPlan()))
    for number, topic in enumerate(("", "", "raise", "")):
        kernel.tell(Ref("noting"), Note(number, topic))
        kernel.pump()
    assert [record.message.number for record in kernel.recorder.stream] == [0, 1, 3]


def test_an_answer_carries_the_correlation_of_its_question() -> None:
    answers: list[tuple[int, int]] = []

    def asking(message: Any, ctx: Context) -> None:
        if message.topic == "answer":
            answers.append((ctx.correlation, message.number))

    def start(ctx: Context) -> None:
        for number in (1, 2):
            ctx.ask(Ref("doubler"), Note(number), SECOND_NS)

    def doubling(message: Any, ctx: Context) -> None:
        ctx.reply(Note(2 * message.number, "answer"))

    doubler = ActorSpec("doubler", lambda: Script(doubling))
    kernel, _ = started_tree([doubler, ActorSpec("asker", lambda: Script(asking, start))])
    kernel.pump()
    assert answers == [(1, 2), (2, 4)]
    assert not kernel.asks.pending


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_question_without_answer_fails_at_its_deadline_or_with_its_target(*, is_killed: bool) -> None:
    failures: list[tuple[int, AskCause]] = []

    def asking(message: Any, ctx: Context) -> None:
        assert isinstance(message, AskFailed)
        failures.append((ctx.now, message.cause))

    def start(ctx: Context) -> None:
        ctx.ask(PROBE, Note(1), 3 * SECOND_NS)

    kernel, driver = started_tree([probe_spec([]), ActorSpec("asker", lambda: Script(asking, start))])
    if is_killed:
        kernel.pump()
        kernel.life.kill(kernel.cell(PROBE))
    driver.serve(lambda: bool(failures))
    assert failures == [(0, AskCause.DIED) if is_killed else (3 * SECOND_NS, AskCause.TIMEOUT)]


def test_a_late_answer_is_a_dead_letter() -> None:
    askers: list[Any] = []

    def silent(message: Any, ctx: Context) -> None:
        if message.topic == "now":
            ctx.answer(askers[0], Note(9))
        else:
            askers.append(ctx.asker())

    kernel, driver = started_tree([ActorSpec("silent", lambda: Script(silent))])
    correlation = kernel.ask(None, Ref("silent"), Note(1), SECOND_NS)
    driver.serve(lambda: correlation in kernel.outside_answers)
    kernel.tell(Ref("silent"), Note(0, "now"))
    kernel.pump()
    assert kernel.dead_letters.counts["Note", DeadCause.LATE] == 1


def test_a_timer_of_the_same_key_replaces_the_earlier_one() -> None:
    rung: list[tuple[int, int]] = []

    def hear(message: Any, ctx: Context) -> None:
        rung.append((ctx.now, message.number))

    def start(ctx: Context) -> None:
        ctx.after(SECOND_NS, Note(1), "key")
        ctx.after(2 * SECOND_NS, Note(2), "key")
        ctx.after(3 * SECOND_NS, Note(3), "cancelled")
        ctx.cancel("cancelled")

    _, driver = started_tree([ActorSpec("clock", lambda: Script(hear, start))])
    driver.serve(lambda: len(rung) == 1)
    assert rung == [(2 * SECOND_NS, 2)]
    assert driver.kernel.next_timer() is None


def test_no_timer_of_a_dead_incarnation_reaches_the_next() -> None:
    rung: list[int] = []

    def start(ctx: Context) -> None:
        if ctx.incarnation == 1:
            ctx.after(SECOND_NS, Note(1), "old")
        else:
            ctx.after(2 * SECOND_NS, Note(2), "new")

    kernel, driver = started_tree([ActorSpec("clock", lambda: Script(lambda m, _: rung.append(m.number), start))])
    kernel.life.kill(kernel.cell(Ref("clock")))
    driver.serve(lambda: bool(rung))
    assert rung == [2]


class Bounded(Probe):
    """A probe whose mailbox drops or conflates."""

    overflow: ClassVar[dict[type, Overflow]] = {Note: DROP_OLDEST}


class Conflating(Probe):
    """A probe that wants only the newest of each topic."""

    overflow: ClassVar[dict[type, Overflow]] = {Note: CONFLATE(lambda note: note.topic)}


@pytest.mark.parametrize(
    ("kind", "expected"), [(Probe, [0, 1]), (Bounded, [4, 5]), (Conflating, [4, 5])], ids=["reject", "drop", "conflate"]
)
def test_a_full_mailbox_applies_the_receivers_policy(kind: type[Probe], expected: list[int]) -> None:
    seen: list[tuple[int, Any]] = []

    def flood(message: Any, ctx: Context) -> None:
        for number in range(6):
            ctx.send(PROBE, Note(number, str(number % 2)))

    probe = ActorSpec("probe", lambda: kind(seen), mailbox=2)
    kernel, _ = started_tree([probe, ActorSpec("sender", lambda: Script(flood))])
    kernel.tell(Ref("sender"), Note(0))
    kernel.pump()
    assert [message.number for _, message in seen] == expected
    assert kernel.dead_letters.total() == 4


def test_a_policy_is_a_value_that_says_what_it_does() -> None:
    assert isinstance(DROP_OLDEST, Overflow)
    assert DROP_OLDEST.kind.value == "drop_oldest"


def test_a_starting_actor_receives_and_is_started_when_it_says_so() -> None:
    def until_three(message: Any, ctx: Context) -> None:
        if message.number == 3:
            ctx.started()
        else:
            ctx.after(SECOND_NS, Note(message.number + 1), "count")

    def start(ctx: Context) -> Any:
        ctx.after(SECOND_NS, Note(1), "count")
        return STARTING

    _, driver = started_tree([ActorSpec("slow", lambda: Script(until_three, start))])
    assert driver.kernel.now == 3 * SECOND_NS
    assert driver.kernel.life.is_up


def test_an_overflow_of_ones_own_making_costs_no_innocent_message_when_the_handler_raises() -> None:
    seen: list[tuple[int, Any]] = []

    def flood_and_raise(message: Any, ctx: Context) -> None:
        for number in range(4):
            ctx.send(PROBE, Note(number, "mine"))
        raise RuntimeError("planted")

    children = [ActorSpec("probe", lambda: Bounded(seen), mailbox=2), ActorSpec("bad", lambda: Script(flood_and_raise))]
    kernel, _ = started_tree([*children, ActorSpec("other", lambda: Bounded(seen), mailbox=2)])
    kernel.tell(Ref("bad"), Note(0))
    kernel.tell(Ref("other"), Note(10, "innocent"))
    kernel.pump()
    assert [message for _, message in seen] == [Note(10, "innocent")]


def test_M26_a_raising_handler_has_remembered_nothing() -> None:
    def keep(message: Any, ctx: Context) -> None:
        ctx.remember(Remember("notes", str(message.number), message.number))
        if message.topic == "raise":
            raise RuntimeError("planted")

    kernel, _ = started_tree([ActorSpec("keeping", lambda: Script(keep))])
    for number, topic in enumerate(("", "raise", "")):
        kernel.tell(Ref("keeping"), Note(number, topic))
        kernel.pump()
    assert kernel.core.memory.of("notes") == (("0", 0), ("2", 2))


def test_M26_what_is_remembered_is_known_before_anything_that_the_handler_sent_is_heard() -> None:
    def keep(message: Any, ctx: Context) -> None:
        ctx.send(PROBE, Note(1))
        ctx.remember(Remember("notes", "a", 1), Remember("notes", "b", 2, "a"))

    heard: list[Any] = []
    reader = ActorSpec("probe", lambda: Script(lambda message, ctx: heard.append(ctx.recall("notes"))))
    kernel, _ = started_tree([reader, ActorSpec("keeping", lambda: Script(keep))])
    kernel.tell(Ref("keeping"), Note(0))
    kernel.pump()
    assert heard == [(("b", 2),)]
