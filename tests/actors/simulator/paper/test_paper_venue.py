"""The paper venue by hand: an order meets the first trade after its arrival, and the columns never fill up."""

import pytest

from actors.model.backend import (
    CancelOrder,
    ExecutionsQuery,
    PositionQuery,
    PrivateFrame,
    SetTradingStop,
    SubmitOrder,
)
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome
from actors.model.streams import MarketTrade, MarketTrades
from actors.simulator.config import VenueConfig
from actors.simulator.paper.ticks import TickColumns
from actors.simulator.paper.venue import PaperVenue
from actors.websocket.messages import OpenStream, StreamKind
from runtime.messages import Ref
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.builders import an_instrument

BTC = "BTCUSDT"
START_MS = 1_700_000_000_000
NS_PER_MS = 1_000_000


class Paper:
    """A venue that starts at 100.00, its clock known within 20 ms, and what its private stream says."""

    def __init__(self, capacity: int = 4_096, error_ms: int = 20, limit_fill_ticks: int = 1) -> None:
        config = VenueConfig(
            path="nearest_extreme", leverage=1, start_equity=Money(10**15), limit_fill_ticks=limit_fill_ticks
        )
        build = lambda: PaperVenue(  # noqa: E731
            {BTC: an_instrument()}, {BTC: Price(10_000)}, {BTC: 1}, START_MS, config, capacity
        )
        self.harness = ActorHarness(build, others=("reader", "socket"))
        self.error_ns = error_ms * NS_PER_MS
        self.at(0)
        self.harness.ask(OpenStream(StreamKind.PRIVATE, Ref("socket"), Ref("reader")))

    def at(self, ms: int) -> None:
        """The exchange's clock shows so many ms since the start."""
        now = self.harness.kernel.now
        self.harness.kernel.clock.correct_wall((START_MS + ms) * NS_PER_MS - now, self.error_ns, 0)

    def ask(self, message: object) -> object:
        return self.harness.ask(message)

    def buy(self, link_id: str = "one", **more: object) -> None:
        request = OrderRequest(link_id, BTC, Side.BUY, OrderType.MARKET, Qty(1_000), **more)  # type: ignore[arg-type]
        result = self.ask(SubmitOrder(request))
        assert result.outcome is RequestOutcome.ACCEPTED  # type: ignore[attr-defined]

    def rest(self, price: int, side: Side = Side.BUY, link_id: str = "low") -> None:
        request = OrderRequest(link_id, BTC, side, OrderType.LIMIT, Qty(1_000), Price(price))
        assert self.ask(SubmitOrder(request)).outcome is RequestOutcome.ACCEPTED  # type: ignore[attr-defined]

    def traded(self, *trades: tuple[int, int]) -> list[Said]:
        """Trades of others: (ms since the start, price in cents)."""
        rows = tuple(MarketTrade(START_MS + ms, Price(price), Qty(10)) for ms, price in trades)
        return self.harness.deliver(MarketTrades(BTC, rows))

    @property
    def fills(self) -> list[tuple[int, int]]:
        """(ms since the start, price) of each execution."""
        found = self.ask(ExecutionsQuery(BTC))
        return [(fill.time_ms - START_MS, fill.price) for fill in found.fills]  # type: ignore[attr-defined]

    @property
    def position(self) -> int:
        return int(self.ask(PositionQuery(BTC)).position.qty)  # type: ignore[attr-defined]


def test_a_market_order_meets_the_first_trade_after_it_arrived() -> None:
    paper = Paper()
    paper.at(1_000)
    paper.buy()
    assert paper.fills == []
    paper.traded((1_500, 10_150), (1_600, 10_200))
    assert paper.fills == [(1_500, 10_150)]
    assert paper.position == 1_000


def test_a_trade_that_was_older_than_the_order_and_told_later_matches_nothing() -> None:
    paper = Paper(error_ms=20)
    paper.at(1_000)
    paper.buy()
    paper.traded((900, 9_000), (1_019, 9_100))  # the clock may have shown 1 020 when the order came
    assert paper.fills == []
    venue = paper.harness.actor
    assert isinstance(venue, PaperVenue)
    assert venue.stale == 2
    paper.traded((1_020, 9_200))
    assert paper.fills == [(1_020, 9_200)]


def test_what_happens_is_told_on_the_private_stream_at_once() -> None:
    paper = Paper()
    paper.buy()
    said = paper.traded((500, 10_100))
    frames = [message for _, message, _ in said if isinstance(message, PrivateFrame)]
    (fill,) = [event for frame in frames for event in frame.events if isinstance(event, Fill)]
    assert (fill.link_id, fill.price) == ("one", 10_100)


def test_a_resting_limit_fills_at_its_price_when_the_market_trades_through_it() -> None:
    paper = Paper()
    paper.rest(9_900)
    paper.traded((100, 9_950), (200, 9_900))
    assert paper.fills == []  # touched
    paper.traded((300, 9_890))
    assert paper.fills == [(300, 9_900)]


def test_a_limit_that_the_next_trade_already_beats_takes_at_that_trade() -> None:
    paper = Paper()
    paper.rest(10_500)
    paper.traded((100, 10_200))
    assert paper.fills == [(100, 10_200)]


def test_a_stop_of_the_position_fires_at_the_trade_that_gaps_beyond_it() -> None:
    paper = Paper()
    paper.buy()
    paper.traded((100, 10_000))
    paper.at(200)
    paper.ask(SetTradingStop(BTC, Price(9_800), None))
    paper.traded((300, 9_850), (400, 9_700))
    assert paper.fills == [(100, 10_000), (400, 9_700)]
    assert paper.position == 0


def test_trades_of_one_millisecond_are_one_bar_with_their_path() -> None:
    paper = Paper(limit_fill_ticks=0)
    paper.rest(9_900)
    paper.traded((100, 10_000), (100, 9_900), (100, 10_000))
    assert paper.fills == [(100, 9_900)]


@pytest.mark.parametrize("capacity", [2, 3, 7])
def test_full_columns_begin_again_and_change_nothing(capacity: int) -> None:
    def story(paper: Paper) -> list[tuple[int, int]]:
        paper.rest(9_700)
        for step in range(40):
            paper.at(100 * step)
            if step % 9 == 4:
                paper.buy(f"buy{step}")
            paper.traded(*((100 * step + 50 + part, 10_000 - 10 * step + part * 10) for part in range(3)))
        assert paper.ask(CancelOrder(BTC, "low")).code == 110001  # type: ignore[attr-defined]
        return paper.fills

    fills = story(Paper())
    assert len(fills) == 5
    assert story(Paper(capacity)) == fills


def test_columns_have_room_for_the_last_bar_and_a_new_one() -> None:
    with pytest.raises(ValueError, match="the last one and a new one"):
        TickColumns(BTC, 2, 3, 1)
