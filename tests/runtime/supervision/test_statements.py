"""The page of promises and the tests that hold them name the same statements; the page's example runs."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
CODE = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "tests/runtime").rglob("test_*.py")))


@pytest.mark.parametrize("family", "SMD")
def test_the_page_and_the_tests_name_the_same_statements(family: str) -> None:
    stated = re.findall(rf"^\| \*\*({family}\d+)\*\* \|", PAGE, re.MULTILINE)
    assert stated == [f"{family}{number}" for number in range(1, len(stated) + 1)]
    named = {name for names in re.findall(rf"def test_((?:{family}\d+_)+)", CODE) for name in names.split("_") if name}
    assert named == {*stated}


def test_every_name_of_the_page_is_there_to_be_imported() -> None:
    rows = re.findall(r"^\| (`runtime\.[^|]*) \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 15
    for modules, names in rows:
        places = [__import__(name, fromlist=["_"]) for name in re.findall(r"`(runtime[.\w]*)`", modules)]
        said = re.findall(
            r"\b(?:[A-Z][A-Z_]{3,}|[A-Z][a-z]+(?:[A-Z][a-z]+)*)\b", "".join(re.findall(r"`[^`]*`", names))
        )
        known = [name for name in said if name not in ("None", "Outcome", "SupervisorCalls")]
        assert [name for name in known if not any(hasattr(place, name) for place in places)] == []


def test_the_pages_example_does_what_it_shows() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/semantics.md", "exec"), names)
    assert names["lives"] == [("a", 2), ("b", 2)]
    assert names["added"] == "c"
    assert names["outcome"].is_clean
    assert names["story"][4:] == [
        *("down a", "stop b", "down b", "start a", "started a", "start b", "started b", "start c", "started c"),
        *("stop c", "down c", "stop b", "down b", "stop a", "down a"),
    ]
