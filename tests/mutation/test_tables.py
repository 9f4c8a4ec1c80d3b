"""Every numbered statement has a fault of its own, with tests of its number; `python -m tests.mutation` plants them."""

import re

import pytest

from tests.mutation.mutant import ROOT, Mutant
from tests.mutation.tables import journal, live, messages, supervision

STATEMENTS = {
    "docs/semantics.md": (*supervision.MUTANTS, *messages.MUTANTS, *live.MUTANTS),
    "docs/journal.md": journal.MUTANTS,
}


@pytest.mark.parametrize("page", STATEMENTS)
def test_every_statement_of_the_page_has_a_fault_that_breaks_it(page: str) -> None:
    stated = re.findall(r"^\| \*\*([SMDJ]\d+)\*\* \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert stated
    assert {mutant.statement for mutant in STATEMENTS[page]} == {*stated}


@pytest.mark.parametrize("mutant", [one for table in STATEMENTS.values() for one in table], ids=lambda one: one.name)
def test_its_tests_carry_its_number(mutant: Mutant) -> None:
    assert mutant.tests
    assert mutant.staleness() == ""
