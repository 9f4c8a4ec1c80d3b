"""The actor of one card: at each closed bar it evaluates the card's blocks over a snapshot and sends their intents.

Position and orders in flight are those of the newest revision of the ledger, plus the card's own entries that no
revision has acknowledged yet. The ledger is asked for through `intents`, so that the answer includes every decision
sent before.

The actor keeps no history: after every start it asks for the newest bar, the ledger and the last bar it decided on, and
is Starting until all three have answered. After a restart it asks for the newest bar again, unless it decided on that
bar or an execution came later: then it has seen the bar. Otherwise seeing a bar twice is harmless, for nothing that a
card looks at has changed since.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from msgspec.structs import replace

from actors.intents.messages import IntentRefused
from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed, WaitForBars, Wake
from actors.model.errors import InvariantError, NetworkError
from actors.model.fixed import Money, Price, power_of_ten
from actors.model.instrument import Instrument
from actors.model.position import Position
from actors.orders.messages import LedgerChanged, LedgerQuery
from actors.strategy.elsewhere import NOTHING_ELSE, Columns, Elsewhere, unrealised
from actors.strategy.facts import TRADES_TOPIC, AccountFacts, TradeRecord
from actors.strategy.leading import Leading, WaitOver, covered
from actors.strategy.messages import Decided, Facts, Pause, Resume
from actors.strategy.pausing import Pausing
from actors.strategy.watching import Watcher
from actors.strategy.wiring import StrategyWiring
from ideacards.feeds import Bars, GrowingBars, WakeSet, WakeState
from ideacards.intents import Action, Intent
from ideacards.position_view import PositionView
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled
from runtime.messages import AskFailed, Down, Ref, Remember, Up

__all__ = ["DECIDED_TOPIC", "CardProgram", "Strategy"]

DECIDED_TOPIC = "decided"  # key: a card; value: close (UTC ms) of the last bar it decided on

_TIMEOUT_NS = 60_000_000_000
_NS_PER_MS = 1_000_000
NO_LEADERS: Mapping[str, GrowingBars] = MappingProxyType({})
_ENTRIES = (
    Action.ENTER_LONG,
    Action.ENTER_SHORT,
    Action.SCALE_IN,
    Action.REVERSE,
    Action.QUOTE_BUY,
    Action.QUOTE_SELL,
)


class CardProgram(Protocol):
    """Decides at each bar: a card's executor over its feeds, or a script in a test.

    With `reads_equity` the view's equity is updated at every bar, else when the account changes; with `reads_drawdown`
    and `reads_trades` the view shows what the fills so far come to.
    """

    reads_equity: bool
    reads_drawdown: bool
    reads_trades: bool
    wakes: WakeSet | None  # the only bars at which it can decide; None: every bar

    def extend(self, bars: Bars) -> None:
        """Go on to `bars`, which begin with the bars known so far."""

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        """Intents at the close of bar `index`."""

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        """Whether the condition until which an entry rests holds at the close of bar `index`."""

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        """Values of the features that the intent's prices, levels and size refer to."""


