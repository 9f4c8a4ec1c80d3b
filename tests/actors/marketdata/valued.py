"""Marketdata alone, with columns of its own and a scripted history of the venue."""

from actors.marketdata.actor import MarketData
from actors.marketdata.feed import Appended
from actors.marketdata.messages import BarRefused, BarsClosed, Subscribe
from actors.model.backend import Candle, ClosedBars, HistoryQuery
from actors.model.candles import candles_of
from ideacards.feeds import Bars, GrowingBars
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

__all__ = ["BARS", "BTC", "CANDLES", "Valued", "page"]

BTC = "BTCUSDT"
INSTRUMENT = an_instrument()
BARS: Bars = a_market([(100.0 + at, 102.0 + at, 99.0 + at, 101.0 + at) for at in range(12)])
CANDLES = candles_of(BARS, INSTRUMENT, 0, len(BARS))


def page(
    candles: tuple[Candle, ...], symbol: str = BTC, timeframe_ms: int = MINUTE_MS, *, has_more: bool = False
) -> ClosedBars:
    """Candles as one message."""
    ts_open = candles[0].ts_open if candles else 0
    ts_close = candles[-1].ts_open + timeframe_ms if candles else 0
    return ClosedBars(symbol, timeframe_ms, ts_open, ts_close, candles=candles, has_more=has_more)


class Valued:
    """One feed whose bars come with their values; `known` of them stand in the history at the start."""

    def __init__(self, known: int = 3, columns: GrowingBars | None = None, *, starts: bool = True) -> None:
        self.columns = GrowingBars(BTC, MINUTE_MS, 2, capacity=2) if columns is None else columns
        appended = {BTC: Appended(self.columns, INSTRUMENT)}
        build = lambda: MarketData(Ref("port"), Ref("socket"), {BTC: MINUTE_MS}, appended=appended)  # noqa: E731
        self.harness = ActorHarness(build, others=("port", "socket", "card"))
        self.harness.kernel.clock.correct_wall(3_600 * SECOND_NS, 0, 0)  # every bar has closed
        self.questions: list[tuple[int, int]] = []
        self.told: list[BarsClosed] = []
        self._hear(self.harness.take())
        if starts:
            self.answer(CANDLES[:known])
            self.subscribe()

    def subscribe(self) -> None:
        """The card reads the feed."""
        self.harness.ask(Subscribe(Ref("card"), BTC, MINUTE_MS))
        self.harness.take()

    def _hear(self, said: list[tuple[Ref, object, int]]) -> None:
        for _, message, number in said:
            if isinstance(message, HistoryQuery):
                self.questions.append((number, message.since_ms // MINUTE_MS))
            elif isinstance(message, BarsClosed):
                self.told.append(message)

    def close(self, *numbers: int) -> None:
        """The socket hands over these bars, a frame each."""
        for number in numbers:
            self.frame(page((CANDLES[number],)))

    def frame(self, message: ClosedBars) -> None:
        """The socket hands over a frame."""
        self._hear(self.harness.deliver(message))

    def answer(self, candles: tuple[Candle, ...], *, has_more: bool = False) -> None:
        """The venue answers the last question for history."""
        self._hear(self.harness.answer(self.questions[-1][0], page(candles, has_more=has_more)))

    def wait(self, time_ns: int) -> None:
        """Time passes."""
        self._hear(self.harness.advance(time_ns))

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """What the reader heard, and what it means: the close of the last bar."""
        bars = self.columns.newest()
        for told in self.told:
            assert told.ts_close == bars.ts_close[told.stop - 1]
        return [(told.start, told.stop) for told in self.told]

    @property
    def refused(self) -> list[str]:
        """What it would not take, from the record."""
        stream = self.harness.kernel.recorder.stream
        return [record.message.what for record in stream if isinstance(record.message, BarRefused)]
