"""Simulated customers: handed a mail that the shop sent, they hand back the mail that they answer with.

Nothing here touches a network; `demo.postoffice` delivers what is written here.
"""

import email
import email.policy
import re
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from html import escape
from zlib import crc32

from demo.letters import Behaviour, letter
from demo.pictures import photo
from domain.text import clean, line

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_DAYS = ("seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom.")
_DAYS_LONG = (
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
)
_MONTHS = ("jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez.")
_MONTHS_LONG = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)
_UNKNOWN = (Behaviour.THANKS, Behaviour.ANGER, Behaviour.QUESTION, Behaviour.OUTLOOK, Behaviour.PHOTO, Behaviour.AWAY)


@dataclass(frozen=True)
class Person:
    """A customer as the simulation knows them."""

    name: str
    behaviour: Behaviour


@dataclass(frozen=True)
class Delivery:
    """A mail on its way to the shop."""

    after: float
    """Seconds from now."""
    raw: bytes


@dataclass(frozen=True)
class _Got:
    """What a customer needs to know of the mail that they answer."""

    sender: str
    """Header as written: who the customer sees."""
    reply_to: str
    subject: str
    message_id: str
    references: tuple[str, ...]
    body: str
    head: bytes
    """The header block, for a bounce to give back."""
    automatic: bool


class Customers:
    """All customers of the shop, and what each has had from it so far."""

    def __init__(self, people: Mapping[str, Person] | None = None, *, delay: tuple[float, float] = (2.0, 6.0)) -> None:
        """`people` by folded address; one who is not among them behaves by their address. `delay` in seconds."""
        self._people = dict(people or {})
        self._delay = delay
        self._times: defaultdict[str, int] = defaultdict(int)

    def person(self, address: str) -> Person:
        """Who writes from this address; an unknown one behaves by the address, the same each run."""
        known = self._people.get(address.lower())
        return known or Person("", _UNKNOWN[crc32(address.lower().encode()) % len(_UNKNOWN)])

    def receive(self, raw: bytes, recipient: str, envelope_sender: str) -> Delivery | None:
        """The answer to a mail that reached `recipient`; None for a mail that nobody answers (loops cannot happen)."""
        got = _read(raw)
        if got.automatic or not envelope_sender:
            return None
        who = self.person(recipient)
        if who.behaviour is Behaviour.SILENT:
            return None
        if who.behaviour is Behaviour.BOUNCE:
            return Delivery(self._pause(recipient), _bounce(got, recipient, envelope_sender))
        times = self._times[recipient.lower()]
        self._times[recipient.lower()] += 1
        return Delivery(
            self._pause(recipient),
            _reply(got, who, recipient, letter(who.behaviour, recipient, who.name, times), times, _now()),
        )

    def _pause(self, recipient: str) -> float:
        least, most = self._delay
        return least + (most - least) * (crc32(recipient.lower().encode()) % 97) / 96


