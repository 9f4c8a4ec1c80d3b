"""Paged answers as Bybit gives them; the cursor is the number of the last row shown."""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["EXECUTIONS_A_PAGE", "ORDERS_A_PAGE", "page_of"]

Row = TypeVar("Row")

# The venue's largest pages.
ORDERS_A_PAGE = 50
EXECUTIONS_A_PAGE = 100


def page_of(
    rows: Sequence[Row], cursor: str, number_of: Callable[[Row], int], most: int
) -> tuple[tuple[Row, ...], str]:
    """At most `most` rows after `cursor` (empty: from the first), and the cursor of the next page (empty: no more).

    Rows are sorted by number; numbers do not change when other rows come or go.
    """
    after = int(cursor) if cursor.isdecimal() else 0
    left = [row for row in rows if number_of(row) > after] if after else rows
    shown = tuple(left[:most])
    return shown, str(number_of(shown[-1])) if len(left) > most else ""
