"""A message of ours as the bytes that leave (M1, M11): headers written by hand, each value cleaned, pure 7 bit.

The standard library's `EmailMessage` lets NUL through and breaks long Message-IDs into encoded words, so
it is not used here.
"""

import base64
import binascii
import hashlib
import html as _html
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from domain.text import clean, line
from mail import wire

_SUBJECT_LIMIT, _NAME_LIMIT, _REFERENCES_LIMIT = 255, 100, 1500
_ID = re.compile(r"[!-;=?-~]{1,250}")  # visible ASCII but angle brackets
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_LINK = re.compile(r"https?://[^\s<>\"'`]{1,2000}")
_PATH = re.compile(r"^.*[/\\]", re.DOTALL)


@dataclass(frozen=True)
class Outgoing:
    """One message of ours. Texts may hold anything; addresses must be addresses."""

    message_id: str
    """Without angle brackets, as `tokens.message_id` makes it; the same at every try (M5)."""
    sender_name: str
    sender_address: str
    to: tuple[tuple[str, str], ...]
    """(name, address) each."""
    cc: tuple[tuple[str, str], ...]
    subject: str
    body: str
    """Plain text."""
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    """Oldest first; with or without angle brackets."""
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    """(name, type, content) each."""
    date: datetime | None = None
    """Aware. Required: nothing here looks at a clock."""
    automatic: bool = False
    """Sent by a rule, not by a person: marked, so that no other machine answers (M11)."""
    html: bool = True
    """Also send a simple HTML form of the text."""
    unsubscribe: str = ""
    """A word of `tokens.unsubscribe_word`: mail programs offer to send it back (RFC 2369, M11)."""


def compose(outgoing: Outgoing) -> bytes:
    """The message as bytes: CRLF, 7 bit, lines under 998 (RFC 5322), the same bytes for the same `outgoing`.

    Raises ValueError for an address, Message-ID or date that cannot leave, and for nobody to send to.
    """
    if not outgoing.to and not outgoing.cc:
        raise ValueError("a message needs a recipient")
    if outgoing.date is None or outgoing.date.tzinfo is None:
        raise ValueError("a message needs a date with a zone")
    own_id = _identifiers((outgoing.message_id,))
    if not own_id:
        raise ValueError("a message needs a Message-ID")
    head = [
        wire.folded("Date", [format_datetime(outgoing.date)]),
        wire.folded("From", _mailbox(outgoing.sender_name, outgoing.sender_address)),
    ]
    for name, people in (("To", outgoing.to), ("Cc", outgoing.cc)):
        if people:
            head.append(wire.folded(name, _mailboxes(people)))
    if outgoing.reply_to:
        head.append(wire.folded("Reply-To", [wire.address(outgoing.reply_to)]))
    head.append(wire.folded("Subject", wire.header_words(outgoing.subject, _SUBJECT_LIMIT)))
    head.append(wire.folded("Message-ID", own_id))
    parent = _identifiers((outgoing.in_reply_to or "",))
    if parent:
        head.append(wire.folded("In-Reply-To", parent))
    references = shortened(_identifiers((*outgoing.references, *parent)))
    if references:
        head.append(wire.folded("References", references))
    if outgoing.automatic:
        head += [
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "Precedence: bulk\r\n",
        ]
    if outgoing.unsubscribe:
        where = quote(wire.address(outgoing.sender_address), safe="@")
        word = quote(outgoing.unsubscribe, safe="")
        head.append(wire.folded("List-Unsubscribe", [f"<mailto:{where}?subject=unsubscribe%20{word}>"]))
    head.append("MIME-Version: 1.0\r\n")
    boundary = "=_" + hashlib.sha256(own_id[0].encode()).hexdigest()[:32]
    content = _text_part("plain", outgoing.body)
    if outgoing.html:
        content = _multipart("alternative", boundary + "a", [content, _text_part("html", as_html(outgoing.body))])
    if outgoing.attachments:
        files = [_file_part(*attachment) for attachment in outgoing.attachments]
        content = _multipart("mixed", boundary + "m", [content, *files])
    return "".join(head).encode("ascii") + content


def shortened(references: list[str], limit: int = _REFERENCES_LIMIT) -> list[str]:
    """The first reference and as many of the newest as `limit` characters hold: relays refuse longer headers."""
    if not references:
        return []
    first, *rest = references
    room, newest = limit - len(first), []
    for reference in reversed(rest):
        room -= len(reference) + 1
        if room < 0:
            break
        newest.append(reference)
    return [first, *reversed(newest)]


def as_html(text: str) -> str:
    """Plain text as modest HTML: paragraphs, quotes, links that show where they go; everything else escaped."""
    out, quoting = [], False
    for row in clean(text).rstrip("\n").split("\n"):
        quoted = row.startswith(">")
        if quoted != quoting:
            out.append('<blockquote type="cite">' if quoted else "</blockquote>")
            quoting = quoted
        out.append(_row(row[1:].removeprefix(" ") if quoted else row) + "<br>")
    if quoting:
        out.append("</blockquote>")
    return '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n' + "\n".join(out) + "\n</body></html>\n"


def _row(row: str) -> str:
    out, end = [], 0
    for link in _LINK.finditer(row):
        target = link[0].rstrip(".,;:!?)]}")
        out += [_html.escape(row[end : link.start()]), f'<a href="{_html.escape(target)}">{_html.escape(target)}</a>']
        end = link.start() + len(target)
    return "".join([*out, _html.escape(row[end:])]).replace("  ", "&nbsp; ")


def _identifiers(values: tuple[str, ...]) -> list[str]:
    """Those values that can be Message-IDs, in angle brackets, each once."""
    bare = (value.strip().removeprefix("<").removesuffix(">") for value in values)
    return list(dict.fromkeys(f"<{value}>" for value in bare if _ID.fullmatch(value)))


def _mailbox(name: str, address: str) -> list[str]:
    return [*wire.phrase(name, _NAME_LIMIT), f"<{wire.address(address)}>"]


def _mailboxes(people: tuple[tuple[str, str], ...]) -> list[str]:
    words: list[str] = []
    for name, address in people:
        if words:
            words[-1] += ","
        words += _mailbox(name, address)
    return words


def _text_part(kind: str, text: str) -> bytes:
    """A text part with its headers, as quoted-printable or, where most is not ASCII, base64."""
    data = (clean(text).rstrip("\n") + "\n").replace("\n", "\r\n").encode("utf-8")
    if sum(byte > 127 for byte in data) * 3 > len(data):
        way, coded = "base64", _base64(data)
    else:
        # b2a_qp breaks its lines as the data does; it leaves a lone dot and trailing blanks coded.
        way, coded = "quoted-printable", binascii.b2a_qp(data, istext=True)
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {way}\r\n\r\n'
    return head.encode() + coded


def _file_part(name: str, kind: str, content: bytes) -> bytes:
    kind = kind.strip().lower()
    head = (
        f"Content-Type: {kind if _TYPE.fullmatch(kind) else 'application/octet-stream'}\r\n"
        f"Content-Disposition: attachment{wire.parameter('filename', _file_name(name))}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + _base64(content)


def _file_name(name: str) -> str:
    """The last part of a path, on one line, no longer than a file system takes."""
    return line(_PATH.sub("", clean(name)), 120).strip(". ") or "file"


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    """Parts in one. The boundary begins with `=_`, which neither quoted-printable nor base64 can hold."""
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    edge = b"--" + boundary.encode()
    # The line end before an edge belongs to the edge (RFC 2046 5.1.1), so each part keeps its own.
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
    return head + body + edge + b"--\r\n"
