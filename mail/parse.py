"""From raw bytes to a mail that can be read; never raises, and one bad field costs only that field.

The bytes are kept elsewhere before this is called (M8); whatever is cut by a limit here is told in
`trouble` and is still in them.
"""

import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

from domain.text import clean, line
from mail import automatic, bounce, headers, html, newtext
from mail.addresses import Address, addresses
from mail.attachments import distinct, safe_name
from mail.bounce import BouncedRecipient
from mail.headers import Headers, split_block
from mail.mime import Limits, Part, read, uu_files, uudecode
from mail.parsed import Attachment, Kind, ParsedMail

__all__ = ["Address", "Attachment", "BouncedRecipient", "Kind", "ParsedMail", "fingerprint", "parse"]

MAX_BYTES = 60 * 1024 * 1024
MAX_BODY = 400_000
"""Characters of readable text."""
MAX_ATTACHMENTS = 200

T = TypeVar("T")
_NOBODY = Address("", "")


def parse(raw: bytes) -> ParsedMail:
    """The mail in `raw`; what cannot be read at all comes back with `error` set."""
    try:
        return _parse(raw)
    except Exception as trouble:
        return ParsedMail(error=line(f"{type(trouble).__name__}: {trouble}", 300), text="", kind="message")


def _parse(raw: bytes) -> ParsedMail:
    limits = Limits()
    if not raw.strip():
        return ParsedMail(error="the mail is empty")
    if len(raw) > MAX_BYTES:
        limits.note(f"only the first {MAX_BYTES} bytes were read")
        raw = raw[:MAX_BYTES]
    if b"\n" not in raw[:100_000] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    top = read(raw, limits)
    found = top.headers

    def safely(what: str, make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except Exception as trouble:
            limits.note(line(f"{what}: {type(trouble).__name__}", 120))
            return otherwise

    def people(name: str) -> tuple[Address, ...]:
        return safely(name, lambda: tuple(a for v in found.all_raw(name, 5) for a in addresses(v)), ())

    parts = _walk(top)
    subject = safely("subject", lambda: line(found.text("subject"), headers.MAX_SUBJECT), "")
    senders = people("from")
    sender = next((a for a in senders if a.address), next(iter(senders), _NOBODY))
    reply_to = next((a for a in people("reply-to") if a.address), None)
    body = safely("body", lambda: _body(top, limits), _Body())
    if sum(len(p[0]) for p in body.pieces) > MAX_BODY:
        limits.note("the text was too long and is shown cut")
    report = safely("bounce", lambda: bounce.report(found, parts, sender, subject, body.text), None)
    kind: Kind = "message"
    reason = ""
    if report is not None and report.kind in ("bounce", "delayed"):
        kind, reason = "bounce", report.reason
    elif report is not None:
        kind, reason = "automatic", report.reason
    elif reason := safely("automatic", lambda: automatic.reason(found, parts, sender, subject), ""):
        kind = "automatic"
    new_text, folded = safely("new text", body.split, (body.text, ()))
    return ParsedMail(
        subject=subject,
        sender=sender,
        reply_to=reply_to,
        to=people("to"),
        cc=people("cc"),
        date=safely("date", lambda: headers.date(found.raw("date")), None),
        message_id=safely("message-id", lambda: headers.message_id(found.raw("message-id")), ""),
        in_reply_to=safely("in-reply-to", lambda: headers.ids(found.raw("in-reply-to")), ()),
        references=safely("references", lambda: headers.ids(found.raw("references")), ()),
        kind=kind,
        reason=line(reason, 200),
        bounces=report.recipients if report is not None and kind == "bounce" else (),
        original_message_id=report.original_message_id if report is not None else "",
        text=body.text,
        new_text=new_text,
        folded=folded,
        attachments=tuple(body.attachments),
        trouble=tuple(limits.trouble),
        delayed=report is not None and report.kind == "delayed",
        complaint=report is not None and report.kind == "complaint",
        authentication=tuple(line(v, 2000) for v in found.all_raw("authentication-results", 10)),
        recipients_seen=safely("delivered-to", lambda: _seen(found), ()),
        label=_label(parts),
        hops=len(found.by_name.get("received", ())),
    )


def _seen(found: Headers) -> tuple[str, ...]:
    names = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to")
    return tuple(
        dict.fromkeys(a.address for n in names for v in found.all_raw(n, 5) for a in addresses(v, 5) if a.address)
    )


def _walk(top: Part) -> list[Part]:
    """All parts in the order of the mail; `Limits` has bounded their number and depth."""
    parts, waiting = [], [top]
    while waiting:
        part = waiting.pop()
        parts.append(part)
        waiting += reversed(part.children)
    return parts


def _label(parts: list[Part]) -> str:
    kinds = {p.type for p in parts}
    if "multipart/encrypted" in kinds or "application/pgp-encrypted" in kinds:
        return "encrypted"
    for part in parts:
        if part.type in _ENVELOPED:
            return _part_label(part)
    return "signed" if "multipart/signed" in kinds else ""


_ENVELOPED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


def _part_label(part: Part) -> str:
    if part.type in _SIGNATURES:
        return "signed"
    if part.type in _ENVELOPED:
        return "signed" if "signed" in part.parameters.get("smime-type", "").lower() else "encrypted"
    if part.parent_type == "multipart/encrypted" or part.type == "application/pgp-encrypted":
        return "encrypted"
    return ""


# The body -----------------------------------------------------------------------------------------


class _Body:
    """What of a mail is read and what is kept as files."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, html.Lines | None, Part | None]] = []
        """(text, the lines of an HTML piece, the HTML twin of a plain piece)."""
        self.attachments: list[Attachment] = []
        self.names: set[str] = set()

    @property
    def text(self) -> str:
        return "\n\n".join(p[0] for p in self.pieces if p[0].strip())[:MAX_BODY].strip("\n \t")

    def split(self) -> tuple[str, tuple[str, ...]]:
        """New text and folded pieces; the plain text decides unless only the HTML knows what is old."""
        shown = [p for p in self.pieces if p[0].strip()]
        if not shown:
            return "", ()
        text, lines, twin = shown[0]
        others = shown[1:]
        if lines is None:
            rows = text[:MAX_BODY].split("\n")
            lines = html.Lines(rows, [html.Mark.PLAIN] * len(rows))
        if others:
            for more, more_lines, _ in others:
                rows = ["", *(more_lines.text if more_lines is not None else more[:MAX_BODY].split("\n"))]
                marks = [
                    html.Mark.PLAIN,
                    *(more_lines.marks if more_lines is not None else [html.Mark.PLAIN] * (len(rows) - 1)),
                ]
                lines = html.Lines(lines.text + rows, lines.marks + marks)
        new, folded = newtext.split(lines)
        if not folded and twin is not None and not others and any((marked := html.read(twin.text())).marks):
            better = newtext.split(marked)
            if better[1] and better[0]:
                return better
        return new, folded


def _body(top: Part, limits: Limits) -> _Body:
    body = _Body()
    _take(top, body, limits, 0)
    return body


def _take(part: Part, body: _Body, limits: Limits, depth: int) -> None:
    kind = part.type
    if kind.startswith("multipart/"):
        if part.broken:
            _take_broken(part, body)
        elif kind == "multipart/alternative":
            _take_alternative(part, body, limits, depth)
        elif kind == "multipart/encrypted":
            for child in part.children:
                _attach(child, body, limits)
        elif kind == "multipart/related" and part.children:
            root = _related_root(part)
            _take(root, body, limits, depth + 1)
            for child in part.children:
                if child is not root:
                    _take(child, body, limits, depth + 1) if child.children else _attach(child, body, limits)
        else:
            for child in part.children:
                _take(child, body, limits, depth + 1)
        return
    if _is_body(part) and not (part.unreadable and part.parent_type):
        _read_text(part, body, limits)
    else:
        _attach(part, body, limits)


def _related_root(part: Part) -> Part:
    start = part.parameters.get("start", "").strip("<>")
    for child in part.children:
        if start and child.headers.raw("content-id").strip("<> ") == start:
            return child
    return next((c for c in part.children if c.type.startswith(("text/", "multipart/"))), part.children[0])


def _is_body(part: Part) -> bool:
    if part.disposition.startswith("attachment"):
        return False
    if part.type not in ("text/plain", "text/html", "text/richtext", "text/enriched") and not (
        part.type.startswith("text/") and part.parent_type == ""
    ):
        return part.parent_type == "" and part.type in ("message/partial",)
    if "filename" in part.disposition_parameters or "name" in part.parameters:
        # A named text is a file, unless it is the whole mail or the readable half of it.
        return part.parent_type in ("", "multipart/alternative")
    return part.type not in ("text/enriched", "text/richtext") or part.parent_type in ("", "multipart/alternative")


def _take_broken(part: Part, body: _Body) -> None:
    text = clean(part.text())
    body.pieces.append((text, None, None))


def _take_alternative(part: Part, body: _Body, limits: Limits, depth: int) -> None:
    """Plain text is read, its HTML twin helps; without readable plain text the HTML is read."""
    plain: list[Part] = []
    rich: list[Part] = []
    for child in part.children:
        inner = _first_body(child)
        if inner is not None and inner.type == "text/plain" and not plain:
            plain.append(child)
        elif inner is not None and inner.type in ("text/html", "text/enriched", "text/richtext"):
            rich.append(child)
        elif inner is not None and inner.type == "text/plain":
            plain.append(child)
        else:
            _take(child, body, limits, depth + 1)
    before = len(body.pieces)
    for child in plain:
        _take(child, body, limits, depth + 1)
    text = "".join(p[0] for p in body.pieces[before:])
    useless = not text.strip() or (
        len(text) < 300
        and rich
        and re.search(
            r"(?:view|display|read|ver|visualizar).{0,40}\bhtml\b|html.{0,30}(?:viewer|compat|support)", text, re.I
        )
    )
    if not rich:
        return
    if useless:
        del body.pieces[before:]
        for child in rich[-1:]:
            _take(child, body, limits, depth + 1)
        return
    twin = _first_body(rich[-1])
    for child in rich:
        if child.children:
            _take_files(child, body, limits)
    if twin is not None and twin.type == "text/html" and len(body.pieces) == before + 1:
        body.pieces[before] = (body.pieces[before][0], None, twin)


def _take_files(part: Part, body: _Body, limits: Limits) -> None:
    """The files beside a readable part that is not shown itself."""
    for child in part.children:
        if child.children:
            _take_files(child, body, limits)
        elif not _is_body(child):
            _attach(child, body, limits)


def _first_body(part: Part) -> Part | None:
    if not part.children:
        return part if _is_body(part) else None
    if part.type == "multipart/related":
        return _first_body(_related_root(part))
    for child in part.children:
        if (found := _first_body(child)) is not None:
            return found
    return None


_FLOWED_END = re.compile(r" \n(?!-- ?\n)")


def _read_text(part: Part, body: _Body, limits: Limits) -> None:
    if part.end - part.start > 2 * 1024 * 1024:
        limits.note("a text part was too long and is shown cut")
    text = part.text()
    if part.type == "text/html":
        lines = html.read(text)
        body.pieces.append((re.sub(r"\n{3,}", "\n\n", "\n".join(lines.text)), lines, None))
        return
    if part.type in ("text/enriched", "text/richtext"):
        text = re.sub(r"<[^<>]{1,100}>", "", text)
    text = clean(text)
    if "begin " in text and (files := uu_files(data := text.encode("utf-8", "replace"))):
        left, at = b"", 0
        for name, start, end in files:
            left += data[at:start]
            at = end
            _keep(body, limits, name, "application/octet-stream", uudecode(data[start:end]))
        text = (left + data[at:]).decode("utf-8", "replace")
    body.pieces.append((text, None, None))


def _attach(part: Part, body: _Body, limits: Limits) -> None:
    name = part.disposition_parameters.get("filename") or part.parameters.get("name") or ""
    content = part.content()
    if part.type == "message/rfc822" and not name:
        inner, _ = split_block(content[:20_000].lstrip(b"\r\n"))
        subject = line(inner.text("subject"), 80)
        name = f"{subject}.eml" if subject else ""
    if not content and not name and part.untyped:
        return
    body_id = line(part.headers.raw("content-id"), 300).strip("<> ")
    inline = part.disposition.startswith("inline") or (bool(body_id) and part.parent_type == "multipart/related")
    _keep(body, limits, name, part.type, content, inline, body_id, _part_label(part))


def _keep(
    body: _Body,
    limits: Limits,
    name: str,
    kind: str,
    content: bytes,
    inline: bool = False,
    content_id: str = "",
    label: str = "",
) -> None:
    if len(body.attachments) >= MAX_ATTACHMENTS:
        limits.note(f"more than {MAX_ATTACHMENTS} attachments; the rest is only in the raw mail")
        return
    body.attachments.append(
        Attachment(distinct(safe_name(name, kind), body.names), kind, content, inline, content_id, label)
    )


# The same mail ------------------------------------------------------------------------------------

_TRACE = {
    "received", "delivered-to", "return-path", "x-original-to", "envelope-to", "status", "lines", "authentication-results",
    "received-spf", "arc-seal", "arc-message-signature", "arc-authentication-results", "dkim-filter", "content-length",
}  # fmt: skip


def fingerprint(raw: bytes) -> str:
    """SHA-256 of the mail without what the way adds, so that two mailboxes' copies are one (M8).

    Trace headers and all X-* go, line ends count as one; what the sender wrote remains.
    """
    found, start = split_block(raw)
    digest = hashlib.sha256()
    for name, value in found.fields:
        if name not in _TRACE and not name.startswith("x-"):
            digest.update(name.encode("ascii") + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n" + raw[start:].replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()
