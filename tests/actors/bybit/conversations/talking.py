"""A conversation in the hand: replies are given one by one, and every request is kept."""

import json
from typing import Any

from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.conversations.port import converse
from actors.bybit.translate.results import NoReply, Reply, RestReply, RestRequest
from actors.model.backend import Batch, Command, Query
from tests.actors.builders import an_instrument

__all__ = ["ACCOUNT", "TIME_MS", "Talk", "an_answer", "talk"]

TIME_MS = 1_764_402_010_000
ACCOUNT = VenueAccount({"BTCUSDT": an_instrument(), "ETHUSDT": an_instrument(symbol="ETHUSDT", category="spot")})


def an_answer(result: Any, code: int = 0, text: str = "OK", more: Any = None, time: int = TIME_MS) -> RestReply:
    """The venue's answer in its envelope."""
    body = {"retCode": code, "retMsg": text, "result": result, "retExtInfo": more or {}, "time": time}
    return RestReply(200, json.dumps(body).encode())


class Talk:
    """What a conversation asked, and what it came to."""

    def __init__(self, requests: list[RestRequest], answer: Any) -> None:
        self.requests = requests
        self.answer = answer

    @property
    def asked(self) -> list[tuple[str, Any]]:
        """Path and query text, or body."""
        return [
            (
                request.endpoint.path.removeprefix("/v5/"),
                json.loads(request.payload) if request.endpoint.is_write else request.payload,
            )
            for request in self.requests
        ]


def talk(message: Command | Batch | Query, *replies: Reply | None, account: VenueAccount = ACCOUNT) -> Talk:
    """Hold the conversation to its end; every reply must be asked for. None is no reply."""
    conversation = converse(message, account)
    requests = [next(conversation)]
    left = list(replies)
    while True:
        reply = left.pop(0)
        try:
            requests.append(conversation.send(reply or NoReply("timed out")))
        except StopIteration as end:
            assert not left, f"{len(left)} replies were not asked for"
            return Talk(requests, end.value)
