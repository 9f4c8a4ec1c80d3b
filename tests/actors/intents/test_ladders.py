"""An entry as a ladder: shares that add up exactly, minimums by policy, layers, risk, and all of it or nothing."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.intents.ladders import process_ladder, shares_of
from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits
from actors.model.fixed import Money, Price, Qty
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedLadder, ApprovedOrder
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import (
    Action,
    Distance,
    Expiry,
    Intent,
    IntentMetadata,
    LevelAt,
    OrderKind,
    OrderSpec,
    PriceRef,
    Rung,
    Size,
    SizeKind,
    UnderMinimum,
)
from tests.actors.builders import an_instrument

BTC = an_instrument()  # tick 0.10, step 0.001, two price digits, minimum 0.001 and 5
CLOSE = Price(10_000)  # 100.00
QUIET = InFlightView(has_entry=False, has_exit=False)
ONE = Size(SizeKind.QUANTITY, Decimal(1))
NO_LIMITS = RiskLimits()


def rungs(*weights: str, ticks: int = -10) -> tuple[Rung, ...]:
    """One rung a weight, each so many ticks further."""
    refs = (PriceRef("close", offset_ticks=ticks * number) for number in range(1, len(weights) + 1))
    return tuple(Rung(ref, Decimal(weight)) for ref, weight in zip(refs, weights, strict=True))


def lay(
    ladder: tuple[Rung, ...],
    size: Size = ONE,
    *,
    action: Action = Action.ENTER_LONG,
    flight: InFlightView = QUIET,
    position: Position = FLAT,
    limits: RiskLimits = NO_LIMITS,
    values: tuple[tuple[str, float], ...] = (),
    **metadata: Any,
) -> ApprovedLadder | IntentRefused:
    order = OrderSpec(OrderKind.LIMIT, expires=Expiry(3), ladder=ladder)
    facts = Facts(CLOSE, BTC.money(Decimal(1000)), position, values)
    intent = Intent(action, "card", "in", 60_000, IntentMetadata(size, order, **metadata))
    return process_ladder(Decided(intent, facts), flight, TradingState.ACTIVE, limits, BTC, 0)


def laid(*args: Any, **kwargs: Any) -> tuple[ApprovedOrder, ...]:
    answer = lay(*args, **kwargs)
    assert isinstance(answer, ApprovedLadder), answer
    return answer.orders


def refused(*args: Any, **kwargs: Any) -> IntentRefused:
    answer = lay(*args, **kwargs)
    assert isinstance(answer, IntentRefused), answer
    return answer


def test_the_orders_share_the_size_by_their_weights_and_each_has_its_number_price_and_terms() -> None:
    orders = laid(rungs("3", "2", "1"), stop_loss=Decimal(1))
    assert [(order.rung, order.price, order.qty) for order in orders] == [
        (1, 9_900, 500),
        (2, 9_800, 333),
        (3, 9_700, 167),
    ]
    assert [order.terms and order.terms.price for order in orders] == [rung.price for rung in rungs("3", "2", "1")]
    assert [order.protection and order.protection.stop_loss for order in orders] == [9_800, 9_700, 9_600]
    assert {order.bar_close_ms for order in orders} == {60_000}


@given(st.integers(0, 10_000_000), st.lists(st.decimals("0.01", "50", places=2), min_size=1, max_size=20))
def test_the_shares_add_up_to_the_size_and_none_is_a_step_off(steps: int, weights: list[Decimal]) -> None:
    ladder = tuple(Rung(PriceRef("close"), weight) for weight in weights)
    qty = Qty(steps * BTC.step)
    shares = shares_of(qty, ladder, BTC)
    assert sum(shares) == qty
    assert all(share >= 0 and share % BTC.step == 0 for share in shares)
    total = sum(map(Fraction, weights))
    assert all(
        abs(share - qty * Fraction(rung.weight) / total) < BTC.step for share, rung in zip(shares, ladder, strict=True)
    )


def test_a_rung_below_the_minimum_refuses_the_ladder_is_left_out_or_raised() -> None:
    size = Size(SizeKind.QUANTITY, Decimal("0.1"))  # 0.01 of it at 98 is below 5 in quote coin
    found = refused(rungs("9", "1"), size)
    assert (found.refusal, found.reason.partition(":")[0]) == (RejectReason.BELOW_MINIMUM, "rung 2")
    skipped = laid(rungs("9", "1"), size, under_minimum=UnderMinimum.SKIP)
    assert [(order.rung, order.qty) for order in skipped] == [(1, 90)]
    raised = laid(rungs("9", "1"), size, under_minimum=UnderMinimum.ROUND_UP)
    assert [(order.rung, order.qty) for order in raised] == [(1, 90), (2, 52)]  # 0.052 at 98 is 5.096
    tiny = Size(SizeKind.QUANTITY, Decimal("0.001"))
    assert refused(rungs("1", "1"), tiny, under_minimum=UnderMinimum.SKIP).refusal is RejectReason.SKIPPED


def test_a_ladder_is_as_many_layers_as_rungs() -> None:
    long = Position(Qty(1_000), Money(BTC.value(CLOSE, Qty(1_000))))
    view = InFlightView(has_entry=False, has_exit=False, layers=2)
    assert laid(rungs("1", "1"), flight=view, position=long, add=True, max_layers=4)
    found = refused(rungs("1", "1", "1"), flight=view, position=long, add=True, max_layers=4)
    assert found.refusal is RejectReason.MAX_LAYERS
    assert refused(rungs("1", "1"), position=long).refusal is RejectReason.POSITION_OPEN
    assert refused(rungs("1"), flight=InFlightView(True, False)).refusal is RejectReason.ENTRY_IN_FLIGHT


@pytest.mark.parametrize(("action", "ticks"), [(Action.ENTER_LONG, -10), (Action.ENTER_SHORT, 10)])
def test_a_size_by_risk_loses_its_share_if_the_whole_ladder_fills_and_stops(action: Action, ticks: int) -> None:
    stop = Distance("noise")
    orders = laid(
        rungs("1", "2", ticks=ticks),
        Size(SizeKind.RISK, Decimal(1)),
        action=action,
        stop_loss=stop,
        values=(("noise", 1.5),),
    )
    last = orders[-1].protection
    assert last is not None
    assert last.stop_loss is not None
    lost = sum(abs(BTC.value(order.price or 0, order.qty) - BTC.value(last.stop_loss, order.qty)) for order in orders)
    assert BTC.money(Decimal("9.9")) < lost <= BTC.money(Decimal(10))


def test_what_fails_at_one_rung_leaves_none() -> None:
    far = (*rungs("1"), Rung(PriceRef("close", offset_percent=Decimal("-99.9999"))))
    assert refused(far).refusal is RejectReason.UNRESOLVED_PRICE
    assert refused((Rung(PriceRef("unknown")),)).reason == "unknown has no value"
    inside = LevelAt("low")
    assert refused(rungs("1", "1"), stop_loss=inside, values=(("low", 98.5),)).refusal is RejectReason.LEVEL_SIDE


def test_limits_count_each_order_and_the_ladder_together() -> None:
    each = RiskLimits(order_notional=BTC.money(Decimal(50)))
    assert laid(rungs("1", "1"), limits=each)
    assert refused(rungs("2", "1"), limits=each).refusal is RejectReason.RISK_ORDER_NOTIONAL
    together = RiskLimits(position_notional=BTC.money(Decimal(80)))
    assert refused(rungs("1", "1"), limits=together).refusal is RejectReason.RISK_POSITION_NOTIONAL
