"""The code of docs/testing.md runs as it stands, in the order of the page."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def test_every_piece_of_code_runs() -> None:
    pieces = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(pieces) == 5
    names: dict[str, Any] = {}
    for number, piece in enumerate(pieces):
        exec(compile(piece, f"docs/testing.md, piece {number + 1}", "exec"), names)


def test_the_page_names_all_that_the_kit_offers() -> None:
    from runtime import testing

    told = set(re.findall(r"\w+", PAGE))
    left_out = {"DiskDied", "Filling", "PlanError", "Planned", "RunReport", "Seeded", "Shrunk"}
    assert {name for name in testing.__all__ if name not in told} <= left_out
