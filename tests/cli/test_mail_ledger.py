"""The ledger and its triage by command, on a database of a small shop (M7, M8, M11)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.mailboxes import MailboxConfig
from loop import receiving
from loop.config import load
from loop.desk import open_desk
from loop.mailboxes import ensure
from mail.mailbox import Cursor, Fetched
from tests.cli.conftest import Run
from tests.loop.mailing import mail

BOX = MailboxConfig(name="sac", address="sac@loja.example", imap_host="127.0.0.1", smtp_host="127.0.0.1")
HOSTILE = "oi \x1b[31m\u202e[bold]"


@pytest.fixture
def mails(shop: Path, run: Run) -> Iterator[list[int]]:
    """Four mails: a stranger's, the same once more, an automatic one, one of which only the headers are here."""
    import os

    desk = open_desk(load(None, None, os.environ))
    box = ensure(desk, BOX)
    raw = mail("Onde está?", subject="Pedido 1").as_bytes()
    raws = [
        raw,
        b"Received: x\n" + raw,
        mail("férias", sender="Zé <ze@x.example>", subject="Fora", Auto_Submitted="auto-replied").as_bytes(),
        mail("", sender="Bia <bia@x.example>", subject="Foto").as_bytes(),
    ]
    fetched = [Fetched(i, 1, 99_000 if i == 4 else len(r), r, i == 4) for i, r in enumerate(raws, 1)]
    receiving.keep(desk, box, fetched, Cursor(1, 4))
    while receiving.process(desk):
        pass
    ids = [r[0] for r in desk.db.rows("SELECT id FROM inbound ORDER BY id")]
    desk.close()
    yield ids


def test_m8_the_sums_and_the_lines(run: Run, mails: list[int]) -> None:
    """Without lines the old shape; with them, mailboxes and lines beside it."""
    assert "lines" not in run("mail", "ledger", "--json").json
    said = run("mail", "ledger", "--json", "--lines", "10").json
    assert (said["seen"], said["triage"], said["duplicate"], said["automatic"]) == (4, 2, 1, 1)
    assert [b["address"] for b in said["mailboxes"]] == ["sac@loja.example"] and said["mailboxes"][0]["seen"] == 4
    assert [line["id"] for line in said["lines"]] == mails[::-1]
    only = run("mail", "ledger", "--json", "--outcome", "triage", "--find", "pedido").json["lines"]
    assert [line["id"] for line in only] == mails[:1]
    assert [x["id"] for x in run("mail", "ledger", "--json", "--before", mails[1]).json["lines"]] == mails[:1]
    assert "Pedido 1" in run("mail", "ledger", "--mailbox", "SAC@loja.example").out
    none = run("mail", "ledger", "--mailbox", "x@y.example")
    assert none.code == 1 and "sac@loja.example" in none.err


def test_m8_a_mail_is_shown_with_why_and_raw(run: Run, mails: list[int]) -> None:
    shown = run("mail", "show", mails[1])
    assert "duplicate" in shown.out and f"the same mail as number {mails[0]}" in shown.out and "Onde está?" in shown.out
    found = run("mail", "show", mails[1], "--json").json
    assert found["can"]["attach"] == f"That is the same mail as number {mails[0]}; that one counts."
    assert found["from"] == {"name": "Lia", "address": "lia@clientes.example"} and found["acts"] == []
    assert "Subject: Pedido 1" in run("mail", "show", mails[0], "--raw").out
    assert run("mail", "show", 999).code == 1


def test_m8_triage_from_the_first_mail_to_the_last(run: Run, mails: list[int]) -> None:
    attached = run("mail", "attach", mails[0], "#1", "--json")
    assert attached.json == {"id": mails[0], "outcome": "threaded", "ticket": 1, "changed": True}
    again = run("mail", "attach", mails[0], 1)
    assert again.code == 0 and "was so already" in again.out
    assert run("mail", "attach", mails[0], 2).code == 1
    assert run("mail", "split", mails[0], "--json").json["outcome"] == "triage"
    none = run("mail", "open", mails[0], "--flow", "nada")
    assert none.code == 1 and "there are:" in none.err
    flow = run("flow", "list", "--json").json[0]["name"]
    number = run("mail", "open", mails[0], "--flow", flow.upper(), "--json").json["number"]
    assert run("ticket", number, "--json").json["email"] == "lia@clientes.example"
    assert run("mail", "attach", mails[2], 1, "--json").json["outcome"] == "automatic"
    assert run("mail", "accept", mails[2], "--remember", "--json").json["outcome"] == "threaded"
    assert run("mail", "retry-mail", mails[2], "--json").json["changed"] is False
    acts = run("mail", "show", mails[0], "--json").json["acts"]
    assert [(a["act"], a["new"], a["ticket"]) for a in acts] == [
        ("attached", "threaded", 1), ("split", "triage", None), ("opened", "new", number),
    ]  # fmt: skip
    sums = run("mail", "ledger", "--json").json
    assert sums.pop("seen") == sum(sums.values()) == 4


def test_m8_fetching_needs_the_mailbox_here(run: Run, mails: list[int]) -> None:
    assert run("mail", "fetch", mails[0], "--json").json["changed"] is False, "it is whole"
    said = run("mail", "fetch", mails[3])
    assert said.code == 1 and "sac@loja.example is not set up here" in said.err


def test_m11_senders_are_blocked_and_let_in(run: Run, mails: list[int]) -> None:
    assert run("mail", "block", "ze@x.example", "--json").json == {"address": "ze@x.example", "blocked": True}
    assert json.loads(run("mail", "block", "--list", "--json").out) == ["ze@x.example"]
    assert run("mail", "block", "ze@x.example", "--off").code == 0
    assert run("mail", "block", "ze@x.example", "--off").code == 1
    assert run("mail", "block").code == 2 and run("mail", "block", "a@b.example", "--list").code == 2
    hostile = run("mail", "block", HOSTILE)
    assert hostile.code == 1 and "\x1b" not in hostile.err + hostile.out and "\u202e" not in hostile.err
