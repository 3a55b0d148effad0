"""What commands print: tables for people, JSON for scripts, sentences on stderr.

Everything that came from outside is cleaned on the way (R7), JSON included: there by escapes, so that nothing is lost.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TextIO

from domain.text import clean, line

# JSON escapes C0 by itself; these a terminal obeys too.
_TERMINAL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class OutputClosed(Exception):
    """Who read our output went away; a broken pipe of a server is another matter."""


def write(text: str) -> None:
    """`text` on stdout as it is; OutputClosed when nobody reads any more."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise OutputClosed from None


def flush() -> None:
    """Hand on what was written; OutputClosed when nobody reads any more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def say(text: str = "") -> None:
    """A line, or several, for people."""
    write(clean(text) + "\n")


def complain(text: str) -> None:
    """A sentence on stderr. Never raises: there may be nobody left to read it."""
    try:
        sys.stdout.flush()
        sys.stderr.write("retorno: " + clean(text) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def as_json(value: Any) -> str:
    """`value` on one line, safe to show on a terminal and exactly what it was for who parses it."""
    import json

    wide = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not wide)
    return _TERMINAL.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def say_json(value: Any) -> None:
    """One JSON value on a line of its own, handed on at once."""
    write(as_json(value) + "\n")
    flush()


def forgiving(stream: TextIO) -> None:
    """Make a stream write what its encoding lacks as escapes, rather than fail half-way."""
    if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
        # Of UTF-8 only lone surrogates cannot be written, and their escape is valid JSON too.
        reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a person's terminal is at the other end of `stream` (stdout)."""
    try:
        return (stream or sys.stdout).isatty()
    except ValueError:
        return False


def width() -> int | None:
    """Columns to stay within; None when nobody's terminal is there and nothing need be cut."""
    if not is_terminal():
        return None
    import shutil

    return max(20, shutil.get_terminal_size().columns)


def may_colour() -> bool:
    """Only on a terminal that can, and not against NO_COLOR."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


_COLOURS = {"red": "31", "amber": "33", "green": "32", "past": "2", "bright": "1"}


def paint(text: str, colour: str) -> str:
    """`text` in a colour, where colours may be shown; never the only sign of anything."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if colour and text and may_colour() else text


def cells(text: str) -> int:
    """Terminal cells that `text` takes, at most."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") and char != "\ufe0f":
        return 0
    # U+FE0F can make the character before it wide.
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, room: int) -> str:
    """`text` in at most `room` cells, with an ellipsis where it was cut."""
    if cells(text) <= room:
        return text
    used, kept = 0, []
    for char in text:
        used += _cell(char)
        if used > room - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if room > 0 else ""


class Column(NamedTuple):
    """One column of a table."""

    title: str
    right: bool = False
    """Numbers and ages stand right."""
    most: int = 0
    """Cells at most on a terminal; 0 for as many as wanted."""
    gives: bool = False
    """Whether it gives way when the terminal is narrow."""


class Table:
    """Rows in aligned columns, as wide as the first batch asks and the terminal allows."""

    def __init__(self, columns: Sequence[Column], room: int | None) -> None:
        self._columns = columns
        self._room = room
        self._widths: list[int] = []

    def lines(self, rows: Iterable[Sequence[str]], colours: Iterable[Sequence[str]] = ()) -> list[str]:
        """The next rows as lines, after the heading the first time. `colours` go with the cells of each row."""
        texts = [[line(cell) for cell in row] for row in rows]
        out = []
        if not self._widths:
            self._widths = self._measure(texts)
            out.append(paint(self._line([c.title for c in self._columns], ()), "bright"))
        given = list(colours)
        out += [self._line(row, given[i] if i < len(given) else ()) for i, row in enumerate(texts)]
        return out

    def _measure(self, rows: list[list[str]]) -> list[int]:
        widths = []
        for i, column in enumerate(self._columns):
            wanted = max([cells(column.title), *(cells(row[i]) for row in rows)])
            widths.append(min(wanted, column.most) if column.most and self._room is not None else wanted)
        if self._room is not None:
            shown = sum(1 for wide in widths if wide)
            over = sum(widths) + 2 * (shown - 1) - self._room
            giving = [i for i, column in enumerate(self._columns) if column.gives]
            while over > 0 and giving and widths[widest := max(giving, key=widths.__getitem__)] > 6:
                widths[widest] -= 1
                over -= 1
        return widths

    def _line(self, row: Sequence[str], colours: Sequence[str]) -> str:
        parts, plain = [], []
        for i, (cell, column, wide) in enumerate(zip(row, self._columns, self._widths, strict=True)):
            if not wide:
                continue
            text = fit(cell, wide)
            blank = " " * (wide - cells(text))
            padded = blank + text if column.right else text + blank
            plain.append(padded)
            parts.append(paint(padded, colours[i] if i < len(colours) and text else ""))
        if self._room is not None and cells(whole := "  ".join(plain)) > self._room:
            return fit(whole.rstrip(), self._room)  # too narrow for all columns: colours would be cut in half
        return "  ".join(parts).rstrip()
