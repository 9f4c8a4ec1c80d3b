"""Architecture rules over every file: layers, purity, sizes and shapes; and each rule finds its planted violation."""

import subprocess

import pytest

from tests.architecture.layers import imports_point_down
from tests.architecture.project import class_names_stand_once, imports_go_round_nowhere
from tests.architecture.purity import actor_is_synchronous, arithmetic_is_scalar, no_ambient_input, no_identity
from tests.architecture.sets import no_iteration_over_sets
from tests.architecture.shape import (
    files_stay_small,
    functions_stay_small,
    modules_open_with_theory,
    names_are_exported,
    stray_names,
)
from tests.architecture.source import PACKAGES, ROOT, Rule, Source, imported_names, read_sources

SOURCES = read_sources(*PACKAGES)
SIZED = [*SOURCES, *read_sources("tests", "benchmarks")]

PACKAGE_RULES = [
    imports_point_down,
    no_ambient_input,
    no_identity,
    no_iteration_over_sets,
    actor_is_synchronous,
    arithmetic_is_scalar,
    modules_open_with_theory,
    names_are_exported,
]


def found(rule: Rule, sources: list[Source]) -> list[str]:
    return [str(offence) for source in sources for offence in rule(source)]


@pytest.mark.parametrize("rule", PACKAGE_RULES, ids=lambda rule: rule.__name__)
def test_the_packages_keep_the_rule(rule: Rule) -> None:
    assert found(rule, SOURCES) == []


@pytest.mark.parametrize("rule", [files_stay_small, functions_stay_small], ids=lambda rule: rule.__name__)
def test_every_file_keeps_its_budget(rule: Rule) -> None:
    assert found(rule, SIZED) == []


def test_no_imports_go_round() -> None:
    assert [str(offence) for offence in imports_go_round_nowhere(SOURCES)] == []


def test_imports_that_go_round_are_caught_for_type_checking_too() -> None:
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from actors.model.c import C"
    files = {"a": "from actors.model import b", "b": typed, "c": "from actors.model.a import A", "d": "import json"}
    round_trip = [Source(f"actors/model/{name}.py", text) for name, text in files.items()]
    (offence,) = imports_go_round_nowhere(round_trip)
    assert offence.what == "imports go round: actors.model.a, actors.model.b, actors.model.c"
    assert list(imports_go_round_nowhere(round_trip[1:])) == []


def test_a_class_name_stands_once() -> None:
    assert [str(offence) for offence in class_names_stand_once(SOURCES)] == []


def test_a_class_name_that_stands_twice_is_caught() -> None:
    twice = [Source("actors/a.py", "class Fill: ..."), Source("runtime/b.py", "\nclass Fill: ...")]
    assert [str(offence) for offence in class_names_stand_once(twice)] == [
        "runtime/b.py:2: `Fill` is a class of actors/a.py too"
    ]


def test_pybit_is_known_to_the_rest_edge_alone() -> None:
    importers = {
        source.path for source in SOURCES for _, name, _ in imported_names(source) if name.partition(".")[0] == "pybit"
    }
    assert importers == {"actors/bybit/edges/rest.py"}


def test_nothing_lies_about_at_the_top_of_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split() or [path.name for path in ROOT.iterdir() if not path.name.startswith(".")]
    assert stray_names(names) == []


def test_a_stray_name_at_the_top_is_caught() -> None:
    assert stray_names(["runtime/kernel/kernel.py", "scripts/run.py", "uv.lock", ".ci/run"]) == ["scripts", "uv.lock"]


PURE = "actors/orders/actor.py"
CARD = "ideacards/blocks.py"
KERNEL = "runtime/kernel/kernel.py"

