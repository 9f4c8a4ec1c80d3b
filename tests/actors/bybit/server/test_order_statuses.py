"""Which statuses an order goes through, by kind: the reference's sequences, for derivatives and for spot."""

from typing import Any

import pytest

from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.wire.values import WireMarketUnit, WireOrderType, WireTriggerDirection
from actors.model.order import Category
from tests.actors.bybit.server.hand import BUY, SELL, Hand

FLAT = (100, 100, 100, 100)
DIP = (100, 100, 90, 95)
RISE = (100, 110, 100, 108)
LINEAR, SPOT = Category.LINEAR, Category.SPOT
RISES, FALLS = WireTriggerDirection.RISE, WireTriggerDirection.FALL


@pytest.mark.parametrize(
    ("category", "qty", "price", "fields", "statuses", "reason"),
    [
        (LINEAR, "1", None, {}, ["Fill", "Filled"], "EC_NoError"),
        (SPOT, "1", None, {"market_unit": WireMarketUnit.BASE}, ["Fill", "Filled"], "EC_NoError"),
        (LINEAR, "1", "98", {}, ["New", "Fill", "Filled"], "EC_NoError"),
        (SPOT, "1", "98", {}, ["New", "Fill", "Filled"], "EC_NoError"),
        (LINEAR, "1", "80", {}, ["New"], "EC_NoError"),
        (LINEAR, "1", "100.5", {"tif": "PostOnly"}, ["New", "Cancelled"], "EC_PostOnlyWillTakeLiquidity"),
        (SPOT, "1", "100.5", {"tif": "PostOnly"}, ["New", "Rejected"], "EC_PostOnlyWillTakeLiquidity"),
        (LINEAR, "1", "98", {"tif": "PostOnly"}, ["New", "Fill", "Filled"], "EC_NoError"),
        (LINEAR, "1", "98", {"tif": "IOC"}, ["New", "Cancelled"], "EC_NoImmediateQtyToFill"),
        (LINEAR, "1", "101", {"tif": "IOC"}, ["New", "Fill", "Filled"], "EC_NoError"),
        (LINEAR, "1", "98", {"tif": "FOK"}, ["New", "Cancelled"], "EC_CancelForNoFullFill"),
        (SPOT, "1", "98", {"tif": "FOK"}, ["New", "Cancelled"], "EC_CancelForNoFullFill"),
        (
            LINEAR,
            "1",
            None,
            {"trigger_price": "95", "trigger_direction": FALLS},
            ["Untriggered", "Triggered", "Fill", "Filled"],
            "EC_NoError",
        ),
        (
            LINEAR,
            "1",
            "85",
            {"trigger_price": "95", "trigger_direction": FALLS},
            ["Untriggered", "Triggered", "New"],
            "EC_NoError",
        ),
        (SPOT, "1", "94", {"trigger_price": "95"}, ["Untriggered", "Triggered", "New", "Fill", "Filled"], "EC_NoError"),
    ],
)
def test_an_order_goes_through_the_statuses_of_its_kind(
    category: Category, qty: str, price: str | None, fields: dict[str, Any], statuses: list[str], reason: str
) -> None:
    hand = Hand([FLAT, DIP, FLAT], category)
    hand.wait(10_000)
    record = hand.create(BUY, qty, price, **fields)
    hand.wait(120_000)
    assert hand.told(record) == statuses
    assert record.reject_reason == reason


@pytest.mark.parametrize(("category", "status"), [(LINEAR, "Cancelled"), (SPOT, "Deactivated")])
def test_a_conditional_order_that_is_cancelled_before_its_trigger(category: Category, status: str) -> None:
    hand = Hand([FLAT] * 3, category)
    fields: dict[str, Any] = {"trigger_direction": FALLS} if category is LINEAR else {}
    record = hand.create(BUY, "1", "94", trigger_price="95", **fields)
    hand.cancel(record)
    assert hand.told(record) == ["Untriggered", status]
    assert record.cancel_type == "CancelByUser"


