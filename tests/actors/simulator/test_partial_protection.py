"""Stops and targets of parts of a position, and those that an order brings along."""

from typing import Any

import pytest

from actors.model.order import ProtectionTerms
from actors.model.result import VenueCode
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, px, terms

UP = (100, 112, 100, 112)
DOWN = (100, 100, 88, 88)


def holding(qty: float = 2, rows: Any = (), **config: Any) -> Hand:
    hand = Hand([FLAT_BAR, *rows], **config)
    hand.buy(qty=qty)
    hand.until_fill()
    return hand


def test_each_part_has_its_own_levels() -> None:
    hand = holding(rows=[UP])
    hand.add(0.5, take_profit=105)
    hand.add(0.7, take_profit=110)
    hand.finish()
    assert hand.told()[1:] == [("sell", 0.5, 105, False, "take_profit"), ("sell", 0.7, 110, False, "take_profit")]
    assert hand.held == pytest.approx(0.8)


def test_of_a_pair_the_one_that_fills_ends_the_other() -> None:
    for row, told in ((UP, (105, "take_profit")), (DOWN, (95, "stop_loss"))):
        hand = holding(rows=[row, FLAT_BAR])
        hand.add(0.5, stop_loss=95, take_profit=105)
        hand.finish()
        assert [(fill[2], fill[4]) for fill in hand.told()[1:]] == [told]
        assert hand.held == 1.5
        ended = [report for report in hand.reports if report.status.value == "Deactivated"]
        assert [report.reason for report in ended] == ["CancelByTpSlTsClear"]


def test_a_target_with_a_limit_price_rests_as_a_maker_and_ends_its_stop_by_what_it_fills() -> None:
    rows = [(104, 106, 104, 106), (106, 107, 106, 106), (106, 106, 88, 88)]
    hand = holding(rows=rows, volumes=[100, 100, 10, 1000], volume_share=(1, 20))
    hand.add(2, stop_loss=95, take_profit=105, take_profit_limit_price=106.5)
    hand.finish()
    assert hand.told()[1:] == [
        ("sell", 0.5, 106.5, True, "take_profit"),
        ("sell", 1.5, 95, False, "stop_loss"),
    ]


def test_a_stop_with_a_limit_price_may_be_left_behind() -> None:
    hand = holding(rows=[DOWN, (88, 95, 88, 95)])
    hand.add(1, stop_loss=95, stop_loss_limit_price=94.5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 95, False, "stop_loss")]
    gap = holding(rows=[(80, 80, 80, 80), (80, 97, 80, 97)])
    gap.add(1, stop_loss=95, stop_loss_limit_price=94.5)
    gap.finish()
    assert gap.told()[1:] == [("sell", 1, 94.5, True, "stop_loss")]


def test_parts_vanish_with_the_position_and_never_close_more_than_is_left() -> None:
    hand = holding(rows=[FLAT_BAR, UP])
    hand.add(2, take_profit=110)
    hand.exit(1.5)
    hand.finish()
    assert [fill.qty for fill in hand.fills] == [coins(2), coins(1.5), coins(0.5)]
    gone = holding(rows=[FLAT_BAR, UP])
    gone.add(2, take_profit=110)
    gone.exit(2)
    gone.finish()
    assert gone.held == 0
    assert len(gone.fills) == 2


def test_a_full_stop_stands_beside_the_parts() -> None:
    hand = holding(rows=[(100, 106, 90, 90)])
    hand.protect(92)
    hand.add(0.5, stop_loss=95, take_profit=105)
    hand.finish()
    assert hand.told()[1:] == [("sell", 0.5, 105, False, "take_profit"), ("sell", 1.5, 92, False, "stop_loss")]


@pytest.mark.parametrize(
    ("qty", "fields"),
    [
        (0, {"stop_loss": 90}),
        (2.001, {"stop_loss": 90}),
        (1, {}),
        (1, {"stop_loss": 90.05}),
        (1, {"take_profit_limit_price": 110}),
        (1, {"stop_loss": -1}),
    ],
)
def test_a_part_that_cannot_be_is_refused(qty: float, fields: dict[str, float]) -> None:
    hand = holding(rows=[FLAT_BAR])
    assert hand.add(qty, **fields).code == VenueCode.PARAMETER


