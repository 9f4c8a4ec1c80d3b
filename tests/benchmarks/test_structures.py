"""The benchmark of the structures runs and names every kind; no speed is asserted."""

import pytest

from benchmarks import structures
from ideacards.indicators.registry import FAMILIES


@pytest.mark.slow
def test_each_kind_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    structures.main(["--bars", "3000", "--rounds", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:18].strip() for line in lines] == [*FAMILIES["structures"], "ten of them"]
