"""A led card over bars that come one by one: whatever the order in which both symbols' bars arrive, it decides as over
whole columns; a leader's bar that does not come is waited for, for a stated time.

Marketdata and the strategy are the real ones; port and socket are played by the test.
"""

from collections.abc import Callable
from random import Random

import attrs
import pytest

from actors.app.live.house import card_program
from actors.marketdata.actor import MarketData
from actors.marketdata.feed import Appended
from actors.model.backend import ClosedBars, HistoryQuery
from actors.model.candles import candles_of
from actors.strategy.actor import Strategy
from actors.strategy.leading import LEADER_WAIT_NS
from actors.strategy.messages import Decided, LeaderLate
from actors.strategy.wiring import StrategyWiring
from ideacards.blocks import PositionView, StrategyBlocksExecutor
from ideacards.feeds import Bars, Feeds, GrowingBars, Snapshot
from ideacards.intents import SIZE_VALUE
from runtime.actor import Actor
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import Kernel
from runtime.kernel.recorder import Recorder
from runtime.messages import Ref
from runtime.spec import ActorSpec, SupervisorSpec
from runtime.spec import RestartStrategy as Restarting
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.ideacards.led import FEW_FEATURES, LEADER, a_led_card
from tests.scenarios.everybody_else import EverybodyElse

OWN, COUNT, KNOWN = "ETHUSDT", 120, 30
INSTRUMENTS = {symbol: an_instrument(symbol=symbol) for symbol in (OWN, LEADER)}
Told = tuple[int, str, tuple[tuple[str, float], ...]]
CARD = a_led_card(
    features=FEW_FEATURES,
    blocks="""blocks:
- id: entry
  cases:
  - when: BTCUSDT.close > average and ratio > strength[1]
    emit: {action: enter_long, size: {expression: 1 + strength}}
  - when: BTCUSDT.close[1] < slow
    emit: {action: exit}""",
)


def a_walk(symbol: str, seed: int, lost: tuple[int, ...] = ()) -> Bars:
    random, price, rows = Random(seed), 100.0, []
    for _ in range(COUNT):
        close = round(price + random.uniform(-2, 2), 2)
        rows.append((price, round(max(price, close) + 0.5, 2), round(min(price, close) - 0.5, 2), close))
        price = close
    bars = attrs.evolve(a_market(rows), symbol=symbol)
    kept = [number for number in range(COUNT) if number not in lost]
    names = ("ts_open", "ts_close", "volume", "price_open", "price_high", "price_low", "price_close")
    floats = {f"_{name}".lstrip("_"): getattr(bars, name)[kept] for name in ("open", "high", "low", "close")}
    return attrs.evolve(bars, **{name: getattr(bars, name)[kept] for name in names}, **floats)


class House:
    """Marketdata and the card; of each symbol the bars that close by `closed` are in its history."""

    def __init__(self, leader: Bars) -> None:
        self.decided: list[Decided] = []
        self.bars = {OWN: a_walk(OWN, 3), LEADER: leader}
        self.closed = dict.fromkeys(self.bars, KNOWN * MINUTE_MS)
        self.columns = {symbol: GrowingBars(symbol, MINUTE_MS, 2, capacity=4) for symbol in self.bars}
        appended = {symbol: Appended(self.columns[symbol], INSTRUMENTS[symbol]) for symbol in self.bars}
        feeds = dict.fromkeys(self.bars, MINUTE_MS)
        wiring = StrategyWiring(*map(Ref, ("journal", "marketdata", "orders", "intents")))
        leaders = {LEADER: self.columns[LEADER]}

        def strategy() -> Strategy:
            own = self.columns[OWN]
            return Strategy(
                wiring, CARD.id, own, INSTRUMENTS[OWN], lambda: card_program(CARD, own, leaders), leaders=leaders
            )

        real: dict[str, Callable[[], Actor]] = {
            "marketdata": lambda: MarketData(Ref("port"), Ref("socket"), feeds, appended=appended),
            "card": strategy,
        }
        played = {name: lambda: EverybodyElse(self) for name in ("journal", "port", "socket", "orders", "intents")}
        specs = tuple(ActorSpec(name, factory) for name, factory in {**played, **real}.items())
        self.recorder = Recorder({LeaderLate: None})
        self.kernel = Kernel(SupervisorSpec("root", Restarting.ONE_FOR_ONE, specs, intensity=1_000), self.recorder)
        self.driver = SimulatedDriver(self.kernel)
        self.kernel.clock.correct_wall(COUNT * MINUTE_MS * 1_000_000, 0, 0)  # every bar of a history has closed
        self.kernel.start()
        self.kernel.pump()

    def history(self, query: HistoryQuery) -> ClosedBars:
        bars, stop_ms = self.bars[query.symbol], self.closed[query.symbol]
        start = int((bars.ts_open < query.since_ms).sum())
        return self._message(query.symbol, start, max(start, int((bars.ts_close <= stop_ms).sum())))

    def _message(self, symbol: str, start: int, stop: int) -> ClosedBars:
        bars = self.bars[symbol]
        opens = int(bars.ts_open[start]) if start < len(bars) else self.closed[symbol]
        closes = int(bars.ts_close[stop - 1]) if stop > start else opens
        return ClosedBars(symbol, MINUTE_MS, opens, closes, candles=candles_of(bars, INSTRUMENTS[symbol], start, stop))

    def frame(self, symbol: str, minute: int) -> None:
        """The socket hands over the bar that opens at a minute, if there is one."""
        self.closed[symbol] = max(self.closed[symbol], (minute + 1) * MINUTE_MS)
        (places,) = (self.bars[symbol].ts_open == minute * MINUTE_MS).nonzero()
        for place in places.tolist():
            self.kernel.tell(Ref("marketdata"), self._message(symbol, place, place + 1))
            self.kernel.pump()

    def wait(self, by_ns: int) -> None:
        self.driver.run_until(self.kernel.now + by_ns)

    def story(self) -> list[Told]:
        """Close, action and the values of each decision; a card that was restarted decides its last bar again."""
        found = [(each.intent, each.facts.values) for each in self.decided]
        return list(dict.fromkeys((intent.bar_close_ms, intent.action.value, values) for intent, values in found))

    def late(self) -> list[LeaderLate]:
        return [record.message for record in self.recorder.stream if isinstance(record.message, LeaderLate)]


