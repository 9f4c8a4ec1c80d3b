"""Planned maintenances by the venue's id: which one is on, or comes next."""

from actors.model.streams import MaintenancePlanned

__all__ = ["MaintenancePlans"]


class MaintenancePlans:
    """Those that have not ended; a new plan of the same id replaces the old one."""

    def __init__(self) -> None:
        self._plans: dict[str, MaintenancePlanned] = {}

    def add(self, plan: MaintenancePlanned) -> None:
        """A plan, or its change."""
        self._plans[plan.id] = plan

    def drop(self, plan_id: str) -> None:
        """It is over, or off; an unknown one is no error."""
        self._plans.pop(plan_id, None)

    def next(self, now_ms: int) -> MaintenancePlanned | None:
        """The one with the earliest beginning of those that end after `now_ms`, or None. Ended ones are forgotten."""
        self._plans = {plan_id: plan for plan_id, plan in self._plans.items() if plan.end_ms > now_ms}
        return min(self._plans.values(), key=lambda plan: (plan.begin_ms, -plan.end_ms), default=None)
