"""The trading status: what is taken when, and what a delisting does."""

import pytest

from actors.model.errors import InvariantError
from actors.model.origins import Origin
from actors.model.result import RejectReason, RequestOutcome, VenueCode
from actors.simulator.venue.schedule import Schedule, TradingStatus
from tests.actors.builders import MINUTE_MS
from tests.actors.simulator.builders import FLAT_BAR, Hand, px

RISE = (100, 110, 100, 110)


def from_bar(bar: int, status: TradingStatus, until: int | None = None) -> Schedule:
    times, statuses = [bar * MINUTE_MS], [status]
    if until is not None:
        times.append(until * MINUTE_MS)
        statuses.append(TradingStatus.TRADING)
    return Schedule(times, statuses)


def test_near_its_delisting_a_symbol_can_only_be_closed() -> None:
    hand = Hand([FLAT_BAR] * 5, schedule=from_bar(2, TradingStatus.CLOSING_ONLY))
    hand.buy(2)
    hand.close(2)
    hand.buy(1)
    assert hand.code == VenueCode.CLOSING_ONLY
    assert hand.last is not None
    assert hand.last.rejection is RejectReason.NOT_TRADING
    link_id = hand.exit(1, price=110)
    assert hand.code == 0
    assert hand.amend(link_id, price=111).code == 0
    assert hand.protect(90).code == 0


def test_while_halted_only_cancels_are_taken() -> None:
    hand = Hand([FLAT_BAR] * 5, schedule=from_bar(1, TradingStatus.HALTED, until=3))
    link_id = hand.buy(price=90)
    hand.close()
    hand.buy()
    assert (hand.code, hand.last is not None and "halted" in hand.last.reason) == (VenueCode.PARAMETER, True)
    assert hand.amend(link_id, price=91).code == VenueCode.PARAMETER
    assert hand.cancel(link_id).code == 0
    hand.close(2)
    hand.buy()
    assert hand.code == 0


def test_in_maintenance_nobody_knows_what_became_of_a_request() -> None:
    hand = Hand([FLAT_BAR] * 5, schedule=from_bar(1, TradingStatus.MAINTENANCE, until=2))
    link_id = hand.buy(price=90)
    hand.close()
    hand.buy()
    assert hand.last is not None
    assert (hand.last.outcome, hand.last.code) == (RequestOutcome.UNKNOWN, VenueCode.SERVER_ERROR)
    assert hand.cancel(link_id).outcome is RequestOutcome.UNKNOWN
    assert [order.link_id for order in hand.venue.open_orders()] == [link_id]


def test_a_delisting_cancels_orders_and_settles_the_position_without_a_fee() -> None:
    hand = Hand([FLAT_BAR, RISE, RISE, RISE], schedule=from_bar(2, TradingStatus.DELISTED))
    hand.buy(2)
    hand.until_fill()
    hand.protect(90)
    link_id = hand.buy(price=95)
    hand.finish()
    last = hand.fills[-1]
    assert (last.origin, last.price, last.fee, last.time_ms) == (Origin.DELIVERY, px(110), 0, 2 * MINUTE_MS)
    assert hand.held == 0
    assert hand.reason_of(link_id) == "CancelByDelivery"
    assert hand.venue.next_time() is None
    hand.buy(at_ms=2 * MINUTE_MS)
    assert hand.code == VenueCode.PARAMETER


def test_a_delisting_inside_a_bar_settles_at_the_price_known_then() -> None:
    schedule = Schedule((MINUTE_MS + 30_000,), (TradingStatus.DELISTED,))
    hand = Hand([FLAT_BAR, RISE, RISE], schedule=schedule)
    hand.buy()
    hand.finish()
    assert hand.fills[-1].origin is Origin.DELIVERY
    assert hand.fills[-1].time_ms == MINUTE_MS + 30_000


def test_times_must_rise() -> None:
    with pytest.raises(InvariantError):
        Schedule((1, 1), (TradingStatus.HALTED, TradingStatus.TRADING))
    with pytest.raises(InvariantError):
        Schedule((1,), ())
