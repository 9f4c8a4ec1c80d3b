"""The contract of every ExecutionBackend: what acceptance means, what is refused, and what can be read back."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from actors.model.backend import AddTradingStop, AmendOrder, CancelOrder, ExecutionBackend
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, ProtectionTerms, Side, TriggerDirection, VenueStatus
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from tests.contracts.conftest import Capabilities, Eventually, LetPass, Patiently

SYMBOL = "BTCUSDT"


def a_request(link_id: str = "one", **changes: Any) -> OrderRequest:
    """Buy one at market."""
    return msgspec.structs.replace(OrderRequest(link_id, SYMBOL, Side.BUY, OrderType.MARKET, Qty(1000)), **changes)


def a_limit(link_id: str, price: int, side: Side = Side.BUY, **changes: Any) -> OrderRequest:
    """A resting order; `price` in cents."""
    return a_request(link_id, side=side, type=OrderType.LIMIT, price=Price(price), **changes)


def is_about(money: int, exact: int, capabilities: Capabilities) -> bool:
    """Exactly, or to the decimals in which the venue states money."""
    return abs(money - exact) <= capabilities.money_tolerance


def rejected(result: OrderResult, refusal: RejectReason, code: int) -> bool:
    return (result.outcome, result.rejection, result.code) == (RequestOutcome.REJECTED, refusal, code)


async def test_a_backend_is_one_by_its_shape(backend: Any) -> None:
    assert isinstance(backend, ExecutionBackend)


async def test_acceptance_comes_before_the_fill_and_does_not_wait_for_it(
    backend: Any, eventually: Eventually, capabilities: Capabilities
) -> None:
    result = await backend.submit_order(a_request())
    assert result.outcome is RequestOutcome.ACCEPTED
    assert result.order_id
    if not capabilities.fills_at_once:
        assert (await backend.executions(SYMBOL)) == ()

    async def is_filled() -> bool:
        return len(await backend.executions(SYMBOL)) == 1

    await eventually(is_filled)
    (fill,) = await backend.executions(SYMBOL)
    price = 10_000 + capabilities.spread
    assert (fill.link_id, fill.price, fill.qty, fill.is_maker) == ("one", price, 1000, False)
    assert is_about(fill.fee, price * 1000 * 55, capabilities)


async def test_a_filled_order_and_its_position_can_be_read_back(
    backend: Any, eventually: Eventually, capabilities: Capabilities
) -> None:
    await backend.submit_order(a_request())

    async def has_position() -> bool:
        return bool((await backend.position(SYMBOL)).position.qty)

    await eventually(has_position)
    order = await backend.order_by_id(SYMBOL, "one")
    assert order is not None
    assert (order.status, order.filled_qty) == (VenueStatus.FILLED, 1000)
    state = await backend.sync_state(SYMBOL)
    assert state.position.position.qty == 1000
    assert state.position.average_price == Decimal(state.fills[0].price).scaleb(-2)
    assert state.orders == ()
    assert [fill.exec_id for fill in state.fills] == [fill.exec_id for fill in await backend.executions(SYMBOL)]
    equity = await backend.equity(SYMBOL)
    fee = state.fills[0].price * 1000 * 55
    assert is_about(equity.wallet, 100_000 * 10**10 - fee, capabilities)
    assert (await backend.executions(SYMBOL, since_ms=state.fills[-1].time_ms + 1)) == ()


async def test_resting_orders_are_listed_amended_and_cancelled(backend: Any, let_pass: LetPass) -> None:
    for link_id, price in (("low", 9_000), ("lower", 8_000)):
        assert (await backend.submit_order(a_limit(link_id, price))).outcome is RequestOutcome.ACCEPTED
    await let_pass(30_000)
    assert [order.link_id for order in await backend.open_orders(SYMBOL)] == ["low", "lower"]
    amended = await backend.amend_order(AmendOrder(SYMBOL, "low", qty=Qty(2000), price=Price(8_500)))
    assert amended.outcome is RequestOutcome.ACCEPTED
    assert (await backend.cancel_order(SYMBOL, "lower")).outcome is RequestOutcome.ACCEPTED
    (left,) = await backend.open_orders(SYMBOL)
    assert (left.link_id, left.qty, left.price) == ("low", 2000, 8_500)
    cancelled = await backend.order_by_id(SYMBOL, "lower")
    assert cancelled is not None
    assert cancelled.status is VenueStatus.CANCELLED


async def test_a_stop_is_untriggered_and_fires_at_its_level(
    backend: Any, eventually: Eventually, capabilities: Capabilities
) -> None:
    stop = a_request("stop", trigger_price=Price(10_500), trigger_direction=TriggerDirection.RISE)
    assert (await backend.submit_order(stop)).outcome is RequestOutcome.ACCEPTED
    (waiting,) = await backend.open_orders(SYMBOL)
    assert waiting.status is VenueStatus.UNTRIGGERED

    async def is_filled() -> bool:
        return bool(await backend.executions(SYMBOL))

    await eventually(is_filled)
    assert (await backend.executions(SYMBOL))[0].price == 10_500 + capabilities.spread


async def test_protection_is_set_read_back_and_closes_the_position(
    backend: Any, eventually: Eventually, let_pass: LetPass
) -> None:
    await backend.submit_order(a_request())
    await let_pass(1_000)
    assert (await backend.set_trading_stop(SYMBOL, Price(9_500), Price(12_000))).outcome is RequestOutcome.ACCEPTED
    report = await backend.position(SYMBOL)
    assert (report.stop_loss, report.take_profit) == (9_500, 12_000)

    async def is_flat() -> bool:
        return not (await backend.position(SYMBOL)).position.qty

    await eventually(is_flat)
    last = (await backend.executions(SYMBOL))[-1]
    assert (last.price, last.side, last.link_id, last.origin.value) == (9_500, Side.SELL, "", "stop_loss")
    report = await backend.position(SYMBOL)
    assert (report.stop_loss, report.take_profit) == (None, None)


@pytest.mark.parametrize(
    ("request_", "refusal", "code"),
    [
        (a_limit("x", 9_005), RejectReason.BAD_PARAMETER, 10001),
        (a_request("x", qty=Qty(0)), RejectReason.BAD_PARAMETER, 10001),
        (a_request("x", qty=Qty(-5)), RejectReason.BAD_PARAMETER, 10001),
        (a_request("x", qty=Qty(500_001)), RejectReason.BAD_PARAMETER, 10001),
        (a_limit("x", 9_000, qty=Qty(1)), RejectReason.BELOW_MINIMUM, 110094),
        (a_limit("x", 9_000, qty=Qty(1_189_000)), RejectReason.INSUFFICIENT_MARGIN, 110007),
        (a_request("x", side=Side.SELL, reduce_only=True), RejectReason.REDUCE_ONLY, 110017),
        (
            a_request("x", trigger_price=Price(9_000), trigger_direction=TriggerDirection.RISE),
            RejectReason.TRIGGER_SIDE,
            110092,
        ),
    ],
    ids=["off tick", "zero", "negative", "above maximum", "notional", "margin", "reduce-only", "trigger side"],
)
async def test_a_refusal_is_an_answer_with_the_venues_code(
    backend: Any, request_: OrderRequest, refusal: RejectReason, code: int
) -> None:
    before = await backend.sync_state(SYMBOL)
    assert rejected(await backend.submit_order(request_), refusal, code)
    after = await backend.sync_state(SYMBOL)
    assert (after.orders, after.equity, after.position) == (before.orders, before.equity, before.position)


async def test_the_same_id_again_is_proof_of_arrival(backend: Any) -> None:
    await backend.submit_order(a_limit("one", 9_000))
    assert rejected(await backend.submit_order(a_limit("one", 9_000)), RejectReason.DUPLICATE_ID, 110072)
    assert len(await backend.open_orders(SYMBOL)) == 1


async def test_an_order_that_is_not_there_cannot_be_cancelled_or_amended(backend: Any) -> None:
    assert rejected(await backend.cancel_order(SYMBOL, "none"), RejectReason.ORDER_NOT_FOUND, 110001)
    amended = await backend.amend_order(AmendOrder(SYMBOL, "none", price=Price(9_000)))
    assert rejected(amended, RejectReason.ORDER_NOT_FOUND, 110001)
    assert await backend.order_by_id(SYMBOL, "none") is None


async def test_several_orders_in_one_request_have_an_answer_each(backend: Any) -> None:
    placed = await backend.submit_batch((a_limit("a", 9_000), a_limit("b", 9_005), a_limit("c", 8_000)))
    assert placed.result.outcome is RequestOutcome.ACCEPTED
    assert [result.code for result in placed.results] == [0, 10001, 0]
    amended = await backend.amend_batch((AmendOrder(SYMBOL, "a", price=Price(9_100)), AmendOrder(SYMBOL, "x")))
    assert [result.code for result in amended.results] == [0, 110001]
    gone = await backend.cancel_batch((CancelOrder(SYMBOL, "a"), CancelOrder(SYMBOL, "x")))
    assert [result.code for result in gone.results] == [0, 110001]
    assert [order.link_id for order in await backend.open_orders(SYMBOL)] == ["c"]
    assert [result.link_id for result in (await backend.cancel_all(SYMBOL)).results] == ["c"]
    assert await backend.open_orders(SYMBOL) == ()


async def test_a_batch_over_the_budget_says_of_each_order_what_became_of_it(backend: Any, patiently: Patiently) -> None:
    """Ten a second: of the second batch of six, each order is taken, or refused as too fast and not executed."""
    for name in ("a", "b"):
        orders = tuple(a_limit(f"{name}{number}", 9_000) for number in range(6))
        batch = await patiently(backend.submit_batch(orders))
        assert [result.link_id for result in batch.results] == [f"{name}{number}" for number in range(6)]
        for result in batch.results:
            taken = result.outcome is RequestOutcome.ACCEPTED and result.order_id
            assert taken or rejected(result, RejectReason.RATE_LIMITED, 10006)


async def test_a_part_of_a_position_has_its_own_stop_and_a_trailing_one_follows(
    backend: Any, eventually: Eventually, let_pass: LetPass
) -> None:
    await backend.submit_order(a_request(qty=Qty(3000)))
    await let_pass(1_000)
    part = AddTradingStop(SYMBOL, Qty(1000), ProtectionTerms(take_profit=Price(10_500), is_partial=True))
    assert (await backend.add_trading_stop(part)).outcome is RequestOutcome.ACCEPTED
    assert (await backend.set_trading_stop(SYMBOL, None, None, Price(500))).outcome is RequestOutcome.ACCEPTED
    assert (await backend.position(SYMBOL)).trailing_stop == 500

    async def is_flat() -> bool:
        return not (await backend.position(SYMBOL)).position.qty

    await eventually(is_flat)
    fills = await backend.executions(SYMBOL)
    assert [(fill.qty, fill.price, fill.origin.value) for fill in fills[1:]] == [
        (1000, 10_500, "take_profit"),
        (2000, 10_700, "trailing_stop"),
    ]


async def test_leverage_is_set_and_refused_by_the_venues_rules(backend: Any) -> None:
    assert (await backend.set_leverage(SYMBOL, 5)).outcome is RequestOutcome.ACCEPTED
    assert (await backend.position(SYMBOL)).leverage == 5
    assert rejected(await backend.set_leverage(SYMBOL, 5), RejectReason.NOTHING_CHANGED, 110043)
    assert rejected(await backend.set_leverage(SYMBOL, 101), RejectReason.RISK_LIMIT, 110013)
    assert rejected(await backend.set_leverage(SYMBOL, 0), RejectReason.BAD_PARAMETER, 10001)


async def test_history_is_closed_bars_with_their_values(
    backend: Any, let_pass: LetPass, capabilities: Capabilities
) -> None:
    epoch_ms = capabilities.epoch_ms
    await let_pass(180_000)
    history = await backend.history(SYMBOL, 60_000, since_ms=epoch_ms + 60_000)
    assert (history.symbol, history.timeframe_ms, history.has_more) == (SYMBOL, 60_000, False)
    assert (history.ts_open, history.ts_close) == (epoch_ms + 60_000, epoch_ms + 180_000)
    assert [candle.ts_open for candle in history.candles] == [epoch_ms + 60_000, epoch_ms + 120_000]
    for candle in history.candles:
        assert (candle.open, candle.high, candle.low, candle.close) == (10_000, 10_100, 9_900, 10_000)
        assert candle.volume == capabilities.volume
    assert (await backend.history(SYMBOL, 60_000, since_ms=epoch_ms + 180_000)).candles == ()
