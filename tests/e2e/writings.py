"""Mails as other programs write them, put together by hand the way each of them does (own examples)."""

import base64
import textwrap
from email.message import Message
from email.utils import make_msgid

from tests.e2e.shop import OURS, THEIRS

MARINA = f"Marina Alves <{THEIRS}>"
RUI = "rui.prado@outros.example"
INVOICE = b"%PDF-1.4\n% nota fiscal de exemplo\n" + bytes(range(256)) * 8 + b"\n%%EOF\n"


def _plain(mail: Message) -> str:
    """What the mail that is answered says."""
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n").strip()
    return ""


def _joined(*lines: str) -> bytes:
    return "\r\n".join("\n".join(lines).split("\n")).encode("utf-8")


def outlook(to: Message, words: str, attached: bytes, name: str = "Nota fiscal nº 3.pdf") -> bytes:
    """A reply in HTML alone, the answered mail below a header block, and a file; no References."""
    old = _plain(to).split("\n")
    head = ("De: SAC da Loja", "Enviado: segunda-feira, 2 de novembro de 2026 11:00", "Para: Marina Alves")
    bold = "".join(f"<b>{title}:</b>{rest}<br>\n" for title, _colon, rest in (h.partition(":") for h in head))
    html = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<style type="text/css" style="display:none;"> P {{margin-top:0;margin-bottom:0;}} </style></head><body dir="ltr">
<div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt; color: rgb(0, 0, 0);">{words}</div>
<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">
<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{bold}
<b>Assunto:</b> {to["Subject"]}</font><div>&nbsp;</div></div>
<div class="BodyFragment">{"<br>".join(old)}</div></body></html>"""
    encoded = (
        "=?utf-8?B?" + base64.b64encode(name.encode()).decode() + "?=" if not name.isascii() else name
    )  # as Outlook does, against RFC 2231

    return _joined(
        f"From: {MARINA}",
        f"To: SAC da Loja <{OURS}>",
        f"Subject: {to['Subject']}",
        "Thread-Topic: Chegou nove dias depois",
        "Thread-Index: AQHcZ1s0w0l2Jm1xUkKq1o2bJ5mBzQ==",
        "Date: Mon, 2 Nov 2026 14:20:05 +0000",
        "Message-ID: <CP5PR80MB1234A1B2C3D4@CP5PR80MB1234.lamprd80.prod.outlook.com>",
        f"In-Reply-To: {to['Message-ID']}",
        "Accept-Language: pt-BR, en-US",
        "Content-Language: pt-BR",
        "X-MS-Has-Attach: yes",
        'Content-Type: multipart/mixed; boundary="_004_out_"',
        "MIME-Version: 1.0",
        "",
        "--_004_out_",
        'Content-Type: text/html; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        *textwrap.wrap(base64.b64encode(html.encode()).decode(), 76),
        "",
        "--_004_out_",
        f'Content-Type: application/pdf; name="{encoded}"',
        f"Content-Description: {encoded}",
        f'Content-Disposition: attachment; filename="{encoded}"; size={len(attached)}',
        "Content-Transfer-Encoding: base64",
        "",
        *textwrap.wrap(base64.b64encode(attached).decode(), 76),
        "--_004_out_--",
        "",
    )


def gmail_forward(of: Message, words: str) -> bytes:
    """A forward by somebody who is on no ticket; Gmail keeps the thread's ids."""
    old = _plain(of)
    top = f"De: SAC da Loja <{OURS}>\nDate: seg., 2 de nov. de 2026 às 11:00\nSubject: {of['Subject']}\nTo: {MARINA}"
    mark = "---------- Forwarded message ---------"
    html = f"""<div dir="ltr">{words}<br><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">
{mark}<br>{top.replace(chr(10), "<br>").replace("<sac", "&lt;sac").replace("<marina", "&lt;marina")}<br></div><br><br>
{old.replace(chr(10), "<br>")}</div></div>"""
    return _joined(
        "MIME-Version: 1.0",
        f"References: {of['Message-ID']} <CAJ8marina2026@mail.gmail.com>",
        "In-Reply-To: <CAJ8marina2026@mail.gmail.com>",
        f"From: Rui Prado <{RUI}>",
        "Date: Mon, 2 Nov 2026 15:41:10 -0300",
        "Message-ID: <CAJ8rui2026+forward@mail.gmail.com>",
        f"Subject: Fwd: {of['Subject']}",
        f"To: {OURS}",
        'Content-Type: multipart/alternative; boundary="000000000000gm"',
        "",
        "--000000000000gm",
        'Content-Type: text/plain; charset="UTF-8"',
        "Content-Transfer-Encoding: 8bit",
        "",
        f"{words}\n\n{mark}\n{top}\n\n\n{old}\n",
        "--000000000000gm",
        'Content-Type: text/html; charset="UTF-8"',
        "Content-Transfer-Encoding: 8bit",
        "",
        html,
        "--000000000000gm--",
        "",
    )


def out_of_office(to: Message) -> bytes:
    """What Exchange answers by itself."""
    return _joined(
        f"From: {MARINA}",
        f"To: SAC da Loja <{OURS}>",
        f"Subject: =?utf-8?Q?Resposta_autom=C3=A1tica:_{to['Subject'].replace(' ', '_')}?=",
        "Date: Mon, 2 Nov 2026 18:00:01 +0000",
        "Message-ID: <auto1.CP5PR80MB1234@lamprd80.prod.outlook.com>",
        f"In-Reply-To: {to['Message-ID']}",
        f"References: {to['Message-ID']}",
        "X-Auto-Response-Suppress: All",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "MIME-Version: 1.0",
        "",
        "Estou de férias até 16 de novembro e leio isto quando voltar.",
        "",
    )


def bounce(of: Message) -> bytes:
    """What Postfix says when a mailbox is no more."""
    original = "\n".join(f"{name}: {value}" for name, value in of.items())
    return _joined(
        "Return-Path: <>",
        "Date: Mon, 2 Nov 2026 19:30:00 +0000 (UTC)",
        "From: MAILER-DAEMON@mx.clientes.example (Mail Delivery System)",
        "Subject: Undelivered Mail Returned to Sender",
        f"To: {OURS}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="4D1.mx"',
        f"Message-Id: {make_msgid('bounce', 'mx.clientes.example')}",
        "",
        "This is a MIME-encapsulated message.",
        "",
        "--4D1.mx",
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not",
        "be delivered to one or more recipients.",
        "",
        f"<{THEIRS}>: host mx.clientes.example said: 550 5.1.1 mailbox is no more",
        "",
        "--4D1.mx",
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.clientes.example",
        "",
        f"Final-Recipient: rfc822; {THEIRS}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 mailbox is no more",
        "",
        "--4D1.mx",
        "Content-Description: Undelivered Message Headers",
        "Content-Type: text/rfc822-headers",
        "",
        original,
        "",
        "--4D1.mx--",
        "",
    )
