"""The venue's money and the slow account's, on random order streams: the same to the last unit.

Position, wallet, margin, refusals for want of it, fees, funding and liquidation, in cross and in isolated margin.
"""

from collections.abc import Sequence

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.fixed import Money, Price, Rate
from actors.model.instrument import RiskTier
from actors.model.origins import Origin
from actors.simulator.config import MarginMode
from actors.simulator.margin.account import Account
from actors.simulator.margin.funding import Funding
from actors.simulator.prices.path import PathPolicy
from tests.actors.builders import MINUTE_MS, an_instrument
from tests.actors.simulator.builders import Hand
from tests.actors.simulator.slow_account import COIN, ONE, SlowAccount
from tests.actors.simulator.straight_walk import Act, Bar
from tests.actors.simulator.walks import a_bar, changes, delays, prices, tell

UNIT = COIN * ONE  # Money of one coin at one unit of price
TIERS: list[tuple[tuple[int, int], ...]] = [
    (),
    ((500, 0),),
    ((500, 0), (2_000, 1_500 * 100 * COIN), (10_000, 9_500 * 100 * COIN)),
]
new_orders = st.builds(
    Act,
    verb=st.just("new"),
    side=st.sampled_from([1, -1]),
    qty=st.integers(1, 9),
    price=st.none() | prices,
    trigger=st.none() | st.none() | prices,
    rises=st.booleans(),
    policy=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK", "PostOnly"]),
    reduce_only=st.sampled_from([False, False, True]),
    late_ms=delays,
)
stories = st.lists(st.lists(new_orders | changes, max_size=4), min_size=1, max_size=6)


def really(bars: Sequence[Bar], acts: Sequence[Sequence[Act]], slow: SlowAccount) -> tuple[Hand, list[bool]]:
    """The same story told by the venue, its settings those of the slow account."""
    tiers = tuple(RiskTier(Rate(rate), Money(deduction), Money(1 << 90), 100) for rate, deduction in slow.tiers)
    instrument = an_instrument(tick=Price(1), step=1000, min_qty=1000, min_notional=0, tiers=tiers)
    times = tuple(MINUTE_MS * number for number in range(1, len(slow.rates) + 1))
    hand = Hand(
        [[value / 100 for value in bar] for bar in bars],
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
        if slow.tiers and hand.held:
            assert hand.venue.equity_report(hand.now).equity > 0, "it should have been liquidated"

    return hand, tell(hand, acts, slow.habit, 100, slow.lag_ms, stands)


def compare(bars: list[Bar], acts: list[list[Act]], slow: SlowAccount) -> Hand:
    start = slow.wallet
    hand, answers = really(bars, acts, slow)
    slow.run(bars, acts)
    traded = [fill for fill in hand.fills if fill.origin is not Origin.FUNDING]
    told = [
        (
            fill.time_ms,
            fill.link_id or fill.origin.value,
            int(fill.side),
            fill.qty // COIN,
            int(fill.price),
            fill.is_maker,
        )
        for fill in traded
    ]
    assert told == slow.fills
    assert answers == slow.answers
    payments = [(fill.time_ms // MINUTE_MS, fill.fee) for fill in hand.fills if fill.origin is Origin.FUNDING]
    assert payments == slow.paid
    assert sum(fill.fee for fill in traded) == slow.fees
    money, position = hand.venue.equity_report(hand.now), hand.venue.position_report().position
    assert (position.qty, position.cost) == (slow.held * COIN, slow.cost)
    assert money.wallet == slow.wallet
    assert money.equity == slow.equity(slow.price)
    assert money.available == slow.available(slow.price)
    assert money.wallet - position.cost == start - slow.fees - sum(paid for _, paid in slow.paid) - sum(
        side * qty * COIN * price * ONE for _, _, side, qty, price, _ in slow.fills
    )
    assert {report.link_id for report in hand.venue.open_orders()} == {order.id for order in slow.orders}
    return hand


accounts = st.builds(
    SlowAccount,
    high_first=st.sampled_from(["ohlc", "olhc", "nearest_extreme"]),
    through=st.integers(0, 2),
    habit=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    leverage=st.sampled_from([1, 3, 10, 50]),
    wallet=st.integers(1, 400).map(lambda coins: coins * UNIT),
    is_isolated=st.booleans(),
    tiers=st.sampled_from(TIERS),
    rates=st.lists(st.integers(-300, 300), max_size=6).map(tuple),
    lag_ms=delays,
    drift=st.sampled_from([0, 0, 1]),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(a_bar(), min_size=2, max_size=7), stories, accounts)
def test_both_accounts_agree_to_the_last_unit(bars: list[Bar], acts: list[list[Act]], slow: SlowAccount) -> None:
    hand = compare(bars, acts, slow)
    event("isolated" if slow.is_isolated else "cross")
    event(f"refused: {min(slow.answers.count(False), 2)}")
    event("liquidated" if any(fill.origin is Origin.LIQUIDATION for fill in hand.fills) else "not liquidated")


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
        wallet=60 * UNIT,
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
    compare(bars, acts, an_account(is_isolated=is_isolated))
    if fault == "set aside":
        monkeypatch.setattr(Account, "_set_position_margin", lambda self, before, signed_qty, price: None)
    elif fault == "funding":
        pay = Account.pay_funding
        monkeypatch.setattr(Account, "pay_funding", lambda self, mark, rate: pay(self, mark, -rate))
    else:
        margin = Account._initial_margin
        monkeypatch.setattr(Account, "_initial_margin", lambda self, amount: margin(self, amount) + 1)
    with pytest.raises(AssertionError):
        compare(bars, acts, an_account(is_isolated=is_isolated))
