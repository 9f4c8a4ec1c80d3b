"""Any expression, over any columns and account: the whole history at once, bar by bar, and a second teller agree."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ideacards.expressions.checker import check
from ideacards.expressions.closures import gate_and_rest, predicate_of
from ideacards.expressions.columns import Columns, number_column, truth_column, undefined_mask
from ideacards.expressions.nodes import Compare, TruthExpr
from ideacards.expressions.scope import Scope
from ideacards.position_view import PositionView
from ideacards.sessions import Session
from tests.ideacards.interpreter import DAYS, ZONE, Tree, is_undefined, shift, text_of, truth

NAMES = ("close", "fast", "bb.upper")
OFFICE = ("session", "office", "09:30", "17:00", ("mon", "fri", "sun"))
NIGHT = ("session", "night", "22:15", "02:00", ("sat", "tue"))
BARS = 7


def session_of(tree: Tree) -> Session:
    _, _, from_, to, days = tree
    begin, end = (60 * int(text[:2]) + int(text[3:]) for text in (from_, to))
    return Session(ZONE, begin, end, tuple(sorted(map(DAYS.index, days))))


SCOPE = Scope(
    features=("fast",),
    outputs={"bb": ("upper", "lower")},
    sessions={"office": session_of(OFFICE), "night": session_of(NIGHT)},
    zone=ZONE,
)
# Steps that cross midnight, a weekend, and both changes of the clocks in 2024.
TIMES = {
    start + step: [float(start + step * bar) for bar in range(200)]
    for start in (1_711_843_200_000, 1_729_987_200_000, 1_704_067_200_000)
    for step in (60_000, 2_700_000, 5_400_000, 90_000_000)
}
VIEWS = (
    PositionView(equity=1000.0),
    PositionView(has_entry_in_flight=True, equity=1000.0),
    PositionView(qty_sign=1, size=2.0, entry_price=1.0, equity=0.0),
    PositionView(qty_sign=-1, has_entry_in_flight=True, size=-0.5, entry_price=2.5, equity=-3.0),
)

values = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, 1000.0, 1e308, float("nan")])


def data_of(bars: int) -> st.SearchStrategy[dict[str, list[float]]]:
    series = {name: st.lists(values, min_size=bars, max_size=bars) for name in NAMES}
    return st.fixed_dictionaries(series | {"ts_close": st.sampled_from(list(TIMES.values())).map(lambda t: t[:bars])})


data_sets = data_of(BARS)
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


bars_back = st.integers(1, 4)
clocks = st.sampled_from([("clock", part) for part in ("hour", "minute", "date")])


def compared(terms: st.SearchStrategy[Tree], ops: tuple[str, ...] = ("<", "<=", ">", ">=")) -> st.SearchStrategy[Tree]:
    return st.lists(terms, min_size=2, max_size=3).flatmap(
        lambda each: st.tuples(
            st.just("chain"), st.just(tuple(each)), st.tuples(*[st.sampled_from(ops)] * (len(each) - 1))
        )
    )


def joined_over(leaf: st.SearchStrategy[Tree], most: int) -> st.SearchStrategy[Tree]:
    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.tuples(st.just("same"), st.sampled_from(["==", "!="]), inner, inner),
        )

    return st.recursive(leaf, grow, max_leaves=most)


def history_of(condition: st.SearchStrategy[Tree], number: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Truths that look back at conditions of the arrays."""
    counted = bars_back.flatmap(
        lambda bars: st.tuples(st.just("window"), st.just("count_true"), st.just(bars), st.integers(1, bars), condition)
    )
    return st.one_of(
        counted,
        bars_back.flatmap(
            lambda bars: st.tuples(st.just("window"), st.just("held_for"), st.just(bars), st.just(bars), condition)
        ),
        st.tuples(st.just("window"), st.just("within_last"), bars_back, st.just(1), condition),
        st.tuples(st.just("trend"), st.sampled_from(["rising", "falling"]), number, bars_back),
        st.tuples(st.just("sequence"), condition, condition, bars_back),
    )


plain_numbers = numbers_over(st.one_of(series, constants))
plain_truths = joined_over(
    st.one_of(
        compared(plain_numbers),
        st.sampled_from([OFFICE, NIGHT, ("weekday", "<=", "fri"), ("weekday", "!=", "sun")]),
        st.tuples(st.just("between"), plain_numbers, plain_numbers, series),
        st.tuples(st.just("near"), plain_numbers, series, constants),
        st.tuples(st.just("near percent"), series, plain_numbers, st.sampled_from(["0", "0.5", "50"])),
    ),
    3,
)
deeper_truths = st.one_of(plain_truths, history_of(plain_truths, plain_numbers))
counts = st.tuples(st.just("since"), deeper_truths)
looks_back = st.one_of(counts, st.tuples(st.just("when"), deeper_truths, plain_numbers))
array_numbers = numbers_over(st.one_of(series, constants, looks_back))
numbers = numbers_over(st.one_of(series, constants, facts, looks_back))
exact = compared(
    st.one_of(counts, clocks, st.tuples(st.just("number"), st.sampled_from(["0", "1", "3"]))), ("==", "!=")
)
truth_leaves = st.one_of(
    st.tuples(st.just("fact"), st.sampled_from(["position.flat", "position.long", "position.short"])),
    st.tuples(st.just("side"), st.sampled_from(["==", "!="]), st.sampled_from(["long", "short", "flat"])),
    st.tuples(st.just("literal"), st.booleans()),
    st.tuples(st.just("cross"), st.sampled_from(["crosses_above", "crosses_below"]), st.tuples(array_numbers, series)),
    compared(numbers),
    exact,
    deeper_truths,
    history_of(deeper_truths, array_numbers),
)
truths = joined_over(truth_leaves, 6)


class Case:
    """One expression over one set of columns."""

    def __init__(self, tree: Tree, data: dict[str, list[float]]) -> None:
        found, complaints = check(text_of(tree), SCOPE)
        refused = [complaint.what for complaint in complaints]
        assume(not any("they do not" in what or "`==` compares" in what or "`!=` compares" in what for what in refused))
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
RAMP["ts_close"] = next(iter(TIMES.values()))[:BARS]


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
    for i in range(shift(tree), BARS):
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
        told = [is_undefined(tree, data, i, view) for i in range(shift(tree), BARS)]
        assert mask.tolist()[shift(tree) :] == told


@pytest.mark.slow
@settings(max_examples=100)
@given(tree=truths, data=data_sets, stop=st.integers(1, BARS))
def test_what_comes_later_changes_nothing(tree: Tree, data: dict[str, list[float]], stop: int) -> None:
    case = Case(tree, data)
    nothing = {name: [float("nan")] * BARS for name in NAMES} | {"ts_close": [8e12] * BARS}
    poisoned = Case(tree, {name: [*column[:stop], *nothing[name][stop:]] for name, column in data.items()})
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
