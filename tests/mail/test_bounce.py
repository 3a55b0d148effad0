"""M11: bounces name whom they failed and which mail of ours; forged or human mail is none."""

import pytest

from mail.parse import parse

DSN = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.azul.example>
To: sac@loja.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I could not deliver your mail.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.azul.example

Final-Recipient: rfc822; ana@azul.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}

--b1
Content-Type: text/rfc822-headers

Message-ID: <t1042.m7.abc@loja.example>
Subject: Pedido

--b1--
"""


def dsn(action: str = "failed", status: str = "5.1.1", code: str = "550 5.1.1 no such user") -> bytes:
    return DSN.format(action=action, status=status, code=code).replace("\n", "\r\n").encode()


def test_a_machine_readable_report_is_read_to_the_address_and_the_original() -> None:
    mail = parse(dsn())
    assert mail.kind == "bounce" and not mail.delayed
    assert [(b.address, b.status, b.permanent) for b in mail.bounces] == [("ana@azul.example", "5.1.1", True)]
    assert mail.original_message_id == "t1042.m7.abc@loja.example"


def test_a_full_mailbox_is_not_permanent() -> None:
    assert [b.permanent for b in parse(dsn(status="4.2.2", code="452 4.2.2 mailbox full")).bounces] == [False]


def test_a_delay_is_told_and_fails_nobody() -> None:
    mail = parse(dsn("delayed", "4.4.1", "451 try later"))
    assert mail.delayed
    assert not any(b.permanent for b in mail.bounces)


def test_a_delivery_receipt_is_automatic_and_no_bounce() -> None:
    mail = parse(dsn("delivered", "2.1.5", "250 ok"))
    assert (mail.kind, mail.delayed, mail.bounces) == ("automatic", False, ())


def test_the_exact_status_of_the_server_wins_over_a_vague_one() -> None:
    assert parse(dsn(status="5.0.0", code="smtp; 550 5.7.26 not aligned")).bounces[0].status == "5.7.26"


def test_qmail_words_name_every_address_and_the_returned_mail() -> None:
    mail = parse(
        b"From: MAILER-DAEMON@mx.azul.example\nTo: sac@loja.example\nSubject: failure notice\n\n"
        b"Hi. This is the qmail-send program at mx.azul.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up.\n\n<ana@azul.example>:\nuser unknown\n\n<rui@azul.example>:\nmailbox full #5.2.2\n\n"
        b"--- Below this line is a copy of the message.\n\nReturn-Path: <sac@loja.example>\nMessage-ID: <m1@loja.example>\nTo: outra@azul.example\n\nOl\xc3\xa1\n"
    )
    assert mail.kind == "bounce"
    assert [b.address for b in mail.bounces] == ["ana@azul.example", "rui@azul.example"]
    assert mail.original_message_id == "m1@loja.example"


def test_failed_recipients_in_a_header_are_enough() -> None:
    mail = parse(
        b"From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: ana@azul.example\nSubject: Mail delivery failed\n\nA message that you sent could not be delivered: 550 5.1.1 unknown user\n"
    )
    assert (mail.kind, mail.bounces[0].address, mail.bounces[0].permanent) == ("bounce", "ana@azul.example", True)


def test_an_abuse_report_is_a_complaint() -> None:
    mail = parse(
        b"From: fbl@isp.example\nSubject: complaint\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        b"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <ana@azul.example>\n\n"
        b"--b\nContent-Type: message/rfc822\n\nMessage-ID: <m9@loja.example>\n\nx\n--b--\n"
    )
    assert (mail.kind, mail.complaint, mail.original_message_id) == ("automatic", True, "m9@loja.example")


ANA = "ana@azul.example"
RETURNED = f"Message-ID: <t1042.m7.abc@loja.example>\nTo: {ANA}\n"
WORDS = {
    "locaweb": ("Mail Delivery System <MAILER-DAEMON@hm1.mx.example>", "Mensagem não entregue",
        f"Lamentamos informar que a sua mensagem não pôde ser entregue a um ou mais destinatários.\n\n<{ANA}>: host mx[192.0.2.1] said: 550 5.1.1 Destinatario inexistente\n\n--- Cópia da mensagem original ---\n", True),
    "uol": ("MAILER-DAEMON@smtp.mx.example", "Falha na entrega da mensagem",
        f"Sua mensagem não pôde ser entregue para o(s) seguinte(s) destinatário(s):\n\n{ANA}\n\nMotivo: caixa postal inexistente (550 5.1.1)\n\n----- Mensagem original -----\n", True),
    "cheia": ("mailer-daemon@bol.example", "Aviso de falha na entrega",
        f"Infelizmente não foi possível entregar sua mensagem ao endereço abaixo:\n\n<{ANA}>:\nCaixa postal cheia.\n\n", False),
    "exchange": ("Microsoft Outlook <postmaster@azul.example>", "Não entregue: Pedido 77",
        f"A entrega falhou para estes destinatários ou grupos de distribuição:\n\n{ANA}\nO endereço não pôde ser encontrado.\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nCabeçalhos da mensagem original:\n\n", True),
    "gateway": ("Filtro <filtro@azul.example>", "Undeliverable: Pedido 77",
        f"Your message could not be delivered to the following recipients:\n\nTo: {ANA}\nReason: 550 Invalid Recipient\n\n", True),
    "unzustellbar": ("postmaster@azul.example", "Unzustellbar: Pedido 77",
        f"Fehler bei der Nachrichtenzustellung an folgende Empfänger:\n\n{ANA}\nDie Adresse wurde nicht gefunden.\n\n#550 5.1.1 User unknown ##\n\n", True),
}  # fmt: skip


def test_a_report_on_a_report_names_the_mail_inside_the_inner_one() -> None:
    outer = DSN.replace("text/rfc822-headers", "message/rfc822").format(action="failed", status="5.1.1", code="550")
    inner = (
        dsn()
        .decode()
        .replace("Return-Path: <>", "Return-Path: <>\nMessage-ID: <r1@mx.azul.example>")
        .replace("b1", "b2")
    )
    raw = outer.replace("Message-ID: <t1042.m7.abc@loja.example>\nSubject: Pedido\n", inner)
    assert parse(raw.encode()).original_message_id == "t1042.m7.abc@loja.example"


def test_a_report_that_names_a_path_is_about_whom_the_returned_mail_was_for() -> None:
    raw = (
        dsn()
        .replace(b"rfc822; ana@azul.example", b"rfc822; /var/mail/22r/ana")
        .replace(b"Subject: Pedido", b"To: ana@azul.example")
    )
    assert [b.address for b in parse(raw).bounces] == ["ana@azul.example"]


def test_a_report_that_tells_the_head_of_our_mail_first_is_about_the_recipient_below() -> None:
    body = f"Your message\n\n  To:      todos@azul.example\n  Cc:      b@azul.example\n  Subject: Pedido\n\ndid not reach the following recipient(s):\n\n{ANA} on Tue, 3 Mar 2026\n    The recipient name is not recognized\n"
    raw = f"From: System Administrator <postmaster@azul.example>\nTo: sac@loja.example\nSubject: Undeliverable: Pedido\n\n{body}"
    assert [b.address for b in parse(raw.encode()).bounces] == [ANA]


@pytest.mark.parametrize("server", WORDS)
def test_a_failure_told_in_words_alone_is_read(server: str) -> None:
    sender, subject, body, permanent = WORDS[server]
    mail = parse(f"From: {sender}\nTo: sac@loja.example\nSubject: {subject}\n\n{body}{RETURNED}".encode())
    assert (mail.kind, [(b.address, b.permanent) for b in mail.bounces]) == ("bounce", [(ANA, permanent)])
    assert mail.original_message_id == "t1042.m7.abc@loja.example"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Encomenda não entregue",
            "O pacote não foi entregue. Escrevi a loja@azul.example e nada. Devolvido ao remetente!",
        ),
        (
            "Returned order",
            "My order could not be delivered, the driver rejected the address. Contact ana@azul.example.",
        ),
        (
            "Re: Undelivered Mail Returned to Sender",
            "I got this back from you: 550 5.1.1 <ana@azul.example> user unknown. What now?",
        ),
        ("E-mail não entregue", "O meu e-mail não foi entregue a vendas@loja.example; podem ver?"),
        ("Undeliverable: order 77", "Hi, the courier says: undeliverable. Following recipient: rui@azul.example"),
        ("Delivery failure", "order 77 could not be delivered, see tracking. Ask rui@azul.example"),
        (
            "Mensagem não entregue",
            "Bom dia, não foi possível entregar a carta.\n\n<ana@azul.example>: 550 5.1.1 user unknown",
        ),
        ("Mailbox full of flyers", "Please stop. My mailbox is full, delivery failed twice."),
    ],
)
def test_people_who_write_of_failed_deliveries_are_people(subject: str, body: str) -> None:
    raw = f"From: Ana <ana@clientes.example>\nIn-Reply-To: <x@loja.example>\nSubject: {subject}\n\n{body}\n".encode()
    assert parse(raw).kind == "message"
