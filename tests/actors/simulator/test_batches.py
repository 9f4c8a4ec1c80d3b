"""Several requests in one, and all orders of a symbol at once: each its own answer, each its own grant."""

from actors.model.backend import AmendBatch, AmendOrder, CancelAll, CancelBatch, CancelOrder, SubmitBatch
from actors.model.fixed import Qty
from actors.model.order import OrderRequest, OrderType, TriggerDirection
from actors.model.result import OrderResult, RequestOutcome, VenueCode
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.venue import MAX_BATCH
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, px


def limit(name: str, price: float, qty: float = 1) -> OrderRequest:
    return OrderRequest(name, "BTCUSDT", BUY, OrderType.LIMIT, coins(qty), px(price))


def codes(results: tuple[OrderResult, ...]) -> list[int]:
    return [result.code for result in results]


def test_each_of_a_batch_has_its_own_answer_in_order() -> None:
    hand = Hand([FLAT_BAR] * 3)
    requests = (limit("a", 90), limit("b", 90.05), limit("a", 91), limit("c", 91))
    answer = hand.venue.submit_batch(SubmitBatch(requests), 0)
    assert answer.result.outcome is RequestOutcome.ACCEPTED
    assert codes(answer.results) == [0, VenueCode.PARAMETER, VenueCode.DUPLICATE_ID, 0]
    assert [order.link_id for order in hand.venue.open_orders()] == ["a", "c"]

    changes = (AmendOrder("BTCUSDT", "a", price=px(92)), AmendOrder("BTCUSDT", "x", price=px(92)))
    assert codes(hand.venue.amend_batch(AmendBatch(changes), 0).results) == [0, VenueCode.ORDER_NOT_FOUND]

    gone = tuple(CancelOrder("BTCUSDT", name) for name in ("a", "x", "c"))
    assert codes(hand.venue.cancel_batch(CancelBatch(gone), 0).results) == [0, VenueCode.ORDER_NOT_FOUND, 0]
    assert hand.venue.open_orders() == ()


def test_a_conditional_order_is_not_amended_in_a_batch() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.buy(trigger=110, link_id="stop")
    change = AmendOrder("BTCUSDT", "stop", trigger_price=px(111))
    assert codes(hand.venue.amend_batch(AmendBatch((change,)), 0).results) == [VenueCode.PARAMETER]


def test_an_empty_batch_and_one_too_long_are_refused_as_a_whole() -> None:
    hand = Hand([FLAT_BAR] * 3)
    for requests in ((), tuple(limit(f"n{number}", 90, 0.1) for number in range(MAX_BATCH + 1))):
        answer = hand.venue.submit_batch(SubmitBatch(requests), 0)
        assert (answer.result.code, answer.results) == (VenueCode.PARAMETER, ())


def test_every_request_of_a_batch_takes_a_grant_and_those_over_it_are_refused() -> None:
    hand = Hand([FLAT_BAR] * 3, rates=VenueRates(3, 10, 10, 10, 10))
    answer = hand.venue.submit_batch(SubmitBatch(tuple(limit(f"n{number}", 90) for number in range(5))), 0)
    assert codes(answer.results) == [0, 0, 0, VenueCode.RATE_LIMITED, VenueCode.RATE_LIMITED]


def test_cancel_all_ends_every_kind_the_positions_own_too() -> None:
    hand = Hand([FLAT_BAR] * 3)
    hand.buy()
    hand.until_fill()
    hand.trail(5, stop_loss=90)
    hand.add(0.5, take_profit=110)
    hand.buy(price=95)
    hand.sell(trigger=95, rise=False)
    assert [part.trigger_price for part in hand.venue.position_report().parts] == [px(110)]
    answer = hand.venue.cancel_all(CancelAll("BTCUSDT"), hand.now)
    assert codes(answer.results) == [0] * 5
    assert [bool(result.link_id) for result in answer.results] == [True, True, False, False, False]
    report = hand.venue.position_report()
    assert hand.venue.open_orders() == ()
    assert (report.stop_loss, report.trailing_stop, report.parts) == (None, None, ())
    assert hand.held == 1
    assert hand.venue.cancel_all(CancelAll("BTCUSDT"), hand.now).results == ()


def test_an_unknown_symbol_is_refused_everywhere() -> None:
    hand = Hand([FLAT_BAR] * 2)
    assert hand.venue.cancel_all(CancelAll("ETHUSDT"), 0).result.code == VenueCode.PARAMETER
    assert hand.venue.cancel(CancelOrder("ETHUSDT", "a"), 0).code == VenueCode.PARAMETER
    request = OrderRequest(
        "a", "BTCUSDT", SELL, OrderType.MARKET, Qty(1), trigger_price=px(90), trigger_direction=TriggerDirection.FALL
    )
    assert hand.venue.submit_batch(SubmitBatch((request,)), 0).results[0].code == VenueCode.MIN_NOTIONAL
