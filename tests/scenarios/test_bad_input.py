"""Bad input from outside: each mistake of a user is one line with its place and a hint, and nothing else is printed.

Black box through the command's own entry: exit code 2, nothing on stdout, nothing written, no traceback. The place is
found by searching the planted text in the file, so the tests hold no line numbers.
"""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from actors.app.cli import main
from tests.oracle.story import EPOCH_MS, MINUTE_MS, Story, card_text, rows_of, write_bars

CARD = card_text(Story(fast=3, slow=5, warmup=6, stop="1", target="2"))
BAR_COUNT = 60
ROOT = Path(__file__).resolve().parents[2]

Cli = Callable[..., tuple[int, str, list[str]]]


@attrs.frozen
class Plant:
    """One fault: `old` in the good text becomes `new`; the problem's line must hold all of `words`."""

    old: str
    new: str
    words: tuple[str, ...] = ()

    def put_into(self, text: str) -> str:
        assert text.count(self.old) == 1, f"{self.old!r} stands {text.count(self.old)} times in the good text"
        return text.replace(self.old, self.new)

    def line_in(self, text: str) -> int:
        """The line of the fault: where `old` stands in the good `text`, counted from 1."""
        return text[: text.index(self.old)].count("\n") + 1


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command; checks what holds for every bad input, gives (code, stdout, lines of stderr)."""

    def run(*argv: object) -> tuple[int, str, list[str]]:
        before = sorted(tmp_path.rglob("*"))
        try:
            code = main([str(word) for word in argv])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        out, err = capsys.readouterr()
        assert sorted(tmp_path.rglob("*")) == before, "something was written"
        assert "Traceback" not in err
        return int(code or 0), out, err.splitlines()

    return run


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.yaml"
    path.write_text(CARD, encoding="utf-8")
    return path


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "bars.csv", rows_of([f"{100 + index % 7}" for index in range(BAR_COUNT)]))


def refused(cli: Cli, *argv: object) -> list[str]:
    """The error lines of a run that must fail by the user's fault."""
    code, out, lines = cli(*argv)
    assert (code, out) == (2, ""), lines
    assert lines, "no word about what is wrong"
    return lines


def test_the_good_card_and_bars_are_accepted(cli: Cli, card: Path, bars: Path) -> None:
    code, out, lines = cli("backtest", card, "--bars", bars, "--json")
    assert code == 0, lines
    assert out.startswith("{")


