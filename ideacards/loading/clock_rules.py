"""Rules for times in cards: a zone by name, a time of day, days of the week; and a session made of them."""

from typing import Annotated, Any

import attrs

from ideacards.errors import CardError, Problem, nearest
from ideacards.loading.rules import Word, of_kind, problem_at, refuse, text_of_node
from ideacards.loading.structuring import read
from ideacards.loading.tree import ListNode, MapNode, Node, described
from ideacards.sessions import WEEKDAYS, Session
from ideacards.zones import UTC_ZONE, zone_names

__all__ = ["SESSION_NAME", "TimeOfDay", "WeekDays", "WrittenSession", "ZoneName", "read_sessions", "read_zone"]

SESSION_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a session name", "letters, digits and _, no digit first")
_TIME = Word("(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)", "a time of day like 08:00", "write hours and minutes, like 08:00")


@attrs.frozen
class ZoneName:
    """A time zone of tzdata."""

    def read(self, node: Node) -> str:
        name = text_of_node(node, "a time zone like Europe/London")
        if name not in zone_names():
            raise refuse(node, f"there is no time zone `{name}`", nearest(name, zone_names()))
        return name

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/zone"}


@attrs.frozen
class TimeOfDay:
    """`HH:MM` as minutes of the day."""

    def read(self, node: Node) -> int:
        hours, _, minutes = _TIME.read(node).partition(":")
        return 60 * int(hours) + int(minutes)

    def schema(self) -> dict[str, Any]:
        return _TIME.schema()


@attrs.frozen
class WeekDays:
    """A list of weekdays, as numbers from 0 for Monday."""

    def read(self, node: Node) -> tuple[int, ...]:
        found = of_kind(node, ListNode, "a list of days like [mon, tue]")
        if not found:
            raise refuse(node, "a session on no day", "name its days, or leave `days` away for all of them")
        unknown = [each for each in found if text_of_node(each, "a day like mon") not in WEEKDAYS]
        if unknown:
            raise refuse(unknown[0], f"{described(unknown[0])} is no day", f"one of {', '.join(WEEKDAYS)}")
        return tuple(sorted({WEEKDAYS.index(text_of_node(each, "a day")) for each in found}))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": {"enum": list(WEEKDAYS)}}


@attrs.frozen
class WrittenSession:
    """A part of the day on some days of the week; the card's time zone and every day unless said."""

    from_: Annotated[int, TimeOfDay()]
    to: Annotated[int, TimeOfDay()]
    zone: Annotated[str, ZoneName()] | None = None
    days: Annotated[tuple[int, ...], WeekDays()] = tuple(range(7))


def read_zone(node: Node | None) -> str:
    """The card's time zone; UTC where none is written, or a wrong one (which the strict reader reports)."""
    if node is None:
        return UTC_ZONE
    try:
        return ZoneName().read(node)
    except CardError:
        return UTC_ZONE


def read_sessions(node: MapNode, zone: str, problems: list[Problem]) -> dict[str, Session]:
    """The sessions by name; a wrong one has a placeholder, so that its uses pass."""
    sessions = {name: Session(zone, 0, 1, ()) for name in node}
    for name, child in node.items():
        if not SESSION_NAME.matches(name):
            place = node.key_places[name]
            problems.append(problem_at(child, f"`{name}` is not {SESSION_NAME.meaning}", SESSION_NAME.hint, place))
        try:
            written = read(child, WrittenSession)
        except CardError as error:
            problems += error.problems
            continue
        if written.from_ == written.to:
            problems.append(problem_at(child, "a session of no length", "`to` is another time than `from`"))
        sessions[name] = Session(written.zone or zone, written.from_, written.to, written.days)
    return sessions
