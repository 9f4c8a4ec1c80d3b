"""Which topics of a connection are asked for, accepted or being left, each answer matched to its request.

The venue refuses a whole request for one bad topic, and does not say what became of the others: every topic of a
refused request is asked for again in a request of its own. No topic is asked for while it is subscribed to or being
asked for.
"""

from typing import NamedTuple

from actors.model.streams import AnswerKind, StreamProtocol, TopicsAnswer
from actors.websocket.transitions import StreamEvent

__all__ = ["Subscriptions", "TopicsOutcome"]


class TopicsOutcome(NamedTuple):
    """What an answer means: the event, frames to send because of it, and the topic that was denied with the reason."""

    event: StreamEvent
    frames: tuple[str, ...] = ()
    denied: str = ""
    reason: str = ""


class Subscriptions:
    """The topics of one stream over all its connections."""

    def __init__(self, protocol: StreamProtocol) -> None:
        self._protocol = protocol
        self._count = 0  # request ids are never used twice, so no late answer meets a newer request
        self._asked: dict[str, tuple[str, ...]] = {}
        self._left: dict[str, str] = {}
        self._held: dict[str, None] = {}
        self._broken: dict[str, None] = {}  # to be left as soon as they are held
        self.denials: dict[str, int] = {}  # in a row, by topic

    @property
    def is_settled(self) -> bool:
        """Whether no answer is awaited."""
        return not self._asked and not self._left

    def open(self) -> tuple[str, ...]:
        """A new connection holds nothing: ask for all."""
        self._asked.clear()
        self._left.clear()
        self._held.clear()
        self._broken.clear()
        return tuple(self._ask(batch) for batch in self._protocol.batches(self._protocol.topics))

    def renew(self, topic: str) -> tuple[str, ...]:
        """Leave a topic, to subscribe again when that is answered; one that is being asked for is left afterwards."""
        if topic not in self._held:
            self._broken[topic] = None
            return ()
        del self._held[topic]
        req_id = self._next_id()
        self._left[req_id] = topic
        return (self._protocol.unsubscribe((topic,), req_id),)

    def answer(self, message: TopicsAnswer) -> TopicsOutcome | None:
        """Take in an answer; None: it belongs to no request."""
        req_id = message.req_id or self._only_request()
        if req_id in self._left:  # refused or not, the next request tells
            topic = self._left.pop(req_id)
            self._broken.pop(topic, None)
            return TopicsOutcome(StreamEvent.TOPICS_ANSWERED, (self._ask((topic,)),))
        topics = self._asked.pop(req_id, None)
        if topics is None:
            return None
        if message.kind is AnswerKind.ACCEPTED:
            self._held.update(dict.fromkeys(topics))
            frames: list[str] = []
            for topic in topics:
                self.denials.pop(topic, None)
                if topic in self._broken:
                    del self._broken[topic]
                    frames += self.renew(topic)
            event = StreamEvent.ALL_SUBSCRIBED if self.is_settled else StreamEvent.TOPICS_ANSWERED
            return TopicsOutcome(event, tuple(frames))
        if len(topics) > 1:
            return TopicsOutcome(StreamEvent.TOPICS_ANSWERED, tuple(self._ask((topic,)) for topic in topics))
        (topic,) = topics
        self.denials[topic] = self.denials.get(topic, 0) + 1
        return TopicsOutcome(StreamEvent.TOPIC_DENIED, (), topic, message.reason)

    def _only_request(self) -> str:
        """An answer without an id belongs to the one request under way; of several, to none for certain."""
        under_way = [*self._asked, *self._left]
        return under_way[0] if len(under_way) == 1 else ""

    def _ask(self, topics: tuple[str, ...]) -> str:
        req_id = self._next_id()
        self._asked[req_id] = topics
        return self._protocol.subscribe(topics, req_id)

    def _next_id(self) -> str:
        self._count += 1
        return str(self._count)
