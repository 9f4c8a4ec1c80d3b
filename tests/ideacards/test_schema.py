"""The printed schema agrees with the loader: valid cards pass it, cards of a wrong shape do not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ideacards.cards import shipped_cards
from ideacards.indicators.registry import INDICATORS
from ideacards.schema import card_schema
from tests.ideacards.builders import a_card_text, faults_of
from tests.ideacards.led import LED_PARTS
from tests.ideacards.test_bad_cards import FAULTS, bought

SCHEMA = card_schema()
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": int | float}
KNOWN = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "minItems",
    "enum",
    "const",
}
KNOWN |= {"pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "$ref"}
KNOWN |= {
    "maxItems",
    "uniqueItems",
    "dependentRequired",
    "oneOf",
    "anyOf",
    "minProperties",
    "maxProperties",
    "default",
    "$schema",
    "$defs",
    "title",
}


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """Enough of a validator for the words that the schema uses; it knows no others."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return conforms(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    for words, counts in (("oneOf", (1,)), ("anyOf", (1, 2, 3))):
        if words in schema and sum(conforms(value, each) for each in schema[words]) not in counts:
            return False
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    if isinstance(value, dict):
        return _object_conforms(value, schema)
    if isinstance(value, list):
        is_long = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9)
        if schema.get("uniqueItems", False) and any(each in value[:place] for place, each in enumerate(value)):
            return False
        return is_long and all(conforms(each, schema.get("items", {})) for each in value)
    if isinstance(value, str):
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9)
        return fits and re.search(schema.get("pattern", ""), value) is not None
    return bool(
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and schema.get("exclusiveMinimum", value - 1) < value < schema.get("exclusiveMaximum", value + 1)
    )


def _object_conforms(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", 10**9):
        return False
    if any(key not in value for key in schema.get("required", ())):
        return False
    needed = schema.get("dependentRequired", {})
    if any(other not in value for key in value for other in needed.get(key, ())):
        return False
    if any(not conforms(key, schema.get("propertyNames", {})) for key in value):
        return False
    for key, each in value.items():
        rule = known.get(key, others)
        if rule is False or (rule is not True and not conforms(each, rule)):
            return False
    return True


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_every_shipped_card_conforms(path: Path) -> None:
    assert conforms(plain(path.read_text(encoding="utf-8")), SCHEMA)


def test_the_small_card_and_a_full_entry_conform() -> None:
    order = "order: {type: limit, price: {ref: fast, offset_ticks: -3}}"
    text = a_card_text(blocks=bought(f"{order}, stop_loss: {{percent: 1}}, add: true"))
    assert faults_of(text) == []
    assert conforms(plain(text), SCHEMA)


EXITS = "targets: [{ticks: 3, fraction: 0.5}], trail: {percent: 1, activation: {ticks: 2}}, break_even: {at_target: 1}"


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        (f'stop_loss: {{ticks: 3}}, {EXITS}, time_stop: {{bars: 2}}, session_end: "21:55"', True),
        ("stop_loss: {atr: {feature: fast, multiple: 2}}, take_profit: {price: slow}, under_minimum: skip", True),
        (EXITS, False),
        ("stop_loss: {ticks: 3, percent: 1}", False),
        ("stop_loss: {}", False),
        ("targets: []", False),
        ("targets: [{ticks: 3}]", False),
        ("stop_loss: {ticks: 3}, break_even: {}", False),
        ("stop_loss: {ticks: 3}, trail: {activation: {ticks: 3}}", False),
        ("time_stop: {bars: 0}", False),
        ('session_end: "25:00"', False),
        ("max_layers: 0", False),
    ],
)
def test_exits_are_accepted_and_rejected_like_the_loader_does(text: str, is_right: bool) -> None:
    card = a_card_text(blocks=bought(text))
    assert (faults_of(card) == []) is is_right
    assert conforms(plain(card), SCHEMA) is is_right


# Faults that need the whole card, an expression's inside, or the text itself: the loader's alone.
OF_THE_LOADER = """
a cycle; a feature of itself; an unknown source; a source with; a source on; an output that; a timeframe that the card
averages; a slower; a long's; a short's; a market order; a limit order; two offsets; a price of; an entry at; a block id
an anchor; a tag; a merge key; a key twice; a second document; old YAML; broken YAML; a control; a list as a key
too many digits; far too; a feature named; a feature that is a word; infinity; a grouped number
"""
STARTS = tuple(part.strip() for line in OF_THE_LOADER.split("\n") for part in line.split(";") if part.strip())


@pytest.mark.parametrize("name", [name for name in FAULTS if not name.startswith(STARTS)])
def test_a_fault_of_shape_is_against_the_schema_too(name: str) -> None:
    assert not conforms(plain(a_card_text(**FAULTS[name].parts)), SCHEMA)


@pytest.mark.parametrize(
    "leaders", ["BTCUSDT", "[]", "[btc]", "[BTCUSDT, BTCUSDT]", "[1]", f"[{', '.join('ABCDEFGHIJK')}]"]
)
def test_leaders_that_the_loader_refuses_are_against_the_schema_too(leaders: str) -> None:
    text = a_card_text(**(LED_PARTS | {"leaders": f"leaders: {leaders}"}))
    assert faults_of(text)
    assert not conforms(plain(text), SCHEMA)
    assert conforms(plain(a_card_text(**LED_PARTS)), SCHEMA)


def test_every_indicator_and_each_of_its_parameters_stands_in_it() -> None:
    expression, own, *kinds = SCHEMA["$defs"]["feature"]["oneOf"]
    assert expression["type"] == "string"
    assert "python:" in own["properties"]["use"]["pattern"]
    features = {each["properties"]["use"]["enum"][0]: each for each in kinds}
    assert list(features) == list(INDICATORS)
    for name, indicator in INDICATORS.items():
        common = {"use", "timeframe", "symbol", "fresh", "history", *indicator.sources}
        assert set(features[name]["properties"]) == common | {param.name for param in indicator.params}
        needed = {param.name for param in indicator.params if param.default is None}
        assert set(features[name]["required"]) == {"use"} | needed | ({"with"} & set(indicator.sources))


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
