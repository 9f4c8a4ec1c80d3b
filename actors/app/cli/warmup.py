"""`warmup CARD --bars FILE`: how many bars of history each feature needs until more of them move it no further."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from actors.app.cli.consoles import screen
from actors.app.tools.inputs import load_with_bars
from actors.app.tools.warmup import CLOSENESS, Movement, ladder, movements_of
from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.readiness import bars_to_be_ready

__all__ = ["run"]


def run(
    card: Path,
    /,
    *,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
) -> int:
    """Tell how many bars of history each feature needs until more of them move its last value no further.

    :param card: The card's file.
    :param bars: The bars, as for `backtest`; the more, the better the answer.
    :param set_: PATH=VALUE on the card, as for `backtest`.
    """
    loaded, rows = load_with_bars(card, bars, set_)
    count = len(rows.own)
    steps = ladder(count)
    if not steps:
        raise InputError([Problem(bars[0], None, None, "", f"{count} bars are too few", "give more than 10")])
    movements = movements_of(loaded, rows.own, steps, rows.leaders)
    table = Table(title=f"{loaded.id}: last value of each feature, by bars of history", title_justify="left")
    for name in ("feature", "timeframe", f"over all {count:,} bars", "known from"):
        table.add_column(name, no_wrap=True)
    for closeness in CLOSENESS:
        table.add_column(f"within {closeness:g}" if closeness else "the same", justify="right", no_wrap=True)
    for each in movements:
        table.add_row(*_cells(each, steps))
    console = screen()
    console.width = max(console.width, console.measure(table, options=console.options.update(max_width=1_000)).maximum)
    console.print(table, crop=False)
    console.print(f"ready after {bars_to_be_ready(loaded):,} bars at most", highlight=False, soft_wrap=True)
    return 0


def _cells(each: Movement, steps: tuple[int, ...]) -> tuple[str, ...]:
    known = next((bars for bars, value in zip(steps, each.values, strict=True) if value is not None), None)
    last = "unknown" if each.last is None else f"{each.last:.10g}"
    settled = [each.settled_from(closeness, steps) for closeness in CLOSENESS]
    shown = [
        "more" if each.last is not None and bars is None else "-" if bars is None else f"{bars:,}" for bars in settled
    ]
    return (each.name, each.timeframe, last, "-" if known is None else f"{known:,}", *shown)