def expected(house: House) -> list[Told]:
    """What the card decides over whole columns, from the first bar that came alone."""
    feeds = Feeds.build(CARD, house.bars[OWN], {LEADER: house.bars[LEADER]})
    executor = StrategyBlocksExecutor(CARD, feeds)
    told: list[Told] = []
    for index in range(KNOWN, COUNT):
        for intent in executor.evaluate(Snapshot(feeds, index + 1), PositionView()):
            size = intent.metadata.size
            values: tuple[tuple[str, float], ...] = ()
            if size is not None and size.expression is not None:
                values = ((SIZE_VALUE, executor.number(size.expression, index, PositionView())),)
            told.append((intent.bar_close_ms, intent.action.value, values))
    return told


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_bars_come_it_decides_as_over_whole_columns(seed: int) -> None:
    random, house, kills = Random(seed), House(a_walk(LEADER, seed + 50)), 0
    for minute in range(KNOWN, COUNT):
        symbols = [OWN, LEADER]
        random.shuffle(symbols)
        for symbol in symbols:
            house.frame(symbol, minute)
            house.wait(random.randrange(LEADER_WAIT_NS))
            if random.random() < 0.1:  # also while its bar is held
                house.kernel.kill(Ref("card"))
                house.kernel.pump()
                kills += 1
    assert house.kernel.cell(Ref("card")).incarnation == kills + 1, "no other death"
    assert house.story() == expected(house)
    assert len(house.story()) > 20
    assert house.late() == []


@pytest.mark.parametrize("seed", range(3))
def test_a_leaders_lost_frame_is_read_from_its_history_and_changes_nothing_but_the_time(seed: int) -> None:
    """The next frame shows the hole; until then the decision has been made on what stood, and is noted."""
    random, house = Random(seed), House(a_walk(LEADER, seed + 50))
    lost = sorted(random.sample(range(KNOWN, COUNT - 1), 8))
    for minute in range(KNOWN, COUNT):
        house.frame(OWN, minute)
        house.wait(1_000_000)
        if minute not in lost:
            house.frame(LEADER, minute)
        house.wait(60_000_000_000 - 1_000_000)
    assert [late.ts_close for late in house.late()] == [(minute + 1) * MINUTE_MS for minute in lost]
    own, leader = house.columns[OWN].newest(), house.columns[LEADER].newest()
    assert len(leader) == len(own) == COUNT, "all of them are known in the end"
    honest = [told for told in expected(house) if (told[0] // MINUTE_MS - 1) not in lost]
    untouched = [told for told in house.story() if (told[0] // MINUTE_MS - 1) not in lost]
    later = {minute + 1 + ago for minute in lost for ago in range(12)}  # what looks back sees what was known then
    assert [told for told in untouched if told[0] // MINUTE_MS - 1 not in later] == [
        told for told in honest if told[0] // MINUTE_MS - 1 not in later
    ]


def test_a_bar_that_there_is_not_is_waited_for_and_the_last_value_stands() -> None:
    lost = (40, 41, 60)
    house = House(a_walk(LEADER, 7, lost))
    for minute in range(KNOWN, COUNT):
        house.frame(OWN, minute)
        house.frame(LEADER, minute)
        before = len(house.decided)
        house.wait(LEADER_WAIT_NS - 1)
        assert len(house.decided) == before, "nothing is decided while the wait lasts, or it was decided before"
        house.wait(60_000_000_000 - LEADER_WAIT_NS + 1)
    assert house.story() == expected(house)
    assert [late.ts_close // MINUTE_MS - 1 for late in house.late()] == list(lost)


def test_a_held_bar_is_not_lost_when_the_next_one_comes() -> None:
    house = House(a_walk(LEADER, 7))
    house.frame(OWN, KNOWN)
    house.frame(OWN, KNOWN + 1)
    assert [late.ts_close // MINUTE_MS - 1 for late in house.late()] == [KNOWN], "the older one is decided first"
    house.frame(LEADER, KNOWN)
    house.frame(LEADER, KNOWN + 1)
    house.wait(LEADER_WAIT_NS)
    assert len(house.late()) == 1
