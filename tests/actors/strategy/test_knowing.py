"""What a strategy asks for at its start, what its card sees of the account, and which missing answers are a crash."""

from itertools import permutations
from typing import Any

import pytest

from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed, Wake
from actors.model.fixed import Money, Qty
from actors.model.position import Position
from actors.orders.messages import LedgerQuery
from actors.strategy.messages import Decided
from ideacards.feeds import WakeColumn, WakeSet, WakeState
from ideacards.position_view import PositionView
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from tests.actors.strategy.test_actor import BARS, CARD, HELD, PLACE, SYMBOL, WALLET, Desk, a_revision, a_wake_set

MONEY_ONE = 10**PLACE.money_digits
OTHER = Position(Qty(2000), Money(PLACE.value(10_000, 2000)))
ANSWERS = {
    Recall: Recalled("decided", ((CARD, 0),)),
    Subscribe: Subscribed(3, Ref("world")),
    LedgerQuery: a_revision(1),
    "ETHUSDT": a_revision(1, symbol="ETHUSDT", position=OTHER),
}


def shown(desk: Desk, index: int) -> PositionView:
    """The view itself that the card is shown at the close of a bar."""
    views: list[PositionView] = []
    decide = desk.program.decide

    def keep(index: int, ts_close: int, view: PositionView) -> Any:
        views.append(view)
        return decide(index, ts_close, view)

    desk.program.decide = keep  # type: ignore[method-assign]
    desk.close(index)
    return views[-1]


@pytest.mark.parametrize("order", list(permutations(ANSWERS)))
def test_it_begins_with_the_last_answer_whichever_that_is(order: tuple[Any, ...]) -> None:
    desk = Desk(starts=False, has_other=True)
    assert set(desk.asked) == set(ANSWERS)
    for question in order:
        assert not desk.harness.is_started
        desk.harness.answer(desk.asked[question], ANSWERS[question])
    assert desk.harness.is_started
    expected = WALLET + PLACE.value(400, 2000)
    assert desk.close(4)[2] * MONEY_ONE == pytest.approx(expected), "its first bar counts what is held elsewhere"


def test_an_older_revision_of_another_symbol_is_ignored_too() -> None:
    desk = Desk(has_other=True)
    desk.tell(a_revision(9, symbol="ETHUSDT", position=OTHER, wallet=Money(WALLET - 5)))
    desk.tell(a_revision(8, symbol="ETHUSDT", wallet=WALLET))
    assert desk.close(4)[2] * MONEY_ONE == pytest.approx(WALLET - 5 + PLACE.value(400, 2000))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_view_has_size_and_average_price_of_the_position_and_none_without_one(sign: int) -> None:
    desk = Desk(position=Position(Qty(sign * 1000), Money(sign * HELD.cost)))
    view = shown(desk, 3)
    assert (view.qty_sign, view.size) == (sign, sign * 1.0)
    assert view.entry_price == pytest.approx(100.0)
    desk.tell(a_revision(2))
    view = shown(desk, 4)
    assert (view.qty_sign, view.size, view.entry_price) == (0, 0.0, None)


def test_a_card_that_does_not_read_equity_is_shown_the_wallet_and_its_decision_is_sent_with_all() -> None:
    desk = Desk(position=HELD, has_other=True)
    desk.program.reads_equity = False
    for revision, symbol in ((2, SYMBOL), (3, "ETHUSDT")):
        held = HELD if symbol == SYMBOL else OTHER
        desk.tell(a_revision(revision, symbol=symbol, position=held, wallet=Money(WALLET - revision * MONEY_ONE)))
        said = desk.tell(BarsClosed(SYMBOL, 4, 5, int(BARS.ts_close[4])))
        assert desk.program.seen[-1][3] * MONEY_ONE == WALLET - revision * MONEY_ONE
    ((_, decided),) = [(ref, message) for ref, message in said if isinstance(message, Decided)]
    unrealised = PLACE.value(10_400, 1000) - HELD.cost + PLACE.value(400, 2000)
    assert decided.facts.equity == WALLET - 3 * MONEY_ONE + unrealised


def test_a_bar_that_closes_before_a_later_life_knows_all_is_the_one_that_it_asks_for() -> None:
    desk = Desk()
    desk.asked = {type(message): number for _, message, number in desk.harness.crash()}
    desk.harness.answer(desk.asked[Recall], ANSWERS[Recall])
    desk.harness.answer(desk.asked[Subscribe], ANSWERS[Subscribe])
    desk.tell(BarsClosed(SYMBOL, 3, 5, int(BARS.ts_close[4])))
    said = desk.harness.answer(desk.asked[LedgerQuery], a_revision(1))
    asked = CatchUp(desk.harness.ref, SYMBOL, int(BARS.ts_close[4]))
    assert [(ref, message) for ref, message, _ in said] == [("marketdata", asked)]


def test_a_position_whose_wake_is_narrow_is_told_with_size_and_price_and_again_when_those_change() -> None:
    wakes = a_wake_set()

    def narrow(
        state: WakeState, column: bytes, size: float, price: float | None, held: tuple[float, ...]
    ) -> WakeColumn:
        return column

    desk = Desk(wakes=WakeSet(wakes.flat, wakes.long, wakes.short, wakes.resting, narrow))
    more = Position(Qty(2000), Money(PLACE.value(11_000, 2000)))
    less = Position(Qty(-1000), Money(-HELD.cost))
    for revision, (held, wake) in enumerate(
        [
            (HELD, Wake(SYMBOL, WakeState.LONG, 1.0, 100.0)),
            (more, Wake(SYMBOL, WakeState.LONG, 2.0, 110.0)),
            (less, Wake(SYMBOL, WakeState.SHORT, -1.0, 100.0)),
        ],
        start=2,
    ):
        assert desk.tell(a_revision(revision, position=held)) == [("world", wake)]
        assert desk.tell(a_revision(revision, position=held)) == []


@pytest.mark.parametrize("answered", [(), (Recall,), (Recall, Subscribe)])
def test_no_answer_to_a_start_query_is_a_crash(answered: tuple[type, ...]) -> None:
    desk = Desk(starts=False)
    for question in answered:
        desk.harness.answer(desk.asked[question], ANSWERS[question])
    desk.harness.advance(60 * SECOND_NS - 1)
    assert desk.harness.kernel.life.outcome is None
    desk.harness.advance(1)
    assert desk.harness.kernel.life.outcome is not None
