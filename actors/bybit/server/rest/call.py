"""What a REST handler is given, and pages with cursors.

A handler is a function of a `RestCall` and the request's shape, and returns the result's shape. It refuses with
Rejection; it neither awaits nor reads a clock.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote, unquote

import attrs

from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection, parameter_error
from actors.bybit.wire.values import WireCategory
from actors.model.order import Category

__all__ = ["RestCall", "page", "traded"]

T = TypeVar("T")


@attrs.frozen
class RestCall:
    """`now_ms` is market time, `wall_ms` the server time; `signer` is None for a public endpoint."""

    exchange: LocalExchange
    now_ms: int
    wall_ms: int
    signer: TradingAccount | None = None
    is_demo: bool = False

    @property
    def account(self) -> TradingAccount:
        """Whose request it is; only for endpoints that are signed."""
        assert self.signer is not None
        return self.signer

    def listings(self, category: WireCategory | None, symbol: str | None = None) -> list[Listing]:
        """What is listed in a category, or its one symbol. Raises Rejection (10001) for an unknown symbol."""
        wanted = category or WireCategory.LINEAR
        found = [each for (kind, _), each in self.exchange.listings.items() if str(kind) == str(wanted)]
        if symbol is None or not traded(wanted):
            return found
        one = [each for each in found if each.symbol == symbol]
        if not one:
            raise parameter_error("Symbol Is Invalid")
        return one


def traded(category: WireCategory) -> bool:
    """Whether the exchange has books in a category; of the others every list is empty."""
    return category in (WireCategory.LINEAR, WireCategory.SPOT)


def category_of(category: WireCategory) -> Category:
    """A category to trade in. Raises Rejection (10001) for one that has no books here."""
    if not traded(category):
        raise parameter_error(f"category {category} is not traded on the local exchange")
    return Category(category)


def page(rows: Sequence[T], cursor: str | None, limit: int, query: str) -> tuple[Sequence[T], str]:
    """Rows from where the cursor points, and the cursor of the next page, percent-encoded, "" at the end.

    `query` names the filters: a cursor of another query is refused. Rows must be a list that only grows at its end or
    stays, so that a position in it keeps its meaning; newest-first lists are paged by their distance from the oldest.
    """
    end = len(rows)
    mark = hashlib.blake2b(query.encode(), digest_size=6).hexdigest()
    if cursor:
        end = _position(cursor, mark, len(rows))
    start = max(0, end - limit)
    shown = [rows[index] for index in range(end - 1, start - 1, -1)]
    following = base64.urlsafe_b64encode(f"{mark}:{start}".encode()).decode() if start else ""
    return shown, quote(following, safe="")


def _position(cursor: str, mark: str, length: int) -> int:
    try:
        text = base64.urlsafe_b64decode(unquote(cursor).encode()).decode()
        found, _, position = text.partition(":")
        number = int(position)
    except ValueError:
        raise Rejection(10001, "cursor is invalid") from None
    if found != mark or not 0 <= number <= length:
        raise Rejection(10001, "cursor is invalid")
    return number
