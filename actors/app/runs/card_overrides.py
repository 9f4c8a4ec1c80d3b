"""`--set` for several cards: `CARD_ID:PATH=VALUE` changes one of them, `PATH=VALUE` every card that has the path.

A card has a path that it writes, and one that it leaves at its default. A feature is its author's own, so a card
without it does not get it unless the card is named.
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from actors.model.errors import InputError
from ideacards.card import Card
from ideacards.errors import CardError, Problem, UnknownPath, nearest
from ideacards.loader import load_card
from ideacards.loading.overrides import OVERRIDE_FILE

__all__ = ["load_cards", "overrides_by_card"]


@attrs.define
class _Changing:
    """A card's file, the id it is written with, and the overrides that are its own so far."""

    file: Path
    card: Card
    overrides: tuple[str, ...] = ()

    def unknown(self, override: str) -> UnknownPath | None:
        """Why the card does not have the path of `override`; None if it has it."""
        steps = override.partition("=")[0].strip().split(".")
        if len(steps) == 2 and steps[0] == "features" and not self._makes_feature(steps[1]):
            names = [feature.name for feature in self.card.features]
            where = ".".join(steps)
            return UnknownPath(OVERRIDE_FILE, None, None, where, "no such feature", nearest(steps[1], names))
        return self.refuses(override)

    def refuses(self, override: str) -> UnknownPath | None:
        """Why the card cannot have the path of `override` at all; None if it can."""
        try:
            load_card(self.file, (*self.overrides, override))
        except CardError as error:
            return next((problem for problem in error.problems if isinstance(problem, UnknownPath)), None)
        return None

    def _makes_feature(self, name: str) -> bool:
        """Whether the card has the feature, as written or by an earlier override."""
        added = [text.partition("=")[0].strip() for text in self.overrides]
        return f"features.{name}" in added or any(feature.name == name for feature in self.card.features)

    def take(self, override: str) -> None:
        """One more override of this card."""
        self.overrides = (*self.overrides, override)


def overrides_by_card(cards: Sequence[Path], words: Sequence[str]) -> list[tuple[str, ...]]:
    """The overrides of each card, as PATH=VALUE in the order given.

    CardError or InputError for every card that cannot be read, every word that no card can take, and every value that
    is wrong; one card takes its words as they are.
    """
    if len(cards) == 1:
        return [tuple(words)]
    changing = [_Changing(file, card) for file, card in zip(cards, load_cards(cards), strict=True)]
    problems: list[Problem] = []
    for word in words:
        problems += _given(word, changing)
    if problems:
        raise InputError(problems)
    overrides = [one.overrides for one in changing]
    load_cards(cards, overrides, [one.card.id for one in changing])
    return overrides


def load_cards(cards: Sequence[Path], overrides: Sequence[Sequence[str]] = (), ids: Sequence[str] = ()) -> list[Card]:
    """The cards with their overrides; InputError with the problems of all of them, `--set` with the card's id."""
    loaded: list[Card] = []
    problems: list[Problem] = []
    for number, file in enumerate(cards):
        try:
            loaded.append(load_card(file, overrides[number] if overrides else ()))
        except CardError as error:
            name = f"{ids[number]}:" if ids else ""
            problems += [_named(problem, name) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return loaded


def _given(word: str, changing: Sequence[_Changing]) -> list[Problem]:
    """Give the word to the card that it names, or to all that have its path; what is wrong with it."""
    head, equals, value = word.partition("=")
    if not equals:
        return [_problem(word, "expected PATH=VALUE or CARD_ID:PATH=VALUE", "like features.fast.length=9")]
    card_id, colon, path = head.partition(":")
    if not colon:
        return _given_to_all(word, changing)
    named = [one for one in changing if one.card.id == card_id.strip()]
    if not named:
        hint = nearest(card_id.strip(), [one.card.id for one in changing])
        return [_problem(head, f"no card has the id `{card_id.strip()}`", hint)]
    override = f"{path.strip()}={value}"
    for one in named:
        unknown = one.refuses(override)
        if unknown is not None:
            return [_named(unknown, f"{one.card.id}:")]
        one.take(override)
    return []


def _given_to_all(word: str, changing: Sequence[_Changing]) -> list[Problem]:
    refused = [one.unknown(word) for one in changing]
    for one, unknown in zip(changing, refused, strict=True):
        if unknown is None:
            one.take(word)
    if None in refused:
        return []
    told = [
        f"{one.card.id}: {unknown.what.removeprefix('unknown path: ')}, {unknown.hint}"
        for one, unknown in zip(changing, refused, strict=True)
        if unknown is not None
    ]
    return [_problem(word.partition("=")[0].strip(), "unknown path: no card has it", "; ".join(told))]


def _named(problem: Problem, name: str) -> Problem:
    """A problem of an override with the card's id before its path; one of the card's file names it already."""
    return attrs.evolve(problem, path=f"{name}{problem.path}") if problem.file == OVERRIDE_FILE else problem


def _problem(path: str, what: str, hint: str) -> Problem:
    return Problem(OVERRIDE_FILE, None, None, path, what, hint)
