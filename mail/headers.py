"""Header blocks and their values: split, unfold, decode encoded words, read parameters, ids and dates.

Everything is bounded before anything clever is tried: mail from outside may hold ten thousand
headers, a Subject of twenty thousand encoded words, or a parameter in a thousand pieces.
"""

import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from domain.text import clean, line
from mail.charsets import decode

MAX_BLOCK = 512 * 1024
MAX_HEADERS = 1000
MAX_VALUE = 32 * 1024
MAX_WORDS = 300
MAX_SUBJECT = 998
MAX_REFERENCES = 20
MAX_ID = 500

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_FOLD = re.compile(r"(?<![ \t])[ \t]*+[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_LETTERS = re.compile(rb"[A-Za-z0-9+/]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_ID = re.compile(r"<([^<>]{1,2000})>")
_SPLIT_IDS = re.compile(r"[\s,]+")


class Headers:
    """The headers of one part in order; names compare without case."""

    __slots__ = ("by_name", "charset", "fields", "truncated")

    def __init__(self, fields: list[tuple[str, bytes]], truncated: bool = False) -> None:
        self.fields = fields
        self.truncated = truncated
        self.charset = ""
        """What raw bytes of a value are read in when they are no UTF-8; '' is code page 1252."""
        self.by_name: dict[str, list[bytes]] = {}
        for name, value in fields:
            self.by_name.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def raw(self, name: str) -> str:
        """The first value of `name`, unfolded, its bytes read but its encoded words left; '' when absent."""
        values = self.by_name.get(name)
        return unfold(values[0], self.charset) if values else ""

    def all_raw(self, name: str, limit: int = 20) -> list[str]:
        """All values of `name`, unfolded."""
        return [unfold(v, self.charset) for v in self.by_name.get(name, [])[:limit]]

    def text(self, name: str) -> str:
        """The first value of `name`, decoded and cleaned, on one line."""
        values = self.by_name.get(name)
        return line(decode_words(unfold(values[0], self.charset))) if values else ""


def split_block(raw: bytes, start: int = 0, end: int | None = None) -> tuple[Headers, int]:
    """The headers at `start`, and where the body begins. A line that is no header ends the block."""
    end = len(raw) if end is None else end
    fields: list[tuple[str, bytes]] = []
    name, pieces, pos, stop = "", [], start, min(end, start + MAX_BLOCK)
    truncated = False
    while pos < end:
        if pos >= stop or len(fields) >= MAX_HEADERS:
            truncated, pos = True, _after_blank(raw, pos, end)
            break
        eol = raw.find(b"\n", pos, end)
        following = eol + 1 if eol >= 0 else end
        row = raw[pos : eol if eol >= 0 else end].rstrip(b"\r")
        if not row:
            pos = following
            break
        if row[:1] in b" \t":
            if not row.strip() and not name:
                pos = following
                continue
            if name:
                pieces.append(row)
            elif not _NAME.match(row.lstrip()):
                break
            pos = following
            continue
        match = _NAME.match(row)
        if match is None:
            if pos == start and row.startswith((b"From ", b">From ")):
                pos = following
                continue
            # One broken line among headers costs that line; otherwise the text has begun.
            after = raw[following : min(end, following + 120)]
            if fields and _NAME.match(after) and not row.startswith(b"--"):
                pos = following
                continue
            break
        if name:
            fields.append((name, b"\n".join(pieces)))
        name, pieces = match[1].decode("ascii").lower(), [row[match.end() :]]
        pos = following
    if name:
        fields.append((name, b"\n".join(pieces)))
    return Headers(fields, truncated), pos


def _after_blank(raw: bytes, pos: int, end: int) -> int:
    found = [p + n for mark, n in ((b"\n\n", 2), (b"\n\r\n", 3)) if (p := raw.find(mark, max(0, pos - 2), end)) >= 0]
    return min(found, default=end)


def unfold(value: bytes, charset: str = "") -> str:
    """A header's value on one line, as text, at most MAX_VALUE characters; raw bytes are UTF-8 (RFC 6532), else in `charset`."""
    value = value[:MAX_VALUE]
    text = value.decode("ascii") if value.isascii() else decode(value, charset)
    return _FOLD.sub(" ", text).strip()


def decode_words(value: str) -> str:
    """`value` with its RFC 2047 encoded words read; words that break a character are joined first."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1", value)
    out: list[str] = []
    waiting, charset, pos = b"", "", 0
    for seen, match in enumerate(_WORD.finditer(value), 1):
        if seen > MAX_WORDS:
            break
        data = _word_bytes(match[2], match[3])
        adjacent = match.start() == pos and waiting
        if not adjacent or match[1].lower() != charset:
            if waiting:
                out.append(decode(waiting, charset))
            out.append(value[pos : match.start()])
            waiting, charset = b"", match[1].lower()
        waiting += data
        pos = match.end()
    if waiting:
        out.append(decode(waiting, charset))
    out.append(value[pos:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(data)
    return _QUOTED.sub(lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))


def from_base64(data: bytes) -> bytes:
    """Base64 read as far as it goes: foreign characters skipped, padding mended."""
    end = data.find(b"=")
    if end >= 0:
        following = data.find(b"\n", end)
        if following >= 0 and _LETTERS.search(data, following):
            return _padded_runs(data)
        data = data[:end]
    data = _NOT_BASE64.sub(b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def _padded_runs(data: bytes) -> bytes:
    """Several padded texts one below another; on the line of a padding nothing after it counts."""
    out, pos = [], 0
    while pos < len(data) and len(out) < MAX_WORDS:
        end = data.find(b"=", pos)
        if end < 0:
            end = len(data)
        out.append(from_base64(data[pos:end]))
        following = data.find(b"\n", end)
        pos = following + 1 if following >= 0 else len(data)
    return b"".join(out)


# Parameters ---------------------------------------------------------------------------------------

_PARAM = re.compile(r'([^\s=;"]{1,80}+)\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.){0,8000})"?|([^;]{0,8000}))')
_UNPARTED = re.compile(r"\s*([^\s=/]{1,80}/[^\s=/]{1,80})\s+([^\s=]{1,40}=.*)", re.S)
_ESCAPE = re.compile(r"\\(.)")
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` as ('text/plain', {'charset': 'x'}), RFC 2231 and RFC 2047 read."""
    head, _, rest = value[:MAX_VALUE].partition(";")
    if "=" in head and (unparted := _UNPARTED.match(head)):
        head, rest = unparted[1], unparted[2] + ";" + rest  # "text/plain charset=x", the semicolon forgotten
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAM.finditer(rest)):
        if count > 200:
            break
        quoted, bare = match[2], match[3]
        text = (
            _ESCAPE.sub(r"\1", quoted)
            if quoted is not None and "\\" in quoted and not _is_path(quoted)
            else (quoted if quoted is not None else bare.strip())
        )
        parts = _PIECE.match(match[1].lower())
        if parts is None:
            continue
        key, number, extended = parts[1], parts[2], bool(parts[3])
        if number is None and not extended:
            plain.setdefault(key, decode_words(text))
        else:
            pieces.setdefault(key, {}).setdefault(int(number or 0), (text, extended))
    for key, found in pieces.items():
        joined = _extended(found)
        if joined:
            plain[key] = joined
    return head.strip().lower(), plain


