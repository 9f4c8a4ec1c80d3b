"""What the venue refuses and with which code; a refusal leaves no order behind."""

from typing import Any

import numpy as np
import pytest

from actors.model.errors import ConfigurationError
from actors.model.order import OrderType, PositionIdx, TriggerDirection
from actors.model.result import OrderResult, RejectReason, VenueCode
from actors.simulator.venue.limits import VenueRates
from ideacards.feeds import WakeSet
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px


def a_hand(bars: int = 4, **changes: Any) -> Hand:
    hand = Hand([FLAT_BAR] * bars, **changes)
    hand.close()
    return hand


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"qty": 0}, VenueCode.PARAMETER, "qty 0"),
        ({"qty": -1}, VenueCode.PARAMETER, "qty -1"),
        ({"qty": 501}, VenueCode.PARAMETER, "maximum 500"),
        ({"qty": 1191, "price": 1}, VenueCode.PARAMETER, "maximum 1190"),
        ({"price": 99.95}, VenueCode.PARAMETER, "price 99.95"),
        ({"price": 0}, VenueCode.PARAMETER, "price 0"),
        ({"type_": OrderType.LIMIT}, VenueCode.PARAMETER, "needs a price"),
        ({"trigger": 101.05}, VenueCode.PARAMETER, "triggerPrice 101.05"),
        ({"trigger_price": px(101)}, VenueCode.PARAMETER, "go together"),
        ({"trigger_direction": TriggerDirection.RISE}, VenueCode.PARAMETER, "go together"),
        ({"symbol": "ETHUSDT"}, VenueCode.PARAMETER, "ETHUSDT"),
        ({"position_idx": PositionIdx.HEDGE_LONG}, VenueCode.PARAMETER, "position idx not match position mode"),
        ({"link_id": "a b"}, VenueCode.PARAMETER, "orderLinkId"),
        ({"link_id": "x" * 37}, VenueCode.PARAMETER, "orderLinkId"),
        ({"trigger": 100, "rise": True}, VenueCode.TRIGGER_NOT_ABOVE, "rising"),
        ({"trigger": 100, "rise": False}, VenueCode.TRIGGER_NOT_BELOW, "falling"),
        ({"qty": 0.049}, VenueCode.MIN_NOTIONAL, "notional"),
        ({"qty": 0.05, "price": 99.9}, VenueCode.MIN_NOTIONAL, "notional"),
        ({"reduce_only": True}, VenueCode.REDUCE_ONLY, "reduce"),
        ({"reduce_only": True, "trigger": 110}, VenueCode.REDUCE_ONLY, "reduce"),
    ],
)
def test_a_request_is_refused_with_the_venues_code(fields: dict[str, Any], code: int, says: str) -> None:
    hand = a_hand()
    link_id = hand.send(BUY, **fields)
    assert hand.last is not None
    assert (hand.code, hand.last.link_id) == (code, link_id)
    assert says in hand.last.reason
    assert hand.venue.order(link_id) is None
    assert (hand.venue.open_orders(), hand.reports) == ((), [])


def test_what_lies_just_inside_every_limit_is_taken() -> None:
    hand = a_hand()
    for fields in (
        {"qty": 500},
        {"qty": 1190, "price": 0.1},
        {"qty": 0.05},
        {"trigger": 100.1},
        {"link_id": "x" * 36},
    ):
        hand.buy(**fields)
        assert hand.code == 0, fields


def test_quantity_off_the_step_and_under_the_minimum_are_refused() -> None:
    hand = a_hand(instrument=an_instrument(step=10, min_qty=100))
    hand.buy(1.005)
    assert hand.code == VenueCode.PARAMETER
    hand.buy(0.09)
    assert hand.code == VenueCode.PARAMETER
    hand.buy(0.1)
    assert hand.code == 0


def test_an_order_id_is_used_once_in_a_run_and_a_refused_one_is_not_used() -> None:
    hand = a_hand()
    hand.buy(501, link_id="again")
    hand.buy(link_id="again")
    assert hand.code == 0
    hand.close()
    assert [report.status.value for report in hand.reports] == ["Filled"]
    hand.buy(link_id="again")
    assert hand.code == VenueCode.DUPLICATE_ID
    assert hand.last is not None
    assert hand.last.rejection is RejectReason.DUPLICATE_ID


def test_a_reduce_only_order_is_exempt_from_the_minimum_notional() -> None:
    hand = a_hand()
    hand.buy(1)
    hand.close()
    hand.exit(0.001)
    assert hand.code == 0
    hand.exit(0.001, side=BUY)
    assert hand.code == VenueCode.REDUCE_ONLY


def test_ten_conditional_and_five_hundred_active_orders_are_the_most() -> None:
    hand = a_hand()
    for number in range(10):
        hand.sell(trigger=90 - number)
    hand.sell(trigger=70)
    assert hand.code == VenueCode.TOO_MANY_CONDITIONAL
    ids = [hand.buy(0.1, price=60) for _ in range(500)]
    assert hand.code == 0
    hand.buy(0.1, price=60)
    assert hand.code == VenueCode.TOO_MANY_ACTIVE
    hand.cancel(ids[0])
    hand.buy(0.1, price=60)
    assert hand.code == 0


