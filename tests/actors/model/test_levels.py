"""Stops and targets lie away from the entry, on the tick, and never nearer than asked."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.fixed import Price
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import Side
from tests.actors.builders import an_instrument

PERCENTS = st.integers(1, 5000).map(lambda n: Decimal(n).scaleb(-2))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(Side), st.integers(1_000, 10_000_000), PERCENTS, st.sampled_from([1, 5, 10]))
def test_a_level_is_the_first_tick_at_or_beyond_the_percentage(
    side: Side, entry: int, percent: Decimal, tick: int
) -> None:
    instrument = an_instrument(tick=tick)
    share = Fraction(entry) * Fraction(percent) / 100
    stop, target = (
        stop_loss_price(instrument, side, Price(entry), percent),
        take_profit_price(instrument, side, Price(entry), percent),
    )
    assert stop % tick == 0
    assert target % tick == 0
    assert 0 <= side * (entry - stop) - share < tick
    assert 0 <= side * (target - entry) - share < tick


def test_levels_of_a_worked_example() -> None:
    instrument = an_instrument(price_digits=2, tick=10)
    entry = Price(9_644_001)  # 96440.01, stop 1 % = 95475.6099, target 2 % = 98368.8102
    assert stop_loss_price(instrument, Side.BUY, entry, Decimal(1)) == 9_547_560
    assert take_profit_price(instrument, Side.BUY, entry, Decimal(2)) == 9_836_890


@pytest.mark.parametrize("percent", [Decimal("0.1"), Decimal("33.3333")])
def test_a_short_mirrors_a_long(percent: Decimal) -> None:
    instrument = an_instrument(tick=1)
    assert stop_loss_price(instrument, Side.SELL, Price(100_000), percent) > 100_000
    assert take_profit_price(instrument, Side.SELL, Price(100_000), percent) < 100_000
