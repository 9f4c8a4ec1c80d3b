"""What holds whatever is sent and whenever: money is conserved, time goes on, and reduce-only reduces."""

from fractions import Fraction
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.order import Fill, TimeInForce, VenueStatus
from actors.simulator.path import PathPolicy
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import BUY, SELL, Hand, px

ENDED = (VenueStatus.FILLED, VenueStatus.CANCELLED, VenueStatus.DEACTIVATED)
START = 1_000

prices = st.integers(80, 120)


@st.composite
def a_bar(draw: st.DrawFn) -> tuple[int, int, int, int]:
    open_, close, one, other = (draw(prices) for _ in range(4))
    return open_, max(open_, close, one, other), min(open_, close, one, other), close


orders = st.fixed_dictionaries(
    {
        "side": st.sampled_from([BUY, SELL]),
        "qty": st.integers(1, 8),
        "reduce_only": st.booleans(),
        "time_in_force": st.sampled_from(TimeInForce),
    },
    optional={"price": prices, "trigger": prices, "rise": st.booleans()},
)
commands = st.one_of(
    st.tuples(st.just("send"), orders),
    st.tuples(st.just("cancel"), st.integers(1, 8)),
    st.tuples(st.just("amend"), st.tuples(st.integers(1, 8), prices, st.integers(1, 8))),
    st.tuples(st.just("protect"), st.tuples(st.none() | prices, st.none() | prices)),
)
# After each event: some commands, each so far (in thousandths) into the time before the next event.
stories = st.lists(st.lists(st.tuples(st.sampled_from([0, 0, 1, 300, 999, 1000]), commands), max_size=3), max_size=40)


@attrs.define
class Ledger:
    """Money and quantities, kept from the fills alone."""

    cash: Fraction = Fraction(START)
    held: int = 0
    filled: dict[str, int] = attrs.Factory(dict)
    reduce_only: set[str] = attrs.Factory(set)

    def book(self, fill: Fill, hand: Hand) -> None:
        signed = fill.side * fill.qty
        rate = hand.place.maker_rate if fill.is_maker else hand.place.taker_rate
        value = Fraction(fill.price * fill.qty, 10**5)
        assert Fraction(fill.fee, 10**10) == value * rate / 10**5
        self.cash -= fill.side * value + Fraction(fill.fee, 10**10)
        if fill.order_id in self.reduce_only:
            assert self.held * signed < 0
            assert abs(signed) <= abs(self.held)
        self.held += signed
        self.filled[fill.order_id] = self.filled.get(fill.order_id, 0) + fill.qty


def do(hand: Hand, command: tuple[str, Any], at_ms: int) -> None:
    verb, fields = command
    hand.now = at_ms
    if verb == "send":
        fields = dict(fields)
        if "trigger" not in fields:
            fields.pop("rise", None)
        hand.send(fields.pop("side"), fields.pop("qty"), **fields)
    elif verb == "cancel":
        hand.cancel(f"id-{fields}")
    elif verb == "amend":
        hand.amend(f"id-{fields[0]}", price=fields[1], qty=fields[2])
    else:
        hand.protect(*fields)


def judge(hand: Hand, ledger: Ledger, known: int, statuses: dict[str, VenueStatus]) -> None:
    """Judge what was said since, in its order: a fill is told before the report that counts it."""
    for event in hand.events[known:]:
        assert statuses.get(event.order_id) not in ENDED, "something after the end"
        if isinstance(event, Fill):
            asked = hand.venue.order(event.link_id)
            if asked is None or asked.reduce_only:  # stop and target have no link id
                ledger.reduce_only.add(event.order_id)
            ledger.book(event, hand)
            continue
        statuses[event.order_id] = event.status
        assert event.filled_qty == ledger.filled.get(event.order_id, 0)
        assert event.filled_qty == (event.qty if event.status is VenueStatus.FILLED else 0)


def check(hand: Hand, ledger: Ledger) -> None:
    venue = hand.venue
    position, money = venue.position_report(), venue.equity_report(hand.now)
    digits = 10**hand.place.money_digits
    assert position.position.qty == ledger.held
    assert Fraction(money.wallet - position.position.cost, digits) == ledger.cash
    if ledger.held == 0:
        assert (position.stop, position.target) == (None, None)
        assert money.equity == money.wallet
        assert Fraction(money.wallet, digits) == ledger.cash
    still_open = venue.open_orders()
    for report in still_open:
        assert report.status in (VenueStatus.NEW, VenueStatus.UNTRIGGERED)
        assert not report.reduce_only or report.side * ledger.held < 0
    if not still_open and ledger.held == 0:
        assert money.available == money.equity


@settings(max_examples=300, deadline=None)
@given(
    st.lists(a_bar(), min_size=2, max_size=5),
    stories,
    st.sampled_from(PathPolicy),
    st.integers(0, 2),
    st.sampled_from([1, 10]),
    st.none() | st.integers(1, 2),
)
def test_whatever_is_sent_and_whenever_the_books_agree(
    bars: list[tuple[int, ...]],
    story: list[list[tuple[int, tuple[str, Any]]]],
    policy: PathPolicy,
    through: int,
    leverage: int,
    gap_before: int | None,
) -> None:
    place = an_instrument(tick=px(1), step=1000, min_qty=1000)
    gap = gap_before if gap_before is not None and gap_before < len(bars) else None
    hand = Hand(
        bars,
        instrument=place,
        equity=START,
        path=policy,
        limit_fill_ticks=through,
        leverage=leverage,
        gap_before=gap,
    )
    ledger, statuses = Ledger(), dict[str, VenueStatus]()
    closed: list[int] = []
    for said in [*story, *([] for _ in range(1000))]:
        if hand.venue.next_time() is None:
            break
        known = len(hand.events)
        index = hand.step()
        judge(hand, ledger, known, statuses)
        check(hand, ledger)
        if index is not None:
            closed.append(index)
            last = hand.bars.price_close[index]
            equity = Fraction(hand.venue.equity_report(hand.now).equity, 10**hand.place.money_digits)
            assert equity == ledger.cash + Fraction(int(last) * ledger.held, 10**5)
        for share, command in said:
            until = hand.venue.next_time()
            at_ms = hand.now if until is None else hand.now + (until - hand.now) * share // 1000
            known = len(hand.events)
            do(hand, command, at_ms)
            assert not any(isinstance(event, Fill) for event in hand.events[known:]), "fills come as market events"
            judge(hand, ledger, known, statuses)
            check(hand, ledger)
    assert closed == list(range(len(bars)))
    assert [fill.seq for fill in hand.fills] == list(range(1, len(hand.fills) + 1))
    assert [fill.time_ms for fill in hand.fills] == sorted(fill.time_ms for fill in hand.fills)


@settings(max_examples=50, deadline=None)
@given(st.lists(a_bar(), min_size=2, max_size=4), stories)
def test_looking_and_asking_change_nothing(
    bars: list[tuple[int, ...]], story: list[list[tuple[int, tuple[str, Any]]]]
) -> None:
    place = an_instrument(tick=px(1), step=1000, min_qty=1000)
    quiet, curious = (Hand(bars, instrument=place, equity=START) for _ in range(2))
    for said in [*story, *([] for _ in range(1000))]:
        if curious.venue.next_time() is None:
            break
        for _ in range(2):
            curious.venue.next_time()
            curious.venue.state(0, curious.now)
        curious.step()
        quiet.venue.advance()
        quiet.listen()
        for _, command in said:
            curious.venue.next_time()
            do(curious, command, curious.now)
            do(quiet, command, curious.now)
    assert curious.events == quiet.events
