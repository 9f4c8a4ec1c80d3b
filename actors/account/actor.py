"""Books each fill once: position, realised PnL, fees. Starts empty and answers nobody before the venue has spoken.

Cards hear of every change; safety and protection of closes, where a loss is realised or levels lapse.
"""

from actors.account.messages import AccountFacts, AccountSync, FactsQuery
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.model.position import FLAT, apply_fill
from actors.orders.messages import FillBooked
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Asker, Ref

__all__ = ["Account"]


class Account(Actor):
    """One symbol; `on_change` hear all facts, `on_close` those that lower the position."""

    def __init__(self, instrument: Instrument, on_change: tuple[Ref, ...], on_close: tuple[Ref, ...]) -> None:
        self._instrument = instrument
        self._on_change = on_change
        self._on_close = on_close
        self._seq = 0
        self._wallet = Money(0)
        self._position = FLAT
        self._is_synced = False
        self._askers: list[Asker] = []

    @handles(FillBooked)
    def booked(self, message: FillBooked, ctx: Context) -> None:
        """Apply one execution; what a sync has already covered is ignored."""
        fill = message.fill
        if not self._is_synced or fill.seq <= self._seq:
            return
        qty, change = fill.qty, -fill.fee
        signed, before = fill.side * qty, self._position.qty
        if qty:  # else it is a payment alone
            value = self._instrument.value(fill.price, qty)
            self._position, realised = apply_fill(self._position, signed, value)
            change += realised
        wallet = self._wallet = Money(self._wallet + change)
        self._seq = fill.seq
        facts = AccountFacts(fill.seq, wallet, self._position)
        for ref in self._on_change:
            ctx.send(ref, facts)
        if not qty or before * signed < 0:
            for ref in self._on_close:
                ctx.send(ref, facts)

    @handles(AccountSync)
    def sync(self, message: AccountSync, ctx: Context) -> None:
        """The venue's word; an older one than what is booked is ignored."""
        if self._is_synced and message.seq < self._seq:
            return
        has_changed = (self._wallet, self._position) != (message.wallet, message.position)
        self._seq, self._wallet, self._position = message.seq, message.wallet, message.position
        self._is_synced = True
        facts = self._facts()
        for asker in self._askers:
            ctx.answer(asker, facts)
        self._askers.clear()
        if has_changed:
            for ref in (*self._on_change, *self._on_close):
                ctx.send(ref, facts)

    @handles(FactsQuery)
    def query(self, message: FactsQuery, ctx: Context) -> None:
        """Now, or as soon as the venue has spoken."""
        if self._is_synced:
            ctx.reply(self._facts())
        else:
            self._askers.append(ctx.asker())

    def _facts(self) -> AccountFacts:
        return AccountFacts(self._seq, self._wallet, self._position)
