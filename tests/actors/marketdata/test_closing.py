"""A bar out of the history counts when the venue's clock has passed its close for certain; a frame's bar at once."""

import pytest

from actors.marketdata.actor import MarketData
from actors.marketdata.closing import closed_part
from actors.marketdata.messages import BarsClosed, Subscribe, Subscribed
from actors.model.backend import ClosedBars, HistoryQuery
from actors.model.venue_time import VenueTime
from runtime.kernel.clock import KernelClock
from runtime.messages import Ref
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.marketdata.valued import CANDLES, page

BTC, MINUTE_MS, MS, SECOND_NS = "BTCUSDT", 60_000, 1_000_000, 1_000_000_000
CLOSE_NS = 3 * MINUTE_MS * MS  # of the third bar
THREE = ClosedBars(BTC, MINUTE_MS, 0, 3 * MINUTE_MS, 0, 3)
CLOSED = BarsClosed(BTC, 0, 3, 3 * MINUTE_MS)


class History:
    """Marketdata that has asked for the history on a clock that shows `wall_ns` within `error_ns`."""

    def __init__(self, wall_ns: int, error_ns: int | None) -> None:
        build = lambda: MarketData(Ref("port"), Ref("socket"), {BTC: MINUTE_MS})  # noqa: E731
        self.harness = ActorHarness(build, others=("port", "socket", "card"), wall_ns=wall_ns)
        self.asked = self.question(self.harness.take())
        if error_ns is not None:
            self.clock.correct_wall(wall_ns, error_ns, 0)

    @property
    def clock(self) -> KernelClock:
        return self.harness.kernel.clock

    def question(self, said: list[Said]) -> int:
        (number,) = (number for ref, message, number in said if ref == "port" and isinstance(message, HistoryQuery))
        return number

    def known(self) -> int:
        """How many bars it has told of."""
        answer = self.harness.ask(Subscribe(Ref("card"), BTC, MINUTE_MS))
        assert isinstance(answer, Subscribed)
        return answer.stop

    def told(self, said: list[Said]) -> list[object]:
        return [message for ref, message, _ in said if ref == "card"]


@pytest.mark.parametrize(("late_ns", "is_closed"), [(-1, False), (0, True), (1, True)])
def test_a_bar_of_the_history_counts_when_the_earliest_possible_time_has_reached_its_close(
    late_ns: int, *, is_closed: bool
) -> None:
    history = History(CLOSE_NS + 20 * MS + late_ns, 20 * MS)
    history.harness.answer(history.asked, THREE)
    assert history.known() == (3 if is_closed else 0)


def test_a_bar_that_came_too_early_is_asked_for_again_when_it_has_closed_for_certain() -> None:
    history = History(CLOSE_NS - 30 * MS, 20 * MS)
    history.harness.answer(history.asked, THREE)
    assert history.known() == 0
    assert history.harness.advance(50 * MS - 1) == []
    again = history.question(history.harness.advance(1))
    assert history.told(history.harness.answer(again, THREE)) == [CLOSED]


def test_on_a_clock_of_unknown_error_the_history_waits_until_it_is_known() -> None:
    history = History(CLOSE_NS + 3600 * SECOND_NS, None)
    history.harness.answer(history.asked, THREE)
    assert history.known() == 0
    again = history.question(history.harness.advance(SECOND_NS))
    history.clock.correct_wall(CLOSE_NS, 0, 0)
    assert history.told(history.harness.answer(again, THREE)) == [CLOSED]


def test_a_frame_says_itself_that_its_bar_is_closed_whatever_the_clock_shows() -> None:
    history = History(CLOSE_NS - 3600 * SECOND_NS, 20 * MS)
    history.harness.answer(history.asked, ClosedBars(BTC, MINUTE_MS, 0, 0))
    assert history.known() == 0
    assert history.told(history.harness.deliver(THREE)) == [CLOSED]


def test_of_no_bars_none_has_to_be_waited_for() -> None:
    nothing = ClosedBars(BTC, MINUTE_MS, 0, 0, 5, 5)
    assert closed_part(nothing, VenueTime(0, None)) == (nothing, None)


@pytest.mark.parametrize(("closed", "waits"), [(0, 1), (1, 2), (2, 3), (3, None)])
def test_of_bars_with_values_those_that_have_closed_are_taken(closed: int, waits: int | None) -> None:
    bars = page(CANDLES[:3])
    part = closed_part(bars, VenueTime(closed * MINUTE_MS * MS, 0))
    assert part.bars.candles == CANDLES[:closed]
    assert part.bars.ts_close == closed * MINUTE_MS
    assert part.waits_for_ms == (None if waits is None else waits * MINUTE_MS)
