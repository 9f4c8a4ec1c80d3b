"""Structures over days and weeks: batch, steps, restored snapshots and uncompiled code give the same bytes.

The suite of all kinds does this over minutes, where no day ends.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards.indicators.compute import stepper
from tests.ideacards.indicators.cases import stepped
from tests.ideacards.structures.bars import inputs_for, random_hours
from tests.ideacards.structures.cases import CASES, Case, case_id, computed

ROOT = Path(__file__).resolve().parents[3]


def corpus_digest() -> str:
    """Digest of every case over three weeks of hours; run by the test below in another process too."""
    digest, bars = hashlib.blake2b(digest_size=16), random_hours(504, 7, lost=4)
    for case in CASES:
        for column in computed(case, bars).values():
            digest.update(column.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_batch_equals_steps_to_the_byte(case: Case) -> None:
    bars = random_hours(400, 11, lost=4)
    columns = np.array(list(computed(case, bars).values()))
    assert columns.tobytes() == stepped(stepper(*case), inputs_for(case[0], bars)).tobytes()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=9), st.integers(0, 2**31), st.sampled_from(CASES))
def test_any_mixture_of_chunks_steps_and_snapshots_gives_the_bytes_of_one_batch(
    chunks: list[int], seed: int, case: Case
) -> None:
    bars, dice = random_hours(sum(chunks), seed), np.random.default_rng(seed)
    inputs = inputs_for(case[0], bars)
    one, parts, start = stepper(*case), [np.empty((len(stepper(*case).step(*[np.nan] * len(inputs))), 0))], 0
    for size in chunks:
        chunk = tuple(column[start : start + size] for column in inputs)
        start += size
        parts.append(np.array(list(one.batch(*chunk).values())) if dice.random() < 0.5 else stepped(one, chunk))
        if dice.random() < 0.5:
            state, one = one.snapshot(), stepper(*case)
            one.restore(state)
    assert np.concatenate(parts, axis=1).tobytes() == np.array(list(computed(case, bars).values())).tobytes()


@pytest.mark.slow
def test_the_uncompiled_code_gives_the_same_bytes() -> None:
    command = "from tests.ideacards.structures import test_same_bytes as here; print(here.corpus_digest())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == corpus_digest()
