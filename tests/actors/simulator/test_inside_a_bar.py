"""Orders that arrive while a bar is open: the drift a taker pays, and the path point from which the bar counts."""

import pytest

from actors.model.errors import InvariantError
from actors.simulator.path import PathPolicy
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, SELL, Hand, px

UP_DOWN = (100, 110, 90, 100)  # with OHLC: 110 at 20 s, 90 at 40 s
OHLC = PathPolicy.OHLC


@pytest.mark.parametrize(
    ("after_ms", "bought_at", "sold_at"), [(1, 100.1, 99.9), (1000, 100.1, 99.9), (1001, 100.2, 99.8)]
)
def test_a_late_market_order_pays_a_tick_for_each_started_second(
    after_ms: int, bought_at: float, sold_at: float
) -> None:
    hand = Hand([FLAT_BAR, (100, 105, 95, 100)])
    hand.close()
    at_ms = MINUTE_MS + after_ms
    hand.buy(at_ms=at_ms)
    hand.sell(at_ms=at_ms)
    assert hand.venue.next_time() == at_ms
    hand.finish()
    assert hand.told() == [("buy", 1, bought_at, False, "user"), ("sell", 1, sold_at, False, "user")]
    assert {fill.time_ms for fill in hand.fills} == {at_ms}


def test_a_late_limit_is_judged_against_the_drifted_market() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR])
    hand.close()
    at_ms = MINUTE_MS + 2500
    takes, rests = hand.buy(price=100.3, at_ms=at_ms), hand.buy(price=100.2, at_ms=at_ms)
    hand.finish()
    assert [(fill.link_id, fill.price, fill.is_maker) for fill in hand.fills] == [
        (takes, px(100.3), False),
        (rests, px(100.2), True),
    ]
    assert [fill.time_ms - MINUTE_MS for fill in hand.fills] == [2500, 20_000]


@pytest.mark.parametrize(
    ("after_s", "filled_s"),
    [(5, 20), (20, 20), (21, None)],
)
def test_a_late_limit_counts_the_bar_from_the_next_path_point(after_s: int, filled_s: int | None) -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.sell(price=108, at_ms=MINUTE_MS + 1000 * after_s)
    hand.finish()
    assert [(fill.price / 100, fill.time_ms - MINUTE_MS) for fill in hand.fills] == (
        [] if filled_s is None else [(108, 1000 * filled_s)]
    )


def test_a_late_stop_order_already_passed_at_its_path_point_acts_there() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.buy(trigger=105, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert hand.told() == [("buy", 1, 110, False, "user")]
    assert hand.fills[0].time_ms == MINUTE_MS + 20_000


def test_a_late_order_counts_the_close_point_before_the_close() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 95)], path=OHLC)
    hand.close()
    hand.buy(price=96, at_ms=MINUTE_MS + 50_000)
    fill = hand.until_fill()
    assert (fill.price, fill.time_ms, hand.venue.market.walk.index) == (px(96), 2 * MINUTE_MS - 1, 1)
    assert hand.step() == 1


def test_late_protection_counts_from_the_next_path_point() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 105)], path=OHLC)
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(95, 109, at_ms=MINUTE_MS + 30_000)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 90, False, "stop_loss")]
    assert hand.fills[1].time_ms == MINUTE_MS + 40_000


def test_protection_of_a_late_entry_is_live_from_that_fill_on() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 105)], path=OHLC)
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 10_000)
    fill = hand.until_fill()
    assert fill.price / 100 == 101
    hand.protect(99, 105.5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105.5, False, "take_profit")]
    assert hand.fills[1].time_ms == MINUTE_MS + 15_000


def test_what_arrives_at_a_close_not_yet_performed_acts_at_the_next_open() -> None:
    hand = Hand([FLAT_BAR, (100, 104, 96, 99), (98, 99, 97, 98)])
    hand.close()
    hand.buy()
    hand.until_fill()
    close_ms = 2 * MINUTE_MS
    hand.sell(2, at_ms=close_ms)
    hand.sell(3, trigger=98.5, at_ms=close_ms)
    hand.sell(4, price=98.2, at_ms=close_ms)
    assert hand.step() == 1
    hand.finish()
    assert hand.told()[1:] == [
        ("sell", 2, 98, False, "user"),
        ("sell", 3, 98, False, "user"),
        ("sell", 4, 98.2, True, "user"),
    ]
    assert [fill.time_ms == close_ms for fill in hand.fills[1:]] == [True, True, False]


def test_the_last_millisecond_still_belongs_to_the_bar() -> None:
    hand = Hand([FLAT_BAR, (100, 110, 90, 95), FLAT_BAR])
    hand.close()
    hand.buy(price=96, at_ms=2 * MINUTE_MS - 1)
    fill = hand.until_fill()
    assert (fill.is_maker, fill.time_ms, hand.venue.market.walk.index) == (True, 2 * MINUTE_MS - 1, 1)


def test_a_cancelled_order_in_wait_never_comes_alive() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    link_id = hand.sell(price=108, at_ms=MINUTE_MS + 5000)
    assert hand.step() is None
    hand.cancel(link_id)
    hand.finish()
    assert hand.fills == []
    assert hand.story_of(link_id) == ["New", "Cancelled"]


def test_an_order_in_wait_comes_alive_before_the_path_goes_on() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    last = hand.buy(price=92)
    hand.step()
    first = hand.sell(price=108, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert [fill.link_id for fill in hand.fills] == [first, last]


def test_a_late_stop_limit_rests_from_where_it_was_triggered() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], path=OHLC)
    hand.close()
    hand.sell(trigger=95, price=97, at_ms=MINUTE_MS + 5000)
    hand.finish()
    assert hand.told() == [("sell", 1, 97, True, "user")]
    assert hand.fills[0].time_ms > MINUTE_MS + 40_000


def test_an_amended_late_order_forgets_when_it_first_arrived() -> None:
    hand = Hand([FLAT_BAR] * 2 + [(95, 99, 94, 98)])
    hand.close()
    link_id = hand.buy(price=90, at_ms=MINUTE_MS + 5000)
    hand.close()
    hand.amend(link_id, price=96)
    hand.finish()
    assert hand.told() == [("buy", 1, 95, False, "user")]
    assert hand.fills[0].time_ms == 2 * MINUTE_MS


def test_an_order_between_close_and_open_of_a_gap_acts_at_the_open() -> None:
    hand = Hand([FLAT_BAR, UP_DOWN], gap_before=1)
    hand.close()
    hand.buy(at_ms=MINUTE_MS + 30_000)
    assert hand.until_fill().time_ms == 6 * MINUTE_MS
    assert hand.told() == [("buy", 1, 100, False, "user")]


def test_time_never_goes_back() -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.close()
    with pytest.raises(InvariantError, match="arrived"):
        hand.send(SELL, at_ms=MINUTE_MS - 1)


def test_beyond_the_last_event_is_nothing() -> None:
    hand = Hand([FLAT_BAR])
    hand.close()
    with pytest.raises(InvariantError, match="no further event"):
        hand.venue.advance()
