"""The one socket of a stream, as its actor knows it: the effect that opened it, and what is sent through it."""

from actors.model.streams import CloseSocket, OpenSocket, SendText, SignIn
from runtime.context import Context

__all__ = ["StreamSocket"]


class StreamSocket:
    """Sockets one after another through the edge behind `port`; never two at once."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._effect = 0  # correlation of the effect that opened it; 0: there is none
        self._name = ""
        self._sent = 0
        self.is_closing = False
        self.count = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a socket, or the attempt at one."""
        return self._effect != 0

    def speaks(self, ctx: Context) -> bool:
        """Whether the message in hand comes from this socket, and not from an earlier one."""
        return self._effect != 0 and ctx.correlation == self._effect

    def open(self, ctx: Context) -> None:
        """Connect."""
        ctx.always("one socket at a time", not self.is_open)
        self.count += 1
        self._name = f"{ctx.incarnation}.{self.count}"
        self._sent = 0
        self.is_closing = False
        self._effect = ctx.effect(self._port, OpenSocket(self._name))

    def send(self, text: str, ctx: Context) -> None:
        """Send a text frame."""
        self._sent += 1
        ctx.effect(self._port, SendText(self._name, self._sent, text))

    def sign_in(self, expires_ms: int, ctx: Context) -> None:
        """Authenticate; the edge writes and signs the frame."""
        self._sent += 1
        ctx.effect(self._port, SignIn(self._name, self._sent, expires_ms))

    def close(self, ctx: Context) -> bool:
        """Ask for the close, once; False where it was asked for, or there is nothing to close."""
        if not self.is_open or self.is_closing:
            return False
        self.is_closing = True
        ctx.effect(self._port, CloseSocket(self._name))
        return True

    def ended(self) -> None:
        """The edge says that it is closed."""
        self._effect = 0
