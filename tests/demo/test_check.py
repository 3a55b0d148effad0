"""`retorno demo --check` as a person runs it: a process of its own, that leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "cli.main", "demo", "--check"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Where temporary folders are made is this test's own, so that it sees what is left there."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def post_offices(environment: dict[str, str]) -> list[str]:
    """Command lines of the post offices that belong to this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if "demo.postoffice" in words and any(environment["TMPDIR"] in word for word in words):
            found.append(" ".join(words))
    return found


def test_every_step_happens_and_nothing_is_left(environment: dict[str, str], own_home: Path) -> None:
    done = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    total = re.fullmatch(r"The loop closes: (\d+) steps in (\d+\.\d) s", last)
    assert total and int(total[1]) == len(lines) > 20
    assert float(total[2]) < 20, "the issue allows twenty seconds"
    assert all(re.fullmatch(r"ok  \S.*  \(\d+\.\d s\)", line) for line in lines)
    said = "\n".join(lines)
    for step in ("threaded onto #", "as automatic", "bounce recorded", "Still missing", "closed with a resolution"):
        assert step in said
    assert "3 seen = 1 threaded + 1 automatic + 1 bounce" in said
    assert done.stderr == ""
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
    assert list(own_home.rglob("*.db")) == [], "the person's own database was touched"
    assert post_offices(environment) == []


def test_ctrl_c_cleans_up(environment: dict[str, str]) -> None:
    """Stopped while mail is under way and every thread is at work."""
    with subprocess.Popen(
        COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        for line in process.stdout:
            if "in the outbox" in line:
                process.send_signal(signal.SIGINT)
                break
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
    assert post_offices(environment) == []


def test_a_step_that_does_not_happen_fails_the_check(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loop that loses the customer's reply is told so, at once and by name."""
    from demo import check
    from loop import receiving

    monkeypatch.setenv("TMPDIR", environment["TMPDIR"])
    monkeypatch.setenv("RETORNO_DEMO_PASSWORD", "")
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(check, "PATIENCE_S", 0.5)
    monkeypatch.setattr(receiving, "process", lambda desk, limit=50: 0)
    assert check.check() == 1
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith("FAILED  reply threaded onto #") for line in said)
    assert not any("closed with a resolution" in line for line in said)
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
