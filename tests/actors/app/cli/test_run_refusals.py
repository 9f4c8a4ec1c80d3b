"""`coldframe run` on doubtful ground: one line on stderr, exit code 2, no journal; strangers are left alone."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.live.venues import LOCAL_KEYS
from actors.bybit.server.trading.accounts import AccountPlan
from runtime.edges.disk import FolderDisk
from tests.actors.bybit.edges.live import exchange
from tests.actors.bybit.server.running import a_market_exchange, running

ROOT = Path(__file__).resolve().parents[4]
CARD = str(ROOT / "ideacards" / "cards" / "ema_cross.yaml")


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line."""
    assert main(["run", CARD, *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert not list(Path.cwd().iterdir())  # no journal was begun
    return err.strip()


def test_no_exchange_at_the_address(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.app.live.preflight._RETRY_S", 0.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        assert f"http://{address} does not answer: " in refused(capsys, "--profile", "local", "--exchange", address)


def test_a_profile_without_an_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    assert "simulator: has no real exchange to run on" in refused(capsys, "--profile", "simulator")


def test_keys_of_another_environment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    keys = tmp_path.parent / "demo.keys"
    keys.write_text("environment = demo\nkey = a-demo-key\nsecret = a-demo-secret\n")
    keys.chmod(0o600)
    try:
        for words in (("--profile", "live"), ("--profile", "local", "--exchange", "127.0.0.1:9")):
            line = refused(capsys, *words, "--keys", str(keys))
            assert line.startswith(
                f"key file {keys}: the keys are those of the environment demo, and this run is one of "
            )
            assert line.endswith(", or run with --profile demo")
        line = refused(capsys, "--profile", "demo", "--keys", str(keys), "--exchange", "127.0.0.1:9")
        assert "are sent to https://api-demo.bybit.com alone, not to 127.0.0.1:9" in line
    finally:
        keys.unlink()


def test_a_key_file_that_is_not_there_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "--profile", "demo")
    assert line.startswith("key file demo.keys: there is none: write the three lines environment, key and secret ")
    assert line.endswith("and chmod 600 it; or name another with --keys")


def test_a_journal_that_another_run_writes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with running(a_market_exchange(AccountPlan(LOCAL_KEYS.key, LOCAL_KEYS.secret.reveal()))) as server:
        theirs = FolderDisk(tmp_path / "theirs")
        theirs.lock()
        words = ("--profile", "local", "--exchange", server.address, "--journal", str(tmp_path / "theirs"))
        assert main(["run", CARD, *words]) == 2
        theirs.unlock()
    assert (
        "theirs: another run writes this journal; stop that one, or give another --journal" in capsys.readouterr().err
    )


def test_a_card_whose_candles_bybit_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "--profile", "local", "--exchange", "127.0.0.1:9", "--set", "timeframes.exec=7m")
    assert "timeframes.exec 7m: Bybit has no candles of this length; it has 1m, 3m, 5m, " in line


def test_a_setting_of_a_simulated_venue(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    profile = tmp_path.parent / "odd.toml"
    profile.write_text('profile = "local"\n[venue]\nslippage = "2"\n')
    line = refused(capsys, "--profile", str(profile), "--exchange", "127.0.0.1:9")
    profile.unlink()
    assert "venue: tells how a simulated venue behaves, and this exchange is none; take the table out" in line


def test_an_unknown_symbol(capsys: pytest.CaptureFixture[str]) -> None:
    plan = a_market_exchange()
    with running(plan) as server:
        line = refused(capsys, "--profile", "local", "--exchange", server.address, "--set", "market.symbol=DOGEUSDT")
    assert line == "DOGEUSDT: Bybit lists no linear symbol of that name: check the symbol in the card"


@pytest.mark.parametrize(
    "words", [("--profile", "demo", "--time-rate", "2"), ("--profile", "local", "--time-rate", "0")]
)
def test_a_faster_clock_is_for_the_local_exchange_alone(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert "--time-rate" in refused(capsys, *words)


def test_a_stranger_on_the_account_is_told_and_left_alone(tmp_path: Path) -> None:
    with exchange() as venue:
        venue.fault(kind="foreign_order", symbol="BTCUSDT", side="Buy", qty="0.1", price="30000")
        venue.fault(kind="foreign_position", symbol="BTCUSDT", side="Buy", qty="0.5")
        words = ["run", CARD, "--profile", "local", "--exchange", f"127.0.0.1:{venue.port}", "--for", "1s"]
        words = [sys.executable, "-m", "actors.app.cli", *words, "--journal", str(tmp_path / "journal")]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0
        assert "WARNING  drift symbol=BTCUSDT" in done.stderr
        assert "adopt or close them" in done.stderr
        orders, position, account, ready = done.stdout.splitlines()
        assert orders.startswith(
            "BTCUSDT: 1 open order that is not this deployment's: left alone, and entries are blocked"
        )
        assert position.startswith("BTCUSDT: the account holds Buy 0.5; unless this run's journal explains it")
        assert account.startswith("local: BTCUSDT; equity ")
        assert ready.startswith("READY")
        (stands,) = venue.state()["accounts"]
        assert [position["size"] for position in stands["positions"]] == ["0.5"]
        assert len(stands["open_orders"]) == 1


@pytest.mark.slow  # three processes, one after the other
def test_a_position_is_adopted_once_and_the_next_start_agrees(tmp_path: Path) -> None:
    with exchange() as venue:
        venue.fault(kind="foreign_position", symbol="BTCUSDT", side="Buy", qty="0.5")
        words = ["run", CARD, "--profile", "local", "--exchange", f"127.0.0.1:{venue.port}"]
        words = [sys.executable, "-m", "actors.app.cli", *words, "--journal", str(tmp_path / "journal")]
        for more, verdict in ((["--adopt", "BTCUSDT"], "adopted"), ([], "agrees")):
            with subprocess.Popen([*words, *more], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
                assert process.stderr is not None
                line = next(line for line in process.stderr if "verdict=a" in line)
                process.terminate()
                process.stderr.read()
            assert (process.returncode, f" verdict={verdict} " in line) == (143, True)
    assert main(["replay", str(tmp_path / "journal")]) == 0


def test_nothing_is_adopted_that_no_card_trades(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "--profile", "local", "--exchange", "127.0.0.1:9", "--adopt", "ETHUSDT")
    assert line == "--adopt: ETHUSDT: no card of this run trades it; they trade BTCUSDT"
    line = refused(capsys, "--profile", "paper", "--exchange", "127.0.0.1:9", "--adopt", "BTCUSDT")
    assert line == "--adopt: a paper account begins with nothing to adopt; leave --adopt out"
