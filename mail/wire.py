"""Values on their way to a mail server: addresses, header text, file names. Nothing from outside passes as it is (R7)."""

import re
from collections.abc import Iterator

from domain.text import _, line

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')

_WORD = 45  # bytes in one encoded word: 60 letters of base64 and the frame stay under the 75 of RFC 2047


def address(text: str) -> str:
    """An address as a mail server takes it, its domain in ASCII (IDNA).

    Raises ValueError for anything else: empty, with blanks or controls, quoted, or with letters before
    the @ that only SMTPUTF8 could carry.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    if at and not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            domain = ""
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(domain) > 253:
        raise ValueError(_("not an address that mail can be sent to: {address}").format(address=line(text, 100)))
    return f"{local}@{domain}"


def encoded_words(text: str) -> Iterator[str]:
    """`text` as RFC 2047 encoded words, each whole in its letters and at most 75 long."""
    from base64 import b64encode

    chunk = b""
    for letter in text:
        data = letter.encode("utf-8", "replace")
        if len(chunk) + len(data) > _WORD:
            yield f"=?utf-8?b?{b64encode(chunk).decode()}?="
            chunk = b""
        chunk += data
    if chunk:
        yield f"=?utf-8?b?{b64encode(chunk).decode()}?="


def header_words(text: str, limit: int) -> list[str]:
    """`text` cleaned, cut to `limit` letters and split where a header may be folded."""
    flat = line(text, limit)
    words = flat.split(" ")
    if flat.isascii() and "=?" not in flat and all(len(word) <= 70 for word in words):
        return words
    return list(encoded_words(flat))


def phrase(name: str, limit: int = 100) -> list[str]:
    """A person's name before an address: as it is, quoted, or as encoded words; empty when there is none."""
    flat = line(name, limit)
    if not flat:
        return []
    words = header_words(flat, limit)
    if words[0].startswith("=?") or not _SPECIALS.search(flat):
        return words
    return ['"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"']


def folded(name: str, words: list[str]) -> str:
    """One header, `words` parted by blanks and folded to lines of 78 where they have blanks; CRLF at the end."""
    lines, current = [], f"{name}:"
    for word in words:
        if len(current) + 1 + len(word) > 78 and current.strip() and current != f"{name}:":
            lines.append(current)
            current = " " + word
        else:
            current += " " + word
    return "\r\n".join([*lines, current]) + "\r\n"


def parameter(name: str, value: str) -> str:
    """A MIME parameter such as a file name, each piece on a line of its own: quoted, or in RFC 2231's way."""
    if value.isascii() and len(value) <= 60:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n {name}="{quoted}"'
    from urllib.parse import quote

    pieces, current = [], ""
    for letter in value:
        escaped = quote(letter, safe="", encoding="utf-8", errors="replace")
        if len(current) + len(escaped) > 50:
            pieces.append(current)
            current = ""
        current += escaped
    pieces.append(current)
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    first, *rest = pieces
    more = "".join(f";\r\n {name}*{i}*={piece}" for i, piece in enumerate(rest, 1))
    return f";\r\n {name}*0*=utf-8''{first}{more}"
