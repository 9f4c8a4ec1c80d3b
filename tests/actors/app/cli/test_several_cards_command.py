"""`backtest CARD CARD` from outside: changes to one card or all, files of each symbol, both paths, bars that differ."""

import json
import shlex
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of
from tests.actors.app.cli.accounts import SYMBOLS, Account, bars_of, said_alone

FILES = ("sub-bars", "trades", "quotes", "mark", "index", "funding", "status")
MINUTE_MS = 60_000


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account.made_in(tmp_path)


def alone(account: Account, name: str, symbol: str, capsys: pytest.CaptureFixture[str], *words: object) -> dict:  # type: ignore[type-arg]
    assert (
        main(["backtest", str(account.card(name)), "--bars", str(account.bars(symbol)), "--json", *map(str, words)])
        == 0
    )
    found: dict = json.loads(capsys.readouterr().out)  # type: ignore[type-arg]
    return found


def test_set_changes_the_named_card_or_all_and_is_in_each_cards_digest(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--set", "features.slow.length=12", "--set", "two:features.fast.length=4")
    both = account.result(capsys, *words)
    one = alone(account, "one", "BTCUSDT", capsys, "--set", "features.slow.length=12")
    two = alone(
        account, "two", "ETHUSDT", capsys, "--set", "features.slow.length=12", "--set", "features.fast.length=4"
    )
    assert [card["card_digest"] for card in both["cards"]] == [one["card_digest"], two["card_digest"]]
    assert [card["final_equity"] for card in both["cards"]] == [one["final_equity"], two["final_equity"]]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("features.fats.length=4", "features.fats.length: unknown path: no card has it; one: no `fats` here"),
        ("three:warmup=4", "three:warmup: no card has the id `three`"),
        ("two:features.fats.length=4", "two:features.fats: unknown path: no `fats` here; did you mean `fast`?"),
        ("two:features.fast.lenght=4", "two:features.fast.lenght: unknown key `lenght`; did you mean `length`?"),
        ("two:features.fast.length=x", "two:features.fast.length: expected"),
        ("warmup", "warmup: expected PATH=VALUE or CARD_ID:PATH=VALUE"),
    ],
)
def test_a_wrong_set_names_the_card(account: Account, capsys: pytest.CaptureFixture[str], word: str, said: str) -> None:
    assert account.refusal(capsys, "--set", word).startswith(f"--set: {said}")


