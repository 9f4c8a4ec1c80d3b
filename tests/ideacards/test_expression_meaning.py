"""Any expression, over any columns and account: the whole history at once, bar by bar, and a second teller agree."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ideacards.expressions.checker import check
from ideacards.expressions.closures import gate_and_rest, predicate_of
from ideacards.expressions.columns import Columns, number_column, truth_column, undefined_mask
from ideacards.expressions.nodes import Compare, TruthExpr
from ideacards.expressions.scope import Scope
from ideacards.position_view import PositionView
from tests.ideacards.interpreter import Tree, is_undefined, text_of, truth

NAMES = ("close", "fast", "bb.upper")
SCOPE = Scope(features=("fast",), outputs={"bb": ("upper", "lower")})
BARS = 7
VIEWS = (
    PositionView(equity=1000.0),
    PositionView(has_entry_in_flight=True, equity=1000.0),
    PositionView(qty_sign=1, size=2.0, entry_price=1.0, equity=0.0),
    PositionView(qty_sign=-1, has_entry_in_flight=True, size=-0.5, entry_price=2.5, equity=-3.0),
)

values = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, 1000.0, 1e308, float("nan")])
data_sets = st.fixed_dictionaries({name: st.lists(values, min_size=BARS, max_size=BARS) for name in NAMES})
series = st.tuples(st.just("series"), st.sampled_from(NAMES), st.sampled_from([0, 0, 1, 3]))
constants = st.tuples(st.just("number"), st.sampled_from(["0", "1", "2.5", "1e3", "0.1"]))
facts = st.tuples(st.just("fact"), st.sampled_from(["position.size", "position.entry_price", "equity"]))


def numbers_over(leaf: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.tuples(st.just("negative"), inner),
            st.tuples(st.just("arithmetic"), st.sampled_from("+-*/"), inner, inner),
            st.tuples(st.just("call"), st.just("abs"), st.tuples(inner)),
            st.tuples(st.just("call"), st.sampled_from(["min", "max"]), several),
        )

    return st.recursive(leaf, grow, max_leaves=4)


array_numbers = numbers_over(st.one_of(series, constants))
numbers = numbers_over(st.one_of(series, constants, facts))
truth_leaves = st.one_of(
    st.tuples(st.just("fact"), st.sampled_from(["position.flat", "position.long", "position.short"])),
    st.tuples(st.just("literal"), st.booleans()),
    st.tuples(st.just("cross"), st.sampled_from(["crosses_above", "crosses_below"]), st.tuples(array_numbers, series)),
    st.lists(numbers, min_size=2, max_size=3).flatmap(
        lambda terms: st.tuples(
            st.just("chain"),
            st.just(tuple(terms)),
            st.tuples(*[st.sampled_from(["<", "<=", ">", ">="])] * (len(terms) - 1)),
        )
    ),
)
truths = st.recursive(
    truth_leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


class Case:
    """One expression over one set of columns."""

    def __init__(self, tree: Tree, data: dict[str, list[float]]) -> None:
        found, complaints = check(text_of(tree), SCOPE)
        assert found is not None, complaints
        self.expr: TruthExpr = found
        self.arrays = {name: np.array(column) for name, column in data.items()}

    def source(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return self.arrays[name]

    def columns(self) -> Columns:
        return Columns(self.source)


A_CROSS: Tree = ("cross", "crosses_above", (("series", "close", 3), ("series", "fast", 0)))
FALSE_AND_UNKNOWN: Tree = ("and", (("literal", False), ("chain", (("series", "fast", 0), ("number", "1")), ("<",))))
RAMP = {"close": [float(i) for i in range(BARS)], "fast": [2.0] * BARS, "bb.upper": [float("nan")] * BARS}


@pytest.mark.slow
@settings(max_examples=300)
@given(tree=truths, data=data_sets)
@example(tree=A_CROSS, data=RAMP)
@example(tree=("not", FALSE_AND_UNKNOWN), data=RAMP | {"fast": [float("nan")] * BARS})
def test_a_condition_means_what_the_second_teller_says(tree: Tree, data: dict[str, list[float]]) -> None:
    case = Case(tree, data)
    columns = case.columns()
    gate, rest = gate_and_rest(case.expr)
    gate_column, rest_holds = columns.truth(gate), predicate_of(rest, columns, wanted=True)
    fails = predicate_of(case.expr, columns, wanted=False)
    columns.extend(BARS)
    for i in range(BARS):
        for view in VIEWS:
            told = truth(tree, data, i, view)
            assert (gate_column[i] == 1 and rest_holds(i, view)) == (told is True)
            assert fails(i, view) == (told is False)


@pytest.mark.slow
@settings(max_examples=150)
@given(tree=truths, data=data_sets, cut=st.integers(0, BARS))
def test_columns_are_the_same_bytes_however_they_are_cut(tree: Tree, data: dict[str, list[float]], cut: int) -> None:
    case = Case(tree, data)
    whole = truth_column(case.expr, case.source, 0, BARS).tobytes()
    bar_by_bar = [truth_column(case.expr, case.source, i, i + 1).tobytes() for i in range(BARS)]
    assert b"".join(bar_by_bar) == whole
    columns = case.columns()
    grown = columns.truth(case.expr)
    for stop in (cut, BARS):
        columns.extend(stop)
    assert bytes(grown) == whole
    if isinstance(case.expr, Compare):
        number = case.expr.left
        parts = [number_column(number, case.source, i, i + 1).tobytes() for i in range(BARS)]
        assert b"".join(parts) == number_column(number, case.source, 0, BARS).tobytes()


@pytest.mark.slow
@settings(max_examples=150)
@given(tree=truths, data=data_sets)
def test_undefined_clauses_are_found_from_the_arrays_alone(tree: Tree, data: dict[str, list[float]]) -> None:
    case = Case(tree, data)
    mask = undefined_mask(case.expr, case.source, 0, BARS)
    for view in VIEWS:
        assert mask.tolist() == [is_undefined(tree, data, i, view) for i in range(BARS)]


@pytest.mark.slow
@settings(max_examples=100)
@given(tree=truths, data=data_sets, stop=st.integers(1, BARS))
def test_what_comes_later_changes_nothing(tree: Tree, data: dict[str, list[float]], stop: int) -> None:
    case = Case(tree, data)
    poisoned = Case(tree, {name: [*column[:stop], *[float("nan")] * (BARS - stop)] for name, column in data.items()})
    before = truth_column(case.expr, case.source, 0, BARS)[:stop]
    after = truth_column(poisoned.expr, poisoned.source, 0, BARS)[:stop]
    assert before.tobytes() == after.tobytes()


def holds(text: str, view: PositionView, **data: float) -> bool:
    expr, complaints = check(text, SCOPE)
    assert expr is not None, complaints
    columns = Columns(lambda name: np.array([data[name]]))
    test = predicate_of(expr, columns, wanted=True)
    columns.extend(1)
    return test(0, view)


def test_operators_bind_as_in_python() -> None:
    flat = VIEWS[0]
    assert holds("true or false and false", flat)
    assert holds("not close > 2 and true", flat, close=1.0)
    assert holds("1 + 2 * close > 2.9", flat, close=1.0)
    assert holds("-close - 1 < -1.9", flat, close=1.0)
    assert holds("8 / 4 / 2 < 1.5", flat)
    assert holds("0.5 < close <= 1 < 2", flat, close=1.0)


def test_flat_means_no_position_and_no_entry_on_its_way() -> None:
    assert [holds("position.flat", view) for view in VIEWS] == [True, False, False, False]
    assert [holds("position.long", view) for view in VIEWS] == [False, False, True, False]
    assert [holds("position.short", view) for view in VIEWS] == [False, False, False, True]


def test_an_unknown_entry_price_neither_matches_nor_its_opposite() -> None:
    flat, long = VIEWS[0], VIEWS[2]
    assert holds("close > position.entry_price", long, close=2.0)
    assert not holds("close > position.entry_price", flat, close=2.0)
    assert not holds("not close > position.entry_price", flat, close=2.0)


def test_a_division_by_zero_is_unknown_and_not_infinite() -> None:
    flat = VIEWS[0]
    assert not holds("1 / close > 1", flat, close=0.0)
    assert not holds("not (1 / close > 1)", flat, close=0.0)
    assert holds("1 / close > 1 or true", flat, close=0.0)
    assert not holds("1 / (position.size * close) > 1", flat, close=1.0)
