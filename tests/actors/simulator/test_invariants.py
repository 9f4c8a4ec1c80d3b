"""What holds whatever is sent and whenever: money is conserved, time goes on, and reduce-only reduces."""

from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.backend import CancelAll
from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.order import Fill, TimeInForce, VenueStatus
from actors.simulator.config import MarginMode
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import BUY, SELL, Hand, px, terms

ENDED = (VenueStatus.FILLED, VenueStatus.CANCELLED, VenueStatus.DEACTIVATED)
START = 1_000

prices = st.integers(80, 120)


@st.composite
def a_bar(draw: st.DrawFn) -> tuple[int, int, int, int]:
    open_, close, one, other = (draw(prices) for _ in range(4))
    return open_, max(open_, close, one, other), min(open_, close, one, other), close


brought_along = st.builds(
    lambda stop, target, is_partial: terms(stop_loss=stop, take_profit=target, is_partial=is_partial),
    st.none() | prices,
    st.none() | prices,
    st.booleans(),
)
orders = st.fixed_dictionaries(
    {
        "side": st.sampled_from([BUY, SELL]),
        "qty": st.integers(1, 8),
        "reduce_only": st.sampled_from([False, False, False, True]),
        "time_in_force": st.sampled_from(TimeInForce),
    },
    optional={"price": prices, "trigger": prices, "rise": st.booleans(), "protection": brought_along},
)
at_market = st.fixed_dictionaries({"side": st.sampled_from([BUY, SELL]), "qty": st.integers(1, 8)})
commands = st.one_of(
    st.tuples(st.just("send"), at_market),
    st.tuples(st.just("send"), orders),
    st.tuples(st.just("send"), orders),
    st.tuples(st.just("cancel"), st.integers(1, 8)),
    st.tuples(st.just("amend"), st.tuples(st.integers(1, 8), prices, st.integers(1, 8))),
    st.tuples(st.just("protect"), st.tuples(st.none() | prices, st.none() | prices)),
    st.tuples(st.just("trail"), st.tuples(st.integers(1, 15), st.none() | prices)),
    st.tuples(st.just("add"), st.tuples(st.integers(1, 8), st.none() | prices, st.none() | prices, st.booleans())),
    st.tuples(st.just("lever"), st.integers(0, 12)),
    st.tuples(st.just("cancel all"), st.none()),
)
# After each event: some commands, each so far (in thousandths) into the time before the next event.
moments = st.tuples(st.sampled_from([0, 0, 1, 300, 999, 1000]), commands)
stories = st.lists(st.lists(moments, min_size=1, max_size=3), min_size=3, max_size=12)


@attrs.define
class Ledger:
    """Money and quantities, kept from the fills alone."""

    cash: Fraction = Fraction(START)
    held: int = 0
    filled: dict[str, int] = attrs.Factory(dict)
    reduce_only: set[str] = attrs.Factory(set)

    def book(self, fill: Fill, hand: Hand) -> None:
        signed = fill.side * fill.qty
        rate = hand.instrument.maker_rate if fill.is_maker else hand.instrument.taker_rate
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
    elif verb == "trail":
        hand.trail(fields[0], active=fields[1])
    elif verb == "add":
        qty, stop, target, rests = fields
        hand.add(qty, stop_loss=stop, take_profit=target, take_profit_limit_price=target if rests else None)
    elif verb == "lever":
        hand.lever(fields)
    elif verb == "cancel all":
        hand.venue.cancel_all(CancelAll("BTCUSDT"), hand.now)
        hand.listen()
    else:
        hand.protect(*fields)


def judge(hand: Hand, ledger: Ledger, known: int, statuses: dict[str, VenueStatus]) -> None:
    """Judge what was said since, in its order: a fill is told before the report that counts it."""
    for told in hand.events[known:]:
        assert statuses.get(told.order_id) not in ENDED, "something after the end"
        if isinstance(told, Fill):
            asked = hand.venue.order(told.link_id)
            if asked is None or asked.reduce_only:  # stop and target have no link id
                ledger.reduce_only.add(told.order_id)
            ledger.book(told, hand)
            continue
        statuses[told.order_id] = told.status
        assert told.filled_qty == ledger.filled.get(told.order_id, 0) <= told.qty
        if told.status is VenueStatus.FILLED:
            assert told.filled_qty == told.qty > 0
        if told.status is VenueStatus.PARTIALLY_FILLED:
            assert 0 < told.filled_qty < told.qty


