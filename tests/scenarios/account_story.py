"""One fixed story of two cards in one account, with latency, a journal and its replay; as a module it prints digests.

    python -m tests.scenarios.account_story

The second line is a digest of the journal's records but for its header, which holds a run id of its own.
"""

import tempfile
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import attrs

from actors.app.results.account import AccountResult
from actors.app.runs.accounts import run_account
from actors.app.runs.backtesting import Job
from actors.app.runs.flags import with_flags
from actors.app.runs.replaying import Replayed, replay_file
from actors.app.settings import load_settings
from runtime.edges.disk import FolderDisk
from runtime.journal.reader import JournalReader
from tests.oracle.story import rows_of, write_bars
from tests.scenarios.digest_story import CARD, perturb_heap, story_rows

__all__ = ["Told", "tell_story"]

SYMBOLS = ("BTCUSDT", "ETHUSDT")


@attrs.frozen(eq=False)
class Told:
    """The account's result, the digest of its journal, and how the replay went."""

    account: AccountResult
    journal_digest: str
    replayed: Replayed

    @property
    def output_digest(self) -> str:
        """Of the decision stream."""
        digest: str = self.account.object()["account"]["output_digest"]
        return digest


def jobs_in(folder: Path, *, every_bar: bool = False) -> Sequence[Job]:
    """The two cards over their bars: the second's market is the first's backwards."""
    rows = story_rows()
    backwards = rows_of([f"{close} {high} {low} {opened}" for _, opened, high, low, close in reversed(rows)])
    settings, flags = with_flags(load_settings("simulator"), latency="lognormal:20:200", seed=7, every_bar=every_bar)
    jobs = []
    for symbol, its_rows in zip(SYMBOLS, (rows, backwards), strict=True):
        card = folder / f"{symbol}.yaml"
        text = CARD.replace("id: rivals", f"id: rivals_{symbol.lower()}").replace("BTCUSDT", symbol)
        card.write_text(text, encoding="utf-8")
        bars = write_bars(folder / f"{symbol}.csv", its_rows)
        jobs.append(Job(card, bars, settings, flags=flags, journal=folder / "run.journal"))
    return jobs


def tell_story(*, every_bar: bool = False) -> Told:
    """From files to a result and a replay."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = jobs_in(Path(folder), every_bar=every_bar)
        account = run_account(jobs)
        journal = Path(folder) / "run.journal"
        digest = blake2b(digest_size=16)
        for record in JournalReader(FolderDisk(journal)):
            if record.kind != "header":
                digest.update(f"{record.sequence} {record.time_ns} {record.kind} ".encode() + record.payload)
        return Told(account, digest.hexdigest(), replay_file(journal))


def main() -> None:
    """Print both digests and whether the replay parted."""
    kept = perturb_heap()
    told = tell_story()
    print(told.output_digest, told.journal_digest, told.replayed.report.divergence)
    del kept


if __name__ == "__main__":
    main()
