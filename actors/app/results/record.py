"""What the decision stream holds, and in which units: prices and quantities as integers of 10^-12, money as text.

The same for every profile, so that the digest of a simulated day and of a live one can be compared.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from actors.intents.messages import IntentRefused
from actors.marketdata.messages import BarRefused, BarsClosed, CatchUp
from actors.model.fixed import scaled_text
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus
from actors.orders.messages import ON_ITS_WAY, DriftFound, FillBooked, OrderUpdated
from actors.protection.messages import StopSeen
from actors.reconciler.messages import LookUpReport, ReconcileFailed, ReconcileReport
from actors.strategy.messages import CardPaused, Decided, LeaderLate
from ideacards.intents import IntentMetadata
from runtime.kernel.recorder import Recorder, RecordMap

__all__ = ["decision_recorder"]

_DIGITS = 12
# Recorded, but not part of the digest.
_BESIDE: RecordMap = {
    kind: None
    for kind in (
        BarRefused,
        CardPaused,
        CatchUp,
        DriftFound,
        LeaderLate,
        LookUpReport,
        ReconcileFailed,
        ReconcileReport,
        StopSeen,
    )
}
_NOTHING: RecordMap = MappingProxyType({})
_STATUS_NAMES = [status.name for status in LocalStatus]


def decision_recorder(
    instruments: Mapping[str, Instrument], symbols: Mapping[str, str], beside: RecordMap = _NOTHING
) -> Recorder:
    """A recorder of intents, refusals, order events and fills; a lost order on its way counts as lost.

    `instruments` by symbol, `symbols` by card. `beside` are classes that are recorded too, for a log: they change no
    digest.
    """
    return Recorder({**beside, **_fields(instruments, symbols)}, also_lost=(*ON_ITS_WAY, BarsClosed))


def _fields(instruments: Mapping[str, Instrument], symbols: Mapping[str, str]) -> RecordMap:
    price_units = {symbol: 10 ** (_DIGITS - instrument.price_digits) for symbol, instrument in instruments.items()}
    qty_units = {symbol: 10 ** (_DIGITS - instrument.qty_digits) for symbol, instrument in instruments.items()}
    money_digits = next(iter(instruments.values())).money_digits
    metadata: list[tuple[IntentMetadata, tuple[Any, ...]]] = []  # a card repeats the same metadata

    def how(told: IntentMetadata) -> tuple[Any, ...]:
        for known, said in metadata:
            if known is told:
                return said
        said = _metadata(told)
        metadata.append((told, said))
        return said

    def decided(message: Decided) -> tuple[Any, ...]:
        intent = message.intent
        close = message.facts.close * price_units[symbols[intent.card_id]]
        return (intent.action, intent.card_id, intent.block_id, intent.bar_close_ms, *how(intent.metadata), close)

    def refused(message: IntentRefused) -> tuple[Any, ...]:
        return (message.card_id, message.block_id, message.bar_close_ms, message.action, message.refusal)

    def updated(message: OrderUpdated) -> tuple[Any, ...]:
        order = message.order
        request = order.request
        price_unit, qty_unit = price_units[request.symbol], qty_units[request.symbol]
        return (
            request.link_id,
            order.card_id,
            order.block_id,
            _STATUS_NAMES[order.status],
            request.side,
            request.type,
            request.qty * qty_unit,
            order.filled_qty * qty_unit,
            None if request.price is None else request.price * price_unit,
            None if request.trigger_price is None else request.trigger_price * price_unit,
            request.reduce_only,
            order.code,
        )

    def booked(message: FillBooked) -> tuple[Any, ...]:
        fill = message.fill
        return (
            fill.time_ms,
            fill.link_id,
            message.card_id,
            message.block_id,
            fill.side,
            fill.origin,
            fill.price * price_units[fill.symbol],
            fill.traded_qty * qty_units[fill.symbol],
            scaled_text(fill.fee, money_digits),
            fill.is_maker,
        )

    return {Decided: decided, IntentRefused: refused, OrderUpdated: updated, FillBooked: booked, **_BESIDE}


def _metadata(metadata: IntentMetadata) -> tuple[Any, ...]:
    size, ref = metadata.size, metadata.order.price
    return (
        None if size is None else (size.kind.value, str(size.value), *_added(size)),
        (metadata.order.type.value, *order) if (order := _added(metadata.order)) else metadata.order.type.value,
        None if ref is None else (ref.ref, _text(ref.offset_percent), ref.offset_ticks, *_added(ref)),
        _text(metadata.stop_loss),
        _text(metadata.take_profit),
        _text(metadata.fraction),
        metadata.add,
        *_added(metadata),
    )


def _added(told: msgspec.Struct) -> tuple[Any, ...]:
    """(name, text) of each field that was added later, where it does not hold its default."""
    added: tuple[str, ...] = getattr(told, "OPTIONAL", ())
    defaults = {field.name: field.default for field in msgspec.structs.fields(type(told))}
    return tuple((name, str(getattr(told, name))) for name in added if getattr(told, name) != defaults[name])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
