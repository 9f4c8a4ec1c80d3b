"""Sizes and levels of an entry: what each unit comes to, on which side it is rounded, and what is refused."""

from decimal import Decimal
from fractions import Fraction
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.exits import FixedLevel
from actors.model.fixed import Money, Price, Qty
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedOrder
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import (
    SIZE_VALUE,
    Action,
    Distance,
    Intent,
    IntentMetadata,
    LevelAt,
    OrderKind,
    OrderSpec,
    PriceRef,
    Size,
    SizeKind,
    TickDistance,
    UnderMinimum,
)
from tests.actors.builders import an_instrument

BTC = an_instrument()  # tick 0.10, step 0.001, two price digits, minimum 0.001 and 5
CLOSE = Price(10_000)  # 100.00
QUIET = InFlightView(has_entry=False, has_exit=False)


def decide(
    size: Size | None = None,
    *,
    action: Action = Action.ENTER_LONG,
    equity: str = "1000",
    values: tuple[tuple[str, float], ...] = (),
    flight: InFlightView = QUIET,
    position: Position = FLAT,
    available: str = "0",
    **metadata: Any,
) -> ApprovedOrder | IntentRefused:
    told = IntentMetadata(size or Size(SizeKind.QUANTITY, Decimal(1)), **metadata)
    money = BTC.money(Decimal(equity))
    facts = Facts(CLOSE, money, position, values, available=BTC.money(Decimal(available)))
    intent = Intent(action, "card", "in", 60_000, told)
    return process(Decided(intent, facts), flight, TradingState.ACTIVE, RiskLimits(), BTC, 0)


def approved(*args: Any, **kwargs: Any) -> ApprovedOrder:
    order = decide(*args, **kwargs)
    assert isinstance(order, ApprovedOrder), order
    return order


def refused(*args: Any, **kwargs: Any) -> IntentRefused:
    answer = decide(*args, **kwargs)
    assert isinstance(answer, IntentRefused), answer
    return answer


RISK = Size(SizeKind.RISK, Decimal(1))


def test_a_risk_is_the_share_of_equity_lost_at_the_stop() -> None:
    # 1 % of 1000 is 10; the stop is 2 away: 5 coins
    assert approved(RISK, stop_loss=Decimal(2)).qty == 5_000
    assert approved(RISK, stop_loss=TickDistance(20)).qty == 5_000
    # 1.5 times 1.3 is 1.95, rounded up to 2.0
    assert approved(RISK, stop_loss=Distance("noise", Decimal("1.5")), values=(("noise", 1.3),)).qty == 5_000
    assert approved(RISK, stop_loss=LevelAt("low3"), values=(("low3", 98.04),)).qty == 5_000  # 98.0, rounded down
    short = approved(RISK, action=Action.ENTER_SHORT, stop_loss=LevelAt("top"), values=(("top", 101.96),))
    assert short.qty == 5_000  # 102.0, rounded up


def test_a_risk_is_measured_from_the_price_of_the_order() -> None:
    at = OrderSpec(OrderKind.LIMIT, PriceRef("close", offset_ticks=-100))
    # the limit is 90, the stop 88.2: 1.8 away, 10 / 1.8 = 5.555..
    assert approved(RISK, order=at, stop_loss=Decimal(2)).qty == 5_555


@given(st.integers(1, 10**9), st.decimals("0.01", "100", places=2), st.integers(1, 900), st.sampled_from([1, -1]))
def test_a_risk_is_never_exceeded_and_used_to_the_step(cents: int, percent: Decimal, ticks: int, sign: int) -> None:
    equity = Decimal(cents) / 100
    action = Action.ENTER_LONG if sign > 0 else Action.ENTER_SHORT
    answer = decide(Size(SizeKind.RISK, percent), action=action, equity=str(equity), stop_loss=TickDistance(ticks))
    allowed = Fraction(equity) * Fraction(percent) / 100 / (Fraction(ticks) / 10)
    if isinstance(answer, IntentRefused):
        assert answer.refusal in (RejectReason.BELOW_MINIMUM, RejectReason.ABOVE_MAXIMUM)
        return
    assert 0 <= allowed - Fraction(answer.qty, 1000) < Fraction(1, 1000)


def test_volatility_available_and_an_expression_give_quantities() -> None:
    volatility = Size(SizeKind.VOLATILITY, Decimal("0.5"), "noise")
    assert approved(volatility, values=(("noise", 2.5),)).qty == 2_000  # 5 / 2.5
    assert approved(Size(SizeKind.AVAILABLE_PERCENT, Decimal(50)), available="300").qty == 1_500
    assert approved(Size(SizeKind.EXPRESSION), values=((SIZE_VALUE, 123.456),)).qty == 1_234


