"""Mark, index and quotes: each order waits for the price it names, and takers trade against their side."""

from collections.abc import Callable, Sequence

import attrs
import numpy as np
import pytest

from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.order import PriceKind
from actors.model.origins import Origin
from actors.model.result import VenueCode
from actors.simulator.margin.funding import Funding
from actors.simulator.prices.finer import Trades
from actors.simulator.prices.lines import LineData, PriceInputs
from ideacards.feeds import Bars
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.actors.simulator.builders import FLAT_BAR, Hand, px

FLAT_MARK = (100, 100, 100, 100)
FALL = (100, 100, 88, 88)
TIERS = (RiskTier(Rate(500), Money(0), Money(1 << 90), 100),)


def marked(rows: Sequence[Sequence[float]], index: bool = False) -> Callable[[Bars], PriceInputs]:
    def made(bars: Bars) -> PriceInputs:
        line = LineData(a_market(rows))
        return PriceInputs(index=line) if index else PriceInputs(mark=line)

    return made


def quoted(rows: Sequence[tuple[int, float, float]]) -> Callable[[Bars], PriceInputs]:
    """Bids and asks at times; the bars of each side are those of its quotes, from the first bar on."""

    def side(bars: Bars, at: int) -> LineData:
        times = np.array([row[0] for row in rows])
        prices = np.array([px(row[at]) for row in rows])
        columns = {
            name: getattr(bars, name).copy() for name in ("price_open", "price_high", "price_low", "price_close")
        }
        for bar in range(len(bars)):
            inside = prices[(times >= bars.ts_open[bar]) & (times < bars.ts_close[bar])]
            if len(inside):
                columns["price_open"][bar], columns["price_close"][bar] = inside[0], inside[-1]
                columns["price_high"][bar], columns["price_low"][bar] = inside.max(), inside.min()
        own = attrs.evolve(bars, **columns)
        return LineData(own, Trades(own, times, prices))

    return lambda bars: PriceInputs(bid=side(bars, 1), ask=side(bars, 2))


@pytest.mark.parametrize("index", [False, True])
def test_a_trigger_by_mark_or_index_waits_for_that_price_and_fills_at_the_last(index: bool) -> None:
    kind = PriceKind.INDEX if index else PriceKind.MARK
    hand = Hand([FLAT_BAR, FALL, FLAT_BAR, FLAT_BAR], lines=marked([FLAT_MARK, FLAT_MARK, FALL, FALL], index))
    hand.buy()
    hand.until_fill()
    hand.exit(trigger=95, rise=False, trigger_by=kind)
    hand.finish()
    (fill,) = hand.fills[1:]
    assert fill.price == px(100)  # the last price stands there while the mark falls
    assert 2 * MINUTE_MS < fill.time_ms < 3 * MINUTE_MS


def test_at_the_time_the_mark_is_there_the_last_price_is_where_its_own_path_is() -> None:
    """Both fall in one bar, the mark by 12 and the last by 24: mark 95 is at 5/12 of the way, last 90."""
    hand = Hand([FLAT_BAR, (100, 100, 76, 76)], lines=marked([FLAT_MARK, FALL]))
    hand.buy()
    hand.until_fill()
    hand.exit(trigger=95, rise=False, trigger_by=PriceKind.MARK)
    hand.finish()
    assert abs(hand.fills[1].price - px(90)) <= 1


def test_the_side_of_a_trigger_is_judged_by_the_price_it_names() -> None:
    hand = Hand([FLAT_BAR, (90, 90, 90, 90), FLAT_BAR], lines=marked([FLAT_MARK] * 3))
    hand.close(2)
    hand.buy(trigger=95, rise=True)
    assert hand.code == 0
    hand.buy(trigger=95, rise=True, trigger_by=PriceKind.MARK)
    assert hand.code == VenueCode.TRIGGER_NOT_ABOVE


def test_a_position_stop_by_mark() -> None:
    hand = Hand([FLAT_BAR, FALL, FLAT_BAR, FLAT_BAR], lines=marked([FLAT_MARK, FLAT_MARK, FALL, FALL]))
    hand.buy(protection=None)
    hand.until_fill()
    hand.protect(95, by=PriceKind.MARK)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 100, False, "stop_loss")


def test_an_amendment_may_change_the_price_that_is_waited_for() -> None:
    hand = Hand([FLAT_BAR, FALL], lines=marked([FLAT_MARK] * 2))
    hand.buy()
    hand.until_fill()
    link_id = hand.exit(trigger=95, rise=False, trigger_by=PriceKind.MARK)
    hand.amend(link_id, trigger_by=PriceKind.LAST)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 95, False, "user")


def test_liquidation_looks_at_the_mark_alone() -> None:
    instrument = an_instrument(tiers=TIERS)
    for marks, count in (([FLAT_MARK] * 3, 1), ([FLAT_MARK, FALL, FALL], 2)):
        hand = Hand([FLAT_BAR, FALL, FLAT_BAR], instrument=instrument, equity=11, leverage=10, lines=marked(marks))
        hand.buy()
        hand.finish()
        assert len(hand.fills) == count
        if count == 2:
            assert hand.fills[1].origin is Origin.LIQUIDATION


