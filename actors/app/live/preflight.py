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
from actors.app.live.doubts import explained
from actors.app.live.venues import LiveVenue
from actors.bybit.calls import call_of
from actors.bybit.capabilities import Capability
from actors.bybit.conversations.asking import Steps, VenueAccount
from actors.bybit.conversations.boot import (
    StandardFees,
    account_equity,
    account_modes,
    instruments_of,
    key_problems,
    last_price,
    strangers,
)
from actors.bybit.conversations.commands import run_command
from actors.bybit.conversations.queries import maintenance, server_time
from actors.bybit.edges.rest import RestEdge
from actors.bybit.endpoints import Environment
from actors.bybit.translate.results import NoReply, Reply, RestReply, RestRequest
from actors.model.backend import SetLeverage
from actors.model.calls import CallAnswered, CallReply, SendCall
from actors.model.errors import ColdframeError, ConfigurationError, NetworkError
from actors.model.fixed import Price, scaled_text
from actors.model.instrument import Instrument
from actors.model.maintenance import MaintenancePlanned
from actors.model.result import OrderResult, RequestOutcome
from actors.orders.link_id import PREFIX

__all__ = ["Preflight", "PublicFacts", "preflight", "public_preflight"]

T = TypeVar("T")
_TIMEOUT_MS = 5_000
_WINDOW_MS = 10_000
_ATTEMPTS = 5
_RETRY_S = 1.0
_NOTICED_MS = 5_000  # by which the local clock may be off without a word
_SOON_MS = 86_400_000  # in which a maintenance is worth a line
_NS_PER_MS = 1_000_000
_NO_CODE = "0 "  # nothing came back
_ALREADY_SET = 110043  # leverage not modified


@attrs.frozen
class Preflight:
    """What was found: the venue's time (UTC ms), instruments by symbol, and the equity in quote coin.

    `told` is what the operator should know, a line each.
    """

    time_ms: int
    instruments: dict[str, Instrument]
    equity: Decimal
    told: tuple[str, ...] = ()


@attrs.define
class _Desk:
    """Asks one question after the other, stamped with the venue's time as last measured."""

    edge: RestEdge
    wall_ms: Callable[[], int]
    retry_s: float
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
                await trio.sleep(self.retry_s)
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
    leverages: Mapping[str, int | None],
    wall_ms: Callable[[], int] = lambda: time.time_ns() // _NS_PER_MS,
    *,
    prefix: str = PREFIX,
    retry_s: float = _RETRY_S,
    leaders: Sequence[str] = (),
) -> Preflight:
    """Ask everything for the symbols of `leverages`, then set those that are not None. Of `leaders`, which are read and
    not traded, nothing but the instruments is asked for.

    `prefix` begins the ids of this deployment's orders. Raises ConfigurationError with what is wrong and what to do.
    """
    desk = _Desk(venue.rest(), wall_ms, retry_s)
    try:
        return await _asked(desk, venue, leverages, prefix, leaders)
    except ColdframeError as error:
        raise await _explained(error, venue, desk) from error
    finally:
        desk.edge.close()


@attrs.frozen
class PublicFacts:
    """What the public market says: its time (UTC ms), instruments by symbol, and their last prices."""

    time_ms: int
    instruments: dict[str, Instrument]
    prices: dict[str, Price]


async def public_preflight(
    venue: LiveVenue,
    symbols: Sequence[str],
    wall_ms: Callable[[], int] = lambda: time.time_ns() // _NS_PER_MS,
    *,
    retry_s: float = _RETRY_S,
    leaders: Sequence[str] = (),
) -> PublicFacts:
    """Ask what needs no key; fees are the standard ones. Of `leaders` it asks for no price.

    Raises ConfigurationError with what is wrong.
    """
    desk = _Desk(venue.rest(), wall_ms, retry_s)
    try:
        time_ms = await _measured(desk)
        instruments = await desk.run(instruments_of(symbols, _standard_fees(symbols), has_fee_rates=False))
        prices = {symbol: await desk.run(last_price(each)) for symbol, each in instruments.items()}
        if leaders:
            instruments |= await desk.run(instruments_of(leaders, _standard_fees(leaders), has_fee_rates=False))
    except ColdframeError as error:
        raise await _explained(error, venue, desk) from error
    finally:
        desk.edge.close()
    return PublicFacts(time_ms, instruments, prices)


async def _asked(
    desk: _Desk, venue: LiveVenue, leverages: Mapping[str, int | None], prefix: str, leaders: Sequence[str]
) -> Preflight:
    symbols = tuple(leverages)
    time_ms = await _measured(desk)
    has_fee_rates = venue.has(Capability.FEE_RATES)
    instruments = await desk.run(instruments_of(symbols, _standard_fees(symbols), has_fee_rates=has_fee_rates))
    problems = await desk.run(key_problems()) if venue.has(Capability.KEY_FACTS) else []
    problems += await desk.run(account_modes(symbols))
    if problems:
        raise ConfigurationError("; ".join(problems))
    for symbol, leverage in leverages.items():
        if leverage is not None:
            await _set_leverage(desk, instruments, symbol, leverage)
    coin = next(iter(instruments.values())).settle_coin
    equity = Decimal(await desk.run(account_equity(coin)))
    if equity <= 0:
        raise ConfigurationError(f"the account holds no {coin}: fund it first")
    told = (*_of_clock(desk.offset_ms), *await desk.run(strangers(symbols, prefix)))
    planned = await _planned(desk, VenueAccount(instruments, venue.environment is Environment.DEMO))
    soon = [
        f"{_of_plan(plan)}: entries pause from shortly before it to its end"
        for plan in planned
        if plan.begin_ms - time_ms < _SOON_MS
    ]
    if leaders:
        fees = _standard_fees(leaders)
        instruments |= await desk.run(instruments_of(tuple(leaders), fees, has_fee_rates=False))
    return Preflight(time_ms, instruments, equity, (*told, *soon))


async def _explained(error: ColdframeError, venue: LiveVenue, desk: _Desk) -> ColdframeError:
    """For the operator; where the venue is in a maintenance that it announces, that is why."""
    if isinstance(error, NetworkError) and not str(error).startswith(_NO_CODE):
        now_ms = desk.wall_ms() + desk.offset_ms
        account = VenueAccount({}, venue.environment is Environment.DEMO)
        under_way = [plan for plan in await _planned(desk, account) if plan.begin_ms <= now_ms]
        if under_way:
            return ConfigurationError(f"{desk.edge.url} is closed: {_of_plan(under_way[0])}: start again after it")
    return explained(error, venue, desk.edge.url)


async def _planned(desk: _Desk, account: VenueAccount) -> tuple[MaintenancePlanned, ...]:
    """What the venue has announced; nothing where it does not say."""
    try:
        return (await desk.run(maintenance(account))).plans
    except ColdframeError:
        return ()


def _of_plan(plan: MaintenancePlanned) -> str:
    return f"planned maintenance from {plan.begin_text} to {plan.end_text}"


def _of_clock(offset_ms: int) -> tuple[str, ...]:
    if abs(offset_ms) < _NOTICED_MS:
        return ()
    side = "behind" if offset_ms > 0 else "ahead of"
    return (
        f"this machine's clock is {abs(offset_ms) / 1000:.1f} s {side} the exchange's: the run corrects for it; set it "
        "right (NTP), or its logs will tell other times",
    )


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
