"""One card over the same market twice: as ranges of shared columns, and bar by bar with values, through bad input.

Marketdata and the strategy are the real ones; port and socket are played by the test. The decisions are the same.
"""

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from actors.app.runs.run import ExecutorProgram
from actors.marketdata.actor import MarketData
from actors.marketdata.feed import Appended
from actors.model.backend import ClosedBars, HistoryQuery
from actors.model.candles import candles_of
from actors.model.fixed import Price
from actors.strategy.actor import CardProgram, Strategy
from actors.strategy.messages import Decided
from actors.strategy.wiring import StrategyWiring
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Bars, Feeds, GrowingBars
from ideacards.loader import read_card
from runtime.actor import Actor
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.scenarios.everybody_else import EverybodyElse

CARD = """id: crossing
thesis: Follows a fast average over a slow one, and names a feature's value with every order.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m, mtf: 5m}
account: {equity: 100000, leverage: 1}
features:
  fast: {use: ema, of: close, length: 3}
  slow: {use: ema, of: close, length: 7}
  calm: {use: sma, of: close, length: 2, timeframe: mtf}
blocks:
  - id: entry
    cases:
      - when: fast > slow and close > calm
        emit: {action: enter_long, size: {quantity: 0.1}, order: {type: limit, price: {ref: slow}}}
      - when: crosses_below(fast, slow)
        emit: {action: exit}
"""
SYMBOL, INSTRUMENT = "BTCUSDT", an_instrument()
COUNT, KNOWN = 120, 20


def a_walk(seed: int) -> Bars:
    random, price, rows = Random(seed), 100.0, []
    for _ in range(COUNT):
        close = round(price + random.uniform(-2, 2), 2)
        rows.append((price, round(max(price, close) + 0.5, 2), round(min(price, close) - 0.5, 2), close))
        price = close
    return a_market(rows)


class House:
    """Marketdata, the card, and a market of which `closed` bars have closed."""

    def __init__(self, card: Card, bars: Bars, *, has_values: bool) -> None:
        self.decided: list[Decided] = []
        self.programs = 0
        self.closed = KNOWN
        self._bars, self._has_values = bars, has_values
        columns = GrowingBars(SYMBOL, MINUTE_MS, bars.price_digits, capacity=4)
        source = columns if has_values else bars
        appended = {SYMBOL: Appended(columns, INSTRUMENT)} if has_values else {}
        wiring = StrategyWiring(*map(Ref, ("journal", "marketdata", "orders", "intents")))

        def program() -> CardProgram:
            self.programs += 1
            feeds = Feeds.build(card, source.newest())
            return ExecutorProgram(StrategyBlocksExecutor(card, feeds), feeds, 0)

        real: dict[str, Callable[[], Actor]] = {
            "marketdata": lambda: MarketData(Ref("port"), Ref("socket"), {SYMBOL: MINUTE_MS}, appended=appended),
            "card": lambda: Strategy(wiring, card.id, source, INSTRUMENT, program),
        }
        played = {name: lambda: EverybodyElse(self) for name in ("journal", "port", "socket", "orders", "intents")}
        specs = tuple(ActorSpec(name, factory) for name, factory in {**played, **real}.items())
        self.kernel = Kernel(SupervisorSpec("root", Restarting.ONE_FOR_ONE, specs))
        self.driver = SimulatedDriver(self.kernel)
        self.kernel.clock.correct_wall(COUNT * MINUTE_MS * 1_000_000, 0, 0)  # every bar of a history has closed
        self.kernel.start()
        self.kernel.pump()

    def history(self, query: HistoryQuery) -> ClosedBars:
        start = query.since_ms // MINUTE_MS
        return self.message(min(start, self.closed), self.closed)

    def message(self, start: int, stop: int) -> ClosedBars:
        opens, closes = start * MINUTE_MS, stop * MINUTE_MS
        if self._has_values:
            candles = candles_of(self._bars, INSTRUMENT, start, stop)
            return ClosedBars(SYMBOL, MINUTE_MS, opens, closes, candles=candles)
        return ClosedBars(SYMBOL, MINUTE_MS, opens, closes, start, stop)

    def frame(self, number: int) -> None:
        """The socket hands over a bar that has closed."""
        self.closed = max(self.closed, number + 1)
        self.tell(self.message(number, number + 1))

    def tell(self, message: ClosedBars) -> None:
        self.kernel.tell(Ref("marketdata"), message)
        self.kernel.pump()

    def story(self) -> list[tuple[int, str, int, tuple[tuple[str, float], ...]]]:
        """Decisions with the facts they were made on."""
        return [
            (each.intent.bar_close_ms, each.intent.action, each.facts.close, each.facts.values) for each in self.decided
        ]


def in_order(house: House, random: Random) -> None:
    for number in range(KNOWN, COUNT):
        house.frame(number)


def badly(house: House, random: Random) -> None:
    """Frames are lost, come twice, late and too early."""
    number = KNOWN
    while number < COUNT - 1:
        match random.randrange(6):
            case 0:
                house.closed += 1  # its frame is lost
            case 1:
                house.frame(number)
                house.frame(number)
            case 2:
                house.frame(number + 1)
                house.frame(number)
                number += 1
            case 3:
                house.frame(number)
                house.frame(random.randrange(number))
            case _:
                house.frame(number)
        number += 1
    house.frame(number)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("play", [in_order, badly])
def test_bars_with_values_lead_to_the_decisions_that_ranges_lead_to(
    play: Callable[[House, Random], None], seed: int
) -> None:
    card, bars = read_card(CARD, "crossing.yaml"), a_walk(seed)
    stories = []
    for has_values in (False, True):
        house = House(card, bars, has_values=has_values)
        play(house, Random(seed))
        stories.append(house.story())
        assert house.programs == 1, "a program grows with its bars and is not built anew"
    assert stories[0] == stories[1]
    assert len(stories[0]) > 10


@pytest.mark.parametrize("seed", range(3))
def test_bars_that_are_refused_on_the_way_change_no_decision(seed: int) -> None:
    """Before each bar comes one that cannot be: off the grid, with impossible prices, of another symbol."""
    card, bars, random = read_card(CARD, "crossing.yaml"), a_walk(seed), Random(seed)
    clean = House(card, bars, has_values=True)
    in_order(clean, random)
    dirty = House(card, bars, has_values=True)
    for number in range(KNOWN, COUNT):
        message = dirty.message(number, number + 1)
        (candle,) = message.candles
        bad = msgspec.structs.replace(
            candle,
            ts_open=candle.ts_open + random.choice([0, 0, 1, -1]),
            low=Price(candle.high + 1) if random.random() < 0.9 else candle.low,
        )
        symbol = random.choice([SYMBOL, SYMBOL, "DOGEUSDT"])
        dirty.tell(msgspec.structs.replace(message, symbol=symbol, candles=(bad,)))
        if dirty.closed == number:
            dirty.frame(number)
    assert dirty.story() == clean.story()
    assert len(clean.story()) > 10
