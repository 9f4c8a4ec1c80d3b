"""Which windows a request needs room in, and how many grants of each: its claim.

There is a window for each path and category of the account, and one for the address. Only on the create path do
opening and closing orders share a window, and only there and at the address is something kept for the closing ones.
"""

from typing import NamedTuple

from actors.model.backend import Batch, Command, Query
from actors.model.order import Category
from actors.ratelimiter.bucket import RollingWindow
from actors.ratelimiter.messages import (
    ACCOUNT_WIDE,
    ENDPOINTS,
    Endpoint,
    Lane,
    count_of,
    lane_of,
    symbol_of,
)
from actors.ratelimiter.policy import RatePolicy

__all__ = ["Budgets", "Claim"]

_SECOND_NS = 1_000_000_000
_ADDRESS_NS = 5 * _SECOND_NS
_ENDPOINT_OF = {endpoint.value: endpoint for endpoint in Endpoint}


class _Share(NamedTuple):
    """So many grants of a window, with as many left over as the lane must leave: all the reserve, or nothing."""

    window: RollingWindow
    grants: int
    leaves_reserve: bool


class Claim(NamedTuple):
    """What a request needs: its lane, and its shares of the account's windows and of the address."""

    lane: Lane
    shares: tuple[_Share, ...]
    address: _Share


class Budgets:
    """The windows of one account and its address, by `policy`."""

    def __init__(self, policy: RatePolicy) -> None:
        self._policy = policy
        self._windows: dict[tuple[Endpoint, Category | None], RollingWindow] = {}
        self._address = RollingWindow(policy.ip_budget, _ADDRESS_NS)
        self._claims: dict[tuple[type, Category, Lane], Claim] = {}
        self._reserves: dict[int, int] = {}  # by limit

    def claim(self, message: Command | Batch | Query) -> Claim:
        """The claim of a request; equal ones are made once."""
        kind, lane = type(message), lane_of(message)
        category = self._policy.categories.get(symbol_of(message), Category.LINEAR)
        count = count_of(message)
        if count > 1:
            return self._new_claim(kind, category, lane, count)
        known = self._claims.get((kind, category, lane))
        if known is None:
            known = self._claims[kind, category, lane] = self._new_claim(kind, category, lane, 1)
        return known

    def _new_claim(self, kind: type, category: Category, lane: Lane, count: int) -> Claim:
        is_low = lane > Lane.REDUCE
        endpoints = ENDPOINTS[kind]
        shares = tuple(
            _Share(self._window(endpoint, category), count, is_low and endpoint is Endpoint.CREATE)
            for endpoint in endpoints
        )
        return Claim(lane, shares, _Share(self._address, max(1, len(endpoints)), is_low))

    def _window(self, endpoint: Endpoint, category: Category) -> RollingWindow:
        key = (endpoint, None if endpoint in ACCOUNT_WIDE else category)
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = RollingWindow(self._policy.budgets[endpoint], _SECOND_NS)
        return window

    def share_free_at(self, share: _Share, now_ns: int) -> int:
        """When one share has room."""
        window = share.window
        return window.free_at(now_ns, share.grants, self._reserve(window.limit) if share.leaves_reserve else 0)

    def _reserve(self, limit: int) -> int:
        known = self._reserves.get(limit)
        if known is None:
            known = self._reserves[limit] = self._policy.reserve_of(limit)
        return known

    def free_at(self, claim: Claim, now_ns: int) -> int:
        """The earliest time, not before `now_ns`, at which every share has room, if nothing else is granted."""
        free_ns = self.share_free_at(claim.address, now_ns)
        for share in claim.shares:
            own_ns = self.share_free_at(share, now_ns)
            if own_ns > free_ns:
                free_ns = own_ns
        return free_ns

    @staticmethod
    def grant(claim: Claim, now_ns: int) -> None:
        """Count the request now."""
        claim.address.window.grant(now_ns, claim.address.grants)
        for share in claim.shares:
            share.window.grant(now_ns, share.grants)

    def reported(self, path: str, category: str, limit: int, used: int, sent_ns: int, now_ns: int) -> None:
        """The venue has counted `used` of `limit` at this path, some time from `sent_ns` to now."""
        window = self._counted(path, category)
        if window is not None:
            window.follow_limit(limit)
            window.count_at_least(sent_ns, now_ns, used)

    def count(self, path: str, category: str, now_ns: int) -> None:
        """Count one request more at this path and for the address."""
        window = self._counted(path, category)
        if window is not None:
            window.grant(now_ns)
        self._address.grant(now_ns)

    def _counted(self, path: str, category: str) -> RollingWindow | None:
        """The account's window of a path, None where it has none."""
        endpoint = _ENDPOINT_OF.get(path)
        known = [each for each in Category if each.value == category]
        return None if endpoint is None else self._window(endpoint, known[0] if known else Category.LINEAR)
