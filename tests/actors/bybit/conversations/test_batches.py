"""Batches: ten items a request, a word on each item, and a cancel of all that goes on until nothing is left."""

from typing import Any

import pytest

from actors.bybit.translate.results import RestReply
from actors.model.backend import AmendBatch, AmendOrder, CancelAll, CancelBatch, CancelOrder, SubmitBatch
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RejectReason, RequestOutcome
from tests.actors.bybit.conversations.talking import an_answer, talk

ACCEPTED, REJECTED, UNKNOWN = RequestOutcome.ACCEPTED, RequestOutcome.REJECTED, RequestOutcome.UNKNOWN


def orders(count: int) -> SubmitBatch:
    return SubmitBatch(
        tuple(
            OrderRequest(f"n{number}", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(1000), Price(9_000))
            for number in range(count)
        )
    )


def acks(names: range | list[int], codes: dict[int, int] | None = None) -> RestReply:
    """Of items n<number>; those in `codes` have failed with a code."""
    failed = codes or {}
    rows = [
        {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": f"n{number}", "createAt": "",
         "orderId": "" if number in failed else f"id-{number}"}
        for number in names
    ]  # fmt: skip
    words = [{"code": failed.get(number, 0), "msg": "no" if number in failed else "OK"} for number in names]
    return an_answer({"list": rows}, more={"list": words})


def test_ten_items_go_in_a_request_and_the_rest_in_another() -> None:
    done = talk(orders(13), acks(range(10)), acks(range(10, 13)))
    assert [(path, len(body["request"])) for path, body in done.asked] == [
        ("order/create-batch", 10),
        ("order/create-batch", 3),
    ]
    assert done.asked[1][1]["category"] == "linear"
    assert done.asked[1][1]["request"][0] == {
        "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "1", "price": "90", "timeInForce": "GTC",
        "orderLinkId": "n10", "positionIdx": 0, "reduceOnly": False,
    }  # fmt: skip
    assert done.answer.result.outcome is ACCEPTED
    assert [(one.link_id, one.order_id) for one in done.answer.results] == [(f"n{n}", f"id-{n}") for n in range(13)]


def test_each_item_has_its_own_word_though_the_whole_is_a_success() -> None:
    done = talk(orders(4), acks(range(4), {1: 110072, 3: 10016}))
    assert [(one.outcome, one.code) for one in done.answer.results] == [
        (ACCEPTED, 0),
        (REJECTED, 110072),
        (ACCEPTED, 0),
        (UNKNOWN, 10016),
    ]
    assert done.answer.results[1].rejection is RejectReason.DUPLICATE_ID
    assert done.answer.result.outcome is ACCEPTED


def test_a_request_without_a_reply_leaves_its_items_unknown_and_the_others_known() -> None:
    done = talk(orders(12), acks(range(10)), None)
    assert [one.outcome for one in done.answer.results] == [ACCEPTED] * 10 + [UNKNOWN] * 2
    assert done.answer.results[11].link_id == "n11"
    assert done.answer.result.outcome is UNKNOWN


def test_a_refusal_of_the_whole_refuses_each_item() -> None:
    done = talk(orders(2), an_answer({}, 10006, "Too many visits!"))
    assert [one.rejection for one in done.answer.results] == [RejectReason.RATE_LIMITED] * 2
    assert done.answer.result.outcome is REJECTED


@pytest.mark.parametrize("shown", [0, 1])
def test_an_item_that_the_answer_does_not_mention_is_unknown(shown: int) -> None:
    done = talk(orders(2), acks(range(shown)))
    assert [one.outcome for one in done.answer.results] == [ACCEPTED] * shown + [UNKNOWN] * (2 - shown)


def test_amends_and_cancels_go_by_our_id() -> None:
    amends = AmendBatch((AmendOrder("BTCUSDT", "n0", qty=Qty(2000)), AmendOrder("BTCUSDT", "n1", price=Price(1))))
    done = talk(amends, acks([0, 1]))
    assert done.asked == [
        (
            "order/amend-batch",
            {
                "category": "linear",
                "request": [
                    {"symbol": "BTCUSDT", "orderLinkId": "n0", "qty": "2"},
                    {"symbol": "BTCUSDT", "orderLinkId": "n1", "price": "0.01"},
                ],
            },
        )
    ]
    cancels = CancelBatch((CancelOrder("BTCUSDT", "n0"),))
    assert talk(cancels, acks([0])).asked == [
        ("order/cancel-batch", {"category": "linear", "request": [{"symbol": "BTCUSDT", "orderLinkId": "n0"}]})
    ]


def test_an_empty_batch_asks_for_nothing() -> None:
    with pytest.raises(StopIteration) as end:
        talk(orders(0))
    assert (end.value.value.result.outcome, end.value.value.results) == (ACCEPTED, ())


def gone(count: int) -> RestReply:
    return an_answer({"list": [{"orderId": f"id-{n}", "orderLinkId": ""} for n in range(count)], "success": "1"})


def test_a_cancel_of_all_goes_on_until_fewer_than_the_most_were_left() -> None:
    done = talk(CancelAll("BTCUSDT"), gone(500), gone(3))
    assert done.asked == [("order/cancel-all", {"category": "linear", "symbol": "BTCUSDT"})] * 2
    assert len(done.answer.results) == 503
    assert {one.outcome for one in done.answer.results} == {ACCEPTED}


def test_spot_cancels_one_kind_of_order_at_a_time() -> None:
    done = talk(CancelAll("ETHUSDT"), *[gone(0)] * 5)
    kinds: list[Any] = [body["orderFilter"] for _, body in done.asked]
    assert kinds == ["Order", "tpslOrder", "StopOrder", "OcoOrder", "BidirectionalTpslOrder"]


def test_a_cancel_of_all_without_a_reply_is_unknown_and_keeps_what_was_told() -> None:
    done = talk(CancelAll("BTCUSDT"), gone(500), None)
    assert (done.answer.result.outcome, len(done.answer.results)) == (UNKNOWN, 500)
