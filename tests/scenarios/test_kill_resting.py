"""Kill any actor at any message while a resting entry expires or follows its price, or a ladder is at work.

As for exits: every such run ends in the fills of the unkilled one, or names what was lost or late.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from actors.app.results.taping import DECISION_LOST
from actors.app.runs.simulation import RunFailed
from tests.oracle.engine import EngineRun, run_card
from tests.oracle.resting_loop import RestingStory, resting_card, tell_resting
from tests.oracle.story import Row, write_bars
from tests.oracle.test_exits_loop import differences
from tests.scenarios.test_kill_anything import Killer
from tests.scenarios.test_kill_exits import STOPS_THE_RUN, bar_of, waves

pytestmark = pytest.mark.slow

STORIES = {
    "follows and expires": RestingStory((("1", "close", -3),), follow_ticks=2, expires=("bars", 3), time_stop=2),
    "until a condition": RestingStory((("1", "close", -5),), expires=("when", "falls"), time_stop=2),
    "a ladder that follows": RestingStory(
        (("2", "close", -2), ("1", "close", -6), ("1", "close", -40)), is_ladder=True, follow_ticks=4, time_stop=2
    ),
}
TICKS = [0, 3, 8, 3, 9, 14, 10, 4, -4, -9, -5, 2, 9, 4, 12, 7]


def market() -> list[Row]:
    return waves(TICKS)


def run(story: RestingStory, folder: Path, killer: Any = None) -> EngineRun | None:
    bars = write_bars(folder / "bars.csv", market())
    try:
        return run_card(folder, bars, resting_card(story), path=story.path, fault=killer)
    except RunFailed:
        return None


@pytest.mark.parametrize("name", STORIES)
def test_every_kill_leaves_the_fills_of_the_unkilled_run_or_names_what_was_lost(name: str, tmp_path: Path) -> None:
    story, counter = STORIES[name], Killer(0)
    unkilled = run(story, tmp_path, counter)
    assert unkilled is not None
    assert differences(tell_resting(market(), story), unkilled) == []
    assert len(unkilled.fills) > 2
    harmed = Counter[str]()
    for number in range(1, counter.count + 1):
        killer = Killer(number)
        ended = run(story, tmp_path, killer)
        hit = killer.hit
        assert hit is not None
        if not hit[2] or hit[0] in STOPS_THE_RUN:
            continue
        assert ended is not None, f"{hit} stopped the run"
        harmed["killed"] += 1
        if ended.fills == unkilled.fills:
            continue
        where = f"{hit[0]} killed at {hit[1]}"
        if lost := frozenset(bar_of(row.time_ms) for row in ended.tape.refusals if row.code == DECISION_LOST):
            assert ended.fills == tell_resting(market(), story, lost).fills, where
            harmed["lost"] += 1
        elif hit[1] == "AmendOrder":  # the venue never heard of it: the next close asks again
            alone = [tell_resting(market(), story, frozenset({bar})).fills for bar in range(len(TICKS))]
            assert ended.fills in alone, where
        else:
            assert hit[1] == "SubmitOrder", where
            harmed["late"] += 1
    assert harmed["killed"] > 50
    assert harmed["lost"] > 5
