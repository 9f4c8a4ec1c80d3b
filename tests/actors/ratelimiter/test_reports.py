"""What the venue reports of its limits: the gate counts with it, allows no more than it, and falls silent at a ban."""

import pytest

from actors.model.backend import CancelOrder, EquityQuery, NeverSent, OrderQuery, PositionQuery
from actors.model.result import OrderResult, RequestOutcome
from actors.ratelimiter.messages import AddressBanned, Endpoint, LimitReported
from runtime.spec import SECOND_NS
from tests.actors.ratelimiter.test_deadlines import CANCEL, a_gate, ask


def test_requests_of_others_on_the_account_count_against_the_budget() -> None:
    gate = a_gate(per_second=4)
    ask(gate, CANCEL, 60)
    gate.deliver(LimitReported(Endpoint.CANCEL, 4, 1, 0))  # three are gone, one of them ours
    for _ in range(3):
        ask(gate, CANCEL, 60)
    assert len(gate.take()) == 1
    assert len(gate.advance(SECOND_NS)) == 2


@pytest.mark.parametrize(("limit", "sent"), [(2, 2), (3, 3), (50, 3)])
def test_the_accounts_limit_lowers_the_budget_and_never_raises_it(limit: int, sent: int) -> None:
    gate = a_gate(per_second=3)
    gate.deliver(LimitReported(Endpoint.CANCEL, limit, limit, 0))
    for _ in range(5):
        ask(gate, CANCEL, 60)
    assert len(gate.take()) == sent


def test_the_limit_of_one_path_is_not_that_of_all_questions() -> None:
    gate = a_gate(per_second=3)
    gate.deliver(LimitReported(Endpoint.QUERY, 1, 1, 0))
    for question in (EquityQuery("BTCUSDT"), PositionQuery("BTCUSDT"), OrderQuery("BTCUSDT", "ours")):
        ask(gate, question, 60)
    assert len(gate.take()) == 3


def test_a_ban_stops_everything_and_says_never_sent_to_whoever_cannot_wait_for_its_end() -> None:
    gate = a_gate(per_second=1)
    waiting = [ask(gate, CANCEL, 60) for _ in range(2)]
    assert len(gate.take()) == 1
    gate.deliver(AddressBanned(600 * SECOND_NS))
    held = gate.kernel.outside_answers.pop(waiting[1])
    assert isinstance(held, OrderResult)
    assert held.outcome is RequestOutcome.NEVER_SENT
    later = ask(gate, EquityQuery("BTCUSDT"), 599)
    assert gate.kernel.outside_answers.pop(later) == NeverSent("no permit within the 599 s that were left")
    patient = ask(gate, CancelOrder("BTCUSDT", "patient"), 700)
    assert len(gate.advance(600 * SECOND_NS - 1)) == 0
    assert [message.link_id for _, message, _ in gate.advance(1)] == ["patient"]
    assert patient not in gate.kernel.outside_answers
