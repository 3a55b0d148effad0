"""Mail by commands: explain, reply, worker, ledger (M1, M5–M8, M10)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from loop import drafts
from loop.config import load
from loop.desk import open_desk
from tests.cli.conftest import Run
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpsink import SmtpSink

ROOT = Path(__file__).parents[2]
EXPLAINED = [
    "file",
    "subject",
    "from",
    "to",
    "cc",
    "date",
    "message_id",
    "in_reply_to",
    "references",
    "original_message_id",
    "kind",
    "reason",
    "bounce",
    "text",
    "new_text",
    "folded",
    "attachments",
    "error",
]
MAIL = b"""From: =?utf-8?q?Iara_Menezes?= <iara@cliente.example>
To: sac@loja.example
Subject: =?utf-8?q?Re=3A_Sof=C3=A1?=
Message-ID: <1@cliente.example>
Date: Mon, 05 Oct 2026 10:00:00 -0300
Content-Type: text/plain; charset=utf-8

Obrigada!

Em seg., 5 de out. de 2026, Loja <sac@loja.example> escreveu:
> Vamos trocar.
"""
Mailbox = tuple[str, SmtpSink]
"""The name of the mailbox's user, and what takes its mail."""
LEDGER = ["seen", "threaded", "new", "triage", "automatic", "bounce", "duplicate", "suspect", "quarantined"]


def test_explain_says_one_object_a_file_and_goes_on_after_a_bad_one(run: Run, tmp_path: Path) -> None:
    """Without a database; a file that cannot be read has the same fields and an error."""
    good = tmp_path / "good.eml"
    good.write_bytes(MAIL)
    said = run("mail", "explain", "--json", good, tmp_path / "none.eml", tmp_path, good)
    assert said.code == 4
    found = [json.loads(text) for text in said.out.splitlines()]
    assert [list(f) for f in found] == [EXPLAINED] * 4
    assert [bool(f["error"]) for f in found] == [False, True, True, False]
    assert found[0]["from"] == {"name": "Iara Menezes", "address": "iara@cliente.example"}
    assert found[0]["new_text"].strip() == "Obrigada!"
    assert "Vamos trocar" in "".join(found[0]["folded"])
    assert (found[0]["kind"], found[0]["bounce"]) == ("message", None)
    assert run("mail", "explain", "--json", good).code == 0


