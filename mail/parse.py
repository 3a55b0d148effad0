"""From raw bytes to a mail that can be read; never raises, and one bad field costs only that field.

The bytes are kept elsewhere before this is called (M8); whatever is cut by a limit here is told in
`trouble` and is still in them.
"""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from domain.text import line
from mail import automatic, bounce, headers
from mail.addresses import Address, addresses
from mail.body import ENVELOPED, MAX_BODY, Body, part_label, read_body
from mail.bounce import BouncedRecipient
from mail.headers import Headers, split_block
from mail.mime import Limits, Part, read
from mail.parsed import Attachment, Kind, ParsedMail

__all__ = ["Address", "Attachment", "BouncedRecipient", "Kind", "ParsedMail", "fingerprint", "parse"]

MAX_BYTES = 60 * 1024 * 1024

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
    parts = _walk(top)
    found.charset = _charset(parts)

    def safely(what: str, make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except Exception as trouble:
            limits.note(line(f"{what}: {type(trouble).__name__}", 120))
            return otherwise

    def people(name: str) -> tuple[Address, ...]:
        return safely(name, lambda: tuple(a for v in found.all_raw(name, 5) for a in addresses(v)), ())

    subject = safely("subject", lambda: line(found.text("subject"), headers.MAX_SUBJECT), "")
    senders = people("from")
    sender = next((a for a in senders if a.address), next(iter(senders), _NOBODY))
    reply_to = next((a for a in people("reply-to") if a.address), None)
    body = safely("body", lambda: read_body(top, limits), Body())
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
    new_text, folded = safely("new text", lambda: body.split(subject), (body.text, ()))
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


def _charset(parts: list[Part]) -> str:
    """The charset that the text names: programs that put raw bytes into headers write both in the same one."""
    named = (p.parameters.get("charset", "") for p in parts if p.type.startswith("text/"))
    return next((c for c in named if c and not c.lower().startswith(("utf-16", "utf-32", "ucs"))), "")


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
        if part.type in ENVELOPED:
            return part_label(part)
    return "signed" if "multipart/signed" in kinds else ""


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
