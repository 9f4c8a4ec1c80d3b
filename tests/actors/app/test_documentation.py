"""The docs name everything that a result holds: keys, columns, metrics."""

from pathlib import Path

from actors.app.results.result import build_result
from actors.app.results.scoring.catalog import METRICS
from actors.app.results.tables import EQUITY_COLUMNS, FILL_COLUMNS, ORDER_COLUMNS
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from ideacards.loader import load_card
from tests.actors.builders import a_market, an_instrument

ROOT = Path(__file__).resolve().parents[3]
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_every_key_of_the_result_is_documented() -> None:
    card = load_card(ROOT / "ideacards" / "cards" / "ema_cross.yaml")
    tape = run_backtest(card, a_market([(100, 101, 99, 100)] * 40), an_instrument(), load_settings())
    found = build_result(tape, data_digest="", card_digest="").object
    assert [key for key in found if f"`{key}`" not in RESULTS] == []


def test_every_column_is_documented() -> None:
    columns = (*ORDER_COLUMNS, *FILL_COLUMNS, *EQUITY_COLUMNS)
    assert [column for column in columns if f"`{column}`" not in RESULTS] == []


def test_every_metric_has_its_formula() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [metric.label for metric in METRICS if f"| {metric.label} |" not in text] == []
