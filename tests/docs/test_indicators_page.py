"""The page of the kinds of features is what the registry prints, and says something of each."""

from pathlib import Path

from ideacards.indicators.page import indicators_page
from ideacards.indicators.registry import FAMILIES, INDICATORS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_the_printed_one() -> None:
    assert (DOCS / "indicators.md").read_text("utf-8") == indicators_page()


def test_it_has_a_section_for_each_kind() -> None:
    sections = [line.removeprefix("### ") for line in indicators_page().splitlines() if line.startswith("### ")]
    kinds = [name for family in FAMILIES.values() for name in family]
    assert sections == kinds == list(INDICATORS)


def test_the_cards_page_names_every_family_and_the_page() -> None:
    page = (DOCS / "cards.md").read_text("utf-8")
    assert "indicators.md" in page
    assert all(f"`{use}`" in page for use in INDICATORS)
