"""A trading run is killed at thirty random moments and started again over the same journal; nothing is lost or doubled.

Real processes and real signals, so real time: exchange and run pass twenty seconds per real one, and every wait is
bounded. A run that trades at every bar is killed mostly in the quarter of a second after a bar's close, and its orders
take most of that to arrive.
"""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.actors.bybit.edges.live import Exchange, exchange
from tests.faults.killing import (
    Launcher,
    TradingRun,
    books_of,
    executions_of,
    launcher,
    let_orders_travel,
    orders_of,
    state_of,
)

RATE = 20
KILLS = 30
CARD = Path(__file__).with_name("every_bar.yaml")
QTY = 10  # of the card's entry, in thousandths
MINUTE_MS = 60_000
TRAVEL_MS = 3_000  # of the exchange's time, so 150 real ones
READY_S = 30.0


def started(launch: Launcher, venue: Exchange, journal: Path) -> TradingRun:
    words = ("--profile", "local", "--exchange", f"127.0.0.1:{venue.port}", "--time-rate", str(RATE))
    return launch.start("run", str(CARD), *words, "--journal", str(journal))


def moment_s(venue: Exchange, dice: random.Random) -> float:
    """How long to wait before the kill: at any time of a bar, or more often soon after its close."""
    if dice.random() < 0.2:
        return dice.uniform(0, 60 / RATE)
    left_ms: int = MINUTE_MS - state_of(venue)["market_ms"] % MINUTE_MS
    return left_ms / 1000 / RATE + dice.uniform(-0.02, 0.25)


def check_exposure(venue: Exchange) -> None:
    """Never more than one entry's position, and never without a stop loss."""
    state = state_of(venue)
    for position in state["positions"]:
        assert abs(float(position["size"])) * 1000 <= QTY, f"more than one entry: {position}"
        stops = [order for order in state["open_orders"] if order["stopOrderType"] == "StopLoss"]
        assert stops, f"no stop loss: {position}"


def check_books(venue: Exchange, journal: Path) -> int:
    """What journal and exchange know is the same; how many executions there are."""
    books, state, executions, orders = books_of(journal), state_of(venue), executions_of(venue), orders_of(venue)
    told = [row["execId"] for row in executions if row["execType"] == "Trade"]
    assert len(told) == len(set(told))
    assert set(told) - books.exec_ids == set(), "executions that are in no book"
    assert books.exec_ids - set(told) == set(), "executions that never were"
    qty = sum(round(float(row["size"]) * 1000) * (1 if row["side"] == "Buy" else -1) for row in state["positions"])
    assert (books.qty, books.quarantine) == (qty, "")
    ours = {row["orderLinkId"] for row in state["open_orders"] if row["orderLinkId"]}
    assert books.open_ids == ours
    decisions = Counter(row["orderLinkId"][:-1] for row in orders if row["orderLinkId"])
    assert {decision for decision, count in decisions.items() if count > 1} == set(), "two orders of one decision"
    return len(told)


@pytest.mark.slow
def test_a_run_that_is_killed_thirty_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    journal = tmp_path / "journal"
    under_way = 0
    with exchange("--time-rate", str(RATE)) as venue, launcher(tmp_path, CARD) as launch:
        let_orders_travel(venue, TRAVEL_MS)
        for number in range(KILLS):
            run = started(launch, venue, journal)
            if dice.random() < 0.9:  # else it is killed while it starts
                assert run.says("READY", READY_S), f"kill {number}, seed {seed}: {run.said}"
                wait_s = moment_s(venue, dice)
            else:
                wait_s = dice.uniform(0, 1)
            assert not run.says("failed", max(0.0, wait_s)), f"kill {number}, seed {seed}: {run.said}"
            run.kill()
            assert launch.ended(run) == -9, f"kill {number}, seed {seed}: {run.said}"
            check_exposure(venue)
            under_way += bool(journal.exists() and books_of(journal).open_ids)
        run = started(launch, venue, journal)
        assert run.says("READY", READY_S), f"the last start, seed {seed}: {run.said}"
        run.stop()
        assert launch.ended(run) == 143, run.said
        check_exposure(venue)
        count = check_books(venue, journal)
        print(f"{count} executions; an order was under way at {under_way} kills")
        assert under_way, f"no kill came while an order was under way, seed {seed}"
        assert count >= KILLS // 2, f"only {count} executions, seed {seed}"


@pytest.mark.slow
def test_a_run_that_has_lost_its_journal_is_found_out(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with exchange("--time-rate", str(RATE)) as venue, launcher(tmp_path, CARD) as launch:
        for number in range(2):
            run = started(launch, venue, journal)
            assert run.says("READY", READY_S), run.said
            while not number and not executions_of(venue):
                assert not run.says("failed", 0.1), run.said
            run.kill()
            assert launch.ended(run) == -9
            if not number:
                shutil.rmtree(journal)
        with pytest.raises(AssertionError, match="executions that are in no book"):
            check_books(venue, journal)