CARD_PLANTS = {
    "unknown key of a card": Plant("thesis:", "thesys:", ("thesys", "thesis")),
    "unknown key of a feature": Plant("of: close, length: 3", "of: close, lenght: 3", ("lenght", "length")),
    "unknown key of an emit": Plant("stop_loss:", "stop_los:", ("stop_los", "stop_loss")),
    "a word for a number": Plant("warmup: 6", "warmup: six", ("warmup",)),
    "a fraction for a count": Plant("length: 3", "length: 3.5", ("length",)),
    "a text for a list": Plant("blocks:", "blocks: entry\nblocs:", ("blocks",)),
    "a list for a number": Plant("equity: 1000000", "equity: [1]", ("equity",)),
    "a truth value for a number": Plant("length: 3", "length: true", ("length",)),
    "unknown feature": Plant("fast: {use: ema,", "fast: {use: emma,", ("emma", "ema")),
    "unknown source of a feature": Plant("of: close, length: 3", "of: closse, length: 3", ("closse", "close")),
    "undefined name in an expression": Plant(
        "crosses_above(fast, slow)", "crosses_above(fasst, slow)", ("fasst", "fast")
    ),
    "unknown function": Plant("crosses_above(", "crosses_abov(", ("crosses_abov", "crosses_above")),
    "an attribute of python": Plant("position.long and", "fast.__class__ and", ("fast",)),
    "a broken expression": Plant("position.long and", "position.long and and", ()),
    "length of zero": Plant("length: 3", "length: 0", ("length",)),
    "negative length": Plant("length: 3", "length: -3", ("length",)),
    "length longer than the data": Plant("length: 5", f"length: {BAR_COUNT + 1}", (str(BAR_COUNT),)),
    "negative size": Plant("notional: 1000", "notional: -1000", ("notional",)),
    "size of zero": Plant("notional: 1000", "notional: 0", ("notional",)),
    "not a number": Plant("notional: 1000", "notional: .nan", ("notional",)),
    "negative stop": Plant("{percent: 1}", "{percent: -1}", ("percent",)),
    "duplicate block ids": Plant("id: exit", "id: entry", ("entry",)),
    "a feature named like a word of the grammar": Plant("fast: {use", "close: {use", ("close",)),
    "unknown action": Plant("action: exit", "action: exitt", ("exitt", "exit")),
    "unknown symbol": Plant("symbol: BTCUSDT", "symbol: BTCUSDTT", ("BTCUSDT",)),
    "a timeframe that is none": Plant("exec: 1m", "exec: 1x", ("1x",)),
    "a timeframe other than the file's": Plant("exec: 1m", "exec: 5m", ("5m", "1m")),
    "broken YAML": Plant("features:", "features: {", ()),
    "a duplicate key": Plant("thesis:", "id: again\nthesis:", ("id",)),
}
# The place of these is the bars, the instruments or wherever the reader noticed: not the planted line of the card.
PLACED_ELSEWHERE = {"a feature named like a word of the grammar", "unknown symbol", "a timeframe other than the file's"}
PLACED_LATER = {"broken YAML", "a text for a list", "a duplicate key"}


@pytest.mark.parametrize("name", CARD_PLANTS)
def test_a_fault_in_a_card_is_one_line_with_its_place(name: str, cli: Cli, tmp_path: Path, bars: Path) -> None:
    plant = CARD_PLANTS[name]
    text = plant.put_into(CARD)
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    lines = refused(cli, "backtest", path, "--bars", bars, "--out", tmp_path / "out")
    first = lines[0]
    assert all(word in first for word in plant.words), first
    assert "; " in first, f"no hint: {first}"
    if name in PLACED_ELSEWHERE:
        return
    assert first.startswith(f"{path}:"), first
    if name not in PLACED_LATER:
        assert lines[0].startswith(f"{path}:{plant.line_in(CARD)}:"), first
        assert len(lines) == 1, lines


def test_code_in_an_expression_is_refused_and_never_run(cli: Cli, tmp_path: Path, bars: Path) -> None:
    path = tmp_path / "card.yaml"
    for code in (f"__import__('os').mkdir('{tmp_path / 'ran'}')", "(lambda: 1)()", "[x for x in (1,)]", "open('x')"):
        path.write_text(CARD.replace("position.long and", f"{code} and"), encoding="utf-8")
        lines = refused(cli, "backtest", path, "--bars", bars, "--out", tmp_path / "out")
        assert lines[0].startswith(f"{path}:"), lines
        assert "; " in lines[0], lines


FIVE = (
    Plant("thesis:", "thesys:"),
    Plant("length: 3", "length: three"),
    Plant("slow: {use: ema", "slow: {use: emma"),
    Plant("notional: 1000", "notional: -1000"),
    Plant("crosses_below(fast", "crosses_below(quick"),
)


