"""`replay FILE`: replays a journaled run, compares every output, and reports the first difference."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.live.journal import LIVE
from actors.app.live.replaying import replay_live
from actors.app.runs.recorded import RecordedRun
from actors.app.runs.replaying import replay_file

__all__ = ["run"]

_MOVED = Parameter(negative=(), show_default=False)


def run(
    file: Path,
    /,
    *,
    card: Annotated[tuple[str, ...], _MOVED] = (),
    bars: Annotated[tuple[str, ...], _MOVED] = (),
    run: int | None = None,
) -> int:
    """Run a journal's run again and compare everything that goes out.

    :param file: The journal of `backtest`, `rehearse` or `run`.
    :param card: The card's file, if it has moved; of several cards CARD_ID=FILE. Of a live run it may be changed.
    :param bars: The bars' file of a back-test, if it has moved; of several cards SYMBOL=FILE.
    :param run: Which run of the journal, the first is 1; the last if not given.
    """
    recorded = RecordedRun(file, run)
    is_live = recorded.header.get("kind") == LIVE
    replayed = replay_live(file, recorded, card) if is_live else replay_file(file, card, bars, run)
    report = replayed.report
    which = f"run {replayed.run} of {replayed.run_count}: " if replayed.run_count > 1 else ""
    counts = f"{report.inputs:,} inputs fed, {report.outputs:,} outputs compared, {report.handled:,} messages handled"
    if report.divergence is not None:
        whose = f"{replayed.whose}: " if replayed.whose else ""
        print(f"{file}: {whose}diverges at {report.divergence}", file=sys.stderr)
        print(f"{which}diverged after {counts}")
        return 1
    print(f"{which}no divergence: {counts}")
    if not replayed.has_ended:
        print("the run has no orderly end in the journal; what it holds was had again")
    return 0
