"""A run's tape: what happened, in the units of people. Fixed point ends here; results and report read nothing else."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar, overload

import attrs

from actors.app.settings import Settings
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus
from ideacards.card import Card
from ideacards.feeds import Bars

__all__ = ["FillRow", "OrderRow", "RefusalRow", "Rows", "RunTape"]

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


@attrs.frozen
class RefusalRow:
    """An intent or order that was refused, or a decision lost to a restart, with its reason."""

    time_ms: int
    code: str
    block_id: str
    reason: str


@attrs.frozen(eq=False)
class Rows(Sequence[T], Generic[R, T]):
    """Rows in fixed point that are turned into people's units when they are looked at: a run may have many."""

    raw: Sequence[R]
    _shown: Callable[[R], T]

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self._shown(row) for row in self.raw[index]]
        return self._shown(self.raw[index])

    def where(self, wanted: Callable[[R], bool]) -> tuple[T, ...]:
        """The rows whose raw form is wanted."""
        return tuple(self._shown(row) for row in self.raw if wanted(row))


@attrs.frozen(eq=False)
class RunTape:
    """Everything results are computed from; [start, stop) is the reported range of exec bars."""

    card: Card
    bars: Bars
    instrument: Instrument
    settings: Settings
    start: int
    stop: int
    fills: tuple[FillRow, ...]
    orders: Sequence[OrderRow]
    refusals: tuple[RefusalRow, ...]
    bars_delivered: int
    unknown_clauses: int
    not_modelled: tuple[str, ...]
    output_digest: str
    seconds_engine: float
    restarts: int

    @property
    def open_orders(self) -> tuple[OrderRow, ...]:
        """Those that have not ended."""
        if isinstance(self.orders, Rows):
            return self.orders.where(lambda order: not order.status.has_ended)
        return tuple(row for row in self.orders if row.status not in _ENDED)
