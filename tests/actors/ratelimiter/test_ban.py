"""A ban of our address stops all traffic until it is over, over restarts of the actor and of the process."""

from typing import Any

import pytest

from actors.model.backend import CancelOrder, EquityQuery, NeverSent, ServerTimeQuery, SubmitOrder
from actors.model.result import OrderResult, RequestOutcome
from actors.ratelimiter.actor import RateLimiter
from actors.ratelimiter.messages import BAN_TOPIC, AddressBanned, BanKept
from runtime.journal.actor import JournalActor
from runtime.journal.codec import Codec
from runtime.journal.messages import Recall
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref, Remember
from runtime.spec import SECOND_NS, ActorSpec, SupervisorSpec
from runtime.testing import ActorHarness
from tests.actors.ratelimiter.gates import a_gate, a_policy, ask, recall
from tests.actors.ratelimiter.test_deadlines import CANCEL, ORDER

WALL_MS = 1_764_402_010_000
WALL_NS = WALL_MS * 1_000_000
BAN = AddressBanned(600 * SECOND_NS)


def test_a_ban_stops_everything_and_says_never_sent_to_whoever_cannot_wait_for_its_end() -> None:
    gate = a_gate()
    waiting = [ask(gate, CANCEL, 60) for _ in range(2)]
    assert len(gate.take()) == 1
    gate.deliver(BAN)
    held = gate.kernel.outside_answers.pop(waiting[1])
    assert isinstance(held, OrderResult)
    assert held.outcome is RequestOutcome.NEVER_SENT
    assert held.reason == "the venue bans our address for another 600 s"
    later = ask(gate, EquityQuery("BTCUSDT"), 599)
    assert gate.kernel.outside_answers.pop(later) == NeverSent("the venue bans our address for another 600 s")
    patient = ask(gate, CancelOrder("BTCUSDT", "patient"), 700)
    assert len(gate.advance(600 * SECOND_NS - 1)) == 0
    assert [message.link_id for _, message, _ in gate.advance(1)] == ["patient"]
    assert patient not in gate.kernel.outside_answers


def test_a_second_ban_never_shortens_the_first() -> None:
    gate = a_gate()
    gate.deliver(BAN)
    gate.deliver(AddressBanned(SECOND_NS))
    ask(gate, CANCEL, 3600)
    assert gate.advance(600 * SECOND_NS - 1) == []
    assert len(gate.advance(1)) == 1


def test_the_journal_keeps_when_it_ends_by_the_venues_clock() -> None:
    gate = a_gate(wall_ns=WALL_NS)
    gate.deliver(BAN)
    assert gate.remembered() == [Remember(BAN_TOPIC, "address", BanKept(WALL_MS + 600_000, 600_000))]


def test_a_new_life_passes_nothing_on_before_the_journal_has_told_of_a_ban() -> None:
    gate = a_gate(wall_ns=WALL_NS)
    gate.deliver(BAN)
    (memory,) = gate.remembered()
    gate.advance(100 * SECOND_NS)
    said = gate.crash()
    number = ask(gate, CANCEL, 3600)
    assert gate.advance(10 * SECOND_NS) == []
    assert number not in gate.kernel.outside_answers
    recall(gate, said, memory.value)
    assert gate.advance(490 * SECOND_NS - 1) == []
    assert len(gate.advance(1)) == 1


def test_what_came_before_the_journals_answer_goes_out_with_it_and_in_order() -> None:
    gate = a_gate()
    said = gate.crash()
    for request in (SubmitOrder(ORDER), CANCEL):
        ask(gate, request, 60)
    expired = ask(gate, CANCEL, 1)
    gate.advance(2 * SECOND_NS)
    assert [message for _, message, _ in recall(gate, said)] == [CANCEL, SubmitOrder(ORDER)]
    assert not isinstance(gate.kernel.outside_answers.get(expired), OrderResult), "its asker had gone"


def test_a_journal_that_does_not_answer_is_a_failed_start() -> None:
    gate = a_gate()
    gate.crash()
    life = gate.incarnation
    said = gate.advance(30 * SECOND_NS)
    assert gate.incarnation == life + 1
    assert [message for _, message, _ in said] == [Recall(BAN_TOPIC)]


@pytest.mark.parametrize(
    ("kept", "left_s"),
    [
        (BanKept(WALL_MS + 90_000, 600_000), 90),
        (BanKept(WALL_MS - 1, 600_000), 0),
        (BanKept(WALL_MS + 10**12, 600_000), 600),  # the local clock was set back
    ],
)
def test_the_rest_of_a_ban_is_kept_and_never_more_than_a_whole_one(kept: BanKept, left_s: int) -> None:
    gate = a_gate(ban=kept, wall_ns=WALL_NS)
    ask(gate, CANCEL, 3600)
    if left_s:
        assert gate.take() == gate.advance(left_s * SECOND_NS - 1) == []
        assert len(gate.advance(1)) == 1
    else:
        assert len(gate.take()) == 1


def a_process(recalled: dict[str, dict[str, Any]], wall_ns: int) -> tuple[Kernel, list[Any]]:
    """A kernel over what an earlier process has remembered, and what reaches its gateway."""
    heard: list[Any] = []

    class Venue(JournalActor):
        def receive(self, message: Any, ctx: Any) -> None:
            heard.append(message)

    children = (
        ActorSpec("journal", JournalActor),
        ActorSpec("gateway", Venue),
        ActorSpec("gate", lambda: RateLimiter(Ref("gateway"), Ref("journal"), a_policy())),
    )
    kernel = Kernel(SupervisorSpec("root", children=children), recalled=recalled)
    kernel.read_wall(wall_ns)
    kernel.start()
    kernel.pump()
    return kernel, heard


def test_a_new_process_keeps_the_ban_that_stands_in_the_journal() -> None:
    gate: ActorHarness = a_gate(wall_ns=WALL_NS)
    gate.deliver(BAN)
    codec = Codec((BanKept,))
    (memory,) = gate.remembered()
    written = codec.write("memory", ("gate", 1, memory.value))
    (_, _, kept) = codec.read("memory", written)
    kernel, heard = a_process({memory.topic: {memory.key: kept}}, WALL_NS + 400 * SECOND_NS)
    number = kernel.ask(None, Ref("gate"), ServerTimeQuery(), 5 * SECOND_NS)
    kernel.pump()
    assert kernel.outside_answers[number] == NeverSent("the venue bans our address for another 200 s")
    assert heard == []
    kernel.set_time(kernel.now + 200 * SECOND_NS)
    kernel.fire_timers()
    kernel.ask(None, Ref("gate"), ServerTimeQuery(), 5 * SECOND_NS)
    kernel.pump()
    assert heard == [ServerTimeQuery()]
