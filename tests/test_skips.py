"""A skip nobody listed makes the session red, a listed one does not, and both are printed."""

import pytest

from tests import skips

pytest_plugins = ["pytester"]


def run(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makepyfile(f"import pytest\n{body}\ndef test_other(): pass")
    return pytester.runpytest("-p", "tests.skips")


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(): pytest.skip('no time')",
        "@pytest.mark.skip(reason='no time')\ndef test_it(): ...",
        "@pytest.mark.xfail(reason='no time')\ndef test_it(): assert False",
        "@pytest.fixture\ndef f(): pytest.skip('no time')\ndef test_it(f): ...",
    ],
)
def test_a_skip_that_is_not_on_the_list_fails_the_session(pytester: pytest.Pytester, body: str) -> None:
    result = run(pytester, body)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["skips: 1, of which not on the list: 1", "*NOT ON THE LIST*test_it: *no time"])


def test_a_whole_module_that_skips_itself_counts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_absent="import pytest\npytest.importorskip('no_such_module')")
    result = run(pytester, "")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT ON THE LIST*no_such_module*"])


def test_a_listed_skip_is_printed_and_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skips, "ALLOWED", {"no candles": lambda: True})
    result = run(pytester, "def test_it(): pytest.skip('no candles here')")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["skips: 1, of which not on the list: 0", "*listed: *test_it: *no candles here"])


def test_a_listed_reason_does_not_excuse_where_its_circumstance_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skips, "ALLOWED", {"no candles": lambda: False})
    assert not skips.is_allowed("no candles here")


def test_a_session_without_skips_says_so(pytester: pytest.Pytester) -> None:
    result = run(pytester, "")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["skips: 0, of which not on the list: 0"])