@pytest.mark.parametrize(
    ("size", "values", "refusal"),
    [
        (Size(SizeKind.VOLATILITY, Decimal(1), "noise"), (), RejectReason.UNRESOLVED_PRICE),
        (Size(SizeKind.VOLATILITY, Decimal(1), "noise"), (("noise", 0.0),), RejectReason.UNRESOLVED_PRICE),
        (Size(SizeKind.VOLATILITY, Decimal(1), "noise"), (("noise", nan),), RejectReason.UNRESOLVED_PRICE),
        (Size(SizeKind.EXPRESSION), (), RejectReason.UNRESOLVED_PRICE),
        (Size(SizeKind.EXPRESSION), ((SIZE_VALUE, -5.0),), RejectReason.BELOW_MINIMUM),
        (Size(SizeKind.AVAILABLE_PERCENT, Decimal(50)), (), RejectReason.BELOW_MINIMUM),
    ],
)
def test_a_size_without_a_value_is_refused(size: Size, values: Any, refusal: RejectReason) -> None:
    assert refused(size, values=values).refusal is refusal


def test_a_level_keeps_its_distance_and_a_price_stays() -> None:
    values = (("noise", 1.23), ("top", 104.01), ("low3", 97.99))
    order = approved(stop_loss=Distance("noise", Decimal(2)), take_profit=LevelAt("top"), values=values)
    assert order.stop_loss == FixedLevel(distance=Price(250))  # 2.46, rounded up to the tick
    assert order.take_profit == FixedLevel(price=Price(10_410))
    assert order.protection is not None
    assert (order.protection.stop_loss, order.protection.take_profit) == (9_750, 10_410)
    short = approved(action=Action.ENTER_SHORT, stop_loss=LevelAt("top"), take_profit=LevelAt("low3"), values=values)
    assert (short.stop_loss, short.take_profit) == (FixedLevel(price=Price(10_410)), FixedLevel(price=Price(9_790)))


@pytest.mark.parametrize(
    ("action", "levels"),
    [
        (Action.ENTER_LONG, {"stop_loss": LevelAt("top")}),
        (Action.ENTER_LONG, {"take_profit": LevelAt("low3")}),
        (Action.ENTER_LONG, {"stop_loss": LevelAt("close_now")}),
        (Action.ENTER_SHORT, {"stop_loss": LevelAt("low3")}),
        (Action.ENTER_SHORT, {"take_profit": LevelAt("top")}),
    ],
)
def test_a_price_on_the_wrong_side_is_refused(action: Action, levels: dict[str, Any]) -> None:
    values = (("top", 104.0), ("low3", 98.0), ("close_now", 100.0))
    answer = refused(action=action, values=values, **levels)
    assert answer.refusal is RejectReason.LEVEL_SIDE
    assert "is not" in answer.reason


@pytest.mark.parametrize("level", [LevelAt("gone"), Distance("gone")])
def test_a_level_of_a_feature_without_a_value_is_refused(level: Any) -> None:
    assert refused(stop_loss=level).refusal is RejectReason.UNRESOLVED_PRICE


def test_the_policy_under_the_minimum() -> None:
    tiny = Size(SizeKind.NOTIONAL, Decimal("0.05"))
    assert refused(tiny).refusal is RejectReason.BELOW_MINIMUM
    assert refused(tiny, under_minimum=UnderMinimum.SKIP).refusal is RejectReason.SKIPPED
    # 5 of value at 100.00 is 0.05; at a limit of 99.9 it takes 0.051
    assert approved(tiny, under_minimum=UnderMinimum.ROUND_UP).qty == 50
    at = OrderSpec(OrderKind.LIMIT, PriceRef("close", offset_ticks=-1))
    assert approved(tiny, under_minimum=UnderMinimum.ROUND_UP, order=at).qty == 51
    ruined = refused(tiny, under_minimum=UnderMinimum.ROUND_UP, equity="0")
    assert ruined.refusal is RejectReason.BELOW_MINIMUM
    enough = Size(SizeKind.NOTIONAL, Decimal(50))
    assert {approved(enough, under_minimum=policy).qty for policy in UnderMinimum} == {500}


def test_layers_are_counted_up_to_the_most() -> None:
    held = Position(Qty(1000), Money(BTC.value(10_000, 1000)))
    for layers, is_refused in ((1, False), (2, False), (3, True)):
        flight = InFlightView(has_entry=False, has_exit=False, layers=layers)
        answer = decide(add=True, max_layers=3, position=held, flight=flight)
        assert isinstance(answer, IntentRefused) is is_refused
        if isinstance(answer, IntentRefused):
            assert answer.refusal is RejectReason.MAX_LAYERS
