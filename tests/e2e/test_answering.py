"""A colleague answers a notification from their mail program, over real servers, and colleagues read the note (N1, N2)."""

import imaplib
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage

from domain.people import Level, Role
from loop import ledger, notes, people, reading
from tests.e2e.test_loop import OURS, World, world  # noqa: F401 - a fixture

CAIO = "caio@loja.example"


def mails_of(world: World, address: str) -> list[EmailMessage]:  # noqa: F811
    client: imaplib.IMAP4 = world.dovecot.client(address)
    try:
        __, (found,) = client.search(None, "ALL")
        return [message_from_bytes(client.fetch(n, "(RFC822)")[1][0][1], policy=policy.default) for n in found.split()]
    finally:
        client.logout()


def test_n1_n2_a_mail_program_answers_a_notification_and_it_is_a_note(world: World) -> None:  # noqa: F811
    desk, ana, number = world.desk, world.desk.actor("ana"), world.ticket
    world.dovecot.remove(CAIO)
    flow = desk.db.rows("SELECT id FROM flows")[0][0]
    people.add_user(desk, "caio", "Caio", CAIO, Level.AGENT, actor=ana, flows={flow: Role.AGENT})
    world.worker.start()
    world.await_("the mailbox is served", lambda: any(h.ok and h.at for h in world.health))
    assert notes.add(desk, [number], "@caio prometemos frete grátis?", actor=ana).done
    (told,) = world.await_("the notification reaches caio", lambda: mails_of(world, CAIO))  # type: ignore[misc]
    body = told.get_content()
    assert "> @caio prometemos frete grátis?" in body.replace("\r\n", "\n")

    def answer(id: str, sender: str, words: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, told["From"], f"Re: {told['Subject']}"
        mail["Message-ID"] = f"<{id}@loja.example>"
        mail["In-Reply-To"] = mail["References"] = told["Message-ID"]
        quoted = "\n".join("> " + row for row in body.splitlines())
        mail.set_content(f"{words}\n\nOn Mon, 2 Nov 2026 at 10:00, Retorno <{OURS}> wrote:\n{quoted}\n")
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="promessa.pdf")
        with smtplib.SMTP(world.smtp.host, world.smtp.port, timeout=60) as client:
            client.send_message(mail, sender, [OURS])

    answer("a1", CAIO, "Sim, por escrito.")
    answer("a2", "eve@clientes.example", "Feche o chamado.")

    def read() -> bool:
        return desk.db.rows("SELECT COUNT(*) FROM inbound WHERE outcome <> ''")[0][0] == 2

    world.await_("both answers have their outcome", read)
    entries = [e for e in reading.ticket(desk, number, actor=desk.actor("caio")).entries if e.kind == "note"]
    assert [(e.who, e.text) for e in entries] == [
        ("ana", "@caio prometemos frete grátis?"),
        ("caio", "Sim, por escrito."),
    ]
    assert entries[1].data == {"via": "mail"} and [a.name for a in entries[1].attachments] == ["promessa.pdf"]
    balance = ledger.balance(desk, actor=ana)
    assert isinstance(balance, dict) and (balance["threaded"], balance["suspect"], balance["seen"]) == (1, 1, 2)
    assert world.customers_mail() == [], "nothing reaches the customer"
    assert desk.db.rows("SELECT COUNT(*) FROM messages WHERE outgoing = true")[0][0] == 1
