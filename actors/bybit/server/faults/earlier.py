"""Accounts as they were: copies taken after each command, each carried on to the moment that is asked for.

Between two commands the market alone acts on an account, and a copy does what the account did. So an earlier moment is
the last copy before it, with the market's events until then. Nothing is kept unless somebody reads stale.
"""

import copy
from bisect import bisect_right
from collections import deque
from typing import Any

import numpy as np

from actors.bybit.server.trading.account import News, TradingAccount
from actors.simulator.matching.market import MarketPlan

__all__ = ["EarlierAccounts"]

_SHARED = (memoryview, np.ndarray, MarketPlan)


class EarlierAccounts:
    """`reach_ms`: how far back somebody reads, 0 while nobody does. Times are market times, UTC ms."""

    def __init__(self) -> None:
        self.reach_ms = 0
        self._copies: dict[str, deque[tuple[int, TradingAccount]]] = {}

    def watch(self, accounts: list[TradingAccount], reach_ms: int, now_ms: int) -> None:
        """Keep copies from now on; before now the accounts stand as they are."""
        self.reach_ms = max(self.reach_ms, reach_ms)
        for account in accounts:
            self.keep(account, now_ms)

    def keep(self, account: TradingAccount, now_ms: int) -> None:
        """A command has been carried out."""
        if not self.reach_ms:
            return
        copies = self._copies.setdefault(account.plan.key, deque())
        copies.append((now_ms, _copy(account)))
        while len(copies) > 1 and copies[1][0] <= now_ms - self.reach_ms:
            copies.popleft()

    def forget(self) -> None:
        """Nobody reads stale any more."""
        self.reach_ms = 0
        self._copies.clear()

    def at(self, account: TradingAccount, time_ms: int) -> tuple[TradingAccount, int]:
        """The account to be carried on to a moment, and the moment.

        That is `time_ms`, or when somebody first asked for copies, if that was later.
        """
        copies = self._copies[account.plan.key]
        index = max(0, bisect_right(copies, time_ms, key=lambda each: each[0]) - 1)
        kept_ms, kept = copies[index]
        return _copy(kept), max(kept_ms, time_ms)


def _copy(account: TradingAccount) -> TradingAccount:
    """Independent of the account, but for prices, which nobody changes. Nobody hears of what it does."""
    listener, account.listener = account.listener, _nobody
    try:
        return copy.deepcopy(account, _shared(account))
    finally:
        account.listener = listener


def _nobody(news: News) -> None:
    """Hears nothing."""


def _shared(account: TradingAccount) -> dict[int, Any]:
    """A memo for deepcopy of what need not be copied, and of views into arrays, which cannot be."""
    kept: list[Any] = [account.feeds, account.plan]
    bars = type(next(iter(account.linear.listings.values())).bars)
    for books in (account.linear, account.spot):
        for market in () if books is None else books.venue.markets.values():
            parts = [market, market.liquidity, market.lines, *(line.walk for line in market.lines.all)]
            kept += [value for part in parts for value in _values(part) if isinstance(value, (*_SHARED, bars))]
        kept += [] if books is None else books.listings.values()
    return {id(each): each for each in kept}


def _values(part: object) -> list[Any]:
    return list(vars(part).values()) if hasattr(part, "__dict__") else []
