"""Survey answers in files: guess how one is laid out, then read it row by row (I8).

layout = guess(path)
for found in read(path, layout, scale=CSAT, zone=ZoneInfo("America/Sao_Paulo")):
    ...  # an Answer, or a Refused with its line and reason
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.answers import Answer, Scale
from domain.text import _, line
from gateways import csvfile, jsonlfile
from gateways.layout import FIELDS, FileTrouble, Layout, Refused
from gateways.textfile import HEAD, decode, guess_encoding, inside, samples, shown, trouble
from gateways.values import Maker

__all__ = ["FIELDS", "FileTrouble", "Layout", "Refused", "guess", "headings", "read", "rows"]


def guess(path: str | PathLike[str]) -> Layout:
    """How the file seems to be laid out: a first proposal for a person to confirm or correct.

    Looks at the first 256 KiB and three small pieces farther on. A column that could not be told is missing from
    `columns`, the score's too. FileTrouble if the file cannot be read as text.
    """
    path = Path(path)
    head, pieces = samples(path)
    encoding = guess_encoding(head)
    text, more = _texts(head, pieces, encoding)
    if text.count("\x00") * 20 > len(text):
        raise FileTrouble(_("{path} is not a text file.").format(path=shown(path)))
    return _kind(text, path).guess(text, more, encoding)


def _texts(head: bytes, pieces: list[bytes], encoding: str) -> tuple[str, list[str]]:
    """The samples of a file as text; the first without a line that may be cut."""
    text = decode(head, encoding).removeprefix("\ufeff")
    encoding = inside(head, encoding)
    if len(head) >= HEAD:
        text = text[: text.rfind("\n") + 1] or text
    return text, [decode(piece, encoding) for piece in pieces]


def _kind(text: str, path: Path) -> Any:
    """Who reads a file that begins so."""
    start = text.lstrip("\ufeff \t\r\n\x00")[:1]
    if start == "[" and path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return csvfile
    return jsonlfile if start in ("{", "[") else csvfile


def headings(path: str | PathLike[str], layout: Layout) -> list[str]:
    """The columns (CSV) or keys (JSONL) that a field can be mapped to; FileTrouble if there are none."""
    layout.check()
    return (csvfile.read_headings if layout.format == "csv" else jsonlfile.read_keys)(Path(path), layout)


def read(
    path: str | PathLike[str], layout: Layout, *, scale: Scale, zone: ZoneInfo, survey: str = "", region: str = "BR"
) -> Iterator[Answer | Refused]:
    """Every row of the file, in its order: an answer, or refused with its line and reason.

    Memory does not grow with the file. `zone` is that of times written without one; `region` (ISO 3166) that of
    phone numbers without a country; a row that names another survey than `survey` keeps that as an attribute.
    A file without a column of times gives its own as `answered_at`. FileTrouble, before anything is read, if a
    column is not there or none is the score, and later only if the file itself can no longer be read.
    """
    found = rows(path, layout, scale=scale, zone=zone, survey=survey, region=region)
    return (row for row, _source, _cells in found)


def rows(
    path: str | PathLike[str], layout: Layout, *, scale: Scale, zone: ZoneInfo, survey: str = "", region: str = "BR"
) -> Iterator[tuple[Answer | Refused, str, Sequence[str] | Mapping[str, str]]]:
    """As `read`, each row with how it stands in the file and its cells: under the headings, in JSON by key."""
    path = Path(path)
    layout.check()
    samples(path)
    _check_columns(path, layout)
    undated = None
    if "answered_at" not in layout.columns:
        try:
            undated = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        except OSError as error:
            raise trouble(path, error) from None
    make = Maker(layout, scale=scale, zone=zone, survey=survey, region=region, undated=undated)
    return (csvfile if layout.format == "csv" else jsonlfile).read(path, layout, make)


def _check_columns(path: Path, layout: Layout) -> None:
    there = headings(path, layout)
    shown_there = ", ".join(line(name, 40) for name in there[:30])
    for field, name in layout.columns.items():
        # A key that is seldom filled may come later in a JSONL file; the score and the date never do.
        if name not in there and (layout.format == "csv" or field in ("score", "answered_at")):
            raise FileTrouble(
                _("{path} has no column “{name}”; it has: {columns}.").format(
                    path=shown(path), name=line(name, 40), columns=shown_there
                )
            )
    if "score" not in layout.columns:
        raise FileTrouble(
            _("None of the columns of {path} is the score; say which is. It has: {columns}.").format(
                path=shown(path), columns=shown_there
            )
        )
