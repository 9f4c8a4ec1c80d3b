"""The processor's memory: the ledger's newest revision, the orders it approved that no revision has acknowledged yet,
and the trading state. The judgement itself is `processor.process`.

Starting until orders and safety have answered; on a later life of orders it asks again, so that an entry that died on
its way does not stay in flight for ever.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.errors import InvariantError, NetworkError
from actors.model.instrument import Instrument
from actors.orders.messages import LedgerChanged, LedgerQuery, WithdrawResting
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from actors.strategy.messages import Decided
from ideacards.intents import Action, OrderKind
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["IntentProcessor"]

_TIMEOUT_NS = 60_000_000_000
_WITHDRAW = Action.WITHDRAW
_MARKET = OrderKind.MARKET
_NOTHING = InFlightView(has_entry=False, has_exit=False)
_Key = tuple[str, str, int]  # card, block, close of the deciding bar


class IntentProcessor(Actor):
    """`blocks` gives a block's place in its card, by (card, block); `cards` the strategy of a card, and `instruments`
    what it trades, both by card.
    """

    def __init__(
        self,
        orders: Ref,
        safety: Ref,
        cards: dict[str, Ref],
        blocks: dict[tuple[str, str], int],
        instruments: Mapping[str, Instrument],
        limits: RiskLimits,
    ) -> None:
        self._orders = orders
        self._safety = safety
        self._cards = cards
        self._blocks = blocks
        self._instruments = instruments
        self._symbols = tuple(dict.fromkeys(instrument.symbol for instrument in instruments.values()))
        self._limits = limits
        self._state: TradingState | None = None
        self._ledgers: dict[str, LedgerChanged] = {}  # by symbol
        self._unacknowledged: dict[_Key, bool] = {}  # approved, and whether it is an entry
        self._asked: dict[int, tuple[_Key, ...]] = {}  # questions for the ledger, and what was unacknowledged then
        self._is_started = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._orders)
        self._ask_for_the_ledger(ctx)
        ctx.ask(self._safety, TradingStateQuery(), _TIMEOUT_NS)
        return STARTING

    @handles(LedgerQuery)
    def ledger_query(self, message: LedgerQuery, ctx: Context) -> None:
        """Pass on, behind every order approved so far: the answer covers what its asker has decided."""
        ctx.forward(self._orders, message)

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """A newer revision replaces an older one, whole; the answer to our question covers all that was sent before."""
        known, unacknowledged = self._ledgers.get(message.symbol), self._unacknowledged
        sent_before = self._asked.pop(ctx.correlation, ())
        if known is not None and message.revision < known.revision:
            return
        self._ledgers[message.symbol] = message
        if unacknowledged:
            for flying in message.in_flight:
                unacknowledged.pop((flying.card_id, flying.block_id, flying.bar_close_ms), None)
            for order in message.orders:
                unacknowledged.pop((order.card_id, order.block_id, order.bar_close_ms), None)
            for key in sent_before:
                unacknowledged.pop(key, None)
        self._check_started(ctx)

    @handles(TradingStateChanged)
    def trading_state(self, message: TradingStateChanged, ctx: Context) -> None:
        """Active, reducing or halted."""
        self._state = message.state
        self._check_started(ctx)

    @handles(Decided)
    def decided(self, message: Decided, ctx: Context) -> None:
        """One intent becomes one order or one refusal; a withdrawal goes straight on."""
        intent = message.intent
        card = intent.card_id
        instrument = self._instruments[card]
        ledger = self._ledgers.get(instrument.symbol)
        if ledger is None or self._state is None:
            raise InvariantError("an intent came before the start")
        if intent.action is _WITHDRAW:  # lowers risk whatever the trading state, so there is nothing to judge
            ctx.send(self._orders, WithdrawResting(card))
            return
        is_quiet = not (ledger.in_flight or self._unacknowledged or ledger.quarantine)
        view = _NOTHING if is_quiet else self._view_of(card, ledger)
        if message.facts.position is not ledger.position:  # the card's revision may be older
            message = replace(message, facts=replace(message.facts, position=ledger.position))
        block_index = self._blocks[card, intent.block_id]
        answer = process(message, view, self._state, self._limits, instrument, block_index)
        if isinstance(answer, IntentRefused):
            ctx.send(self._cards[card], answer)
        else:
            if answer.is_entry or intent.metadata.order.type is _MARKET:  # a resting exit stands in nobody's way
                self._unacknowledged[card, intent.block_id, intent.bar_close_ms] = answer.is_entry
            ctx.send(self._orders, answer)

    @handles(Up)
    def orders_up(self, message: Up, ctx: Context) -> None:
        """A new life of orders: what is under way is what it says."""
        self._ask_for_the_ledger(ctx)

    @handles(Down)
    def orders_down(self, message: Down, ctx: Context) -> None:
        """Up follows, or the tree stops."""

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """Down and Up of orders ask again; silence from a living actor is a fault."""
        if message.target == self._safety or message.cause.value == "timeout":
            raise NetworkError(f"no answer from {message.target}: {message.cause}")

    def _ask_for_the_ledger(self, ctx: Context) -> None:
        """Of each symbol: what its cards have under way that no answer knows has died."""
        self._asked.clear()
        for symbol in self._symbols:
            mine = tuple(key for key in self._unacknowledged if self._instruments[key[0]].symbol == symbol)
            self._asked[ctx.ask(self._orders, LedgerQuery(symbol), _TIMEOUT_NS)] = mine

    def _view_of(self, card: str, ledger: LedgerChanged) -> InFlightView:
        """A resting exit stands in nobody's way: a newer one replaces it."""
        mine = [is_entry for key, is_entry in self._unacknowledged.items() if key[0] == card]
        for flying in ledger.in_flight:
            if flying.card_id == card and (flying.is_entry or not flying.may_rest):
                mine.append(flying.is_entry)
        return InFlightView(True in mine, False in mine, ledger.quarantine)

    def _check_started(self, ctx: Context) -> None:
        if not self._is_started and len(self._ledgers) == len(self._symbols) and self._state is not None:
            self._is_started = True
            ctx.started()
