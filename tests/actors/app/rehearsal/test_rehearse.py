"""`rehearse` from outside: the shipped cards are equal in the live stack and in the simulator, and a tick is seen."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.cli import main
from actors.app.rehearsal import rehearsing
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.settings import config_dir
from tests.ideacards.builders import a_card_text
from tests.ideacards.led import LED_PARTS

ROOT = Path(__file__).resolve().parents[4]
CARDS = ROOT / "ideacards" / "cards"
# What makes each trade within a few hours of the made market.
OFTEN = {
    "ema_cross": (),
    "band_reversion": (
        "features.band.length=10",
        "features.band.multiplier=0.5",
        "blocks.bid.cases.0.when=position.flat and close > band.lower",
    ),
    "channel_breakout": (
        "features.top.length=5",
        "features.floor.length=5",
        "blocks.breakout.cases.0.when=position.flat and close > top[1]",
        "blocks.breakout.cases.1.when=position.flat and close < floor[1]",
        *(
            f"blocks.breakout.cases.{case}.emit.{level}.percent=0.05"
            for case in (0, 1)
            for level in ("stop_loss", "take_profit")
        ),
    ),
    "trend_three_frames": (
        "timeframes.mtf=2m",
        "timeframes.htf=4m",
        "features.pace.length=1",
        "blocks.entry.cases.0.when=position.flat and crosses_above(pace, 0)",
        "blocks.entry.cases.1.when=position.flat and crosses_below(pace, 0)",
    ),
}
BARS = 150


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("market") / "bars.csv"
    file.write_text(csv_of(synthetic_bars(5, 1_200 + BARS)), encoding="utf-8")
    return file


def rehearsed(
    capsys: pytest.CaptureFixture[str], card: str, market: Path, *words: str, often: bool = True
) -> tuple[int, dict[str, Any]]:
    start_ms = 1_704_067_200_000 + 1_200 * 60_000
    sets = [word for one in (OFTEN[card] if often else ()) for word in ("--set", one)]
    capsys.readouterr()
    code = main(
        [
            "rehearse",
            str(CARDS / f"{card}.yaml"),
            "--bars",
            str(market),
            "--from",
            str(start_ms),
            "--json",
            *sets,
            *words,
        ]
    )
    told = capsys.readouterr()
    assert told.out, told.err
    found: dict[str, Any] = json.loads(told.out)
    return code, found


def check_equal(code: int, found: dict[str, Any]) -> None:
    assert found["first_difference"] is None
    assert code == 0
    assert (found["intents_equal"], found["orders_equal"], found["fills_equal"]) == (True, True, True)
    assert set(found["differences"].values()) == {0}
    assert found["bars"] == BARS
    assert min(found["decisions"], found["orders"], found["fills"]) > 3
    assert min(found["rest_bytes"], found["public_bytes"], found["private_bytes"]) > 1_000


def test_a_rehearsal_is_equal_and_its_journal_replays(
    capsys: pytest.CaptureFixture[str], market: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    check_equal(*rehearsed(capsys, "channel_breakout", market, "--latency", "20", "--journal", str(journal)))
    assert main(["replay", str(journal)]) == 0
    assert "no divergence" in capsys.readouterr().out
    again = ["rehearse", str(CARDS / "channel_breakout.yaml"), "--bars", str(market), "--journal", str(journal)]
    assert main(again) == 2
    told = capsys.readouterr().err
    assert told == f"{journal}: holds an earlier run; give a new folder to --journal, or delete this one\n"


def test_a_changed_card_diverges_at_a_named_decision(
    capsys: pytest.CaptureFixture[str], market: Path, tmp_path: Path
) -> None:
    card, journal = tmp_path / "card.yaml", tmp_path / "journal"
    text = (CARDS / "ema_cross.yaml").read_text(encoding="utf-8")
    card.write_text(text, encoding="utf-8")
    start = str(1_704_067_200_000 + 1_200 * 60_000)
    words = ["--bars", str(market), "--from", start, "--json", "--journal", str(journal)]
    assert main(["rehearse", str(card), *words]) == 0
    card.write_text(text.replace("length: 12", "length: 9"), encoding="utf-8")
    assert main(["replay", str(journal)]) == 2
    assert "give it with --card" in capsys.readouterr().err
    assert main(["replay", str(journal), "--card", str(card)]) == 1
    assert "strategies/ema_cross" in capsys.readouterr().err


def test_a_tick_at_the_exchange_is_a_difference(
    capsys: pytest.CaptureFixture[str], market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exchange fills by another profile than the simulator: a taker pays one tick more."""
    other = tmp_path / "other.toml"
    text = (config_dir() / "simulator.toml").read_text(encoding="utf-8")
    other.write_text(text.replace('slippage = "0"  ', 'slippage = "1"  '), encoding="utf-8")
    plan = rehearsing._exchange_plan
    monkeypatch.setattr(
        rehearsing, "_exchange_plan", lambda run, job: attrs.evolve(plan(run, job), matching=str(other))
    )
    code, found = rehearsed(capsys, "ema_cross", market, often=False)
    assert code == 1
    assert (found["intents_equal"], found["fills_equal"]) == (True, False)
    assert found["differences"]["fill"] == found["fills"] > 0
    assert found["first_difference"]["kind"] == "fill"


