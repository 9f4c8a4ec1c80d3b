"""A run's tape: orders, fills and refusals as decimals. Fixed point ends here; results and report read nothing else."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Generic, TypeVar, overload

import attrs
import msgspec

from actors.app.settings import Settings
from actors.model.exits import LevelTerms
from actors.model.fixed import fixed_from_decimal
from actors.model.instrument import Instrument
from actors.model.order import Fill, LocalStatus, Order
from ideacards.card import Card
from ideacards.feeds import Bars

__all__ = ["Execution", "FillRow", "OrderEnd", "OrderRow", "RefusalRow", "Rows", "RunTape", "executions_of"]

_ENDED = tuple(status.name.lower() for status in LocalStatus if status.has_ended)
R = TypeVar("R")
T = TypeVar("T")


@attrs.frozen
class FillRow:
    """One execution; `bar` is the index of the exec bar it happened in, `origin` user, stop_loss or take_profit."""

    time_ms: int
    bar: int
    exec_id: str
    link_id: str
    order_id: str
    side: str
    qty: Decimal
    price: Decimal
    fee: Decimal
    is_maker: bool
    origin: str
    block_id: str


class Execution(msgspec.Struct, frozen=True, gc=False):
    """A fill in fixed point: signed by side, price, quantity and fee on the instrument's grids; with its message.

    `number` is its place among all executions, payments included.
    """

    bar: int
    time_ms: int
    sign: int
    qty: int
    price: int
    fee: int
    origin: str
    block_id: str
    fill: Fill | None = None
    number: int = 0


def executions_of(rows: Sequence[FillRow], instrument: Instrument) -> list[Execution]:
    """Rows in fixed point again, exactly."""
    return [
        Execution(
            row.bar,
            row.time_ms,
            1 if row.side == "buy" else -1,
            fixed_from_decimal(row.qty, instrument.qty_digits),
            fixed_from_decimal(row.price, instrument.price_digits),
            fixed_from_decimal(row.fee, instrument.money_digits),
            row.origin,
            row.block_id,
        )
        for row in rows
    ]


@attrs.frozen
class OrderRow:
    """One order sent to the venue, in its last known state."""

    decided_ms: int
    link_id: str
    order_id: str
    side: str
    type: str
    qty: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    reduce_only: bool
    status: str
    filled_qty: Decimal
    average_price: Decimal | None
    reason: str
    block_id: str
    ended_ms: int | None = None  # when we heard of its end; None while it is open
    stop_loss: LevelTerms | None = None  # measured from each entry fill's price; None where the order sets none
    take_profit: LevelTerms | None = None


class OrderEnd(msgspec.Struct, frozen=True, gc=False):
    """An order in its last known state, and when (UTC ms) we heard of its end; None while it is open."""

    order: Order
    ended_ms: int | None


@attrs.frozen
class RefusalRow:
    """An intent or order that was refused, or a decision lost to a restart, with its reason, which is never empty."""

    time_ms: int
    code: str
    block_id: str
    reason: str
    is_entry: bool = False  # of a position, not an exit; False where it is not known


class Rows(Sequence[T], Generic[R, T]):
    """Rows in fixed point, turned into people's units when they are first looked at: a run may have many."""

    def __init__(self, raw: Sequence[R], shown: Callable[[R], T]) -> None:
        self.raw = raw
        self._show = shown
        self._shown: tuple[T, ...] | None = None

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if self._shown is None:
            self._shown = tuple(map(self._show, self.raw))
        return self._shown[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows | tuple | list) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def where(self, wanted: Callable[[R], bool]) -> tuple[T, ...]:
        """The rows whose raw form is wanted."""
        return tuple(self._show(row) for row in self.raw if wanted(row))


@attrs.frozen(eq=False)
class RunTape:
    """Everything results are computed from; [start, stop) is the reported range of exec bars."""

    card: Card
    bars: Bars
    instrument: Instrument
    settings: Settings
    start: int
    stop: int
    fills: Sequence[FillRow]
    orders: Sequence[OrderRow]
    refusals: tuple[RefusalRow, ...]
    bars_delivered: int
    unknown_clauses: int
    not_modelled: tuple[str, ...]
    output_digest: str
    seconds_engine: float
    restarts: int
    payments: tuple[Execution, ...] = ()  # funding
    contested: tuple[int, ...] = ()  # bars whose path changed the result, if the policy chooses paths
    unprotected_ms: int = 0
    ready_bars: int = 0  # bars of the range in which the card is ready to decide
    decisions: int = 0  # intents that the card decided on in all
    leaders: Mapping[str, Bars] = attrs.field(factory=dict)  # the bars of the symbols that it read besides

    @property
    def executions(self) -> Sequence[Execution]:
        """Fills and funding in fixed point, in their order."""
        found: Sequence[Execution]
        found = self.fills.raw if isinstance(self.fills, Rows) else executions_of(self.fills, self.instrument)
        if not self.payments:
            return found
        return sorted((*found, *self.payments), key=lambda one: one.number)

    @property
    def open_orders(self) -> tuple[OrderRow, ...]:
        """The orders that have not ended."""
        if isinstance(self.orders, Rows):
            return self.orders.where(lambda end: not end.order.status.has_ended)
        return tuple(row for row in self.orders if row.status not in _ENDED)

    def rested(self, least_ms: int) -> tuple[OrderRow, ...]:
        """Orders whose end came `least_ms` or more after their decision; an open one counts to the range's end."""
        last_ms = int(self.bars.ts_close[self.stop - 1])

        def has_rested(decided_ms: int, ended_ms: int | None) -> bool:
            return (last_ms if ended_ms is None else ended_ms) - decided_ms >= least_ms

        if isinstance(self.orders, Rows):
            return self.orders.where(lambda end: has_rested(end.order.bar_close_ms, end.ended_ms))
        return tuple(row for row in self.orders if has_rested(row.decided_ms, row.ended_ms))

    @property
    def has_entered(self) -> bool:
        """Whether the venue took any order that enters a position."""
        if isinstance(self.orders, Rows):
            ends: Sequence[OrderEnd] = self.orders.raw
            return any(end.order.is_entry and end.order.status is not LocalStatus.REJECTED for end in ends)
        return any(not row.reduce_only and row.status != "rejected" for row in self.orders)
