"""What a script is: scenes with answers by request and frames, and the venue that plays them.

A scene answers the same request in the same way as often as it is asked; an answer may lead to another scene, and so
may time. A request that the scene does not know fails the test and shows both.
"""

import json
from collections.abc import Iterator
from typing import Any

import attrs

from actors.bybit.translate.results import NoReply, Reply, RestReply, RestRequest

__all__ = ["Answer", "Scene", "Script", "ScriptedVenue"]

Key = tuple[str, str]


@attrs.frozen
class Answer:
    """A body, or no reply at all; `then` is the scene that follows."""

    body: dict[str, Any] | None
    then: str = ""
    status: int = 200


@attrs.define
class Scene:
    """Answers by (path, payload); `later` is the scene that time leads to; `frames` come when it begins."""

    name: str
    answers: dict[Key, Answer] = attrs.field(factory=dict)
    frames: list[dict[str, Any]] = attrs.field(factory=list)
    later: str = ""

    def get(self, path: str, query: str, result: Any, **more: Any) -> "Scene":
        """Answer a GET of exactly this query."""
        self.answers[path, query] = Answer(result, **more)
        return self

    def post(self, path: str, body: dict[str, Any], result: Any, **more: Any) -> "Scene":
        """Answer a POST of this body, whatever the order of its fields."""
        self.answers[path, _canonical(body)] = Answer(result, **more)
        return self

    def push(self, *frames: dict[str, Any]) -> "Scene":
        """Frames of the private stream at the scene's beginning."""
        self.frames += frames
        return self


@attrs.define
class Script:
    """Scenes by name; the first is where it begins."""

    scenes: dict[str, Scene] = attrs.field(factory=dict)

    def scene(self, name: str, later: str = "", like: str = "") -> Scene:
        """A new scene; `like` gives it another's answers to begin with."""
        scene = Scene(name, later=later)
        if like:
            scene.answers |= self.scenes[like].answers
        self.scenes[name] = scene
        return scene


class ScriptedVenue:
    """Plays a script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._scene = next(iter(script.scenes.values()))
        self._frames: list[dict[str, Any]] = list(self._scene.frames)
        self.asked: list[Key] = []

    def answer(self, request: RestRequest) -> Reply:
        """The scene's answer to a request."""
        path, payload = request.endpoint.path.removeprefix("/v5/"), request.payload
        key = path, _canonical(json.loads(payload)) if request.endpoint.is_write else payload
        self.asked.append(key)
        answer = self._scene.answers.get(key)
        if answer is None:
            known = "\n".join(f"  {path} {payload}" for path, payload in self._scene.answers)
            raise AssertionError(f"scene {self._scene.name!r} has no answer to\n  {key[0]} {key[1]}\nbut to\n{known}")
        if answer.then:
            self._enter(answer.then)
        return NoReply("timed out") if answer.body is None else RestReply(answer.status, _bytes(answer.body))

    def proceed(self) -> bool:
        """Let time pass: to the scene's `later`; False where the script has nothing more to come."""
        if not self._scene.later:
            return False
        self._enter(self._scene.later)
        return True

    def frames(self) -> Iterator[bytes]:
        """Frames that have been pushed and not been read yet."""
        while self._frames:
            yield _bytes(self._frames.pop(0))

    def _enter(self, name: str) -> None:
        self._scene = self._script.scenes[name]
        self._frames += self._scene.frames


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
