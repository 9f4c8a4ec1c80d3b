"""The benchmarks' bars are the published ones, and the benchmarks run; no speed is asserted."""

import pytest

from benchmarks.bars import checksum, make_bars
from benchmarks.workload_a import compare, main


@pytest.mark.parametrize(("count", "digits"), [(100_000, "36825e0c102a89e6"), (1_000_000, "593a7d4798b30e6a")])
def test_the_bars_have_the_published_checksum(count: int, digits: str) -> None:
    assert checksum(make_bars(count)) == digits


def test_workload_a_runs_and_agrees_with_the_bare_loop(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--bars", "2000", "--rounds", "1"])
    assert "ratio" in capsys.readouterr().out


def test_a_disagreement_stops_the_benchmark() -> None:
    with pytest.raises(ValueError, match="fills: engine 3, bare loop 4"):
        compare(3, 4, "fills")
