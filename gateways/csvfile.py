"""Answers in CSV: rows found again after a broken quote, each with its line (I8)."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from domain.answers import Answer
from domain.text import _, fold, line, number
from gateways import columns, formulas
from gateways.layout import FileTrouble, Layout, Refused, is_reason
from gateways.textfile import LINE_LIMIT, kept, lines, opened, shown
from gateways.values import CELL_LIMIT, Maker, flat

DELIMITERS = ";,\t|"
MAX_COLUMNS = 500
SAMPLE = 200
"""Rows by which columns are told."""
TITLES = 20
"""Rows among which the headings are looked for."""

# Below the csv module's own limit, so that ours is what is reached first and words are ours.
csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT + 1000))

Row = tuple[int, list[str], str]
"""The line on which it begins, its cells, and how it stands in the file."""
Found = tuple[Answer | Refused, str, list[str]]
"""A row as read, how it stands in the file, and its cells under the headings; none where it could not be parted."""

# What stands below a table of answers and is none: "Total: 35", "Média geral;;4,2".
_SUMMARY = re.compile(
    r"(?:(?:sub|grand )?totals?|totales|totais|media|mean|average|promedio|soma|suma|sum|count|contagem|registros|"
    r"records|linhas|rows|filas)\b[\w ]{0,40}:?[ \d.,]*"
)
_SUMMARY_STARTS = frozenset("gGsStTmMaApPcCrRlLfF")


class _LineTooLong(Exception):
    pass


class _Source:
    """Lines for the csv module, with those of the present row at hand so that they can be read anew."""

    def __init__(self, text: Iterator[str | None]) -> None:
        self.text = text
        self.again: list[str | None] = []
        self.taken: list[str | None] = []
        self.size = 0
        self.number = 0
        self.ended = False

    def __iter__(self) -> "_Source":
        return self

    def __next__(self) -> str:
        if self.again:
            piece = self.again.pop()
        else:
            try:
                piece = next(self.text)
            except StopIteration:
                self.ended = True
                raise
        self.number += 1
        self.taken.append(piece)
        if piece is None:
            raise _LineTooLong
        self.size += len(piece)
        if self.size > LINE_LIMIT:
            raise csv.Error("row too long")
        return piece

    def begin(self) -> int:
        """Forget the row that was read; the line on which the next begins."""
        self.taken.clear()
        self.size = 0
        return self.number + 1

    def back_to_second(self) -> None:
        """Read all but the first line of the present row anew."""
        self.again.extend(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        self.ended = False


def rows(text: Iterator[str | None], delimiter: str, width: int = 0) -> Iterator[Row | Refused]:
    """Each row with the line on which it begins; blank ones are passed over.

    A quote that never closes would swallow the rows after it. Where a row of several lines is malformed or has not
    `width` columns, its first line is refused and the others are read anew.
    """
    source = _Source(text)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        at = source.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except _LineTooLong:
            if len(source.taken) > 1:
                source.back_to_second()
                yield Refused(at, _("A quotation mark that opens here never closes."), kept(source.taken[:1]))
            else:
                yield Refused(at, _("The line is longer than {limit} characters.").format(limit=number(LINE_LIMIT)))
            continue
        except csv.Error:
            mended = _mended(source, delimiter, width)
            if mended is None:
                source.back_to_second()
                yield Refused(at, _("A quotation mark that opens here never closes."), kept(source.taken[:1]))
                continue
            row = mended
        if not any(row):
            continue
        if width and len(row) != width:
            if len(source.taken) > 1:
                source.back_to_second()
                yield Refused(at, _("A quotation mark that opens here closes in another row."), kept(source.taken[:1]))
                continue
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                said = _("The row has {count} columns, the headings {width}.")
                yield Refused(at, said.format(count=len(row), width=width), kept(source.taken))
                continue
            row = (row + [""] * width)[:width]
        yield at, row, kept(source.taken)


def _mended(source: _Source, delimiter: str, width: int) -> list[str] | None:
    """The row read as Excel would, quotation marks inside quoted cells and all; None if it cannot be one row."""
    if source.ended or source.size > LINE_LIMIT:
        return None
    if len(source.taken) > 1 and any(part and part.count(delimiter) >= max(1, width - 1) for part in source.taken[1:]):
        return None
    try:
        found = list(csv.reader(source.taken, delimiter=delimiter))  # type: ignore[arg-type]
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def headings(found: Sequence[str]) -> list[str]:
    """The headings, each one told from the others: an empty one by its place, a second one by a number."""
    names: list[str] = []
    for place, cell in enumerate(found, 1):
        name = heading = line(cell.strip("\ufeff"), 200) or f"({place})"
        again = 1
        while name in names:
            again += 1
            name = f"{heading} ({again})"
        names.append(name)
    return names


def _from_headings(text: Iterator[str | None], delimiter: str) -> Iterator[Row]:
    """The rows that could be read, from the headings on.

    What stands above them is left out: the line `sep=;` that Excel understands, and titles, which fill one cell.
    """
    found = (row for row in rows(text, delimiter) if not isinstance(row, Refused) and not _is_sep(row[1]))
    above = list(islice(found, TITLES))
    top = next((place for place, row in enumerate(above) if sum(map(bool, row[1])) > 1), 0)
    if above and columns.known(above[top][1]) == 0:
        # "Loja Centro;de 01/11 a 22/11": more of a title, if a row below has names that answers have.
        top = next((place for place, row in enumerate(above[top:], top) if columns.known(row[1]) > 1), top)
    yield from above[top:]
    yield from found


def _is_sep(row: Sequence[str]) -> bool:
    return len(row) <= 2 and row[0].lower().startswith("sep=")


def guess(text: str, more: Sequence[str], encoding: str) -> Layout:
    """The layout of a file that begins with `text`; `more` are pieces from farther on, cut anywhere."""
    delimiter, table, found = max(
        ((d, table, _match(table)) for d in DELIMITERS for table in [parted(text, d)]),
        key=lambda guessed: ("score" in guessed[2], *_evenness(guessed[1])),
    )
    if not table:
        return Layout("csv", encoding)
    names = headings(table[0][:MAX_COLUMNS])
    body = table[1:]
    for piece in more:
        body += parted(piece[piece.find("\n") + 1 : piece.rfind("\n")], delimiter)

    def cells(field: str) -> list[str]:
        place = names.index(found[field]) if field in found else len(names)
        return [row[place] for row in body if len(row) == len(names) > place]

    dates = cells("answered_at")
    return Layout(
        "csv",
        encoding,
        delimiter,
        columns.date_order(dates) or columns.likely_order(names, dates[:SAMPLE]),  # type: ignore[arg-type]
        found,
        any("," in score for score in cells("score")),
    )


def _match(table: Sequence[Sequence[str]]) -> dict[str, str]:
    """What the columns of a table are."""
    if not table or len(table[0]) > MAX_COLUMNS:
        return {}
    body = [row for row in table[1:] if len(row) == len(table[0])][:SAMPLE]
    return columns.match(headings(table[0]), [[row[place] for row in body] for place in range(len(table[0]))])


def parted(text: str, delimiter: str) -> list[list[str]]:
    """The rows that a piece of a file holds, from the headings on."""
    return [row for _at, row, _source in _from_headings(lines(io.StringIO(text, newline="")), delimiter)]


def _evenness(table: Sequence[Sequence[str]]) -> tuple[float, int]:
    """How much a table looks like one: the share of rows as wide as the first, then how wide that is."""
    if not table or len(table[0]) < 2:
        return 0.0, 0
    width = len(table[0])
    even = sum(len(row) == width for row in table[:SAMPLE]) / len(table[:SAMPLE])
    return (round(even, 1), width) if even >= 0.5 else (0.0, 0)


def read_headings(path: Path, layout: Layout) -> list[str]:
    """The headings of the file; FileTrouble if it has none."""
    with opened(path, layout.encoding) as file:
        for _at, row, _source in _from_headings(lines(file), layout.delimiter):
            if len(row) > MAX_COLUMNS:
                raise FileTrouble(
                    _("{path} has {count} columns; {limit} is the most.").format(
                        path=shown(path), count=len(row), limit=MAX_COLUMNS
                    )
                )
            return headings(row)
    raise FileTrouble(_("{path} has no row of headings.").format(path=shown(path)))


def read(path: Path, layout: Layout, make: Maker) -> Iterator[Found]:
    """Every row below the headings, as an answer or refused."""
    names = read_headings(path, layout)
    places = [(field, names.index(name)) for field, name in layout.columns.items()]
    roles = [(place, name, layout.role(name)[0]) for place, name in enumerate(names)]
    asked = [(name, place) for place, name, role in roles if role == "question"]
    rest = [(flat(name), place) for place, name, role in roles if role == "attribute"]
    ours = any(map(is_reason, names))
    comment, date = (layout.columns.get(field) for field in ("comment", "answered_at"))
    empty = [names.index(name) for name in (comment, date) if name is not None]
    with opened(path, layout.encoding) as file:
        for row in _body(file, layout, names):
            if isinstance(row, Refused):
                yield row, row.source, []
                continue
            at, cells, source = row
            if ours:
                cells = [formulas.bare(cell) for cell in cells]
            if (said := _summary(cells)) and not any(cells[place].strip() for place in empty):
                why = _("“{text}” begins a row of totals, not an answer.").format(text=line(said, 40))
                yield Refused(at, why, source), source, cells
                continue
            made = make(
                at,
                {field: cells[place] for field, place in places},
                [(name, cells[place]) for name, place in rest if cells[place]],
                [(name, cells[place]) for name, place in asked if cells[place]],
            )
            yield made, source, cells


def _summary(cells: Sequence[str]) -> str:
    """What a row begins with if that is a word for totals, and most of the row is empty; else ''."""
    if cells[0] and cells[0][0] not in _SUMMARY_STARTS:
        return ""
    filled = [cell for cell in cells if cell]
    first = filled[0].strip() if filled else ""
    if len(first) > 60 or 2 * len(filled) > max(len(cells), 4) or not _SUMMARY.fullmatch(fold(first)):
        return ""
    return first


def _body(file: TextIO, layout: Layout, names: Sequence[str]) -> Iterator[Row | Refused]:
    """The rows after the headings."""
    found = rows(lines(file), layout.delimiter, len(names))
    for row in found:
        if not isinstance(row, Refused) and headings(row[1]) == names:
            break
    return found
