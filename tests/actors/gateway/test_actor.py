"""The live gateway: one answer for each message, whatever the edge says, when it says it, and if it says nothing."""

from typing import Any

import pytest

from actors.clocksync.messages import TimestampRefused
from actors.gateway.messages import PORT_CLASSES
from actors.gateway.policy import GatewayPolicy
from actors.model.backend import (
    AmendOrder,
    Batch,
    BatchResult,
    CancelAll,
    CancelBatch,
    CancelOrder,
    Command,
    EquityQuery,
    HistoryQuery,
    NeverSent,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    Query,
    ServerTime,
    ServerTimeQuery,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
    Unanswered,
)
from actors.model.calls import CallAnswered, CallLost, CallReply, LimitHeaders, SendCall, VenueCall
from actors.model.fixed import Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.ratelimiter.messages import AddressBanned, Endpoint, LimitReported, MoreRequested
from runtime.messages import ActorDied, AskTimedOut
from runtime.spec import SECOND_NS
from tests.actors.gateway.desk import MS, WALL_NS, Desk, answered

ORDER = OrderRequest("ours", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1))
SUBMIT = SubmitOrder(ORDER)
CANCEL = CancelOrder("BTCUSDT", "ours")
LOST = CallLost("no answer within 5000 ms")
ACK = answered({"orderId": "id-1", "orderLinkId": "ours"})
BAN = CallAnswered(403, "<html>access too frequent</html>")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def orders(count: int) -> SubmitBatch:
    return SubmitBatch(
        tuple(OrderRequest(f"o{n}", "BTCUSDT", Side.BUY, OrderType.MARKET, Qty(1)) for n in range(count))
    )


# -- what is sent ----------------------------------------------------------------------------------------------------


def test_a_write_is_durable_first_and_signed_with_the_earliest_time_that_the_venues_clock_can_show(desk: Desk) -> None:
    desk.ask(CANCEL)
    effect, request = desk.call()
    body = '{"symbol":"BTCUSDT","orderLinkId":"ours","category":"linear"}'
    assert effect.port == "rest/write"
    assert request == SendCall(
        VenueCall("POST", "/v5/order/cancel", body, True, True, "linear"), 5000, WALL_NS // MS - 20, 5000
    )


def test_a_public_question_is_not_signed_and_needs_no_clock() -> None:
    desk = Desk(is_measured=False)
    number = desk.ask(ServerTimeQuery())
    effect, request = desk.call()
    assert (effect.port, request) == (
        "rest/read",
        SendCall(VenueCall("GET", "/v5/market/time", "", False, False), 5000),
    )
    desk.reply(answered({"timeSecond": "1764402010", "timeNano": "1764402010123456789"}))
    assert desk.answer(number) == ServerTime(1_764_402_010_123)


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (SUBMIT, OrderResult),
        (orders(2), BatchResult),
        (EquityQuery("BTCUSDT"), NeverSent),
    ],
)
def test_nothing_is_signed_before_the_clock_has_been_measured(message: Command | Batch | Query, answer: type) -> None:
    desk = Desk(is_measured=False)
    told = desk.answer(desk.ask(message))
    assert (type(told), desk.out) == (answer, [])
    result = told.result if isinstance(told, BatchResult) else told
    if isinstance(result, OrderResult):
        assert (result.outcome, result.rejection) == (RequestOutcome.NEVER_SENT, RejectReason.NEVER_SENT)
    assert "has not been measured" in result.reason


def test_a_request_waits_no_longer_than_its_asker(desk: Desk) -> None:
    desk.ask(CANCEL, 1_500 * MS)
    _, request = desk.call()
    assert (request.timeout_ms, request.recv_window_ms) == (1_500, 1_500)


