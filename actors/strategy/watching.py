"""Exits that an actor watches: time stop, session end, break-even by R, and a stop loss that follows a feature.

All are judged at exec closes, from the entry that protects the position (its exits, its fill, where its stop was moved
to), which the ledger keeps over restarts. Nothing is remembered here, so a card that was restarted judges the same.
"""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal

from actors.model.exits import ExitTerms
from actors.model.fixed import Price, Rounding, float_to_decimal, power_of_ten, scaled_text
from actors.model.instrument import Instrument
from actors.model.levels import break_even_price, stop_loss_price, stop_of
from actors.model.order import Order
from actors.orders.messages import LedgerChanged
from ideacards.feeds import IntArray
from ideacards.intents import Action, AtPrice, Intent, IntentMetadata, LevelAt

__all__ = ["SESSION_END", "TIME_STOP", "Watcher"]

TIME_STOP, SESSION_END, BREAK_EVEN, TRAIL = "time_stop", "session_end", "break_even", "trail"
_DAY_MS, _MINUTE_MS = 86_400_000, 60_000


class Watcher:
    """Watches one card's position; times are UTC ms, `timeframe_ms` is the exec bar's."""

    def __init__(self, card_id: str, instrument: Instrument, timeframe_ms: int) -> None:
        self._card_id = card_id
        self._instrument = instrument
        self._timeframe_ms = timeframe_ms

    def wakes_from(self, ledger: LedgerChanged, opens: Sequence[int]) -> int | None:
        """From which close on every bar has to be seen: 0 for all, None for none."""
        found = _watched(ledger)
        if found is None:
            return None
        entry, exits = found
        if exits.trail_along or self._waits_for_break_even(entry, exits):
            return 0
        return min((due_ms for due_ms, _ in self._ends(entry, exits, opens)), default=None)

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
            at_ms, day_ms = exits.session_end * _MINUTE_MS, entry.opened_ms - entry.opened_ms % _DAY_MS
            ends.append((day_ms + at_ms if day_ms + at_ms > entry.opened_ms else day_ms + at_ms + _DAY_MS, SESSION_END))
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


def _watched(ledger: LedgerChanged) -> tuple[Order, ExitTerms] | None:
    entry = ledger.protected
    if entry is None or entry.exits is None or not ledger.position.qty or not entry.opened_ms:
        return None
    return entry, entry.exits
