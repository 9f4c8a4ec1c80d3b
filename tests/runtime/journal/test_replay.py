"""A journaled run can be replayed to the byte; any difference is found and named."""

from collections import Counter

import attrs
import pytest

from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.journal.actor import JournalActor
from runtime.journal.boundary import INPUTS, OUTPUTS, Boundary
from runtime.journal.codec import Codec, UnknownClass
from runtime.journal.messages import Recall, Recalled
from runtime.kernel.kernel import Kernel
from runtime.messages import Ref, Remember
from runtime.spec import ActorSpec, SupervisorSpec
from tests.runtime.journal.stories import CODEC, Answered, Buyer, MemoryStore, Row, Tick, play, replay


class Keeper(Actor):
    """Remembers what it is told to."""

    @handles(Remember)
    def keep(self, message: Remember, ctx: Context) -> None:
        ctx.remember(message)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    store = MemoryStore()
    play(store)
    return store.rows


def test_the_story_has_inputs_and_outputs_of_every_common_kind(rows: list[Row]) -> None:
    kinds = Counter(row.kind for row in rows)
    assert {"start", "tell", "result", "edge_failed", "time", "fire", "kill", "halt", "manage"} <= set(kinds)
    assert {"effect", "decision", "life"} <= set(kinds)
    assert set(kinds) <= {*INPUTS, *OUTPUTS}


def test_a_replay_of_the_same_actors_has_no_divergence(rows: list[Row]) -> None:
    report = replay(rows)
    assert report.divergence is None
    assert report.inputs == sum(row.kind in INPUTS for row in rows)
    assert report.outputs == sum(row.kind in OUTPUTS for row in rows)


def test_every_durable_prefix_replays_without_divergence(rows: list[Row]) -> None:
    for stop in range(len(rows)):
        assert replay(rows[:stop]).divergence is None, f"the first {stop} records"


class Generous(Buyer):
    """Decides otherwise from the sixth tick on."""

    def tick(self, message: Tick, ctx: Context) -> None:
        super().tick(Tick(message.number + (message.number == 6)), ctx)

    tick.__dict__["handled_classes"] = (Tick,)


def test_the_first_divergence_is_named_with_sequence_actor_expected_and_got(rows: list[Row]) -> None:
    found = replay(rows, Generous).divergence
    assert found is not None
    tick = next(row for row in rows if row.kind == "tell" and b'{"number":6}' in row.payload)
    first_output = next(row for row in rows if row.sequence > tick.sequence and row.kind in OUTPUTS)
    assert found.sequence == first_output.sequence
    assert "Decision" in found.actor + found.expected or found.actor == "buyer"
    assert found.expected != found.got


@pytest.mark.parametrize("kind", ["effect", "decision", "life", "tell", "result", "time", "kill"])
def test_a_record_left_out_is_a_divergence(rows: list[Row], kind: str) -> None:
    places = [place for place, row in enumerate(rows) if row.kind == kind]
    place = places[len(places) // 2]
    assert replay([*rows[:place], *rows[place + 1 :]]).divergence is not None


def test_a_changed_output_is_a_divergence_at_its_own_sequence(rows: list[Row]) -> None:
    for place, row in enumerate(rows):
        if row.kind == "effect":
            changed = attrs.evolve(row, payload=row.payload.replace(b"amount", b"amounT"))
            found = replay([*rows[:place], changed, *rows[place + 1 :]]).divergence
            assert found is not None
            assert (found.sequence, found.actor) == (row.sequence, "buyer")


def test_a_durable_first_effect_leaves_only_after_a_commit_that_covers_it() -> None:
    store = MemoryStore()
    seen: list[tuple[int, int]] = []
    driver = play(store)
    for port in ("world", "bank"):
        assert port in driver.kernel.ports
    banks = [row for row in store.rows if row.kind == "effect" and b'"bank"' in row.payload]
    assert banks
    assert all(row.sequence <= store.durable for row in banks)
    assert seen == []


def test_an_input_of_a_class_that_cannot_be_read_back_is_refused_when_it_comes_in() -> None:
    with pytest.raises(UnknownClass, match="Stranger"):
        CODEC.write("tell", (Ref("buyer"), type("Stranger", (), {})()))


def test_two_classes_of_one_name_are_refused() -> None:
    with pytest.raises(UnknownClass, match="Tick"):
        Codec((Tick, type("Tick", (), {})))


def test_what_the_codec_writes_it_reads() -> None:
    payload = ("buyer", 1, 2, Answered(3))
    assert CODEC.read("result", CODEC.write("result", payload)) == payload


def test_what_an_actor_remembers_is_on_the_journal_and_a_later_run_can_begin_with_it() -> None:
    store = MemoryStore()
    codec = Codec((Remember, Recall))
    tree = SupervisorSpec("root", children=(ActorSpec("journal", JournalActor), ActorSpec("keeper", Keeper)))

    def asked(kernel: Kernel, topic: str) -> Recalled:
        number = kernel.ask(None, Ref("journal"), Recall(topic), 1)
        kernel.pump()
        found = kernel.outside_answers[number]
        assert isinstance(found, Recalled)
        return found

    kernel = Kernel(tree, journal=Boundary(store, codec))
    SimulatedDriver(kernel, store=store).start()
    told = (
        Remember("orders", "a", 1),
        Remember("fills", "e1", 2),
        Remember("orders", "a", 3),
        Remember("fills", "e2", 4, "e1"),
    )
    for memory in told:
        kernel.tell(Ref("keeper"), memory)
    assert asked(kernel, "orders") == Recalled("orders", (("a", 3),))
    assert asked(kernel, "fills") == Recalled("fills", (("e2", 4),))
    assert asked(kernel, "nothing") == Recalled("nothing", ())
    written = [codec.read("memory", row.payload) for row in store.rows if row.kind == "memory"]
    assert written == [("keeper", 1, memory) for memory in told]
    later = Kernel(tree, recalled={"orders": {"a": 3}})
    SimulatedDriver(later).start()
    assert asked(later, "orders") == Recalled("orders", (("a", 3),))
