"""`migrate CARD`: the card in the newest schema, printed or written."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.files.whole_file import write_file
from ideacards.loader import read_card
from ideacards.loading.files import text_of
from ideacards.loading.migrations import NEWEST_SCHEMA, migrated, version_of

__all__ = ["run"]


def run(card: Path, /, *, write: Annotated[bool, Parameter(negative=(), show_default=False)] = False) -> int:
    """Print a card in the newest schema; comments and layout stay.

    :param card: The card's file.
    :param write: Replace the file instead of printing.
    """
    text = text_of(card, "a card")
    version = version_of(text, str(card))
    newest = migrated(text, str(card))
    read_card(newest, str(card))
    told = "nothing to change" if newest == text else f"from schema {version}"
    print(f"{card}: schema {NEWEST_SCHEMA}, {told}", file=sys.stderr)
    if not write:
        print(newest, end="")
    elif newest != text:
        write_file(card, "CARD", lambda place: place.write_text(newest, encoding="utf-8"))
    return 0
