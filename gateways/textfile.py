"""Files as text: which encoding, and lines that never outgrow memory (I8)."""

import codecs
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from domain.text import _, line
from gateways.layout import FileTrouble

HEAD = 256 * 1024
"""Bytes from the start of a file that a guess looks at."""
PIECE = 32 * 1024
"""Bytes of each further sample."""
LINE_LIMIT = 1_000_000
"""Characters of one line; no answer is so long, and a file without line ends must not fill the memory."""

SOURCE_LIMIT = 200_000
"""Characters of a row that are kept with it, so that it can be mended; of a longer one none are."""

_KINDS = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "sqlite"),
)


def _as_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 in a file that otherwise is: somebody pasted in from a Windows program."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("retorno.cp1252", _as_1252)


def shown(path: Path) -> str:
    """The file's name for a sentence."""
    return line(path.name, 60)


def trouble(path: Path, error: OSError) -> FileTrouble:
    """`error` as a sentence."""
    if isinstance(error, FileNotFoundError):
        return FileTrouble(_("There is no file {path}.").format(path=line(str(path), 200)))
    return FileTrouble(
        _("{path} cannot be read: {error}.").format(path=shown(path), error=line(error.strerror or str(error), 120))
    )


def samples(path: Path) -> tuple[bytes, list[bytes]]:
    """The head of the file, and three pieces from farther on; FileTrouble if it is no text file."""
    try:
        with open(path, "rb", opener=_no_wait) as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise FileTrouble(_("{path} is not a file.").format(path=shown(path)))
            head = file.read(HEAD)
            pieces = []
            for quarter in (1, 2, 3):
                # An even place keeps UTF-16 in step.
                place = info.st_size * quarter // 4 // 2 * 2
                if place >= HEAD:
                    file.seek(place)
                    pieces.append(file.read(PIECE))
    except OSError as error:
        raise trouble(path, error) from None
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\x00"):
        raise FileTrouble(_("{path} is empty.").format(path=shown(path)))
    for start, kind in _KINDS:
        if head.startswith(start):
            raise FileTrouble(
                _("{path} is a {kind} file: save it as CSV and import that.").format(path=shown(path), kind=kind)
            )
    return head, pieces


def _no_wait(path: str, flags: int) -> int:
    """An `opener` for open(): a pipe that nobody writes to must not hang us."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def guess_encoding(head: bytes) -> str:
    """The encoding that `head` is in: by its BOM, UTF-16 by its zero bytes, UTF-8 if it fits, else code page 1252."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > half // 2:
        return "utf-16-le"
    if head[0::2].count(0) > half // 2:
        return "utf-16-be"
    text = head.decode("utf-8", "surrogateescape")
    if len(head) == HEAD:
        text = text[:-3]  # a character may be cut in two at the end
    strange = sum("\udc80" <= c <= "\udcff" for c in text) if not text.isascii() else 0
    fitting = sum(not c.isascii() for c in text) - strange if strange else 1
    return "utf-8" if fitting > strange or not strange else "cp1252"


def inside(head: bytes, encoding: str) -> str:
    """The encoding of a piece that has no mark at its start, of a file that begins with `head`."""
    if encoding == "utf-16":
        return "utf-16-le" if head[:1] == b"\xff" else "utf-16-be"
    return encoding


def decode(data: bytes, encoding: str) -> str:
    """`data` as text; never an error for bad bytes. FileTrouble for an unknown encoding."""
    try:
        return data.decode(*_open_as(encoding))
    except (LookupError, UnicodeError):
        raise FileTrouble(_("“{encoding}” is not an encoding.").format(encoding=line(encoding, 40))) from None


def _open_as(encoding: str) -> tuple[str, str]:
    """The codec and how it takes bad bytes."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return "utf-8-sig", "retorno.cp1252"
    return encoding, "replace"


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file as text with its line ends untouched; FileTrouble if it cannot be."""
    codec, errors = _open_as(encoding)
    try:
        with open(path, encoding=codec, errors=errors, newline="", opener=_no_wait) as file:
            yield file
    except OSError as error:
        raise trouble(path, error) from None
    except (LookupError, UnicodeError):
        raise FileTrouble(
            _("{path} cannot be read as “{encoding}”.").format(path=shown(path), encoding=line(encoding, 40))
        ) from None


def kept(parts: Sequence[str | None]) -> str:
    """The lines of a row as they stood in the file; '' where that is too much to keep."""
    whole = parts[0] if len(parts) == 1 else "".join([part or "" for part in parts])
    return whole if whole and len(whole) <= SOURCE_LIMIT else ""


def lines(file: TextIO) -> Iterator[str | None]:
    """The lines with their ends; None in place of one that is over LINE_LIMIT."""
    while piece := file.readline(LINE_LIMIT):
        if len(piece) < LINE_LIMIT or piece.endswith(("\n", "\r")):
            yield piece
            continue
        while (rest := file.readline(LINE_LIMIT)) and not rest.endswith(("\n", "\r")):
            pass
        yield None
