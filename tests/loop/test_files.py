"""The files of mails and notes: whose they are to see, and how they leave (N1, R7)."""

import os
import stat
import sys
import time
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.refusals import Refusal
from gateways import openers
from loop import files, following, notes, reading, receiving
from loop.desk import Desk
from loop.mailboxes import ensure
from mail.mailbox import Cursor, Fetched
from tests.loop.conftest import MAILBOX, Shop


@pytest.fixture
def noted(shop: Shop, started: int) -> int:
    """A file on a restricted note of rui's on bia's ticket; its id."""
    assert notes.add(shop.desk, [started], "nota", actor=shop.rui, files=[("nota fiscal.pdf", b"%PDF-1.4 fiscal")]).done
    entry = [e for e in reading.timeline(shop.desk, started, actor=shop.rui) if e.kind == "note"][-1]
    return entry.attachments[0].id


@pytest.fixture
def mailed(shop: Shop, started: int) -> int:
    """A file on a customer's mail, with a name that wants out; its id."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Marina <marina@clientes.example>", "sac@loja.example", f"[#{started}]"
    mail["Message-ID"] = "<1@clientes.example>"
    mail.set_content("segue")
    mail.add_attachment(b"imagem", maintype="image", subtype="png", filename="../../.bashrc")
    mailbox = ensure(shop.desk, MAILBOX)
    raw = mail.as_bytes()
    receiving.keep(shop.desk, mailbox, [Fetched(1, 7, len(raw), raw)], Cursor(7, 1))
    assert receiving.process(shop.desk) == 1
    entry = [e for e in reading.timeline(shop.desk, started, actor=shop.bia) if e.kind == "mail in"][-1]
    return entry.attachments[0].id


@pytest.mark.parametrize(
    ("login", "sees"), [("rui", True), ("bia", True), ("caio", False), ("ana", False), ("davi", False)]
)
def test_n1_a_file_of_a_note_is_for_who_sees_the_note(shop: Shop, noted: int, login: str, sees: bool) -> None:
    found = files.attachment(shop.desk, noted, actor=shop.desk.actor(login))
    if sees:
        assert found == ("nota fiscal.pdf", "application/pdf", b"%PDF-1.4 fiscal")
    else:
        missing = files.attachment(shop.desk, 999, actor=shop.desk.actor(login))
        assert isinstance(found, Refusal) and isinstance(missing, Refusal) and found.code == missing.code == "no file"


def test_n1_a_file_opens_with_the_note_for_a_follower(shop: Shop, started: int, noted: int) -> None:
    shop.clock.now += 1000
    following.follow(shop.desk, [started], actor=shop.caio)
    assert isinstance(files.attachment(shop.desk, noted, actor=shop.caio), Refusal)
    following.open_notes(shop.desk, started, "caio", actor=shop.bia)
    assert not isinstance(files.attachment(shop.desk, noted, actor=shop.caio), Refusal)


@pytest.mark.parametrize(("login", "sees"), [("bia", True), ("ana", True), ("rui", True), ("davi", False)])
def test_p3_a_file_of_a_mail_is_for_who_sees_the_ticket(shop: Shop, mailed: int, login: str, sees: bool) -> None:
    found = files.attachment(shop.desk, mailed, actor=shop.desk.actor(login))
    assert isinstance(found, Refusal) is not sees
    if sees:
        assert found == ("bashrc", "image/png", b"imagem")


def test_r7_saving_never_leaves_the_folder_nor_writes_over_anything(shop: Shop, mailed: int, tmp_path: Path) -> None:
    (tmp_path / "bashrc").write_text("mine")
    (tmp_path / "bashrc (2)").symlink_to(tmp_path / "elsewhere")
    saved = files.save(shop.desk, mailed, tmp_path, actor=shop.bia)
    assert saved == tmp_path / "bashrc (3)" and saved.read_bytes() == b"imagem"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert (tmp_path / "bashrc").read_text() == "mine" and not (tmp_path / "elsewhere").exists()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("b")) == [
        "bashrc",
        "bashrc (2)",
        "bashrc (3)",
    ]


def test_a_folder_that_is_none_is_refused(shop: Shop, mailed: int, tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path / "nul\0l"):
        refused = files.save(shop.desk, mailed, folder, actor=shop.bia)
        assert isinstance(refused, Refusal) and refused.code in ("no folder", "not saved")
    refused = files.save(shop.desk, mailed, tmp_path, actor=shop.davi)
    assert isinstance(refused, Refusal) and refused.code == "no file" and not list(tmp_path.glob("b*"))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "/etc/x", "a\0b"])
def test_r7_what_is_no_file_name_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        openers.save(tmp_path, name, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "second"), [("a.tar.gz", "a.tar (2).gz"), ("leia", "leia (2)"), (".x", ".x (2)"), ("a.", "a (2).")]
)
def test_a_second_file_of_a_name_stands_beside_the_first(tmp_path: Path, name: str, second: str) -> None:
    assert [openers.save(tmp_path, name, b"").name for __ in range(2)] == [name, second]


def opening(shop: Shop, *command: str) -> Desk:
    return Desk(replace(shop.desk.config, open_command=command), shop.desk.db, shop.clock)


def test_a_file_is_opened_in_a_folder_of_ones_own_by_the_command_and_by_no_shell(
    shop: Shop, noted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = tmp_path / "told"
    script = "import sys, pathlib; p = pathlib.Path(sys.argv[1]); t = p.with_name('t'); t.write_text(chr(10).join(sys.argv[2:])); t.rename(p)"
    desk = opening(shop, sys.executable, "-c", script, str(told), "$(touch x); *")
    path = files.opened(desk, noted, actor=shop.bia)
    assert isinstance(path, Path) and path.read_bytes() == b"%PDF-1.4 fiscal" and path.name == "nota fiscal.pdf"
    assert path.parent.parent == tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700 and stat.S_IMODE(path.stat().st_mode) == 0o600
    end = time.monotonic() + 60
    while not told.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert told.read_text().split("\n") == ["$(touch x); *", str(path)]


def test_what_was_opened_a_day_ago_goes_and_what_is_somebody_elses_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, fresh = openers.private_copy("a", b"").parent, openers.private_copy("b", b"").parent
    other, link = tmp_path / "retorno-other", tmp_path / f"retorno-{os.getuid()}-link"
    other.mkdir()
    link.symlink_to(other)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    openers.private_copy("c", b"")
    assert (old.exists(), fresh.exists(), other.exists(), link.is_symlink()) == (False, True, True, True)


def test_opening_is_refused_without_a_command_where_it_is_forbidden_and_where_it_cannot_start(
    shop: Shop, noted: int
) -> None:
    refused = files.opened(shop.desk, noted, actor=shop.bia)
    assert isinstance(refused, Refusal) and refused.code == "no opener" and "open_command" in str(refused)
    refused = files.opened(opening(shop), noted, actor=shop.bia)
    assert isinstance(refused, Refusal) and refused.code == "opening forbidden"
    refused = files.opened(opening(shop, "no-such-command-here"), noted, actor=shop.bia)
    assert isinstance(refused, Refusal) and refused.code == "not opened"
    refused = files.opened(opening(shop, "true"), noted, actor=shop.davi)
    assert isinstance(refused, Refusal) and refused.code == "no file"
