"""Who may import whom, directly: the table of rooms. import-linter holds the coarse layers, this rule the fine print.

An actor sees of another actor its `messages` alone, and of the cards `intents` and `feeds` alone.
"""

from collections.abc import Iterator

from tests.architecture.source import PACKAGES, Offence, Source, imported_names

__all__ = ["ACTORS", "imports_point_down"]

ACTORS = (
    "clocksync",
    "gateway",
    "intents",
    "maintenance",
    "marketdata",
    "orders",
    "protection",
    "ratelimiter",
    "reconciler",
    "safety",
    "simulator",
    "strategy",
    "websocket",
)
_DOMAIN = ("actors.model", "ideacards.intents", "ideacards.feeds")
_MESSAGES = tuple(f"actors.{name}.messages" for name in ACTORS)


_CODEC = ("runtime", "actors.model")
_SERVER = "actors.bybit.server"


def _allowed(room: str) -> tuple[str, ...] | None:
    """The modules, with what is below them, that a room may import besides itself; None for an unknown room."""
    top, _, name = room.partition(".")
    if top in ("runtime", "ideacards") or room == "actors":
        return ()
    if name == "model":
        return _DOMAIN
    if name == "bybit":
        return ("runtime", "actors.model", "actors.simulator", "ideacards.feeds")
    if name == "app":
        return PACKAGES
    if name in ACTORS:
        return ("runtime", *_DOMAIN, *_MESSAGES, *(["ideacards"] if name == "strategy" else []))
    return None


def imports_point_down(source: Source) -> Iterator[Offence]:
    """No import of ours but what the table allows this file's room; of Bybit's, the server alone sees the simulator."""
    parts = source.module.split(".")
    room = ".".join(parts[:2]) if parts[0] == "actors" else parts[0]
    allowed = _allowed(room)
    if allowed is None:
        yield source.offence(1, f"`{room}` is not a room of the house")
        return
    if room == "actors.bybit" and not f"{source.module}.".startswith(f"{_SERVER}."):
        allowed = _CODEC
    for node, name, _ in imported_names(source):
        inside = any(f"{name}.".startswith(f"{prefix}.") for prefix in (room, *allowed))
        if name.split(".")[0] in PACKAGES and not inside and room != "actors.app":
            yield source.offence(node, f"`{room}` may not import `{name}`")
