"""Every feature of a card over bars as one table: a column for each output, a row for each exec bar.

A slower feature stands on the exec axis as conditions see it: its value changes at the exec bar at which its bar
closes. An unknown value is an empty cell.
"""

import csv
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from actors.app.compiling import tell_compiling
from actors.model.errors import InputError
from ideacards.bars import FloatArray, IntArray, blocks_of
from ideacards.card import Card
from ideacards.errors import Problem
from ideacards.feeds import NO_LEADERS, Bars, Feeds

__all__ = ["FeatureTable", "table_of", "writer_for"]

TIME = "ts_ms"


@attrs.frozen(eq=False)
class FeatureTable:
    """`times` are the opens of the exec bars (UTC ms); each column has a float a bar, NaN for unknown."""

    times: IntArray
    columns: dict[str, FloatArray]


def table_of(card: Card, bars: Bars, leaders: Mapping[str, Bars] = NO_LEADERS) -> FeatureTable:
    """Every output of every feature, in card order."""
    tell_compiling((card,))
    feeds = Feeds.build(card, bars, leaders)
    names = [name for feature in card.features for name in feature.column_names.values()]
    return FeatureTable(bars.ts_open, {name: feeds.column(name) for name in names})


def writer_for(file: Path) -> Callable[[FeatureTable, Path], None]:
    """The writer for a file's ending, `.csv` or `.parquet`; InputError for another, or without pyarrow for Parquet."""
    if file.suffix == ".csv":
        return _write_csv
    if file.suffix != ".parquet":
        what = f"ends in `{file.suffix}`" if file.suffix else "has no ending"
        raise InputError([Problem("--out", None, None, str(file), what, "give a file that ends in .csv or .parquet")])
    try:
        import_module("pyarrow.parquet")
    except ImportError:
        hint = "install it (`pip install pyarrow`), or give a file that ends in .csv"
        raise InputError([Problem("--out", None, None, str(file), "Parquet needs pyarrow", hint)]) from None
    return _write_parquet


def _write_csv(table: FeatureTable, file: Path) -> None:
    """Numbers as their shortest texts, which read back as the same floats."""
    columns = list(table.columns.values())
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow((TIME, *table.columns))
        for first, stop in blocks_of(0, len(table.times)):
            cells = [_texts(column[first:stop]) for column in columns]
            writer.writerows(zip(table.times[first:stop].tolist(), *cells, strict=True))


def _texts(values: FloatArray) -> list[Any]:
    return [value if value == value else "" for value in values.tolist()]


def _write_parquet(table: FeatureTable, file: Path) -> None:
    """int64 times and float64 columns; unknown is null."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    columns = {name: arrow.array(values, mask=np.isnan(values)) for name, values in table.columns.items()}
    parquet.write_table(arrow.table({TIME: arrow.array(table.times), **columns}), str(file))
