"""Shipped cards through the live stack: it decides, orders and fills as the simulator, at bars of several lengths."""

import json
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of
from ideacards.cards import shipped_cards
from ideacards.loader import load_card
from tests.scenarios.shipped import made_leaders, made_market, run_over

BARS = 120
CARDS = {path.stem: path for path in shipped_cards()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "vwap_fade",
        "dip_ladder",
        "london_breakout",
        "zone_pullback",
        "oversold_in_uptrend",
        "supertrend_strength",
        "ladder_exits",
        "thrust_stop_entry",
        "bitcoin_leads",
    ],
)
def test_a_shipped_card_is_equal_in_the_live_stack(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = CARDS[name]
    card = load_card(path)
    bars = made_market(card.timeframes.exec.text, symbol=card.market.symbol)
    entries = [order for order in run_over(card, path, bars).tape.orders if not order.reduce_only]
    middle = entries[len(entries) // 2]  # both runs begin flat, some bars before it
    start = int(bars.ts_close.searchsorted(middle.decided_ms)) - BARS // 3
    market = tmp_path / "bars.csv"
    market.write_text(csv_of(bars), encoding="utf-8")
    files = ["--bars", str(market)]
    for symbol, led_by in made_leaders(card).items():
        (tmp_path / f"{symbol}.csv").write_text(csv_of(led_by), encoding="utf-8")
        files += ["--bars", f"{symbol}={tmp_path / symbol}.csv"]
    words = ["--from", str(bars.ts_open[start]), "--to", str(bars.ts_open[start + BARS]), "--latency", "20", "--json"]
    code = main(["rehearse", str(path), *files, *words])
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["first_difference"] is None, told.err
    assert code == 0
    assert found["bars"] == BARS
    assert min(found["orders"], found["fills"]) > 0
