"""`coldframe exchange` as a process: one line, loopback alone, an answer soon, an end at once."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.skips import ROOT

PATIENCE_S = 60.0


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    command = [
        sys.executable,
        "-P",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from actors.app.cli import main; main()",
    ]
    found = subprocess.Popen(
        [*command, "exchange", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield found
    if found.poll() is None:
        found.kill()
    found.communicate()


def test_it_says_where_it_listens_answers_and_ends_on_sigterm(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("local exchange on http://127.0.0.1:")
    for word in ("BTCUSDT linear", "ETHUSDT linear", "BTCUSDT spot", "accounts: local-key-1"):
        assert word in line
    answer = httpx.get(f"{line.split()[3].rstrip(':')}/v5/market/time", timeout=PATIENCE_S)
    assert answer.json()["retCode"] == 0
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "nowhere:0", "127.0.0.1:99999", "127.0.0.1"])
def test_what_is_not_loopback_is_refused_without_the_flag(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    from actors.app.cli.exchange import run
    from actors.model.errors import InputError

    with pytest.raises(InputError) as refused:
        run(listen=listen)
    assert "--listen" in str(refused.value)