@pytest.mark.parametrize("error_ms", [0, 1, 20, 249])
def test_the_venue_refuses_what_has_been_given_up_and_nothing_before_unless_the_clock_is_unsure(error_ms: int) -> None:
    """The venue's clock is anywhere within the error; it refuses a stamp older than the window."""
    desk = Desk(error_ns=error_ms * MS)
    desk.ask(CANCEL)
    _, request = desk.call()
    for venue_ahead_ms in (-error_ms, 0, error_ms):
        refused_after_ms = request.timestamp_ms + request.recv_window_ms - (WALL_NS // MS + venue_ahead_ms)
        assert request.timeout_ms - 2 * error_ms <= refused_after_ms <= request.timeout_ms


def test_a_clock_that_is_very_unsure_leaves_a_window_that_covers_its_error(desk: Desk) -> None:
    desk = Desk(error_ns=4_000 * MS)
    desk.ask(CANCEL)
    assert desk.call()[1].recv_window_ms == 8_001


# -- answers to commands ----------------------------------------------------------------------------------------------

ACCEPTED, REJECTED, UNKNOWN = RequestOutcome.ACCEPTED, RequestOutcome.REJECTED, RequestOutcome.UNKNOWN
OUTCOMES: list[tuple[CallReply, RequestOutcome, int, RejectReason | None]] = [
    (ACK, ACCEPTED, 0, None),
    (answered(code=110007, text="ab not enough"), REJECTED, 110007, RejectReason.INSUFFICIENT_MARGIN),
    (answered(code=110072, text="duplicate"), REJECTED, 110072, RejectReason.DUPLICATE_ID),
    (answered(code=10006, text="too many visits"), REJECTED, 10006, RejectReason.RATE_LIMITED),
    (answered(code=10002, text="timestamp"), REJECTED, 10002, RejectReason.VENUE_OTHER),
    (answered(code=10003, text="API key is invalid."), REJECTED, 10003, RejectReason.VENUE_OTHER),
    (answered(code=10000, text="Server Timeout"), UNKNOWN, 10000, None),
    (answered(code=987654, text="new"), UNKNOWN, 987654, None),
    (answered([1, 2]), UNKNOWN, 0, None),  # a success whose result nobody can read
    (CallAnswered(200, "<html>proxy</html>"), UNKNOWN, 0, None),
    (CallAnswered(302, ""), UNKNOWN, 302, None),
    (CallAnswered(404, ""), REJECTED, 404, RejectReason.VENUE_OTHER),
    (CallAnswered(429, ""), UNKNOWN, 429, None),
    (CallAnswered(502, "Bad Gateway"), UNKNOWN, 502, None),
    (BAN, REJECTED, 403, RejectReason.RATE_LIMITED),
    (LOST, UNKNOWN, 0, None),
]


@pytest.mark.parametrize(("reply", "outcome", "code", "rejection"), OUTCOMES)
def test_a_command_is_accepted_rejected_or_unknown(
    desk: Desk, reply: CallReply, outcome: RequestOutcome, code: int, rejection: RejectReason | None
) -> None:
    number = desk.ask(SUBMIT)
    desk.reply(reply)
    result = desk.answer(number)
    assert (result.outcome, result.code, result.rejection, result.link_id) == (outcome, code, rejection, "ours")
    assert desk.out == []
    assert desk.answer(number) is None


def test_a_batch_is_answered_when_all_its_requests_are(desk: Desk) -> None:
    number = desk.ask(orders(11))
    rows = [{"category": "linear", "symbol": "BTCUSDT", "orderId": f"id{n}", "orderLinkId": f"o{n}"} for n in range(11)]
    codes = [{"code": 0 if n % 2 else 110007, "msg": ""} for n in range(10)]
    desk.reply(answered({"list": rows[:10]}, retExtInfo={"list": codes}))
    assert desk.answer(number) is None
    desk.reply(LOST)
    told = desk.answer(number)
    assert [result.outcome for result in told.results] == [REJECTED, ACCEPTED] * 5 + [UNKNOWN]
    assert told.result.outcome is UNKNOWN


def test_what_cannot_be_written_is_not_sent_and_not_unknown(desk: Desk) -> None:
    result = desk.answer(desk.ask(CancelOrder("DOGEUSDT", "ours")))
    assert (result.outcome, result.rejection) == (REJECTED, RejectReason.BAD_PARAMETER)
    assert result.reason == "DOGEUSDT: not among the instruments of this run (BTCUSDT, ETHUSDT)"
    batch = desk.answer(desk.ask(CancelBatch((CANCEL, CancelOrder("DOGEUSDT", "two")))))
    assert batch.result.outcome is REJECTED
    assert desk.answer(desk.ask(EquityQuery("DOGEUSDT"))) == Unanswered(result.reason)
    assert desk.out == []


def test_a_batch_whose_item_codes_cannot_be_read_is_unknown(desk: Desk) -> None:
    number = desk.ask(orders(1))
    row = {"category": "linear", "symbol": "BTCUSDT", "orderId": "id0", "orderLinkId": "o0"}
    desk.reply(answered({"list": [row]}, retExtInfo={"list": "?"}))
    assert desk.answer(number).result.outcome is UNKNOWN


# -- answers to questions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (LOST, "0 no answer within 5000 ms"),
        (CallAnswered(502, "Bad Gateway"), "502 Bad Gateway"),
        (CallAnswered(200, "<html>proxy</html>"), "0 <html>proxy</html>"),
        (answered(code=10006, text="too many visits"), "10006 too many visits"),
        (answered(code=10001, text="params error"), "10001 params error"),
        (answered({"list": "?"}), "OrderPage: Expected `array`, got `str` - at `$.list`"),
        (BAN, "403 <html>access too frequent</html>"),
    ],
)
def test_a_question_without_an_answer_is_told_so_at_once(desk: Desk, reply: CallReply, reason: str) -> None:
    number = desk.ask(OpenOrdersQuery("BTCUSDT"))
    desk.reply(reply)
    assert desk.answer(number) == Unanswered(reason)


