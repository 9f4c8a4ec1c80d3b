"""An entry as a ladder: one decision, several limit orders that share its size by their weights.

The size is one quantity, resolved as for a single order, and split: up to each rung the shares are rounded down to the
step together, and the last rung takes what is left, so they add up to the size exactly. All orders pass their checks
before the first is sent: a ladder is laid as a whole or not at all, but for rungs that `under_minimum: skip` leaves
out.
"""

from fractions import Fraction
from itertools import accumulate

from actors.intents.levels import attached, levels_of
from actors.intents.messages import IntentRefused
from actors.intents.processor import (
    InFlightView,
    PricedOrder,
    RiskLimits,
    approved,
    better_price,
    check_risk,
    entry_side,
    order_price,
    refusal_of,
)
from actors.intents.refusing import Refused
from actors.intents.sizing import at_least, check_quantity, resolve_quantity
from actors.model.exits import LevelTerms
from actors.model.fixed import Money, Price, Qty
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price
from actors.model.order import Side
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedLadder
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Intent, OrderKind, Rung

__all__ = ["process_ladder", "shares_of"]


def process_ladder(
    decided: Decided,
    flight: InFlightView,
    state: TradingState,
    limits: RiskLimits,
    instrument: Instrument,
    block_index: int,
    affordable: Money | None = None,
) -> ApprovedLadder | IntentRefused:
    """The approved orders of a ladder, or the refusal of all of it; `affordable` is what they may be worth together."""
    intent = decided.intent
    try:
        orders = _orders(intent, decided.facts, flight, state, limits, instrument)
    except Refused as refused:
        return refusal_of(intent, refused)
    worth = sum(instrument.value(order.price or 0, order.qty) for order in orders)
    if affordable is not None and worth > affordable:
        what = f"the ladder is worth {instrument.money_text(Money(worth))}, the account covers "
        return refusal_of(intent, Refused(RejectReason.INSUFFICIENT_MARGIN, what + instrument.money_text(affordable)))
    return ApprovedLadder(tuple(approved(intent, order, instrument, block_index) for order in orders))


def _orders(
    intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, limits: RiskLimits, instrument: Instrument
) -> list[PricedOrder]:
    metadata = intent.metadata
    rungs, size = metadata.order.ladder, metadata.size
    side = entry_side(intent, facts, flight, state, len(rungs))
    prices = [order_price(rung.price, side, facts, instrument, is_passive=True) for rung in rungs]
    levels = levels_of(metadata, side, facts, instrument)
    if size is None:
        raise Refused(RejectReason.BELOW_MINIMUM, "no size")
    risk = None if levels.stop_loss is None else _risk_of(rungs, prices, side, levels.stop_loss, instrument)
    qty = resolve_quantity(size, facts, instrument, risk)
    orders: list[PricedOrder] = []
    total = 0
    for number, (rung, price, share) in enumerate(
        zip(rungs, prices, shares_of(qty, rungs, instrument), strict=True), 1
    ):
        wanted = at_least(share, metadata.under_minimum, price, facts, instrument)
        if wanted is None:
            continue
        value = instrument.value(price, wanted)
        try:
            check_quantity(wanted, value, OrderKind.LIMIT, instrument)
        except Refused as refused:
            raise Refused(refused.refusal, f"rung {number}: {refused.reason}") from None
        total += value
        check_risk(value, total + instrument.value(price, abs(facts.position.qty)), limits, instrument)
        protection = attached(levels, side, price, better_price(side, price, facts), instrument)
        kind = OrderKind.LIMIT
        orders.append(PricedOrder(side, kind, price, wanted, levels, protection, None, rung.price, number))
    if not orders:
        raise Refused(RejectReason.SKIPPED)
    return orders


def shares_of(qty: Qty, rungs: tuple[Rung, ...], instrument: Instrument) -> list[Qty]:
    """What each rung gets of a quantity on the step; together they are that quantity."""
    weights = [Fraction(rung.weight) for rung in rungs]
    total, step = sum(weights), instrument.step
    ends = [int(qty * weight / total / step) * step for weight in accumulate(weights)]
    return [Qty(end - start) for start, end in zip([0, *ends], ends, strict=False)]


def _risk_of(
    rungs: tuple[Rung, ...], prices: list[Price], side: Side, stop: LevelTerms, instrument: Instrument
) -> int | None:
    """How far the average price of the whole ladder is from the stop loss that it then has, rounded up.

    Each fill moves the stop loss to its own distance, so the furthest rung's is the last and the worst.
    """
    total = sum(Fraction(rung.weight) for rung in rungs)
    average = (
        sum((price * Fraction(rung.weight) for price, rung in zip(prices, rungs, strict=True)), Fraction(0)) / total
    )
    stops = [stop_loss_price(instrument, side, price, stop) for price in prices]
    worst = min(stops) if side > 0 else max(stops)
    return -int(-side * (average - worst) // 1)
