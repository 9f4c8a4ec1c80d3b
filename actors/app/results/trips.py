"""Round trips, computed from the tape's fills alone and in fixed point.

A round trip ends when the net position returns to zero; a fill through zero ends one and starts the next, and its
value and fee are split by quantity. Averages are for display; nothing is decided from them.
"""

from collections.abc import Sequence
from decimal import Decimal

import attrs
import msgspec

from actors.app.results.tape import Execution, Rows
from actors.model.fixed import scaled_text
from actors.model.instrument import Instrument
from actors.model.position import FLAT, Position, apply_fill

__all__ = ["Holding", "RoundTrip", "Step", "Walk", "parts_of", "walk_fills"]


@attrs.frozen
class RoundTrip:
    """One closed trip; `qty` is the total entered, prices are averages, money is in quote coin."""

    side: str  # long or short
    entry_ms: int
    exit_ms: int
    entry_bar: int
    exit_bar: int
    qty: Decimal
    entry_price: Decimal
    exit_price: Decimal
    entry_value: Decimal
    gross: Decimal  # before fees
    fees: Decimal
    entry_block: str
    exit_reason: str  # the block that decided it, or the origin: stop_loss, take_profit, ...

    @property
    def net(self) -> Decimal:
        """Profit after the fees of all its fills."""
        return self.gross - self.fees

    @property
    def bars_held(self) -> int:
        """Exec bars from the first entry's bar to the last exit's; 0 within one bar."""
        return self.exit_bar - self.entry_bar


@attrs.frozen
class Holding:
    """The position open at the end of the range; `qty` is unsigned, `fees` were paid for it so far."""

    side: str
    entry_ms: int
    qty: Decimal
    entry_price: Decimal
    fees: Decimal
    entry_block: str


class Step(msgspec.Struct, frozen=True, gc=False):
    """The account after one fill: signed quantity (Qty) and cash flow so far (Money, fees included)."""

    bar: int
    qty: int
    cash: int


@attrs.frozen
class Walk:
    """The totals of all fills; `realised`, `fees`, `traded` and `funding` (paid) are Money."""

    trips: Sequence[RoundTrip]
    holding: Holding | None
    steps: tuple[Step, ...]
    realised: int
    fees: int
    traded: int
    funding: int = 0


class _Trip(msgspec.Struct, gc=False):
    """A trip in progress: its fills summed by side (Qty and Money); `last` is the newest one."""

    sign: int
    first: Execution
    last: Execution
    entry_qty: int = 0
    entry_value: int = 0
    exit_qty: int = 0
    exit_value: int = 0
    fees: int = 0

    def add(self, row: Execution, qty: int, value: int, fee: int) -> None:
        """Add a fill, or the part of it that belongs to this trip."""
        if row.sign == self.sign:
            self.entry_qty += qty
            self.entry_value += value
        else:
            self.exit_qty += qty
            self.exit_value += value
        self.fees += fee
        self.last = row


def walk_fills(fills: Sequence[Execution], instrument: Instrument) -> Walk:
    """Trips, open holding, account steps and totals of `fills`, which must be in execution order."""
    position: Position = FLAT
    trip: _Trip | None = None
    closed: list[_Trip] = []
    steps: list[Step] = []
    realised = fees = traded = funding = cash = 0
    for row in fills:
        sign = row.sign
        if not row.qty:
            funding, cash = funding + row.fee, cash - row.fee
        for qty, value, fee in parts_of(row, position, instrument) if row.qty else ():
            position, gained = apply_fill(position, sign * qty, value)
            realised, fees, traded = realised + gained, fees + fee, traded + value
            cash -= sign * value + fee
            if trip is None:
                trip = _Trip(sign, row, row)
            trip.add(row, qty, value, fee)
            if position.qty == 0:
                closed.append(trip)
                trip = None
        steps.append(Step(row.bar, position.qty, cash))
    holding = None if trip is None else _holding(trip, position, instrument)
    trips = Rows(closed, lambda trip: _closed(trip, instrument))
    return Walk(trips, holding, tuple(steps), realised, fees, traded, funding)


def parts_of(row: Execution, position: Position, instrument: Instrument) -> tuple[tuple[int, int, int], ...]:
    """(Qty, value, fee) of a fill, or of its two parts if it crosses zero."""
    qty, price, fee = row.qty, row.price, row.fee
    held = abs(position.qty)
    if position.qty * row.sign >= 0 or qty <= held:
        return ((qty, instrument.value(price, qty), fee),)
    closing_fee = fee * held // qty
    return (
        (held, instrument.value(price, held), closing_fee),
        (qty - held, instrument.value(price, qty - held), fee - closing_fee),
    )


def _closed(trip: _Trip, instrument: Instrument) -> RoundTrip:
    last = trip.last
    return RoundTrip(
        side=_side(trip),
        entry_ms=trip.first.time_ms,
        exit_ms=last.time_ms,
        entry_bar=trip.first.bar,
        exit_bar=last.bar,
        qty=_decimal(trip.entry_qty, instrument.qty_digits),
        entry_price=_average(trip.entry_value, trip.entry_qty, instrument),
        exit_price=_average(trip.exit_value, trip.exit_qty, instrument),
        entry_value=_decimal(trip.entry_value, instrument.money_digits),
        gross=_decimal(trip.sign * (trip.exit_value - trip.entry_value), instrument.money_digits),
        fees=_decimal(trip.fees, instrument.money_digits),
        entry_block=trip.first.block_id,
        exit_reason=last.block_id if last.origin == "user" else str(last.origin),
    )


def _holding(trip: _Trip, position: Position, instrument: Instrument) -> Holding:
    held, cost = abs(position.qty), abs(position.cost)
    qty, fees = _decimal(held, instrument.qty_digits), _decimal(trip.fees, instrument.money_digits)
    return Holding(_side(trip), trip.first.time_ms, qty, _average(cost, held, instrument), fees, trip.first.block_id)


def _side(trip: _Trip) -> str:
    return "long" if trip.sign > 0 else "short"


def _average(value: int, qty: int, instrument: Instrument) -> Decimal:
    return _decimal(value, instrument.money_digits) / _decimal(qty, instrument.qty_digits)


def _decimal(value: int, digits: int) -> Decimal:
    return Decimal(scaled_text(value, digits))  # through text: exact in any decimal context
