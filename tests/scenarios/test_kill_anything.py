"""Kill any actor at any message: the handler of one message runs, then raises, and nothing it did is released.

Exhaustive over the messages of a short run with trades, a stop and a refusal. A kill before the tree is up, of the
venue or of the journal is an ordered stop with its cause. Every other one ends in the fills and equity of the unkilled
run, but for one named decision: lost (an order or intent in hand died: the run equals the independent loop without it)
or late (it was sent again after the evidence ladder: the run equals the loop with that order seven seconds late).
"""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app import names
from actors.app.cli import main
from actors.app.results.taping import BAR_UNSEEN, DECISION_LOST
from actors.app.runs.simulation import RunFailed
from actors.simulator.messages import Pull
from actors.strategy.actor import Strategy
from runtime.kernel.cell import Cell
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref
from tests.oracle.engine import EngineRun, differences, run_rows
from tests.oracle.story import MINUTE_MS, Row, Story, card_text, rows_of, write_bars
from tests.oracle.straight_loop import tell
from tests.scenarios.trees import has_been_up

pytestmark = pytest.mark.slow

STORY = Story(fast=3, slow=6, warmup=6, stop="0.4", target="5", equity="100000", notional="5.06")
WAVE = [0, -3, -5, -6, -4, 2, 6, 9, 12, 14, 13, 15, 9, 3, -4, -8, -12, -11, -6, 1, 5, 8, 12, 11, 13, 12, 4, -4, -9]
THEN = [-14, -15, -15, -14, -12, -11, -9, -8, -8, -9, -10, -11, -13, -14, -13, -10, -6, -8, -12, -14, -10]
MIDDLES = [*WAVE, *THEN, 14, 15, 14, 13, 12]
CARD = names.strategy_ref("ema_cross")
STOPS_THE_RUN = (names.JOURNAL, names.VENUE)
KEEPS_ALL = (names.CLOCKSYNC, names.MARKETDATA, CARD)
# Who hears nothing in this run is killed between two messages (`test_kill_in_between.py`); gateway and sockets have
# messages in hand where there is a latency (`test_kill_anything_late.py`).
HEARS_NOTHING = (names.JOURNAL, names.GATEWAY, names.PRIVATE_SOCKET, names.PUBLIC_SOCKET, names.SAFETY)
MAY_BE_LATE = (names.RATELIMITER,)
MAY_LOSE = (names.ORDERS, names.PROTECTION, names.RECONCILER, names.INTENTS)
LATE_S = 7  # the grace time of the evidence ladder
# Clock and books are compared often enough for their actors to be killed at it.
OFTEN: dict[str, Any] = {"every_s": 420, "max_loss": Decimal(50)}
MOST_MESSAGES = 2_000  # handled in a run of 477 unkilled: beyond it hangs


def market() -> list[Row]:
    """Fifty-five bars of short wicks around waves: a fall through a stop, two exits, and a last cross too dear for its
    notional.
    """
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
        assert self.count <= MOST_MESSAGES, f"no end after a kill of {self.hit}"
        if self.count == self.number:
            self.hit = (cell.ref, type(message).__name__, has_been_up(cell))
        return self.count == self.number


@attrs.frozen
class Death:
    """One kill and how the run ended: a result, or the outcome it stopped with."""

    ref: Ref
    message: str
    is_up: bool
    run: EngineRun | None
    failure: RunFailed | None


def run_with(killer: Killer, folder: Path, *, every_bar: bool = True) -> tuple[EngineRun | None, RunFailed | None]:
    try:
        return run_rows(folder, market(), STORY, fault=killer, every_bar=every_bar, **OFTEN), None
    except RunFailed as failure:
        return None, failure


@pytest.fixture(scope="module", params=[True, False], ids=["every bar", "wake set"])
def every_bar(request: pytest.FixtureRequest) -> bool:
    """Whether each bar is delivered, or those alone at which the card can decide."""
    return bool(request.param)


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory, every_bar: bool) -> EngineRun:
    return run_rows(tmp_path_factory.mktemp("unkilled"), market(), STORY, every_bar=every_bar, **OFTEN)


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory, every_bar: bool) -> list[Death]:
    """Every kill there is."""
    folder = tmp_path_factory.mktemp("killed")
    counter = Killer(0)
    run_with(counter, folder, every_bar=every_bar)
    found = []
    for number in range(1, counter.count + 1):
        killer = Killer(number)
        run, failure = run_with(killer, folder, every_bar=every_bar)
        assert killer.hit is not None
        found.append(Death(*killer.hit, run, failure))
    return found


def bar_of(time_ms: int) -> int:
    """The bar that closed at this time."""
    return (time_ms - market()[0][0]) // MINUTE_MS - 1


def lost_bars(run: EngineRun) -> frozenset[int]:
    """Bars whose decision was named as lost."""
    return frozenset(bar_of(row.time_ms) for row in run.tape.refusals if row.code == DECISION_LOST)


def late_bars(run: EngineRun) -> frozenset[int]:
    """Bars whose decision was named as late."""
    return frozenset(bar_of(order.decided_ms) for order in run.tape.orders if order.reason == "late")


def is_unharmed(run: EngineRun, unkilled: EngineRun) -> bool:
    """Nothing of it shows the kill."""
    same = (run.fills, run.final_equity, run.refusals, run.orders)
    return same == (unkilled.fills, unkilled.final_equity, unkilled.refusals, unkilled.orders)