def _read(raw: bytes) -> _Got:
    """A mail of the shop, whatever is in it."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)

    def header(name: str) -> str:
        try:
            return line(str(mail.get(name) or ""), 900)
        except Exception:  # odd headers make the standard library raise nearly anything
            return ""

    try:
        part = mail.get_body(("plain", "html"))
        body = clean(part.get_content()) if part else ""
    except Exception:
        body = ""
    ids = _MESSAGE_ID.findall(header("Message-ID"))
    return _Got(
        sender=header("From"),
        reply_to=header("Reply-To") or header("From"),
        subject=header("Subject"),
        message_id=ids[0] if ids else "",
        references=tuple(_MESSAGE_ID.findall(header("References"))[-10:]),
        body=body.rstrip("\n"),
        head=re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0][:16_000],
        automatic=header("Auto-Submitted").lower() not in ("", "no"),
    )


def reply(raw: bytes, who: Person, address: str, text: str, at: datetime) -> bytes:
    """A mail with these words in answer to one of the shop's, as this customer's program would write it."""
    return _reply(_read(raw), who, address, text, 1, at)


def _reply(got: _Got, who: Person, address: str, text: str, times: int, at: datetime) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = formataddr((line(who.name), address))
    mail["To"] = got.reply_to
    subject = got.subject if got.subject.lower().startswith("re:") else f"Re: {got.subject}"
    away = who.behaviour is Behaviour.AWAY and times == 0
    mail["Subject"] = f"Resposta automática: Fora do escritório: {got.subject}" if away else subject
    mail["Date"] = format_datetime(at)
    if away:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(text)
    else:
        _WRITERS[who.behaviour](mail, got, text, times, at)
    # The ids go in by hand: the standard library would fold a long one into encoded words, which no client does.
    return _trace(address, address, at) + _thread(got, address) + mail.as_bytes()


def _thread(got: _Got, address: str) -> bytes:
    """A fresh Message-ID, and the mail that is answered, as the headers that thread it."""
    lines = [f"Message-ID: <{uuid.uuid4()}@{address.rpartition('@')[2]}>"]
    if got.message_id:
        lines.append(f"In-Reply-To: {got.message_id}")
        lines.append("References: " + "\r\n ".join((*got.references, got.message_id)))
    return "".join(x + "\r\n" for x in lines).encode("ascii", "replace")


def _now() -> datetime:
    return datetime.now().astimezone()


def _trace(envelope: str, address: str, at: datetime) -> bytes:
    domain = address.rpartition("@")[2]
    when = format_datetime(at)
    return (
        f"Return-Path: <{envelope}>\r\n"
        f"Received: from mx.{domain} (mx.{domain} [192.0.2.25])\r\n"
        f"\tby mx.lojaaroeira.example with ESMTP id {uuid.uuid4().hex[:10]}; {when}\r\n"
    ).encode("ascii", "replace")


def _gmail(mail: EmailMessage, got: _Got, text: str, times: int, now: datetime) -> None:
    """As Gmail writes: text and HTML, the attribution wrapped before the address."""
    when = f"{_DAYS[now.weekday()]}, {now.day} de {_MONTHS[now.month - 1]} de {now.year} às {now:%H:%M}"
    name, address = _sender(got)
    mail.set_content(f"{text}\n\nEm {when}, {name} <\n{address}> escreveu:\n\n{_quoted(got.body)}\n")
    mail.add_alternative(
        f'<div dir="ltr">{_paragraphs(text)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f'Em {when}, {escape(name)} &lt;<a href="mailto:{escape(address)}">{escape(address)}</a>&gt; escreveu:<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        f'padding-left:1ex">{_paragraphs(got.body)}</blockquote></div>',
        subtype="html",
    )


def _telephone(mail: EmailMessage, got: _Got, text: str, times: int, now: datetime) -> None:
    """As a telephone writes: plain text, its signature between the words and the quote."""
    when = f"{now.day} de {_MONTHS[now.month - 1]} de {now.year}, à(s) {now:%H:%M}"
    name, address = _sender(got)
    mail.set_content(
        f"{text}\n\nEnviado do meu iPhone\n\n> Em {when}, {name} <{address}> escreveu:\n> \n{_quoted(got.body)}\n"
    )


def _photo(mail: EmailMessage, got: _Got, text: str, times: int, now: datetime) -> None:
    """The telephone again, with a picture the first time."""
    _telephone(mail, got, text, times, now)
    if times == 0:
        mail.add_attachment(photo(), maintype="image", subtype="png", filename="Foto do produto (avariado).png")


def _history(mail: EmailMessage, got: _Got, text: str, times: int, now: datetime) -> None:
    """As Thunderbird writes: the whole history below, quoted in two levels."""
    name, _ = _sender(got)
    asked = (
        f"Em {now.day:02}/{now.month:02}/{now.year} 08:00, {name} escreveu:\n"
        "> Olá! Você comprou com a gente há poucos dias.\n"
        "> De 0 a 10, o quanto você recomendaria a nossa loja?\n"
        "> Responder leva menos de um minuto."
    )
    whole = got.body if ">" in got.body else f"{got.body}\n\n{asked}"
    mail.set_content(
        f"{text}\n\nEm {now.day:02}/{now.month:02}/{now.year} {now:%H:%M}, {name} escreveu:\n{_quoted(whole)}\n"
    )


def _outlook(mail: EmailMessage, got: _Got, text: str, times: int, now: datetime) -> None:
    """As Outlook writes: the quote unmarked, under a block of headers."""
    name, address = _sender(got)
    weekday, month = _DAYS_LONG[now.weekday()], _MONTHS_LONG[now.month - 1]
    block = (
        ("De", f"{name} <{address}>"),
        ("Enviado", f"{weekday}, {now.day} de {month} de {now.year} {now:%H:%M}"),
        ("Para", str(mail["From"])),
        ("Assunto", got.subject),
    )
    head = "\n".join(f"{what}: {value}" for what, value in block)
    mail.set_content(f"{text}\n\n{'_' * 32}\n{head}\n\n{got.body}\n")
    rows = "<br>\n".join(f"<b>{what}:</b> {escape(value)}" for what, value in block)
    mail.add_alternative(
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" '
        'content="text/html; charset=utf-8"><style>p.MsoNormal {margin:0cm; font-family:Calibri}</style></head>'
        f'<body lang="PT-BR"><div class="WordSection1">{_mso(text)}</div><div id="appendonsend"></div><hr '
        'style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, '
        f'sans-serif" style="font-size:11pt">{rows}</font><div>&nbsp;</div></div><div>{_mso(got.body)}</div></body></html>',
        subtype="html",
    )


_WRITERS = {
    Behaviour.THANKS: _gmail,
    Behaviour.ANGER: _telephone,
    Behaviour.QUESTION: _history,
    Behaviour.OUTLOOK: _outlook,
    Behaviour.PHOTO: _photo,
    Behaviour.AWAY: _gmail,
}


def _bounce(got: _Got, recipient: str, envelope_sender: str) -> bytes:
    """The report of a server that knows no such address (RFC 3464), with the headers of what it returns."""
    domain = recipient.rpartition("@")[2]
    edge = uuid.uuid4().hex
    at = _now()
    now = format_datetime(at)
    reason = f"550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in virtual mailbox table"
    before = (
        f"Message-ID: <{uuid.uuid4()}@mx.{domain}>\r\n"
        f"From: MAILER-DAEMON@mx.{domain} (Mail Delivery System)\r\n"
        f"To: {envelope_sender}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {now}\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{edge}"\r\n\r\n'
        f"This is a MIME-encapsulated message.\r\n\r\n--{edge}\r\n"
        "Content-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host mx.{domain}.\r\n\r\n"
        "I'm sorry to have to inform you that your message could not\r\n"
        "be delivered to one or more recipients. It's attached below.\r\n\r\n"
        f"<{recipient}>: host mx.{domain} said:\r\n    {reason} (in reply to RCPT TO command)\r\n\r\n--{edge}\r\n"
        "Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.{domain}\r\nArrival-Date: {now}\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\n"
        f"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; {reason}\r\n\r\n--{edge}\r\n"
        "Content-Description: Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    ).encode("ascii", "replace")
    return _trace("", recipient, at) + before + got.head + f"\r\n\r\n--{edge}--\r\n".encode("ascii")


def _sender(got: _Got) -> tuple[str, str]:
    name, address = parseaddr(got.sender)
    return line(name) or address, address


def _quoted(text: str) -> str:
    return "\n".join(f">{x}" if x.startswith(">") else f"> {x}".rstrip() for x in text.split("\n"))


def _paragraphs(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _mso(text: str) -> str:
    return "".join(f'<p class="MsoNormal">{escape(x) or "&nbsp;"}</p>\n' for x in text.split("\n"))
