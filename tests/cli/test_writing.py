"""`retorno reply` with files, copies and later (M4, R5)."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def ready(run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ticket that is one's own, and a mailbox."""
    path = tmp_path / "config.toml"
    path.write_text(
        '[[mailbox]]\naddress = "sac@loja.example"\nimap_host = "127.0.0.1"\nsmtp_host = "127.0.0.1"\n'
        'imap_security = "none"\nsmtp_security = "none"\n'
    )
    monkeypatch.setenv("RETORNO_CONFIG", str(path))
    assert run("start", "1", "--take").code == 0
    return shop


def test_m4_files_and_copies_leave_later_and_are_taken_back(run: Run, ready: Path, tmp_path: Path) -> None:
    (tmp_path / "nota.txt").write_text("x")
    words = ("reply", "1", "--body", "Segue em anexo", "--attach", tmp_path / "nota.txt", "--cc", "chefe@loja.example")
    said = run(*words, "--later", "2d", "--json")
    assert (said.code, said.err) == (0, ""), "nothing is warned of"
    with sqlite3.connect(ready) as db:
        assert db.execute("SELECT name FROM attachments").fetchall() == [("nota.txt",)]
        assert "chefe@loja.example" in db.execute("SELECT copies FROM messages").fetchone()[0]
        assert db.execute("SELECT later_at IS NOT NULL FROM outbox").fetchone() == (1,)
    assert run("mail", "take-back", said.json["outbox"]).code == 0


def test_what_cannot_be_meant_sends_nothing_and_keeps_no_file(run: Run, ready: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert run("reply", "1", "--body", "x", "--attach", "/nowhere/a.txt").code == 4
    assert run("reply", "1", "--body", "x", "--later", "soon").code == 2
    assert run("reply", "1", "--body", "x", "--later", "2h", "--send-now").code == 2
    said = run("reply", "1", "--body", "{{ customer.phone }}", "--attach", tmp_path / "a.txt")
    assert said.code == 1 and "customer.phone" in said.err
    assert run("reply", "1", "--body", "x", "--attach", tmp_path / "a.txt", "--later", "1/1/2001").code == 1
    with sqlite3.connect(ready) as db:
        assert db.execute("SELECT (SELECT COUNT(*) FROM outbox), (SELECT COUNT(*) FROM draft_files)").fetchone() == (
            0,
            0,
        )
