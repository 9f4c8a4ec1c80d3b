"""The processor's memory: what is in flight, and the trading state. The judgement itself is `processor.process`.

Starting until orders and safety have answered; on a later life of orders it asks again, so that an entry that died on
its way does not stay in flight for ever.
"""

from actors.intents.messages import IntentRefused
from actors.intents.processor import InFlightView, RiskLimits, process
from actors.model.errors import InvariantError, NetworkError
from actors.model.instrument import Instrument
from actors.orders.messages import InFlight, InFlightQuery, OrderEnded, WithdrawResting
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


class IntentProcessor(Actor):
    """`blocks` gives a block's place in its card, by (card, block); `cards` the strategy of a card."""

    def __init__(
        self,
        orders: Ref,
        safety: Ref,
        cards: dict[str, Ref],
        blocks: dict[tuple[str, str], int],
        instrument: Instrument,
        limits: RiskLimits,
    ) -> None:
        self._orders = orders
        self._safety = safety
        self._cards = cards
        self._blocks = blocks
        self._instrument = instrument
        self._limits = limits
        self._state: TradingState | None = None
        self._flying: dict[tuple[str, str, int], bool] | None = None
        self._is_started = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._orders)
        ctx.ask(self._orders, InFlightQuery(), _TIMEOUT_NS)
        ctx.ask(self._safety, TradingStateQuery(), _TIMEOUT_NS)
        return STARTING

    @handles(InFlight)
    def in_flight(self, message: InFlight, ctx: Context) -> None:
        """What orders knows to be under way."""
        self._flying = {
            (order.card_id, order.block_id, order.bar_close_ms): order.is_entry
            for order in message.orders
            if order.is_entry or not order.may_rest
        }
        self._check_started(ctx)

    @handles(TradingStateChanged)
    def trading_state(self, message: TradingStateChanged, ctx: Context) -> None:
        """Active, reducing or halted."""
        self._state = message.state
        self._check_started(ctx)

    @handles(Decided)
    def decided(self, message: Decided, ctx: Context) -> None:
        """One intent becomes one order or one refusal; a withdrawal goes straight on."""
        if self._flying is None or self._state is None:
            raise InvariantError("an intent came before the start")
        intent = message.intent
        card = intent.card_id
        if intent.action is _WITHDRAW:  # lowers risk whatever the trading state, so there is nothing to judge
            ctx.send(self._orders, WithdrawResting(card))
            return
        view = self._view_of(card) if self._flying else _NOTHING
        block_index = self._blocks[card, intent.block_id]
        answer = process(message, view, self._state, self._limits, self._instrument, block_index)
        if isinstance(answer, IntentRefused):
            ctx.send(self._cards[card], answer)
        else:
            if answer.is_entry or intent.metadata.order.type is _MARKET:  # a resting exit stands in nobody's way
                self._flying[card, intent.block_id, intent.bar_close_ms] = answer.is_entry
            ctx.send(self._orders, answer)

    @handles(OrderEnded)
    def ended(self, message: OrderEnded, ctx: Context) -> None:
        """One less under way."""
        if self._flying is not None:
            order = message.order
            self._flying.pop((order.card_id, order.block_id, order.bar_close_ms), None)

    @handles(Up)
    def orders_up(self, message: Up, ctx: Context) -> None:
        """A new life of orders: what is under way is what it says."""
        ctx.ask(self._orders, InFlightQuery(), _TIMEOUT_NS)

    @handles(Down)
    def orders_down(self, message: Down, ctx: Context) -> None:
        """Up follows, or the tree stops."""

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """Down and Up of orders ask again; silence from a living actor is a fault."""
        if message.target == self._safety or message.cause.value == "timeout":
            raise NetworkError(f"no answer from {message.target}: {message.cause}")

    def _view_of(self, card: str) -> InFlightView:
        mine = [is_entry for key, is_entry in (self._flying or {}).items() if key[0] == card]
        return InFlightView(True in mine, False in mine)

    def _check_started(self, ctx: Context) -> None:
        if not self._is_started and self._flying is not None and self._state is not None:
            self._is_started = True
            ctx.started()
