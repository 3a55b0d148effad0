"""One loop closed over real servers: OpenSMTPD takes our mail, Dovecot shows it to the customer and us."""

import dataclasses
import imaplib
import smtplib
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path

import pytest

from gateways.config import Config
from gateways.mailboxes import MailboxConfig
from loop import correspondence, drafts, founding, importing, ledger, queue, reading, tickets
from loop.changes import Watcher
from loop.desk import Desk, open_desk
from loop.views import MailHealth, Sent
from loop.worker import Worker
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

OURS, THEIRS = "sac@loja.example", "marina@clientes.example"


@dataclasses.dataclass
class World:
    desk: Desk
    worker: Worker
    dovecot: Dovecot
    smtp: OpenSmtpd
    health: list[MailHealth]
    ticket: int

    def await_(self, what: str, ready: Callable[[], object], seconds: float = 60.0) -> object:
        """Wait for something that another process makes happen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := ready():
                return found
            time.sleep(0.05)
        raise AssertionError(f"never: {what}; mail health: {self.health[-3:]}")

    def customers_mail(self) -> list[Message]:
        """What lies in the customer's own mailbox."""
        client: imaplib.IMAP4 = self.dovecot.client(THEIRS)
        try:
            __, (found,) = client.search(None, "ALL")
            return [message_from_bytes(client.fetch(n, "(RFC822)")[1][0][1]) for n in found.split()]
        finally:
            client.logout()

    def customer_writes(self, mail: EmailMessage) -> None:
        """The customer hands a mail to the real SMTP server."""
        with smtplib.SMTP(self.smtp.host, self.smtp.port, timeout=60) as client:
            client.send_message(mail, THEIRS, [OURS])

    def entries(self) -> list[tuple[str, str, str]]:
        return [
            (e.kind, e.who, e.state)
            for e in reading.ticket(self.desk, self.ticket, actor=self.desk.actor("ana")).entries
        ]


@pytest.fixture
def world(
    migrated_url: str, dovecot: Dovecot, opensmtpd: OpenSmtpd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
    dovecot.remove(OURS)
    dovecot.remove(THEIRS)
    mailbox = MailboxConfig(
        name="sac", address=OURS, sender_name="SAC da Loja", imap_host=dovecot.host, imap_port=dovecot.port, imap_security="none", imap_user=OURS,
        smtp_host=opensmtpd.host, smtp_port=opensmtpd.port, smtp_security="none", password_env="SAC_PASSWORD",
    )  # fmt: skip
    config = Config(db_url=migrated_url, mailboxes=(mailbox,), undo_seconds=0)
    founding.init(config, login="ana", language="pt")
    desk = open_desk(config)
    ana = desk.actor("ana")
    file = tmp_path / "respostas.csv"
    file.write_text(
        "Nome;E-mail;Nota;Comentário\nMarina Alves;marina@clientes.example;2;Chegou nove dias depois\n", "utf-8"
    )
    assert importing.import_file(desk, file, "Pós-compra", actor=ana).tickets == 1
    health: list[MailHealth] = []
    worker = Worker(desk, health.append)
    number = queue.page(desk, queue.View(), actor=ana).rows[0].number
    yield World(desk, worker, dovecot, opensmtpd, health, number)
    worker.stop(60)
    desk.close()


def test_m1_m5_m6_m7_one_loop_from_answer_to_closed(world: World) -> None:
    desk, ana, number = world.desk, world.desk.actor("ana"), world.ticket
    world.worker.start()
    assert tickets.start(desk, [number], actor=ana, take=True).done
    draft = dataclasses.replace(drafts.begin(desk, number, actor=ana), body="Olá Marina, vamos resolver.")
    assert isinstance(correspondence.send(desk, draft, actor=ana), Sent)
    (mail,) = world.await_("our mail reaches the customer", world.customers_mail)
    assert mail["From"] == f"SAC da Loja <{OURS}>" and mail["Subject"] == "Re: Chegou nove dias depois"
    world.await_("it is marked sent", lambda: ("mail out", "ana", "sent") in world.entries())

    watcher = Watcher(desk, ana)
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = f"Marina Alves <{THEIRS}>", OURS, mail["Subject"]
    reply["Message-ID"], reply["In-Reply-To"], reply["References"] = (
        "<r1@clientes.example>",
        mail["Message-ID"],
        mail["Message-ID"],
    )
    reply.set_content(
        "Obrigada, chegou!\n\nEm seg., 2 de nov. de 2026 às 10:00, SAC da Loja <sac@loja.example> escreveu:\n> Olá Marina\n> vamos resolver.\n"
    )
    world.customer_writes(reply)
    world.await_("a change is noticed", lambda: (c := watcher.wait(1.0)) and number in c.tickets)
    watcher.close()
    last = reading.ticket(desk, number, actor=ana).entries[-1]
    assert (last.kind, last.who, last.text) == ("mail in", "Marina Alves", "Obrigada, chegou!")
    assert any("vamos resolver" in f for f in last.folded), "quotes are folded, never dropped (M10)"
    assert queue.rows(desk, [number], actor=ana)[0].unanswered

    for item in reading.ticket(desk, number, actor=ana).flow.phases[1].items:
        tickets.tick(desk, number, item.id, actor=ana)
    assert tickets.close(desk, [number], resolution="Entregue", actor=ana).done == (number,)
    balance = ledger.balance(desk, actor=ana)
    assert (balance["seen"], balance["threaded"]) == (1, 1)


def test_m6_a_lease_keeps_two_from_polling_one_mailbox(world: World) -> None:
    world.worker.start()
    world.await_("the first serves", lambda: any(h.ok and h.at for h in world.health))
    said: list[MailHealth] = []
    second = Worker(world.desk, said.append)
    second.start()
    world.await_("the second waits", lambda: any("another worker" in h.said for h in said))
    assert not any(h.at for h in said)
    world.worker.stop(60)
    world.await_("the second takes over", lambda: any(h.at for h in said))
    second.stop(60)


def test_m6_nothing_is_lost_or_doubled_when_the_imap_server_restarts(world: World, own_dovecot: Dovecot) -> None:
    config = dataclasses.replace(world.desk.config.mailboxes[0], imap_port=own_dovecot.port)
    world.desk.config = dataclasses.replace(world.desk.config, mailboxes=(config,))
    mails = [
        b"From: x%d@clientes.example\r\nMessage-ID: <m%d@x>\r\nSubject: oi\r\n\r\n%d\r\n" % (i, i, i) for i in range(30)
    ]
    own_dovecot.append(OURS, mails[:10])
    world.worker.start()

    def seen() -> int:
        return world.desk.db.rows("SELECT COUNT(*) FROM inbound WHERE outcome <> ''")[0][0]

    world.await_("the first ten", lambda: seen() == 10)
    own_dovecot.restart()
    own_dovecot.append(OURS, mails[10:])
    world.await_("all thirty", lambda: seen() == 30)
    balance = ledger.balance(world.desk, actor=world.desk.actor("ana"))
    assert (balance["seen"], balance["triage"], balance["duplicate"]) == (30, 30, 0)
