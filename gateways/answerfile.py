"""Survey answers in files: guess how one is laid out, then read it row by row (I8).

layout = guess(path)
for found in read(path, layout, scale=CSAT, zone=ZoneInfo("America/Sao_Paulo")):
    ...  # an Answer, or a Refused with its line and reason
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.answers import Answer, Scale
from domain.text import _, line
from gateways import csvfile, jsonlfile
from gateways.layout import FIELDS, FileTrouble, Layout, Refused
from gateways.textfile import decode, guess_encoding, samples, shown, trouble
from gateways.values import Maker

__all__ = ["FIELDS", "FileTrouble", "Layout", "Refused", "guess", "headings", "read"]


def guess(path: str | PathLike[str]) -> Layout:
    """How the file seems to be laid out: a first proposal for a person to confirm or correct.

    Looks at the first 256 KiB and three small pieces farther on. A column that could not be told is missing from
    `columns`, the score's too. FileTrouble if the file cannot be read as text.
    """
    path = Path(path)
    head, pieces = samples(path)
    encoding = guess_encoding(head)
    text = decode(head, encoding).removeprefix("\ufeff")
    if encoding != "utf-16":
        more = [decode(piece, encoding) for piece in pieces]
    else:
        by_bom = "utf-16-le" if head[:1] == b"\xff" else "utf-16-be"
        more = [decode(piece, by_bom) for piece in pieces]
    if pieces:
        text = text[: text.rfind("\n") + 1] or text  # the last line of the head may be cut
    start = text.lstrip()[:1]
    if "\x00" in text:
        raise FileTrouble(_("{path} is not a text file.").format(path=shown(path)))
    if start == "[" and path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        raise FileTrouble(
            _("{path} is one JSON array; what is read is one JSON object a line.").format(path=shown(path))
        )
    return (jsonlfile if start == "{" else csvfile).guess(text, more, encoding)


def headings(path: str | PathLike[str], layout: Layout) -> list[str]:
    """The columns (CSV) or keys (JSONL) that a field can be mapped to; FileTrouble if there are none."""
    layout.check()
    return (jsonlfile.read_keys if layout.format == "jsonl" else csvfile.read_headings)(Path(path), layout)


def read(
    path: str | PathLike[str], layout: Layout, *, scale: Scale, zone: ZoneInfo, survey: str = "", region: str = "BR"
) -> Iterator[Answer | Refused]:
    """Every row of the file, in its order: an answer, or refused with its line and reason.

    Memory does not grow with the file. `zone` is that of times written without one; `region` (ISO 3166) that of
    phone numbers without a country; a row that names another survey than `survey` keeps that as an attribute.
    A file without a column of times gives its own as `answered_at`. FileTrouble, before anything is read, if a
    column is not there or none is the score, and later only if the file itself can no longer be read.
    """
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
    return (jsonlfile if layout.format == "jsonl" else csvfile).read(path, layout, make)


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
