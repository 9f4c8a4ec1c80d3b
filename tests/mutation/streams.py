"""Faults to plant in the streams, each with the tests that must find it: python -P -m tests.mutation.streams"""

from tests.mutation.rooms import Row, plant

__all__ = ["ROWS", "main"]

ROOM, TESTS = "actors/websocket/", "tests/actors/websocket/"
ACTOR, TABLE, TOPICS = ROOM + "actor.py", ROOM + "transitions.py", ROOM + "subscriptions.py"
OPENING, KEEPING = TESTS + "test_opening.py", TESTS + "test_keeping.py"
PLANNED, ANY = TESTS + "test_maintenance.py", TESTS + "test_any_order.py"
EDGE, MAILBOX = "actors/bybit/edges/socket.py", "actors/bybit/edges/mailbox.py"
SOCKETS, MAIL = "tests/actors/bybit/edges/test_socket.py", "tests/actors/bybit/edges/test_mailbox.py"
UNDERWAY, CALLS = ROOM + "underway.py", TESTS + "test_calls.py"
GATEWAY, LANES = "actors/gateway/actor.py", "tests/actors/gateway/test_lanes.py"
WATCH, WATCHED = "actors/maintenance/actor.py", "tests/actors/maintenance/test_actor.py"
FRAMES, READ = "actors/bybit/streams.py", "tests/actors/bybit/test_streams.py"

