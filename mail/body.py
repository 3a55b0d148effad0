"""What of a mail is read as text, and what is kept as files.

As RFC 8621 4.1.4 parts them: text/plain and text/html are read, unless they are marked as attachments, or named and
not the first of their multipart; of alternatives one is read. Everything else is a file, whether inline or not: images,
mails inside the mail (which stay one file, RFC 2046 5.2.1), signatures, calendars, delivery reports. Two things beyond it:
files that are uuencoded inside a text are files, and where nothing else could be read, a text of a rare kind is shown
(RFC 2046 4.1.4) and is a file too. So every part is either in the text or among the files.
"""

import re

from domain.text import clean, line
from mail import html, newtext
from mail.attachments import distinct, safe_name
from mail.charsets import decode
from mail.headers import split_block
from mail.mime import Limits, Part, uu_files, uudecode
from mail.parsed import Attachment

MAX_BODY = 400_000
"""Characters of readable text."""
MAX_ATTACHMENTS = 200

ENVELOPED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_NOT_PROSE = ("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers", "text/css")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


def part_label(part: Part) -> str:
    """'signed' or 'encrypted' for a part that is, or carries, a signature or a sealed text."""
    if part.type in _SIGNATURES:
        return "signed"
    if part.type in ENVELOPED:
        return "signed" if "signed" in part.parameters.get("smime-type", "").lower() else "encrypted"
    if part.parent_type == "multipart/encrypted" or part.type == "application/pgp-encrypted":
        return "encrypted"
    return ""


_FORWARD = re.compile(r"\s*(?:fwd?|enc|tr|wg|rv|vb|i|pd|továbbítás|iletildi|转发|轉寄|転送)\s*[:：]", re.I)
"""Prefixes of a forwarded mail's subject: en, pt, fr, de, es, sv, it, pl, hu, tr, zh, ja."""


class Body:
    """What of a mail is read and what is kept as files."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, html.Lines | None, Part | None]] = []
        """(text, the lines of an HTML piece, the HTML twin of a plain piece)."""
        self.attachments: list[Attachment] = []
        self.names: set[str] = set()

    @property
    def text(self) -> str:
        return "\n\n".join(p[0] for p in self.pieces if p[0].strip())[:MAX_BODY].strip("\n \t")

    def split(self, subject: str = "") -> tuple[str, tuple[str, ...]]:
        """New text and folded pieces; the plain text decides unless only the HTML knows what is old.

        A `subject` that says "Fwd" first is of a forward: Outlook marks it by nothing else.
        """
        forwarded = bool(_FORWARD.match(subject))
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
        new, folded = newtext.split(lines, forwarded)
        if not folded and twin is not None and not others and any((marked := html.read(twin.text())).marks):
            better = newtext.split(marked, forwarded)
            if better[1] and better[0]:
                return better
        return new, folded


def read_body(top: Part, limits: Limits) -> Body:
    """The readable text and the files of a mail."""
    body = Body()
    _take(top, body, limits, 0)
    if not body.text and (only := next((a for a in body.attachments if _is_odd_text(a)), None)) is not None:
        body.pieces.append((clean(decode(only.content[:MAX_BODY])).replace("\r\n", "\n"), None, None))
    return body


def _is_odd_text(file: Attachment) -> bool:
    return file.type.startswith("text/") and file.type not in _NOT_PROSE and file.name.startswith("attachment")


def _take(part: Part, body: Body, limits: Limits, depth: int) -> None:
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
        # A named text is a file, unless it is the whole mail, the readable half of it, or what it begins with.
        return part.parent_type in ("", "multipart/alternative") or (
            part.first and part.type in ("text/plain", "text/html")
        )
    return part.type not in ("text/enriched", "text/richtext") or part.parent_type in ("", "multipart/alternative")


def _take_broken(part: Part, body: Body) -> None:
    text = clean(part.text())
    body.pieces.append((text, None, None))


def _take_alternative(part: Part, body: Body, limits: Limits, depth: int) -> None:
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


def _take_files(part: Part, body: Body, limits: Limits) -> None:
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


_PAGE = re.compile(r"\s{0,50}<(?:!doctype html|html)\b[^<]{0,2000}>", re.I)


def _read_text(part: Part, body: Body, limits: Limits) -> None:
    if part.end - part.start > 2 * 1024 * 1024:
        limits.note("a text part was too long and is shown cut")
    text = part.text()
    # Many a script sends its page without saying so; nobody writes by hand what begins like one.
    if part.type == "text/html" or _PAGE.match(text):
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


def _attach(part: Part, body: Body, limits: Limits) -> None:
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
    _keep(body, limits, name, part.type, content, inline, body_id, part_label(part))


def _keep(
    body: Body,
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
