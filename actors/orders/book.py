"""The book of one symbol in the ledger: position, orders in flight, what protects it, and changes not published yet."""

from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import Fill, Order
from actors.model.position import FLAT
from actors.orders.messages import InFlightOrder

__all__ = ["SymbolBook"]


class SymbolBook:
    """One symbol: position, orders in flight, the entry whose levels protect it, and changes not published yet."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.position = FLAT
        self.protected: Order | None = None
        self.last_fill_ms = 0
        self.complete_ms: int | None = None  # executions up to this venue time are all booked; None: not known
        self.begins_ms = 0  # the position first read from the venue includes all executions before this venue time
        self.in_flight: dict[str, InFlightOrder] = {}
        self.orders: dict[str, Order] = {}  # changed since the last revision, as they stand
        self.fills: list[Fill] = []  # booked since then
        self.quarantine = ""  # why entries are blocked; empty: they are not
        self.is_inherited = False  # the position was there at the first reading, and nobody has adopted it
        self.last_fill_price: Price | None = None
        self.layers = 0  # entries of the position so far
        self.base_rest = 0  # base coin held beyond the position's whole units, on Money's grid
        self.is_changed = False

    def less_fee(self, signed_qty: int, fill: Fill) -> int:
        """Signed quantity by which a fill changes the position, if its fee is not in the settle coin.

        A fee in base coin is taken from the quantity received. The remainder below one unit of quantity is kept in
        `base_rest`, so that many small fees add up exactly. A fee in a third coin changes neither.
        """
        if fill.fee_currency != self.instrument.base_coin:
            return signed_qty
        unit = self.instrument.base_unit
        moved, self.base_rest = divmod(self.base_rest + signed_qty * unit - fill.fee, unit)
        return moved

    def follow(self, signed_qty: int, order: Order | None) -> None:
        """Update `protected` after a fill: the position's entry, or None once it is flat or has changed side."""
        net = self.position.qty
        if net == 0 or (net - signed_qty) * net < 0:
            self.protected, self.is_inherited, self.layers = None, False, 0
        if order is not None and order.is_entry and net * signed_qty > 0 and order.filled_qty == abs(signed_qty):
            self.layers += 1  # its first execution
        if order is not None and order.is_entry and order.has_levels and net * signed_qty > 0:
            self.protected = order
