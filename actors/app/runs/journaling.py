"""A run's journal: the file it is written to, and the header with all that a replay needs."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from actors.app.version import coldframe_version
from actors.model.errors import InputError
from actors.simulator.messages import Pull
from ideacards.errors import Problem
from runtime.edges.disk import FolderDisk
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.errors import JournalCorrupt, JournalLocked
from runtime.journal.format import ENDED, HEADER
from runtime.journal.log import AppendLog, open_log
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import JournalSink

__all__ = ["RunJournal", "input_codec", "new_journal"]

_COMMIT_BYTES = 4 << 20


def input_codec() -> Codec:
    """Codec of the messages that enter the tree from outside: in the simulator, the market's next event."""
    return Codec((Pull,))


@attrs.frozen(eq=False)
class RunJournal:
    """An open journal and the boundary that writes to it; `end` closes it as a run that ended in order."""

    log: AppendLog
    boundary: Boundary

    @property
    def sink(self) -> JournalSink:
        """The sink to which a kernel writes."""
        return self.boundary

    def end(self, kernel: Kernel) -> None:
        """The last record: how the run ended, after how many messages."""
        outcome = kernel.life.outcome
        assert outcome is not None, "a journal ends with its run"
        said = {"is_clean": outcome.is_clean, "reason": outcome.reason, "handled": kernel.handled}
        self.log.append(ENDED, kernel.now, json.dumps(said).encode())
        self.log.close()


def new_journal(path: Path, job: dict[str, Any], start_ns: int) -> RunJournal:
    """A new journal at `path` with the header of `job`, whose kernel begins at `start_ns`.

    InputError if the path exists already.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        hint = "give another name, or take it away: a journal is never written over"
        raise InputError([Problem(str(path), None, None, "", "there is something already", hint)])
    try:
        log = open_log(FolderDisk(path))
    except (OSError, JournalLocked, JournalCorrupt) as error:
        raise InputError([Problem(str(path), None, None, "", f"cannot be a journal: {error}", "")]) from error
    header = {
        "run_id": secrets.token_hex(8),
        "coldframe_version": coldframe_version(),
        "python_version": ".".join(map(str, sys.version_info[:3])),
        "numpy_version": np.__version__,
        **job,
    }
    log.append(HEADER, start_ns, json.dumps(header).encode())
    return RunJournal(log, Boundary(log, input_codec(), _COMMIT_BYTES))
