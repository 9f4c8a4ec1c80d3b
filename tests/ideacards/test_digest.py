"""A card's digest: the same for every way of writing the same card, another for any other card."""

import pytest

from ideacards.cards import shipped_cards
from ideacards.loader import card_digest, load_card
from tests.ideacards.builders import PARTS, a_card

SAME = {
    "a comment": {"thesis": "# a comment"},
    "a default written out": {"account": "account: {leverage: 1, equity: 1000}"},
    "another way to write a number": {"account": "account: {equity: 1.000e3, leverage: 1.0}"},
    "another order of features": {
        "features": "features:\n  slow: {length: 4, use: ema, of: close}\n  fast: {use: ema, length: 2, seed: first}"
    },
    "block style": {"market": "market:\n  symbol: BTCUSDT\n\n  venue: 'bybit'\n  category: linear"},
    "blanks and parentheses": {"blocks": PARTS["blocks"].replace("fast > slow", "'  ((fast)   >slow) '")},
    "a lag of zero": {"blocks": PARTS["blocks"].replace("fast > slow", "fast[0] > slow")},
}
OTHER = {
    "a length": {"features": PARTS["features"].replace("4", "5")},
    "an operator": {"blocks": PARTS["blocks"].replace(">", ">=")},
    "a constant's last digit": {"blocks": PARTS["blocks"].replace("slow", "0.100000000001")},
    "an action": {"blocks": PARTS["blocks"].replace("enter_long", "enter_short")},
    "a thesis": {"thesis": "thesis: another"},
    "a warm-up": {"warmup": "warmup: 0"},
    "the order of blocks": {
        "blocks": "blocks:\n- id: leave\n  cases: [{when: fast < slow, emit: {action: exit}}]\n"
        + PARTS["blocks"].partition("\n")[2]
    },
}


@pytest.mark.parametrize("name", SAME)
def test_writing_it_otherwise_changes_nothing(name: str) -> None:
    assert card_digest(a_card(**SAME[name])) == card_digest(a_card())


def test_every_other_card_has_another_digest() -> None:
    digests = [card_digest(a_card(**parts)) for parts in OTHER.values()]
    assert len({card_digest(a_card()), *digests}) == len(OTHER) + 1


def test_an_override_changes_it_as_editing_the_card_would() -> None:
    edited = a_card(features=PARTS["features"].replace("length: 4", "length: 5"))
    assert card_digest(a_card(["features.slow.length=5"])) == card_digest(edited) != card_digest(a_card())


def test_it_is_the_same_on_every_python_and_machine() -> None:
    (path,) = [path for path in shipped_cards() if path.stem == "ema_cross"]
    assert card_digest(load_card(path)) == "8cd07c08aa9d183e992f37a16fd6e9e0"