def test_five_planted_errors_print_five_lines(tmp_path: Path, bars: Path) -> None:
    text = CARD
    for plant in FIVE:
        text = plant.put_into(text)
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for command in (["backtest", path, "--bars", bars, "--out", tmp_path / "out"], ["validate", path]):
        done = subprocess.run(
            [sys.executable, "-m", "actors.app.cli", *map(str, command)], cwd=ROOT, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        lines = done.stderr.splitlines()
        assert len(lines) == len(FIVE), lines
        for line, plant in zip(lines, FIVE, strict=True):
            assert line.startswith(f"{path}:{plant.line_in(CARD)}:"), line
            assert "; " in line, line
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("text", ["", "\n# nothing but a comment\n", "[]\n", "a card\n"])
def test_an_empty_card_is_refused(text: str, cli: Cli, card: Path, bars: Path) -> None:
    card.write_text(text, encoding="utf-8")
    lines = refused(cli, "backtest", card, "--bars", bars)
    assert lines[0].startswith(f"{card}"), lines
    assert "; " in lines[0], lines


def test_a_card_of_strange_bytes_is_refused(cli: Cli, card: Path, bars: Path) -> None:
    card.write_bytes(b"id: \xff\xfe\x00\n")
    assert refused(cli, "backtest", card, "--bars", bars)[0].startswith(f"{card}")


def test_missing_files_are_named(cli: Cli, tmp_path: Path, card: Path, bars: Path) -> None:
    gone = tmp_path / "gone"
    assert str(gone) in refused(cli, "backtest", gone, "--bars", bars)[0]
    assert str(gone) in refused(cli, "backtest", card, "--bars", gone)[0]
    assert str(gone) in refused(cli, "backtest", card, "--bars", bars, "--instrument", gone)[0]
    assert str(gone) in refused(cli, "backtest", card, "--bars", bars, "--profile", f"{gone}.toml")[0]
    assert refused(cli, "backtest", tmp_path, "--bars", bars)
    assert refused(cli, "backtest", card, "--bars", tmp_path)


BAD_BAR = 9  # its line is two further: lines count from 1, and the header is the first


def row(index: int, prices: str) -> str:
    """A line of the bars file: the good time of bar `index`, then `prices`."""
    return f"{EPOCH_MS + index * MINUTE_MS},{prices}"


GOOD_ROW = row(BAD_BAR, "102,102,102,102,1")
BAR_PLANTS = {
    "a NaN price": Plant(GOOD_ROW, row(BAD_BAR, "102,nan,102,102,1")),
    "an infinite price": Plant(GOOD_ROW, row(BAD_BAR, "102,inf,102,102,1")),
    "a negative price": Plant(GOOD_ROW, row(BAD_BAR, "102,102,-102,102,1")),
    "a price of zero": Plant(GOOD_ROW, row(BAD_BAR, "102,102,0,102,1")),
    "an empty price": Plant(GOOD_ROW, row(BAD_BAR, "102,,102,102,1")),
    "a word for a price": Plant(GOOD_ROW, row(BAD_BAR, "102,high,102,102,1")),
    "a high below the low": Plant(GOOD_ROW, row(BAD_BAR, "102,101,103,102,1")),
    "a close above the high": Plant(GOOD_ROW, row(BAD_BAR, "102,102,102,103,1")),
    "too few columns": Plant(GOOD_ROW, row(BAD_BAR, "102,102")),
    "a negative volume": Plant(GOOD_ROW, row(BAD_BAR, "102,102,102,102,-1")),
    "a duplicate time": Plant(GOOD_ROW, row(8, "102,102,102,102,1")),
    "an unsorted time": Plant(GOOD_ROW, row(5, "102,102,102,102,1")),
    "a time that is no number": Plant(GOOD_ROW, "noon,102,102,102,102,1"),
    "too many digits": Plant(GOOD_ROW, row(BAD_BAR, "102.0000000000001,103,102,102,1")),
    "a price too large": Plant(GOOD_ROW, row(BAD_BAR, "102,99999999999999999999,102,102,1")),
}


@pytest.mark.parametrize("name", BAR_PLANTS)
def test_a_fault_in_the_bars_is_one_line_with_its_place(name: str, cli: Cli, card: Path, bars: Path) -> None:
    plant = BAR_PLANTS[name]
    text = plant.put_into(bars.read_text(encoding="utf-8"))
    bars.write_text(text, encoding="utf-8")
    lines = refused(cli, "backtest", card, "--bars", bars, "--out", bars.parent / "out")
    assert lines[0].startswith(f"{bars}:{BAD_BAR + 2}:"), lines
    assert "; " in lines[0], lines
    assert len(lines) == 1, lines


def test_every_bad_bar_is_not_a_line_each_when_the_whole_file_is_bad(cli: Cli, card: Path, bars: Path) -> None:
    bars.write_text(bars.read_text(encoding="utf-8").replace(",1\n", ",-1\n"), encoding="utf-8")
    assert len(refused(cli, "backtest", card, "--bars", bars)) <= 21


def test_seconds_for_milliseconds_are_recognised(cli: Cli, card: Path, bars: Path) -> None:
    rows = rows_of(["100"] * BAR_COUNT, start_ms=EPOCH_MS // 1000, step_ms=MINUTE_MS // 1000)
    write_bars(bars, rows)
    lines = refused(cli, "backtest", card, "--bars", bars)
    assert "seconds" in lines[0], lines
    assert lines[0].startswith(f"{bars}:2:"), lines


def test_a_broken_file_is_named(cli: Cli, card: Path, bars: Path) -> None:
    text = bars.read_bytes()
    packed = gzip.compress(text)
    header, _, rest = text.partition(b"\n")
    faults: dict[str, tuple[str, bytes]] = {
        "empty": ("empty.csv", b""),
        "empty gzip": ("empty.csv.gz", b""),
        "header alone": ("header.csv", header + b"\n"),
        "truncated gzip": ("cut.csv.gz", packed[: len(packed) // 2]),
        "truncated by a byte": ("byte.csv.gz", packed[:-1]),
        "no gzip": ("plain.csv.gz", text),
        "a flipped byte": ("flipped.csv.gz", packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]),
        "wrong header": ("wrong.csv", header.replace(b"close", b"last") + b"\n" + rest),
        "no header": ("none.csv", rest),
        "header twice": ("twice.csv", header.replace(b"volume", b"volume,close") + b"\n" + rest),
        "strange bytes": ("bytes.csv", header + b"\n\xff\xfe\x00\n"),
    }
    for name, (file_name, content) in faults.items():
        path = bars.parent / file_name
        path.write_bytes(content)
        lines = refused(cli, "backtest", card, "--bars", path, "--out", bars.parent / "out")
        assert lines[0].startswith(f"{path}"), (name, lines)
        assert "; " in lines[0], (name, lines)


def test_a_file_of_one_bar_is_sound_and_too_short_for_the_card(cli: Cli, card: Path, bars: Path) -> None:
    bars.write_bytes(b"\n".join(bars.read_bytes().split(b"\n")[:2]) + b"\n")
    lines = refused(cli, "backtest", card, "--bars", bars, "--out", bars.parent / "out")
    assert lines[0].startswith(f"{card}:"), lines
    assert "there are 1" in lines[0], lines


def test_wrong_options_are_named(cli: Cli, card: Path, bars: Path) -> None:
    common = ("backtest", card, "--bars", bars)
    for word, options in {
        "sideways": ("--path", "sideways"),
        "features.fasst": ("--set", "features.fasst.length=4"),
        "length": ("--set", "features.fast.length"),
        "yesterday": ("--from", "yesterday"),
        "2031-01-01": ("--from", "2031-01-01"),
        "simulater": ("--profile", "simulater"),
        "demo": ("--profile", "demo"),
        "--bears": ("--bears", "x"),
    }.items():
        lines = refused(cli, *common, *options, "--out", bars.parent / "out")
        assert any(word in line for line in lines), (options, lines)
    assert refused(cli, "backtest", card)
    assert refused(cli, "backtes", card, "--bars", bars)


def test_a_folder_in_use_is_refused_without_force(cli: Cli, card: Path, bars: Path) -> None:
    out = bars.parent / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep", encoding="utf-8")
    lines = refused(cli, "backtest", card, "--bars", bars, "--out", out)
    assert "--force" in lines[0], lines
    assert os.listdir(out) == ["mine.txt"]
