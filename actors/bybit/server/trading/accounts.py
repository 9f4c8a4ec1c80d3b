"""Who may trade: accounts with their keys and starting balances, from a TOML file or the stated defaults."""

from decimal import Decimal

import attrs

from actors.model.order import Category

__all__ = ["DEFAULT_ACCOUNT", "AccountPlan"]


@attrs.frozen
class AccountPlan:
    """One account: unified, cross margin, one-way mode. `balances` by coin; linear and spot trade from USDT."""

    key: str
    secret: str = attrs.field(repr=False)
    uid: int = 1
    balances: tuple[tuple[str, Decimal], ...] = (("USDT", Decimal(100_000)),)
    leverage: int = 10
    categories: tuple[Category, ...] = (Category.LINEAR, Category.SPOT)
    is_read_only: bool = False
    order_rate: int = 10  # order requests a second and endpoint, as of the account's level
    expired_at_ms: int | None = None


DEFAULT_ACCOUNT = AccountPlan("local-key-1", "local-secret-1")
