"""A card has one exit at a time: a newer one replaces a resting one, in place where the venue can change it into that.

Else the older one is cancelled, and the newer follows when it has ended, smaller by what it filled meanwhile. While an
amend is under way a still newer exit waits, and is decided on when the answer is there. Exits are reduce-only, so no
race turns the position around. A market exit waits for two seconds at most; then it goes out beside the older one. Like
the wish for a cancel, a waiting exit lives as long as this life of `orders`.
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


class _Wish(NamedTuple):
    """An exit that waits, its id, and what the older one had filled when it was decided."""

    message: ApprovedOrder
    link_id: str
    filled_before: Qty

    @property
    def total(self) -> Qty:
        """The quantity at which the older one would be this exit."""
        return Qty(self.filled_before + self.message.qty)

    def left_by(self, older: Order) -> ApprovedOrder:
        """The exit, for so much less as the older one has filled since."""
        return replace(self.message, qty=Qty(self.total - older.filled_qty))

    def is_said_by(self, older: Order) -> bool:
        """Whether the older one says the same already."""
        request, message = older.request, self.message
        said = (request.side, request.type, request.price, request.trigger_price, request.qty)
        return said == (message.side, message.type, message.price, message.trigger_price, self.total)


class Exits:
    """The newest exit of each card that has not ended, and the one that waits for its end or its amend."""

    def __init__(self, withdrawals: Withdrawals, amends: Amends, instruments: Mapping[str, Instrument]) -> None:
        self._withdrawals = withdrawals
        self._amends = amends
        self._instruments = instruments
        self._newest: dict[str, Order] = {}
        self._waiting: dict[str, _Wish] = {}

    def note(self, order: Order) -> None:
        """An order that goes out, or was recalled."""
        if not order.is_entry:
            self._newest[order.card_id] = order

    def before(self, message: ApprovedOrder) -> Order | None:
        """The exit of the card that has not ended: `message` has to come to terms with it before it may go out."""
        return self._newest.get(message.card_id)

    def replace_by(self, message: ApprovedOrder, link_id: str, ctx: Context) -> bool:
        """Let it replace the older exit; False when that says the same already, so that there is nothing to do.

        An older exit that was never sent is left to the caller.
        """
        card = message.card_id
        older = self._newest[card]
        wish = _Wish(message, link_id, older.filled_qty)
        if card not in self._waiting and wish.is_said_by(older):
            return False
        self._waiting[card] = wish
        if older.status is not LocalStatus.JOURNALED:
            self._pursue(older, wish, ctx)
            ctx.after(_PATIENCE_NS, ReplaceDue(card), f"replace/{card}")
        return True

    def carried(self, amend: Amend) -> None:
        """The older exit now stands for this one, which waits no longer."""
        waiting = self._waiting.get(amend.order.card_id)
        if waiting is not None and waiting.message is amend.message:
            del self._waiting[amend.order.card_id]

    def answered(self, amend: Amend, verdict: AmendVerdict, ctx: Context) -> bool:
        """See to whoever waited for the answer; False when the newest exit of all has been refused."""
        older, card = amend.order, amend.order.card_id
        wish = self._waiting.get(card)
        if wish is None or self._newest.get(card) is not older or verdict is AmendVerdict.ENDED:
            return True
        if verdict is AmendVerdict.CANCEL:
            self._withdrawals.want(older, ctx)
        elif wish.message is amend.message or wish.is_said_by(older):
            del self._waiting[card]
            return wish.message is not amend.message
        else:
            self._pursue(older, wish, ctx)
        return True

    def ended(self, order: Order) -> ApprovedOrder | None:
        """The exit that waited for this order's end, for so much less as it has filled since; None if none did."""
        card = order.card_id
        if self._newest.get(card) is not order:
            return None
        del self._newest[card]
        wish = self._waiting.pop(card, None)
        return None if wish is None else wish.left_by(order)

    def overdue(self, card: str, ctx: Context) -> ApprovedOrder | None:
        """The market exit that has waited long enough; a resting one goes on waiting."""
        wish = self._waiting.get(card)
        if wish is None or rests(wish.message):
            return None
        older = self._newest.pop(card)
        del self._waiting[card]
        self._withdrawals.want(older, ctx)
        return wish.left_by(older)

    def _pursue(self, older: Order, wish: _Wish, ctx: Context) -> None:
        """By an amend where the venue can carry it out, else by a cancel; what is under way is waited for."""
        if self._amends.under_way(older) is not None:
            return
        is_leaving = older.request.link_id in self._withdrawals.wanted
        is_enough = wish.total - older.filled_qty >= max(1, self._instruments[wish.message.symbol].min_qty)
        if not is_leaving and is_enough and can_become(older, wish.message):
            self._amends.send(older, wish.message, wish.link_id, wish.total, ctx)
        else:
            self._withdrawals.want(older, ctx)
