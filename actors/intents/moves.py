"""Intents that move what is there already: a position's stop loss, take profit or trailing stop; a resting entry.

A level that moves changes no quantity, so there is no risk to judge. Distances are measured from the position's average
entry price.
"""

from collections.abc import Sequence
from decimal import Decimal

from actors.intents.levels import EntryLevels, attached, resolve_level
from actors.intents.messages import IntentRefused
from actors.intents.processor import RiskLimits, better_price, check_risk, order_price, refusal_of
from actors.intents.refusing import Refused
from actors.intents.sizing import check_quantity, entry_quantity
from actors.model.exits import FixedLevel, LevelTerms, TrailTerms
from actors.model.fixed import Price, Rounding, fixed_from_decimal
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price
from actors.model.order import Side
from actors.model.resting import RestingOrder
from actors.model.result import RejectReason
from actors.orders.messages import InFlightOrder, LedgerChanged, MoveLevels, Requote
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Action, AtPrice, ExitPlan, LevelAt, OrderKind

__all__ = ["process_move", "process_replace", "process_requote"]

_MAX_PRICE = 1 << 62  # the loader and the venue have the same bound


def process_requote(decided: Decided, instrument: Instrument, block_index: int) -> Requote:
    """The price that a resting entry moves to; the card has resolved it."""
    intent, facts = decided.intent, decided.facts
    level = intent.metadata.stop_loss
    assert isinstance(level, AtPrice)
    price = Price(fixed_from_decimal(level.at, instrument.price_digits))
    decision = (intent.card_id, intent.block_id, block_index, intent.bar_close_ms)
    return Requote(*decision, instrument.symbol, price, facts.close, intent.metadata.rung)


def process_replace(
    decided: Decided,
    ledger: LedgerChanged,
    state: TradingState,
    limits: RiskLimits,
    instrument: Instrument,
    block_index: int,
) -> Requote | IntentRefused:
    """The new terms of the card's resting entry, or the refusal."""
    intent = decided.intent
    try:
        return _replaced(decided, ledger, state, limits, instrument, block_index)
    except Refused as refused:
        return refusal_of(intent, refused)


def _replaced(
    decided: Decided,
    ledger: LedgerChanged,
    state: TradingState,
    limits: RiskLimits,
    instrument: Instrument,
    block_index: int,
) -> Requote:
    intent, facts = decided.intent, decided.facts
    if state is not TradingState.ACTIVE:
        raise Refused(RejectReason.HALTED, f"trading state is {state.value}")
    if ledger.quarantine:
        raise Refused(RejectReason.QUARANTINED, ledger.quarantine)
    block_id, order = _resting([one for one in ledger.in_flight if one.card_id == intent.card_id])
    side, ref, size = Side(order.side), intent.metadata.order.price, intent.metadata.size
    price = order.price
    if ref is not None:
        price = order_price(ref, side, facts, instrument, is_passive=not order.is_stop)
    better = price if order.is_stop else better_price(side, price, facts)
    attached(EntryLevels(order.stop_loss, order.take_profit), side, price, better, instrument)  # on the right side?
    qty = order.qty
    if size is not None:
        stop = order.stop_loss
        risk = None if stop is None else side * (price - stop_loss_price(instrument, side, price, stop))
        qty = entry_quantity(size, intent.metadata.under_minimum, price, risk, facts, instrument)
    value = instrument.value(price, qty)
    check_quantity(qty, value, OrderKind.STOP if order.is_stop else OrderKind.LIMIT, instrument)
    check_risk(value, value + instrument.value(price, abs(ledger.position.qty)), limits, instrument)
    decision = (intent.card_id, block_id, block_index, intent.bar_close_ms, instrument.symbol)
    return Requote(*decision, price, facts.close, is_replacing=True, qty=qty, follows=ref)


