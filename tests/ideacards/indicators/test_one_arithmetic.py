"""One arithmetic: batch, step by step and the uncompiled code give the same bytes, on any data and from any start."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards.feeds import FloatArray
from ideacards.indicators.compute import compute, stepper
from ideacards.indicators.registry import INDICATORS, UNKNOWN
from ideacards.indicators.steppers import Stepper
from tests.ideacards.markets import bars_at, random_walk

ROOT = Path(__file__).resolve().parents[3]
CASES: list[tuple[str, dict[str, Any]]] = [
    *((use, {"length": length}) for use in ("sma", "atr", "highest", "lowest") for length in (1, 2, 9)),
    *(("rsi", {"length": length, "flat": flat}) for length in (1, 2, 9) for flat in (UNKNOWN, 50.0)),
    *(("ema", {"length": length, "seed": seed}) for length in (1, 2, 9) for seed in ("first", "sma")),
    *(("bbands", {"length": length, "multiplier": 2.2}) for length in (1, 9)),
    *(("macd", {"fast": 3, "slow": 7, "signal": signal, "seed": s}) for signal in (1, 4) for s in ("first", "sma")),
]
PRICES = st.floats(1e-8, 1e8, allow_nan=False)


def _inputs(use: str, count: int, seed: int = 1) -> tuple[FloatArray, ...]:
    """Columns that the caller may change."""
    bars, kind = bars_at(60_000 * np.arange(count), seed), INDICATORS[use]
    sources = dict(zip(kind.sources, (random_walk(count, seed), random_walk(count, seed + 1)), strict=False))
    return tuple(np.array(sources[name] if name in sources else getattr(bars, name)) for name in kind.inputs)


def _stepped(use: str, params: dict[str, Any], inputs: tuple[FloatArray, ...]) -> FloatArray:
    return _steps(stepper(use, params), use, inputs)


def _steps(one: Stepper, use: str, inputs: tuple[FloatArray, ...]) -> FloatArray:
    rows = [one.step(*values) for values in zip(*(column.tolist() for column in inputs), strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(INDICATORS[use].outputs)).T


def _batch(use: str, params: dict[str, Any], inputs: tuple[FloatArray, ...]) -> FloatArray:
    return np.array(list(compute(use, params, *inputs).values()))


def corpus_digest() -> str:
    """Digest of every case over 400 bars; run by the test below in another process too."""
    digest = hashlib.blake2b(digest_size=16)
    for use, params in CASES:
        digest.update(_batch(use, params, _inputs(use, 400)).tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize(("use", "params"), CASES)
def test_batch_equals_steps_to_the_byte(use: str, params: dict[str, Any]) -> None:
    inputs = _inputs(use, 300)
    assert _batch(use, params, inputs).tobytes() == _stepped(use, params, inputs).tobytes()


@given(st.lists(PRICES, min_size=0, max_size=30), st.sampled_from([case for case in CASES if case[0] != "atr"]))
def test_batch_equals_steps_on_any_numbers(values: list[float], case: tuple[str, dict[str, Any]]) -> None:
    inputs = (np.array(values, dtype=np.float64),)
    assert _batch(*case, inputs).tobytes() == _stepped(*case, inputs).tobytes()


@settings(max_examples=60)
@given(st.lists(st.integers(1, 40), max_size=9), st.integers(0, 2**31), st.sampled_from(CASES))
def test_any_mixture_of_chunks_steps_and_snapshots_gives_the_bytes_of_one_batch(
    chunks: list[int], seed: int, case: tuple[str, dict[str, Any]]
) -> None:
    inputs, dice = _inputs(case[0], sum(chunks), seed), np.random.default_rng(seed)
    inputs[0][dice.random(len(inputs[0])) < 0.1] = np.nan  # unknown here and there
    one, parts, start = stepper(*case), [], 0
    for size in chunks:
        chunk = tuple(column[start : start + size] for column in inputs)
        start += size
        if dice.random() < 0.5:
            parts.append(np.array(list(one.batch(*chunk).values())))
        else:
            parts.append(_steps(one, case[0], chunk))
        if dice.random() < 0.5:
            state, one = one.snapshot(), stepper(*case)
            one.restore(state)
            assert one.snapshot() == state
    mixed = np.concatenate(parts, axis=1) if parts else _batch(*case, inputs)
    assert mixed.tobytes() == _batch(*case, inputs).tobytes()


def test_a_state_of_another_size_is_refused() -> None:
    state = stepper("sma", {"length": 3}).snapshot()
    for wrong in (state[8:], state[:-1], b""):
        with pytest.raises(ValueError, match="a state of"):
            stepper("sma", {"length": 3}).restore(wrong)


@pytest.mark.slow
def test_the_uncompiled_code_gives_the_same_bytes() -> None:
    command = "from tests.ideacards.indicators.test_one_arithmetic import corpus_digest; print(corpus_digest())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == corpus_digest()


def test_a_sum_in_another_order_would_be_caught() -> None:
    walk = random_walk(300)
    planted = np.array([walk[i - 8 : i + 1][::-1].cumsum()[-1] / 9 for i in range(8, 300)])
    assert planted.tobytes() != compute("sma", {"length": 9}, walk)["value"][8:].tobytes()


@pytest.mark.parametrize("use", [use for use, _ in CASES if use in ("sma", "highest", "lowest", "bbands")])
def test_a_windowed_value_is_a_function_of_its_window(use: str) -> None:
    params = {"length": 9} | ({"multiplier": 2.0} if use == "bbands" else {})
    walk = random_walk(60)
    whole, tail = _batch(use, params, (walk,)), _batch(use, params, (walk[20:],))
    assert whole[:, 28:].tobytes() == tail[:, 8:].tobytes()


@pytest.mark.parametrize(("use", "params"), [case for case in CASES if case[1].get("flat") != UNKNOWN])
def test_each_output_is_defined_from_its_warm_index_on(use: str, params: dict[str, Any]) -> None:
    warm = INDICATORS[use].warm_index(params)
    columns = compute(use, params, *_inputs(use, 40))
    assert {output: int(np.isnan(column).sum()) for output, column in columns.items()} == warm
    assert all(not np.isnan(column[warm[output] :]).any() for output, column in columns.items())


@pytest.mark.parametrize(("use", "params"), CASES)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_values_give_columns_of_their_length(use: str, params: dict[str, Any], count: int) -> None:
    columns = compute(use, params, *_inputs(use, count))
    assert [len(column) for column in columns.values()] == [count] * len(INDICATORS[use].outputs)