def test_triggered_and_cancelled_orders_make_room_for_conditional_ones() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 89, 100)])
    hand.close()
    ids = [hand.sell(0.1, trigger=90 - number) for number in range(10)]
    hand.cancel(ids[-1])
    hand.finish()
    assert len(hand.fills) == 2
    codes = []
    for number in range(4):
        hand.sell(0.1, trigger=70 - number)
        codes.append(hand.code)
    assert codes == [0, 0, 0, VenueCode.TOO_MANY_CONDITIONAL]


@pytest.mark.parametrize("endpoint", ["create", "amend", "cancel", "protection"])
def test_each_endpoint_has_its_own_rolling_second_and_what_is_over_is_not_executed(endpoint: str) -> None:
    generous = {"create": 9, "amend": 9, "cancel": 9, "protection": 9}
    hand = a_hand(rates=VenueRates(**{**generous, endpoint: 3}))
    resting = hand.buy(price=90)

    def request(number: int, at_ms: int) -> OrderResult | None:
        hand.now = at_ms
        match endpoint:
            case "create":
                hand.buy(0.1, price=80)
            case "amend":
                hand.amend(resting, price=90 - number)
            case "cancel":
                hand.cancel("unknown")
            case "protection":
                hand.protect(90)
        return hand.last

    base = hand.now + 1 + 1000 * (endpoint == "create")
    codes = []
    for number, after_ms in enumerate([0, 400, 400, 999, 1000, 1001, 1400, 1400, 1400], start=1):
        answer = request(number, base + after_ms)
        assert answer is not None
        codes.append(answer.code == VenueCode.RATE_LIMITED)
    assert codes == [False, False, False, True, False, True, False, False, True]


def test_the_rate_is_judged_before_anything_else() -> None:
    hand = a_hand(rates=VenueRates(create=1))
    hand.buy(-1)
    assert hand.code == VenueCode.PARAMETER
    hand.buy(-1)
    assert hand.code == VenueCode.RATE_LIMITED


def test_protection_needs_a_position_and_prices_on_the_tick() -> None:
    hand = a_hand()
    assert hand.protect(90).code == VenueCode.PARAMETER
    hand.buy()
    hand.until_fill()
    assert hand.protect(90.05).code == VenueCode.PARAMETER
    assert hand.protect(90, 110.05).code == VenueCode.PARAMETER
    assert hand.protect(None, None).code == VenueCode.NOTHING_CHANGED
    assert hand.protect(90, 110).code == 0
    assert hand.protect(90, 110).code == VenueCode.NOTHING_CHANGED
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit) == (px(90), px(110))


def test_unknown_and_ended_orders_can_be_neither_cancelled_nor_amended() -> None:
    hand = a_hand()
    ended = hand.sell(0.1)
    hand.close()
    for link_id in ("never-sent", ended):
        assert hand.cancel(link_id).code == VenueCode.ORDER_NOT_FOUND
        assert hand.amend(link_id, qty=1).code == VenueCode.ORDER_NOT_FOUND
    assert hand.held == -0.1


def test_leverage_beyond_the_instruments_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="leverage 101"):
        Hand([FLAT_BAR], leverage=101)


@pytest.mark.parametrize(
    "changes", [{"leverage": 0}, {"limit_fill_ticks": -1}, {"drift_ticks_per_second": -1}, {"equity": 0}]
)
def test_settings_out_of_range_are_refused_at_once(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Hand([FLAT_BAR], **changes)


def test_a_refused_change_changes_nothing() -> None:
    hand = a_hand()
    link_id = hand.send(SELL, price=105)
    before = hand.venue.order(link_id)
    assert hand.amend(link_id, price=105.05).code == VenueCode.PARAMETER
    assert hand.amend(link_id, qty=0).code == VenueCode.PARAMETER
    assert hand.amend(link_id, qty=0.01).code == VenueCode.MIN_NOTIONAL
    assert hand.amend(link_id, trigger=120).code == VenueCode.PARAMETER
    assert hand.amend(link_id, price=105).code == VenueCode.NOTHING_CHANGED
    assert hand.amend(link_id, qty=1_100).code == 0
    assert before is not None
    assert before.qty == 1000


@pytest.mark.parametrize("level", [2.0**56, 2.0**57, 2.0**100])
def test_an_absurdly_large_price_is_refused_wherever_it_stands(level: float) -> None:
    """On the tick; a scan over bars that nobody waits for would have to hold it, in cents, in 64 bits."""
    hand = Hand([FLAT_BAR] * 50)
    hand.close()
    nothing = np.zeros(50, dtype=bool)
    hand.venue.market.subscribe(WakeSet(nothing, nothing, nothing, nothing))
    for fields in ({"price": level}, {"trigger": level, "rise": True}):
        hand.buy(**fields)
        assert hand.code == 10001
        assert hand.last is not None
        assert "is too large" in hand.last.reason
    resting = hand.buy(price=90)
    hand.amend(resting, price=level)
    assert hand.code == 10001
    hand.buy()
    hand.until_fill()
    hand.protect(None, level)
    assert hand.code == 10001
    hand.finish()
    assert [fill.price for fill in hand.fills] == [px(100)]
