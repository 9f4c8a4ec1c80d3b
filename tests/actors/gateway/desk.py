"""A live gateway in the hand: Bybit's codec, edges that answer what the test says, a clock known within 20 ms."""

import json
from collections.abc import Callable
from typing import Any

from actors.bybit.calls import bybit_codec
from actors.bybit.conversations.asking import VenueAccount
from actors.gateway.actor import LiveGateway
from actors.gateway.policy import GatewayPolicy
from actors.model.backend import Batch, Command, Query
from actors.model.calls import CallAnswered, CallReply, CallUnsent, SendCall
from runtime.kernel.ports import Effect
from runtime.messages import Ref
from runtime.spec import SECOND_NS
from runtime.supervision.management import Verb
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.builders import an_instrument

__all__ = ["MS", "WALL_NS", "Desk", "answered"]

MS = 1_000_000
WALL_NS = 1_764_402_010_000 * MS
ERROR_NS = 20 * MS
INSTRUMENTS = {"BTCUSDT": an_instrument(), "ETHUSDT": an_instrument(symbol="ETHUSDT")}


def answered(result: Any = None, code: int = 0, text: str = "OK", **more: Any) -> CallAnswered:
    """The venue's answer in its envelope."""
    body = {"retCode": code, "retMsg": text, "result": result or {}, "time": WALL_NS // MS, **more}
    return CallAnswered(200, json.dumps(body))


class Desk:
    """`ask` gives the number under which `answer` finds what that asker was told; `out` are requests at the edge."""

    def __init__(
        self,
        policy: GatewayPolicy | None = None,
        *,
        is_measured: bool = True,
        error_ns: int = ERROR_NS,
        has_trade: bool = False,
    ) -> None:
        codec = bybit_codec(VenueAccount(INSTRUMENTS))
        trade = Ref("trade") if has_trade else None
        wiring = Ref("ratelimiter"), Ref("clocksync"), policy or GatewayPolicy(), trade
        self.harness = ActorHarness(
            lambda: LiveGateway(codec, *wiring),
            others=("ratelimiter", "clocksync", "trade"),
            ports=("rest/read", "rest/write"),
            wall_ns=WALL_NS,
        )
        self.kernel = self.harness.kernel
        if is_measured:
            self.kernel.clock.correct_wall(WALL_NS, error_ns, 0)
        self.out: list[Effect] = []
        self._told: list[Said] = []

    def ask(self, message: Command | Batch | Query, timeout_ns: int = 30 * SECOND_NS) -> int:
        number = self.kernel.ask(None, self.harness.ref, message, timeout_ns)
        self.kernel.pump()
        self._look()
        return number

    def call(self) -> tuple[Effect, SendCall]:
        """The one request that is out."""
        (effect,) = self.out
        assert isinstance(effect.request, SendCall)
        return effect, effect.request

    def reply(self, reply: CallReply, effect: Effect | None = None) -> None:
        """The edge emits; by default of the one request that is out."""
        chosen = effect or self.call()[0]
        if chosen in self.out:
            self.out.remove(chosen)
        self.harness.kernel.effect_result(chosen, reply)
        self.kernel.pump()
        self._look()

    def pass_time(self, ns: int) -> None:
        self.harness.driver.run_until(self.kernel.now + ns)
        self._look()

    def answer(self, number: int) -> Any:
        """What that asker was told, once; None while nothing was."""
        return self.kernel.outside_answers.pop(number, None)

    def told(self) -> list[tuple[str, Any]]:
        """What the other actors were told since the last look."""
        return [(str(ref), message) for ref, message, _ in self._taken(lambda ref: ref != "trade")]

    def offered(self) -> list[tuple[SendCall, int]]:
        """The calls that the trade stream was asked to send since the last look, with their correlations."""
        return [(message, correlation) for _, message, correlation in self._taken(lambda ref: ref == "trade")]

    def answer_offer(self, answer: CallReply | CallUnsent) -> None:
        """The trade stream answers the one call that it was asked for."""
        ((_, correlation),) = self.offered()
        self._told += self.harness.answer(correlation, answer)
        self._look()

    def manage_trade(self, verb: Verb) -> None:
        """End the trade stream's actor, or start its next life."""
        self.kernel.manage(Ref(""), verb, "trade")
        self.kernel.pump()
        self._look()

    def _taken(self, wanted: Callable[[Ref], bool]) -> list[Said]:
        self._told += self.harness.take()
        taken = [said for said in self._told if wanted(said[0])]
        self._told = [said for said in self._told if not wanted(said[0])]
        return taken

    def _look(self) -> None:
        self.out += self.harness.effects()
