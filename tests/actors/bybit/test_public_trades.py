"""The stream of public trades: prices on the grid, oldest first, block trades left out; anything else is unreadable."""

import json
from typing import Any

import pytest

from actors.bybit.public_trades import TradesStream
from actors.model.streams import MarketTrade, MarketTrades, StreamData, Unreadable
from tests.actors.builders import an_instrument

STREAM = TradesStream({"BTCUSDT": an_instrument()})


def a_row(**changes: Any) -> dict[str, Any]:
    row = {
        "T": 1_000,
        "s": "BTCUSDT",
        "S": "Buy",
        "v": "0.001",
        "p": "60000.10",
        "L": "PlusTick",
        "i": "t-1",
        "BT": False,
    }
    return row | changes


def heard(*rows: dict[str, Any], topic: str = "publicTrade.BTCUSDT") -> Any:
    return STREAM.read(json.dumps({"topic": topic, "type": "snapshot", "ts": 1_001, "data": rows}))


def test_trades_are_told_oldest_first_on_the_grids() -> None:
    told = heard(a_row(T=1_005, p="60000.2", v="1.2345"), a_row())
    trades = (MarketTrade(1_000, 6_000_010, 1), MarketTrade(1_005, 6_000_020, 1_234))  # type: ignore[arg-type]
    assert told == StreamData("publicTrade.BTCUSDT", (MarketTrades("BTCUSDT", trades),))


def test_block_trades_are_left_out() -> None:
    assert heard(a_row(BT=True)) == StreamData("publicTrade.BTCUSDT")


@pytest.mark.parametrize(
    ("changes", "symbol"),
    [({"p": ""}, "BTCUSDT"), ({"p": "60000.105"}, "BTCUSDT"), ({"v": ""}, "BTCUSDT"), ({}, "ETHUSDT")],
    ids=["no price", "off the grid", "no size", "another topic"],
)
def test_what_cannot_be_read_is_no_guess(changes: dict[str, Any], symbol: str) -> None:
    assert isinstance(heard(a_row(**changes), topic=f"publicTrade.{symbol}"), Unreadable)


def test_it_subscribes_to_each_symbol() -> None:
    assert STREAM.topics == ("publicTrade.BTCUSDT",)