class Strategy(Actor):
    """One card on one symbol; `program` is built anew with each incarnation.

    `bars` may grow: then the program is extended by every new bar. `elsewhere` are the other symbols of the account:
    what is held there counts in its equity. `leaders` are symbols that the card reads, where their bars grow too.
    """

    def __init__(
        self,
        wiring: StrategyWiring,
        card_id: str,
        bars: Columns,
        instrument: Instrument,
        program: Callable[[], CardProgram],
        elsewhere: Elsewhere = NOTHING_ELSE,
        leaders: Mapping[str, GrowingBars] = NO_LEADERS,
    ) -> None:
        self._to = wiring
        self._card_id = card_id
        self._source = bars
        self._instrument = instrument
        self._qty_one = power_of_ten(instrument.qty_digits)
        self._money_one = power_of_ten(instrument.money_digits)
        self._leaders = leaders
        self._leading = Leading(card_id, leaders) if leaders else None
        self._bars = covered(bars.newest(), leaders)
        self._known = len(self._bars)
        self._closes: memoryview = self._bars.price_close.data  # an index gives an int, not a scalar of numpy
        self._opens: memoryview = self._bars.ts_open.data
        self._watcher = Watcher(card_id, instrument, bars.timeframe_ms)
        self._program = program()
        self._view = PositionView()
        self._facts: AccountFacts | None = None
        if self._program.reads_trades or self._program.reads_drawdown:
            self._facts = AccountFacts(instrument, is_alone=not elsewhere)
            self._facts.look_at(self._bars)
        self._ledger: LedgerChanged | None = None
        self._elsewhere = elsewhere
        self._held_elsewhere: dict[str, Position] = {}
        self._known_elsewhere: dict[str, int] = {}  # newest revision by symbol
        self._wallet = Money(0)  # of the newest revision of any symbol
        self._newest = 0
        self._unacknowledged: dict[tuple[str, int], bool] = {}  # entries, by block and bar, that no revision holds yet
        self._has_entry = False  # in flight, by the newest revision
        self._question = 0  # correlation of the last ledger query, and the unacknowledged entries when it was sent
        self._asked_with: tuple[tuple[str, int], ...] = ()
        self._stop: int | None = None
        self._decided_ms: int | None = None
        self._is_started = False
        self._pausing = Pausing(card_id, wiring.orders, DECIDED_TOPIC)
        self._has_resting = False
        self._wake_flat, self._wake_resting, self._wake_long, self._wake_short = (
            Wake(bars.symbol, state) for state in (WakeState.FLAT, WakeState.RESTING, WakeState.LONG, WakeState.SHORT)
        )
        self._wake = self._wake_flat
        self._wakes: Ref | None = None  # who is told the trading state

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.orders)
        if self._leading is not None:
            self._leading.subscribe(self._to.marketdata, ctx)
        ctx.ask(self._to.marketdata, Subscribe(ctx.me, self._bars.symbol, self._bars.timeframe_ms), _TIMEOUT_NS)
        self._ask_for_the_ledger(ctx)
        ctx.ask(self._to.journal, Recall(DECIDED_TOPIC), _TIMEOUT_NS)
        if self._facts is not None:
            ctx.ask(self._to.journal, Recall(TRADES_TOPIC), _TIMEOUT_NS)
        return STARTING

    @handles(BarsClosed)
    def bars_closed(self, message: BarsClosed, ctx: Context) -> None:
        """Evaluate the last bar of the range, once the leaders' bars of that close are in."""
        if self._is_started:
            for ready in (message,) if self._leading is None else self._leading.take(message, ctx):
                self._evaluate(ready, ctx)
        elif message.symbol == self._bars.symbol:
            self._stop = message.stop  # asked for again when everything is known

    @handles(WaitOver)
    def wait_over(self, message: WaitOver, ctx: Context) -> None:
        """A leader's bar has not come in time: go on with what stands."""
        for ready in () if self._leading is None else self._leading.wait_over(message, ctx):
            self._evaluate(ready, ctx)

    def _evaluate(self, message: BarsClosed, ctx: Context) -> None:
        index, view = message.stop - 1, self._view
        if index >= self._known:
            self._read_columns(message.stop)
        program = self._program
        if program.reads_equity and (view.qty_sign or self._held_elsewhere):
            view.equity = self._equity_at(index) / self._money_one
        if program.reads_drawdown and self._facts is not None:
            view.drawdown = self._facts.drawdown(index, self._equity_at(index))
        ledger = self._ledger
        if ledger is not None and self._watcher.is_at_work(ledger):
            intents = self._watcher.decide(ledger, self._facts_at(index), program, self._bars, index, view)
        else:
            intents = program.decide(index, message.ts_close, view)
        if intents and (intents := self._pausing.let_through(intents)):
            self._decided(intents, index, ctx)

    def _read_columns(self, stop: int) -> None:
        """Take over the bars that have come since, where bars come with their values; with leaders, those up to `stop`.

        A bar after it may have come before the leaders' bars of its close.
        """
        bars = self._source.newest()
        self._bars = bars = bars if self._leading is None else bars.head(stop)
        self._known = len(bars)
        self._closes, self._opens = bars.price_close.data, bars.ts_open.data
        self._program.extend(bars)
        if self._facts is not None:
            self._facts.look_at(bars)
            if self._facts.has_begun:
                self._facts.show(self._view)

    def _decided(self, intents: tuple[Intent, ...], index: int, ctx: Context) -> None:
        ledger, values_for = self._ledger, self._program.values_for
        if ledger is None:
            raise InvariantError("bars come only after the start")
        ctx.remember(Remember(DECIDED_TOPIC, self._card_id, intents[0].bar_close_ms))
        facts = self._facts_at(index)
        for intent in intents:
            known = replace(facts, values=values_for(intent, index))
            ctx.send(self._to.intents, Decided(intent, known))
            if intent.action in _ENTRIES:
                self._unacknowledged[intent.block_id, intent.bar_close_ms] = True
                self._view.has_entry_in_flight = True

    def _facts_at(self, index: int) -> Facts:
        """The facts of a bar, without values of features."""
        ledger = self._ledger
        assert ledger is not None
        close, equity = Price(self._closes[index]), self._equity_at(index)
        return Facts(close, equity, ledger.position, last_fill=ledger.last_fill_price)

    @handles(Pause, Resume)
    def pause_or_resume(self, message: Pause | Resume, ctx: Context) -> None:
        """The operator pauses the card, or lets it enter again."""
        self._pausing.change(isinstance(message, Pause), message.reason, ctx)

    @handles(IntentRefused)
    def refused(self, message: IntentRefused, ctx: Context) -> None:
        """The processor has refused an intent: its entry is not in flight."""
        self._unacknowledged.pop((message.block_id, message.bar_close_ms), None)
        self._refresh_flight()

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Replace the older revision. The answer to our own query also acknowledges all that was sent before it."""
        if message.revision >= self._newest:
            self._newest, self._wallet = message.revision, message.wallet
        if message.symbol != self._bars.symbol:
            self._changed_elsewhere(message, ctx)
            return
        known = self._ledger
        if known is not None and message.revision < known.revision:
            return
        self._ledger = message
        if self._facts is not None:
            self._follow_trades(self._facts, message, ctx)
        unacknowledged = self._unacknowledged
        if unacknowledged:
            for order in message.orders:
                unacknowledged.pop((order.block_id, order.bar_close_ms), None)
            for key in self._asked_with if ctx.correlation == self._question else ():
                unacknowledged.pop(key, None)
        self._has_entry = self._has_resting = False
        for in_flight in message.in_flight:
            if in_flight.is_entry and in_flight.card_id == self._card_id:
                self._has_entry = True
                self._has_resting = self._has_resting or in_flight.is_resting
                if unacknowledged:
                    unacknowledged.pop((in_flight.block_id, in_flight.bar_close_ms), None)
                elif self._has_resting:
                    break  # no other order changes the result
        self._refresh_flight()
        self._see_account(message)
        self._refresh_wake(ctx)
        if not self._is_started:
            self._check_started(ctx)

    def _follow_trades(self, facts: AccountFacts, message: LedgerChanged, ctx: Context) -> None:
        """Keep what the fills come to; the journal holds it for the next life of this actor."""
        if facts.follow(message, ctx.wall // _NS_PER_MS):
            ctx.remember(Remember(TRADES_TOPIC, self._card_id, facts.record))
            facts.show(self._view)

    def _changed_elsewhere(self, message: LedgerChanged, ctx: Context) -> None:
        if message.revision < self._known_elsewhere.get(message.symbol, 0):
            return
        self._known_elsewhere[message.symbol] = message.revision
        if message.position.qty:
            self._held_elsewhere[message.symbol] = message.position
        else:
            self._held_elsewhere.pop(message.symbol, None)
        self._view.equity = self._wallet / self._money_one
        self._check_started(ctx)

    def _see_account(self, ledger: LedgerChanged) -> None:
        held, view = ledger.position, self._view
        qty = held.qty
        view.qty_sign = (qty > 0) - (qty < 0)
        view.size = qty / self._qty_one
        view.entry_price = held.cost / (qty * self._money_one // self._qty_one) if qty else None
        view.equity = self._wallet / self._money_one

    @handles(Subscribed)
    def subscribed(self, message: Subscribed, ctx: Context) -> None:
        """Marketdata sends the bars from `stop` on."""
        if self._leading is not None and self._leading.is_answer(ctx):
            return  # of a leader: what it has is in its columns
        self._stop, self._wakes = message.stop, message.wakes
        if message.wakes is not None:
            ctx.watch(message.wakes)
            self._wait_for_bars(message.wakes, ctx)
        if self._ledger is not None:
            self._refresh_wake(ctx)
        self._check_started(ctx)

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """Note what an earlier life knew: the last bar it decided on (0: none), a pause, and what its fills came to."""
        known = dict(message.entries)
        if message.topic == TRADES_TOPIC and self._facts is not None:
            self._facts.record = known.get(self._card_id, TradeRecord())
        else:
            self._decided_ms = known.get(self._card_id, 0)
            self._pausing.recall(known.get(self._pausing.key, 0))
        self._check_started(ctx)

    @handles(Up)
    def another_up(self, message: Up, ctx: Context) -> None:
        """Orders have restarted: ask for the ledger. Whoever is told our trading state has restarted: tell it again."""
        if message.ref == self._wakes:
            self._wait_for_bars(message.ref, ctx)
            ctx.send(self._wakes, self._wake)
        else:
            self._ask_for_the_ledger(ctx)

    @handles(Down)
    def another_down(self, message: Down, ctx: Context) -> None:
        """Nothing to do: Up follows, or the tree stops."""

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """After a crash Up asks again; a live actor that does not answer is a fault: NetworkError."""
        if message.cause.value == "timeout" or message.target in (self._to.marketdata, self._to.journal):
            raise NetworkError(f"no answer from {message.target}: {message.cause}")

    def _wait_for_bars(self, maker: Ref, ctx: Context) -> None:
        ctx.send(maker, WaitForBars(ctx.me, self._bars.symbol, self._program.wakes))

    def _ask_for_the_ledger(self, ctx: Context) -> None:
        self._asked_with = tuple(self._unacknowledged)
        self._question = ctx.ask(self._to.intents, LedgerQuery(self._bars.symbol), _TIMEOUT_NS)
        for symbol in self._elsewhere:
            ctx.ask(self._to.intents, LedgerQuery(symbol), _TIMEOUT_NS)

    def _refresh_flight(self) -> None:
        self._view.has_entry_in_flight = self._has_entry or bool(self._unacknowledged)

    def _refresh_wake(self, ctx: Context) -> None:
        """Tell the simulated venue, if there is one, which bars this card waits for."""
        wakes, view = self._program.wakes, self._view
        if wakes is None or self._wakes is None:
            return
        if not view.qty_sign:
            wake = self._wake_resting if self._has_resting else self._wake_flat
        elif wakes.narrow is not None:
            state = WakeState.LONG if view.qty_sign > 0 else WakeState.SHORT
            held = () if self._facts is None else (view.entry_bar, view.risk_percent)
            wake = Wake(self._bars.symbol, state, view.size, view.entry_price, held)
        else:
            wake = self._wake_long if view.qty_sign > 0 else self._wake_short
        if self._ledger is not None:
            from_ms = self._watcher.wakes_from(self._ledger, self._opens)
            if from_ms is not None:
                wake = replace(wake, from_ms=from_ms)
        if wake != self._wake:
            self._wake = wake
            ctx.send(self._wakes, wake)

    def _equity_at(self, index: int) -> Money:
        """Wallet plus unrealised PnL of all positions at the close of bar `index`."""
        ledger = self._ledger
        if ledger is None:
            raise InvariantError("equity asked for before the ledger is known")
        held, equity = ledger.position, self._wallet
        if held.qty:
            equity = Money(equity + self._instrument.value(self._closes[index], held.qty) - held.cost)
        if self._held_elsewhere:
            time_ms = int(self._bars.ts_close[index])
            equity = Money(equity + unrealised(self._held_elsewhere, self._elsewhere, time_ms))
        return equity

    def _check_started(self, ctx: Context) -> None:
        if self._is_started or self._ledger is None or len(self._known_elsewhere) < len(self._elsewhere):
            return
        facts = self._facts
        if self._stop is not None and self._decided_ms is not None and (facts is None or facts.record is not None):
            self._is_started = True
            if facts is not None:
                facts.begin(self._ledger, ctx.wall // _NS_PER_MS)
                facts.show(self._view)
                self._refresh_wake(ctx)
            ctx.started()
            stop = min(self._stop, len(covered(self._source.newest(), self._leaders)))
            if stop > self._known:
                self._read_columns(stop)
            if ctx.incarnation > 1 and self._stop:
                self._catch_up(int(self._source.newest().ts_close[self._stop - 1]), ctx)

    def _catch_up(self, ts_close: int, ctx: Context) -> None:
        """Ask for the newest bar again, unless a decision on it or a later execution shows that it was seen."""
        if self._decided_ms != ts_close and self._ledger is not None and self._ledger.last_fill_ms < ts_close:
            ctx.send(self._to.marketdata, CatchUp(ctx.me, self._bars.symbol, ts_close))
