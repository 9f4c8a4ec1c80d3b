"""Frames of the private stream in the port's words: reports and executions, in the order of the frame.

Position and wallet frames hold nothing that the port does not learn from executions; they say nothing here. A symbol
that is not ours is named in `foreign`, never guessed at: somebody else trades in the account.
"""

from collections.abc import Mapping

import msgspec

from actors.bybit.topics import TopicKind, read_topic
from actors.bybit.translate.reports import read_execution, read_order
from actors.bybit.wire.base import WireError
from actors.bybit.wire.executions import WireExecution
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.streams import ExecutionFrame, OrderFrame, PositionFrame, WalletFrame
from actors.bybit.wire.values import WireCategory
from actors.model.backend import PrivateFrame
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport

__all__ = ["PrivateEvents", "read_private"]


class PrivateEvents(msgspec.Struct, frozen=True):
    """A frame for the port, and symbols in it that are not ours ("linear DOGEUSDT")."""

    frame: PrivateFrame
    foreign: tuple[str, ...] = ()


def read_private(
    frame: OrderFrame | ExecutionFrame | PositionFrame | WalletFrame, instruments: Mapping[str, Instrument]
) -> PrivateEvents:
    """The events of a decoded frame. Raises WireError for a frame of another topic."""
    if isinstance(frame, PositionFrame | WalletFrame):
        return PrivateEvents(PrivateFrame(()))
    topic = read_topic(frame.topic)
    if topic.kind not in (TopicKind.ORDER, TopicKind.EXECUTION):
        raise WireError(f"{frame.topic} is not a private topic of the port")
    events: list[OrderReport | Fill] = []
    foreign: list[str] = []
    for row in frame.data:
        instrument = _instrument_of(row, topic.category, instruments)
        if instrument is None:
            foreign.append(f"{row.category or topic.category or ''} {row.symbol}".strip())
        elif isinstance(row, WireOrder):
            events.append(read_order(row, instrument, frame.creation_time))
        else:
            events.append(read_execution(row, instrument))
    return PrivateEvents(PrivateFrame(tuple(events)), tuple(foreign))


def _instrument_of(
    row: WireOrder | WireExecution, category: WireCategory | None, instruments: Mapping[str, Instrument]
) -> Instrument | None:
    """Ours only where the category is ours too: BTCUSDT is a symbol of linear and of spot."""
    instrument = instruments.get(row.symbol)
    stated = row.category or category
    if instrument is None or (stated is not None and stated != instrument.category):
        return None
    return instrument