PLANTED: dict[Rule, list[tuple[str, str]]] = {
    imports_point_down: [
        (KERNEL, "from actors.model.order import Order"),
        (KERNEL, "import ideacards"),
        (CARD, "from runtime import kernel"),
        (CARD, "def late():\n    import actors.model.fixed"),
        ("actors/model/order.py", "from runtime.messages import Message"),
        ("actors/model/order.py", "from ideacards.loader import load_card"),
        ("actors/model/order.py", "from actors.orders.messages import Submit"),
        (PURE, "from actors.account.actor import Account"),
        (PURE, "from actors.account import actor"),
        (PURE, "from ..account.estimator import estimate"),
        (PURE, "from ideacards.blocks import StrategyBlocksExecutor"),
        (PURE, "from actors.app.settings import Settings"),
        (PURE, "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import actors.bybit.codec"),
        ("actors/reconciler/diff.py", "from actors.simulator.venue.venue import Venue"),
        ("actors/bybit/codes.py", "from actors.app import settings"),
        ("actors/bybit/translate/orders.py", "from actors.simulator.messages import VenueConfig"),
        ("actors/bybit/server/app.py", "from actors.orders.messages import Submit"),
        ("actors/helpers/text.py", "import json"),
    ],
    no_ambient_input: [
        (KERNEL, "import time"),
        (KERNEL, "from time import monotonic_ns"),
        (KERNEL, "import trio"),
        ("runtime/drivers/simulated.py", "from trio import lowlevel"),
        (PURE, "import datetime as dt\nnow = dt.datetime.now()"),
        (PURE, "from datetime import datetime\nnow = datetime.utcnow"),
        (PURE, "import random"),
        (PURE, "from uuid import uuid4"),
        (PURE, "from os import urandom"),
        (PURE, "import os.path"),
        (CARD, "import numpy as np\nx = np.random.rand()"),
        (CARD, "import numba as nb\ndef f(n):\n    for i in nb.prange(n): pass"),
        (CARD, "import locale"),
        (CARD, "import concurrent.futures"),
        (CARD, "import threading"),
        ("actors/orders/transitions.py", "import time"),
        ("actors/bybit/signing.py", "import time"),
        ("actors/bybit/wire/base.py", "import trio"),
    ],
    no_identity: [
        (KERNEL, "key = id(object())"),
        (PURE, "def f(xs):\n    return sorted(xs, key=hash)"),
        (CARD, "class A:\n    id: str\n    def f(self):\n        return hash(self)"),
    ],
    no_iteration_over_sets: [
        (KERNEL, "for x in {1, 2}: print(x)"),
        (KERNEL, "names = set()\nfirst = [n for n in names]"),
        (KERNEL, "def f(names: set[str]):\n    return list(names)"),
        (KERNEL, "def f(names: 'frozenset[str] | None'):\n    yield from names"),
        (KERNEL, "def f(a, b):\n    for key in a.keys() - b.keys(): print(key)"),
        (PURE, "class A:\n    due: set[int]\n    def f(self):\n        for d in self.due: print(d)"),
        (PURE, "class A:\n    def f(self):\n        self.a = set()\n        return tuple(self.a)"),
        (PURE, "class A:\n    def f(self):\n        [*self.a]\n    def g(self):\n        self.a = {1}"),
        (PURE, "def g() -> set[str]: ...\ndef f():\n    return ', '.join(g())"),
        (PURE, "def f(a: set[str], b: set[str]):\n    both = a & b\n    return {k: 1 for k in both}"),
        (CARD, "def f(s: set[float]):\n    return sum(x for x in s)"),
        (CARD, "def f(s: set[str]):\n    return s.pop()"),
        (CARD, "def f(s: set[str]):\n    return max(s, key=len)"),
        (CARD, "def f(s: set[str]):\n    return f'one of {s}'"),
        (CARD, "a, b = {1, 2}"),
    ],
    actor_is_synchronous: [
        (PURE, "async def receive(): ..."),
        (PURE, "import loguru"),
        (PURE, "from pathlib import Path"),
        (PURE, "def receive():\n    open('book')"),
    ],
    arithmetic_is_scalar: [
        ("ideacards/indicators/bbands.py", "def f(x):\n    return x ** 2"),
        ("ideacards/indicators/sma.py", "import numpy as np\ndef f(x):\n    return np.mean(x)"),
        ("ideacards/indicators/sma.py", "def f(x):\n    return sum(x)"),
        ("ideacards/indicators/ema.py", "import numba\nf = numba.njit(fastmath=True)"),
    ],
    modules_open_with_theory: [
        (KERNEL, "x = 1"),
    ],
    names_are_exported: [
        (KERNEL, "'''Theory.'''\nx = 1"),
        (KERNEL, "__all__ = [name for name in 'ab']"),
        (KERNEL, "__all__ = ['a']\n__all__ += ['b']"),
    ],
    files_stay_small: [
        (KERNEL, "\n" * 401),
        ("tests/runtime/test_kernel.py", "\n" * 501),
    ],
    functions_stay_small: [
        (KERNEL, "class A:\n    def f(self):\n" + "        x = 1\n" * 60),
    ],
}

