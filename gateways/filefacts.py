"""What can be said of a file beside its rows: how many, and how sure encoding and dates are (I8)."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from domain.text import _, line
from gateways import columns, csvfile, jsonlfile
from gateways.layout import Layout
from gateways.textfile import HEAD, decode, guess_encoding, inside, samples

_OPEN = re.compile(r"\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")


@dataclass(frozen=True)
class Facts:
    """What a look at the file tells."""

    rows: int
    """Below the headings, blank ones not counted; more or less unless `exact`."""
    exact: bool
    sure_of_encoding: bool
    """A mark at the start, or letters that are only right in it."""
    dates: str
    """dmy, mdy, ymd as the values show it; open where day and month can be either; '' where that is no question."""


def facts(path: str | PathLike[str], layout: Layout) -> Facts:
    """The facts of a file that is read with `layout`. FileTrouble as `answerfile.guess`."""
    path = Path(path)
    head, pieces = samples(path)
    text = decode(head, layout.encoding).removeprefix("\ufeff")
    size = path.stat().st_size
    whole = size <= len(head)
    if len(head) >= HEAD:
        text = text[: text.rfind("\n") + 1] or text
    more = [decode(piece, inside(head, layout.encoding)) for piece in pieces]
    count, dates = (_table if layout.format == "csv" else _objects)(text, more, layout)
    return Facts(
        rows=count if whole else round(count * size / len(head)),
        exact=whole,
        sure_of_encoding=_is_sure(head, layout.encoding),
        dates=columns.date_order(dates) or ("open" if any(map(_OPEN.match, dates)) else ""),
    )


def _table(text: str, more: Sequence[str], layout: Layout) -> tuple[int, list[str]]:
    """How many rows stand below the headings, and the cells of dates."""
    table = csvfile.parted(text, layout.delimiter)
    if not table:
        return 0, []
    names, heading = csvfile.headings(table[0]), layout.columns.get("answered_at")
    count = len(table) - 1
    for piece in more:
        table += csvfile.parted(piece[piece.find("\n") + 1 : piece.rfind("\n")], layout.delimiter)
    place = names.index(heading) if heading in names else len(names)
    return count, [row[place] for row in table[1:] if len(row) == len(names) > place]


def _objects(text: str, more: Sequence[str], layout: Layout) -> tuple[int, list[str]]:
    """How many objects there are, and the cells of dates."""
    found = [value for _at, value, _source in jsonlfile.objects(io.StringIO(text), layout.format == "json")]
    far = [value for piece in more for value in jsonlfile.whole(piece)]
    key = layout.columns.get("answered_at", "")
    return len(found), [jsonlfile.flatten(value)[0].get(key, "") for value in (*found, *far) if value is not None]


def _is_sure(head: bytes, encoding: str) -> bool:
    if guess_encoding(head) != encoding:
        return False
    return encoding.startswith("utf-16") or head.startswith(b"\xef\xbb\xbf") or not head.isascii()


def encoding_words(encoding: str) -> str:
    """One sentence on how the letters are written."""
    plain = encoding.lower().replace("_", "-")
    if plain in ("utf-8", "utf8", "utf-8-sig"):
        return _("The text is UTF-8.")
    if plain.startswith("utf-16"):
        return _("The text is UTF-16.")
    if plain in ("cp1252", "windows-1252"):
        return _("The text is in Windows' code page 1252, as Excel saves it.")
    return _("The text is read as {encoding}.").format(encoding=line(encoding, 40))


def parts_words(layout: Layout) -> str:
    """One sentence on how rows and columns are parted."""
    if layout.format == "jsonl":
        return _("Each line is a JSON object.")
    if layout.format == "json":
        return _("The answers are JSON objects, one after the other.")
    named = {
        ";": _("semicolons"),
        ",": _("commas"),
        "\t": _("tabs"),
        "|": _("vertical bars"),
    }
    return _("Columns are parted by {delimiter}.").format(
        delimiter=named.get(layout.delimiter, f"“{layout.delimiter}”")
    )


def date_words(layout: Layout, found: Facts) -> str:
    """One sentence on the dates; '' where their order is no question."""
    order = {"dmy": _("day/month/year"), "mdy": _("month/day/year"), "ymd": _("year-month-day")}
    if found.dates == "open":
        return _("Dates are taken as {order}; the values leave open which is the day.").format(
            order=order[layout.date_order]
        )
    if found.dates and found.dates != layout.date_order and "ymd" not in (found.dates, layout.date_order):
        return _("Dates are taken as {order}, but the values look like {other}.").format(
            order=order[layout.date_order], other=order[found.dates]
        )
    return _("Dates are {order}.").format(order=order[found.dates]) if found.dates else ""