def _resting(flight: Sequence[InFlightOrder]) -> tuple[str, RestingOrder]:
    """The card's resting entry and its block; Refused if there is none, or more than one."""
    entries = [(one, one.entry) for one in flight if one.is_entry and one.entry is not None]
    if any(entry.rung for _, entry in entries):
        raise Refused(RejectReason.NO_ENTRY, "a ladder rests: cancel it, and lay it anew")
    if entries and not entries[0][0].is_resting:
        raise Refused(RejectReason.NO_ENTRY, "the entry is on its way: it does not rest yet")
    if not entries:
        raise Refused(RejectReason.NO_ENTRY)
    return entries[0][0].block_id, entries[0][1]


def process_move(decided: Decided, instrument: Instrument) -> MoveLevels | IntentRefused:
    """The move of a position's stop loss, take profit or trailing stop, or the refusal."""
    intent, facts = decided.intent, decided.facts
    metadata = intent.metadata
    decision = (intent.card_id, intent.block_id, intent.bar_close_ms, instrument.symbol)
    try:
        held = facts.position.qty
        if not held:
            raise Refused(RejectReason.NO_POSITION)
        side = Side.BUY if held > 0 else Side.SELL
        if intent.action is Action.TRAIL:
            assert metadata.exits is not None
            return MoveLevels(*decision, trail=_trail(metadata.exits, side, facts, instrument))
        is_stop = intent.action is Action.SET_STOP
        level = metadata.stop_loss if is_stop else metadata.take_profit
        assert level is not None
        sign = -side if is_stop else side
        price = _level_from_average(resolve_level(level, sign, facts, instrument), sign, facts, instrument)
    except Refused as refused:
        return refusal_of(intent, refused)
    stop, target = (price, None) if is_stop else (None, price)
    return MoveLevels(*decision, stop, target, metadata.only_tighten)


def _trail(plan: ExitPlan, side: Side, facts: Facts, instrument: Instrument) -> TrailTerms:
    """A trailing stop by distance, or along a feature. One whose activation the close has passed begins at once."""
    trail = plan.trail
    assert trail is not None
    if isinstance(trail.distance, LevelAt):
        return TrailTerms(along=trail.distance.price)
    terms = resolve_level(trail.distance, -side, facts, instrument)
    start = None
    if trail.activation is not None:
        start = _level_from_average(resolve_level(trail.activation, side, facts, instrument), side, facts, instrument)
        start = start if side * (start - facts.close) > 0 else None
    return TrailTerms(_distance(terms, facts, instrument), None if start is None else FixedLevel(price=start))


def _distance(terms: LevelTerms, facts: Facts, instrument: Instrument) -> FixedLevel:
    """A distance in price; one in percent is of the average entry price, rounded up to the tick."""
    if isinstance(terms, FixedLevel):
        return terms
    held, (more, whole) = facts.position, terms.as_integer_ratio()
    one = abs(instrument.value(1, held.qty))
    return FixedLevel(distance=instrument.round_price(abs(held.cost) * more, one * 100 * whole, Rounding.UP))


def _level_from_average(terms: LevelTerms, sign: int, facts: Facts, instrument: Instrument) -> Price:
    """The price of a level measured from the average entry price, rounded away from it."""
    if isinstance(terms, FixedLevel) and terms.price is not None:
        price = terms.price
    else:
        held = facts.position
        one = abs(instrument.value(1, held.qty))
        top, bottom = abs(held.cost), one
        if isinstance(terms, Decimal):
            more, whole = terms.as_integer_ratio()
            top, bottom = top * (100 * whole + sign * more), bottom * 100 * whole
        else:
            assert terms.distance is not None
            top += sign * terms.distance * bottom
        price = instrument.round_price(top, bottom, Rounding.UP if sign > 0 else Rounding.DOWN)
    if not 0 < price < _MAX_PRICE:
        raise Refused(RejectReason.UNRESOLVED_PRICE, "the level is no valid price")
    return price
