"""Mailboxes in the configuration file: written, changed, taken out, and all else left as it was (R3)."""

import os
from pathlib import Path

import pytest

from gateways import mailbox_file
from gateways.config import load
from gateways.settings import ConfigTrouble

WRITTEN = """\
# A loja
zone = "America/Recife"   # fica no Nordeste

[[mailbox]]
address = "sac@loja.example"
imap_host = "imap.loja.example"   # o velho
smtp_host = "smtp.loja.example"
password_command = ["pass", "show", "sac"]

# trocas e devoluções
[[mailbox]]
address = "trocas@loja.example"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
password_env = "TROCAS"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    os.chmod(path, 0o640)
    return path


def addresses(path: Path) -> list[str]:
    return [m.address for m in load(str(path), "sqlite:////tmp/x.db", {}).mailboxes]


def test_r3_a_changed_mailbox_leaves_comments_and_the_others_alone(file: Path) -> None:
    made = mailbox_file.write(file, "sac@loja.example", {"imap_host": "mail.loja.example", "sender_name": "SAC"})
    assert (made.imap_host, made.sender_name) == ("mail.loja.example", "SAC")
    text = file.read_text(encoding="utf-8")
    assert "# A loja" in text and "# fica no Nordeste" in text and "# trocas e devoluções" in text
    assert made.password_command == ("pass", "show", "sac"), "what is not given stays"
    assert addresses(file) == ["sac@loja.example", "trocas@loja.example"]
    assert file.stat().st_mode & 0o777 == 0o640


def test_r3_a_new_mailbox_is_added_and_one_can_be_taken_out(file: Path) -> None:
    more = {"address": "Vendas@loja.example", "imap_host": "i.example", "smtp_host": "s.example", "ca_file": ""}
    assert mailbox_file.write(file, None, more).address == "vendas@loja.example"
    assert addresses(file)[-1] == "vendas@loja.example" and "ca_file" not in file.read_text(encoding="utf-8")
    for address in addresses(file):
        mailbox_file.remove(file, address)
    assert addresses(file) == [] and "America/Recife" in file.read_text(encoding="utf-8")


def test_r3_a_file_that_is_not_there_yet_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    mailbox_file.write(path, None, {"address": "a@loja.example", "imap_host": "i.example", "smtp_host": "s.example"})
    assert addresses(path) == ["a@loja.example"] and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("was", "values", "said"),
    [
        ("sac@loja.example", {"imap_host": "imap.loja.example/x"}, "server's name alone"),
        ("sac@loja.example", {"address": "trocas@loja.example"}, "already"),
        (None, {"address": "sac@loja.example", "imap_host": "i.example", "smtp_host": "s.example"}, "already"),
        (None, {"address": "b@loja.example", "imap_host": "i.example"}, "smtp_host is missing"),
        ("nobody@loja.example", {"sender_name": "x"}, "has no mailbox"),
        ("sac@loja.example", {"password": "segredo"}, "would keep a password"),
        ("sac@loja.example", {"imap_security": "none"}, "in the clear"),
        ("sac@loja.example", {"ca_file": "nowhere.pem"}, r"nowhere\.pem \(ca_file\) cannot be used: No such file"),
        ("sac@loja.example", {"ca_file": "config.toml"}, r"config\.toml \(ca_file\) cannot be used"),
    ],
)
def test_r3_what_cannot_be_meant_leaves_the_file_as_it_was(
    file: Path, was: str | None, values: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigTrouble, match=said):
        mailbox_file.write(file, was, values)
    assert file.read_text(encoding="utf-8") == WRITTEN
    assert os.listdir(file.parent) == ["config.toml"], "nothing is left beside it"


def test_r3_a_broken_file_is_said_and_kept(file: Path) -> None:
    file.write_text("[[mailbox\n", encoding="utf-8")
    with pytest.raises(ConfigTrouble, match="cannot be read"):
        mailbox_file.write(file, None, {"address": "a@loja.example"})
    assert file.read_text(encoding="utf-8") == "[[mailbox\n"


def test_r3_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    mailbox_file.write(link, "sac@loja.example", {"sender_name": "SAC"})
    assert link.is_symlink() and "SAC" in file.read_text(encoding="utf-8")
