"""A mail as it travelled, every octet of it made visible and none of it obeyed (M10, R7)."""

import re
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, line
from tui.screens.keys import Helped
from tui.widgets.ticket.entries import size
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, hints

MOST = 1_000_000
"""Octets that are shown."""

# What `domain.text.clean` drops, and what has no width: here a reader wants to see that it was there.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible(raw: bytes) -> str:
    """The mail as text: UTF-8 where it is, other octets and all control characters as escapes, CRLF as a new line."""
    text = raw.decode("utf-8", errors="backslashreplace").replace("\r\n", "\n")
    return _HIDDEN.sub(lambda match: _escape(match[0]), text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def raw_lines(raw: bytes, width: int) -> list[Line]:
    """The lines of a raw mail for a width; headers first, names of headers set apart."""
    lines: list[Line] = []
    in_headers = True
    for text in visible(raw[:MOST]).split("\n"):
        text = text.expandtabs(4)
        if not text:
            in_headers = False
        chunks = [text] if cell_len(text) <= width else chop_cells(text, width)
        for index, chunk in enumerate(chunks):
            name, colon, rest = chunk.partition(":")
            if in_headers and not index and colon and name and " " not in name:
                lines.append(Line(((name + ":", "accent"), (rest, "text"))))
            else:
                lines.append(Line(((chunk, "text"),)))
    if len(raw) > MOST:
        rest = _("… and {size} more, which are kept but not shown here.").format(size=size(len(raw) - MOST))
        lines.append(Line(((rest, "late"),)))
    return lines


class RawMailScreen(Helped, ModalScreen[None]):
    """Shows a raw mail; it scrolls like every page."""

    CSS_PATH = "rawmail.tcss"
    BINDINGS: ClassVar = [Binding("escape,q,O", "close", show=False), Helped.HELP]

    def __init__(self, title: str, raw: bytes) -> None:
        super().__init__()
        self._title = title
        self._raw = raw

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield PageOnBar(lambda width: raw_lines(self._raw, width))
            yield OnBar(self._foot, classes="panel-foot")

    def action_close(self) -> None:
        self.dismiss(None)

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        keys = [("j k", _("scroll")), ("^D ^U", _("half pages")), ("g G", _("ends")), ("Esc", _("back"))]
        return _("Raw mail"), keys

    def _head(self, width: int) -> list[Line]:
        title = Line(((line(self._title) or _("Raw mail"), "bright"),), ((size(len(self._raw)), "past"),))
        return [title, Line((("─" * width, "rule"),))]

    def _foot(self, width: int) -> list[Line]:
        return [Line((("─" * width, "rule"),)), hints(width, *self.place_keys()[1], ("?", _("help")))]
