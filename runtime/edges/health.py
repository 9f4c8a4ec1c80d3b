"""Health checks in a plain thread, so that whatever blocks the pump cannot block the check.

It reads the pulse and finds a handler that does not return, a pump that does not turn, a journal write that does not
end, or a message that waits too long for a critical actor. It feeds the watchdog only while there is no such problem.
HTTP on loopback serves `/health` (200, or 503 with the problem) and `/metrics`.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs

from runtime.edges.pulse import Pulse
from runtime.edges.sd_notify import Notifier
from runtime.edges.starvation import MailWatch
from runtime.kernel.envelope import NOBODY

__all__ = ["Health", "HealthLimits", "Verdict"]

_LOOPBACK = "127.0.0.1"


@attrs.frozen
class HealthLimits:
    """Limits in seconds: of a handler, a pump turn, a journal write, and a message's wait for a critical actor."""

    handler_s: float = 2.0
    turn_s: float = 5.0
    journal_s: float = 5.0
    mailbox_s: float = 5.0
    sample_s: float = 0.05


@attrs.frozen
class Verdict:
    """`problem` is handler, pump, journal or mailbox; then the actor, the message class and the duration so far."""

    is_healthy: bool
    problem: str = ""
    actor: str = ""
    message: str = ""
    since_s: float = 0.0

    def json(self) -> bytes:
        """The JSON body of /health."""
        return json.dumps({"status": "ok" if self.is_healthy else "failing", **attrs.asdict(self)}).encode()


_FINE = Verdict(is_healthy=True)


class Health:
    """Two threads: one samples, checks and feeds the watchdog; one serves HTTP at `port` (0: any free port)."""

    def __init__(
        self,
        pulse: Pulse,
        limits: HealthLimits | None = None,
        *,
        notifier: Notifier | None = None,
        port: int | None = 0,
        metrics: Callable[[], bytes] | None = None,
    ) -> None:
        self._pulse = pulse
        self._limits = limits or HealthLimits()
        self._notifier = notifier
        self._metrics = metrics
        self._done = threading.Event()
        self._in_hand = NOBODY
        self._in_hand_since = time.monotonic()
        self._mail = MailWatch()
        self.verdict = _FINE
        self._server = None if port is None else _server(self, port)
        self._threads = [threading.Thread(target=self._watch, name="health", daemon=True)]
        if self._server is not None:
            serve = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="health-http", daemon=True)
            self._threads.append(serve)

    @property
    def port(self) -> int:
        """The port that serves HTTP."""
        assert self._server is not None, "this health has no HTTP"
        return int(self._server.server_address[1])

    def __enter__(self) -> "Health":
        self._pulse.turned_at = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for thread in self._threads:
            thread.join()

    def judge(self, now: float) -> Verdict:
        """The worst problem at `now` (monotonic seconds); samples the message in hand."""
        pulse, limits = self._pulse, self._limits
        in_hand = pulse.kernel.in_hand if pulse.kernel is not None else NOBODY
        if in_hand is not self._in_hand:
            self._in_hand, self._in_hand_since = in_hand, now
        held_s = now - self._in_hand_since
        if in_hand is not NOBODY and held_s > limits.handler_s:
            message = "start or stop" if in_hand.message is None else type(in_hand.message).__name__
            return Verdict(False, "handler", in_hand.receiver.ref, message, held_s)
        writing_since = pulse.writing_since
        if writing_since is not None and now - writing_since > limits.journal_s:
            return Verdict(False, "journal", "journal", "", now - writing_since)
        starved = None if pulse.kernel is None else self._mail.longest(pulse.kernel, now)
        if starved is not None and now - starved.since > limits.mailbox_s:
            return Verdict(False, "mailbox", starved.ref, starved.message, now - starved.since)
        if now - pulse.turned_at > limits.turn_s:
            return Verdict(False, "pump", "pump", "", now - pulse.turned_at)
        return _FINE

    def metrics(self) -> bytes | None:
        """The body of /metrics; None without a source."""
        return None if self._metrics is None else self._metrics()

    def _watch(self) -> None:
        notifier = self._notifier
        period_s = None if notifier is None else notifier.watchdog_s
        pinged_at = 0.0
        while not self._done.wait(self._limits.sample_s):
            now = time.monotonic()
            self.verdict = self.judge(now)
            if notifier is None or period_s is None or now - pinged_at < period_s / 2:
                continue
            if self.verdict.is_healthy:
                notifier.watchdog()
                pinged_at = now


def _server(health: Health, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 2.0

        def do_GET(self) -> None:
            if self.path == "/health":
                verdict = health.verdict
                self._answer(200 if verdict.is_healthy else 503, verdict.json(), "application/json")
            elif self.path == "/metrics" and (text := health.metrics()) is not None:
                self._answer(200, text, "text/plain; version=0.0.4; charset=utf-8")
            else:
                self._answer(404, b"there is /health and /metrics\n", "text/plain")

        def _answer(self, code: int, body: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer((_LOOPBACK, port), Handler)
    server.daemon_threads = True
    return server
