"""Exits that an actor watches: time stop, session end, break-even by R, and a stop loss that follows a feature.

All are judged at exec closes, from the entry that protects the position (its exits, its fill, where its stop was moved
to), which the ledger keeps over restarts. Nothing is remembered here, so a card that was restarted judges the same.
"""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from msgspec.structs import replace

from actors.model.exits import ExitTerms
from actors.model.fixed import Price, Rounding, float_to_decimal, power_of_ten, scaled_text
from actors.model.instrument import Instrument
from actors.model.levels import break_even_price, stop_loss_price, stop_of
from actors.model.order import Order
from actors.model.pricing import resolve_price
from actors.model.resting import RestingOrder, RestingTerms
from actors.orders.messages import LedgerChanged
from actors.strategy.messages import Facts
from ideacards.feeds import Bars, IntArray
from ideacards.intents import Action, AtPrice, Intent, IntentMetadata, LevelAt, OrderSpec
from ideacards.position_view import PositionView

__all__ = ["SESSION_END", "TIME_STOP", "Watcher"]

TIME_STOP, SESSION_END, BREAK_EVEN, TRAIL = "time_stop", "session_end", "break_even", "trail"
EXPIRED, FOLLOW = "expired", "follow"
_DAY_MS, _MINUTE_MS = 86_400_000, 60_000


class Decider(Protocol):
    """The card's program: its own intents, and the values of features that an intent refers to."""

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]: ...
    def has_ended(self, when: str, index: int, view: PositionView) -> bool: ...
    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]: ...


