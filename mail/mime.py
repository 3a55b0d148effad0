"""The parts of a mail, found in its bytes without recursion into the mail's own hands.

Depth, parts and work are limited first; what lies beyond a limit stays whole inside the last part
that was read, and the limit is told as trouble.
"""

import binascii
import re
from dataclasses import dataclass, field

from mail.charsets import decode
from mail.headers import Headers, from_base64, parameters, split_block

MAX_DEPTH = 24
MAX_PARTS = 1000
MAX_TEXT = 1024 * 1024
"""Bytes of one text part that are read as text; the raw mail keeps the rest."""

_FOREIGN = re.compile(rb"[^A-Za-z0-9+/\s]")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+*-]{1,100}$")


@dataclass(slots=True)
class Part:
    """One part of a mail: its headers and where its body lies in the raw bytes."""

    headers: Headers
    raw: bytes = field(repr=False)
    start: int
    end: int
    type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    children: list["Part"] = field(default_factory=list)
    parent_type: str = ""
    untyped: bool = False
    """Whether the part named no type of its own."""
    first: bool = False
    """Whether it is the first part of its multipart."""
    broken: bool = False
    """Whether it claims to be a multipart but holds no parts."""

    @property
    def body(self) -> bytes:
        """The body as it travelled."""
        return self.raw[self.start : self.end]

    def content(self, limit: int | None = None) -> bytes:
        """The body with its transfer encoding undone; `limit` bytes of the travelled form at most."""
        end = self.end if limit is None else min(self.end, self.start + limit)
        data = self.raw[self.start : end]
        encoding = self.headers.raw("content-transfer-encoding").strip("\"' ;").split(";")[0].lower()
        if encoding == "base64":
            return data if self.unreadable and not self.parent_type else _base64(data)
        if encoding == "quoted-printable":
            return _quoted_printable(data)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return uudecode(data)
        return data

    @property
    def unreadable(self) -> bool:
        """Whether the body claims to be base64 and is not: foreign characters, or words with spaces between them."""
        if self.headers.raw("content-transfer-encoding").strip("\"' ;").lower() != "base64":
            return False
        start = self.raw[self.start : min(self.end, self.start + 2000)].split(b"=")[0].strip()
        if not start or start.startswith(b"--"):
            return False
        return len(_FOREIGN.findall(start)) * 10 > len(start) or start.count(b" ") * 12 > len(start)

    def text(self) -> str:
        """The body as text, read in its charset; LF line ends."""
        data = self.content(MAX_TEXT * 2)[: MAX_TEXT * 2]
        charset = self.parameters.get("charset", "")
        if not charset and self.type == "text/html":
            charset = _meta_charset(data)
        return decode(data, charset).replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT]


