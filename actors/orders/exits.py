"""A card has one exit at a time: a newer one replaces a resting one, by an amend where the venue can amend it.

Otherwise the older exit is cancelled, and the newer one is sent when the older has ended, less what that has filled
meanwhile. While an amend is under way, a still newer exit waits for the answer. Exits are reduce-only, so no race can
turn the position around. A market exit waits for two seconds at most, then goes out beside the older one. Waiting exits
are lost in a restart of `orders`, like pending cancels.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from actors.model.fixed import Qty
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus, Order
from actors.orders.amends import Amend, Amends, AmendVerdict, can_become
from actors.orders.drafting import rests
from actors.orders.messages import ApprovedOrder, ReplaceDue
from actors.orders.withdrawals import Withdrawals
from runtime.context import Context

__all__ = ["Exits"]

_PATIENCE_NS = 2_000_000_000


class _WaitingExit(NamedTuple):
    """An exit that waits, its id, and what the older one had filled when the card decided."""

    message: ApprovedOrder
    link_id: str
    filled_before: Qty

    @property
    def total(self) -> Qty:
        """The total quantity, filled part included, that the older order needs in order to be this exit."""
        return Qty(self.filled_before + self.message.qty)

    def left_by(self, older: Order) -> ApprovedOrder:
        """This exit, less what the older one has filled since."""
        return replace(self.message, qty=Qty(self.total - older.filled_qty))

    def is_same_as(self, older: Order) -> bool:
        """Whether the older one has the same terms already."""
        request, message = older.request, self.message
        terms = (request.side, request.type, request.price, request.trigger_price, request.qty)
        return terms == (message.side, message.type, message.price, message.trigger_price, self.total)


class Exits:
    """By card: the newest exit that has not ended, and the exit that waits for its end or its amend."""

    def __init__(self, withdrawals: Withdrawals, amends: Amends, instruments: Mapping[str, Instrument]) -> None:
        self._withdrawals = withdrawals
        self._amends = amends
        self._instruments = instruments
        self._newest: dict[str, Order] = {}
        self._waiting: dict[str, _WaitingExit] = {}

    def note(self, order: Order) -> None:
        """Remember an order that is sent, held or recalled, if it is an exit; targets are none."""
        if not order.is_entry and not order.leg:
            self._newest[order.card_id] = order

    def before(self, message: ApprovedOrder) -> Order | None:
        """The card's exit that has not ended, which `message` has to replace; None: send `message`."""
        return self._newest.get(message.card_id)

    def replace_by(self, message: ApprovedOrder, link_id: str, ctx: Context) -> bool:
        """Replace the older exit by `message`; False if the older one has the same terms, and nothing is to be done.

        If the older exit has not been sent yet, the caller ends it.
        """
        card = message.card_id
        older = self._newest[card]
        newer = _WaitingExit(message, link_id, older.filled_qty)
        if card not in self._waiting and newer.is_same_as(older):
            return False
        self._waiting[card] = newer
        if older.status is not LocalStatus.JOURNALED:
            self._amend_or_cancel(older, newer, ctx)
            ctx.after(_PATIENCE_NS, ReplaceDue(card), f"replace/{card}")
        return True

    def carried(self, amend: Amend) -> None:
        """An amend is in force: its exit waits no longer."""
        waiting = self._waiting.get(amend.order.card_id)
        if waiting is not None and waiting.message is amend.message:
            del self._waiting[amend.order.card_id]

    def answered(self, amend: Amend, verdict: AmendVerdict, ctx: Context) -> bool:
        """Handle the exit that waited for the answer; False if the venue rejected the card's newest exit."""
        older, card = amend.order, amend.order.card_id
        newer = self._waiting.get(card)
        if newer is None or self._newest.get(card) is not older or verdict is AmendVerdict.ENDED:
            return True
        if verdict is AmendVerdict.CANCEL:
            self._withdrawals.withdraw(older, ctx)
        elif newer.message is amend.message or newer.is_same_as(older):
            del self._waiting[card]
            return newer.message is not amend.message
        else:
            self._amend_or_cancel(older, newer, ctx)
        return True

    def ended(self, order: Order) -> ApprovedOrder | None:
        """The exit that waited for this order's end, less what the order has filled since; None if none waited."""
        card = order.card_id
        if self._newest.get(card) is not order:
            return None
        del self._newest[card]
        newer = self._waiting.pop(card, None)
        return None if newer is None else newer.left_by(order)

    def overdue(self, card: str, ctx: Context) -> ApprovedOrder | None:
        """The market exit that has waited long enough, to be sent now; None if none waits. A limit goes on waiting."""
        newer = self._waiting.get(card)
        if newer is None or rests(newer.message):
            return None
        older = self._newest.pop(card)
        del self._waiting[card]
        self._withdrawals.withdraw(older, ctx)
        return newer.left_by(older)

    def _amend_or_cancel(self, older: Order, newer: _WaitingExit, ctx: Context) -> None:
        """Amend the older exit where the venue can, else cancel it; do nothing while an amend is under way."""
        if self._amends.under_way(older) is not None:
            return
        is_leaving = older.request.link_id in self._withdrawals.pending
        is_enough = newer.total - older.filled_qty >= max(1, self._instruments[newer.message.symbol].min_qty)
        if not is_leaving and is_enough and can_become(older, newer.message):
            self._amends.send(older, newer.message, newer.link_id, newer.total, ctx)
        else:
            self._withdrawals.withdraw(older, ctx)
