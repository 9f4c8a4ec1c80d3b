"""A fault plan as text: it round-trips, and a wrong one is reported with all its errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.testing import Choice, FaultKind, FaultPlan, PlanError

FAULTS = st.sampled_from([FaultKind.CRASH, FaultKind.DROP, FaultKind.DUPLICATE])
TURNS = st.integers(1, 10**6)
CHOICES = st.one_of(
    st.builds(Choice, FAULTS, TURNS, st.sampled_from(["", "ledger/orders"]), st.sampled_from(["", "Fill"])),
    st.builds(Choice, st.just(FaultKind.DELAY), TURNS, delay_ns=st.integers(1, 10**12)),
    st.builds(Choice, st.just(FaultKind.REORDER), TURNS, ahead=st.integers(1, 50)),
)


@given(st.lists(CHOICES), st.text())
def test_what_is_stored_is_read_again(choices: list[Choice], note: str) -> None:
    plan = FaultPlan(tuple(choices), note)
    assert FaultPlan.from_json(plan.to_json()) == plan


def test_every_problem_of_a_file_is_named_at_once() -> None:
    rows = '{"kind": "crush", "at": 1}, {"kind": "drop", "when": 2}, {"kind": "delay", "at": 0}, 7'
    rows += ', {"kind": "drop", "at": "x"}'
    with pytest.raises(PlanError) as error:
        FaultPlan.from_json(f'{{"version": 1, "choices": [{rows}]}}')
    said = "\n".join(error.value.problems)
    for part in ("choices[0]: kind is 'crush'", "choices[1]: unknown key 'when'", "choices[1]: says not at which turn"):
        assert part in said
    for part in ("choices[2]: delay: at is 0", "choices[2]: delay at 0: delay_ns is 0", "choices[3]: not an object"):
        assert part in said
    assert "choices[4]: at is 'x'" in said


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', "{"])
def test_what_is_no_plan_at_all_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        FaultPlan.from_json(text)


@pytest.mark.parametrize(
    "choice",
    [
        Choice(FaultKind.DROP, 0),
        Choice(FaultKind.DROP, 1, delay_ns=5),
        Choice(FaultKind.DELAY, 1),
        Choice(FaultKind.REORDER, 1),
        Choice(FaultKind.REORDER, 1, ref="a", ahead=1),
    ],
)
def test_a_choice_that_means_nothing_is_refused(choice: Choice) -> None:
    with pytest.raises(PlanError):
        FaultPlan((choice,))
