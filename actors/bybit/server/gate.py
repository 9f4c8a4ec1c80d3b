"""Who may pass: signatures, the time rule, rate limits of account and address. Pure; time is given.

A request is refused with Bybit's code (Rejection), an address over its limit with HTTP 403 (Banned).
"""

import hmac
from collections import deque
from collections.abc import Mapping, Sequence

import attrs

from actors.bybit.endpoints import IP_BAN_MS, IP_LIMIT, IP_WINDOW_MS, RestEndpoint
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.signing import DEFAULT_WINDOW_MS, sign_rest, sign_socket
from actors.model.order import Category

__all__ = ["AddressLimit", "Banned", "KeyLimits", "Quota", "check_time", "signer_of_request", "signer_of_socket"]

_WINDOW_MS = 1000
_OTHER_LIMIT = 50  # of an endpoint that the reference gives none
_MAX_AHEAD_MS = 1000
_MAX_RECV_WINDOW_MS = 60_000
_ORDER_PATHS = "/v5/order/"


class Banned(Exception):
    """HTTP 403: the address sent too many requests; it lasts ten minutes from the breach."""


def signer_of_request(
    exchange: LocalExchange, headers: Mapping[str, str], payload: str, wall_ms: int, *, is_write: bool
) -> TradingAccount:
    """The account of a signed request; `payload` is the raw query or body.

    Raises Rejection: 10003 key, 10002 time, 10004 signature, 33004 expired, 10005 permission.
    """
    key = headers.get("x-bapi-api-key", "")
    account = _account(exchange, key, wall_ms)
    stamp, window = headers.get("x-bapi-timestamp", ""), headers.get("x-bapi-recv-window", str(DEFAULT_WINDOW_MS))
    check_time(stamp, window, wall_ms)
    expected = sign_rest(account.plan.secret, key, stamp, window if "x-bapi-recv-window" in headers else "", payload)
    if not _is_same(expected, headers.get("x-bapi-sign", "")):
        text = f"error sign! origin_string[{stamp}{key}{window}{payload}]"
        raise Rejection(10004, text)
    if is_write and account.plan.is_read_only:
        raise Rejection(10005, "Permission denied, please check your API key permissions.")
    return account


def signer_of_socket(exchange: LocalExchange, args: Sequence[object], wall_ms: int) -> TradingAccount:
    """The account of an auth frame: key, expiry (server ms), signature.

    Raises Rejection: 10001 bad arguments, 10003 key, 10004 signature or expiry, 33004 expired key.
    """
    if len(args) != 3:
        raise Rejection(10001, "params error: args must be key, expires, signature")
    key, expires, sign = args
    try:
        expires_ms = int(str(expires))
    except ValueError:
        raise Rejection(10001, "params error: expires") from None
    account = _account(exchange, str(key), wall_ms)
    if expires_ms <= wall_ms:
        raise Rejection(10004, "Params Error: expires is in the past")
    if not _is_same(sign_socket(account.plan.secret, str(expires)), str(sign)):
        raise Rejection(10004, "error sign!")
    return account


def _is_same(expected: str, given: str) -> bool:
    """Whether a signature is right; anything that is not ASCII can only be wrong."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def _account(exchange: LocalExchange, key: str, wall_ms: int) -> TradingAccount:
    account = exchange.accounts.get(key)
    if account is None:
        raise Rejection(10003, "API key is invalid.")
    expires = account.plan.expired_at_ms
    if expires is not None and wall_ms >= expires:
        raise Rejection(33004, "Your api key has expired.")
    return account


def check_time(stamp: str, window: str, wall_ms: int) -> None:
    """server - window <= timestamp < server + 1 s. Raises Rejection: 10002, 10001 where they are no numbers."""
    try:
        time_ms, window_ms = int(stamp), int(window)
    except ValueError:
        raise Rejection(10001, "params error: timestamp or recv_window is not a number") from None
    if window_ms > _MAX_RECV_WINDOW_MS:
        window_ms = _MAX_RECV_WINDOW_MS
    if wall_ms - window_ms <= time_ms < wall_ms + _MAX_AHEAD_MS:
        return
    raise Rejection(
        10002,
        "invalid request, please check your server timestamp or recv_window param. "
        f"req_timestamp[{stamp}],server_timestamp[{wall_ms}],recv_window[{window}]",
    )


@attrs.frozen
class Quota:
    """What the limit headers say: requests a second, how many are left, when it refills (server ms)."""

    limit: int
    left: int
    reset_ms: int

    def headers(self) -> dict[str, str]:
        """As they are sent."""
        return {
            "X-Bapi-Limit": str(self.limit),
            "X-Bapi-Limit-Status": str(self.left),
            "X-Bapi-Limit-Reset-Timestamp": str(self.reset_ms),
        }


class KeyLimits:
    """Requests of one account on one endpoint in any rolling second; times are market ms."""

    def __init__(self) -> None:
        self._taken: dict[tuple[int, str, Category], deque[int]] = {}

    def take(
        self,
        account: TradingAccount,
        endpoint: RestEndpoint,
        category: Category,
        now_ms: int,
        wall_ms: int,
        count: int = 1,
    ) -> tuple[Quota, int]:
        """Count `count` requests, as far as they fit; the headers, and how many fitted."""
        limit = self._limit(account, endpoint, category)
        taken = self._taken.setdefault((account.plan.uid, endpoint.path, category), deque())
        while taken and taken[0] <= now_ms - _WINDOW_MS:
            taken.popleft()
        fitting = min(count, limit - len(taken))
        taken.extend([now_ms] * fitting)
        is_over = fitting < count
        reset_ms = wall_ms + (max(1, taken[0] + _WINDOW_MS - now_ms) if is_over and taken else 0)
        return Quota(limit, limit - len(taken), reset_ms), fitting

    @staticmethod
    def _limit(account: TradingAccount, endpoint: RestEndpoint, category: Category) -> int:
        base = (
            (endpoint.spot if category is Category.SPOT else endpoint.linear) or endpoint.linear or endpoint.spot or 50
        )
        if endpoint.is_write and endpoint.path.startswith(_ORDER_PATHS):
            return max(base, account.plan.order_rate)
        return base


class AddressLimit:
    """Requests of one address in a rolling window; a breach bans it. Times are market ms."""

    def __init__(self, limit: int = IP_LIMIT, window_ms: int = IP_WINDOW_MS, ban_ms: int = IP_BAN_MS) -> None:
        self._limit, self._window_ms, self._ban_ms = limit, window_ms, ban_ms
        self._taken: dict[str, deque[int]] = {}
        self._banned_until: dict[str, int] = {}

    def take(self, address: str, now_ms: int) -> None:
        """Count one request. Raises Banned."""
        if now_ms < self._banned_until.get(address, 0):
            raise Banned
        taken = self._taken.setdefault(address, deque())
        while taken and taken[0] <= now_ms - self._window_ms:
            taken.popleft()
        if len(taken) >= self._limit:
            self.ban(address, now_ms)
            raise Banned
        taken.append(now_ms)

    def ban(self, address: str, now_ms: int) -> None:
        """Refuse everything of an address from now on, for as long as a ban lasts."""
        self._banned_until[address] = now_ms + self._ban_ms
