"""The kernel's benchmarks run and answer their questions; no speed is asserted."""

import pytest

from benchmarks import journal_rate, kernel_hops, live_hops


def test_hops_questions_and_timers_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    kernel_hops.main(["--hops", "2000", "--rounds", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:22].strip() for line in lines] == [
        "bare deque",
        "hop",
        "hop, new message",
        "ask round trip",
        "timer",
        "timer, 1000 pending",
    ]


def test_the_live_driver_is_measured_beside_the_kernel_alone(capsys: pytest.CaptureFixture[str]) -> None:
    live_hops.main(["--hops", "2000", "--rounds", "1"])
    assert "x the kernel alone" in capsys.readouterr().out


def test_the_journal_is_measured_by_group_size(capsys: pytest.CaptureFixture[str]) -> None:
    journal_rate.main(["--records", "50"])
    assert len(capsys.readouterr().out.splitlines()) == 4
