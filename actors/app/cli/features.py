"""`features CARD --bars FILE --out FILE`: every feature of a card over bars, as a CSV or Parquet file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.cli.consoles import aside
from actors.app.files.whole_file import check_new, write_file
from actors.app.tools.inputs import load_with_bars
from actors.app.tools.values import table_of, writer_for

__all__ = ["run"]


def run(
    card: Path,
    /,
    *,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    out: Path,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    force: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Write every feature of a card over bars: a column for each output, a row a bar, empty where it is unknown.

    :param card: The card's file.
    :param bars: The bars, as for `backtest`.
    :param out: A new file that ends in .csv or .parquet (which needs pyarrow).
    :param set_: PATH=VALUE on the card, as for `backtest`.
    :param force: Replace the file if it is there.
    """
    write = writer_for(out)
    check_new(out, "--out", is_forced=force)
    loaded, rows = load_with_bars(card, bars, set_)
    table = table_of(loaded, rows.own, rows.leaders)
    write_file(out, "--out", lambda file: write(table, file))
    aside().print(f"{len(rows.own):,} bars, {len(table.columns)} columns: {out}", highlight=False, soft_wrap=True)
    return 0
