"""Whether the venue is closed, or soon will be, for planned maintenance; notes about it for the record."""

import msgspec

from actors.model.maintenance import MaintenancePlanned

__all__ = [
    "LookDue",
    "MaintenanceUnknown",
    "PlanDropped",
    "PlanNoted",
    "PlansDue",
    "ReadPlans",
    "VenueClosing",
    "VenueOpen",
]


class VenueClosing(msgspec.Struct, frozen=True, gc=False):
    """Planned maintenance is on, or begins soon: take no new risk, and why."""

    reason: str


class VenueOpen(msgspec.Struct, frozen=True, gc=False):
    """No maintenance is on or near."""


class PlanNoted(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: a plan is new, or has changed."""

    plan: MaintenancePlanned


class PlanDropped(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the plan of this id has ended, or does not take place."""

    id: str


class MaintenanceUnknown(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the venue does not say what it has planned, and why."""

    reason: str


class ReadPlans(msgspec.Struct, frozen=True, gc=False):
    """Read what the venue has planned: the status stream may have missed something, and why."""

    reason: str


class LookDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: ask the venue what is planned."""


class PlansDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: a plan begins or ends."""
