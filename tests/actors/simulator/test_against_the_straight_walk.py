"""The venue and the slow venue tell the same fills, whatever is sent at the closes."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.simulator.path import PathPolicy
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import Hand, px
from tests.actors.simulator.straight_walk import Act, Bar, SlowFill, SlowVenue
from tests.actors.simulator.walks import a_bar, changes, prices, tell

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
)
stories = st.lists(st.lists(new_orders | changes, max_size=4), min_size=1, max_size=5)


def really(
    bars: Sequence[Bar], acts: Sequence[Sequence[Act]], policy: str, through: int, habit: tuple[int, int]
) -> Hand:
    """The same story told by the venue."""
    place = an_instrument(tick=px(1), step=1000, min_qty=1000, min_notional=0)
    hand = Hand(bars, instrument=place, path=PathPolicy(policy), limit_fill_ticks=through)
    tell(hand, acts, habit, 1)
    return hand


def facts(hand: Hand) -> list[SlowFill]:
    bars = hand.bars.ts_open.tolist()
    return [
        (
            max(index for index, open_ms in enumerate(bars) if open_ms <= fill.time_ms),
            fill.link_id or fill.origin.value,
            int(fill.side),
            fill.qty // 1000,
            fill.price // 100,
            fill.is_maker,
        )
        for fill in hand.fills
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(a_bar(), min_size=2, max_size=6),
    stories,
    st.sampled_from([policy for policy in PathPolicy if not policy.chooses]),
    st.integers(0, 2),
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_both_venues_tell_the_same_story(
    bars: list[Bar], acts: list[list[Act]], policy: PathPolicy, through: int, habit: tuple[int, int]
) -> None:
    slow = SlowVenue(policy.value, through, habit)
    slow.run(bars, acts)
    hand = really(bars, acts, policy.value, through, habit)
    assert facts(hand) == slow.fills
    assert hand.held == slow.held
    assert {report.link_id for report in hand.venue.open_orders()} == {order.id for order in slow.orders}
    levels = hand.venue.position_report()
    told = {"stop_loss": levels.stop, "take_profit": levels.target}
    assert {name: level // 100 for name, level in told.items() if level is not None} == {
        name: level for name, (level, _) in slow.levels.items()
    }


def test_the_straight_walk_is_right_about_a_story_worked_out_by_hand() -> None:
    bars: list[Bar] = [(40, 40, 40, 40), (40, 44, 36, 42), (42, 50, 41, 45)]
    acts = [[Act("new", price=38), Act("new", -1, 2, price=43), Act("new", 1, 1, trigger=44)]]
    slow = SlowVenue("ohlc", 1, (2, 3))
    slow.run(bars, acts)
    assert slow.fills == [
        (1, "id-2", -1, 2, 43, True),  # short 2, stop 45, target 40
        (1, "id-3", 1, 1, 44, False),  # short 1, levels from 44: stop 46, target 41
        (1, "take_profit", 1, 1, 41, False),
        (1, "id-1", 1, 1, 38, True),  # long 1: stop 36, target 41
        (1, "stop_loss", -1, 1, 36, False),
    ]
