"""Faults to plant in the rate limiter and the gateway, each with the tests that must find it:
python -P -m tests.mutation.gate
"""

from tests.mutation.rooms import Row, plant

__all__ = ["ROWS", "main"]

LIMITER, BUDGETS, WINDOW = (f"actors/ratelimiter/{name}.py" for name in ("actor", "budgets", "bucket"))
MESSAGES, POLICY, GATEWAY = "actors/ratelimiter/messages.py", "actors/ratelimiter/policy.py", "actors/gateway/actor.py"
_ROOM = "tests/actors/ratelimiter/test_"
BUCKET, GATE, LANES, LOAD = (f"{_ROOM}{name}.py" for name in ("bucket", "gate", "lanes", "random_load"))
BANS, REPORTS, RESERVE = (f"{_ROOM}{name}.py" for name in ("ban", "reports", "reserve"))
LIVE = "tests/actors/gateway/test_actor.py"

ROWS: tuple[Row, ...] = (
    (LIMITER, "self._is_recalled and not self._held_count and now", "self._is_recalled and now", GATE),
    (LIMITER, "if len(lane) >= MAX_HELD:", "if len(lane) > MAX_HELD:", GATE),
    (LIMITER, "if len(lane) >= MAX_HELD:", "if self._held_count >= MAX_HELD:", GATE),
    (LIMITER, "                if free < deadline and free > now:\n", "                if free > now:\n", LOAD),
    (LIMITER, "            awaited.setdefault(share.window, free)\n", "            pass\n", LOAD),
    (LIMITER, "            awaited.setdefault(claim.address.window, free)\n", "            pass\n", GATE),
    (LIMITER, "        if self._budgets.share_free_at(claim.address, now) > now:\n", "        if True:\n", GATE),
    (LIMITER, "                    self._budgets.grant(held.claim, now)\n", "                    pass\n", LOAD),
    (LIMITER, "            budgets.grant(claim, now)\n", "            pass\n", LOAD),
    (LIMITER, "        if not self._is_recalled:\n            return\n", "", BANS),
    (LIMITER, "is_open = self._is_recalled and not", "is_open = not", BANS),
    (LIMITER, "self._held_count and now >= self._banned_until_ns", "self._held_count", BANS),
    (LIMITER, "free = max(self._banned_until_ns, self._budgets.free_at(claim, now))",
     "free = self._budgets.free_at(claim, now)", BANS),
    (LIMITER, "max(self._banned_until_ns, ctx.now + message.for_ns)", "ctx.now + message.for_ns", BANS),
    (LIMITER, "until_ns = ctx.wall + self._banned", "until_ns = ctx.now + self._banned", BANS),
    (LIMITER, "min(left_ns, ban.for_ms * _NS_PER_MS)", "left_ns", BANS),
    (LIMITER, '        ctx.remember(Remember(BAN_TOPIC, "address", ban))\n', "", BANS),
    (LIMITER, "                if free < deadline:\n", "                if free <= deadline:\n", LANES),
    (BUDGETS, "None if endpoint in ACCOUNT_WIDE else category", "category", REPORTS),
    (BUDGETS, "key = (endpoint, None if endpoint in ACCOUNT_WIDE else category)", "key = (endpoint, None)", REPORTS),
    (BUDGETS, "            window.follow_limit(limit)\n", "", REPORTS),
    (BUDGETS, "            window.count_at_least(sent_ns, now_ns, used)\n", "            pass\n", REPORTS),
    (BUDGETS, "        self._address.grant(now_ns)\n", "", REPORTS),
    (BUDGETS, "is_low and endpoint is Endpoint.CREATE", "is_low", RESERVE),
    (BUDGETS, "is_low and endpoint is Endpoint.CREATE", "False", RESERVE),
    (BUDGETS, "max(1, len(endpoints)), is_low)", "max(1, len(endpoints)), False)", RESERVE),
    (BUDGETS, "max(1, len(endpoints)), is_low)", "1, is_low)", GATE),
    (BUDGETS, "is_low = lane > Lane.REDUCE", "is_low = lane >= Lane.REDUCE", RESERVE),
    (BUDGETS, "if own_ns > free_ns:", "if False:", GATE),
    (POLICY, "min(limit - 1, -(-limit * self.reserve_percent // 100))", "limit * self.reserve_percent // 100", RESERVE),
    (WINDOW, "max(1, min(limit, self._most))", "max(1, limit)", BUCKET),
    (WINDOW, "self.limit - spare", "self.limit", BUCKET),
    (MESSAGES, "OrderQuery: (Endpoint.ORDERS, Endpoint.ORDER_HISTORY)", "OrderQuery: (Endpoint.ORDERS,)",
     "tests/actors/bybit/test_budgets.py"),
    (GATEWAY, "        if ctx.now < self._banned_until_ns:\n            if talk",
     "        if False:\n            if talk", LIVE),
    (GATEWAY, "            if ctx.now < self._banned_until_ns:\n                self",
     "            if False:\n                self",
     "tests/actors/gateway/test_lanes.py"),
    (GATEWAY, "            talk.permits -= 1\n", "            pass\n", LIVE),
)  # fmt: skip


def main() -> int:
    """Plant each fault of this table."""
    return plant(ROWS)


if __name__ == "__main__":
    raise SystemExit(min(1, main()))
