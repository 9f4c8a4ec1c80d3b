"""Every piece of the cookbook makes a card that validates, trades, and trades otherwise than the card without it."""

from functools import cache
from pathlib import Path

import pytest

from ideacards.loader import read_card
from tests.docs.cookbook import PAGE, Piece, base_card, completed, pieces
from tests.scenarios.shipped import made_market, run_over

PIECES = pieces()


@cache
def base_digest() -> str:
    return digest_of(base_card())[0]


def digest_of(text: str) -> tuple[str, int, int]:
    """The digest of the run's output, orders and fills, on the made market."""
    card = read_card(text, "cookbook.yaml")
    found = run_over(card, Path(PAGE), made_market(card.timeframes.exec.text, last=6_000)).object
    return found["output_digest"], found["orders"], found["fills"]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)
def test_a_piece_makes_a_card_that_trades_in_its_own_way(piece: Piece) -> None:
    digest, orders, fills = digest_of(completed(piece.text))
    assert orders > 0
    assert fills > 0
    assert digest != base_digest()


def test_there_are_thirty_with_a_title_each() -> None:
    assert len({piece.title for piece in PIECES}) == len(PIECES) >= 30


def test_the_card_itself_trades() -> None:
    _, orders, fills = digest_of(base_card())
    assert min(orders, fills) > 10


def test_a_block_of_a_piece_takes_the_place_of_its_namesake_and_the_entry_that_of_the_entry() -> None:
    text = completed("when: close > 1\nblocks:\n- {id: exit, cases: [{when: close > 2, emit: {action: exit}}]}\n")
    card = read_card(text, "probe.yaml")
    assert [block.id for block in card.blocks] == ["entry", "exit"]
    assert "crosses" not in text
    added = completed("blocks:\n- {id: more, cases: [{when: close > 2, emit: {action: exit}}]}\n")
    assert [block.id for block in read_card(added, "probe.yaml").blocks] == ["entry", "exit", "more"]