def test_a_question_may_take_several_requests(desk: Desk) -> None:
    number = desk.ask(OrderQuery("BTCUSDT", "ours"))
    for path in ("/v5/order/realtime", "/v5/order/history"):
        assert desk.answer(number) is None
        assert desk.call()[1].call.path == path
        desk.reply(answered({"list": [], "category": "linear", "nextPageCursor": ""}))
    assert desk.answer(number) == OrderFound(None)


@pytest.mark.parametrize("code", [10003, 10004, 10010, 33004])
def test_a_key_that_the_venue_does_not_take_ends_the_run_with_what_to_do(desk: Desk, code: int) -> None:
    desk.ask(OpenOrdersQuery("BTCUSDT"))
    desk.reply(answered(code=code, text="no"))
    outcome = desk.kernel.life.outcome
    assert outcome is not None
    assert outcome.causes[0].error == "AuthenticationError"
    assert outcome.causes[0].text == (
        f"{code} no (asked for /v5/order/realtime): "
        "check the key, its permissions, its IP addresses and its environment"
    )


# -- time-outs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "expected"), [(SUBMIT, UNKNOWN), (EquityQuery("BTCUSDT"), None)])
def test_a_silent_edge_is_as_good_as_one_that_gave_up_and_its_late_answer_is_dead(
    desk: Desk, message: Command | Query, expected: RequestOutcome | None
) -> None:
    number = desk.ask(message)
    effect, _ = desk.call()
    desk.pass_time(5 * SECOND_NS + 249 * MS)
    assert desk.answer(number) is None
    desk.pass_time(1 * MS)
    told = desk.answer(number)
    assert told.reason.endswith("the edge has not answered in time")
    assert getattr(told, "outcome", None) is expected
    desk.out.clear()
    for late in (ACK, LOST):
        desk.reply(late, effect)
    assert (desk.answer(number), desk.out, desk.told()) == (None, [], [])


def test_a_reply_in_time_leaves_no_timer(desk: Desk) -> None:
    number = desk.ask(SUBMIT)
    desk.reply(ACK)
    assert desk.answer(number).outcome is ACCEPTED
    assert desk.kernel.next_timer() is None


def test_nothing_more_is_sent_for_an_asker_that_has_given_up(desk: Desk) -> None:
    number = desk.ask(orders(11), SECOND_NS)
    effect, _ = desk.call()
    desk.pass_time(SECOND_NS)
    assert isinstance(desk.answer(number), AskTimedOut)
    desk.reply(answered({"list": []}), effect)
    assert desk.out == []


def test_what_arrives_after_its_askers_deadline_is_not_begun(desk: Desk) -> None:
    desk.harness.deliver(CANCEL)  # nobody waits for an answer
    desk._look()
    assert desk.out == []


def test_requests_are_answered_in_whatever_order_their_replies_come() -> None:
    desk = Desk(GatewayPolicy(timeout_ns=SECOND_NS))
    numbers = {name: desk.ask(CancelOrder("BTCUSDT", name)) for name in "abc"}
    effects = dict(zip("abc", list(desk.out), strict=True))
    desk.reply(answered({"orderId": "id-c", "orderLinkId": "c"}), effects["c"])
    desk.reply(answered(code=110001, text="gone"), effects["a"])
    desk.pass_time(2 * SECOND_NS)
    told = {name: desk.answer(number) for name, number in numbers.items()}
    assert [told[name].outcome for name in "abc"] == [REJECTED, UNKNOWN, ACCEPTED]
    assert told["c"].order_id == "id-c"


# -- the edge dies ----------------------------------------------------------------------------------------------------


def test_when_the_edge_dies_every_asker_hears_it_and_a_reply_to_the_old_life_reaches_nobody(desk: Desk) -> None:
    numbers = [desk.ask(SUBMIT), desk.ask(EquityQuery("BTCUSDT"))]
    effect = desk.out[0]
    desk.kernel.edge_failed(desk.harness.ref, desk.harness.incarnation, RuntimeError("planted"))
    desk.kernel.pump()
    assert [type(desk.answer(number)) for number in numbers] == [ActorDied, ActorDied]
    assert desk.harness.incarnation == 2
    desk.reply(ACK, effect)
    desk.out.clear()
    number = desk.ask(SUBMIT)
    desk.reply(ACK)
    assert desk.answer(number).outcome is ACCEPTED


# -- what others are told ---------------------------------------------------------------------------------------------

