"""The venue's money and the slow account's, on random order streams: the same to the last unit.

Position, wallet, margin, refusals for want of it, fees, funding and liquidation, in cross and in isolated margin.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.fixed import Money, Price, Rate
from actors.model.instrument import RiskTier
from actors.model.origins import Origin
from actors.simulator.config import MarginMode
from actors.simulator.margin.account import Account
from actors.simulator.margin.funding import Funding
from actors.simulator.matching.market import SymbolMarket
from actors.simulator.matching.protection import PositionProtection
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS, an_instrument
from tests.actors.simulator.builders import Hand
from tests.actors.simulator.slow_account import COIN, ONE, Purse, SlowAccount
from tests.actors.simulator.straight_walk import Act, Bar, SlowFill, run_together
from tests.actors.simulator.walks import Teller, a_bar, delays, stories, tell_all

UNIT = COIN * ONE  # Money of one coin at one unit of price
TIERS: list[tuple[tuple[int, int], ...]] = [
    (),
    ((500, 0),),
    ((500, 0), (2_000, 1_500 * 100 * COIN), (10_000, 9_500 * 100 * COIN)),
]
SYMBOLS = ("BTCUSDT", "ETHUSDT")
Both = tuple[SlowAccount, SlowAccount]


def really(
    bars: Sequence[Sequence[Bar]], acts: Sequence[Sequence[Sequence[Act]]], accounts: Sequence[SlowAccount]
) -> tuple[Hand, list[list[bool]]]:
    """The same story, of one symbol or of two, told by the venue, its settings those of the slow accounts."""
    slow = accounts[0]
    tiers = tuple(RiskTier(Rate(rate), Money(deduction), Money(1 << 90), 100) for rate, deduction in slow.tiers)
    instrument = an_instrument(tick=Price(1), step=1000, min_qty=1000, min_notional=0, tiers=tiers)
    times = tuple(MINUTE_MS * number for number in range(1, len(slow.rates) + 1))
    rows = [[[value / 100 for value in bar] for bar in each] for each in bars]
    hand = Hand(
        rows[0],
        beside=rows[1] if len(rows) > 1 else (),
        instrument=instrument,
        equity=1,
        path=PathPolicy(slow.high_first),
        limit_fill_ticks=slow.through,
        drift_ticks_per_second=slow.drift,
        leverage=slow.leverage,
        margin_mode=MarginMode.ISOLATED if slow.is_isolated else MarginMode.CROSS,
        funding=Funding(times, slow.rates) if times else None,
    )
    hand.venue.wallet.balance = slow.wallet

    def stands() -> None:
        if slow.tiers and any(hand.venue.position_report(0, symbol).position.qty for symbol in SYMBOLS[: len(bars)]):
            assert hand.venue.equity_report(hand.now).equity > 0, "it should have been liquidated"

    each = zip(acts, accounts, SYMBOLS, strict=False)
    tellers = [Teller(its_acts, its.habit, its.lag_ms, symbol) for its_acts, its, symbol in each]
    return hand, tell_all(hand, tellers, 100, stands)


def compare(
    bars: Sequence[Sequence[Bar]], acts: Sequence[Sequence[Sequence[Act]]], accounts: Sequence[SlowAccount]
) -> Hand:
    """Both tell it, in every particular and to the last unit."""
    start = accounts[0].wallet
    hand, answers = really(bars, acts, accounts)
    fills = run_together(accounts, bars, acts)
    assert traded(hand) == fills
    for symbol, slow, its_answers in zip(SYMBOLS, accounts, answers, strict=False):
        own = [fill for fill in hand.fills if fill.symbol == symbol]
        assert its_answers == slow.answers
        payments = [(fill.time_ms // MINUTE_MS, fill.fee) for fill in own if fill.origin is Origin.FUNDING]
        assert payments == slow.paid
        assert sum(fill.fee for fill in own if fill.origin is not Origin.FUNDING) == slow.fees
        position = hand.venue.position_report(0, symbol).position
        assert (position.qty, position.cost) == (slow.held * COIN, slow.cost)
        assert {report.link_id for report in hand.venue.open_orders(symbol)} == {order.id for order in slow.orders}
    money, slow = hand.venue.equity_report(hand.now), accounts[0]
    assert money.wallet == slow.wallet
    assert money.equity == slow.equity(slow.price)
    assert money.available == slow.available(slow.price)
    paid = sum(its.fees + sum(payment for _, payment in its.paid) for its in accounts)
    bought = sum(side * qty * COIN * price * ONE for _, (_, _, side, qty, price, _) in fills)
    assert money.wallet - sum(its.cost for its in accounts) == start - paid - bought
    return hand


def traded(hand: Hand) -> list[tuple[int, SlowFill]]:
    return [
        (
            SYMBOLS.index(fill.symbol),
            (
                fill.time_ms,
                fill.link_id or fill.origin.value,
                int(fill.side),
                fill.qty // COIN,
                int(fill.price),
                fill.is_maker,
            ),
        )
        for fill in hand.fills
        if fill.origin is not Origin.FUNDING
    ]


habits = st.tuples(st.integers(0, 6), st.integers(0, 6)) | st.just((0, 0))
accounts = st.builds(
    SlowAccount,
    high_first=st.sampled_from(["ohlc", "olhc", "nearest_extreme"]),
    through=st.integers(0, 2),
    habit=habits,
    leverage=st.sampled_from([1, 3, 10, 50]),
    purse=st.integers(1, 400).map(lambda coins: Purse(coins * UNIT)),
    is_isolated=st.booleans(),
    tiers=st.sampled_from(TIERS),
    rates=st.lists(st.integers(-300, 300), max_size=6).map(tuple),
    lag_ms=delays,
    drift=st.sampled_from([0, 0, 1]),
)


@st.composite
def pairs(draw: st.DrawFn) -> Both:
    """Two symbols in one account. Where they share their risk they are not liquidated here: `test_several_symbols`."""
    first = draw(accounts)
    if not first.is_isolated:
        first.tiers = ()
    own: dict[str, Any] = {
        "holding_margin": {},
        "paid": [],
        "answers": [],
        "orders": [],
        "levels": {},
        "fills": [],
        "sent": [],
    }
    other = attrs.evolve(first, habit=draw(habits), lag_ms=draw(delays), **own)
    first.beside, other.beside = [other], [first]
    return first, other


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.lists(a_bar(), min_size=2, max_size=7), stories(9), accounts)
def test_both_accounts_agree_to_the_last_unit(bars: list[Bar], acts: list[list[Act]], slow: SlowAccount) -> None:
    note(compare([bars], [acts], [slow]), [slow])


def markets(bars: int) -> st.SearchStrategy[list[Bar]]:
    return st.lists(a_bar(), min_size=bars, max_size=bars)


@pytest.mark.slow
@settings(max_examples=700)
@given(markets(5), markets(5), stories(9), stories(9), pairs())
def test_both_accounts_of_two_symbols_agree_to_the_last_unit(
    first: list[Bar], other: list[Bar], acts: list[list[Act]], further: list[list[Act]], slow: Both
) -> None:
    note(compare([first, other], [acts, further], slow), slow)


def note(hand: Hand, accounts: Sequence[SlowAccount]) -> None:
    """What the random stories reach."""
    event("isolated" if accounts[0].is_isolated else "cross")
    event(f"refused: {min(accounts[0].answers.count(False), 2)}")
    event("liquidated" if any(fill.origin is Origin.LIQUIDATION for fill in hand.fills) else "not liquidated")
    event(f"protection acts: {any(fill.origin in (Origin.STOP_LOSS, Origin.TAKE_PROFIT) for fill in hand.fills)}")


def a_story() -> tuple[list[Bar], list[list[Act]]]:
    bars: list[Bar] = [(40, 40, 40, 40), (40, 42, 39, 41), (41, 45, 41, 45), (45, 46, 30, 31), (31, 33, 30, 32)]
    acts = [
        [Act("new", qty=5), Act("new", qty=3, price=38)],
        [Act("new", qty=2, price=41)],
        [Act("new", -1, 4, price=46)],
    ]
    return bars, acts


def an_account(*, is_isolated: bool) -> SlowAccount:
    return SlowAccount(
        "ohlc",
        0,
        (0, 0),
        leverage=10,
        purse=Purse(60 * UNIT),
        is_isolated=is_isolated,
        tiers=TIERS[2],
        rates=(10, -20, 30, 5),
    )


@pytest.mark.parametrize(
    ("fault", "is_isolated"),
    [
        ("initial margin", False),
        ("initial margin", True),
        ("funding", False),
        ("funding", True),
        ("set aside", True),
    ],
)
def test_a_planted_fault_in_the_account_is_found(
    fault: str, is_isolated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A margin rounded a unit too high, funding of the other sign, margin that is not given back."""
    bars, acts = a_story()
    compare([bars], [acts], [an_account(is_isolated=is_isolated)])
    if fault == "set aside":
        monkeypatch.setattr(Account, "_set_position_margin", lambda self, before, signed_qty, price: None)
    elif fault == "funding":
        pay = Account.pay_funding
        monkeypatch.setattr(Account, "pay_funding", lambda self, mark, rate: pay(self, mark, -rate))
    else:
        margin = Account._initial_margin
        monkeypatch.setattr(Account, "_initial_margin", lambda self, amount: margin(self, amount) + 1)
    with pytest.raises(AssertionError):
        compare([bars], [acts], [an_account(is_isolated=is_isolated)])