ROWS: tuple[Row, ...] = (
    (ACTOR, "        if not self._socket.speaks(ctx):\n            self.counts.ignored[self._state, E.DATA] += 1\n"
     "            return\n", "", KEEPING),
    (ACTOR, '            ctx.after(self._policy.silence_ns, SilenceDue(), "silence")\n', "", KEEPING),
    (ACTOR, "        self._heard_ns = ctx.now\n        self.counts", "        self.counts", KEEPING),
    (ACTOR, "            self._heard_ns = ctx.now\n            ctx.after(self._policy.ping_ns, ",
     "            self._heard_ns = ctx.now\n            ctx.after(2 * self._policy.ping_ns, ", KEEPING),
    (ACTOR, "{SocketFrame: FATAL, SocketConnected: FATAL,", "{SocketConnected: FATAL,", KEEPING),
    (ACTOR, "        self._is_up = ctx.incarnation > 1 or not self._to.waits_for_live\n", "", KEEPING),
    (ACTOR, "        self._is_in_doubt = False\n        self._audience.backfill(",
     "        self._audience.backfill(", KEEPING),
    (ACTOR, "                self._gaps.clear()\n", "", KEEPING),
    (ACTOR, "            self._auth_failures = 0\n", "", OPENING),
    (ACTOR, "(ctx.wall + (ctx.wall_error_ns or 0))", "(ctx.now + (ctx.wall_error_ns or 0))", OPENING),
    (ACTOR, "        if self._socket.is_open:\n", "        if False:\n", PLANNED),
    (ACTOR, '        ctx.cancel("retry")\n', "", PLANNED),
    (ROOM + "socket.py", "not self.is_open or self.is_closing", "not self.is_open", PLANNED),
    (ROOM + "socket.py", "        self._sent = 0\n        self.is_closing = False\n        self._effect =",
     "        self.is_closing = False\n        self._effect =", ANY),
    (ROOM + "retries.py", "        self._budget.take(now_ns)\n", "        pass\n", KEEPING),
    (ROOM + "retries.py", "            self.failures = 0\n", "            pass\n", KEEPING),
    (ROOM + "retries.py", "            wait_ns = max(wait_ns, self._policy.ban_ns)\n", "            pass\n", KEEPING),
    (ROOM + "policy.py", "(0.5 + 0.5 * chance)", "(0.5 + chance)", ANY),
    (ROOM + "gaps.py", "frame.first > last + frame.step", "frame.first > last", KEEPING),
    (ROOM + "gaps.py", "            self._awaits_snapshot[topic] = None\n", "            pass\n", KEEPING),
    ("actors/model/maintenance.py", "(plan.begin_ms, -plan.end_ms)", "(plan.begin_ms, plan.end_ms)", PLANNED),
    (WATCH, "            self._tell_streams(MaintenanceOver(plan_id), ctx)\n", "            pass\n", WATCHED),
    (WATCH, "plan.begin_ms - self._policy.close_ms", "plan.begin_ms", WATCHED),
    (ROOM + "retries.py", "self._live_ns <= since_ns", "True", KEEPING),
    (WATCH, "        if not self._is_asking:\n", "        if True:\n", WATCHED),
    (WATCH, "            if plan_id not in planned:\n", "            if False:\n", WATCHED),
    (WATCH, "        if state != self._told:\n", "        if True:\n", WATCHED),
    (WATCH, "due_ms = plan.end_ms if is_near", "due_ms = plan.begin_ms if is_near", WATCHED),
    (TOPICS, "        del self._held[topic]\n", "", KEEPING),
    (TOPICS, "return under_way[0] if len(under_way) == 1 else", "return under_way[0] if under_way else", OPENING),
    (TOPICS, "                if topic in self._broken:\n", "                if False:\n", KEEPING),
    (TOPICS, "if self.is_settled else StreamEvent.TOPICS_ANSWERED", "if True else StreamEvent.TOPICS_ANSWERED",
     OPENING),
    (TABLE, "    E.CLOSED: S.BACKING_OFF,\n    E.MAINTENANCE_BEGAN", "    E.MAINTENANCE_BEGAN",
     TESTS + "test_transitions.py"),
    (EDGE, "            while link.next_number in link.unsent:\n", "            while link.unsent:\n", SOCKETS),
    (EDGE, "            if not link.is_connected:\n", "            if True:\n", SOCKETS),
    (EDGE, "                await trio.aclose_forcefully(stream)\n", "                pass\n", SOCKETS),
    (EDGE, "            with trio.move_on_after(self._close_s):\n", "            with trio.CancelScope():\n", SOCKETS),
    ("actors/bybit/edges/wires.py", "        await watched.ended.wait()\n", "        await trio.sleep_forever()\n",
     SOCKETS),
    (MAILBOX, "        if behind and supersedes:\n", "        if False:\n", MAIL),
    (MAILBOX, "        if waiting is not Waiting.KEEP:\n", "        if True:\n", MAIL),
    (MAILBOX, "        self._chars -= len(text)\n", "", MAIL),
    ("actors/bybit/frame_rules.py", "Waiting.KEEP if is_closed else Waiting.REPLACE, is_closed",
     "Waiting.REPLACE, is_closed", MAIL),
    (FRAMES, "frame.type is WireFrameType.SNAPSHOT or frame.data.u == 1", "frame.type is WireFrameType.SNAPSHOT", READ),
    (FRAMES, "is_final = not _TRANSIENT.search(reason)", "is_final = True", READ),
    (FRAMES, "is_success(reply) or _ALREADY in reason", "is_success(reply)", READ),
    (FRAMES, "if events.frame.events else ()", "", READ),
    (FRAMES, "        if call.path not in SOCKET_OPS:\n            return None\n", "", READ),
    (FRAMES, "_FAREWELLS.get(answer.ret_code, \"\")", "\"\"", READ),
    (ACTOR, " or not self._to.waits_for_live\n", "\n", CALLS),
    (ACTOR, "                if self._topics.is_settled:", "                if False:", CALLS),
    (ACTOR, "        self._calls.lose(why, ctx)\n", "", CALLS),
    (ACTOR, "\"\" if self._state is S.LIVE else self._why", "\"\"", CALLS),
    (UNDERWAY, "{request.timestamp_ms}-{ctx.incarnation}-", "{request.timestamp_ms}-", CALLS),
    (UNDERWAY, "            if ctx.deadline_of(asker) is not None:\n", "            if True:\n",
     TESTS + "test_any_call.py"),
    (UNDERWAY, "            del self._askers[late]\n", "            pass\n", CALLS),
    (UNDERWAY, "asker is None or ctx.deadline_of(asker) is None", "asker is None", CALLS),
    (TABLE, "    E.DISMISSED: S.STALE,\n", "    E.DISMISSED: None,\n", CALLS),
    (GATEWAY, "        self._is_trade_up = isinstance(message, Up)\n", "        pass\n", LANES),
    (GATEWAY, "self._by_rest(talk, talk.request, ctx)", "self._send(talk, talk.request.call, ctx)", LANES),
    (GATEWAY, "        if call.is_write and self._trade", "        if self._trade", LANES),
    (EDGE, "link.mailbox.put(self._shown(text))", "link.mailbox.put(text)", SOCKETS),
    (EDGE, "detail=self._shown(closed.detail)", "detail=closed.detail", SOCKETS),
)  # fmt: skip


def main() -> int:
    """Plant each fault of this table."""
    return plant(ROWS)


if __name__ == "__main__":
    raise SystemExit(min(1, main()))
