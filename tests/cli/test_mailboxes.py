"""Mailboxes by commands: how they are doing, and whether they work (R3, R5)."""

from pathlib import Path

import pytest

from domain.mailbox_steps import IMAP_STEPS, ROUND_STEPS, SMTP_STEPS
from tests.cli.conftest import Run
from tests.servers import free_port
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

OURS = "caixa@loja.example"


def configure(folder: Path, monkeypatch: pytest.MonkeyPatch, imap: int, smtp: int) -> None:
    path = folder / "config.toml"
    path.write_text(
        f'[[mailbox]]\nname = "SAC"\naddress = "{OURS}"\nimap_host = "127.0.0.1"\nimap_port = {imap}\nimap_security = "none"\n'
        f'smtp_host = "127.0.0.1"\nsmtp_port = {smtp}\nsmtp_security = "none"\nsmtp_user = ""\npassword_env = "CAIXA"\n'
    )
    monkeypatch.setenv("RETORNO_CONFIG", str(path))
    monkeypatch.setenv("CAIXA", PASSWORD)


def test_r3_a_mailbox_that_works_is_shown_step_by_step(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    configure(tmp_path, monkeypatch, dovecot.port, opensmtpd.port)
    found = run("mailbox", "test", "sac", "--json")
    assert found.code == 0, found
    assert list(found.json) == ["mailbox", "address", "ok", "steps"]
    assert [s["step"] for s in found.json["steps"]] == ["password", *IMAP_STEPS, *SMTP_STEPS, *ROUND_STEPS]
    assert PASSWORD not in found.out
    said = run("mailbox", "test", OURS.upper(), "--no-message")
    assert said.code == 0 and "✗" not in said.out and "IMAP: login" in said.out


def test_r3_who_is_silent_is_told_from_what_is_wrong(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    """Exit code 5 for a server that does not answer, 3 for a set-up that cannot work."""
    configure(tmp_path, monkeypatch, free_port(), free_port())
    found = run("mailbox", "test", "SAC", "--json")
    assert (found.code, found.json["ok"]) == (5, False)
    assert {s["state"] for s in found.json["steps"][-3:]} == {"skipped"}
    monkeypatch.delenv("CAIXA")
    found = run("mailbox", "test", "SAC")
    assert found.code == 3 and "CAIXA" in found.out
    found = run("mailbox", "test", "outra")
    assert found.code == 3 and "SAC" in found.err
    monkeypatch.delenv("RETORNO_CONFIG")
    assert run("mailbox", "test", "SAC").code == 3


def test_r3_mailboxes_are_listed_with_where_their_password_comes_from(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("mailbox", "list", "--json").json == []
    configure(tmp_path, monkeypatch, 1143, 1025)
    (found,) = run("mailbox", "list", "--json").json
    assert (found["name"], found["address"], found["served"], found["troubles"]) == ("SAC", OURS, False, [])
    said = run("mailbox", "list")
    assert "CAIXA" in said.out and PASSWORD not in said.out


def test_p4_mailboxes_are_for_administrators(run: Run, shop: Path) -> None:
    assert run("user", "add", "leo", "--level", "agent").code == 0
    for words in (("list",), ("test", "SAC")):
        found = run("--as", "leo", "mailbox", *words)
        assert found.code == 1 and found.out == ""


def test_r5_a_mailbox_is_set_up_changed_and_removed_by_commands(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# a loja\n")
    monkeypatch.setenv("RETORNO_CONFIG", str(path))
    made = run(
        "mailbox", "set", OURS, "--imap-host", "i.example", "--smtp-host", "s.example", "--plus-address", "--json"
    )
    assert made.code == 0 and {c["field"] for c in made.json["changes"]} >= {"IMAP server", "plus-address"}
    assert [m["address"] for m in run("mailbox", "list", "--json").json] == [OURS]
    assert run("mailbox", "set", OURS, "--no-plus-address", "--imap-security", "starttls").code == 0
    text = path.read_text()
    assert "# a loja" in text and "plus_address" not in text and 'imap_security = "starttls"' in text
    refused = run("mailbox", "set", OURS, "--imap-host", "i.example/x")
    assert refused.code != 0 and "Nothing was changed" in refused.err and path.read_text() == text
    assert run("mailbox", "remove", OURS).code == 0 and "[[mailbox]]" not in path.read_text()
