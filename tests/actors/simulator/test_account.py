"""Money at the venue: wallet, equity, margin, and the refusals that follow from them, to the last digit."""

from decimal import Decimal

import pytest

from actors.model.result import VenueCode
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand


def money(hand: Hand) -> tuple[Decimal, Decimal, Decimal]:
    """(wallet, equity, available) in quote coin."""
    report = hand.venue.equity_report(hand.now)
    digits = hand.instrument.money_digits
    return tuple(Decimal(value).scaleb(-digits) for value in (report.wallet, report.equity, report.available))  # type: ignore[return-value]


def test_wallet_is_start_plus_realised_minus_fees_and_equity_adds_the_unrealised() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 100, 110), (110, 120, 110, 120)], equity=1000)
    hand.close()
    hand.buy(2)
    hand.close()
    assert money(hand) == (Decimal("999.89"), Decimal("1019.89"), Decimal("799.89"))
    hand.exit(1)
    hand.until_fill()
    fees = Decimal("0.11") + Decimal("0.0605")
    assert money(hand) == (1010 - fees, 1020 - fees, 910 - fees)
    hand.finish()
    assert money(hand) == (1010 - fees, 1030 - fees, 910 - fees)


def test_a_short_gains_from_a_fall() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 80, 80)], equity=1000)
    hand.close()
    hand.sell(1)
    hand.finish()
    fee = Decimal("0.055")
    assert money(hand) == (1000 - fee, 1020 - fee, 940 - fee)


@pytest.mark.parametrize("leverage", [1, 5])
def test_an_order_needs_its_initial_margin_and_taker_fee(leverage: int) -> None:
    most = Decimal(1000) / (Decimal(100) / leverage + Decimal("0.055"))
    for qty, code in ((0, 0), (1, VenueCode.INSUFFICIENT_MARGIN)):
        hand = Hand([FLAT_BAR] * 2, equity=1000, leverage=leverage)
        hand.close()
        hand.buy(int(most * 1000) / 1000 + qty / 1000)
        assert hand.code == code


def test_resting_orders_hold_margin_at_their_price_until_they_end() -> None:
    hand = Hand([FLAT_BAR] * 3, equity=1000)
    hand.close()
    link_id = hand.buy(price=90, qty=10)
    held = 900 * (1 + Decimal("0.00055"))
    assert money(hand)[2] == 1000 - held
    hand.buy(price=90, qty=2)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    assert hand.amend(link_id, qty=12).code == VenueCode.INSUFFICIENT_MARGIN
    assert money(hand)[2] == 1000 - held
    assert hand.amend(link_id, qty=11).code == 0
    hand.cancel(link_id)
    assert money(hand) == (Decimal(1000),) * 3
    hand.buy(price=90, qty=11)
    assert hand.code == 0


def test_only_the_larger_side_of_resting_orders_needs_margin() -> None:
    hand = Hand([FLAT_BAR] * 2, equity=1000)
    hand.close()
    hand.buy(price=90, qty=10)
    hand.sell(price=110, qty=8)
    assert hand.code == 0
    assert money(hand)[2] == 1000 - 900 * (1 + Decimal("0.00055"))


def test_conditional_and_reduce_only_orders_hold_none() -> None:
    hand = Hand([FLAT_BAR] * 3, equity=1000)
    hand.close()
    hand.buy(9)
    hand.close()
    before = money(hand)
    hand.buy(50, trigger=120)
    hand.exit(9, price=120)
    assert hand.code == 0
    assert money(hand) == before


def test_closing_needs_no_margin_and_a_flip_only_what_it_opens() -> None:
    hand = Hand([FLAT_BAR] * 4, equity=1000)
    hand.close()
    hand.buy(9.9)
    hand.close()
    hand.sell(9.9 + 9.99)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.sell(9.9 + 9.9)
    assert hand.code == 0
    hand.close()
    assert hand.held == -9.9
    hand.buy(9.9)
    assert hand.code == 0


def test_a_market_order_that_has_become_too_dear_is_cancelled_at_the_open() -> None:
    hand = Hand([FLAT_BAR, (110, 110, 110, 110)], equity=1000)
    hand.close()
    link_id = hand.buy(9.5)
    assert hand.code == 0
    hand.finish()
    assert hand.story_of(link_id) == ["Cancelled"]
    assert hand.reason_of(link_id) == "INSUFFICIENT_MARGIN"
    assert money(hand) == (Decimal(1000),) * 3


def test_a_triggered_order_that_rests_holds_margin_from_then_on() -> None:
    hand = Hand([FLAT_BAR, (100, 105, 100, 105)], equity=1000)
    hand.close()
    hand.buy(5, trigger=104, price=99)
    assert money(hand)[2] == 1000
    hand.close()
    assert money(hand)[2] == 1000 - 495 * (1 + Decimal("0.00055"))


@pytest.mark.parametrize("price", [None, 110, 101])
def test_a_triggered_order_without_margin_is_cancelled(price: float | None) -> None:
    hand = Hand([FLAT_BAR, (100, 110, 100, 110)], equity=1000)
    hand.close()
    link_id = hand.buy(11, trigger=105, **({} if price is None else {"price": price}))
    assert hand.code == 0
    hand.finish()
    assert hand.story_of(link_id) == ["Untriggered", "Triggered", "Cancelled"]
    assert hand.reason_of(link_id) == "INSUFFICIENT_MARGIN"


def test_a_loss_beyond_the_margin_still_lets_one_close() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 50, 50), (50, 50, 50, 50)], equity=1000, leverage=10)
    hand.close()
    hand.buy(90)
    hand.close()
    assert money(hand)[1] < 0
    hand.send(BUY, 1)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.send(SELL, 90)
    assert hand.code == 0
    hand.finish()
    assert hand.held == 0