@pytest.mark.slow
@pytest.mark.parametrize("latency", ["0", "20"])
@pytest.mark.parametrize("card", OFTEN)
def test_every_shipped_card_is_equal(capsys: pytest.CaptureFixture[str], market: Path, card: str, latency: str) -> None:
    check_equal(*rehearsed(capsys, card, market, "--latency", latency))


def test_a_latency_that_varies_is_refused(capsys: pytest.CaptureFixture[str], market: Path) -> None:
    words = ["--bars", str(market), "--latency", "uniform:10:30"]
    assert main(["rehearse", str(CARDS / "ema_cross.yaml"), *words]) == 2
    assert "a rehearsal needs latencies that do not vary" in capsys.readouterr().err


def led_words(folder: Path, count: int, *, late_ms: int = 0) -> list[str]:
    """A card that trades ETHUSDT led by BTCUSDT, and bars of both; the leader's begin so much later."""
    card, own, leader = (folder / name for name in ("led.yaml", "own.csv", "leader.csv"))
    account = "account: {equity: 1000000}"
    card.write_text(a_card_text(**(LED_PARTS | {"account": account})), encoding="utf-8")
    own.write_text(csv_of(synthetic_bars(5, 1_200 + count)), encoding="utf-8")
    bars = synthetic_bars(6, 1_200 + count)
    bars = bars.part(int(bars.ts_open.searchsorted(bars.ts_open[0] + late_ms)), len(bars))
    leader.write_text(csv_of(bars), encoding="utf-8")
    start = str(1_704_067_200_000 + 1_200 * 60_000)
    files = ["--bars", str(own), "--bars", f"BTCUSDT={leader}"]
    return ["rehearse", str(card), *files, "--from", start, "--json"]


@pytest.mark.parametrize("latency", [pytest.param("0", marks=pytest.mark.slow), "20"])
def test_a_card_with_a_leader_is_equal_and_its_journal_replays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, latency: str
) -> None:
    journal = tmp_path / "journal"
    code = main([*led_words(tmp_path, 60), "--latency", latency, "--journal", str(journal)])
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["first_difference"] is None, told.err
    assert code == 0
    assert min(found["decisions"], found["orders"], found["fills"]) > 3
    assert main(["replay", str(journal)]) == 0
    assert "no divergence" in capsys.readouterr().out


def test_a_leader_without_a_bar_before_the_start_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(led_words(tmp_path, 60, late_ms=1_210 * 60_000)) == 2
    assert "the leader BTCUSDT has no bar before it; start later" in capsys.readouterr().err
