"""The errors with which a stream ends its life, as lines that say what, where and what to do."""

from actors.model.errors import AuthenticationError, ConfigurationError, NetworkError
from actors.model.streams import SocketClosed
from actors.websocket.messages import StreamKind
from actors.websocket.transitions import StreamEvent
from runtime.errors import ActorError

__all__ = ["cause_of", "ended", "no_connection", "topic_refused"]

_ADVICE = (
    "do key and host belong together (a demo key is for the demo host alone), has the key expired, "
    "are too many sessions open?"
)


def cause_of(closed: SocketClosed) -> str:
    """Why a connection ended, in words."""
    status = f"HTTP {closed.status}" if closed.status else str(closed.code or "")
    return " ".join(filter(None, (closed.cause, status, closed.detail)))


def ended(kind: StreamKind, event: StreamEvent, why: str) -> Exception:
    """For an event that the table ends with. A refused key is fatal: no restart helps."""
    if event is StreamEvent.AUTH_REFUSED:
        return AuthenticationError(f"{kind} stream: {why}; {_ADVICE}")
    return ActorError(f"{kind} stream: {why}")


def no_connection(kind: StreamKind, attempts: int, why: str) -> NetworkError:
    """For a stream that could not be opened at the start."""
    return NetworkError(f"{kind} stream: no connection in {attempts} attempt(s); the last: {why}")


def topic_refused(kind: StreamKind, topic: str, why: str) -> ConfigurationError:
    """For a topic that the venue does not serve, asked for alone and again."""
    return ConfigurationError(f"{kind} stream: the venue refuses the topic {topic}: {why}; does it list the symbol?")