def test_funding_is_paid_on_the_mark() -> None:
    funding = Funding((2 * MINUTE_MS,), (10,))
    hand = Hand([FLAT_BAR] * 3, funding=funding, lines=marked([FLAT_MARK, (100, 110, 100, 110), (110, 110, 110, 110)]))
    hand.buy()
    hand.finish()
    assert (hand.fills[1].price, hand.fills[1].fee) == (px(110), 1000 * px(110) * 10)


def test_takers_buy_at_the_ask_and_sell_at_the_bid() -> None:
    rows = [(0, 99.5, 100.5), (MINUTE_MS, 99.4, 100.6), (2 * MINUTE_MS, 99.3, 100.7)]
    hand = Hand([FLAT_BAR] * 3, lines=quoted(rows))
    hand.buy()
    hand.close()
    hand.exit()
    hand.finish()
    assert [fill[:3] for fill in hand.told()] == [("buy", 1, 100.5), ("sell", 1, 99.4)]


def test_a_resting_buy_waits_for_the_ask_and_a_sale_for_the_bid() -> None:
    rows = [(0, 99, 101), (MINUTE_MS, 97, 99), (MINUTE_MS + 10, 96, 98.9), (MINUTE_MS + 20, 100, 102)]
    hand = Hand([FLAT_BAR, FLAT_BAR, FLAT_BAR], lines=quoted(rows), limit_fill_ticks=0)
    first, second = hand.buy(price=99), hand.buy(price=98)
    hand.sell(price=100)
    hand.finish()
    assert [(fill.link_id, fill.price, fill.time_ms) for fill in hand.fills[:1]] == [(first, px(99), MINUTE_MS)]
    assert hand.fills[1].time_ms == MINUTE_MS + 20
    assert hand.story_of(second) == ["New"]


def test_a_stop_acts_on_the_last_price_and_fills_against_the_quote() -> None:
    rows = [(0, 99.5, 100.5), (MINUTE_MS, 93, 94)]
    hand = Hand([FLAT_BAR, FALL], lines=quoted(rows))
    hand.buy()
    hand.until_fill()
    hand.protect(95)
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 93, False, "stop_loss")


@pytest.mark.parametrize(("ask_then", "met"), [(99, (99, 6_000, False)), (100, (99.5, 9_000, True))])
def test_what_arrives_inside_a_bar_meets_its_own_line(ask_then: float, met: tuple[float, int, bool]) -> None:
    """The last ask known: below the limit it is taken, else the order waits for the ask to come to it."""
    rows = [(0, 99.5, 100.5), (MINUTE_MS + 5_000, 98, ask_then), (MINUTE_MS + 9_000, 97, 98)]
    hand = Hand([FLAT_BAR, FLAT_BAR, FLAT_BAR], lines=quoted(rows), limit_fill_ticks=0)
    hand.close()
    hand.buy(price=99.5, at_ms=MINUTE_MS + 6_000)
    fill = hand.until_fill()
    assert (fill.price / 100, fill.time_ms - MINUTE_MS, fill.is_maker) == met


@pytest.mark.parametrize("is_trailing", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_acts_inside_a_bar_meets_the_quote_of_that_moment(is_trailing: bool, sign: int) -> None:
    """The last price comes to the stop at 10 s; the quotes have moved at 5 s, and nothing else has happened since."""
    rows = [(0, 99.5, 100.5), (MINUTE_MS, 99.5, 100.5), (MINUTE_MS + 5_000, 100 - 7 * sign, 100 - 6 * sign)]
    end = 100 - 10 * sign
    quotes = quoted([(at, min(bid, ask), max(bid, ask)) for at, bid, ask in rows])
    hand = Hand([FLAT_BAR, (100, max(100, end), min(100, end), end)], lines=quotes)
    (hand.buy if sign > 0 else hand.sell)()
    hand.until_fill()
    if is_trailing:
        hand.trail(5)
    else:
        hand.protect(100 - 5 * sign)
    hand.finish()
    assert hand.told()[1][2:] == (93 if sign > 0 else 107, False, "trailing_stop" if is_trailing else "stop_loss")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_trailing_stop_follows_the_last_price_and_fills_against_the_quote(sign: int) -> None:
    """The last price goes ten with the position and back; the quotes stand still, a half beside a hundred."""
    best = 100 + 10 * sign
    hand = Hand(
        [FLAT_BAR, (100, max(100, best), min(100, best), 100)],
        lines=quoted([(0, 99.5, 100.5), (MINUTE_MS, 99.5, 100.5)]),
    )
    (hand.buy if sign > 0 else hand.sell)()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1][2:] == (99.5 if sign > 0 else 100.5, False, "trailing_stop")
