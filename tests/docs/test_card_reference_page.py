"""The card reference is what the definitions print, and says something of each key and name, and of no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ideacards.expressions.calls import NUMBER_CALLS, TRUTH_CALLS
from ideacards.indicators.registry import INDICATORS
from ideacards.loading.structuring import key_of
from ideacards.loading.written import FEATURES
from ideacards.meanings import FACTS, FEATURE_KEYS, FUNCTIONS, KEYS, TITLES
from ideacards.reference import names_of_conditions, reference_page, written_classes
from ideacards.schema import card_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
CALLS = {*TRUTH_CALLS, *NUMBER_CALLS}


def keys_of(schema: Any) -> Iterator[str]:
    """Every key that a mapping of the schema may have."""
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            yield name
            yield from keys_of(part)
        for name, part in schema.items():
            if name != "properties":
                yield from keys_of(part)
    if isinstance(schema, list):
        for part in schema:
            yield from keys_of(part)


def test_the_page_is_the_printed_one() -> None:
    assert (DOCS / "card-reference.md").read_text("utf-8") == reference_page()


@pytest.mark.parametrize("kind", written_classes(), ids=lambda kind: kind.__name__)
def test_each_key_of_a_class_has_its_meaning(kind: type) -> None:
    assert set(KEYS[kind.__name__]) == {key_of(field) for field in attrs.fields(kind)}
    assert f"## {TITLES[kind.__name__]}\n" in reference_page()


def test_no_meaning_is_of_something_that_is_gone() -> None:
    assert set(KEYS) == set(TITLES) == {kind.__name__ for kind in written_classes()}
    assert set(FUNCTIONS) == CALLS
    assert set(FACTS) == set(names_of_conditions()) - CALLS
    assert all(form.startswith(f"{name}(") for name, (form, _) in FUNCTIONS.items())


def test_the_keys_that_all_kinds_share_are_explained() -> None:
    own = {name: {param.name for param in kind.params} for name, kind in INDICATORS.items()}
    shared = {key_of(field) for name, kind in FEATURES.items() for field in attrs.fields(kind)}
    assert set(FEATURE_KEYS) == shared - set().union(*own.values())


def test_it_names_every_key_of_the_schema() -> None:
    page = reference_page()
    assert {key for key in keys_of(card_schema()) if f"`{key}`" not in page} <= {"all", "any", "not", "exec"}
    assert all(f"`{name}`" in page for name in ("exec", *INDICATORS))


def test_the_guide_names_the_page() -> None:
    assert "(card-reference.md)" in (DOCS / "cards.md").read_text("utf-8")
