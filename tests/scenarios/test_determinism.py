"""The same inputs give the same bytes: in other processes, under other hash seeds and heaps, and on other Pythons.

The digest of one fixed run is a constant here, so the runs on all supported Pythons are compared through it. A change
that alters it changes what is decided or how it is recorded: explain the reason in docs/decisions before changing the
constant.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.scenarios.account_story import tell_story
from tests.scenarios.digest_story import run_story

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = "2bfaf23890a35bf1c7e084e3cf7560c7"


def digests_of_processes(seeds: list[str], *words: str, story: str = "digest_story") -> list[str]:
    """The story's digest in a fresh process for each hash seed, with the C allocator and a perturbed heap."""
    command = [sys.executable, "-m", f"tests.scenarios.{story}", *words]
    processes = []
    for seed in seeds:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONMALLOC": "malloc", "PYTHONPATH": str(ROOT)}
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True))
    outputs = [process.communicate()[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(seeds)
    return outputs


def test_the_story_is_rich_enough_to_tell_orders_apart() -> None:
    tape = run_story()
    assert len(tape.fills) > 50
    assert {fill.block_id for fill in tape.fills if fill.origin == "user"} == {"alpha", "gamma", "leave"}
    assert {fill.origin for fill in tape.fills} == {"user", "stop_loss", "take_profit"}
    assert {refusal.code for refusal in tape.refusals} == {"ENTRY_IN_FLIGHT"}


def test_the_digest_is_the_same_on_every_python() -> None:
    assert [run_story().output_digest, run_story().output_digest] == [GOLDEN, GOLDEN]


def test_the_digest_is_the_same_under_other_hash_seeds_and_heaps() -> None:
    assert digests_of_processes(["1", "2"]) == [GOLDEN, GOLDEN]


def test_a_planted_iteration_over_a_set_is_caught() -> None:
    first, second = digests_of_processes(["1", "2"], "--plant")
    assert first != second


def test_two_cards_in_one_account_give_one_story_and_one_journal_under_other_hash_seeds() -> None:
    told = tell_story()
    assert all(len(card.tape.fills) > 50 for card in told.account.cards)
    assert told.replayed.report.divergence is None
    assert told.replayed.report.outputs > 1_000
    line = f"{told.output_digest} {told.journal_digest} None"
    assert digests_of_processes(["1", "2"], story="account_story") == [line, line]


def test_two_cards_with_every_bar_delivered_give_the_same_story() -> None:
    """Late replies and two symbols: bars outside the wake sets change nothing."""
    woken, every = tell_story(), tell_story(every_bar=True)
    assert woken.output_digest == every.output_digest
    assert every.replayed.report.divergence is None
    for one, other in zip(woken.account.cards, every.account.cards, strict=True):
        assert one.object["final_equity"] == other.object["final_equity"]
        assert one.object["bars_delivered"] < other.object["bars_delivered"]
