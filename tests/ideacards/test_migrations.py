"""A card of an older schema is rewritten step by step; comments and layout stay, and the loader reads the result."""

import pytest

from ideacards.errors import CardError
from ideacards.loader import card_digest, read_card
from ideacards.loading import migrations
from ideacards.loading.migrations import Edit, migrated, version_of
from ideacards.loading.tree import MapNode
from tests.ideacards.builders import a_card_text, faults_of

OLD = """\
# My card, of long ago.
name: probe   # was its id
market: {venue: bybit, category: linear, symbol: BTCUSDT}
schema: -2
timeframes: {exec: 1m}
account: {cash: 1000}
features:
  fast: {use: average, length: 2}   # a comment that stays
  slow: {use: average, length: 4}
blocks:
- id: entry
  cases:
  - when: fast > slow
    emit: {action: enter_long, size: {quantity: 1}}
""".replace("schema: -2\n", "schema: 0\n")


def renamed(node: MapNode, old: str, new: str) -> list[Edit]:
    return [Edit(node.key_places[old], old, new)] if old in node else []


def zero_to_one(root: MapNode) -> list[Edit]:
    """The made older version: `name` was the id, and every `average` an sma."""
    edits = renamed(root, "name", "id")
    features = root["features"]
    assert isinstance(features, MapNode)
    for feature in features.values():
        assert isinstance(feature, MapNode)
        edits.append(Edit(feature["use"].place, "average", "sma"))
    return edits


def one_to_two(root: MapNode) -> list[Edit]:
    account = root["account"]
    assert isinstance(account, MapNode)
    return renamed(account, "cash", "equity")


STEPS = {0: zero_to_one, 1: one_to_two}


def test_an_older_card_is_rewritten_step_by_step_with_its_comments() -> None:
    expected = OLD.replace("name: probe", "id: probe").replace("average", "sma").replace("cash", "equity")
    assert migrated(OLD, "old.yaml", 2, STEPS) == expected.replace("schema: 0", "schema: 2")
    assert migrated(OLD, "old.yaml", 1, STEPS).splitlines()[3] == "schema: 1"
    assert read_card(expected.replace("schema: 0", "schema: 1"), "old.yaml").features[0].use == "sma"


@pytest.mark.parametrize("first", ["# a comment\n", "---\n", ""])
def test_a_card_that_does_not_say_is_of_version_one_and_says_it_afterwards(first: str) -> None:
    text = first + a_card_text(account="account: {cash: 1000}")
    assert version_of(text, "x.yaml") == 1
    assert migrated(text, "x.yaml", 2, STEPS) == first + "schema: 2\n" + a_card_text()


def test_a_card_in_braces_says_it_inside_them() -> None:
    assert migrated("{id: x, account: {cash: 1}}", "x.yaml", 2, STEPS) == "{schema: 2, id: x, account: {equity: 1}}"


def test_the_newest_is_left_as_it_is() -> None:
    text = a_card_text(schema="schema: 1")
    assert migrated(text, "x.yaml") == text
    assert migrated(a_card_text(), "x.yaml") == a_card_text()


def test_the_version_is_no_part_of_what_a_card_means() -> None:
    with_it, without = (read_card(a_card_text(schema=text), "x.yaml") for text in ("schema: 1", ""))
    assert card_digest(with_it) == card_digest(without)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema: 0", "schema: schema 0 is older than 1; `coldframe migrate CARD` rewrites it"),
        ("schema: 7", "schema: schema 7 is not known; this program reads schema 1: a newer Coldframe wrote the card"),
        ("schema: new", "schema: expected a whole number, found the text `new`; write it like 12"),
        ("schema: 1.5", "schema: expected a whole number, found the number 1.5; write it like 12"),
    ],
)
def test_the_loader_reads_the_newest_alone_and_names_nothing_else(text: str, said: str) -> None:
    (line,) = faults_of(a_card_text(schema=text, market="", blocks="blocks: 3"))
    assert line.endswith(said)


@pytest.mark.parametrize(
    ("text", "newest", "said"),
    [
        ("id: x\nschema: 3\n", 2, "x.yaml:2:9: schema: schema 3 is newer than 2; a newer Coldframe wrote the card"),
        ("id: x\nschema: -1\n", 2, "out of range"),
        ("id: x\nschema: 2\n", 4, "there is no migration from schema 2"),
        ("id: x\n", 9, "there is no migration from schema 2"),
        ("schema: [1]\n", 2, "expected a whole number, found a list"),
        ("- 1\n", 2, "expected a card, found a list"),
        ("", 2, "expected a card, found nothing"),
    ],
)
def test_where_there_is_no_way_it_says_so(text: str, newest: int, said: str) -> None:
    steps = {0: zero_to_one, 1: lambda root: []}
    with pytest.raises(CardError) as caught:
        migrated(text, "x.yaml", newest, steps)
    assert said in caught.value.problems[0].text()


def test_an_edit_of_another_text_is_our_error() -> None:
    with pytest.raises(ValueError, match="does not have `name` at column 1"):
        migrated("id: x\n", "x.yaml", 2, {1: lambda root: [Edit(root.key_places["id"], "name", "id")]})


def test_every_version_up_to_the_newest_has_a_migration() -> None:
    assert list(migrations.MIGRATIONS) == list(range(migrations.FIRST_SCHEMA, migrations.NEWEST_SCHEMA))
