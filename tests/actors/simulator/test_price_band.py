"""The price band: aggressive prices are moved to it or refused, passive ones are free."""

import pytest

from actors.model.fixed import Rate
from actors.model.order import Side
from actors.simulator.config import PriceBand
from actors.simulator.venue.checks import price_limit
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px

PLACE = an_instrument(price_limit_ratio_x=Rate(1_000), price_limit_ratio_y=Rate(2_000))  # 1 % and 2 %


def a_hand(band: PriceBand = PriceBand.REPRICE) -> Hand:
    hand = Hand([FLAT_BAR] * 3, instrument=PLACE, price_band=band)
    hand.close()
    return hand


@pytest.mark.parametrize(
    ("side", "last", "limit"),
    [(BUY, 10_000, 10_100), (SELL, 10_000, 9_900), (BUY, 10_033, 10_130), (SELL, 10_033, 9_940)],
)
def test_the_band_is_rounded_inwards_to_the_tick(side: Side, last: int, limit: int) -> None:
    assert price_limit(side, last, PLACE) == limit


def test_the_nearer_of_both_shares_counts_and_none_is_no_band() -> None:
    assert (
        price_limit(BUY, 10_000, an_instrument(price_limit_ratio_x=Rate(3_000), price_limit_ratio_y=Rate(2_000)))
        == 10_200
    )
    assert price_limit(BUY, 10_000, an_instrument()) is None


def test_by_default_a_price_beyond_it_is_moved_in_silence() -> None:
    hand = a_hand()
    link_id = hand.buy(price=130)
    assert hand.code == 0
    report = hand.venue.order(link_id)
    assert report is not None
    assert report.price == px(101)


@pytest.mark.parametrize(("side", "price"), [(BUY, 101.1), (SELL, 98.9)])
def test_or_it_is_refused_with_its_code(side: Side, price: float) -> None:
    hand = a_hand(PriceBand.REJECT)
    hand.send(side, price=price)
    assert hand.code == 110003
    assert hand.last is not None
    assert "is beyond the" in hand.last.reason


@pytest.mark.parametrize(("side", "price"), [(BUY, 101), (SELL, 99), (BUY, 50), (SELL, 900)])
def test_at_the_limit_and_on_the_passive_side_a_price_stands(side: Side, price: float) -> None:
    hand = a_hand(PriceBand.REJECT)
    link_id = hand.send(side, price=price)
    report = hand.venue.order(link_id)
    assert report is not None
    assert report.price == px(price)


def test_an_amended_price_is_judged_alike() -> None:
    for band, code in ((PriceBand.REJECT, 110003), (PriceBand.REPRICE, 0)):
        hand = a_hand(band)
        link_id = hand.buy(price=90)
        hand.amend(link_id, price=140)
        assert hand.code == code


def test_a_price_off_the_tick_is_no_business_of_the_band() -> None:
    hand = a_hand()
    hand.buy(price=130.05)
    assert hand.code == 10001
