"""Planned maintenance of the venue: what it announces, and which announcement counts now."""

import msgspec

from actors.model.venue_time import second_text

__all__ = [
    "MaintenanceOver",
    "MaintenancePlanned",
    "MaintenancePlans",
    "MaintenanceQuery",
    "PlannedMaintenance",
]


class MaintenancePlanned(msgspec.Struct, frozen=True, gc=False):
    """The venue does not trade from `begin_ms` to `end_ms`, UTC ms; `id` is the venue's name of the plan.

    `closes_streams`: its streams are interrupted too, so they are better closed before.
    """

    id: str
    begin_ms: int
    end_ms: int
    closes_streams: bool = True

    @property
    def begin_text(self) -> str:
        """UTC, to the second."""
        return second_text(self.begin_ms)

    @property
    def end_text(self) -> str:
        """UTC, to the second."""
        return second_text(self.end_ms)


class MaintenanceOver(msgspec.Struct, frozen=True, gc=False):
    """The planned maintenance of this id has ended, or does not take place."""

    id: str


class MaintenanceQuery(msgspec.Struct, frozen=True, gc=False):
    """What the venue has planned; answered by PlannedMaintenance."""


class PlannedMaintenance(msgspec.Struct, frozen=True):
    """All plans that have not ended; what is not among them is over."""

    plans: tuple[MaintenancePlanned, ...]


class MaintenancePlans:
    """Those that have not ended; a new plan of the same id replaces the old one."""

    def __init__(self) -> None:
        self._plans: dict[str, MaintenancePlanned] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The venue's names of those that are known."""
        return tuple(self._plans)

    def add(self, plan: MaintenancePlanned) -> bool:
        """A plan, or its change; False where it says what is known already."""
        is_news = self._plans.get(plan.id) != plan
        self._plans[plan.id] = plan
        return is_news

    def drop(self, plan_id: str) -> bool:
        """It is over, or off; False for an unknown one, which is no error."""
        return self._plans.pop(plan_id, None) is not None

    def pending(self, now_ms: int) -> tuple[MaintenancePlanned, ...]:
        """Those that end after `now_ms`. Ended ones are forgotten."""
        self._plans = {plan_id: plan for plan_id, plan in self._plans.items() if plan.end_ms > now_ms}
        return tuple(self._plans.values())

    def next(self, now_ms: int) -> MaintenancePlanned | None:
        """The one with the earliest beginning of those that end after `now_ms`, or None."""
        return min(self.pending(now_ms), key=lambda plan: (plan.begin_ms, -plan.end_ms), default=None)
