"""Faults to plant in the faults of the local exchange, each with the tests that must find it:
python -P -m tests.mutation.exchange
"""

from tests.mutation.rooms import Row, plant

__all__ = ["ROWS", "main"]

FAULTS, SERVER = "actors/bybit/server/faults/", "actors/bybit/server/"
TESTS = "tests/actors/bybit/server/"
DESK, FRAMES, CARRYING = FAULTS + "desk.py", FAULTS + "frames.py", FAULTS + "carrying.py"
STEPPING, CONNECTION = SERVER + "control/stepping.py", SERVER + "sockets/connection.py"
ORDERED = TESTS + "test_fault_orders.py"
REST, SOCKETS = TESTS + "test_faults_rest.py::test_", TESTS + "test_faults_sockets.py::test_"
ACCOUNT, STEPPED = TESTS + "test_faults_account.py::test_", TESTS + "test_stepping.py::test_"
STALE, LOST = ACCOUNT + "reads_show_what_was_some_time_ago", ACCOUNT + "a_cancel_loses_its_race"

ROWS: tuple[Row, ...] = (
    (DESK, "            active.left -= 1\n", "            pass\n", ORDERED),
    (DESK, "mixed(self._seed, active.number,", "mixed(0, active.number,", ORDERED),
    (DESK, "now_ms >= self.until_ms", "now_ms > self.until_ms", ORDERED),
    (DESK, "active.match.takes(traffic) and only(fault)", "only(fault)", ORDERED),
    (FAULTS + "rest.py", "            await _until_the_client_goes(visit)\n", "            pass\n",
     REST + "a_lost_acknowledgement_is_of_an_order_that_stands"),
    (FAULTS + "rest.py", "            self.addresses.ban(visit.address, desk.clock.market_ms())\n", "",
     REST + "a_banned_address_stays_banned_for_ten_minutes"),
    (CARRYING, "if code is not None and not code.carried_out:", "if code is not None:",
     REST + "a_code_is_answered_whether_or_not_the_order_is_carried_out"),
    (CARRYING, "wall_ms + fault.reset_ms", "wall_ms",
     REST + "the_reset_of_an_ordered_rate_limit_lies_in_the_future"),
    (CARRYING, "            call = attrs.evolve(call, signer=account_then, now_ms=then_ms)\n",
     "            pass\n", STALE),
    (CARRYING, "            earlier.keep(call.signer, call.now_ms)\n", "            pass\n", STALE),
    (FAULTS + "earlier.py", "copies[1][0] <= now_ms - self.reach_ms", "copies[1][0] <= now_ms", STALE),
    (FAULTS + "acts.py", 'cancel_type="CancelByUser"', 'cancel_type="UNKNOWN"', LOST),
    (FRAMES, "        elif desk.take(LoseAck, traffic):\n", "        elif False:\n",
     SOCKETS + "a_trade_request_is_carried_out_and_never_answered"),
    (CONNECTION, "            stream.handle = partial(_hear_only_the_end, stream.handle)\n", "            pass\n",
     SOCKETS + "a_half_open_socket_stays_and_neither_tells_nor_hears"),
    (SERVER + "trading/exchange.py", "(TradingStatus.CLOSING_ONLY, TradingStatus.DELISTED)",
     "(TradingStatus.TRADING, TradingStatus.DELISTED)",
     ACCOUNT + "a_delisted_symbol_takes_closing_orders_alone_and_is_settled"),
    (STEPPING, "            await self._all_quiescent(timeout_ms)\n", "", STEPPED + "a_step_waits_for_every_client"),
    (STEPPING, "times = (self._exchange.next_event_ms(), ", "times = (",
     STEPPED + "what_happens_in_a_bar_is_told_in_its_order_and_at_its_time"),
    (STEPPING, "self._desk.next_ms(), target_ms)", "target_ms)",
     STEPPED + "acts_and_fills_of_one_bar_keep_their_times"),
)  # fmt: skip


def main() -> int:
    """Plant each fault of this table."""
    return plant(ROWS)


if __name__ == "__main__":
    raise SystemExit(min(1, main()))
