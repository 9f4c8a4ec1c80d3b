"""The venue and the slow venue give the same fills, whatever is sent at the closes and however late it arrives.

With the stop loss and take profit attached to an order, and of two symbols on one time line.
"""

from collections.abc import Sequence

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.fixed import Price
from actors.simulator.matching.protection import PositionProtection
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.venue import Venue
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import Hand
from tests.actors.simulator.straight_walk import Act, Bar, SlowFill, SlowVenue, run_together
from tests.actors.simulator.walks import Teller, a_bar, delays, stories, tell_all

Both = tuple[SlowVenue, SlowVenue]
SYMBOLS = ("BTCUSDT", "ETHUSDT")


def really(bars: Sequence[Sequence[Bar]], acts: Sequence[Sequence[Sequence[Act]]], slow: Sequence[SlowVenue]) -> Hand:
    """The same story, of one symbol or of two, told by the venue."""
    instrument = an_instrument(tick=Price(1), step=1000, min_qty=1000, min_notional=0)
    rows = [[[value / 100 for value in bar] for bar in each] for each in bars]
    hand = Hand(
        rows[0],
        beside=rows[1] if len(rows) > 1 else (),
        instrument=instrument,
        path=PathPolicy(slow[0].high_first),
        limit_fill_ticks=slow[0].through,
        drift_ticks_per_second=slow[0].drift,
    )
    each = zip(acts, slow, SYMBOLS, strict=False)
    tell_all(hand, [Teller(its_acts, its.habit, its.lag_ms, symbol) for its_acts, its, symbol in each], 100)
    return hand


def compare(
    bars: Sequence[Sequence[Bar]], acts: Sequence[Sequence[Sequence[Act]]], slow: Sequence[SlowVenue]
) -> list[tuple[int, SlowFill]]:
    """Both tell it: the same fills in one order, the same positions, orders and levels at the end; the fills."""
    fills = run_together(slow, bars, acts)
    hand = really(bars, acts, slow)
    assert facts(hand) == fills
    for symbol, its in zip(SYMBOLS, slow, strict=False):
        assert {report.link_id for report in hand.venue.open_orders(symbol)} == {order.id for order in its.orders}
        report = hand.venue.position_report(0, symbol)
        assert report.position.qty == its.held * 1000
        told = {"stop_loss": report.stop_loss, "take_profit": report.take_profit}
        assert {name: level for name, level in told.items() if level is not None} == {
            name: level for name, (level, _) in its.levels.items()
        }
    return fills


def facts(hand: Hand) -> list[tuple[int, SlowFill]]:
    return [
        (
            SYMBOLS.index(fill.symbol),
            (
                fill.time_ms,
                fill.link_id or fill.origin.value,
                int(fill.side),
                fill.qty // 1000,
                int(fill.price),
                fill.is_maker,
            ),
        )
        for fill in hand.fills
    ]


habits = st.tuples(st.integers(0, 6), st.integers(0, 6)) | st.just((0, 0))
venues = st.builds(
    SlowVenue,
    high_first=st.sampled_from([policy.value for policy in PathPolicy if not policy.chooses]),
    through=st.integers(0, 2),
    habit=habits,
    lag_ms=delays,
    drift=st.sampled_from([0, 0, 1]),
)


@st.composite
def pairs(draw: st.DrawFn) -> Both:
    """Of two symbols: the venue's rules are the same, the habits are not."""
    first = draw(venues)
    return first, attrs.evolve(first, habit=draw(habits), lag_ms=draw(delays), orders=[], levels={}, fills=[], sent=[])


def markets(bars: int) -> st.SearchStrategy[list[Bar]]:
    return st.lists(a_bar(), min_size=bars, max_size=bars)


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.lists(a_bar(), min_size=2, max_size=6), stories(3), venues)
def test_both_venues_tell_the_same_story(bars: list[Bar], acts: list[list[Act]], slow: SlowVenue) -> None:
    note(compare([bars], [acts], [slow]), slow.lag_ms)


@pytest.mark.slow
@settings(max_examples=500)
@given(markets(5), markets(5), stories(3), stories(3), pairs())
def test_both_venues_tell_the_same_story_of_two_symbols(
    first: list[Bar], other: list[Bar], acts: list[list[Act]], further: list[list[Act]], slow: Both
) -> None:
    note(compare([first, other], [acts, further], slow), slow[0].lag_ms)


def note(fills: list[tuple[int, SlowFill]], lag_ms: int) -> None:
    """What the random stories reach."""
    event(f"symbols that trade: {len({number for number, _ in fills})}")
    event(f"protection acts: {any(who in ('stop_loss', 'take_profit') for _, (_, who, *_) in fills)}")
    event("latency" if lag_ms else "no latency")


