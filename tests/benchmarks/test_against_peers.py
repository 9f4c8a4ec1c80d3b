"""The comparison runs, says what it did not run, and judges its targets; no speed is asserted."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import one_run
from benchmarks.against_peers import Figure, main, table, targets, works
from benchmarks.first_bar import first_bar_times_s
from benchmarks.grid import GridResult, run_grid
from benchmarks.one_run import CASES, measure
from benchmarks.peers import PeerFailed, PeerRun, Peers, Rate
from ideacards.feeds import Bars

SPEAKS = """import json, sys
words = sys.argv[1:]
bars = int(words[words.index("--bars") + 1])
print("noise first")
print(json.dumps({"bars_per_s": 2.0 * bars, "seconds_min": 0.25, "peak_rss_mb": 7.5, "fills": None, "words": words}))
"""


def a_peer(folder: Path, script: str, name: str = "speedy") -> Peers:
    (folder / f"{name}_bench.py").write_text(script, encoding="utf-8")
    return Peers(folder, {name: sys.executable})


def a_run(name: str = "speedy") -> PeerRun:
    return PeerRun(name, name, "A", 1_000, 2, ("--engine", "x"))


@pytest.mark.parametrize("name", list(CASES))
def test_every_case_runs_and_is_the_exact_loop_on_shifted_bars(name: str) -> None:
    said = measure(name, 700, 3)
    assert said["bars"] == 700
    assert isinstance(said["fills"], int)
    assert said["fills"] > 0 or name == "sparse"


def test_a_run_that_is_not_the_loop_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def robbed(bars: Bars, settings: object) -> GridResult:
        result = run_grid(bars, settings)  # type: ignore[arg-type]
        object.__setattr__(result, "final_equity", result.final_equity + 1)
        return result

    monkeypatch.setattr(one_run, "run_grid", robbed)
    with pytest.raises(ValueError, match="c: final equity: the loop has"):
        measure("c", 300, 0)


@pytest.mark.slow
def test_without_peers_ours_is_printed_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rounds", "1", "--divide", "500"])
    out = capsys.readouterr().out
    assert "every_bar 2,000" in out
    assert "A to nautilus: at least 200: not measured" in out
    assert "not run: hftbacktest: no --peers folder" in out


def test_a_script_is_run_where_it_lies_by_its_own_python(tmp_path: Path) -> None:
    rate = a_peer(tmp_path, SPEAKS).measure(a_run())
    assert rate == Rate(median=2_000.0, best=4_000.0, peak_rss_mb=7.5, fills=None)


@pytest.mark.parametrize("script", ["raise SystemExit('planted')", "print('no json')", ""])
def test_a_script_that_breaks_is_told_and_ends_nothing(tmp_path: Path, script: str) -> None:
    with pytest.raises(PeerFailed, match="speedy"):
        a_peer(tmp_path, script).measure(a_run())


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    peers = a_peer(tmp_path, SPEAKS)
    assert peers.missing(a_run()) is None
    assert peers.missing(a_run("other")) == f"no other_bench.py in {tmp_path}"
    assert Peers(tmp_path, {}).missing(a_run()) == "no --py speedy=PYTHON"


def filled(seconds: Callable[[int], float], delivered: int, peer: float | None) -> list[Figure]:
    """Figures as if every work had taken so long."""
    figures = []
    for work in works():
        figure = Figure(work, [seconds(work.bars)], [seconds(work.bars)], [0.1], 300.0, 10, delivered)
        if peer is not None:
            figure.peers = {run.label: [Rate(peer, peer, 1.0, 5)] for run in work.peers}
        figures.append(figure)
    return figures


def test_targets_are_judged_by_the_medians() -> None:
    fast = targets(filled(lambda bars: bars / 2_000_000, 10, 9_000.0), 0.5)
    assert sum("reached" in line for line in fast) == 10
    assert "  A to nautilus: at least 200: 222, reached" in fast
    slow = targets(filled(lambda bars: bars / 50_000, 600_000, 9_000.0), 1.5)
    assert sum("MISSED" in line for line in slow) == 8, "memory is as before, and this peer is slow"


def test_a_ratio_is_ours_to_theirs() -> None:
    lines = table(filled(lambda bars: bars / 100_000, 10, 50_000.0))
    assert sum("ours/theirs 2," in line for line in lines) == sum(len(work.peers) for work in works())


@pytest.mark.slow
def test_the_first_bar_of_a_command_is_timed() -> None:
    (seconds,) = first_bar_times_s(30, 1)
    assert 0 < seconds < 60
