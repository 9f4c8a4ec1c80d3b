"""A run's tape: what happened, in the units of people. Fixed point ends here; results and report read nothing else."""

from decimal import Decimal

import attrs

from actors.app.settings import Settings
from actors.model.instrument import Instrument
from ideacards.card import Card
from ideacards.feeds import Bars

__all__ = ["FillRow", "OrderRow", "RefusalRow", "RunTape"]


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
class RunTape:
    """Everything results are computed from; [start, stop) is the reported range of exec bars."""

    card: Card
    bars: Bars
    instrument: Instrument
    settings: Settings
    start: int
    stop: int
    fills: tuple[FillRow, ...]
    orders: tuple[OrderRow, ...]
    refusals: tuple[RefusalRow, ...]
    bars_delivered: int
    unknown_clauses: int
    not_modelled: tuple[str, ...]
    output_digest: str
    seconds_engine: float
    restarts: int