def test_explain_takes_any_bytes(run: Run, tmp_path: Path) -> None:
    """A mail that breaks the rules is explained as far as it goes, and never stops those after it."""
    paths = []
    for n, raw in enumerate((b"", b"\x00\xff" * 500, b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--", MAIL)):
        paths.append(tmp_path / f"{n}.eml")
        paths[-1].write_bytes(raw)
    said = run("mail", "explain", "--json", *paths)
    assert len(said.out.splitlines()) == 4
    assert json.loads(said.out.splitlines()[-1])["subject"] == "Re: Sofá"


def test_explain_for_people_is_safe(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[31m.eml"
    path.write_bytes(MAIL.replace(b"Obrigada!", "Oi \x1b]0;x\x07 \u202e [bold]x".encode()))
    said = run("mail", "explain", path)
    assert "iara@cliente.example" in said.out
    assert not set(said.out) & set("\x1b\x07\u202e")


def test_explain_hands_on_each_line_at_once(tmp_path: Path) -> None:
    """A reader of a long run sees the first mail before the last is read."""
    fifo, good = tmp_path / "late.eml", tmp_path / "good.eml"
    good.write_bytes(MAIL)
    os.mkfifo(fifo)
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "mail", "explain", "--json", good, fifo],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert json.loads(process.stdout.readline())["file"] == str(good)
        fifo.write_bytes(MAIL)
        assert json.loads(process.stdout.readline())["file"] == str(fifo)
    assert process.returncode == 0


def test_the_ledger_has_its_shape(run: Run, shop: Path) -> None:
    assert run("mail", "ledger", "--json").json == dict.fromkeys(LEDGER, 0)
    assert "quarantined" in run("mail", "ledger").out


def test_without_a_mailbox_nothing_can_be_sent(run: Run, shop: Path) -> None:
    run("start", "1", "--take")
    said = run("reply", "1", "--body", "Olá")
    assert said.code == 3
    assert "mailbox" in said.err


def test_a6_without_a_mailbox_the_worker_says_so_and_looks_after_rules(run: Run, shop: Path) -> None:
    """Rules of time and imports need no mail; SIGTERM ends it with 0."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "worker"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            assert any("No mailbox is set up" in worker.stderr.readline() for __ in range(2)), "how mail is comes first"
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(90) == 0
        finally:
            worker.kill()


@pytest.fixture
def mailbox(
    shop: Path, dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, SmtpSink]]:
    """A mailbox in the configuration: Dovecot to read, a sink to send to, no time for second thoughts."""
    user = f"cli-{tmp_path.name}"
    with SmtpSink(user=user, password=PASSWORD) as sink:
        config = tmp_path / "config.toml"
        config.write_text(
            f"""undo_seconds = 0
            [[mailbox]]
            address = "sac@loja.example"
            imap_host = "127.0.0.1"
            imap_port = {dovecot.port}
            imap_security = "none"
            imap_user = "{user}"
            smtp_host = "127.0.0.1"
            smtp_port = {sink.port}
            smtp_security = "none"
            smtp_user = "{user}"
            password_env = "SAC_PASSWORD"
            """
        )
        monkeypatch.setenv("RETORNO_CONFIG", str(config))
        monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
        yield user, sink
    dovecot.remove(user)


def _until(what: Callable[[], object], seconds: float = 60.0) -> object:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def test_only_the_assignee_writes_and_a_draft_is_not_lost(run: Run, mailbox: Mailbox) -> None:
    """M1, M4: another draft of one's own stays, and is sent or replaced only when that is said."""
    assert run("reply", "1", "--body", "x").code == 1, "not started"
    run("start", "1")
    assert run("reply", "1", "--body", "x").code == 1, "nobody assigned"
    run("start", "1", "--take")
    assert run("reply", "1").code == 2, "nothing to send"
    assert run("reply", "1", "--body", " ").code == 1
    desk = open_desk(load(None, None, os.environ))
    me = desk.actor()
    drafts.save(desk, replace(drafts.begin(desk, 1, actor=me), body="half a letter"), actor=me)
    said = run("reply", "1", "--body", "another")
    assert said.code == 1
    assert "draft" in said.err
    assert drafts.load(desk, 1, actor=me).body == "half a letter"
    assert run("reply", "1", "--json").json["state"] == "queued"
    assert drafts.load(desk, 1, actor=me) is None
    desk.close()
    entry = run("ticket", "1", "--json").json["timeline"][-1]
    assert (entry["kind"], entry["state"], entry["text"].strip()) == ("mail out", "queued", "half a letter")


def test_send_now_waits_for_the_server_s_words(run: Run, mailbox: Mailbox) -> None:
    """Accepted: 0 and the words; refused for good: 5, the words, and the message is kept."""
    _user, sink = mailbox
    run("start", "1", "2", "--take")
    sent = run("reply", "1", "--subject", "Sofá", "--body", "-", "--send-now", "--json", stdin="Vamos trocar.\n")
    assert sent.code == 0, sent.err
    assert sent.json["state"] == "sent" and sent.json["answer"]
    assert [k.recipients for k in sink.kept] == [("iara@cliente.example",)]
    parts = [p.get_payload(decode=True) for p in message_from_bytes(sink.kept[0].raw).walk() if not p.is_multipart()]
    assert "Vamos trocar." in parts[0].decode()
    sink.plan["RCPT"] = ["550 5.1.1 nobody of that name"]
    failed = run("reply", "2", "--body", "Olá", "--send-now", "--json")
    assert failed.code == 5
    assert failed.json["state"] == "failed"
    assert "nobody of that name" in failed.err


def test_a_message_can_be_taken_back_until_it_leaves(
    run: Run, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M4: by its writer, and then it is a draft again; a failed one can be sent again (M5)."""
    config = Path(os.environ["RETORNO_CONFIG"])
    config.write_text(config.read_text().replace("undo_seconds = 0", "undo_seconds = 600"))
    run("start", "1", "2", "--take")
    sent = run("reply", "1", "--body", "Olá", "--json").json
    assert "take-back" in run("reply", "2", "--body", "Oi").out
    back = run("mail", "take-back", str(sent["outbox"]), "--json")
    assert (back.code, back.json["body"]) == (0, "Olá")
    assert run("mail", "take-back", str(sent["outbox"])).code == 1, "only once"
    assert run("mail", "take-back", "999").code == 1
    config.write_text(config.read_text().replace("undo_seconds = 600", "undo_seconds = 0"))
    mailbox[1].plan["RCPT"] = ["550 5.1.1 nobody of that name"]
    failed = run("reply", "1", "--send-now", "--json")
    assert failed.code == 5
    again = run("mail", "retry", str(failed.json["outbox"]), "--json")
    assert again.json == {"done": [1], "refused": []}
    assert run("mail", "retry", str(failed.json["outbox"])).code == 1, "it waits already"
    assert run("ticket", "1", "--json").json["timeline"][-1]["kind"] == "mail retried"


def test_the_worker_sends_receives_and_stops_in_order(run: Run, mailbox: Mailbox, dovecot: Dovecot) -> None:
    """A reply goes out and the customer's answer comes back onto the ticket; SIGTERM ends it with 0 (M6–M8)."""
    user, sink = mailbox
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "worker"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            run("start", "1", "--take")
            assert run("reply", "1", "--body", "Vamos trocar.").code == 0
            _until(lambda: sink.kept)
            ours = message_from_bytes(sink.kept[0].raw)["Message-ID"]
            answer = MAIL.replace(b"Date:", b"In-Reply-To: " + ours.encode() + b"\nDate:")
            dovecot.append(user, [answer.replace(b"\n", b"\r\n")])
            _until(lambda: run("tickets", "is:unanswered", "--json").json)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(90) == 0
        finally:
            worker.kill()
            said = worker.stderr.read()
            print(said, run("mail", "ledger", "--lines", "9").out)  # shown where the test fails
        assert "Traceback" not in said
    assert run("mail", "ledger", "--json").json == dict.fromkeys(LEDGER, 0) | {"seen": 1, "threaded": 1}
    assert "Iara" in run("mail", "ledger", "--lines", "5").out or "iara@" in run("mail", "ledger", "--lines", "5").out
    shown = run("ticket", "1").out
    assert "Obrigada!" in shown and "quoted lines" in shown
    assert run("answered", "1").code == 0
    assert run("tickets", "is:unanswered", "--json").json == []
