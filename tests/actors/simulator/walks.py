"""For the comparisons with the slow venues: bars of few whole prices, random requests, and a run of the real venue."""

from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeGuard

import attrs
from hypothesis import strategies as st

from actors.model.order import Fill, OrderReport, TimeInForce
from actors.model.origins import Origin
from actors.model.result import RequestOutcome
from tests.actors.simulator.builders import BUY, SELL, Hand, terms
from tests.actors.simulator.straight_walk import BAR_MS, Act, Bar

__all__ = ["Teller", "a_bar", "changes", "delays", "news", "prices", "stories", "tell", "tell_all"]

prices = st.integers(30, 50)
delays = st.sampled_from([0, 0, 1, 777, 19_999, 20_000, 20_001, 33_333, 59_998, 59_999, 60_000, 61_234, 130_000])


@st.composite
def a_bar(draw: st.DrawFn) -> Bar:
    """High and low are the extremes of four prices."""
    open_, close, one, other = (draw(prices) for _ in range(4))
    return open_, max(open_, close, one, other), min(open_, close, one, other), close


changes = st.builds(
    Act, verb=st.sampled_from(["change", "cancel"]), price=prices, target=st.integers(1, 6), late_ms=delays
)


@st.composite
def news(draw: st.DrawFn, most: int) -> Act:
    """A new order of up to `most` coins; one in three brings a stop, a target or both, most of them on their sides."""
    side, price = draw(st.sampled_from([1, -1])), draw(st.none() | prices)
    brings: tuple[int | None, int | None] = (None, None)
    if draw(st.sampled_from([True, False, False])):
        base = 40 if price is None else price
        away = st.none() | st.integers(-1, 9)
        stop, target = draw(away), draw(away)
        brings = None if stop is None else base - side * stop, None if target is None else base + side * target
    return Act(
        "new",
        side,
        draw(st.integers(1, most)),
        price,
        draw(st.none() | st.none() | prices),
        draw(st.booleans()),
        draw(st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK", "PostOnly"])),
        draw(st.sampled_from([False, False, True])),
        late_ms=draw(delays),
        brings=brings,
    )


def stories(most: int) -> st.SearchStrategy[list[list[Act]]]:
    """What is sent at each close."""
    return st.lists(st.lists(news(most) | changes, max_size=4), min_size=1, max_size=6)


@attrs.frozen
class Teller:
    """Who trades one symbol: what is sent at each close, and the habit of a stop and target (distances, 0 for none),
    which arrive `lag_ms` after each own fill.
    """

    acts: Sequence[Sequence[Act]]
    habit: tuple[int, int]
    lag_ms: int = 0
    symbol: str = "BTCUSDT"


def tell(
    hand: Hand,
    acts: Sequence[Sequence[Act]],
    habit: tuple[int, int],
    unit: int,
    lag_ms: int = 0,
    on_close: Callable[[], None] = lambda: None,
) -> list[bool]:
    """The whole story of one symbol; returns which new orders were taken."""
    (answers,) = tell_all(hand, [Teller(acts, habit, lag_ms)], unit, on_close)
    return answers


def tell_all(
    hand: Hand, tellers: Sequence[Teller], unit: int, on_close: Callable[[], None] = lambda: None
) -> list[list[bool]]:
    """The story of each symbol on one time line. A price of the story is 1 / `unit` of the hand's. What arrives goes
    before an event of the same time. Returns which new orders of each symbol were taken.
    """
    answers: list[list[bool]] = [[] for _ in tellers]
    messages: list[tuple[int, int, str, Callable[[], object]]] = []
    numbers = count()

    def post(time_ms: int, symbol: str, carry_out: Callable[[], object]) -> None:
        heappush(messages, (time_ms, next(numbers), symbol, carry_out))

    for bar in range(len(hand.bars)):
        for teller, its_answers in zip(tellers, answers, strict=True):
            for act in teller.acts[bar] if bar < len(teller.acts) else ():
                post((bar + 1) * BAR_MS + act.late_ms, teller.symbol, partial(_send, hand, act, unit, its_answers))
    end_ms = len(hand.bars) * BAR_MS
    while True:
        event_ms = hand.venue.next_time()
        if messages and messages[0][0] <= (end_ms if event_ms is None else event_ms):
            hand.now, _, hand.symbol, carry_out = heappop(messages)
            carry_out()
            continue
        if event_ms is None:
            return answers
        known = len(hand.events)
        if hand.step() is not None:
            on_close()
        for teller in tellers:
            hand.symbol = teller.symbol
            own = [each for each in hand.events[known:] if _is_own(each, teller.symbol)]
            if own and hand.held and any(teller.habit):
                sign, price = (1 if hand.held > 0 else -1), own[0].price * unit // 100
                stop, target = teller.habit
                levels = (
                    (price - sign * stop) / unit if stop else None,
                    (price + sign * target) / unit if target else None,
                )
                post(hand.now + teller.lag_ms, teller.symbol, partial(hand.protect, *levels))


def _is_own(event: Fill | OrderReport, symbol: str) -> TypeGuard[Fill]:
    return isinstance(event, Fill) and event.origin is Origin.USER and event.symbol == symbol


def _send(hand: Hand, act: Act, unit: int, answers: list[bool]) -> None:
    if act.verb == "cancel":
        hand.cancel(f"id-{act.target}")
        return
    fields: dict[str, Any] = {} if act.price is None else {"price": act.price / unit}
    if act.verb == "change":
        hand.amend(f"id-{act.target}", **fields)
        return
    if act.trigger is not None:
        fields |= {"trigger": act.trigger / unit, "rise": act.rises}
    if act.brings != (None, None):
        stop, target = (None if level is None else level / unit for level in act.brings)
        fields["protection"] = terms(stop_loss=stop, take_profit=target)
    hand.send(
        BUY if act.side > 0 else SELL,
        act.qty,
        link_id=f"id-{sum(answers) + 1}",
        time_in_force=TimeInForce(act.policy),
        reduce_only=act.reduce_only,
        **fields,
    )
    assert hand.last is not None
    answers.append(hand.last.outcome is RequestOutcome.ACCEPTED)
