"""An HTTP host on loopback that plays a script, byte for byte, and keeps what it was sent: any answer, or none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs

__all__ = ["Heard", "Page", "ScriptedHost", "a_host"]


@attrs.frozen
class Heard:
    """One request as it came over the wire; `target` is path and query, undecoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@attrs.frozen
class Page:
    """An answer; `closes` ends the connection after `body`, whatever the headers promise; `waits` goes before it."""

    status: int = 200
    body: bytes = b'{"retCode":0,"retMsg":"OK","result":{}}'
    headers: dict[str, str] = attrs.field(factory=dict)
    closes: bool = False
    waits: Callable[[], object] | None = None


class ScriptedHost:
    """Plays its pages in order and the last one for ever. `address` is host:port."""

    def __init__(self, *pages: Page) -> None:
        self.pages = list(pages)
        self.heard: list[Heard] = []
        self._lock = threading.Lock()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host._serve(self)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.heard.append(Heard(handler.command, handler.path, dict(handler.headers.items()), body))
            page = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        if page.waits is not None:
            page.waits()
        if page.closes and not page.body:
            handler.close_connection = True
            return
        try:
            handler.send_response(page.status)
            for name, value in page.headers.items():
                handler.send_header(name, value)
            if "Content-Length" not in page.headers:
                handler.send_header("Content-Length", str(len(page.body)))
            handler.end_headers()
            handler.wfile.write(page.body)
            handler.close_connection = page.closes
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True


@contextmanager
def a_host(*pages: Page) -> Iterator[ScriptedHost]:
    """A host that plays these pages, until the block ends."""
    host = ScriptedHost(*(pages or (Page(),)))
    thread = threading.Thread(target=host.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.server.shutdown()
        host.server.server_close()
        thread.join()
