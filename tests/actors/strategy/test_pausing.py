"""A paused card enters nothing and exits as ever; the pause outlives a restart; and a hole in the bars is one range."""

from typing import Any

from actors.marketdata.messages import BarsClosed
from actors.orders.messages import WithdrawResting
from actors.strategy.messages import CardPaused, Decided, Pause, Resume
from ideacards.intents import Action, Intent, IntentMetadata
from ideacards.position_view import PositionView
from runtime.journal.messages import Recalled
from runtime.messages import Remember
from tests.actors.strategy.test_actor import BARS, CARD, SYMBOL, Desk, a_revision


class Busy:
    """Enters, exits and withdraws at every bar; keeps which bars it was shown."""

    reads_equity = False
    reads_drawdown = False
    reads_trades = False
    wakes = None

    def __init__(self) -> None:
        self.seen: list[int] = []

    def decide(self, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        self.seen.append(index)
        actions = (Action.ENTER_LONG, Action.EXIT, Action.WITHDRAW, Action.ENTER_SHORT)
        return tuple(Intent(action, CARD, action.value, ts_close, IntentMetadata()) for action in actions)

    def has_ended(self, when: str, index: int, view: PositionView) -> bool:
        return False

    def values_for(self, intent: Intent, index: int) -> tuple[tuple[str, float], ...]:
        return ()


def close(desk: Desk, index: int, start: int | None = None) -> list[Action]:
    """What the card decides at the close of a bar; `start` is the first of a range that ends with it."""
    bars = BarsClosed(SYMBOL, index if start is None else start, index + 1, int(BARS.ts_close[index]))
    return [said.intent.action for _, said in desk.tell(bars) if isinstance(said, Decided)]


def noted(desk: Desk) -> list[CardPaused]:
    stream = desk.harness.kernel.recorder.stream
    return [record.message for record in stream if isinstance(record.message, CardPaused)]


def busy() -> Desk:
    desk = Desk()
    program: Any = Busy()
    desk.program = program
    desk.harness.actor._program = program  # type: ignore[attr-defined]
    return desk


def test_a_paused_card_exits_and_withdraws_and_enters_nothing_until_it_resumes() -> None:
    desk = busy()
    assert len(close(desk, 3)) == 4
    assert desk.tell(Pause("news")) == [("orders", WithdrawResting(CARD))], "what rests could still fill"
    assert close(desk, 4) == [Action.EXIT, Action.WITHDRAW]
    assert desk.tell(Resume("quiet")) == []
    assert len(close(desk, 5)) == 4
    assert noted(desk) == [CardPaused(CARD, True, "news"), CardPaused(CARD, False, "quiet")]


def test_a_second_pause_changes_nothing() -> None:
    desk = busy()
    desk.tell(Pause())
    assert desk.tell(Pause()) == []
    assert len(noted(desk)) == 1
    desk.harness.remembered()
    desk.tell(Resume())
    desk.tell(Resume())
    assert desk.harness.remembered() == [Remember("decided", f"{CARD}/paused", 0)]


def test_a_restart_does_not_resume_a_paused_card() -> None:
    desk = busy()
    desk.harness.remembered()
    desk.tell(Pause())
    (memory,) = desk.harness.remembered()
    again = Desk(starts=False)
    again.begin_with(Recalled("decided", ((CARD, 0), (memory.key, memory.value))), a_revision(1))
    assert close(again, 3) == []


def test_a_paused_card_whose_bar_gives_entries_alone_remembers_no_decision() -> None:
    desk = Desk()
    desk.tell(Pause())
    desk.harness.remembered()
    assert close(desk, 3) == []
    assert desk.harness.remembered() == []


def test_of_the_bars_that_fill_a_hole_only_the_last_is_evaluated_and_the_others_decide_nothing_late() -> None:
    desk = busy()
    program: Any = desk.program
    close(desk, 3)
    assert len(close(desk, 7, start=4)) == 4
    assert program.seen == [3, 7]
