"""One arithmetic: batch, step by step and the uncompiled code give the same bytes, on any data and from any start."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards.indicators.compute import compute, stepper
from ideacards.indicators.kernel import loop_of
from ideacards.indicators.kind import Indicator
from ideacards.indicators.registry import INDICATORS
from ideacards.indicators.steppers import Stepper
from tests.ideacards.indicators.cases import CASES, Case, batch, case_id, inputs_of, stepped
from tests.ideacards.markets import random_walk

ROOT = Path(__file__).resolve().parents[3]
PRICES = st.floats(1e-8, 1e8, allow_nan=False)
ONE_SOURCE = [case for case in CASES if INDICATORS[case[0]].inputs == ("of",)]


def is_defined_in_time(case: Case) -> bool:
    """Whether the first value comes at the warm index, whatever the data are."""
    return not INDICATORS[case[0]].waits_for_data and case[1].get("since") != 40 * 60_000


WINDOWED = [case for case in CASES if not INDICATORS[case[0]].is_recursive]
every_case = pytest.mark.parametrize("case", CASES, ids=case_id)


def corpus_digest() -> str:
    """Digest of every case over 400 bars; run by the test below in another process too."""
    digest = hashlib.blake2b(digest_size=16)
    for use, params in CASES:
        digest.update(batch(use, params, inputs_of(use, 400)).tobytes())
        kind = INDICATORS[use]
        if kind.is_recursive:
            restarted = Stepper(kind, params, max(kind.warm_index(params).values()) + 4)
            for column in restarted.batch(*inputs_of(use, 60)).values():
                digest.update(column.tobytes())
    return digest.hexdigest()


def planted_digest(reference: str) -> str:
    """Digest of one step function of this module, over many values."""
    planted = Indicator("planted", reference, (), lambda params: {"value": 0}, lambda params: 1)
    rows = np.random.default_rng(3).normal(size=(200_000, 1)) * 1_000
    out = np.empty_like(rows)
    _loop_of_here(planted)(rows, np.zeros(1), out)
    return hashlib.blake2b(out.tobytes()).hexdigest()


def squared(state: list[float], x: float) -> float:
    """What no step function may do: Python and compiled code round a power differently."""
    return x**2


def multiplied(state: list[float], x: float) -> float:
    """The product that stands for it."""
    return x * x


def _loop_of_here(planted: Indicator):  # type: ignore[no-untyped-def]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ideacards.indicators.kernel.step_of", lambda reference: globals()[reference])
        return loop_of(planted)


def _uncompiled(call: str) -> str:
    command = f"from tests.ideacards.indicators import test_one_arithmetic as here; print(here.{call})"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


@pytest.mark.slow
@every_case
def test_batch_equals_steps_to_the_byte(case: Case) -> None:
    inputs = inputs_of(case[0], 300)
    assert batch(*case, inputs).tobytes() == stepped(stepper(*case), inputs).tobytes()


@settings(deadline=None)
@given(st.lists(PRICES, min_size=0, max_size=30), st.sampled_from(ONE_SOURCE))
def test_batch_equals_steps_on_any_numbers(values: list[float], case: Case) -> None:
    inputs = (np.array(values, dtype=np.float64),)
    assert batch(*case, inputs).tobytes() == stepped(stepper(*case), inputs).tobytes()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=9), st.integers(0, 2**31), st.sampled_from(CASES))
def test_any_mixture_of_chunks_steps_and_snapshots_gives_the_bytes_of_one_batch(
    chunks: list[int], seed: int, case: Case
) -> None:
    inputs, dice = inputs_of(case[0], sum(chunks), seed), np.random.default_rng(seed)
    inputs[0][dice.random(len(inputs[0])) < 0.1] = np.nan  # unknown here and there
    one, parts, start = stepper(*case), [], 0
    for size in chunks:
        chunk = tuple(column[start : start + size] for column in inputs)
        start += size
        if dice.random() < 0.5:
            parts.append(np.array(list(one.batch(*chunk).values())))
        else:
            parts.append(stepped(one, chunk))
        if dice.random() < 0.5:
            state, one = one.snapshot(), stepper(*case)
            one.restore(state)
            assert one.snapshot() == state
    mixed = np.concatenate(parts, axis=1) if parts else batch(*case, inputs)
    assert mixed.tobytes() == batch(*case, inputs).tobytes()


def test_a_state_of_another_size_is_refused() -> None:
    state = stepper("sma", {"length": 3}).snapshot()
    for wrong in (state[8:], state[:-1], b""):
        with pytest.raises(ValueError, match="a state of"):
            stepper("sma", {"length": 3}).restore(wrong)


@pytest.mark.slow
def test_the_uncompiled_code_gives_the_same_bytes() -> None:
    assert _uncompiled("corpus_digest()") == corpus_digest()


@pytest.mark.slow
def test_a_planted_power_would_be_caught() -> None:
    assert _uncompiled("planted_digest('multiplied')") == planted_digest("multiplied")
    assert _uncompiled("planted_digest('squared')") != planted_digest("squared")


def test_a_sum_in_another_order_would_be_caught() -> None:
    walk = random_walk(300)
    planted = np.array([walk[i - 8 : i + 1][::-1].cumsum()[-1] / 9 for i in range(8, 300)])
    assert planted.tobytes() != compute("sma", {"length": 9}, walk)["value"][8:].tobytes()


@pytest.mark.parametrize("case", WINDOWED, ids=case_id)
def test_a_windowed_value_is_a_function_of_its_window(case: Case) -> None:
    inputs = inputs_of(case[0], 90)
    warm = max(INDICATORS[case[0]].warm_index(case[1]).values())
    whole, tail = batch(*case, inputs), batch(*case, tuple(column[30:] for column in inputs))
    assert whole[:, 30 + warm :].tobytes() == tail[:, warm:].tobytes()


@pytest.mark.parametrize("use", [use for use, k in INDICATORS.items() if k.is_recursive and not k.waits_for_data])
def test_a_recursive_value_depends_on_its_start(use: str) -> None:
    params = params_far(use)
    inputs = inputs_of(use, 200)
    whole, tail = batch(use, params, inputs), batch(use, params, tuple(column[3:] for column in inputs))
    assert whole[:, 3:].tobytes() != tail.tobytes()


def params_far(use: str) -> dict[str, object]:
    """Parameters of a kind; an anchor before the first bar."""
    return next(params for name, params in CASES if name == use) | ({"since": 0} if use == "anchored_vwap" else {})


@pytest.mark.parametrize("case", [case for case in CASES if is_defined_in_time(case)], ids=case_id)
def test_each_output_is_defined_from_its_warm_index_on(case: Case) -> None:
    warm = INDICATORS[case[0]].warm_index(case[1])
    columns = compute(*case, *inputs_of(case[0], 60))
    first = {output: int(np.argmin(np.isnan(column))) for output, column in columns.items()}
    assert first == warm
    if case[1].get("flat") == 50.0 or case[0] not in ("rsi", "stochrsi", "stoch", "mfi"):
        filled = [output for output in columns if output != "percent_b"]  # unknown between bands of no width
        assert all(not np.isnan(columns[output][warm[output] :]).any() for output in filled)


def test_an_anchored_price_is_unknown_before_its_anchor() -> None:
    columns = compute("anchored_vwap", {"since": 40 * 60_000}, *inputs_of("anchored_vwap", 60))
    assert np.isnan(columns["value"]).tolist() == [True] * 40 + [False] * 20


@every_case
@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_values_give_columns_of_their_length(case: Case, count: int) -> None:
    columns = compute(*case, *inputs_of(case[0], count))
    assert [len(column) for column in columns.values()] == [count] * len(INDICATORS[case[0]].outputs)
