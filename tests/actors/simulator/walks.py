"""For the comparisons with the slow venues: bars and changes of few whole prices, and a story told to the real one."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from actors.model.order import Fill, Origin, TimeInForce
from actors.model.result import Outcome
from tests.actors.simulator.builders import BUY, SELL, Hand
from tests.actors.simulator.straight_walk import Act, Bar

__all__ = ["a_bar", "changes", "prices", "tell"]

prices = st.integers(30, 50)


@st.composite
def a_bar(draw: st.DrawFn) -> Bar:
    """High and low are the extremes of four prices."""
    open_, close, one, other = (draw(prices) for _ in range(4))
    return open_, max(open_, close, one, other), min(open_, close, one, other), close


changes = st.builds(Act, verb=st.sampled_from(["change", "cancel"]), price=prices, target=st.integers(1, 6))


def tell(
    hand: Hand,
    acts: Sequence[Sequence[Act]],
    habit: tuple[int, int],
    unit: int,
    on_close: Callable[[], None] = lambda: None,
) -> list[bool]:
    """The whole story: what is sent at each close, and the habit of a stop and target (distances, 0 for none) after
    each own fill. A price of the story is 1 / `unit` of the hand's. Returns which new orders were taken.
    """
    answers: list[bool] = []
    while hand.venue.next_time() is not None:
        known = len(hand.events)
        closed = hand.step()
        if closed is None:
            own = [each for each in hand.events[known:] if isinstance(each, Fill) and each.origin is Origin.USER]
            if own and hand.held:
                sign, price = (1 if hand.held > 0 else -1), own[0].price * unit // 100
                stop, target = habit
                hand.protect(
                    (price - sign * stop) / unit if stop else None, (price + sign * target) / unit if target else None
                )
            continue
        on_close()
        for act in acts[closed] if closed < len(acts) else ():
            _send(hand, act, unit, answers)
    return answers


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
    answers.append(hand.last.outcome is Outcome.ACCEPTED)
