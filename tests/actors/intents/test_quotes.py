"""A quote is allowed beside other entries and positions of either side; all other checks of an entry apply to it."""

from decimal import Decimal

import pytest

from actors.intents.actor import IntentProcessor
from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.fixed import Money, Price, Qty
from actors.model.order import OrderType, Side
from actors.model.position import FLAT, Position
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedOrder, LedgerChanged, WithdrawResting
from actors.safety.messages import TradingState, TradingStateChanged
from actors.strategy.messages import Decided, Facts
from ideacards.errors import CardError
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind, OrderSpec, PriceRef, Size, SizeKind
from ideacards.loader import read_card
from runtime.messages import Ref
from runtime.testing import ActorHarness
from tests.actors.builders import an_instrument

PLACE = an_instrument()
BUSY = InFlightView(has_entry=True, has_exit=False)
HELD = Position(Qty(5), PLACE.value(10_000, 5))
CARD = """id: grid
thesis: Cards cannot quote yet.
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 1000, leverage: 1}}
blocks:
  - id: a
    cases:
      - when: position.flat
        emit: {{action: {action}}}
"""


def decided(action: Action, percent: str = "-1", position: Position = FLAT, quantity: str = "1") -> Decided:
    order = OrderSpec(OrderKind.LIMIT, PriceRef("close", Decimal(percent)))
    metadata = IntentMetadata(Size(SizeKind.QUANTITY, Decimal(quantity)), order)
    return Decided(Intent(action, "grid", "b", 60_000, metadata), Facts(Price(10_005), Money(0), position))


def judged(message: Decided, state: TradingState = TradingState.ACTIVE) -> ApprovedOrder | IntentRefused:
    return process(message, BUSY, state, RiskLimits(), PLACE, 0)


@pytest.mark.parametrize(
    ("action", "percent", "side", "price"),
    [(Action.QUOTE_BUY, "-1", Side.BUY, 9_900), (Action.QUOTE_SELL, "1", Side.SELL, 10_110)],
)
@pytest.mark.parametrize("position", [FLAT, HELD, Position(Qty(-5), Money(-HELD.cost))])
def test_a_quote_of_either_side_stands_beside_entries_and_positions(
    action: Action, percent: str, side: Side, price: int, position: Position
) -> None:
    order = judged(decided(action, percent, position))
    assert isinstance(order, ApprovedOrder)
    assert (order.side, order.type, order.price, order.qty) == (side, OrderType.LIMIT, price, 1_000)
    assert (order.is_entry, order.reduce_only) == (True, False)


def test_an_entry_beside_another_entry_is_refused() -> None:
    refused = judged(decided(Action.ENTER_LONG))
    assert isinstance(refused, IntentRefused)
    assert refused.refusal is RejectReason.ENTRY_IN_FLIGHT


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_quotes_are_sent_only_while_the_trading_state_is_active(state: TradingState) -> None:
    refused = judged(decided(Action.QUOTE_SELL, "1"), state)
    assert isinstance(refused, IntentRefused)
    assert refused.refusal is RejectReason.HALTED


def test_a_quote_too_small_is_refused() -> None:
    refused = judged(decided(Action.QUOTE_BUY, quantity="0.0001"))
    assert isinstance(refused, IntentRefused)
    assert refused.refusal is RejectReason.BELOW_MINIMUM


@pytest.mark.parametrize("state", list(TradingState))
def test_a_withdrawal_goes_straight_on_in_every_trading_state(state: TradingState) -> None:
    cards, blocks = {"grid": Ref("card")}, {("grid", "b"): 0}
    harness = ActorHarness(
        lambda: IntentProcessor(Ref("orders"), Ref("safety"), cards, blocks, {"grid": PLACE}, RiskLimits()),
        others=("orders", "safety", "card"),
    )
    (_, _, for_orders), (_, _, for_safety) = harness.take()
    harness.answer(for_orders, LedgerChanged(1, "BTCUSDT", Money(0), FLAT, ()))
    harness.answer(for_safety, TradingStateChanged(state, "planted"))
    assert harness.deliver(decided(Action.WITHDRAW)) == [("orders", WithdrawResting("grid", "b", 60_000), 0)]


@pytest.mark.parametrize("action", ["quote_buy", "quote_sell", "withdraw"])
def test_a_card_cannot_emit_quotes_or_withdrawals(action: str) -> None:
    with pytest.raises(CardError, match=action):
        read_card(CARD.format(action=action), "grid.yaml")