@pytest.mark.parametrize("fault", ["equity", "time", "attached"])
def test_a_planted_fault_between_two_symbols_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other symbol is worth is left out, or is of another time; what an order brings is forgotten.

    Nine coins bought at 40 are worth 81 more after 18 s, when the other symbol's order needs 140 of the 160 that are
    free: without the gain there are less than 120.
    """
    flat: list[Bar] = [(40, 40, 40, 40)] * 3
    rise: list[Bar] = [(40, 40, 40, 40), (40, 50, 40, 50), (50, 50, 30, 32)]
    acts = [[Act("new", qty=9, brings=(38, None))]]
    others = [[Act("new", qty=7, late_ms=18_000)]]

    def both() -> Both:
        first, other = (SlowAccount("ohlc", 0, (0, 0), leverage=2, purse=Purse(300 * UNIT)) for _ in range(2))
        other.purse, first.beside, other.beside = first.purse, [other], [first]
        return first, other

    hand = compare([rise, flat], [acts, others], both())
    assert [fill.origin for fill in hand.fills] == [Origin.USER, Origin.USER, Origin.STOP_LOSS]
    if fault == "attached":
        monkeypatch.setattr(PositionProtection, "of_fill", lambda *_: None)
    elif fault == "equity":
        monkeypatch.setattr(Account, "unrealised", lambda self, price: 0)
    else:
        monkeypatch.setattr(SymbolMarket, "mark_price", lambda self: self.mark_at(self._now_ms - 18_000))
    with pytest.raises(AssertionError):
        compare([rise, flat], [acts, others], both())
