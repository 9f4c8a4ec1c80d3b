"""Before the tree starts: ask the exchange for its time, its instruments and the account, and set the leverage.

Nothing trades before every answer is well. The answers stand in the journal's header, so a replay asks nobody.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import attrs
import trio

from actors.app.files.instruments import load_instrument
from actors.app.live.venues import LiveVenue
from actors.bybit.calls import call_of
from actors.bybit.conversations.asking import Steps, VenueAccount
from actors.bybit.conversations.boot import (
    StandardFees,
    account_equity,
    account_modes,
    instruments_of,
    key_problems,
)
from actors.bybit.conversations.commands import run_command
from actors.bybit.conversations.queries import server_time
from actors.bybit.edges.rest import RestEdge
from actors.bybit.endpoints import Environment
from actors.bybit.translate.results import NoReply, Reply, RestReply, RestRequest
from actors.model.backend import SetLeverage
from actors.model.calls import CallAnswered, CallReply, SendCall
from actors.model.errors import ColdframeError, ConfigurationError, NetworkError
from actors.model.fixed import scaled_text
from actors.model.instrument import Instrument
from actors.model.result import OrderResult, RequestOutcome

__all__ = ["Preflight", "preflight"]

T = TypeVar("T")
_TIMEOUT_MS = 5_000
_WINDOW_MS = 10_000
_ATTEMPTS = 5
_RETRY_S = 1.0
_NS_PER_MS = 1_000_000
_ALREADY_SET = 110043  # leverage not modified
_NO_KEY_QUESTIONS = (Environment.DEMO,)  # it has neither fee rates nor the key's own facts


@attrs.frozen
class Preflight:
    """What was found: the venue's time (UTC ms), instruments by symbol, and the equity in quote coin."""

    time_ms: int
    instruments: dict[str, Instrument]
    equity: Decimal


@attrs.define
class _Desk:
    """Asks one question after the other, stamped with the venue's time as last measured."""

    edge: RestEdge
    wall_ms: Callable[[], int]
    offset_ms: int = 0

    async def run(self, steps: Steps[T]) -> T:
        """Hold a conversation; a question without an answer is asked again a few times. Raises ColdframeError."""
        reply: Reply | None = None
        while True:
            try:
                request = next(steps) if reply is None else steps.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = await self._sent(request)

    async def _sent(self, request: RestRequest) -> Reply:
        attempts = 1 if request.endpoint.is_write else _ATTEMPTS
        for attempt in range(attempts):
            if attempt:
                await trio.sleep(_RETRY_S)
            reply = await self._once(request)
            if isinstance(reply, RestReply) and reply.status < 500:
                break
        return reply

    async def _once(self, request: RestRequest) -> Reply:
        found: list[CallReply] = []

        async def keep(reply: Any) -> None:
            found.append(reply)

        call = call_of(request)
        sent = SendCall(call, _TIMEOUT_MS, self.wall_ms() + self.offset_ms if call.is_signed else 0, _WINDOW_MS)
        await self.edge.serve(sent, keep)
        (reply,) = found
        if isinstance(reply, CallAnswered):
            return RestReply(reply.status, reply.body.encode())
        return NoReply(reply.reason)


async def preflight(
    venue: LiveVenue,
    leverages: Mapping[str, int],
    wall_ms: Callable[[], int] = lambda: time.time_ns() // _NS_PER_MS,
) -> Preflight:
    """Ask everything for the symbols of `leverages`, then set those. Raises ConfigurationError with what is wrong."""
    desk, symbols = _Desk(venue.rest(), wall_ms), tuple(leverages)
    try:
        time_ms = await _measured(desk)
        is_full = venue.environment not in _NO_KEY_QUESTIONS
        problems = await desk.run(key_problems()) if is_full else []
        instruments = await desk.run(instruments_of(symbols, _standard_fees(symbols), has_fee_rates=is_full))
        problems += await desk.run(account_modes(symbols))
        if problems:
            raise ConfigurationError("; ".join(problems))
        for symbol, leverage in leverages.items():
            await _set_leverage(desk, instruments, symbol, leverage)
        coin = next(iter(instruments.values())).settle_coin
        equity = Decimal(await desk.run(account_equity(coin)))
    except NetworkError as error:
        raise ConfigurationError(
            f"{venue.rest().url} does not answer as Bybit does: {_short(error)}; check the network, a proxy between, "
            "and that the exchange is up"
        ) from error
    if equity <= 0:
        raise ConfigurationError(f"the account holds no {coin}: fund it first")
    return Preflight(time_ms, instruments, equity)


async def _measured(desk: _Desk) -> int:
    """The venue's time; requests are stamped with the earliest that it can be from now on."""
    before_ms = desk.wall_ms()
    found = await desk.run(server_time())
    desk.offset_ms = found.time_ms - desk.wall_ms() if desk.wall_ms() >= before_ms else 0
    return found.time_ms


def _standard_fees(symbols: Sequence[str]) -> dict[str, StandardFees]:
    """Those of the instruments file, where the venue tells none; of a symbol that is not in it, the usual ones."""
    fees = {}
    for symbol in symbols:
        try:
            known = load_instrument(symbol, 0)
        except ColdframeError:
            fees[symbol] = StandardFees("0.0002", "0.00055")
        else:
            fees[symbol] = StandardFees(
                scaled_text(known.maker_rate, known.rate_digits), scaled_text(known.taker_rate, known.rate_digits)
            )
    return fees


async def _set_leverage(desk: _Desk, instruments: dict[str, Instrument], symbol: str, leverage: int) -> None:
    most = instruments[symbol].max_leverage
    if leverage > most:
        raise ConfigurationError(f"{symbol}: leverage {leverage} is above the venue's {most}: lower account.leverage")
    steps = run_command(SetLeverage(symbol, leverage), VenueAccount(instruments))
    result: OrderResult = await desk.run(steps)
    if result.outcome is not RequestOutcome.ACCEPTED and result.code != _ALREADY_SET:
        why = f"{result.code} {result.reason}".strip()
        raise ConfigurationError(f"{symbol}: leverage {leverage} could not be set: {why}")


def _short(error: ColdframeError) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