@dataclass(slots=True)
class Limits:
    """What is left of a mail's allowance, and what was found amiss."""

    parts: int = MAX_PARTS
    trouble: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Remember a trouble once."""
        if what not in self.trouble and len(self.trouble) < 20:
            self.trouble.append(what)


def read(raw: bytes, limits: Limits) -> Part:
    """The tree of parts of a whole mail."""
    headers, start = split_block(raw)
    if headers.truncated:
        limits.note("headers beyond the limit were not read")
    top = _part(headers, raw, start, len(raw), "")
    waiting = [(top, 0)]
    while waiting:
        part, depth = waiting.pop()
        if not part.type.startswith("multipart/"):
            continue
        if depth >= MAX_DEPTH:
            limits.note("parts nested too deep were not opened")
            part.broken = True
            continue
        _open(part, limits)
        waiting += [(child, depth + 1) for child in part.children]
    return top


def _part(headers: Headers, raw: bytes, start: int, end: int, parent: str) -> Part:
    said = headers.raw("content-type")
    kind, params = parameters(said) if said else ("", {})
    kind = re.sub(r"\s+", "", kind)
    untyped = not kind
    if not _TYPE.match(kind):
        if kind.startswith("multipart"):
            kind = "multipart/mixed"
        elif kind in ("text", "html"):
            kind = "text/plain" if kind == "text" else "text/html"
        elif not kind and parent == "multipart/digest":
            kind = "message/rfc822"
        elif kind and "/" in kind:
            kind = "application/octet-stream"
        else:
            kind = "text/plain"
    disposition = headers.raw("content-disposition")
    how, how_params = parameters(disposition) if disposition else ("", {})
    return Part(headers, raw, start, end, kind, params, how, how_params, parent_type=parent, untyped=untyped)


def _open(part: Part, limits: Limits) -> None:
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    if not boundary:
        boundary = _guessed_boundary(part)
    spans = _spans(part.raw, part.start, part.end, boundary[:200], limits) if boundary else []
    if not spans and (guessed := _guessed_boundary(part)) and guessed != boundary:
        # A boundary that a relay changed, or that should have been quoted: the body still shows its delimiter.
        spans = _spans(part.raw, part.start, part.end, guessed, limits)
    if not spans:
        part.broken = True
        return
    for start, end in spans:
        if limits.parts <= 0:
            limits.note(f"more than {MAX_PARTS} parts; the rest was not read")
            break
        limits.parts -= 1
        headers, body = split_block(part.raw, start, end)
        part.children.append(_part(headers, part.raw, min(body, end), end, part.type))
        part.children[-1].first = len(part.children) == 1


def _guessed_boundary(part: Part) -> bytes:
    """The delimiter that the body of a multipart begins with, when none was named or the named one is not there."""
    match = re.match(
        rb"(?:[^\n]{0,200}\n){0,5}?--([^\s]{1,70})[ \t]*\r?\n", part.raw[part.start : min(part.end, part.start + 2000)]
    )
    return match[1] if match else b""


def _spans(raw: bytes, start: int, end: int, boundary: bytes, limits: Limits) -> list[tuple[int, int]]:
    """Where the parts between the delimiter lines lie; the line break before a delimiter is the delimiter's."""
    mark = b"--" + boundary
    spans: list[tuple[int, int]] = []
    open_at = -1
    pos = start
    while len(spans) <= limits.parts:
        at = raw.find(mark, pos, end)
        if at < 0:
            break
        pos = at + len(mark)
        if at > start and raw[at - 1] != 10:
            continue
        eol = raw.find(b"\n", pos, end)
        eol = end if eol < 0 else eol
        rest = raw[pos : min(eol, pos + 200)].strip()
        closing = rest.startswith(b"--")
        if rest and not closing:
            continue
        if open_at >= 0:
            cut = at - 1 if at > open_at else at
            if cut > open_at and raw[cut - 1] == 13:
                cut -= 1
            spans.append((open_at, max(open_at, cut)))
            open_at = -1
        pos = min(eol + 1, end)
        if closing:
            # A second run of the same delimiter after its end is still read: some senders close early.
            continue
        open_at = pos
    if open_at >= 0 and len(spans) <= limits.parts and open_at < end:
        # Never closed: a closing delimiter that lost its line break ends it.
        glued = raw.rfind(mark + b"--", max(open_at, end - len(mark) - 10), end)
        spans.append((open_at, glued if glued >= 0 else end))
    return spans


# Transfer encodings -------------------------------------------------------------------------------


def _base64(data: bytes) -> bytes:
    if data[:200].lstrip()[:2] == b"--":
        return data
    if b"=" in data[:-6]:
        return from_base64(data)
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return from_base64(data)


def _quoted_printable(data: bytes) -> bytes:
    try:
        return binascii.a2b_qp(data)
    except binascii.Error:
        return data


_UU_END = re.compile(rb"^end[ \t]*\r?$", re.M)
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.M)


def uudecode(data: bytes) -> bytes:
    """The first uuencoded file in `data`, as far as it can be read."""
    match = _UU_BEGIN.search(data)
    out = []
    for row in data[match.end() if match else 0 :].splitlines():
        if row.strip() in (b"end", b"`", b""):
            break
        try:
            out.append(binascii.a2b_uu(row))
        except binascii.Error:
            n = (((row[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(row[:n]))
            except binascii.Error:
                break
    return b"".join(out)


def uu_files(data: bytes, limit: int = 20) -> list[tuple[str, int, int]]:
    """(name, start, end) of uuencoded files inside a text, each with its begin and end line."""
    found: list[tuple[str, int, int]] = []
    match = _UU_BEGIN.search(data)
    while match and len(found) < limit:
        end = _UU_END.search(data, match.end())
        if end is None:
            break
        # Its first line must be what it claims, or it is a text with a line like "begin 644 ...".
        if 32 <= data[match.end()] <= 96:
            found.append((decode(match[1]), match.start(), end.end()))
        match = _UU_BEGIN.search(data, end.end())
    return found


_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_:.-]{1,40})", re.I)


def _meta_charset(data: bytes) -> str:
    match = _META.search(data[:4000])
    charset = match[1].decode("ascii") if match else ""
    return "" if "utf-16" in charset.lower() or "utf-32" in charset.lower() else charset
