"""Rows of the system status, over REST and the status stream alike, as plans that concern us."""

from collections.abc import Collection, Iterable, Mapping

import attrs

from actors.bybit.numbers import read_ms
from actors.bybit.wire.base import WireError
from actors.bybit.wire.market import Maintenance
from actors.bybit.wire.values import WireMaintenanceState
from actors.model.instrument import Instrument
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned
from actors.model.order import Category

__all__ = ["MaintenanceScope", "read_maintenance"]

_OVER = (WireMaintenanceState.COMPLETED, WireMaintenanceState.CANCELED)
_TRADING = (1, 2)  # all of it, and its REST service; the streams go on
_STREAMS = (3, 4, 5)  # the trade socket, the private socket, market data
_FUTURES, _SPOT = 1, 2
_DEMO_SERVICE = 2


@attrs.frozen
class MaintenanceScope:
    """What we use of the venue: `products` (1 futures, 2 spot), and whether it is the demo service, which can be down
    by itself and with the rest.
    """

    products: tuple[int, ...] = (_FUTURES, _SPOT)
    is_demo: bool = False

    @classmethod
    def of(cls, instruments: Mapping[str, Instrument], *, is_demo: bool) -> "MaintenanceScope":
        """The products of these instruments; both where there are none."""
        spots = {Category(each.category) is Category.SPOT for each in instruments.values()}
        products = tuple(_SPOT if is_spot else _FUTURES for is_spot in sorted(spots))
        return cls(products or (_FUTURES, _SPOT), is_demo)


def read_maintenance(
    rows: Iterable[Maintenance], scope: MaintenanceScope
) -> tuple[MaintenancePlanned | MaintenanceOver, ...]:
    """In their order; what does not concern us is left out. Raises WireError for a time that cannot be read."""
    return tuple(said for row in rows if (said := _read(row, scope)) is not None)


def _read(row: Maintenance, scope: MaintenanceScope) -> MaintenancePlanned | MaintenanceOver | None:
    if row.state in _OVER:
        return MaintenanceOver(row.id)
    if not _concerns(row.product, scope.products) or (row.env == _DEMO_SERVICE and not scope.is_demo):
        return None
    if not _concerns(row.service_types, (*_TRADING, *_STREAMS)):
        return None
    begin_ms, end_ms = read_ms(row.begin, "begin"), read_ms(row.end, "end")
    if end_ms <= begin_ms:
        raise WireError(f"maintenance {row.id}: it ends at {row.end}, before it begins at {row.begin}")
    return MaintenancePlanned(row.id, begin_ms, end_ms, closes_streams=_concerns(row.service_types, _STREAMS))


def _concerns(named: Collection[int] | None, ours: Collection[int]) -> bool:
    """Where nothing is named, all are meant."""
    return not named or any(one in ours for one in named)
