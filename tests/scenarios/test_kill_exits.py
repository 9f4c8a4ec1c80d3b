"""Kill any actor at any message while a ladder, a trailing stop, a moved stop or a time stop is at work.

The handler of one message runs, then raises, and nothing it did is released. Every such run ends in the fills of the
unkilled one, or names what was lost or late; and no position is ever left without the exits that its entry stated.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actors.app import names
from actors.app.results.taping import DECISION_LOST
from actors.app.runs.simulation import RunFailed
from actors.protection.guard import PositionGuard
from tests.oracle.engine import EngineRun, run_card
from tests.oracle.exits_loop import ExitStory, exit_card, tell_exits
from tests.oracle.story import MINUTE_MS, Row, rows_of, write_bars
from tests.oracle.test_exits_loop import differences
from tests.scenarios.test_kill_anything import Killer

pytestmark = pytest.mark.slow

STOPS_THE_RUN = (names.JOURNAL, names.VENUE)
STORIES = {
    "ladder": ExitStory(
        stop=("ticks", "20"), targets=((("ticks", "6"), "0.5"), (("ticks", "12"), "0.3")), even_target=1, even_ticks=2
    ),
    "trail": ExitStory(stop=("ticks", "30"), trail=("ticks", "9"), activation=("ticks", "5")),
    "break-even and time": ExitStory(stop=("ticks", "12"), even_r="0.5", time_stop=6),
    "along": ExitStory(is_short=True, stop=("ticks", "30"), trail=("price", "high3")),
}
TICKS = [0, 3, 8, 14, 10, 4, -4, -9, -5, 2, 9, 16, 12, 7, 12, 20, 28, 33, 24, 15, 9, 3, 8, 15, 6, -3, -8]


def waves(ticks: Sequence[int]) -> list[Row]:
    """Bars that close so many ticks from 100, with short wicks."""
    closes = [100 + tick / 10 for tick in ticks]
    bars = []
    for before, close in zip([closes[0], *closes], closes, strict=False):
        bars.append(f"{before:.1f} {max(before, close) + 0.1:.1f} {min(before, close) - 0.1:.1f} {close:.1f}")
    return rows_of(bars)


def market() -> list[Row]:
    """Targets are met, stops are moved, and the price comes back to them."""
    return waves(TICKS)


def bar_of(time_ms: int) -> int:
    """The bar of any waves that closed at this time."""
    return (time_ms - waves([0])[0][0]) // MINUTE_MS - 1


def run(story: ExitStory, folder: Path, killer: Any = None) -> EngineRun | None:
    bars = write_bars(folder / "bars.csv", market())
    try:
        return run_card(folder, bars, exit_card(story), path=story.path, fault=killer)
    except RunFailed:
        return None


def kills(story: ExitStory, folder: Path) -> list[tuple[Any, EngineRun | None]]:
    """(who was hit, the run), of every message that is handled after the tree is up."""
    counter = Killer(0)
    run(story, folder, counter)
    found = []
    for number in range(1, counter.count + 1):
        killer = Killer(number)
        ended = run(story, folder, killer)
        assert killer.hit is not None
        if killer.hit[2] and killer.hit[0] not in STOPS_THE_RUN:
            found.append((killer.hit, ended))
    return found


@pytest.mark.parametrize("name", STORIES)
def test_every_kill_leaves_the_fills_of_the_unkilled_run_or_names_what_was_lost(name: str, tmp_path: Path) -> None:
    story = STORIES[name]
    unkilled = run(story, tmp_path)
    assert unkilled is not None
    assert differences(tell_exits(market(), story), unkilled) == []
    harmed = Counter[str]()
    all_kills = kills(story, tmp_path)
    assert len(all_kills) > 50
    for hit, ended in all_kills:
        assert ended is not None, f"{hit} stopped the run"
        if ended.fills == unkilled.fills:
            continue
        where = f"{hit[0]} killed at {hit[1]}"
        if lost := frozenset(bar_of(row.time_ms) for row in ended.tape.refusals if row.code == DECISION_LOST):
            assert ended.fills == tell_exits(market(), story, lost).fills, where
            harmed["lost"] += 1
        else:
            assert [order for order in ended.tape.orders if order.reason == "late"], where
            assert hit[1] == "SubmitOrder", where
            harmed["late"] += 1
    assert harmed["lost"] > 1
    assert harmed["late"] > 0


def test_a_guard_that_forgets_a_moved_stop_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: levels are measured from the entry alone."""
    story = STORIES["ladder"]
    unkilled = run(story, tmp_path)
    assert unkilled is not None
    levels = PositionGuard._levels

    def forgetful(self: PositionGuard, entry: Any, fill_price: Any) -> Any:
        entry.stop_at = None
        return levels(self, entry, fill_price)

    monkeypatch.setattr(PositionGuard, "_levels", forgetful)
    planted = run(story, tmp_path)
    assert planted is not None
    assert planted.fills != unkilled.fills
