"""Real signals at chosen moments of a command: the exit code names the signal, and no partial output is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.app.cli import main
from actors.app.runs.synthetic import csv_of, synthetic_bars
from runtime.kernel.kernel import Kernel

ROOT = Path(__file__).resolve().parents[4]
CARD = ROOT / "ideacards" / "cards" / "ema_cross.yaml"
CODES = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]


@pytest.fixture(autouse=True)
def signals_as_a_shell_leaves_them() -> Iterator[None]:
    """What starts the tests may ignore SIGINT, as `nohup` and `&` do, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    file = tmp_path / "bars.csv"
    file.write_text(csv_of(synthetic_bars(3, 300)), encoding="utf-8")
    return file


def then_signal(which: signal.Signals) -> Callable[..., Any]:
    def stop(*args: object, **options: object) -> None:
        os.kill(os.getpid(), which)

    return stop


@pytest.mark.parametrize(("which", "code", "word"), CODES)
@pytest.mark.parametrize("target", ["actors.app.runs.backtesting.load_card", "actors.app.cli.showing.report_page"])
def test_a_signal_ends_the_command_with_its_code_and_no_folder(
    target: str,
    which: signal.Signals,
    code: int,
    word: str,
    bars: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(target, then_signal(which))
    before = signal.getsignal(which)
    assert main(["backtest", str(CARD), "--bars", str(bars), "--out", str(bars.parent / "out")]) == code
    assert capsys.readouterr() == ("", f"{word}\n")
    assert [path.name for path in bars.parent.iterdir()] == ["bars.csv"]
    assert signal.getsignal(which) is before


@pytest.mark.parametrize(("which", "code", "word"), CODES)
def test_a_signal_inside_an_actors_handler_is_no_error_of_ours(
    which: signal.Signals,
    code: int,
    word: str,
    bars: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The kernel takes what a handler raises for a crash and stops the tree: it must not come out as exit code 1."""
    calls = iter(range(10_000))

    def stop_once(*args: object) -> bool:
        if next(calls) == 100:
            os.kill(os.getpid(), which)
        return False

    init = Kernel.__init__

    def with_fault(self: Kernel, tree: Any, recorder: Any, seed: int, fault: Any, **options: Any) -> None:
        init(self, tree, recorder, seed, stop_once, **options)

    monkeypatch.setattr(Kernel, "__init__", with_fault)
    assert main(["backtest", str(CARD), "--bars", str(bars)]) == code
    assert capsys.readouterr() == ("", f"{word}\n")


def test_a_reader_who_leaves_early_is_no_error_of_ours() -> None:
    command = [sys.executable, "-m", "actors.app.cli", "schema"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
