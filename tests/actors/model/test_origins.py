"""Bybit's three fields and our one word for them; a value that is not known is never silent."""

from typing import Any

import msgspec
import pytest

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.model.origins import (
    MOVES_POSITION,
    PAYS_ONLY,
    CreateType,
    ExecType,
    Origin,
    StopOrderType,
    origin_of,
    read_member,
)

TRADE, BY_USER, NONE = ExecType.TRADE, CreateType.BY_USER, StopOrderType.NONE


@pytest.mark.parametrize(
    ("exec_type", "create_type", "stop_order_type", "word"),
    [
        ("Trade", "CreateByUser", "", "user"),
        ("Trade", "CreateByUser", "UNKNOWN", "user"),
        ("Trade", "CreateByUser", "Stop", "user"),
        ("Trade", "CreateByClosing", "", "user"),
        ("Trade", "", "", "user"),
        ("Trade", "", "tpslOrder", "user"),
        ("Trade", "CreateByStopLoss", "StopLoss", "stop_loss"),
        ("Trade", "CreateByUser", "StopLoss", "stop_loss"),
        ("Trade", "CreateByStopLoss", "UNKNOWN", "stop_loss"),
        ("Trade", "CreateByPartialStopLoss", "PartialStopLoss", "stop_loss"),
        ("Trade", "CreateByTakeProfit", "TakeProfit", "take_profit"),
        ("Trade", "CreateByPartialTakeProfit", "PartialTakeProfit", "take_profit"),
        ("Trade", "CreateByTrailingStop", "TrailingStop", "trailing_stop"),
        ("Trade", "CreateByTrailingProfit", "", "trailing_stop"),
        ("Trade", "CreateByLiq", "", "liquidation"),
        ("BustTrade", "CreateByTakeOver_PassThrough", "", "liquidation"),
        ("BustTrade", "CreateByStopLoss", "StopLoss", "liquidation"),
        ("AdlTrade", "CreateByAdl_PassThrough", "", "adl"),
        ("AdlTrade", "CreateByUser", "", "adl"),
        ("Trade", "CreateByAdl_PassThrough", "", "adl"),
        ("Funding", "", "UNKNOWN", "funding"),
        ("SessionSettlePnL", "", "", "funding"),
        ("Delivery", "CreateBySettle", "", "delivery"),
        ("Settle", "", "", "delivery"),
        ("Trade", "CreateByAdminClosing", "", "other"),
        ("Trade", "CreateByMoon", "", "other"),
        ("Trade", "CreateByUser", "MmRateClose", "other"),
        ("Eclipse", "CreateByUser", "", "other"),
        ("CorporateAction", "", "", "other"),
        ("BlockTrade", "CreateByBlock_PassThrough", "", "user"),
    ],
)
def test_the_three_fields_come_to_one_word(exec_type: str, create_type: str, stop_order_type: str, word: str) -> None:
    kinds = (ExecType, CreateType, StopOrderType)
    texts = (exec_type, create_type, stop_order_type)
    one, two, three = (read_member(kind, text)[0] for kind, text in zip(kinds, texts, strict=True))  # type: ignore[type-var]
    assert origin_of(one, two, three) == word  # type: ignore[arg-type]


def test_every_combination_has_a_word_and_the_kind_of_execution_decides_first() -> None:
    for exec_type in ExecType:
        words = {origin_of(exec_type, create, stop) for create in CreateType for stop in StopOrderType}
        assert words <= set(Origin)
        if exec_type not in MOVES_POSITION or exec_type not in (
            TRADE, ExecType.BLOCK_TRADE, ExecType.MOVE_POSITION, ExecType.FUTURE_SPREAD,
        ):  # fmt: skip
            assert len(words) == 1


@pytest.mark.parametrize("kind", [ExecType, CreateType, StopOrderType])
def test_a_known_text_is_its_member_and_an_unknown_one_is_kept(kind: Any) -> None:
    for member in kind:
        if member.value != "UNKNOWN":
            assert read_member(kind, member.value) == (member, "")
    assert read_member(kind, "Moon") == (kind.UNKNOWN, f"{kind.__name__}=Moon")


def test_no_stop_order_type_has_two_spellings_and_an_unknown_execution_is_loud_in_the_venues_own_word() -> None:
    assert read_member(StopOrderType, "UNKNOWN") == read_member(StopOrderType, "") == (NONE, "")
    assert read_member(ExecType, "UNKNOWN") == (ExecType.UNKNOWN, "ExecType=UNKNOWN")


def test_only_what_trades_moves_the_position() -> None:
    fill = Fill("e", "o", "", "BTCUSDT", Side.BUY, Price(1), Qty(7), Money(0), is_maker=False, time_ms=0)
    moved = {kind for kind in ExecType if msgspec.structs.replace(fill, exec_type=kind).traded_qty == 7}
    assert moved == MOVES_POSITION
    assert set(ExecType) - moved - PAYS_ONLY == {ExecType.UNKNOWN, ExecType.CORPORATE_ACTION}
