"""Engine against loop on random small markets: fill for fill, fee for fee, to the last digit of equity."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.oracle.engine import differences, run_rows
from tests.oracle.story import Row, Story
from tests.oracle.straight_loop import tell
from tests.scenarios.markets import markets, stories


@pytest.mark.slow
@given(rows=markets(), story=stories(), data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_any_small_market_gives_the_loops_story(rows: list[Row], story: Story, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from([0, 0, len(rows) // 2]), label="start")
    oracle = tell(rows, story, start=start)
    event(f"fills: {min(len(oracle.fills), 4)}{'+' if len(oracle.fills) > 4 else ''}")
    with tempfile.TemporaryDirectory() as folder:
        engine = run_rows(Path(folder), rows, story, start=start)
    assert differences(oracle, engine) == []