def test_a_path_that_one_card_has_changes_that_card_alone(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """A new feature takes the card's id; from then on its paths are that card's."""
    plain = account.result(capsys)
    new = "features.third={use: ema, of: close, length: 3}"
    assert "features.third: unknown path: no card has it" in account.refusal(capsys, "--set", new)
    changed = account.result(capsys, "--set", f"two:{new}", "--set", "features.third.length=4")
    before, after = ([card["card_digest"] for card in found["cards"]] for found in (plain, changed))
    assert before[0] == after[0]
    assert before[1] != after[1]


@pytest.mark.parametrize("option", FILES)
def test_a_file_without_its_symbol_names_the_fix(
    account: Account, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    said = account.refusal(capsys, f"--{option}", "x.csv")
    assert f"--{option}: 'x.csv' does not say of which symbol; the cards trade BTCUSDT, ETHUSDT" in said
    assert said.endswith(f"give --{option} BTCUSDT=x.csv")
    assert "no card trades SOLUSDT" in account.refusal(capsys, f"--{option}", "SOLUSDT=x.csv")
    assert "BTCUSDT is given twice" in account.refusal(
        capsys, f"--{option}", "BTCUSDT=x.csv", f"--{option}", "BTCUSDT=y.csv"
    )
    assert "x.csv" in account.refusal(capsys, f"--{option}", f"ETHUSDT={account.folder / 'x.csv'}")


def contents(symbol: str) -> dict[str, str]:
    """A file for each option, of the symbol's own prices."""
    bars = bars_of(symbol)
    opens, closes = bars.ts_open.tolist(), bars.close.tolist()
    return {
        "quotes": "\n".join(
            [
                "ts_ms,bid,ask",
                *(f"{at},{close - 1:.1f},{close + 1:.1f}" for at, close in zip(opens, closes, strict=True)),
            ]
        ),
        "trades": "\n".join(["ts_ms,price", *(f"{at},{close:.1f}" for at, close in zip(opens, closes, strict=True))]),
        "mark": csv_of(bars),
        "index": csv_of(bars),
        "funding": "\n".join(
            ["ts_ms,rate", *(f"{at},0.0001" for at in range(opens[0], opens[-1] + 480 * MINUTE_MS, 30 * MINUTE_MS))]
        ),
        "status": f"ts_ms,status\n{opens[50]},closing_only",
    }


@pytest.mark.parametrize("option", ["trades", "quotes", "mark", "index", "funding", "status"])
def test_a_file_is_of_its_symbol_alone(account: Account, capsys: pytest.CaptureFixture[str], option: str) -> None:
    """The other card trades as it does alone, and this one as it does alone with the file."""
    file = account.folder / f"{option}.csv"
    file.write_text(contents("ETHUSDT")[option] + "\n", encoding="utf-8")
    both = account.result(capsys, f"--{option}", f"ETHUSDT={file}")
    one = alone(account, "one", "BTCUSDT", capsys)
    two = alone(account, "two", "ETHUSDT", capsys, f"--{option}", file)
    for found, wanted in zip(both["cards"], (one, two), strict=True):
        keys = ("final_equity", "fees", "funding", "fills", "refusals", "not_modelled")
        assert {key: found[key] for key in keys} == {key: wanted[key] for key in keys}
    assert [file["option"] for file in both["cards"][1]["files"]] == ["CARD", "--bars", f"--{option}"]
    assert both["cards"][0]["settings"]["flags"][option.replace("-", "_")] == f"ETHUSDT={file}"


def test_one_card_takes_its_file_with_and_without_the_symbol(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    file = account.folder / "quotes.csv"
    file.write_text(contents("BTCUSDT")["quotes"] + "\n", encoding="utf-8")
    plain = alone(account, "one", "BTCUSDT", capsys, "--quotes", file)
    paired = alone(account, "one", "BTCUSDT", capsys, "--quotes", f"BTCUSDT={file}")
    assert plain["output_digest"] == paired["output_digest"]
    assert plain["settings"]["flags"] == {"quotes": str(file)}


def test_finer_bars_of_each_symbol(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for symbol, name in zip(SYMBOLS, ("one", "two"), strict=True):
        text = account.card(name).read_text(encoding="utf-8")
        account.card(name).write_text(text.replace("exec: 1m", "exec: 5m"), encoding="utf-8")
        fine = bars_of(symbol)
        (account.folder / f"fine-{symbol}.csv").write_text(csv_of(fine), encoding="utf-8")
        account.bars(symbol).write_text(five_minutes(fine), encoding="utf-8")
    words = [word for symbol in SYMBOLS for word in ("--sub-bars", f"{symbol}={account.folder / f'fine-{symbol}.csv'}")]
    both = account.result(capsys, *words)
    for card, (name, symbol) in zip(both["cards"], (("one", "BTCUSDT"), ("two", "ETHUSDT")), strict=True):
        found = alone(account, name, symbol, capsys, "--sub-bars", account.folder / f"fine-{symbol}.csv")
        assert (card["final_equity"], card["fills"]) == (found["final_equity"], found["fills"])
        assert card["fills"] > 0


def five_minutes(bars: object) -> str:
    lines = csv_of(bars).splitlines()  # type: ignore[arg-type]
    rows = [line.split(",") for line in lines[1:]]
    made = [lines[0]]
    for at in range(0, len(rows) - 4, 5):
        five = rows[at : at + 5]
        high, low = max(float(row[2]) for row in five), min(float(row[3]) for row in five)
        made.append(f"{five[0][0]},{five[0][1]},{high},{low},{five[-1][4]},1.0")
    return "\n".join(made) + "\n"


def test_ambiguity_gives_the_interval_of_the_account_and_the_bars_of_each_card(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    found = account.result(capsys, "--ambiguity")["ambiguity"]
    for name, end in (("pessimistic", found["pessimistic"]), ("optimistic", found["optimistic"])):
        chosen = account.result(capsys, "--path", name)
        assert chosen["account"]["final_equity"] == end
        assert [card["final_equity"] for card in chosen["cards"]] == [card[name] for card in found["cards"]]
    assert float(found["pessimistic"]) < float(found["optimistic"])
    assert [(card["card"], card["symbol"]) for card in found["cards"]] == [("one", "BTCUSDT"), ("two", "ETHUSDT")]
    for card, (name, symbol) in zip(found["cards"], (("one", "BTCUSDT"), ("two", "ETHUSDT")), strict=True):
        single = alone(account, name, symbol, capsys, "--ambiguity")["ambiguity"]
        assert {key: card[key] for key in single} == single, "with money enough each hangs on what it hangs on alone"
    assert any(card["bars"] for card in found["cards"])


def test_ambiguity_is_told_to_people_and_goes_without_a_chosen_path(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("--ambiguity") == 0
    out = capsys.readouterr().out
    assert "final equity from " in out
    assert "card two (ETHUSDT): gained from " in out
    said = account.refusal(capsys, "--ambiguity", "--path", "pessimistic", "--journal", account.journal)
    assert "leave --path out" in said
    assert not account.journal.exists()


def test_bars_that_end_earlier_than_the_others_are_refused_with_the_way_out(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.bars("ETHUSDT").write_text(csv_of(bars_of("ETHUSDT", 390)), encoding="utf-8")
    said = account.refusal(capsys)
    assert "its bars of ETHUSDT end at 2024-01-01T06:30, others at 2024-01-01T06:40" in said
    assert account.result(capsys, "--to", "2024-01-01T06:30")["account"]["fills"] > 0


def test_a_symbol_that_is_delisted_may_end_earlier(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    bars = bars_of("ETHUSDT", 200)
    account.bars("ETHUSDT").write_text(csv_of(bars), encoding="utf-8")
    status = account.folder / "status.csv"
    status.write_text(f"ts_ms,status\n{int(bars.ts_close[-1]) - MINUTE_MS},delisted\n", encoding="utf-8")
    found = account.result(capsys, "--status", f"ETHUSDT={status}")
    alone_found = alone(account, "one", "BTCUSDT", capsys)
    assert found["cards"][0]["final_equity"] == alone_found["final_equity"]
    assert found["cards"][1]["bars"] == 200


def test_a_range_that_leaves_one_symbol_without_bars_names_its_file(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    later = csv_of(bars_of("ETHUSDT")).splitlines()
    account.bars("ETHUSDT").write_text("\n".join([later[0], *later[300:]]) + "\n", encoding="utf-8")
    assert "leaves no bars of ETHUSDT.csv" in account.refusal(capsys, "--to", "2024-01-01T02:00")


def test_two_cards_of_one_symbol_by_set_are_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["backtest", str(account.card("one")), str(account.card("two")), "--set", "two:market.symbol=BTCUSDT"]
    assert main([*words, "--bars", f"BTCUSDT={account.bars('BTCUSDT')}"]) == 2
    assert "the net position of a symbol cannot be shared" in said_alone(capsys)


def test_no_name_and_no_amount_is_cut_however_narrow_the_screen(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        text = account.card(name).read_text(encoding="utf-8")
        text = text.replace(f"id: {name}", f"id: {name * 21}").replace("equity: 100000", "equity: 100000000000")
        account.card(name).write_text(text, encoding="utf-8")
    assert account.run() == 0
    out = capsys.readouterr().out
    assert "\N{HORIZONTAL ELLIPSIS}" not in out
    assert all(f"{name * 21} " in out for name in ("one", "two"))
    assert "100,000,000,000.00" in out


def test_the_index_shows_the_account_and_links_each_report_which_says_it_is_one_of_several(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    out = account.folder / "out"
    found = account.result(capsys, "--out", out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<polyline points=" in page
    assert f"{float(found['account']['final_equity']):,.2f}" in page
    for name, symbol in zip(("one", "two"), SYMBOLS, strict=True):
        assert f'<a href="{name}/report.html">{name}</a></td><td>{symbol}</td>' in page
        report = (out / name / "report.html").read_text(encoding="utf-8")
        assert "One of several cards in one account" in report
    assert "http" not in page.replace("http-equiv", "")


def test_the_command_of_the_result_makes_the_run_again(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    file = account.folder / "quotes.csv"
    file.write_text(contents("ETHUSDT")["quotes"] + "\n", encoding="utf-8")
    first = account.result(capsys, "--quotes", f"ETHUSDT={file}", "--set", "two:features.fast.length=4")
    _, *again = shlex.split(first["cards"][1]["command"])
    assert main([*again, "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["account"]["output_digest"] == first["account"]["output_digest"]
    assert second["cards"][0]["command"] == first["cards"][0]["command"]