def _is_path(text: str) -> bool:
    return len(text) > 2 and text[1:3] == ":\\"


def _extended(found: dict[int, tuple[str, bool]]) -> str:
    charset, data = "", b""
    for n, (text, extended) in sorted(found.items()):
        if extended and n == min(found) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        if extended:
            data += unquote_to_bytes(text)
        else:
            data += text.encode("utf-8", "replace")
    return decode(data, charset) if charset else decode_words(decode(data))


# Ids and dates ------------------------------------------------------------------------------------


def ids(value: str, newest: int = MAX_REFERENCES) -> tuple[str, ...]:
    """The message ids in a header value, without brackets, each once, the last `newest` of them."""
    value = clean(value)
    tail = value[-MAX_VALUE:]
    found = [re.sub(r"\s+", "", m) for m in _ID.findall(tail)]
    if not found:
        found = [w.strip("<>") for w in _SPLIT_IDS.split(tail) if "@" in w and len(w) < MAX_ID]
    kept = list(dict.fromkeys(i for i in reversed(found) if i and len(i) <= MAX_ID))[:newest]
    return tuple(reversed(kept))


def message_id(value: str) -> str:
    """The one id of a Message-ID header, without brackets; '' when there is none that can be kept."""
    value = clean(value).strip()
    match = _ID.search(value)
    text = re.sub(r"\s+", "", match[1] if match else value.strip("<> "))
    return text if len(text) <= MAX_ID else ""


_OLD_COMMENT = re.compile(r"\([^()]{0,200}\)")


def date(value: str) -> datetime | None:
    """A Date header in UTC, or None when it is none (RFC 5322 3.3, read loosely)."""
    value = _OLD_COMMENT.sub("", clean(value)[:200]).strip()
    try:
        fields = parsedate_tz(value)
        if fields is None:
            return datetime.fromisoformat(value).astimezone(UTC) if re.match(r"\d{4}-\d\d-\d\d[T ]", value) else None
        offset = fields[9] or 0
        if abs(offset) > 14 * 3600:
            offset = 0
        moment = datetime(*fields[:6], tzinfo=UTC).timestamp() - offset
        return datetime.fromtimestamp(moment, UTC) if moment > 0 else None
    except (ValueError, OverflowError, TypeError, IndexError, OSError):
        return None
