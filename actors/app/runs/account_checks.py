"""What cards that share one account must agree on: equal equity, and an id each."""

from collections.abc import Sequence
from pathlib import Path

from actors.model.fixed import plain_text
from ideacards.card import Card
from ideacards.errors import Problem

__all__ = ["equity_problems", "id_problems"]


def equity_problems(cards: Sequence[Card], files: Sequence[Path]) -> list[Problem]:
    """A problem for each card with another equity than the first."""
    first = cards[0].account.equity
    return [
        Problem(
            str(file),
            None,
            None,
            "",
            f"account.equity is {plain_text(card.account.equity)}, and {plain_text(first)} in "
            f"{files[0]}: they share one account",
            f"write the same in both, or --set account.equity={plain_text(first)}",
        )
        for card, file in zip(cards, files, strict=True)
        if card.account.equity != first
    ]


def id_problems(cards: Sequence[Card], files: Sequence[Path]) -> list[Problem]:
    """A problem for each card with the id of an earlier one."""
    ids = [card.id for card in cards]
    return [
        Problem(
            str(file), None, None, "", f"its id {card.id!r} is another card's too", "give each card an id of its own"
        )
        for number, (card, file) in enumerate(zip(cards, files, strict=True))
        if card.id in ids[:number]
    ]
