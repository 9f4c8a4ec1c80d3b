"""What can be done to an order: place it, send it, apply an event to it, publish it, send the exit that waited for it.

The transition table decides what an event means; this module carries it out. All revisions of the ledger are published
from here, so every reader gets the same ones.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from actors.model.backend import SubmitOrder
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus, Order
from actors.model.result import OrderResult
from actors.orders.amends import Amend, Amends, AmendVerdict, can_become
from actors.orders.drafting import draft, draft_target, is_as, requoted
from actors.orders.exits import Exits
from actors.orders.hearing import Hearing
from actors.orders.ladders import Ladders
from actors.orders.ledger import Ledger
from actors.orders.link_id import card_code, leg_id, link_id
from actors.orders.memories import Memories
from actors.orders.messages import ApprovedOrder, LedgerChanged, MoveLevels, OrderUpdated, PlaceTarget, Requote
from actors.orders.transitions import NEXT, OrderEvent
from actors.orders.wiring import OrdersWiring
from actors.orders.withdrawals import Withdrawals
from runtime.context import Context

__all__ = ["Instruments", "OrderLife"]

Instruments = Mapping[str, Instrument]  # by symbol

_TIMEOUT_NS = 30_000_000_000

# Module constants because these run for every order, and on some Pythons an enum member's lookup costs a call.
_JOURNALED, _SENT = LocalStatus.JOURNALED, LocalStatus.SENT
_FIRST_END = LocalStatus.FILLED
_RESTING = (LocalStatus.WORKING, LocalStatus.UNTRIGGERED)
_EVENT_SENT = OrderEvent.SENT


class OrderLife:
    """The orders of one account. While `is_open` is False they are journaled and held; `deployment` marks our ids."""

    def __init__(self, wiring: OrdersWiring, instruments: Instruments, deployment: str, round_trip_ns: int) -> None:
        self._to = wiring
        self._instruments = instruments
        self._deployment = deployment
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._codes = {card: card_code(card) for card in wiring.cards}
        self.ledger = Ledger(instruments)
        self.store = self.ledger.orders
        self.memories = Memories(self.ledger)
        self.withdrawals = Withdrawals(wiring.port, round_trip_ns)
        self.hearing = Hearing(wiring, round_trip_ns)
        self.amends = Amends(wiring.port, self.memories, round_trip_ns)
        self.exits = Exits(self.withdrawals, self.amends, instruments)
        self.asked: dict[int, Order] = {}  # orders whose submission is not answered yet
        self.ladders = Ladders()
        self._replacing: dict[str, Requote] = {}  # by our id of the entry, while an amend of it is under way
        self.is_open = False
        self._held: list[str] = []
        self._guarded: dict[str, bool] = {}  # symbols whose position had levels when protection last heard of it

    def recalled(self) -> None:
        """The orders of an earlier life are known."""
        for order in self.store.open.values():
            self.exits.note(order)
        for order in self.store.all():
            self.ladders.note(order)

    def approve(self, message: ApprovedOrder, ctx: Context) -> None:
        """Send or hold an order; for a decision that is known already, only publish its order again."""
        our_id = self._id_of(message)
        known = self.store.of_decision(our_id)
        if known is not None:
            self.tell(known, ctx)
            self.ledger.changed(known)
            return
        older = None if message.is_entry else self.exits.before(message)
        if older is not None:
            if self.exits.replace_by(message, our_id, ctx) and older.status is _JOURNALED:
                self.move(older, OrderEvent.CANCELLED, ctx)  # it was never sent
            return
        self.place(draft(message, our_id, _JOURNALED), ctx)

    def place_target(self, message: PlaceTarget, ctx: Context) -> None:
        """Place a target of an entry; publish its order again if it is known already."""
        our_id = leg_id(message.entry, message.leg)
        known, entry = self.store.find(our_id), self.store.find(message.entry)
        if known is not None:
            self.tell(known, ctx)
            self.ledger.changed(known)
        elif entry is not None:
            self.place(draft_target(entry, message, our_id), ctx)

    def move_levels(self, message: MoveLevels, ctx: Context) -> None:
        """Journal where a position's levels are moved to; the next revision tells protection."""
        entry = self.ledger.move_levels(message)
        if entry is not None:
            self.memories.of_order(replace(entry), ctx)
            self.memories.of_symbol(message.symbol, ctx)

    def requote(self, message: Requote, ctx: Context) -> None:
        """Amend the card's resting entry of that block, with levels measured from its new price.

        Nothing is done while an amend or a cancel of it is under way, or before it rests: the next close asks again.
        What a case asks for waits for the answer to the amend under way.
        """
        for order in self.store.open.values():
            mine = (order.card_id, order.block_id, order.is_entry, order.rung)
            if mine == (message.card_id, message.block_id, True, message.rung):
                self._amend_entry(order, message, ctx)
                return

    def _amend_entry(self, order: Order, message: Requote, ctx: Context) -> None:
        newer, our_id = requoted(order, message, self._instruments[message.symbol]), order.request.link_id
        if our_id in self.withdrawals.pending or not can_become(order, newer):
            return
        if self.amends.under_way(order) is not None:
            if message.is_replacing:
                self._replacing[our_id] = message
        elif newer.qty <= order.filled_qty:
            self.withdraw(order, ctx)  # it has filled as much already
        elif not message.is_replacing or not is_as(order.request, newer):
            asked = self._id_of(newer)
            self.amends.send(order, newer, asked, newer.qty, ctx, is_replacing=message.is_replacing)

    def entry_amended(self, amend: Amend, verdict: AmendVerdict, result: OrderResult | None, ctx: Context) -> None:
        """The venue has answered an amend of an entry: cancel one whose terms are in doubt, tell of a rejection, and
        go on with what a case has asked for meanwhile.
        """
        order = amend.order
        if amend.is_replacing and verdict is AmendVerdict.CANCEL:
            self.withdraw(order, ctx)
        elif amend.is_replacing and verdict is AmendVerdict.REJECTED and result is not None:
            rejected = amend.draft_rejected(result)
            self.ledger.add(rejected)
            self.move(rejected, OrderEvent.REQUEST_REJECTED, ctx)
        waiting = self._replacing.pop(order.request.link_id, None)
        if waiting is not None:
            self._amend_entry(order, waiting, ctx)

    def _id_of(self, message: ApprovedOrder) -> str:
        code = self._codes[message.card_id]
        return link_id(self._deployment, code, message.block_index, 0, message.bar_close_ms, message.rung)

    def place(self, order: Order, ctx: Context) -> None:
        our_id = order.request.link_id
        self.exits.note(order)
        self.ladders.note(order)
        self.ledger.add(order)
        if self.is_open:
            self.send(order, ctx)
        else:
            self.memories.of_order(replace(order), ctx)
            self._held.append(our_id)

    def open(self, ctx: Context) -> None:
        """Send the held orders."""
        self.is_open = True
        held, self._held = self._held, []
        for our_id in held:
            order = self.store.open.get(our_id)
            if order is not None and order.status is _JOURNALED:
                self.send(order, ctx)

    def send(self, order: Order, ctx: Context) -> None:
        """Journal the order, then send it; a re-send has the same id."""
        order.attempts += 1
        self.memories.of_order(replace(order), ctx)
        self.asked[ctx.ask(self._to.port, SubmitOrder(order.request), self._timeout_ns)] = order
        self.move(order, _EVENT_SENT, ctx)

    def move(self, order: Order, event: OrderEvent, ctx: Context) -> None:
        """Apply an event by the transition table; an ignored pair changes and publishes nothing."""
        status = NEXT[order.status][event]
        if status is None or status is order.status:
            return
        order.status = status
        if self.hearing.waiting:
            self.hearing.heard(order, ctx)
        if status is _JOURNALED or status is _SENT:
            return
        as_it_is = self.tell(order, ctx)
        if self.withdrawals.pending:
            self.withdrawals.follow(order, ctx)
        if status >= _FIRST_END:
            self._replacing.pop(order.request.link_id, None)
            self.memories.of_order(as_it_is, ctx, self.store.ended(order))
            self.follow(self.exits.ended(order), ctx)

    def follow(self, message: ApprovedOrder | None, ctx: Context) -> None:
        """Send the exit that waited, or end it if the older one has left less than the minimum quantity."""
        if message is None:
            return
        order = draft(message, self._id_of(message), _JOURNALED)
        if message.qty >= self._instruments[message.symbol].min_qty:
            self.place(order, ctx)
            return
        order.reason = "the exit it replaced has filled meanwhile"
        self.ledger.add(order)
        self.move(order, OrderEvent.CANCELLED, ctx)

    def tell(self, order: Order, ctx: Context) -> Order:
        """Record a change, and put it in the next revision if the order rests or has ended; returns a copy."""
        status = order.status
        is_published = status >= _FIRST_END or status in _RESTING
        as_it_is = self.ledger.changed(order) if is_published else replace(order)
        ctx.note(OrderUpdated(as_it_is))
        return as_it_is

    def withdraw(self, order: Order, ctx: Context) -> None:
        """Cancel an order: here if it has not been sent, else at the venue."""
        if order.status is _JOURNALED:
            self.move(order, OrderEvent.CANCELLED, ctx)
        else:
            self.withdrawals.withdraw(order, ctx)

    def carries(self, amend: Amend) -> None:
        """An amend is in force: give the order the newer decision's terms and id."""
        amend.put_in_force()
        self.store.carry(amend.order)
        self.exits.carried(amend)

    def publish(self, ctx: Context, *, to_all: bool = False) -> None:
        """Publish a revision; cards and processor get every one, protection and safety those that concern them."""
        to = self._to
        for order in self.ladders.left_over(self.ledger) if self.ladders.are_open else ():
            self.withdraw(order, ctx)
        for changed in self.ledger.revise():
            for card in to.cards.values():
                ctx.send(card, changed)
            ctx.send(to.intents, changed)
            if self._concerns_protection(changed) or to_all:
                ctx.send(to.protection, changed)
            if to_all or (to.wallet_floor is not None and changed.wallet <= to.wallet_floor):
                ctx.send(to.safety, changed)

    def _concerns_protection(self, changed: LedgerChanged) -> bool:
        """Whether the revision has executions of a position that should have levels, or ends such a position."""
        entry = changed.protected
        if entry is not None:
            self._guarded[changed.symbol] = True
            is_followed = entry.exits is not None or entry.stop_at is not None or entry.target_at is not None
            return is_followed or bool(changed.fills)
        return bool(changed.fills) and self._guarded.pop(changed.symbol, False)