@pytest.mark.parametrize("fault", ["attached", "late"])
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the second symbol: a stop that is forgotten at the fill, an order that arrives a second early."""
    flat: list[Bar] = [(40, 40, 40, 40)] * 4
    moving: list[Bar] = [(40, 40, 40, 40), (40, 44, 36, 42), (42, 42, 30, 32), (32, 33, 31, 32)]
    acts = [[Act("new", late_ms=7_000, brings=(38, 60))]]

    def both() -> Both:
        return SlowVenue("ohlc", 0, (0, 0)), SlowVenue("ohlc", 0, (0, 0))

    fills = compare([flat, moving], [acts, acts], both())
    assert [(number, who) for number, (_, who, *_) in fills] == [(0, "id-1"), (1, "id-1"), (1, "stop_loss")]
    if fault == "attached":
        monkeypatch.setattr(PositionProtection, "of_fill", lambda *_: None)
    else:
        submit = Venue.submit
        monkeypatch.setattr(Venue, "submit", lambda self, request, now_ms: submit(self, request, now_ms - 1_000))
    with pytest.raises(AssertionError):
        compare([flat, moving], [acts, acts], both())


def test_the_straight_walk_is_right_about_a_story_worked_out_by_hand() -> None:
    bars: list[Bar] = [(40, 40, 40, 40), (40, 44, 36, 42), (42, 50, 41, 45)]
    acts = [[Act("new", price=38), Act("new", -1, 2, price=43), Act("new", 1, 1, trigger=44)]]
    slow = SlowVenue("ohlc", 1, (2, 3))
    slow.run(bars, acts)
    # the path of bar 1 is 40 44 36 42, and each leg takes 20 s
    assert slow.fills == [
        (75_000, "id-2", -1, 2, 43, True),  # short 2, stop 45, target 40
        (80_000, "id-3", 1, 1, 44, False),  # short 1, levels from 44: stop 46, target 41
        (87_500, "take_profit", 1, 1, 41, False),
        (95_000, "id-1", 1, 1, 38, True),  # long 1: stop 36, target 41
        (100_000, "stop_loss", -1, 1, 36, False),
    ]


def test_the_straight_walk_is_right_about_what_arrives_late() -> None:
    bars: list[Bar] = [(40, 40, 40, 40), (40, 44, 36, 42)]
    late = [Act("new", late_ms=7_000), Act("new", -1, 2, price=41, late_ms=24_000)]
    slow = SlowVenue("ohlc", 1, (2, 4), lag_ms=17_000, drift=1)
    slow.run(bars, [late])
    assert slow.fills == [
        # 40 + 4 x 7 / 20 = 41.4: bought at 42 and seven ticks; the levels, 47 and 53, arrive at 24 s
        (67_000, "id-1", 1, 1, 49, False),
        # 44 - 8 x 4 / 20 = 42.4: sold at 42 and four ticks, but not under 41; the stop of 47 went with the long
        (84_000, "id-2", -1, 2, 41, False),
        # the short's levels, 43 and 37, arrive at 41 s, when the path is at 36.3: the target is passed, bought at 37
        (101_000, "take_profit", 1, 1, 37, False),
    ]


def test_the_straight_walk_is_right_about_levels_that_an_order_brings() -> None:
    bars: list[Bar] = [(40, 40, 40, 40), (40, 44, 36, 42), (42, 42, 30, 32)]
    wrong = Act("new", brings=(40, None))  # a stop of a buyer's at the price
    slow = SlowVenue("ohlc", 0, (0, 0))
    slow.run(bars, [[wrong, Act("new", qty=2, price=38, brings=(34, 39)), Act("new", -1, price=43, brings=(45, None))]])
    # the path of bar 1 is 40 44 36 42, that of bar 2 is 42 42 30 32; each leg takes 20 s
    assert slow.fills == [
        (75_000, "id-2", -1, 1, 43, True),  # short 1, stop 45
        (95_000, "id-1", 1, 2, 38, True),  # long 1: its own stop 34 and target 39, in place of the short's
        (109_999, "take_profit", -1, 1, 39, False),  # the last leg takes a millisecond less: half way at 9999.5
    ]


def test_the_straight_walk_knows_the_price_of_each_millisecond() -> None:
    slow = SlowVenue("ohlc", 0, (0, 0))
    slow.run([(40, 40, 40, 40), (40, 44, 36, 42)], [])
    begin = 60_000
    assert [slow.price_at(begin + ms) for ms in (0, 4_999, 5_000, 20_000, 22_499, 22_500)] == [40, 40, 41, 44, 44, 43]
    assert [slow.price_at(begin + ms) for ms in (40_000, 59_998, 59_999, 60_000)] == [36, 41, 42, 42]
