"""Whatever happens to a trade stream, each call is sent at most once and has one true answer; Hypothesis chooses."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.model.calls import CallAnswered, CallLost, CallUnsent
from actors.model.streams import SocketFrame
from actors.websocket.messages import StreamKind
from actors.websocket.transitions import StreamState
from runtime.messages import AskTimedOut
from tests.actors.websocket.stories import Story
from tests.actors.websocket.test_any_order import POLICY, STEPS, Venue, check, play


class TradeVenue(Venue):
    """Carries out calls, and remembers how often."""

    def __init__(self, story: Story) -> None:
        self.carried_out: Counter[str] = Counter()
        super().__init__(story)

    def hear(self, text: str) -> None:
        op, *words = text.split()
        if op != "call":
            super().hear(text)
            return
        req_id, payload = words
        self.carried_out[payload] += 1
        self.answers.append(SocketFrame(f"done {req_id} {payload}"))


@given(st.lists(st.one_of(STEPS, st.just("call"), st.just("call")), max_size=60), st.integers(0, 5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_call_is_sent_at_most_once_and_answered_once_with_what_is_true(steps: list[object], seed: int) -> None:
    story = Story(StreamKind.TRADE, (), POLICY, seed=seed)
    venue = TradeVenue(story)
    play(story, venue, "answer all")
    assert story.state() is StreamState.LIVE
    asked: dict[str, int] = {}
    for step in steps:
        if step == "call":
            was_live = story.state() is StreamState.LIVE
            payload = f"p{len(asked)}"
            asked[payload] = story.call(payload)
            assert venue.carried_out[payload] == int(was_live)
        else:
            play(story, venue, step)
        check(story, venue)
    play(story, venue, 6.0)
    for payload, number in asked.items():
        times, told = venue.carried_out[payload], story.answer(number)
        assert times <= 1
        match told:
            case CallUnsent():
                assert times == 0
            case CallAnswered(_, body):
                assert (body, times) == (payload, 1)
            case _:
                assert isinstance(told, CallLost | AskTimedOut)
                assert times == 1
        assert story.answer(number) is None
    assert story.harness.dead_letters() == {}
