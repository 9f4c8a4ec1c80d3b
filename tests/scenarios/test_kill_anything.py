"""Kill any actor at any message: the handler of one message runs, then raises, and nothing it did is released.

Exhaustive over the messages of a short run with trades and a stop. Every kill ends in a supervised restart or in an
ordered stop with a named cause. Where the issue is the same final equity, it is compared with the unkilled run; where a
decision died, the run equals the independent loop with exactly that decision left out.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app import names
from actors.app.simulation import RunFailed
from actors.app.taping import BAR_UNSEEN, DECISION_LOST
from runtime.cell import Cell
from runtime.messages import Ref
from tests.oracle.engine import EngineRun, differences, run_rows
from tests.oracle.story import MINUTE_MS, Row, Story, rows_of
from tests.oracle.straight_loop import tell

STORY = Story(fast=3, slow=6, warmup=6, stop="0.4", target="5", equity="100000")
WAVE = [0, -3, -5, -6, -4, 2, 6, 9, 12, 14, 13, 15, 9, 3, -4, -8, -12, -11, -6, 1, 5, 8, 12, 11, 13, 12, 4, -4, -9]
MIDDLES = [*WAVE, -14, -15, -15, -14, -12, -11, -9, -8, -8, -9, -10, -11, -13, -14]
STOPS_THE_RUN = (names.JOURNAL, names.VENUE)
KEEPS_EQUITY = (names.PRIVATE_SOCKET, names.PUBLIC_SOCKET, names.CLOCKSYNC, names.strategy_ref("ema_cross"))


def market() -> list[Row]:
    """Forty-three bars of short wicks around three waves; a fall through the stop inside the second trade."""
    closes = [100 + middle / 10 for middle in MIDDLES]
    bars = []
    for before, close in zip([closes[0], *closes], closes, strict=False):
        bars.append(f"{before:.1f} {max(before, close) + 0.1:.1f} {min(before, close) - 0.1:.1f} {close:.1f}")
    return rows_of(bars)


@attrs.define
class Killer:
    """Raises after the `number`-th handled message; counts them; remembers whom it hit."""

    number: int
    count: int = 0
    hit: tuple[Ref, str, bool] | None = None

    def __call__(self, cell: Cell, message: Any) -> bool:
        self.count += 1
        if self.count == self.number:
            self.hit = (cell.ref, type(message).__name__, cell.supervisor.life.has_been_up)
        return self.count == self.number


@attrs.frozen
class Death:
    """One kill and how the run ended: a result, or the outcome it stopped with."""

    ref: Ref
    message: str
    is_up: bool
    run: EngineRun | None
    failure: RunFailed | None


def run_with(killer: Killer, folder: Path) -> tuple[EngineRun | None, RunFailed | None]:
    try:
        return run_rows(folder, market(), STORY, fault=killer), None
    except RunFailed as failure:
        return None, failure


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> EngineRun:
    return run_rows(tmp_path_factory.mktemp("unkilled"), market(), STORY)


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> list[Death]:
    """Every kill there is."""
    folder = tmp_path_factory.mktemp("killed")
    counter = Killer(0)
    run_with(counter, folder)
    found = []
    for number in range(1, counter.count + 1):
        killer = Killer(number)
        run, failure = run_with(killer, folder)
        assert killer.hit is not None
        found.append(Death(*killer.hit, run, failure))
    return found


def lost_bars(run: EngineRun) -> frozenset[int]:
    """Bars whose decision was named as lost."""
    first = market()[0][0]
    return frozenset((row.time_ms - first) // MINUTE_MS - 1 for row in run.tape.refusals if row.code == DECISION_LOST)


def test_the_story_has_trades_and_a_stop_and_the_engine_tells_it_like_the_loop(unkilled: EngineRun) -> None:
    assert unkilled.round_trips >= 2
    assert Counter(fill.origin for fill in unkilled.fills)["stop_loss"] == 1
    assert differences(tell(market(), STORY), unkilled) == []


def test_every_actor_of_the_tree_is_killed(deaths: list[Death]) -> None:
    everyone = {names.JOURNAL, names.VENUE, names.RATELIMITER, names.GATEWAY, names.CLOCKSYNC, names.PRIVATE_SOCKET}
    everyone |= {names.PUBLIC_SOCKET, names.MARKETDATA, names.ORDERS, names.ACCOUNT, names.PROTECTION}
    everyone |= {names.RECONCILER, names.SAFETY, names.INTENTS, names.strategy_ref("ema_cross")}
    assert {death.ref for death in deaths} == everyone


def test_a_run_that_stops_names_its_cause_and_gives_no_result(deaths: list[Death]) -> None:
    for death in deaths:
        if death.failure is not None:
            causes = death.failure.outcome.causes
            assert causes[0].ref == death.ref
            assert causes[0].error == "Killed"
            assert causes[0].message == death.message


def test_without_venue_or_journal_there_is_no_result(deaths: list[Death]) -> None:
    assert all(death.run is None for death in deaths if death.ref in STOPS_THE_RUN)


def test_a_death_stops_the_run_before_the_tree_is_up_and_is_a_restart_after(deaths: list[Death]) -> None:
    for death in deaths:
        if death.ref not in STOPS_THE_RUN:
            assert (death.run is None) is not death.is_up, f"{death.ref} killed at {death.message}"
    assert Counter(death.is_up for death in deaths)[False] > 20


def test_strategy_sockets_and_clock_keep_the_equity_but_for_a_decision_that_died_in_hand(
    deaths: list[Death], unkilled: EngineRun
) -> None:
    exact = 0
    for death in deaths:
        if death.run is None or death.ref not in KEEPS_EQUITY:
            continue
        lost = lost_bars(death.run)
        if lost:
            assert death.ref == names.strategy_ref("ema_cross")
            expected = tell(market(), STORY, lost=lost)
            assert death.run.final_equity == expected.final_equity
            assert death.run.fills == expected.fills
        else:
            assert death.run.fills == unkilled.fills
            assert death.run.final_equity == unkilled.final_equity
            exact += 1
    assert exact > 2 * len(MIDDLES)


def test_no_wrong_result_is_silent(deaths: list[Death], unkilled: EngineRun) -> None:
    for death in deaths:
        if death.run is None or death.run.fills == unkilled.fills:
            continue
        named = set(death.run.refusals) & {DECISION_LOST, BAR_UNSEEN}
        late = [order for order in death.run.tape.orders if order.reason == "late"]
        assert named or late, f"{death.ref} killed at {death.message}: other fills, and no reason given"


def test_in_ledger_and_intents_a_lost_decision_is_exactly_the_difference(deaths: list[Death]) -> None:
    for death in deaths:
        if death.run is None or death.ref in (names.MARKETDATA, names.RATELIMITER, names.GATEWAY):
            continue
        expected = tell(market(), STORY, lost=lost_bars(death.run))
        assert death.run.fills == expected.fills, f"{death.ref} killed at {death.message}"