def check(hand: Hand, ledger: Ledger) -> None:
    venue = hand.venue
    position, money = venue.position_report(), venue.equity_report(hand.now)
    digits = 10**hand.instrument.money_digits
    assert position.position.qty == ledger.held
    assert Fraction(money.wallet - position.position.cost, digits) == ledger.cash
    if ledger.held == 0:
        assert (position.stop_loss, position.take_profit, position.trailing_stop) == (None, None, None)
        assert money.equity == money.wallet
        assert Fraction(money.wallet, digits) == ledger.cash
    still_open = venue.open_orders()
    for report in still_open:
        assert report.status in (VenueStatus.NEW, VenueStatus.UNTRIGGERED, VenueStatus.PARTIALLY_FILLED)
        assert not report.reduce_only or report.side * ledger.held < 0
    if not still_open and ledger.held == 0:
        assert money.available == money.equity


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(
    st.lists(a_bar(), min_size=3, max_size=8),
    stories,
    st.sampled_from(PathPolicy),
    st.integers(0, 2),
    st.sampled_from([1, 10]),
    st.none() | st.integers(1, 2),
    st.sampled_from([(0, 1), (0, 1), (1, 2)]),
    st.sampled_from([0, 0, 5]),
    st.sampled_from(MarginMode),
    st.sampled_from([(), (RiskTier(Rate(500), Money(0), Money(1 << 90), 100),)]),
)
def test_whatever_is_sent_and_whenever_the_books_agree(
    bars: list[tuple[int, ...]],
    story: list[list[tuple[int, tuple[str, Any]]]],
    policy: PathPolicy,
    through: int,
    leverage: int,
    gap_before: int | None,
    part: tuple[int, int],
    bound: int,
    mode: MarginMode,
    tiers: tuple[RiskTier, ...],
) -> None:
    instrument = an_instrument(tick=px(1), step=1000, min_qty=1000, tiers=tiers)
    gap = gap_before if gap_before is not None and gap_before < len(bars) else None
    hand = Hand(
        bars,
        instrument=instrument,
        equity=START,
        path=policy,
        limit_fill_ticks=through,
        leverage=leverage,
        gap_before=gap,
        volumes=[3 + 4 * number for number in range(len(bars))],
        volume_share=part,
        slippage_tolerance_ticks=bound,
        margin_mode=mode,
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
            equity = Fraction(hand.venue.equity_report(hand.now).equity, 10**hand.instrument.money_digits)
            assert equity == ledger.cash + Fraction(int(last) * ledger.held, 10**5)
        for share, command in said:
            until = hand.venue.next_time()
            at_ms = hand.now if until is None else hand.now + (until - hand.now) * share // 1000
            known = len(hand.events)
            do(hand, command, at_ms)
            assert not any(isinstance(event, Fill) for event in hand.events[known:]), "fills come as market events"
            judge(hand, ledger, known, statuses)
            check(hand, ledger)
    for origin in {fill.origin.value for fill in hand.fills}:
        event(f"filled: {origin}")
    event("filled in part" if VenueStatus.PARTIALLY_FILLED in statuses.values() else "filled whole")
    assert closed == list(range(len(bars)))
    assert [fill.exec_id for fill in hand.fills] == [f"e{number + 1}" for number in range(len(hand.fills))]
    assert [fill.time_ms for fill in hand.fills] == sorted(fill.time_ms for fill in hand.fills)


def look(hand: Hand) -> None:
    """Ask for all that a reconciliation asks for."""
    venue = hand.venue
    venue.position_report(hand.now)
    venue.equity_report(hand.now)
    venue.open_orders()
    venue.executions(0)


@settings(max_examples=50, deadline=None)
@given(st.lists(a_bar(), min_size=2, max_size=4), stories)
def test_looking_and_asking_change_nothing(
    bars: list[tuple[int, ...]], story: list[list[tuple[int, tuple[str, Any]]]]
) -> None:
    instrument = an_instrument(tick=px(1), step=1000, min_qty=1000)
    quiet, curious = (Hand(bars, instrument=instrument, equity=START) for _ in range(2))
    for said in [*story, *([] for _ in range(1000))]:
        if curious.venue.next_time() is None:
            break
        for _ in range(2):
            curious.venue.next_time()
            look(curious)
        curious.step()
        quiet.venue.advance()
        quiet.listen()
        for _, command in said:
            curious.venue.next_time()
            do(curious, command, curious.now)
            do(quiet, command, curious.now)
    assert curious.events == quiet.events
