"""The kill table with news under way: 20 ms there, 21 ms back, 20 ms of feed.

Exhaustive over the messages of the story of `test_kill_anything`. Every run has the fills of the unkilled one, but for
a decision in hand, which is named as lost, and a request in hand, which goes out late once it is proven absent.
"""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from actors.app import names
from actors.app.runs.simulation import RunFailed
from actors.app.settings import LatencySettings
from tests.oracle.engine import EngineRun, run_rows
from tests.scenarios.test_kill_anything import (
    CARD,
    OFTEN,
    STOPS_THE_RUN,
    STORY,
    Death,
    Killer,
    is_unharmed,
    late_bars,
    lost_bars,
    market,
)

pytestmark = pytest.mark.slow

DELAYS = LatencySettings(feed="20", entry="20", response="21")
IN_HAND = {(names.INTENTS, "Decided"), (names.ORDERS, "ApprovedOrder")}
ON_ITS_WAY = {(names.RATELIMITER, "SubmitOrder"), (names.GATEWAY, "SubmitOrder"), (names.GATEWAY, "AtVenue")}


def run_with(killer: Killer | None, folder: Path) -> EngineRun:
    return run_rows(folder, market(), STORY, fault=killer, latency=DELAYS, **OFTEN)


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> EngineRun:
    return run_with(None, tmp_path_factory.mktemp("unkilled"))


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> list[Death]:
    """Every kill there is."""
    folder = tmp_path_factory.mktemp("killed")
    counter = Killer(0)
    run_with(counter, folder)
    found = []
    for number in range(1, counter.count + 1):
        killer, run, failure = Killer(number), None, None
        try:
            run = run_with(killer, folder)
        except RunFailed as failed:
            failure = failed
        assert killer.hit is not None
        found.append(Death(*killer.hit, run, failure))
    return found


def test_a_kill_stops_the_run_before_the_tree_is_up_or_of_venue_and_journal_and_no_other(deaths: list[Death]) -> None:
    for death in deaths:
        stops = death.ref in STOPS_THE_RUN or not death.is_up
        assert (death.run is None) is stops, f"{death.ref} killed at {death.message}"
    assert {death.ref for death in deaths if death.run is not None} >= {names.ORDERS, names.PROTECTION, CARD}


def test_every_other_kill_keeps_all_but_what_was_in_hand_which_is_named(
    deaths: list[Death], unkilled: EngineRun
) -> None:
    assert unkilled.round_trips == 3
    seen = Counter[tuple[str, str]]()
    for death in deaths:
        run = death.run
        if run is None or is_unharmed(run, unkilled):
            continue
        what = (death.ref, death.message)
        seen[what] += 1
        assert what in IN_HAND | ON_ITS_WAY, f"{death.ref} killed at {death.message}"
        assert (len(lost_bars(run)), len(late_bars(run))) == ((1, 0) if what in IN_HAND else (0, 1))
    assert set(seen) == IN_HAND | ON_ITS_WAY


def test_no_kill_makes_a_second_entry_of_one_signal(deaths: list[Death], unkilled: EngineRun) -> None:
    most = max(fill.qty for fill in unkilled.tape.fills)
    for run in (death.run for death in deaths if death.run is not None):
        net = Decimal(0)
        for fill in run.tape.fills:
            net += fill.qty if fill.side == "buy" else -fill.qty
            assert 0 <= net <= most
        assert max(Counter(order.decided_ms for order in run.tape.orders).values()) == 1
