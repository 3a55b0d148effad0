"""The demo's mail servers: a conversation over real SMTP and IMAP, and an end with their owner."""

import email
import email.policy
import os
import signal
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from imapclient import IMAPClient

from demo.answers import samples
from demo.letters import Behaviour
from demo.servers import HOST, SHOP, Servers, ServersTrouble


def one_who(behaviour: Behaviour) -> str:
    return next(row.email for row in samples() if row.email and row.behaves == behaviour)


async def send(servers: Servers, *recipients: str) -> None:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Loja Aroeira <{SHOP}>", ", ".join(recipients), "Re: Seu pedido"
    mail["Message-ID"] = "<m1@lojaaroeira.example>"
    mail.set_content("Olá!\n\nJá estamos vendo.\n\nAna")
    refused, _said = await aiosmtplib.send(mail, hostname=HOST, port=servers.smtp, start_tls=False, use_tls=False)
    assert refused == {}


def mails(inbox: IMAPClient, number: int) -> list[EmailMessage]:
    """The first mails of the mailbox, once there are that many."""
    until = time.monotonic() + 60
    while len(found := inbox.search()) < number and time.monotonic() < until:
        inbox.idle()
        inbox.idle_check(timeout=1)
        inbox.idle_done()
    assert len(found) == number
    raws = inbox.fetch(found, ["BODY.PEEK[]"])
    return [email.message_from_bytes(raws[uid][b"BODY[]"], policy=email.policy.default) for uid in found]


async def test_a_mail_sent_by_smtp_is_answered_by_imap_with_idle(servers: Servers, inbox: IMAPClient) -> None:
    assert b"IDLE" in inbox.capabilities()
    inbox.idle()
    await send(servers, one_who(Behaviour.THANKS))
    said = inbox.idle_check(timeout=60)
    inbox.idle_done()
    assert (1, b"EXISTS") in said
    (reply,) = mails(inbox, 1)
    assert reply["In-Reply-To"].strip() == "<m1@lojaaroeira.example>"
    assert "Já estamos vendo." in reply.get_body(("plain",)).get_content()


async def test_every_recipient_answers_in_their_own_way(servers: Servers, inbox: IMAPClient) -> None:
    await send(servers, one_who(Behaviour.ANGER), one_who(Behaviour.AWAY), one_who(Behaviour.BOUNCE))
    kinds = {(mail.get_content_type(), mail["Auto-Submitted"] or "person") for mail in mails(inbox, 3)}
    assert kinds == {
        ("text/plain", "person"),
        ("text/plain", "auto-replied"),
        ("multipart/report", "auto-replied"),
    }


def test_the_mailbox_takes_append_and_move(servers: Servers, inbox: IMAPClient) -> None:
    inbox.append("Sent", b"Subject: copy\r\n\r\nx", [b"\\Seen"])
    assert inbox.folder_status("Sent", [b"MESSAGES"])[b"MESSAGES"] == 1
    inbox.append("INBOX", b"Subject: by hand\r\n\r\nx")
    inbox.create_folder("Processed")
    inbox.move(inbox.search(), "Processed")
    assert inbox.search() == []
    assert inbox.folder_status("Processed", [b"MESSAGES"])[b"MESSAGES"] == 1


async def test_a_line_of_idle_is_never_sent_in_pieces(servers: Servers, inbox: IMAPClient) -> None:
    """imapclient gives up the connection over a line that comes in pieces, FETCH lines above all."""
    for _time in range(10):
        inbox.idle()
        inbox_other = IMAPClient(HOST, servers.imap, ssl=False, timeout=60)
        inbox_other.login(SHOP, "demo")
        inbox_other.select_folder("INBOX")
        inbox_other.append("INBOX", b"Subject: x\r\n\r\nx")
        assert any(words[1] == b"EXISTS" for words in inbox.idle_check(timeout=60))
        inbox_other.logout()
        inbox.idle_done()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def test_close_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.servers.ENDING_S", 60.0)
    servers = Servers(delay=(0, 0))
    assert servers.smtp != servers.imap
    servers.close()
    assert not alive(servers.pid)
    assert servers._process.returncode == 0, "it had to be killed"
    servers.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_servers_and_the_folder_die_with_who_started_them(how: signal.Signals, tmp_path: Path) -> None:
    folder = tmp_path / "retorno-demo-x"
    folder.mkdir()
    (folder / "demo.db").write_text("x")
    code = (
        "import sys, time; from demo.servers import Servers; from pathlib import Path\n"
        "s = Servers(sweep=Path(sys.argv[1])); print(s.pid, s.smtp, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True) as owner:
        child = int(owner.stdout.readline().split()[0])
        assert alive(child)
        os.kill(owner.pid, how)
        owner.wait()
    assert gone_within(child, 60)
    assert not folder.exists()


def test_servers_that_cannot_open_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    servers = Servers()
    with pytest.raises(ServersTrouble):
        _port = servers.smtp
    assert not alive(servers.pid)
