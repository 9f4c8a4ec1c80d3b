"""The venue and the slow venue give the same fills, whatever is sent at the closes and however late it arrives."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.fixed import Price
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import Hand
from tests.actors.simulator.straight_walk import Act, Bar, SlowFill, SlowVenue
from tests.actors.simulator.walks import a_bar, changes, delays, prices, tell

new_orders = st.builds(
    Act,
    verb=st.just("new"),
    side=st.sampled_from([1, -1]),
    qty=st.integers(1, 3),
    price=st.none() | prices,
    trigger=st.none() | prices,
    rises=st.booleans(),
    policy=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK", "PostOnly"]),
    reduce_only=st.booleans(),
    late_ms=delays,
)
stories = st.lists(st.lists(new_orders | changes, max_size=4), min_size=1, max_size=5)


def really(bars: Sequence[Bar], acts: Sequence[Sequence[Act]], slow: SlowVenue) -> Hand:
    """The same story told by the venue."""
    instrument = an_instrument(tick=Price(1), step=1000, min_qty=1000, min_notional=0)
    hand = Hand(
        [[value / 100 for value in bar] for bar in bars],
        instrument=instrument,
        path=PathPolicy(slow.high_first),
        limit_fill_ticks=slow.through,
        drift_ticks_per_second=slow.drift,
    )
    tell(hand, acts, slow.habit, 100, slow.lag_ms)
    return hand


def facts(hand: Hand) -> list[SlowFill]:
    return [
        (
            fill.time_ms,
            fill.link_id or fill.origin.value,
            int(fill.side),
            fill.qty // 1000,
            int(fill.price),
            fill.is_maker,
        )
        for fill in hand.fills
    ]


venues = st.builds(
    SlowVenue,
    high_first=st.sampled_from([policy.value for policy in PathPolicy if not policy.chooses]),
    through=st.integers(0, 2),
    habit=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    lag_ms=delays,
    drift=st.sampled_from([0, 0, 1]),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(a_bar(), min_size=2, max_size=6), stories, venues)
def test_both_venues_tell_the_same_story(bars: list[Bar], acts: list[list[Act]], slow: SlowVenue) -> None:
    slow.run(bars, acts)
    hand = really(bars, acts, slow)
    assert facts(hand) == slow.fills
    assert hand.held == slow.held
    assert {report.link_id for report in hand.venue.open_orders()} == {order.id for order in slow.orders}
    levels = hand.venue.position_report()
    told = {"stop_loss": levels.stop_loss, "take_profit": levels.take_profit}
    assert {name: level for name, level in told.items() if level is not None} == {
        name: level for name, (level, _) in slow.levels.items()
    }


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