def test_twenty_are_the_most_and_none_without_a_position() -> None:
    assert Hand([FLAT_BAR] * 2).add(1, stop_loss=90).code == VenueCode.PARAMETER
    hand = holding(rows=[FLAT_BAR])
    for number in range(10):
        assert hand.add(0.1, stop_loss=90 - number, take_profit=110 + number).code == 0
    assert hand.add(0.1, stop_loss=80).code == VenueCode.TOO_MANY_PROTECTIONS


# -- brought along by an order --------------------------------------------------------------------------------------


def test_an_order_brings_its_stop_and_target_which_stand_from_its_fill_on() -> None:
    hand = Hand([FLAT_BAR, (100, 101, 97, 101), (101, 112, 101, 112)])
    hand.buy(price=98, protection=terms(stop_loss=95, take_profit=110))
    assert hand.venue.position_report().stop_loss is None
    hand.until_fill()
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit) == (px(95), px(110))
    hand.finish()
    assert hand.told()[1] == ("sell", 1, 110, False, "take_profit")


def test_inside_the_very_bar_of_the_fill_too() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 90, 92)])
    hand.buy(price=98, protection=terms(stop_loss=95))
    hand.finish()
    assert hand.told() == [("buy", 1, 98, True, "user"), ("sell", 1, 95, False, "stop_loss")]


def test_in_partial_mode_each_fill_has_its_own_pair() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 97, 97), (97, 97, 97, 97), (97, 106, 97, 106)], volumes=[0, 10, 4, 500])
    assert hand.config.volume_share == (0, 1)
    hand = Hand(
        [FLAT_BAR, (100, 100, 97, 97), (97, 97, 97, 97), (97, 106, 97, 106)],
        volumes=[0, 10, 4, 500],
        volume_share=(1, 10),
    )
    hand.buy(price=98, qty=1.4, protection=terms(take_profit=105, is_partial=True))
    hand.finish()
    assert hand.told()[2:] == [("sell", 1, 105, False, "take_profit"), ("sell", 0.4, 105, False, "take_profit")]


def test_an_amendment_changes_what_is_brought_along() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 97, 99)])
    link_id = hand.buy(price=98, protection=terms(stop_loss=95))
    hand.amend(link_id, protection=terms(stop_loss=96, take_profit=120))
    hand.until_fill()
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit) == (px(96), px(120))


@pytest.mark.parametrize(
    ("side", "wrong"),
    [
        (BUY, terms(stop_loss=100)),
        (BUY, terms(take_profit=99)),
        (SELL, terms(stop_loss=99)),
        (SELL, terms(take_profit=100)),
        (BUY, terms(stop_loss=90.05)),
        (BUY, terms(stop_loss=90, stop_loss_limit_price=89)),
        (BUY, terms(take_profit_limit_price=120, is_partial=True)),
    ],
)
def test_levels_on_the_wrong_side_or_in_the_wrong_mode_are_refused(side: Any, wrong: ProtectionTerms) -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.send(side, protection=wrong)
    assert hand.code == VenueCode.PARAMETER


def test_a_reduce_only_order_brings_nothing() -> None:
    hand = holding(rows=[FLAT_BAR])
    hand.exit(1, protection=terms(stop_loss=110))
    assert hand.code == VenueCode.PARAMETER


# -- close on trigger -----------------------------------------------------------------------------------------------


def test_close_on_trigger_closes_all_there_is_when_it_acts() -> None:
    hand = holding(rows=[FLAT_BAR, DOWN])
    hand.sell(qty=0, trigger=95, rise=False, reduce_only=True, close_on_trigger=True)
    hand.buy(qty=1)
    hand.finish()
    assert hand.told()[1:] == [("buy", 1, 100, False, "user"), ("sell", 3, 95, False, "user")]


@pytest.mark.parametrize("fields", [{"reduce_only": False}, {"trigger": None}])
def test_it_goes_with_a_trigger_and_reduce_only(fields: dict[str, Any]) -> None:
    hand = holding(rows=[FLAT_BAR])
    words: dict[str, Any] = {"trigger": 95, "rise": False, "reduce_only": True} | fields
    if words["trigger"] is None:
        del words["trigger"], words["rise"]
    hand.sell(qty=1, close_on_trigger=True, **words)
    assert hand.code == VenueCode.PARAMETER
