"""For the comparisons with the slow venues: bars of few whole prices, random requests, and a run of the real venue."""

from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from hypothesis import strategies as st

from actors.model.order import Fill, TimeInForce
from actors.model.origins import Origin
from actors.model.result import RequestOutcome
from tests.actors.simulator.builders import BUY, SELL, Hand
from tests.actors.simulator.straight_walk import BAR_MS, Act, Bar

__all__ = ["a_bar", "changes", "delays", "prices", "tell"]

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


def tell(
    hand: Hand,
    acts: Sequence[Sequence[Act]],
    habit: tuple[int, int],
    unit: int,
    lag_ms: int = 0,
    on_close: Callable[[], None] = lambda: None,
) -> list[bool]:
    """The whole story: what is sent at each close, and the habit of a stop and target (distances, 0 for none), which
    arrive `lag_ms` after each own fill. A price of the story is 1 / `unit` of the hand's. What arrives goes before an
    event of the same time. Returns which new orders were taken.
    """
    answers: list[bool] = []
    messages: list[tuple[int, int, Callable[[], object]]] = []

    def post(time_ms: int, carry_out: Callable[[], object]) -> None:
        heappush(messages, (time_ms, next(numbers), carry_out))

    numbers = count()
    for bar, sent in enumerate(acts[: len(hand.bars)]):
        for act in sent:
            post((bar + 1) * BAR_MS + act.late_ms, partial(_send, hand, act, unit, answers))
    end_ms = len(hand.bars) * BAR_MS
    while True:
        event_ms = hand.venue.next_time()
        if messages and messages[0][0] <= (end_ms if event_ms is None else event_ms):
            hand.now, _, carry_out = heappop(messages)
            carry_out()
            continue
        if event_ms is None:
            return answers
        known = len(hand.events)
        if hand.step() is not None:
            on_close()
        own = [each for each in hand.events[known:] if isinstance(each, Fill) and each.origin is Origin.USER]
        if own and hand.held:
            sign, price = (1 if hand.held > 0 else -1), own[0].price * unit // 100
            stop, target = habit
            levels = (price - sign * stop) / unit if stop else None, (price + sign * target) / unit if target else None
            post(hand.now + lag_ms, partial(hand.protect, *levels))


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
