"""Marketdata by ranges: each closed bar is published once, in order, without holes, whatever the socket leaves out."""

import pytest

from actors.marketdata.actor import MarketData
from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed
from actors.model.backend import ClosedBars, HistoryQuery, NeverSent
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness

BTC, ETH = "BTCUSDT", "ETHUSDT"
MINUTE_MS = 60_000


def frame(start: int, stop: int, symbol: str = BTC) -> ClosedBars:
    return ClosedBars(symbol, MINUTE_MS, start * MINUTE_MS, stop * MINUTE_MS, start, stop)


def closed(start: int, stop: int, symbol: str = BTC) -> BarsClosed:
    return BarsClosed(symbol, start, stop, stop * MINUTE_MS)


class Feeds:
    """Marketdata in the hand; two symbols unless told otherwise."""

    def __init__(self, *symbols: str, stop: int = 3, wakes: Ref | None = None, has_started: bool = True) -> None:
        feeds = dict.fromkeys(symbols or (BTC, ETH), MINUTE_MS)
        build = lambda: MarketData(Ref("port"), Ref("socket"), feeds, wakes=wakes)  # noqa: E731
        self.harness = ActorHarness(build, others=("port", "socket", "card", "other"))
        self.harness.kernel.clock.correct_wall(3_600 * SECOND_NS, 0, 0)  # every bar of this page has closed
        self.questions = self.asked(self.harness.take())
        if has_started:
            for symbol, (number, _) in list(self.questions.items()):
                self.harness.answer(number, frame(0, stop, symbol))

    def asked(self, said: list[tuple[Ref, object, int]]) -> dict[str, tuple[int, int]]:
        """Correlation and first bar of each question for history, by symbol."""
        return {
            m.symbol: (number, m.since_ms // MINUTE_MS)
            for ref, m, number in said
            if ref == "port" and isinstance(m, HistoryQuery)
        }

    def subscribe(self, symbol: str = BTC, reader: str = "card") -> Subscribed:
        answer = self.harness.ask(Subscribe(Ref(reader), symbol, MINUTE_MS))
        self.harness.take()
        assert isinstance(answer, Subscribed)
        return answer

    def told(self, message: object, reader: str = "card") -> list[object]:
        return [said for ref, said, _ in self.harness.deliver(message) if ref == reader]


def test_it_is_up_when_the_history_of_every_feed_has_been_read() -> None:
    feeds = Feeds(has_started=False)
    assert {symbol: start for symbol, (_, start) in feeds.questions.items()} == {BTC: 0, ETH: 0}
    feeds.harness.answer(feeds.questions[BTC][0], frame(0, 3))
    assert not feeds.harness.is_started
    feeds.harness.answer(feeds.questions[ETH][0], frame(0, 0, ETH))
    assert feeds.harness.is_started


def test_a_reader_learns_how_far_its_feed_has_come_and_hears_what_closes_then() -> None:
    feeds = Feeds()
    assert feeds.subscribe().stop == 3
    assert feeds.told(frame(3, 4)) == [closed(3, 4)]
    assert feeds.told(frame(4, 7)) == [closed(4, 7)]
    assert feeds.told(frame(3, 4, ETH)) == [], "another feed"


def test_a_bar_is_told_once_however_often_it_comes() -> None:
    feeds = Feeds()
    feeds.subscribe()
    feeds.told(frame(3, 5))
    assert feeds.told(frame(3, 5)) == []
    assert feeds.told(frame(2, 4)) == []
    assert feeds.told(frame(4, 6)) == [closed(5, 6)]


def test_a_hole_is_filled_from_the_history_before_anything_is_told() -> None:
    feeds = Feeds()
    feeds.subscribe()
    said = feeds.harness.deliver(frame(5, 6))
    ((number, start),) = feeds.asked(said).values()
    assert start == 3
    assert len(said) == 1, "nothing is told over a hole"
    assert feeds.harness.deliver(frame(6, 7)) == [], "one question at a time"
    said = feeds.harness.answer(number, frame(3, 7))
    assert [message for _, message, _ in said] == [closed(3, 7)]


def test_a_new_connection_asks_for_what_closed_meanwhile() -> None:
    feeds = Feeds()
    feeds.harness.kernel.kill(Ref("socket"))
    feeds.harness.kernel.pump()
    assert {symbol: start for symbol, (_, start) in feeds.asked(feeds.harness.take()).items()} == {BTC: 3, ETH: 3}


@pytest.mark.parametrize("is_silent", [True, False])
def test_history_that_does_not_come_is_asked_for_again_and_after_five_times_it_is_a_crash(is_silent: bool) -> None:
    feeds = Feeds(BTC, has_started=False)
    number = feeds.questions[BTC][0]
    for _ in range(6):
        assert feeds.harness.kernel.life.outcome is None
        if is_silent:
            said = feeds.harness.advance(10 * SECOND_NS)
        else:
            said = feeds.harness.answer(number, NeverSent("no permit"))
        number = feeds.asked(said).get(BTC, (0, 0))[0]
    assert feeds.harness.kernel.life.outcome is not None


def test_the_newest_bar_is_told_again_to_the_one_who_asks_if_it_is_still_the_newest() -> None:
    feeds = Feeds()
    feeds.subscribe()
    feeds.subscribe(reader="other")
    feeds.told(frame(3, 5))
    assert feeds.told(CatchUp(Ref("card"), BTC, 5 * MINUTE_MS)) == [closed(4, 5)]
    assert feeds.told(CatchUp(Ref("card"), BTC, 5 * MINUTE_MS), reader="other") == []
    assert feeds.told(CatchUp(Ref("card"), BTC, 4 * MINUTE_MS)) == []


def test_where_the_bars_are_made_a_reader_hears_whom_to_tell_which_it_waits_for() -> None:
    feeds = Feeds(wakes=Ref("world"))
    assert feeds.harness.ask(Subscribe(Ref("card"), BTC, MINUTE_MS)) == Subscribed(3, Ref("world"))
    assert feeds.harness.take() == []
    assert Feeds().subscribe().wakes is None, "where they are met, all of them come"
