"""The pieces of docs/cookbook.md, and the cards that they make: each put into the page's first card."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

__all__ = ["PAGE", "Piece", "base_card", "completed", "pieces"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cookbook.md"
_MERGED = ("features", "parameters", "sessions", "timeframes")
_ENTRY = "entry"


@attrs.frozen
class Piece:
    """A title, and the YAML under it."""

    title: str
    text: str


def pieces() -> list[Piece]:
    """Every piece of the page, in order; ValueError for a title without exactly one."""
    found = []
    for section in re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = section.partition("\n")
        texts = _fenced(rest)
        if len(texts) != 1:
            raise ValueError(f"{title}: {len(texts)} pieces")
        found.append(Piece(title, texts[0]))
    return found


def base_card() -> str:
    """The text of the card into which the pieces are put."""
    return _fenced(PAGE.read_text("utf-8"))[0]


def completed(piece: str) -> str:
    """The text of the card with the piece put into it, by the rules that the page states."""
    card, part = _read(base_card()), _read(piece)
    for key, value in part.items():
        if key in _MERGED:
            card.setdefault(key, {}).update(value)
        elif key == "blocks":
            _put_blocks(card["blocks"], value)
        elif key not in ("when", "emit"):
            card[key] = value
    (entry,) = [block for block in card["blocks"] if block["id"] == _ENTRY]
    entry["cases"][0].update({key: part[key] for key in ("when", "emit") if key in part})
    return _written(card)


def _put_blocks(blocks: list[Any], given: list[Any]) -> None:
    places = {block["id"]: place for place, block in enumerate(blocks)}
    for block in given:
        if block["id"] in places:
            blocks[places[block["id"]]] = block
        else:
            blocks.append(block)


def _fenced(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML().load(text)  # round trip: 0.1 and 08:00 stay as they are written
    return found


def _written(card: dict[str, Any]) -> str:
    out = StringIO()
    YAML().dump(card, out)
    return out.getvalue()
