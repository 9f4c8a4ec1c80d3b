"""The diff as a pure function: no fill is made up, and a second run finds nothing to correct."""

import msgspec
import pytest

from actors.model.backend import EquityReport, PositionReport, SyncState
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, OrderReport, OrderType, Side, VenueStatus
from actors.model.position import FLAT
from actors.orders.messages import LocalOrder, LocalView
from actors.reconciler.diff import diff

NOTHING = SyncState(
    PositionReport("BTCUSDT", FLAT, None, None, 0), EquityReport(Money(0), Money(0), Money(0), 0), (), ()
)
AGREED = LocalView("BTCUSDT", (), 0)


def a_fill(number: int) -> Fill:
    return Fill(
        f"e{number}", "o1", "one", "BTCUSDT", Side.BUY, Price(100), Qty(1), Money(1), is_maker=False, time_ms=number
    )


def a_report(link_id: str) -> OrderReport:
    return OrderReport(
        "o1", link_id, "BTCUSDT", Side.BUY, OrderType.LIMIT, VenueStatus.NEW, Qty(1), Qty(0), Money(0), Price(100),
        None, reduce_only=False, time_ms=0,
    )  # fmt: skip


def believed(status: LocalStatus) -> LocalView:
    return LocalView("BTCUSDT", (LocalOrder("one", status, Qty(0)),), 0)


def test_equal_views_need_no_look_up() -> None:
    found = diff(AGREED, NOTHING)
    assert found.corrections.events == ()
    assert found.to_ask == ()


def test_every_listed_execution_and_then_every_open_order_of_ours_is_a_correction() -> None:
    state = msgspec.structs.replace(NOTHING, fills=(a_fill(1), a_fill(2)), orders=(a_report("one"),))
    assert diff(AGREED, state).corrections.events == (a_fill(1), a_fill(2), a_report("one"))


@pytest.mark.parametrize(
    "status", [LocalStatus.UNKNOWN, LocalStatus.WORKING, LocalStatus.ACKED, LocalStatus.UNTRIGGERED]
)
def test_an_order_that_the_venue_does_not_list_is_asked_for_by_id(status: LocalStatus) -> None:
    assert diff(believed(status), NOTHING).to_ask == ("one",)


@pytest.mark.parametrize("status", [LocalStatus.JOURNALED, LocalStatus.SENT])
def test_an_order_whose_answer_is_still_due_is_in_no_doubt(status: LocalStatus) -> None:
    assert diff(believed(status), NOTHING).to_ask == ()


def test_what_the_venue_made_by_itself_is_not_taken_for_an_order_of_ours() -> None:
    state = msgspec.structs.replace(NOTHING, orders=(a_report(""), a_report("one")))
    found = diff(believed(LocalStatus.UNKNOWN), state)
    assert found.corrections.events == (a_report("one"),)
    assert found.to_ask == ()
