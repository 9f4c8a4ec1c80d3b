"""What a card may ask of its trades so far: when the position was opened, how the last one ended, how far equity fell.

All of it follows from the fills and the bars, so it is the same whichever bars the card was called at. Fills are told
once, so what they come to is remembered through the journal at every change. A fill that was missed (the strategy was
down) shows in the ledger: its time is known, its reason and result are not.
"""

from decimal import Decimal
from math import inf, nan

import msgspec
import numpy as np

from actors.model.fixed import Money, Price
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price
from actors.model.order import Fill, Order
from actors.model.origins import Origin
from actors.model.position import FLAT, Position, apply_fill
from actors.orders.messages import LedgerChanged
from ideacards.feeds import Bars
from ideacards.position_view import ExitReason, PositionView

__all__ = ["TRADES_TOPIC", "AccountFacts", "TradeRecord"]

TRADES_TOPIC = "trades"  # key: a card; value: its TradeRecord
_DAY_MS = 86_400_000
_REASONS = {
    Origin.USER: ExitReason.EXIT,
    Origin.STOP_LOSS: ExitReason.STOP_LOSS,
    Origin.TAKE_PROFIT: ExitReason.TAKE_PROFIT,
    Origin.TRAILING_STOP: ExitReason.TRAILING_STOP,
    Origin.LIQUIDATION: ExitReason.LIQUIDATION,
}


class TradeRecord(msgspec.Struct, frozen=True):
    """What the fills so far come to; times are UTC ms of the venue, 0 for never.

    `side` is the position's sign, `opened_ms` its first fill, `gained` what it has realised net of fees and funding.
    `entries` are the first fills of entries of the last two days. `result` is None for a trade whose end was missed.
    `peak` is the highest equity at the closes of bars up to `seen_ms`.
    """

    side: int = 0
    opened_ms: int = 0
    risk_percent: Decimal | None = None
    gained: Money = Money(0)
    entries: tuple[int, ...] = ()
    last_entry: str = ""  # our id of the newest entry that has filled
    exit_ms: int = 0
    loss_ms: int = 0
    reason: ExitReason | None = None
    result: Money | None = None
    last_fill_ms: int = 0
    peak: Money | None = None
    seen_ms: int = 0