LEGAL: dict[Rule, list[tuple[str, str]]] = {
    imports_point_down: [
        (PURE, "from actors.safety import messages\nfrom actors.protection.messages import StopSeen"),
        (PURE, "from actors.orders.transitions import TABLE\nfrom . import messages\nimport runtime.spec"),
        (PURE, "from actors.model import order\nfrom ideacards.intents import Intent\nimport attrs"),
        ("actors/strategy/actor.py", "from ideacards.blocks import StrategyBlocksExecutor"),
        ("actors/model/backend.py", "from ideacards.feeds import Bars"),
        ("actors/bybit/server/app.py", "from actors.simulator.matching.book import Book"),
        ("actors/bybit/server/app.py", "from actors.bybit.wire.base import decode\nfrom actors.model import order"),
        ("actors/app/tree.py", "from actors.orders.actor import Orders\nimport ideacards.loader"),
    ],
    no_ambient_input: [
        ("runtime/drivers/live.py", "import time, trio, threading"),
        ("actors/bybit/edges/rest.py", "import time, trio, threading"),
        ("actors/app/runs/run.py", "import time\nimport os"),
        (PURE, "from datetime import datetime, UTC\ndef f(ms):\n    return datetime.fromtimestamp(ms, UTC)"),
        (PURE, "def f(time, random):\n    return time.time + random.random"),
    ],
    no_identity: [
        (CARD, "def f(id):\n    return dict(id=id)"),
        (CARD, "class A:\n    id: str\ndef f(a):\n    return a.id, a.hash()"),
    ],
    no_iteration_over_sets: [
        (CARD, "def f(s: set[str]):\n    return sorted(x for x in s), len(s), 'a' in s, {x for x in s}"),
        (CARD, "def f(s: dict[str, int], t: list[set[int]]):\n    return list(s), [x for x in t]"),
        (CARD, "class A:\n    due: set[int]\ndef f(due):\n    return list(due)"),
        ("actors/app/runs/run.py", "for x in {1, 2}: print(x)"),
    ],
    actor_is_synchronous: [
        ("actors/app/backends/live.py", "async def submit(): ..."),
    ],
    arithmetic_is_scalar: [
        ("ideacards/indicators/ema.py", "import numpy as np\ndef f(n):\n    return np.empty(n) * 2"),
        ("ideacards/intents.py", "x = 10 ** 3"),
    ],
    names_are_exported: [
        ("runtime/__init__.py", "'''Only theory.'''"),
        (KERNEL, "__all__: list[str] = []"),
    ],
    files_stay_small: [
        (KERNEL, "\n" * 400),
    ],
    functions_stay_small: [
        (KERNEL, "def f():\n" + "    x = 1\n" * 59),
    ],
}


def samples(table: dict[Rule, list[tuple[str, str]]]) -> list[tuple[Rule, str, str]]:
    return [(rule, path, text) for rule, planted in table.items() for path, text in planted]


def sample_name(value: object) -> str:
    return str(getattr(value, "__name__", value))[:40]


@pytest.mark.parametrize(("rule", "path", "text"), samples(PLANTED), ids=sample_name)
def test_a_planted_offence_is_caught(rule: Rule, path: str, text: str) -> None:
    offences = list(rule(Source(path, text)))
    assert offences
    assert all(str(offence).startswith(f"{path}:{offence.line}: ") for offence in offences)


@pytest.mark.parametrize(("rule", "path", "text"), samples(LEGAL), ids=sample_name)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert found(rule, [Source(path, text)]) == []


def test_every_rule_has_a_planted_offence() -> None:
    assert set(PLANTED) == {*PACKAGE_RULES, files_stay_small, functions_stay_small}