TELLING: list[tuple[Any, CallAnswered, Endpoint, list[tuple[str, Any]]]] = [
    (SUBMIT, ACK, Endpoint.CREATE, []),
    (CANCEL, answered(code=10002, text="timestamp"), Endpoint.CANCEL, [("clocksync", TimestampRefused())]),
    (EquityQuery("BTCUSDT"), answered(code=10002, text="t"), Endpoint.WALLET, [("clocksync", TimestampRefused())]),
    (SUBMIT, CallAnswered(403, "not available in your country"), Endpoint.CREATE, []),
    (SUBMIT, answered(code=10006, text="too many"), Endpoint.CREATE, []),
    (SetTradingStop("BTCUSDT", None, None), answered(), Endpoint.TRADING_STOP, []),
    (AmendOrder("BTCUSDT", "ours", Qty(2)), ACK, Endpoint.AMEND, []),
    (CancelAll("BTCUSDT"), answered({"list": [], "success": "1"}), Endpoint.CANCEL_ALL, []),
]


@pytest.mark.parametrize(("message", "reply", "endpoint", "others"), TELLING)
def test_limits_bans_and_bad_time_stamps_are_told_to_whom_they_concern(
    desk: Desk, message: Any, reply: CallAnswered, endpoint: Endpoint, others: list[tuple[str, Any]]
) -> None:
    desk.pass_time(SECOND_NS)
    desk.ask(message)
    desk.pass_time(100 * MS)
    desk.reply(CallAnswered(reply.status, reply.body, LimitHeaders(10, 7, WALL_NS // MS)))
    category = "" if endpoint is Endpoint.WALLET else "linear"
    assert desk.told() == [("ratelimiter", LimitReported(endpoint, category, 10, 7, SECOND_NS)), *others]
    desk.ask(message)
    desk.reply(reply)
    assert desk.told() == others


def banned(*more: Any) -> list[tuple[str, Any]]:
    return [*more, ("ratelimiter", AddressBanned(600 * SECOND_NS))]


@pytest.mark.parametrize("message", [SUBMIT, ServerTimeQuery()], ids=repr)
def test_a_ban_is_told_and_nothing_more_is_sent_until_it_is_over(desk: Desk, message: Any) -> None:
    desk.ask(message)
    desk.reply(BAN)
    assert desk.told() == banned()
    late = desk.ask(SUBMIT)
    assert (desk.answer(late).outcome, desk.out) == (RequestOutcome.NEVER_SENT, [])
    assert isinstance(desk.answer(desk.ask(EquityQuery("BTCUSDT"))), NeverSent)
    desk.pass_time(600 * SECOND_NS)
    desk.ask(SUBMIT)
    assert len(desk.out) == 1


def test_a_conversation_under_way_sends_nothing_more_during_a_ban(desk: Desk) -> None:
    position = desk.ask(PositionQuery("BTCUSDT"))
    (first,) = desk.out
    desk.ask(ServerTimeQuery())
    (_, time) = desk.out
    desk.reply(BAN, time)
    desk.told()
    row = {"symbol": "BTCUSDT", "positionIdx": 0, "side": "", "size": "0"}
    desk.reply(answered({"category": "linear", "list": [row]}), first)
    answer = desk.answer(position)
    assert isinstance(answer, Unanswered)
    assert answer.reason.endswith("the venue bans our address: not sent")
    assert desk.out == []


def test_requests_beyond_those_that_the_gate_counted_are_told_to_it(desk: Desk) -> None:
    desk.ask(PositionQuery("BTCUSDT"))
    row = {"symbol": "BTCUSDT", "positionIdx": 0, "side": "", "size": "0"}
    desk.reply(answered({"category": "linear", "list": [row]}))
    desk.reply(answered({"category": "linear", "list": []}))
    assert desk.told() == [], "both were counted"
    full = {"list": [{"orderId": f"o{number}", "orderLinkId": ""} for number in range(500)], "success": "1"}
    desk.ask(CancelAll("BTCUSDT"))
    desk.reply(answered(full))
    assert desk.told() == [("ratelimiter", MoreRequested(Endpoint.CANCEL_ALL, "linear"))]
    desk.reply(answered({"list": [], "success": "1"}))
    desk.ask(CancelBatch(tuple(CANCEL for _ in range(11))))
    desk.reply(answered({"list": []}))
    assert desk.told() == [("ratelimiter", MoreRequested("", "linear"))], "its items were all counted at the path"


def test_every_class_of_the_port_begins_a_conversation(desk: Desk) -> None:
    assert set(PORT_CLASSES) <= set(type(desk.harness.actor)._handlers)
    desk.ask(HistoryQuery("BTCUSDT", 60_000))
    assert desk.call()[1].call.path == "/v5/market/kline"
