"""Two lanes, one result: a write is offered to the trade stream and goes by REST when that has not sent it."""

from typing import Any

import pytest

from actors.gateway.actor import LiveGateway
from actors.model.backend import CancelAll, CancelOrder, EquityQuery, ServerTimeQuery, SetLeverage, SubmitOrder
from actors.model.calls import CallAnswered, CallLost, CallReply, CallUnsent, LimitHeaders, SendCall
from actors.model.fixed import Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome
from actors.ratelimiter.messages import Endpoint, LimitReported
from runtime.spec import SECOND_NS
from runtime.supervision.management import Verb
from tests.actors.gateway.desk import MS, WALL_NS, Desk, answered
from tests.actors.gateway.test_actor import ACK, BAN, LOST, OUTCOMES, TELLING, orders

ACCEPTED, REJECTED, UNKNOWN = RequestOutcome.ACCEPTED, RequestOutcome.REJECTED, RequestOutcome.UNKNOWN
SUBMIT = SubmitOrder(OrderRequest("ours", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1)))
UNSENT = CallUnsent("trade stream: backing off")
SAME = [(reply, *rest) for reply, *rest in OUTCOMES if isinstance(reply, CallLost) or reply.status == 200]


@pytest.fixture
def desk() -> Desk:
    return Desk(has_trade=True)


def test_a_write_is_offered_to_the_trade_stream_as_the_edge_would_get_it_and_a_question_is_not(desk: Desk) -> None:
    by_rest = Desk()
    by_rest.ask(SUBMIT)
    desk.ask(SUBMIT)
    (offered,) = desk.offered()
    assert offered[0] == by_rest.call()[1]
    assert desk.out == []
    desk.ask(EquityQuery("BTCUSDT"))
    assert desk.call()[0].port == "rest/read"
    assert desk.offered() == []


@pytest.mark.parametrize(("reply", "outcome", "code", "rejection"), SAME)
def test_answers_mean_the_same_over_both_lanes(reply: CallReply, outcome: Any, code: int, rejection: Any) -> None:
    by_rest, by_trade = Desk(), Desk(has_trade=True)
    numbers = by_rest.ask(SUBMIT), by_trade.ask(SUBMIT)
    by_rest.reply(reply)
    by_trade.answer_offer(reply)
    results = by_rest.answer(numbers[0]), by_trade.answer(numbers[1])
    assert results[0] == results[1]
    assert (results[1].outcome, results[1].code, results[1].rejection) == (outcome, code, rejection)
    assert by_trade.out == []
    assert by_trade.offered() == []


@pytest.mark.parametrize("message", [SUBMIT, orders(2), SetLeverage("BTCUSDT", 5), CancelAll("BTCUSDT")])
def test_what_the_stream_has_not_sent_goes_by_rest_once_with_the_same_stamp(desk: Desk, message: Any) -> None:
    desk.ask(message)
    ((request, correlation),) = desk.offered()
    desk.harness.answer(correlation, UNSENT)
    desk._look()
    effect, sent = desk.call()
    assert (effect.port, sent) == ("rest/write", request)
    assert desk.offered() == []


def test_of_a_batch_each_request_chooses_its_lane(desk: Desk) -> None:
    number = desk.ask(orders(11))
    rows = [{"category": "linear", "symbol": "BTCUSDT", "orderId": f"id{n}", "orderLinkId": f"o{n}"} for n in range(11)]
    codes = [{"code": 0, "msg": "OK"}] * 10
    desk.answer_offer(answered({"list": rows[:10]}, retExtInfo={"list": codes}))
    desk.answer_offer(UNSENT)
    desk.reply(answered({"list": rows[10:]}, retExtInfo={"list": codes[:1]}))
    assert [result.outcome for result in desk.answer(number).results] == [ACCEPTED] * 11


def test_what_the_stream_has_sent_and_lost_is_unknown_and_sent_nowhere_else(desk: Desk) -> None:
    number = desk.ask(SUBMIT)
    desk.answer_offer(LOST)
    assert desk.answer(number).outcome is UNKNOWN
    assert (desk.out, desk.offered()) == ([], [])


def test_no_answer_in_time_is_unknown_with_the_words_of_rest_and_a_late_one_is_dead(desk: Desk) -> None:
    number = desk.ask(SUBMIT)
    ((_, correlation),) = desk.offered()
    desk.pass_time(5 * SECOND_NS - 1)
    assert desk.answer(number) is None
    desk.pass_time(1)
    result = desk.answer(number)
    assert (result.outcome, result.reason) == (UNKNOWN, LOST.reason)
    for late in (ACK, LOST, UNSENT):
        desk.harness.answer(correlation, late)
        desk._look()
    assert (desk.answer(number), desk.out, desk.offered(), desk.told()) == (None, [], [], [])
    assert desk.kernel.next_timer() is None


def test_it_waits_no_longer_than_its_asker(desk: Desk) -> None:
    desk.ask(SUBMIT, 1_500 * MS)
    ((request, _),) = desk.offered()
    assert (request.timeout_ms, request.recv_window_ms) == (1_500, 1_500)


def test_when_the_trade_stream_dies_its_calls_are_unknown_and_until_its_next_life_all_goes_by_rest(desk: Desk) -> None:
    number = desk.ask(SUBMIT)
    assert len(desk.offered()) == 1
    desk.manage_trade(Verb.TERMINATE)
    result = desk.answer(number)
    assert (result.outcome, result.reason) == (UNKNOWN, "the trade stream: died")
    number = desk.ask(SUBMIT)
    desk.reply(ACK)
    assert desk.answer(number).outcome is ACCEPTED
    desk.manage_trade(Verb.RESTART)
    number = desk.ask(SUBMIT)
    assert desk.out == []
    desk.answer_offer(ACK)
    assert desk.answer(number).outcome is ACCEPTED


@pytest.mark.parametrize(("message", "reply", "endpoint", "others"), TELLING[:2] + TELLING[4:5] + TELLING[6:7])
def test_limits_and_bad_time_stamps_of_an_answer_are_told_as_rests_are(
    desk: Desk, message: Any, reply: CallAnswered, endpoint: Endpoint, others: list[tuple[str, Any]]
) -> None:
    desk.pass_time(SECOND_NS)
    desk.ask(message)
    desk.pass_time(100 * MS)
    desk.answer_offer(CallAnswered(reply.status, reply.body, LimitHeaders(10, 7, WALL_NS // MS)))
    assert desk.told() == [("ratelimiter", LimitReported(endpoint, "linear", 10, 7, SECOND_NS)), *others]


def test_a_gateway_without_a_trade_stream_asks_for_none() -> None:
    desk = Desk()
    assert isinstance(desk.harness.actor, LiveGateway)
    desk.ask(CancelOrder("BTCUSDT", "ours"))
    assert isinstance(desk.call()[1], SendCall)


def test_what_the_trade_stream_did_not_send_is_not_sent_by_rest_during_a_ban(desk: Desk) -> None:
    number = desk.ask(SUBMIT)
    desk.ask(ServerTimeQuery())
    desk.reply(BAN)
    desk.answer_offer(UNSENT)
    assert desk.answer(number).outcome is UNKNOWN
    assert (desk.out, desk.offered()) == ([], [])
