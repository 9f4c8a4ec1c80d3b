"""REST through pybit: one call in a worker thread, sent once. This module alone knows pybit.

pybit builds, signs and sends a request. What it would do beyond that is taken out, because it decides: it sends again
by itself on some codes and after lost connections, follows redirects with our headers, and stamps requests with the
local clock. A call that took too long is lost: its thread runs on and may still send it.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import trio
from pybit import _helpers
from pybit.unified_trading import HTTP

from actors.bybit.edges.keys import ApiKeys, rest_url
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.endpoints import LIMIT_HEADERS, Environment
from actors.model.calls import CallAnswered, CallLost, CallReply, LimitHeaders, SendCall
from actors.model.errors import ConfigurationError

__all__ = ["RestEdge"]

_HIDDEN_KEY = "[key]"
_PART_BYTES = 65_536
_MAX_BYTES = 16 * 1024 * 1024
_local_timestamp = _helpers.generate_timestamp
_stamp = threading.local()


def _timestamp_ms() -> int:
    """The time stamp of the call that this thread sends; the local clock for pybit's other users in this process."""
    stamp: int | None = getattr(_stamp, "timestamp_ms", None)
    return int(_local_timestamp()) if stamp is None else stamp


_helpers.generate_timestamp = _timestamp_ms


class _Session(HTTP):  # type: ignore[misc]  # pybit carries no types
    """pybit's session: payloads go out as they are, and whatever comes back comes back as it is."""

    def __repr__(self) -> str:
        return f"_Session({self.endpoint})"  # pybit's own shows key and secret

    @staticmethod
    def prepare_payload(method: str, parameters: dict[str, str]) -> str:
        """The text of the call, of a query as the HTTP library will send it: what is signed is what is sent."""
        payload = parameters["payload"]
        if method == "GET" and payload:
            url = requests.Request("GET", f"http://host/?{payload}").prepare().url
            return urlsplit(url or "").query
        return payload

    def _check_status_code(self, response: Any, *_: object) -> None:
        """Every status is an answer."""

    def _handle_response(self, response: Any, *_: object) -> Any:
        """Codes are the codec's to read."""
        return response


def _a_session(url: str, keys: ApiKeys | None) -> _Session:
    session = _Session(
        api_key=None if keys is None else keys.key,
        api_secret=None if keys is None else keys.secret.reveal(),
        force_retry=False,
        max_retries=1,
        log_requests=False,
        return_response_headers=True,
    )
    session.retry_codes = set()  # pybit takes an empty argument for its defaults
    session.endpoint = url
    session.client.max_redirects = 0
    session.client.stream = True  # we read the body, within bounds
    session.client.trust_env = not url.startswith("http://")  # a proxy does not reach an exchange on this machine
    session.logger.handlers.clear()  # pybit writes to stderr when nobody else does
    session.logger.addHandler(logging.NullHandler())
    return session


