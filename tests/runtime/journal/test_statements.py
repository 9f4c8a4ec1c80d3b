"""Every statement of docs/journal.md is held by a test that names it, and no test names one that is not there."""

import re
from pathlib import Path

from runtime.journal.format import HEADER_BYTES, MARK, PAYLOAD_BYTES, RECORD_BYTES, VERSION
from runtime.journal.log import LogLimits

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_and_the_tests_name_the_same_statements() -> None:
    stated = re.findall(r"^\| \*\*(J\d+)\*\*", (ROOT / "docs" / "journal.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == [f"J{number}" for number in range(1, len(stated) + 1)]
    files = [*(ROOT / "tests" / "runtime").rglob("test_*.py"), ROOT / "tests/actors/app/cli/test_journal_command.py"]
    named = set()
    for file in files:
        for name in re.findall(r"def test_((?:j\d+_)+)", file.read_text(encoding="utf-8")):
            named.update(name.upper().strip("_").split("_"))
    assert sorted(named) == sorted(stated)


def test_the_page_has_the_numbers_of_the_format() -> None:
    page = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    assert f"## Format, version {VERSION}" in page
    assert f"**Segment header**, {HEADER_BYTES} bytes" in page
    assert f"`{MARK.hex(' ').upper()}`" in page
    assert f"at most {PAYLOAD_BYTES >> 20} MiB" in page
    assert f"| {RECORD_BYTES} | rest | kind, payload" in page
    assert f"of {LogLimits().segment_bytes >> 20} MiB" in page
