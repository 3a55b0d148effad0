"""Rows of a file of answers as they were, each with why it was refused: text that can be read in again (I8)."""

import csv
import io
import json
from collections.abc import Sequence

from domain.text import N_, _, line
from gateways.formulas import bare, dressed
from gateways.jsonarray import DECODER
from gateways.layout import Layout, is_reason

_REASON = N_("retorno: reason")
"""The heading of the last column; `layout.REASONS` has its translations."""


def head(layout: Layout, headings: Sequence[str]) -> str:
    """What stands above the rows: in CSV a mark for Excel and the headings, in JSON nothing."""
    if layout.format != "csv":
        return ""
    return "\ufeff" + _line(
        [dressed(name) for name in headings if not is_reason(name)] + [_heading()], layout.delimiter
    )


def row(layout: Layout, headings: Sequence[str], source: str, reason: str) -> str:
    """One row with its reason. What is no row stands as it was, so far as the format lets it."""
    if layout.format != "csv":
        return _object(source, reason)
    cells = _cells(source, layout.delimiter)
    ours = [place for place, name in enumerate(headings) if is_reason(name)]
    if ours:
        cells = [bare(cell) for place, cell in enumerate(cells) if place not in ours]
    width = len(headings) - len(ours)
    cells = [dressed(cell) for cell in cells]
    cells += [""] * (width - len(cells))
    # A row that is too wide keeps its surplus behind the reason: it stays too wide until somebody mends it.
    return _line([*cells[:width], dressed(line(reason, 500)), *cells[width:]], layout.delimiter)


def _cells(source: str, delimiter: str) -> list[str]:
    """The cells of a row as Excel would part them; of one with a broken quote, its first line in bare cells."""
    try:
        found = list(csv.reader(io.StringIO(source, newline=""), delimiter=delimiter))
    except csv.Error:
        found = []
    if len(found) == 1 and len(found[0]) > 1:
        return found[0]
    return source.rstrip("\r\n").split(delimiter)


def _heading() -> str:
    """What the last column is called: in the reader's language, if reading it back knows that."""
    return _(_REASON) if is_reason(_(_REASON)) else _REASON


def _line(cells: Sequence[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _object(source: str, reason: str) -> str:
    """An object on one line with the reason as its last key; what is no object stays as it was, on one line."""
    try:
        value = DECODER.decode(source)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if not is_reason(key)}
        return json.dumps({**kept, _heading(): reason}, ensure_ascii=False) + "\n"
    if not source.strip():
        return json.dumps({_heading(): reason}, ensure_ascii=False) + "\n"
    return " ".join(source.split("\n")).strip() + "\n"
