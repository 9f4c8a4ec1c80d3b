"""`backtest CARD… --bars SYMBOL=FILE …`: which bars are whose, what is refused, and what the account sums to."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.symbol_files import BarFiles, bars_by_card
from actors.model.errors import InputError
from tests.actors.app.files.bar_files import a_file, lines_of

CARD = """id: {id}
thesis: Above the last close in, below it out.
market: {{venue: bybit, category: linear, symbol: {symbol}}}
timeframes: {{exec: 1m}}
account: {{equity: {equity}, leverage: 1}}
blocks:
  - id: entry
    cases:
      - when: position.flat and close > close[1]
        emit: {{action: enter_long, size: {{notional: 1000}}}}
"""


def cards(folder: Path, *symbols: str, equity: str = "100000", ids: tuple[str, ...] = ()) -> tuple[Path, ...]:
    made = []
    for number, symbol in enumerate(symbols):
        path = folder / f"card{number}.yaml"
        name = ids[number] if ids else f"c{number}"
        money = equity if number == 0 else "100000"
        path.write_text(CARD.format(id=name, symbol=symbol, equity=money), encoding="utf-8")
        made.append(path)
    return tuple(made)


def refusal(folder: Path, words: list[str], *symbols: str) -> str:
    with pytest.raises(InputError) as caught:
        bars_by_card(cards(folder, *symbols), words)
    return str(caught.value)


def test_each_card_has_the_bars_of_its_symbol_and_one_card_needs_no_name(tmp_path: Path) -> None:
    two = cards(tmp_path, "BTCUSDT", "ETHUSDT")
    both = [BarFiles(Path("b=1.csv")), BarFiles(Path("e.csv"))]
    assert bars_by_card(two, ["ETHUSDT=e.csv", "BTCUSDT=b=1.csv"]) == both
    assert bars_by_card(two[:1], ["b.csv"]) == [BarFiles(Path("b.csv"))]
    assert bars_by_card(two[:1], ["BTCUSDT=b.csv"]) == [BarFiles(Path("b.csv"))]
    odd = tmp_path / "x=y.csv"
    odd.touch()
    assert bars_by_card(two[:1], [str(odd)]) == [BarFiles(odd)], "a file may have the sign in its name"


@pytest.mark.parametrize(
    ("words", "symbols", "said"),
    [
        (["BTCUSDT=a", "ETHUSDT=b"], ("BTCUSDT", "BTCUSDT"), "so does"),
        (["BTCUSDT=a"], ("BTCUSDT", "ETHUSDT"), "there are no bars of ETHUSDT"),
        (["BTCUSDT=a", "ETHUSDT=b", "SOLUSDT=c"], ("BTCUSDT", "ETHUSDT"), "no card trades SOLUSDT"),
        (["BTCUSDT=a", "BTCUSDT=b"], ("BTCUSDT", "ETHUSDT"), "BTCUSDT is given twice"),
        (["a.csv", "ETHUSDT=b"], ("BTCUSDT", "ETHUSDT"), "does not say of which symbol"),
        (["ETHUSDT=b"], ("BTCUSDT",), "no card trades ETHUSDT"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, words: list[str], symbols: tuple[str, ...], said: str) -> None:
    assert said in refusal(tmp_path, words, *symbols)


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str, **changes: object) -> tuple[int, str, str]:
    bars = a_file(tmp_path, lines_of(30))
    two = cards(tmp_path, "BTCUSDT", "ETHUSDT", **changes)  # type: ignore[arg-type]
    words = ["backtest", *map(str, two), "--bars", f"BTCUSDT={bars}", "--bars", f"ETHUSDT={bars}", *options]
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"equity": "5000"}, "they share one account"), ({"ids": ("same", "same")}, "another card's too")],
)
def test_cards_that_mean_different_accounts_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    code, out, err = run(tmp_path, capsys, **changes)
    assert (code, out) == (2, "")
    assert said in err


def test_the_account_is_the_sum_of_its_cards_and_each_has_its_own_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    code, out, _ = run(tmp_path, capsys, "--json", "--out", str(folder))
    assert code == 0
    found = json.loads(out)
    total, start = found["account"], Decimal(100_000)
    gained = sum(Decimal(card["final_equity"]) - start for card in found["cards"])
    assert Decimal(total["final_equity"]) == start + gained
    assert gained != 0
    assert total["fills"] == sum(card["fills"] for card in found["cards"]) == 2
    assert {card["output_digest"] for card in found["cards"]} == {total["output_digest"]}
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == found
    for card in ("c0", "c1"):
        assert (folder / card / "report.html").is_file()
        assert f"{card}/report.html" in (folder / "index.html").read_text(encoding="utf-8")
    last = (folder / "equity.csv").read_text(encoding="utf-8").splitlines()[-1]
    assert Decimal(last.split(",")[1]) == Decimal(total["final_equity"])
    assert f"ETHUSDT={tmp_path}" in found["cards"][0]["command"]


def test_an_earlier_account_is_replaced_with_force_and_nothing_else_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert run(tmp_path, capsys, "--out", str(folder))[0] == 0
    assert run(tmp_path, capsys, "--out", str(folder))[0] == 2
    assert run(tmp_path, capsys, "--out", str(folder), "--force")[0] == 0
    (folder / "mine.txt").touch()
    assert run(tmp_path, capsys, "--out", str(folder), "--force")[0] == 2
