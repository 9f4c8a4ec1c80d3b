"""Accounts of the local exchange from a TOML file: [[account]] with key, secret, and what else differs."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import attrs

from actors.app.files.toml import read_toml, structure
from actors.bybit.server.trading.accounts import AccountPlan
from actors.model.errors import InputError
from ideacards.loading.rules import Number, Whole, Word, problem_at
from ideacards.loading.tree import ListNode, MapNode

__all__ = ["load_accounts"]


@attrs.frozen
class _Balance:
    """So much of one coin."""

    coin: Annotated[str, Word(r"[A-Z0-9]{1,20}", "a coin", "like USDT")]
    amount: Annotated[Decimal, Number(above=0)]


@attrs.frozen
class _Account:
    """One table of the file."""

    key: str
    secret: str
    uid: Annotated[int, Whole(1)]
    balances: tuple[_Balance, ...] = (_Balance("USDT", Decimal(100_000)),)
    leverage: Annotated[int, Whole(1)] = 10
    read_only: bool = False
    order_rate: Annotated[int, Whole(1)] = 10
    expires: date | None = None


@attrs.frozen
class _Accounts:
    """The file."""

    account: tuple[_Account, ...]


def load_accounts(path: Path) -> tuple[AccountPlan, ...]:
    """The accounts of a file. Raises InputError with every problem, for two of one key or uid too."""
    file = read_toml(path, "a file of accounts")
    found = structure(file, _Accounts)
    tables = file["account"]
    assert isinstance(tables, ListNode)
    problems = []
    for name in ("key", "uid"):
        seen: dict[object, int] = {}
        for number, account in enumerate(found.account, start=1):
            value = getattr(account, name)
            if seen.setdefault(value, number) != number:
                what = f"{value!r} is account {seen[value]}'s too"
                table = tables[number - 1]
                assert isinstance(table, MapNode)
                problems.append(problem_at(table[name], what))
    if problems:
        raise InputError(problems)
    return tuple(
        AccountPlan(
            account.key,
            account.secret,
            account.uid,
            tuple((each.coin, each.amount) for each in account.balances),
            account.leverage,
            is_read_only=account.read_only,
            order_rate=account.order_rate,
            expired_at_ms=None if account.expires is None else _ms(account.expires),
        )
        for account in found.account
    )


def _ms(day: date) -> int:
    """Midnight UTC of a day."""
    return int((datetime(day.year, day.month, day.day) - datetime(1970, 1, 1)).total_seconds()) * 1000