class RestEdge:
    """Serves the gateway's ports. `keys` are those of `environment`, or None for public data alone.

    Raises ConfigurationError for keys of another environment, and for an address that these keys must not meet.
    Reads and writes have threads of their own, so a long history never holds up a cancel.
    """

    def __init__(
        self,
        environment: Environment,
        keys: ApiKeys | None,
        address: str | None = None,
        threads: int = 8,
        traffic: WireTraffic | None = None,
    ) -> None:
        if keys is not None and keys.environment is not environment:
            raise ConfigurationError(
                f"the keys are those of the environment {keys.environment}, and this run is one of {environment}"
            )
        self.url = rest_url(environment, address)
        self._keys = keys
        self._traffic = traffic or WireTraffic()
        self._reads = _Workers(self._new_session, threads)
        self._writes = _Workers(self._new_session, threads)

    async def serve(self, request: object, emit: Callable[[Any], Awaitable[None]]) -> None:
        """One call: emits its answer, or that it is lost, no later than its time-out."""
        assert isinstance(request, SendCall), f"not a call: {request!r}"
        if request.call.is_signed and self._keys is None:
            raise ConfigurationError(f"{request.call.path} needs a key, and this run has none")
        workers = self._writes if request.call.is_write else self._reads
        reply: CallReply = CallLost(f"no answer within {request.timeout_ms} ms")
        with trio.move_on_after(request.timeout_ms / 1000):
            self._traffic.went(len(request.call.path) + len(request.call.payload))
            reply = await workers.run(self._sent, request)
        if isinstance(reply, CallAnswered):
            self._traffic.came(len(reply.body))
        await emit(reply)

    def close(self) -> None:
        """Close the connections; one that a thread still uses is closed when its call ends."""
        self._reads.close()
        self._writes.close()

    def _new_session(self) -> _Session:
        return _a_session(self.url, self._keys)

    def _sent(self, session: _Session, request: SendCall) -> CallReply:
        """In a thread: send, and read the whole answer."""
        call, ends_at = request.call, time.monotonic() + request.timeout_ms / 1000
        session.timeout = request.timeout_ms / 1000  # for connecting, and for each silence of the exchange
        session.recv_window = request.recv_window_ms
        _stamp.timestamp_ms = request.timestamp_ms
        url = f"{self.url}{call.path}"
        try:
            response = session._submit_request(call.method, url, {"payload": call.payload}, call.is_signed)
            return self._answer(response, _content(response, ends_at))
        except requests.TooManyRedirects as error:
            return CallLost("a redirect without an answer") if error.response is None else self._answer(error.response)
        except requests.RequestException as error:
            return CallLost(_reason(error))
        finally:
            _stamp.timestamp_ms = None

    def _answer(self, response: Any, body: bytes = b"") -> CallAnswered:
        return CallAnswered(response.status_code, self._text(body), _limit(response.headers))

    def _text(self, body: bytes) -> str:
        """The answer as text, without our key, which the venue may quote.

        Bytes that are no UTF-8 become escapes that no JSON has.
        """
        text = body.decode("utf-8", "backslashreplace")
        return text if self._keys is None else text.replace(self._keys.key, _HIDDEN_KEY)


class _Workers:
    """So many threads at a time, each with a session of its own: pybit's are not made to be shared.

    The thread of a lost call keeps its place and its session until it ends.
    """

    def __init__(self, new_session: Callable[[], _Session], threads: int) -> None:
        self._new_session = new_session
        self._idle: deque[_Session] = deque()
        self._limiter = trio.CapacityLimiter(threads)
        self._is_closed = False

    def close(self) -> None:
        """Keep no connection from now on."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().client.close()

    async def run(self, call: Callable[[_Session, SendCall], CallReply], request: SendCall) -> CallReply:
        """What `call` returns, from a thread; a cancelled wait leaves the thread behind."""

        def work() -> CallReply:
            session = self._idle.pop() if self._idle else self._new_session()
            try:
                return call(session, request)
            finally:
                self._idle.append(session)
                if self._is_closed:
                    self.close()

        return await trio.to_thread.run_sync(work, limiter=self._limiter, abandon_on_cancel=True)


def _content(response: Any, ends_at: float) -> bytes:
    """The whole body. Raises RequestException for one that is too long, or not there by `ends_at` (monotonic)."""
    parts, size = [], 0
    try:
        for part in response.iter_content(_PART_BYTES):
            size += len(part)
            if size > _MAX_BYTES:
                raise requests.RequestException(f"an answer of more than {_MAX_BYTES} bytes")
            if time.monotonic() > ends_at:
                raise requests.Timeout("the answer began and did not end in time")
            parts.append(part)
    finally:
        response.close()
    return b"".join(parts)


def _limit(headers: Mapping[str, str]) -> LimitHeaders | None:
    """The venue's count, None where an answer has none, as those of public endpoints."""
    try:
        return LimitHeaders(*(int(headers[name]) for name in LIMIT_HEADERS))
    except (KeyError, ValueError):
        return None


def _reason(error: Exception) -> str:
    """What went wrong, in the words of the innermost error: the outer ones quote objects and their addresses."""
    inner: BaseException = error
    while (below := inner.__cause__ or inner.__context__) is not None:
        inner = below
    kind = type(error).__name__
    text = inner.strerror if isinstance(inner, OSError) and inner.strerror else type(inner).__name__
    if isinstance(inner, requests.RequestException):
        text = str(inner)
    return f"{kind}: {text}"
