"""Hosts `processor.process`, and holds what it needs: the newest revision of the ledger, the orders approved that no
revision has acknowledged yet, and the trading state.

It is Starting until orders and safety have answered. When orders restart it asks again, so that an entry that was lost
on its way does not stay in flight for ever.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from actors.intents.ladders import process_ladder
from actors.intents.messages import IntentRefused
from actors.intents.moves import process_move, process_replace, process_requote
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.errors import InvariantError, NetworkError
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.orders.messages import LedgerChanged, LedgerQuery, WithdrawResting
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from actors.strategy.messages import Decided
from ideacards.intents import Action, OrderKind, SizeKind
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["IntentProcessor"]

_TIMEOUT_NS = 60_000_000_000
_WITHDRAW = Action.WITHDRAW
_REQUOTE, _FLATTEN, _REPLACE = Action.REQUOTE, Action.FLATTEN, Action.REPLACE
_MOVES = (Action.SET_STOP, Action.SET_TARGET, Action.TRAIL)
_MARKET = OrderKind.MARKET
_OF_AVAILABLE = SizeKind.AVAILABLE_PERCENT
NO_LEVERAGES: Mapping[str, int] = MappingProxyType({})
_NOTHING = InFlightView(has_entry=False, has_exit=False)
_Key = tuple[str, str, int]  # card, block, close of the deciding bar


class IntentProcessor(Actor):
    """`blocks` is a block's index in its card, by (card, block); `cards` and `instruments` are a card's strategy actor
    and its instrument, by card; `leverages` too (1 where none is given).
    """

    def __init__(
        self,
        orders: Ref,
        safety: Ref,
        cards: dict[str, Ref],
        blocks: dict[tuple[str, str], int],
        instruments: Mapping[str, Instrument],
        limits: RiskLimits,
        leverages: Mapping[str, int] = NO_LEVERAGES,
    ) -> None:
        self._orders = orders
        self._safety = safety
        self._cards = cards
        self._blocks = blocks
        self._instruments = instruments
        self._symbols = tuple(dict.fromkeys(instrument.symbol for instrument in instruments.values()))
        self._limits = limits
        self._leverages = leverages
        self._state: TradingState | None = None
        self._ledgers: dict[str, LedgerChanged] = {}  # by symbol
        self._unacknowledged: dict[_Key, bool] = {}  # approved orders; True: it is an entry
        self._asked: dict[int, tuple[_Key, ...]] = {}  # ledger queries, and what was unacknowledged when they were sent
        self._is_started = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._orders)
        self._ask_for_the_ledger(ctx)
        ctx.ask(self._safety, TradingStateQuery(), _TIMEOUT_NS)
        return STARTING

    @handles(LedgerQuery)
    def ledger_query(self, message: LedgerQuery, ctx: Context) -> None:
        """Pass the query on; it arrives after every order approved so far, so the answer includes the asker's own."""
        ctx.forward(self._orders, message)

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Replace the older revision. The answer to our own query also acknowledges all that was sent before it."""
        known, unacknowledged = self._ledgers.get(message.symbol), self._unacknowledged
        sent_before = self._asked.pop(ctx.correlation, ())
        if known is not None and message.revision < known.revision:
            return
        self._ledgers[message.symbol] = message
        if unacknowledged:
            for in_flight in message.in_flight:
                unacknowledged.pop((in_flight.card_id, in_flight.block_id, in_flight.bar_close_ms), None)
            for order in message.orders:
                unacknowledged.pop((order.card_id, order.block_id, order.bar_close_ms), None)
            for key in sent_before:
                unacknowledged.pop(key, None)
        self._check_started(ctx)

    @handles(TradingStateChanged)
    def trading_state(self, message: TradingStateChanged, ctx: Context) -> None:
        """Note the trading state: active, reducing or halted."""
        self._state = message.state
        self._check_started(ctx)

    @handles(Decided)
    def decided(self, message: Decided, ctx: Context) -> None:
        """Turn one intent into one order or one refusal; pass a withdrawal straight on."""
        intent = message.intent
        card = intent.card_id
        instrument = self._instruments[card]
        ledger = self._ledgers.get(instrument.symbol)
        if ledger is None or self._state is None:
            raise InvariantError("an intent came before the start")
        if intent.action is _WITHDRAW:  # lowers risk whatever the trading state, so there is nothing to judge
            ctx.send(self._orders, WithdrawResting(card, intent.block_id, intent.bar_close_ms))
            return
        if intent.action in _MOVES:
            moved = process_move(message, instrument)
            ctx.send(self._cards[card] if isinstance(moved, IntentRefused) else self._orders, moved)
            return
        if intent.action is _REQUOTE:
            block = self._blocks[card, intent.block_id]
            ctx.send(self._orders, process_requote(message, instrument, block))
            return
        if intent.action is _FLATTEN:
            ctx.send(self._orders, WithdrawResting(card, intent.block_id, intent.bar_close_ms))
            if not ledger.position.qty:
                return
            message = replace(message, intent=replace(intent, action=Action.EXIT))
        if intent.metadata.size is not None and intent.metadata.size.kind is _OF_AVAILABLE:
            message = replace(message, facts=replace(message.facts, available=self._available(message.facts.equity)))
        if message.facts.position is not ledger.position:  # the card may have decided on an older revision
            message = replace(message, facts=replace(message.facts, position=ledger.position))
        block_index = self._blocks[card, intent.block_id]
        if intent.action is _REPLACE:
            replaced = process_replace(message, ledger, self._state, self._limits, instrument, block_index)
            ctx.send(self._cards[card] if isinstance(replaced, IntentRefused) else self._orders, replaced)
            return
        is_quiet = not (ledger.in_flight or self._unacknowledged or ledger.quarantine)
        view = _NOTHING if is_quiet and intent.metadata.max_layers is None else self._view_of(card, ledger)
        if intent.metadata.order.ladder:
            self._lay(message, view, block_index, ctx)
            return
        answer = process(message, view, self._state, self._limits, instrument, block_index)
        if isinstance(answer, IntentRefused):
            ctx.send(self._cards[card], answer)
        else:
            if answer.is_entry or intent.metadata.order.type is _MARKET:  # a resting exit blocks nothing
                self._unacknowledged[card, intent.block_id, intent.bar_close_ms] = answer.is_entry
            ctx.send(self._orders, answer)

    def _lay(self, message: Decided, view: InFlightView, block_index: int, ctx: Context) -> None:
        """Send the orders of a ladder, or its refusal."""
        intent, state = message.intent, self._state
        assert state is not None
        card, equity = intent.card_id, message.facts.equity
        affordable = Money(self._available(equity) * self._leverages.get(card, 1))
        answer = process_ladder(message, view, state, self._limits, self._instruments[card], block_index, affordable)
        if isinstance(answer, IntentRefused):
            ctx.send(self._cards[card], answer)
            return
        self._unacknowledged[card, intent.block_id, intent.bar_close_ms] = True
        ctx.send(self._orders, answer)

    @handles(Up)
    def orders_up(self, message: Up, ctx: Context) -> None:
        """Orders have restarted: ask for the ledger, which says what is in flight."""
        self._ask_for_the_ledger(ctx)

    @handles(Down)
    def orders_down(self, message: Down, ctx: Context) -> None:
        """Nothing to do: Up follows, or the tree stops."""

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """After a crash of orders Up asks again; a live actor that does not answer is a fault: NetworkError."""
        if message.target == self._safety or message.cause.value == "timeout":
            raise NetworkError(f"no answer from {message.target}: {message.cause}")

    def _ask_for_the_ledger(self, ctx: Context) -> None:
        """Query the ledger of each symbol; what is unacknowledged now and not in the answer was lost."""
        self._asked.clear()
        for symbol in self._symbols:
            mine = tuple(key for key in self._unacknowledged if self._instruments[key[0]].symbol == symbol)
            self._asked[ctx.ask(self._orders, LedgerQuery(symbol), _TIMEOUT_NS)] = mine

    def _view_of(self, card: str, ledger: LedgerChanged) -> InFlightView:
        """What the card has in flight, without resting exits: a newer exit replaces those."""
        mine = [is_entry for key, is_entry in self._unacknowledged.items() if key[0] == card]
        for order in ledger.in_flight:
            if order.card_id == card and (order.is_entry or not order.may_rest):
                mine.append(order.is_entry)
        return InFlightView(True in mine, False in mine, ledger.quarantine, ledger.layers)

    def _available(self, equity: Money) -> Money:
        """Equity less the margin of all open positions at their cards' leverages."""
        bound = 0
        for card, instrument in self._instruments.items():
            ledger = self._ledgers.get(instrument.symbol)
            if ledger is not None:
                bound += -(-abs(ledger.position.cost) // self._leverages.get(card, 1))
        return Money(equity - bound)

    def _check_started(self, ctx: Context) -> None:
        if not self._is_started and len(self._ledgers) == len(self._symbols) and self._state is not None:
            self._is_started = True
            ctx.started()