class AccountFacts:
    """Keeps the record of one card, and shows it; `is_alone`: no other card shares the account."""

    def __init__(self, instrument: Instrument, *, is_alone: bool) -> None:
        self.record: TradeRecord | None = None  # None until it is recalled
        self.has_begun = False
        self._instrument = instrument
        self._money_one = 10**instrument.money_digits
        self._is_alone = is_alone
        self._position, self._wallet = FLAT, Money(0)
        self._bars: Bars | None = None
        self._extremes = (0, 0, nan, nan)  # highest high and lowest low of bars [first, stop)

    # -- what happens -------------------------------------------------------------------------------------------------

    def look_at(self, bars: Bars) -> None:
        """The bars that are known now."""
        self._bars = bars

    def begin(self, ledger: LedgerChanged, now_ms: int) -> None:
        """Everything is known: compare what was recalled with the ledger."""
        record = self._known()
        side = _sign(ledger.position.qty)
        if side != record.side or ledger.last_fill_ms > record.last_fill_ms:
            record = _with_missed(record, side, ledger, self._instrument)
        if record.peak is None:
            record = msgspec.structs.replace(record, peak=ledger.wallet, seen_ms=now_ms)
        self.record = record
        self._position, self._wallet = ledger.position, ledger.wallet
        self.has_begun = True

    def follow(self, ledger: LedgerChanged, now_ms: int) -> bool:
        """A revision of the card's symbol; whether the record has changed."""
        if not self.has_begun:
            return False
        before = self._known()
        record = before
        if ledger.wallet != self._wallet or ledger.position != self._position:
            record = self._settled(record, now_ms)
        entries = {order.request.link_id: order for order in ledger.orders if order.is_entry}
        position = self._position
        for fill in ledger.fills:
            position, record = self._filled(record, position, fill, entries)
        self._position, self._wallet = ledger.position, ledger.wallet
        self.record = record
        return record != before

    def _filled(
        self, record: TradeRecord, held: Position, fill: Fill, entries: dict[str, Order]
    ) -> tuple[Position, TradeRecord]:
        qty, paid = fill.traded_qty, fill.fee if not fill.fee_currency else Money(0)
        after, realised = (
            apply_fill(held, fill.side * qty, self._instrument.value(fill.price, qty)) if qty else (held, 0)
        )
        gained = Money(record.gained + realised - paid)
        changes: dict[str, object] = {"gained": gained, "last_fill_ms": fill.time_ms}
        side = _sign(after.qty)
        if held.qty and side != _sign(held.qty):
            changes |= {"exit_ms": fill.time_ms, "result": gained, "gained": Money(0)}
            changes["reason"] = _REASONS.get(fill.origin, ExitReason.OTHER)
            if gained < 0:
                changes["loss_ms"] = fill.time_ms
        if side != _sign(held.qty):
            changes |= {"side": side, "opened_ms": fill.time_ms if side else 0}
            changes["risk_percent"] = (
                _risk_of(entries.get(fill.link_id), fill.price, self._instrument) if side else None
            )
        if fill.link_id in entries and qty and fill.link_id != record.last_entry:
            recent = tuple(each for each in record.entries if each > fill.time_ms - 2 * _DAY_MS)
            changes |= {"entries": (*recent, fill.time_ms), "last_entry": fill.link_id}
        return after, msgspec.structs.replace(record, **changes)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show(self, view: PositionView) -> None:
        """Write the facts into the view that fills alone change."""
        record, one = self._known(), self._money_one
        view.entry_bar = self._last_bar(record.opened_ms) if record.side else nan
        view.risk_percent = nan if record.risk_percent is None else float(record.risk_percent)
        view.exit_bar = self._last_bar(record.exit_ms) if record.exit_ms else -inf
        view.loss_bar = self._last_bar(record.loss_ms) if record.loss_ms else -inf
        view.last_exit = record.reason
        view.last_result = nan if record.result is None else record.result / one
        view.moving = self

    def drawdown(self, index: int, equity: Money) -> float:
        """Percent by which the equity at the close of bar `index` is below the highest at a close so far."""
        record = self._known()
        bars = self._columns()
        if self._is_alone and index:
            record = self.record = self._settled(record, int(bars.ts_close[index - 1]))
        peak = max(record.peak or 0, equity)
        if not self._is_alone:
            self.record = msgspec.structs.replace(record, peak=Money(peak))
        return (peak - equity) / peak * 100 if peak > 0 else nan

    def best_price(self, index: int) -> float:
        """Highest high since the entry for a long, lowest low for a short; bars count whole."""
        return self._extreme(index, is_best=True)

    def worst_price(self, index: int) -> float:
        """Lowest low since the entry for a long, highest high for a short."""
        return self._extreme(index, is_best=False)

    def entries_today(self, index: int) -> float:
        """Entries that filled on the UTC day of the bar's close."""
        day = int(self._columns().ts_close[index]) // _DAY_MS
        return float(sum(each // _DAY_MS == day for each in self._known().entries))

    def _extreme(self, index: int, *, is_best: bool) -> float:
        record, bars = self._known(), self._columns()
        first = int(self._last_bar(record.opened_ms)) + 1
        if not record.side or index < first:
            return nan
        known_first, stop, high, low = self._extremes
        if known_first != first or stop > index + 1 or high != high:
            stop, high, low = first, -inf, inf
        if stop <= index:
            high = max(high, float(bars.high[stop : index + 1].max()))
            low = min(low, float(bars.low[stop : index + 1].min()))
        self._extremes = (first, index + 1, high, low)
        return high if is_best is (record.side > 0) else low

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _settled(self, record: TradeRecord, until_ms: int) -> TradeRecord:
        """With the equity at the closes after `seen_ms` up to a time: the position was the same at all of them."""
        bars = self._columns()
        start, stop = np.searchsorted(bars.ts_close, (record.seen_ms, until_ms), side="right").tolist()
        if start >= stop or not self._is_alone:
            return record
        equity, held = self._wallet, self._position
        if held.qty:
            closes = bars.price_close[start:stop]
            best = int(closes.max() if held.qty > 0 else closes.min())
            equity = Money(equity + self._instrument.value(best, held.qty) - held.cost)
        return msgspec.structs.replace(record, peak=max(record.peak or equity, equity), seen_ms=until_ms)

    def _last_bar(self, time_ms: int) -> float:
        """Index of the last bar that had closed by a time, -1 before the first."""
        return float(np.searchsorted(self._columns().ts_close, time_ms, side="right") - 1)

    def _columns(self) -> Bars:
        assert self._bars is not None, "bars come before questions"
        return self._bars

    def _known(self) -> TradeRecord:
        assert self.record is not None, "the record is recalled before anything is followed"
        return self.record


def _with_missed(record: TradeRecord, side: int, ledger: LedgerChanged, instrument: Instrument) -> TradeRecord:
    """The record after fills that were not told: when they came is known, what they came to is not."""
    time_ms = ledger.last_fill_ms
    changes: dict[str, object] = {"last_fill_ms": time_ms}
    if record.side and side != record.side:
        changes |= {"exit_ms": time_ms, "reason": ExitReason.OTHER, "result": None, "gained": Money(0)}
    if side != record.side:
        entry = ledger.protected
        risk = None if entry is None else _risk_of(entry, entry.last_price, instrument)
        changes |= {"side": side, "opened_ms": time_ms if side else 0, "risk_percent": risk if side else None}
        changes["entries"] = (*record.entries, time_ms) if side else record.entries
    return msgspec.structs.replace(record, **changes)


def _risk_of(entry: Order | None, price: Price | None, instrument: Instrument) -> Decimal | None:
    """Distance of the entry's first stop in percent of its fill's price."""
    if entry is None or price is None:
        return None
    stop, terms = entry.stop_loss, entry.request.protection
    if isinstance(stop, Decimal):
        return stop
    level = None if terms is None else terms.stop_loss
    if stop is not None:
        level = stop_loss_price(instrument, entry.request.side, price, stop)
    return None if level is None else Decimal(abs(price - level)) * 100 / Decimal(price)


def _sign(qty: int) -> int:
    return (qty > 0) - (qty < 0)
