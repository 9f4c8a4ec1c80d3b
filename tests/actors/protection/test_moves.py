"""A position's levels move one at a time; a refused move leaves what the order brought; an added entry moves both."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.model.backend import PositionReport, SetTradingStop
from actors.model.exits import ExitTerms, FixedLevel
from actors.model.fixed import Price
from actors.model.order import Order, ProtectionTerms
from actors.model.result import OrderResult, RequestOutcome, VenueCode
from actors.orders.messages import LedgerChanged
from actors.protection.actor import Protection
from actors.protection.messages import Unprotected
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.testing import ActorHarness
from tests.actors.builders import an_instrument
from tests.actors.protection.ledgers import HELD, a_fill_of, a_position

ACCEPTED = OrderResult(RequestOutcome.ACCEPTED)
REFUSED = OrderResult(RequestOutcome.REJECTED, code=VenueCode.PARAMETER, reason="beyond the market")
BROUGHT = ProtectionTerms(stop_loss=Price(9_900), take_profit=Price(10_200))


def a_guard() -> ActorHarness:
    build = lambda: Protection(Ref("port"), Ref("safety"), {"BTCUSDT": an_instrument()})  # noqa: E731
    return ActorHarness(build, others=("port", "safety"))


def a_fill(price: int, attached: ProtectionTerms | None, **levels: str) -> LedgerChanged:
    stop, target = (Decimal(levels[name]) if name in levels else None for name in ("stop_loss", "take_profit"))
    return a_fill_of(price, stop, target, attached=attached)


def moves(said: list[Any]) -> list[tuple[Price | None, Price | None]]:
    return [(message.stop_loss, message.take_profit) for _, message, _ in said if isinstance(message, SetTradingStop)]


def test_a_refused_move_is_tried_five_times_and_is_no_alarm_while_the_attached_levels_stand() -> None:
    guard = a_guard()
    said = guard.deliver(a_fill(10_000, BROUGHT, stop_loss="2", take_profit="3"))
    sent = 0
    while moves(said):
        assert moves(said) == [(9_800, 10_300)]
        sent += 1
        ((_, _, number),) = said
        assert guard.answer(number, REFUSED) == []
        said = guard.advance(SECOND_NS)
    assert sent == 5
    assert said == [], "the levels that the order brought still stand"


def test_a_refused_move_of_a_position_that_brought_nothing_is_told_to_safety() -> None:
    guard = a_guard()
    said = guard.deliver(a_fill(10_000, None, stop_loss="2"))
    last: list[Any] = []
    for _ in range(5):
        ((_, _, number),) = said
        last = guard.answer(number, REFUSED)
        said = guard.advance(SECOND_NS)
    assert [type(message) for _, message, _ in (*last, *said)] == [Unprotected]


def test_a_later_move_waits_for_the_answer_to_the_earlier_one() -> None:
    guard = a_guard()
    first = guard.deliver(a_fill(10_000, BROUGHT, stop_loss="2", take_profit="3"))
    assert moves(first) == [(9_800, 10_300)]
    assert guard.deliver(a_fill(11_000, BROUGHT, stop_loss="2", take_profit="3")) == []
    assert guard.deliver(a_fill(12_000, BROUGHT, stop_loss="2", take_profit="3")) == []
    ((_, _, number),) = first
    assert moves(guard.answer(number, ACCEPTED)) == [(11_760, 12_360)], "the newest of those that waited"


def test_an_added_entry_moves_the_levels_that_it_carries_and_leaves_the_other() -> None:
    guard = a_guard()
    ((_, _, number),) = guard.deliver(a_fill(10_000, BROUGHT, stop_loss="2", take_profit="3"))
    guard.answer(number, ACCEPTED)
    ((_, _, number),) = both = guard.deliver(a_fill(11_000, BROUGHT, stop_loss="2", take_profit="3"))
    assert moves(both) == [(10_780, 11_330)]
    guard.answer(number, ACCEPTED)
    said = guard.deliver(a_fill(12_000, ProtectionTerms(stop_loss=Price(11_800)), stop_loss="1"))
    assert moves(said) == [(11_880, 11_330)]


def trailing(distance: int, starts: Price | None = None) -> Order:
    """An entry whose trailing stop a case has set."""
    entry = a_fill(10_000, None).orders[0]
    start = None if starts is None else FixedLevel(price=starts)
    return replace(entry, exits=ExitTerms(trail=FixedLevel(distance=Price(distance)), trail_from=start))


def trails(said: list[Any]) -> list[tuple[Price | None, Price | None]]:
    return [
        (message.trailing_stop, message.active_price) for _, message, _ in said if isinstance(message, SetTradingStop)
    ]


def test_a_trailing_stop_is_set_once_and_again_when_it_is_moved() -> None:
    guard = a_guard()
    said = guard.deliver(a_position(HELD, 2, trailing(50, Price(10_100))))
    assert trails(said) == [(50, 10_100)]
    assert guard.answer(said[0][2], ACCEPTED) == []
    assert trails(guard.deliver(a_position(HELD, 3, trailing(50, Price(10_100))))) == []
    assert trails(guard.deliver(a_position(HELD, 4, trailing(30)))) == [(30, None)]


def test_a_trailing_stop_along_a_feature_takes_the_venues_away() -> None:
    guard = a_guard()
    said = guard.deliver(a_position(HELD, 2, trailing(50)))
    guard.answer(said[0][2], ACCEPTED)
    along = replace(trailing(50), exits=ExitTerms(trail_along="low"))
    assert trails(guard.deliver(a_position(HELD, 3, along))) == [(None, None)]


@pytest.mark.parametrize(("stated", "moved"), [(Price(50), []), (Price(80), [(50, None)]), (None, [(50, None)])])
def test_a_distance_that_a_lost_request_left_behind_is_set_again(stated: Price | None, moved: list[Any]) -> None:
    guard = a_guard()
    said = guard.deliver(a_position(HELD, 2, trailing(50)))
    guard.answer(said[0][2], ACCEPTED)
    report = PositionReport("BTCUSDT", HELD, None, None, 60_000, trailing_stop=stated)
    assert trails(guard.deliver(report)) == moved