def test_the_story_has_trades_a_stop_and_a_refusal_and_the_engine_tells_it_like_the_loop(unkilled: EngineRun) -> None:
    assert len(market()) <= 60
    assert unkilled.round_trips == 3
    assert Counter(fill.origin for fill in unkilled.fills)["stop_loss"] == 1
    assert unkilled.refusals == {"BELOW_MINIMUM": 1}
    assert differences(tell(market(), STORY), unkilled) == []


def test_every_actor_of_the_tree_is_killed(deaths: list[Death]) -> None:
    killed_when_up = {death.ref for death in deaths if death.is_up}
    assert killed_when_up == {*STOPS_THE_RUN, *KEEPS_ALL, *MAY_BE_LATE, *MAY_LOSE} - {*HEARS_NOTHING}


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
        if death.run is not None:
            assert death.run.tape.restarts > 0
    assert Counter(death.is_up for death in deaths)[False] > 20


def test_clock_marketdata_and_strategy_keep_everything(deaths: list[Death], unkilled: EngineRun) -> None:
    kept = [death for death in deaths if death.run is not None and death.ref in KEEPS_ALL]
    for death in kept:
        assert death.run is not None
        assert is_unharmed(death.run, unkilled), f"{death.ref} killed at {death.message}"
    delivered = unkilled.tape.bars_delivered
    assert Counter(death.ref for death in kept)[names.MARKETDATA] >= delivered
    assert Counter(death.ref for death in kept)[CARD] >= delivered


def test_a_wake_set_leaves_bars_out(unkilled: EngineRun, every_bar: bool) -> None:
    assert unkilled.tape.bars_delivered == len(market()) if every_bar else 5 < unkilled.tape.bars_delivered < 12


def test_the_limiter_keeps_everything_but_an_order_in_hand_which_is_late(
    deaths: list[Death], unkilled: EngineRun
) -> None:
    hit = Counter[Ref]()
    for death in deaths:
        if death.run is None or death.ref not in MAY_BE_LATE or is_unharmed(death.run, unkilled):
            continue
        late = late_bars(death.run)
        assert (death.message, len(late)) == ("SubmitOrder", 1)
        assert differences(tell(market(), STORY, late_s=dict.fromkeys(late, LATE_S)), death.run) == []
        hit[death.ref] += 1
    assert hit == dict.fromkeys(MAY_BE_LATE, 5)  # three entries and two exits


def test_ledger_and_intents_keep_everything_but_a_decision_in_hand_or_queued_which_is_lost(
    deaths: list[Death], unkilled: EngineRun
) -> None:
    hit = Counter[Ref]()
    for death in deaths:
        if death.run is None or death.ref not in MAY_LOSE or is_unharmed(death.run, unkilled):
            continue
        lost = lost_bars(death.run)
        assert len(lost) == 1, f"{death.ref} killed at {death.message}"
        assert death.message in ("Decided", "ApprovedOrder")
        expected = tell(market(), STORY, lost=lost)
        assert death.run.fills == expected.fills
        assert death.run.final_equity == expected.final_equity
        assert set(death.run.refusals) <= {DECISION_LOST, "BELOW_MINIMUM"}
        hit[death.ref] += 1
    assert hit == {names.ORDERS: 5, names.INTENTS: 6}  # the refused intent too


def test_no_bar_goes_unseen(deaths: list[Death]) -> None:
    for death in deaths:
        if death.run is not None:
            assert BAR_UNSEEN not in death.run.refusals, f"{death.ref} killed at {death.message}"


@pytest.mark.parametrize("ref", [names.MARKETDATA, CARD])
def test_a_card_that_does_not_ask_for_the_newest_bar_again_is_caught(
    ref: Ref, unkilled: EngineRun, every_bar: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a bar in hand at a death is gone."""
    monkeypatch.setattr(Strategy, "_catch_up", lambda *_: None)
    harmed = 0
    for number in range(1, 500):
        killer = Killer(number)
        run, _ = run_with(killer, tmp_path, every_bar=every_bar)
        if killer.hit is None:
            break
        harmed += run is not None and killer.hit[0] == ref and not is_unharmed(run, unkilled)
    assert harmed > 0


@pytest.mark.parametrize("number", [1, 20, 150])
def test_the_command_ends_with_1_and_one_line_when_its_tree_is_killed(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the tree is up, or when the venue dies: an ordered stop and no result."""
    killer = VenueKiller() if number > 100 else Killer(number)
    init = Kernel.__init__

    def with_killer(self: Kernel, tree: Any, recorder: Any, seed: int, fault: Any, **options: Any) -> None:
        init(self, tree, recorder, seed, killer, **options)

    monkeypatch.setattr(Kernel, "__init__", with_killer)
    bars, card = write_bars(tmp_path / "bars.csv", market()), tmp_path / "card.yaml"
    card.write_text(card_text(STORY), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["backtest", str(card), "--bars", str(bars), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "the run stopped" in said.err
    assert "Killed" in said.err
    assert not out.exists()


class VenueKiller:
    """Kills the venue at its fifth market event."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, cell: Cell, message: Any) -> bool:
        self.count += type(message) is Pull
        return self.count == 5