class Watcher:
    """Watches one card's position; times are UTC ms, `timeframe_ms` is the exec bar's."""

    def __init__(self, card_id: str, instrument: Instrument, timeframe_ms: int) -> None:
        self._card_id = card_id
        self._instrument = instrument
        self._timeframe_ms = timeframe_ms

    def wakes_from(self, ledger: LedgerChanged, opens: Sequence[int]) -> int | None:
        """From which close on every bar has to be seen: 0 for all, None for none."""
        dues: list[int] = []
        for terms in self._resting(ledger):
            is_following = terms.follow_ticks is not None or terms.follow_percent is not None
            dues += [0] if is_following or terms.expires_when else self._expiries(terms)
        found = _watched(ledger)
        if found is not None:
            entry, exits = found
            if exits.trail_along or self._waits_for_break_even(entry, exits):
                return 0
            dues += [due_ms for due_ms, _ in self._ends(entry, exits, opens)]
        return min(dues, default=None)

    def is_at_work(self, ledger: LedgerChanged) -> bool:
        """Whether anything is watched now."""
        entry = ledger.protected
        return (entry is not None and entry.exits is not None) or any(one.watched for one in ledger.in_flight)

    def rests_at(
        self, ledger: LedgerChanged, facts: Facts, program: Decider, index: int, ts_close: int, view: PositionView
    ) -> tuple[Intent, ...]:
        """What becomes of a resting entry at this close: it expires, or it moves to its price's new value."""
        intents: tuple[Intent, ...] = ()
        for one in ledger.in_flight:
            order, terms = one.entry, None if one.entry is None else one.entry.terms
            if order is None or terms is None or one.card_id != self._card_id:
                continue
            metadata = IntentMetadata(reason=EXPIRED)
            is_over = any(ts_close >= due_ms for due_ms in self._expiries(terms))
            if terms.expires_when and ts_close > terms.since_ms:
                is_over = is_over or program.has_ended(terms.expires_when, index, view)
            if is_over:
                return (Intent(Action.WITHDRAW, self._card_id, one.block_id, ts_close, metadata),)
            if one.is_resting and terms.price is not None:
                asked = IntentMetadata(order=OrderSpec(price=terms.price), rung=order.rung)
                question = Intent(Action.REQUOTE, self._card_id, one.block_id, ts_close, asked)
                price = self._followed(order, terms, replace(facts, values=program.values_for(question, index)))
                if price is not None:
                    at = AtPrice(Decimal(scaled_text(price, self._instrument.price_digits)))
                    metadata = IntentMetadata(stop_loss=at, reason=FOLLOW, rung=order.rung)
                    intents += (Intent(Action.REQUOTE, self._card_id, one.block_id, ts_close, metadata),)
        return intents

    def _resting(self, ledger: LedgerChanged) -> list[RestingTerms]:
        """What is watched of the card's entries in flight."""
        mine = (one.entry for one in ledger.in_flight if one.card_id == self._card_id)
        return [entry.terms for entry in mine if entry is not None and entry.terms is not None]

    def _expiries(self, terms: RestingTerms) -> list[int]:
        """From which close on it is to be cancelled; none or one."""
        if terms.expires_bars is not None:
            return [terms.since_ms + terms.expires_bars * self._timeframe_ms]
        return [] if terms.until is None else [_next_at(terms.until, terms.since_ms)]

    def _followed(self, order: RestingOrder, terms: RestingTerms, facts: Facts) -> Price | None:
        """The new price of a resting order, None if its price has not moved by more than the distance."""
        instrument = self._instrument
        if terms.price is None or (terms.follow_ticks is None and terms.follow_percent is None):
            return None
        rounding = Rounding.DOWN if (order.side > 0) is not order.is_stop else Rounding.UP
        price = resolve_price(terms.price, facts, instrument, rounding)
        if price is None:
            return None
        moved = abs(price - order.price)
        if terms.follow_ticks is not None:
            return price if moved > terms.follow_ticks * instrument.tick else None
        assert terms.follow_percent is not None
        top, bottom = terms.follow_percent.as_integer_ratio()
        return price if moved * 100 * bottom > order.price * top else None

    def decide(
        self, ledger: LedgerChanged, facts: Facts, program: Decider, bars: Bars, index: int, view: PositionView
    ) -> tuple[Intent, ...]:
        """The intents of a bar at which something is watched: an exit that is due, alone; else what becomes of resting
        entries, the card's own intents, and a move of the stop loss.
        """
        ts_close, opens = int(bars.ts_close[index]), bars.ts_open.data
        end = self.ends_at(ledger, opens, ts_close)
        if end is not None:
            return (end,)
        intents = self.rests_at(ledger, facts, program, index, ts_close, view)
        intents += program.decide(index, ts_close, view)
        entry = ledger.protected
        if entry is None:
            return intents
        question = self.question(ledger, ts_close)
        values = () if question is None else program.values_for(question, index)
        first = max(0, bisect_right(opens, entry.opened_ms) - 1)
        closes = bars.price_close[first : index + 1]
        return intents + self.moves_at(ledger, closes, values[0][1] if values else None, ts_close)

    def ends_at(self, ledger: LedgerChanged, opens: Sequence[int], ts_close: int) -> Intent | None:
        """The exit that is due at this close, or None; the session's end comes before the time stop."""
        found = _watched(ledger)
        if found is None or any(not (order.is_entry or order.may_rest) for order in ledger.in_flight):
            return None  # nothing is watched, or an exit at market is under way
        entry, exits = found
        for due_ms, reason in self._ends(entry, exits, opens):
            if ts_close >= due_ms:
                return self._intent(Action.EXIT, entry, ts_close, IntentMetadata(reason=reason))
        return None

    def moves_at(
        self, ledger: LedgerChanged, closes: IntArray, along: float | None, ts_close: int
    ) -> tuple[Intent, ...]:
        """How the stop loss is to be moved at this close, the last of `closes`; the first is that of the entry's bar.

        `along` is the value of the feature that it follows, None where that is unknown or there is none.
        """
        found = _watched(ledger)
        if found is None:
            return ()
        entry, exits = found
        wanted: list[tuple[Price, str]] = []
        if self._waits_for_break_even(entry, exits) and self._has_gained(entry, exits, closes):
            price = break_even_price(entry, self._instrument)
            wanted += [] if price is None else [(price, BREAK_EVEN)]
        if along is not None:
            wanted += [(self._rounded(along, entry), TRAIL)]
        side, now = entry.request.side, stop_of(entry, self._instrument)
        intents: tuple[Intent, ...] = ()
        for price, reason in sorted(wanted, key=lambda each: -side * each[0])[:1]:
            if price > 0 and (now is None or (price - now) * side > 0) and (int(closes[-1]) - price) * side > 0:
                at = AtPrice(Decimal(scaled_text(price, self._instrument.price_digits)))
                metadata = IntentMetadata(stop_loss=at, only_tighten=True, reason=reason)
                intents = (self._intent(Action.SET_STOP, entry, ts_close, metadata),)
        return intents

    def question(self, ledger: LedgerChanged, ts_close: int) -> Intent | None:
        """An intent that names the feature which the stop loss follows, to ask for its value; None if there is none."""
        found = _watched(ledger)
        if found is None or not found[1].trail_along:
            return None
        metadata = IntentMetadata(stop_loss=LevelAt(found[1].trail_along))
        return self._intent(Action.SET_STOP, found[0], ts_close, metadata)

    def _ends(self, entry: Order, exits: ExitTerms, opens: Sequence[int]) -> list[tuple[int, str]]:
        """(due time, reason) of each end that is watched, by precedence."""
        ends: list[tuple[int, str]] = []
        if exits.session_end is not None:
            ends.append((_next_at(exits.session_end, entry.opened_ms), SESSION_END))
        if exits.time_stop_bars is not None:
            bar = bisect_right(opens, entry.opened_ms) - 1
            opened_ms = opens[bar] if bar >= 0 else entry.opened_ms
            ends.append((opened_ms + exits.time_stop_bars * self._timeframe_ms, TIME_STOP))
        return ends

    def _waits_for_break_even(self, entry: Order, exits: ExitTerms) -> bool:
        if exits.break_even_r is None:
            return False
        price, now = break_even_price(entry, self._instrument), stop_of(entry, self._instrument)
        return price is not None and (now is None or (price - now) * entry.request.side > 0)

    def _has_gained(self, entry: Order, exits: ExitTerms, closes: IntArray) -> bool:
        """Whether a close since the entry has gained so many times the first risk."""
        fill_price, first_stop = entry.last_price, entry.stop_loss
        if fill_price is None or first_stop is None or exits.break_even_r is None or not len(closes):
            return False
        side = entry.request.side
        risk = side * (fill_price - stop_loss_price(self._instrument, side, fill_price, first_stop))
        top, bottom = exits.break_even_r.as_integer_ratio()
        best = int(closes.max() if side > 0 else closes.min())
        return side * (best - fill_price) * bottom >= risk * top

    def _rounded(self, value: float, entry: Order) -> Price:
        """A feature's value as a stop loss: away from the market, on the tick."""
        top, bottom = float_to_decimal(value).as_integer_ratio()
        rounding = Rounding.DOWN if entry.request.side > 0 else Rounding.UP
        return self._instrument.round_price(top * power_of_ten(self._instrument.price_digits), bottom, rounding)

    def _intent(self, action: Action, entry: Order, ts_close: int, metadata: IntentMetadata) -> Intent:
        return Intent(action, self._card_id, entry.block_id, ts_close, metadata)


def _next_at(minute: int, after_ms: int) -> int:
    """When it is next that minute of the day in UTC, after a time."""
    at_ms = after_ms - after_ms % _DAY_MS + minute * _MINUTE_MS
    return at_ms if at_ms > after_ms else at_ms + _DAY_MS


def _watched(ledger: LedgerChanged) -> tuple[Order, ExitTerms] | None:
    entry = ledger.protected
    if entry is None or entry.exits is None or not ledger.position.qty or not entry.opened_ms:
        return None
    return entry, entry.exits
