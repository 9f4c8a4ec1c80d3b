"""Mutated cards: never a traceback, always a place and a hint, and the JSON Schema agrees with the loader."""

import json
import random
import re
from typing import Any

import attrs
import pytest

from ideacards.errors import CardError, Problem
from ideacards.loader import read_card
from ideacards.loading.structuring import key_of
from ideacards.loading.written import ACTION_KEYS, WrittenEmit, WrittenOrder, WrittenRung, WrittenSize
from tests.ideacards.mutants import BASE, BASES, garbled, mutants
from tests.ideacards.test_schema import SCHEMA, conforms

NAME = "`[A-Za-z_][A-Za-z0-9_]*`"
# What needs the whole card, or the inside of an expression: the schema cannot say it. A number may be a parameter.
OF_THE_LOADER = re.compile(
    f"undefined name|unknown function|expected a (whole )?number, found the (text {NAME}$|parameter)"
    "|not an expression|is not part of the expression language|`=` does not compare|an empty expression"
    "|expected true or false, found the number|expected a number, found `|is a function|is a word$|they (do not|cross)"
    "|takes \\d.* argument|compares counts, times|is no value of|is not a number of bars"
    "|only a name can be looked back|has no past|the index"
    "|the card has no (session|timeframe)|a feature on exec is new at every bar|expected a feature like"
    "|is on \\w+, so a feature of it cannot be on|sources on different timeframes|circle|reads itself"
    "|has no output|has one output|has several outputs|a market order has no price|`price` is missing|two offsets"
    "|is no price to refer to|unknown while flat|the entry is no price|is no multiple of exec"
    "|= -?[\\d.]+ is out of range|max .* is below min|block id .* stands twice|is a word of the grammar"
    "|the entry has no `targets`|the fractions add up|cannot read the account"
    "|is a key or a feature too|must be|a session of no length|is shorter than the"
)


UNSAID = {"quantity", "equity_percent", "time_in_force"}  # like others that are there
NO_PROBLEM = Problem("an error without a problem", None, None, "", "")


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        read_card(text, "mutant.yaml")
    except CardError as error:
        return error.problems or (NO_PROBLEM,)
    return ()


def check(text: str, card: Any) -> bool:
    """Read it; whether it is sound. Each problem has its place and a hint, and the schema agrees."""
    problems = problems_of(text)
    for problem in problems:
        assert problem.file == "mutant.yaml", problem.text()
        assert problem.line is not None, problem.text()
        assert problem.column is not None, problem.text()
        assert problem.what, problem.text()
        assert problem.hint, problem.text()
        assert "\n" not in problem.text()
    is_sound = conforms(card, SCHEMA)
    if not problems:
        assert is_sound, card
    if problems and is_sound:
        unexplained = [problem.text() for problem in problems if not OF_THE_LOADER.search(problem.what)]
        assert unexplained == [], card
    return not problems


@pytest.mark.parametrize("base", BASES, ids=["features", "resting entries", "changes"])
def test_the_bases_are_sound(base: Any) -> None:
    assert check(json.dumps(base), base)


def test_the_bases_have_every_action_and_every_key_of_an_emit_and_an_order() -> None:
    words = re.findall(r'"(\w+)"', json.dumps(BASES))
    keys = {
        key_of(field)
        for written in (WrittenEmit, WrittenOrder, WrittenSize, WrittenRung)
        for field in attrs.fields(written)
    }
    assert (keys | set(map(str, ACTION_KEYS))) - set(words) - UNSAID == set()


@pytest.mark.parametrize("seed", range(2))
def test_mutated_cards(seed: int) -> None:
    sound = sum(check(json.dumps(card), card) for card in mutants(500, seed))
    assert 0 < sound < 250


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 20))
def test_nine_thousand_more(seed: int) -> None:
    assert sum(check(json.dumps(card), card) for card in mutants(500, seed)) < 250


def test_garbled_files_are_refused_with_a_place_or_read() -> None:
    """Of the text itself, YAML and all."""
    dice = random.Random(5)
    text = json.dumps(BASE, indent=1)
    refused = 0
    for _ in range(400):
        problems = problems_of(garbled(text, dice))
        refused += bool(problems)
        for problem in problems:
            assert problem.text()
            assert problem.hint, problem.text()
    assert refused > 300
