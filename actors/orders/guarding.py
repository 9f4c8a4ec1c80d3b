"""Whether a position's stop went without its position, which nobody here has asked for."""

from actors.model.order import WITH_POSITION, OrderReport, Origin, VenueStatus

__all__ = ["is_lost_stop"]

_STOP_LOSS, _DEACTIVATED = Origin.STOP_LOSS, VenueStatus.DEACTIVATED


def is_lost_stop(report: OrderReport) -> bool:
    """Whether it tells of a position's stop that ended while the position stands."""
    return report.origin is _STOP_LOSS and report.status is _DEACTIVATED and report.reason != WITH_POSITION
