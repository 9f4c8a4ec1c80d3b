"""Every refusal has a reason: its value and limit, or the meaning of the refusal."""

from decimal import Decimal

import pytest

from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.fixed import Money, Price, Qty
from actors.model.position import Position
from actors.model.result import MEANINGS, RejectReason
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, Size, SizeKind
from tests.actors.builders import an_instrument

FLAT, HELD = Position(Qty(0), Money(0)), Position(Qty(1_000), Money(10_000_000))
IDLE = InFlightView(has_entry=False, has_exit=False)
BUSY = InFlightView(has_entry=True, has_exit=True)


def reason_of(
    action: Action, flight: InFlightView, position: Position, quantity: str = "1"
) -> tuple[RejectReason, str]:
    metadata = IntentMetadata(Size(SizeKind.QUANTITY, Decimal(quantity)), OrderSpec(OrderKind.MARKET))
    intent = Intent(action, "card", "block", 60_000, metadata)
    decided = Decided(intent, Facts(Price(10_000), Money(10**12), position))
    refused = process(decided, flight, TradingState.ACTIVE, RiskLimits(), an_instrument(), 0)
    assert isinstance(refused, IntentRefused)
    return refused.refusal, refused.reason


def test_every_refusal_has_a_meaning() -> None:
    assert set(MEANINGS) == set(RejectReason)
    assert all(MEANINGS.values())
    assert len(set(MEANINGS.values())) == len(MEANINGS)


@pytest.mark.parametrize(
    ("action", "flight", "position", "refusal"),
    [
        (Action.ENTER_LONG, BUSY, FLAT, RejectReason.ENTRY_IN_FLIGHT),
        (Action.ENTER_LONG, IDLE, HELD, RejectReason.POSITION_OPEN),
        (Action.EXIT, IDLE, FLAT, RejectReason.NO_POSITION),
        (Action.EXIT, BUSY, HELD, RejectReason.EXIT_IN_FLIGHT),
    ],
)
def test_a_refusal_without_values_states_its_meaning(
    action: Action, flight: InFlightView, position: Position, refusal: RejectReason
) -> None:
    assert reason_of(action, flight, position) == (refusal, MEANINGS[refusal])


def test_a_limit_is_told_with_the_value_that_breaks_it() -> None:
    refusal, reason = reason_of(Action.ENTER_LONG, IDLE, FLAT, "1000000000")
    instrument = an_instrument()
    assert refusal is RejectReason.ABOVE_MAXIMUM
    assert reason.startswith("quantity 1000000000")
    assert f" > {instrument.qty_text(instrument.max_market_qty)}, the maximum of a market order" in reason
