"""Answers in CSV: rows found again after a broken quote, each with its line (I8)."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from domain.answers import Answer
from domain.text import _, line
from gateways import columns
from gateways.layout import FileTrouble, Layout, Refused
from gateways.textfile import LINE_LIMIT, lines, opened, shown
from gateways.values import CELL_LIMIT, Maker, flat

DELIMITERS = ";,\t|"
MAX_COLUMNS = 500

# Below the csv module's own limit, so that ours is what is reached first and words are ours.
csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT + 1000))

Row = tuple[int, list[str]]


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
                yield Refused(at, _("A quotation mark that opens here never closes."))
            else:
                yield Refused(at, _("The line is longer than {limit} characters.").format(limit=LINE_LIMIT))
            continue
        except csv.Error:
            mended = _mended(source, delimiter, width)
            if mended is None:
                source.back_to_second()
                yield Refused(at, _("A quotation mark that opens here never closes."))
                continue
            row = mended
        if not any(row):
            continue
        if width and len(row) != width:
            if len(source.taken) > 1:
                source.back_to_second()
                yield Refused(at, _("A quotation mark that opens here closes in another row."))
                continue
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                yield Refused(
                    at, _("The row has {count} columns, the headings {width}.").format(count=len(row), width=width)
                )
                continue
            row = (row + [""] * width)[:width]
        yield at, row


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
        name = heading = line(cell, 200) or f"({place})"
        again = 1
        while name in names:
            again += 1
            name = f"{heading} ({again})"
        names.append(name)
    return names


def _first(text: Iterator[str | None], delimiter: str) -> Iterator[Row]:
    """The rows that could be read, the line `sep=;` that Excel understands left out."""
    for row in rows(text, delimiter):
        if isinstance(row, Refused) or (len(row[1]) <= 2 and row[1][0].lower().startswith("sep=")):
            continue
        yield row


def guess(text: str, more: Sequence[str], encoding: str) -> Layout:
    """The layout of a file that begins with `text`; `more` are pieces from farther on, cut anywhere."""
    delimiter, table = max(((d, _table(text, d)) for d in DELIMITERS), key=lambda found: _evenness(found[1]))
    if not table:
        return Layout("csv", encoding)
    names = headings(table[0])
    width = len(names)
    body = [row for row in table[1:] if len(row) == width]
    for piece in more:
        inner = piece[piece.find("\n") + 1 : piece.rfind("\n")]
        body.extend(row for row in _table(inner, delimiter) if len(row) == width)
    cells = [[row[place] for row in body] for place in range(width)]
    found = columns.match(names, [values[:200] for values in cells])
    dates = cells[names.index(found["answered_at"])] if "answered_at" in found else []
    scores = cells[names.index(found["score"])] if "score" in found else []
    return Layout(
        "csv",
        encoding,
        delimiter,
        columns.date_order(dates) or columns.likely_order(names, dates[:200]),  # type: ignore[arg-type]
        found,
        any("," in score for score in scores),
    )


def _table(text: str, delimiter: str) -> list[list[str]]:
    return [row for _at, row in _first(lines(io.StringIO(text, newline="")), delimiter)]


def _evenness(table: Sequence[Sequence[str]]) -> tuple[float, int]:
    """How much a table looks like one: the share of rows as wide as the first, then how wide that is."""
    if not table or len(table[0]) < 2:
        return 0.0, 0
    width = len(table[0])
    even = sum(len(row) == width for row in table[:200]) / len(table[:200])
    return round(even, 1), width


def read_headings(path: Path, layout: Layout) -> list[str]:
    """The headings of the file; FileTrouble if it has none."""
    with opened(path, layout.encoding) as file:
        for _at, row in _first(lines(file), layout.delimiter):
            if len(row) > MAX_COLUMNS:
                raise FileTrouble(
                    _("{path} has {count} columns; {limit} is the most.").format(
                        path=shown(path), count=len(row), limit=MAX_COLUMNS
                    )
                )
            return headings(row)
    raise FileTrouble(_("{path} is empty.").format(path=shown(path)))


def read(path: Path, layout: Layout, make: Maker, stop: Callable[[], bool] | None = None) -> Iterator[Answer | Refused]:
    """Every row below the headings, as an answer or refused."""
    names = read_headings(path, layout)
    places = [(field, names.index(name)) for field, name in layout.columns.items()]
    mapped = {place for _field, place in places}
    asked = [(name, place) for place, name in enumerate(names) if columns.is_question(name)]
    rest = [(flat(n), p) for p, n in enumerate(names) if p not in mapped and not columns.is_question(n)]
    with opened(path, layout.encoding) as file:
        found = _body(file, layout, len(names))
        for row in found:
            if isinstance(row, Refused):
                yield row
                continue
            at, cells = row
            yield make(
                at,
                {field: cells[place] for field, place in places},
                [(name, cells[place]) for name, place in rest if cells[place]],
                [(name, cells[place]) for name, place in asked if cells[place]],
            )


def _body(file: TextIO, layout: Layout, width: int) -> Iterator[Row | Refused]:
    """The rows after the headings."""
    found = rows(lines(file), layout.delimiter, width)
    for row in found:
        if isinstance(row, Refused):
            continue
        if len(row[1]) == width and not row[1][0].lower().startswith("sep="):
            break
    return found