@pytest.mark.parametrize(("category", "code"), [(LINEAR, 110001), (SPOT, 170213)])
def test_a_cancel_that_comes_too_late_is_told_so(category: Category, code: int) -> None:
    hand = Hand([FLAT, DIP, FLAT], category)
    record = hand.create(BUY, "1", "98")
    hand.wait(90_000)
    with pytest.raises(Rejection) as refused:
        hand.cancel(record)
    assert refused.value.code == code
    with pytest.raises(Rejection) as refused:
        hand.amend(record, price="97")
    assert refused.value.code == code
    assert hand.told(record) == ["New", "Fill", "Filled"]


def test_an_amended_order_keeps_its_ids_and_is_told_again() -> None:
    hand = Hand([FLAT] * 3)
    record = hand.create(BUY, "1", "98", order_link_id="mine")
    order_id = record.order_id
    assert hand.amend(record, price="97", qty="2").order_id == order_id
    assert (record.order_id, record.shown_link_id, record.request.price, record.qty) == (
        record.order_id,
        "mine",
        9_700,
        2_000,
    )
    assert hand.told(record) == ["New", "New"]


def test_levels_of_an_entry_appear_as_orders_of_the_venue_and_end_with_the_position() -> None:
    hand = Hand([FLAT, RISE, FLAT])
    hand.create(BUY, "1", stop_loss="90", take_profit="105")
    made = [each for each in hand.account.orders.values() if not each.link_id]
    assert sorted(each.stop_order_type for each in made) == ["StopLoss", "TakeProfit"]
    assert {each.shown_link_id for each in made} == {""}
    hand.wait(120_000)
    stop, target = sorted(made, key=lambda each: each.stop_order_type)
    assert hand.told(target)[-2:] == ["Fill", "Filled"]
    assert hand.told(stop) == ["Untriggered", "Cancelled"]
    assert stop.cancel_type == "CancelByTpSlTsClear"
    assert hand.account.positions["BTCUSDT"].qty == 0


def test_a_market_order_is_an_immediate_one_with_a_bound_for_a_price() -> None:
    hand = Hand([FLAT] * 2)
    record = hand.create(SELL, "1")
    assert record.request.type is not None
    assert record.worst_price == 9_500
    assert hand.told(record) == ["Fill", "Filled"]


@pytest.mark.parametrize("category", [LINEAR, SPOT])
def test_the_same_link_id_again_is_a_duplicate(category: Category) -> None:
    hand = Hand([FLAT] * 2, category)
    hand.create(BUY, "1", "98", order_link_id="mine")
    with pytest.raises(Rejection) as refused:
        hand.create(BUY, "1", "97", order_link_id="mine")
    assert refused.value.code == (110072 if category is LINEAR else 170141)


def test_a_reduce_only_order_without_a_position_is_refused() -> None:
    hand = Hand([FLAT] * 2)
    with pytest.raises(Rejection) as refused:
        hand.create(SELL, "1", "101", reduce_only=True)
    assert refused.value.code == 110017


def test_a_reduce_only_order_ends_when_its_position_does() -> None:
    hand = Hand([FLAT] * 3)
    hand.create(BUY, "1")
    resting = hand.create(SELL, "1", "120", reduce_only=True)
    hand.create(SELL, "1", order_type=WireOrderType.MARKET)
    assert hand.told(resting) == ["New", "Cancelled"]
    assert resting.cancel_type == "CancelByReduceOnly"


def test_an_account_remembers_so_many_orders_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.bybit.server.trading.bookkeeping.MAX_RECORDS", 20)
    monkeypatch.setattr("actors.bybit.server.trading.bookkeeping._SPARE", 5)
    hand = Hand([FLAT] * 2)
    resting = hand.create(BUY, "1", "50")
    for _ in range(50):
        hand.create(BUY, "1")
        hand.create(SELL, "1")
    account = hand.account
    registry = account.linear.market("BTCUSDT").registry
    assert len(account.orders) <= 26
    assert len(account.executions) <= 26
    assert len(account.by_link) == len(account.by_number) == len(account.orders)
    assert len(registry.ended) <= 26
    assert resting.order_id in account.orders
    hand.cancel(resting)
