"""Funding: who pays, when exactly, how much, and that every way of running pays the same."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.errors import InvariantError
from actors.model.order import Fill
from actors.model.origins import Origin
from actors.simulator.margin.funding import Funding
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, Hand, coins, px

RISING = [(100, 100, 100, 100), (100, 110, 100, 110), (110, 120, 110, 120), (120, 130, 120, 130)]
BP = 10  # a basis point in hundred-thousandths, the instrument's grid of rates


def payments(hand: Hand) -> list[Fill]:
    return [fill for fill in hand.fills if fill.origin is Origin.FUNDING]


def test_a_long_pays_a_positive_rate_on_the_close_before() -> None:
    hand = Hand(RISING, funding=Funding((2 * MINUTE_MS,), (BP,)))
    hand.close()
    hand.buy(2)
    hand.finish()
    (paid,) = payments(hand)
    assert (paid.time_ms, paid.price, paid.qty, paid.traded_qty) == (2 * MINUTE_MS, px(110), coins(2), 0)
    assert Decimal(paid.fee).scaleb(-hand.instrument.money_digits) == 2 * 110 * Decimal("0.0001")
    report = hand.venue.equity_report(hand.now)
    plain = Hand(RISING)
    plain.close()
    plain.buy(2)
    plain.finish()
    assert plain.venue.equity_report(plain.now).wallet - report.wallet == paid.fee


@pytest.mark.parametrize(
    ("side", "rate", "sign"), [("buy", BP, 1), ("sell", BP, -1), ("buy", -BP, -1), ("sell", -BP, 1)]
)
def test_a_short_is_paid_what_a_long_pays(side: str, rate: int, sign: int) -> None:
    hand = Hand(RISING, funding=Funding((2 * MINUTE_MS,), (rate,)))
    hand.close()
    getattr(hand, side)(1)
    hand.finish()
    assert [paid.fee > 0 for paid in payments(hand)] == [sign > 0]


def test_what_closes_at_that_very_open_still_pays_and_what_opens_then_does_not() -> None:
    funding = Funding((MINUTE_MS, 2 * MINUTE_MS), (BP, BP))
    hand = Hand(RISING, funding=funding)
    hand.close()
    hand.buy(1)  # fills at the open of bar 1, the first of the times
    hand.close()
    hand.exit(1)  # fills at the open of bar 2, the second
    hand.finish()
    assert [paid.time_ms for paid in payments(hand)] == [2 * MINUTE_MS]
    assert [event.origin.value for event in hand.fills] == ["user", "funding", "user"]


def test_whoever_holds_nothing_pays_nothing() -> None:
    hand = Hand([FLAT_BAR] * 4, funding=Funding((0, MINUTE_MS, 2 * MINUTE_MS), (BP, BP, BP)))
    hand.finish()
    assert hand.fills == []


def test_a_time_inside_a_bar_has_its_place_on_the_way() -> None:
    """The stop is met before it: nothing is held any more."""
    bar = (100, 100, 90, 95)
    for second, count in ((1, 1), (40, 0)):
        hand = Hand([FLAT_BAR, FLAT_BAR, bar], funding=Funding((2 * MINUTE_MS + 1000 * second,), (BP,)))
        hand.close()
        hand.buy(1)
        hand.until_fill()
        hand.protect(95)
        hand.finish()
        assert len(payments(hand)) == count


def test_times_rise() -> None:
    for times in ((2, 1), (1, 1)):
        with pytest.raises(InvariantError):
            Funding(times, (1, 1))
    with pytest.raises(InvariantError):
        Funding((1,), ())


sizes = st.integers(-3, 3)


@attrs.frozen
class Step:
    """Before this bar the position is brought to so many coins."""

    held: int
    close: int


@given(
    st.lists(st.builds(Step, sizes, st.integers(90, 110)), min_size=3, max_size=12),
    st.lists(st.integers(-50, 50), min_size=12, max_size=12),
)
def test_all_is_paid_that_an_independent_count_says(steps: list[Step], rates: list[int]) -> None:
    """Payment at each close: what was held through the bar, at its close, by the rate of that time."""
    closes = [100, *(step.close for step in steps)]
    rows: list[Any] = [(100, 100, 100, 100)]
    rows += [(before, max(before, close), min(before, close), close) for before, close in pairwise(closes)]
    times = tuple(MINUTE_MS * number for number in range(1, len(rows)))
    hand = Hand(rows, funding=Funding(times, tuple(rates[: len(times)])))
    hand.close()
    held, due = 0, Fraction(0)
    for number, step in enumerate(steps, start=1):
        change = step.held - held
        if change:
            getattr(hand, "buy" if change > 0 else "sell")(abs(change))
        held = step.held
        hand.close()
        if number < len(times):
            due += Fraction(held * step.close * rates[number], 100_000)
    hand.finish()
    paid = sum(Fraction(one.fee, 10**hand.instrument.money_digits) for one in payments(hand))
    assert paid == due
