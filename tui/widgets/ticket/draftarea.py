"""The text area of a draft: it marks variables, those without a value louder, and lets an open list have its keys (M2)."""

import re
from collections.abc import Mapping

from rich.style import Style
from rich.text import Text

from tui.theme import palette
from tui.widgets.completing import CompletingArea
from tui.widgets.completion import Completion, Suggestion

BEGUN = re.compile(r"\{\{\s*([\w.\"'\[\] ]{0,60})$")
"""A variable that is being typed, at the end of a line."""
_WRITTEN = re.compile(r"\{\{([^{}]*)\}\}|\{%[^{}]*%\}")
_NAME = re.compile(r"\s*((?:\w+)(?:\.\w+|\[\"[^\"]*\"\]|\['[^']*'\])*)")
_FALLBACK = re.compile(r"\|\s*(?:default|d)\s*\(|\bor\b")


def begun(before_cursor: str) -> str | None:
    """What is typed so far of a variable; None where none is."""
    found = BEGUN.search(before_cursor)
    return found[1] if found else None


def spans(text: str, known: Mapping[str, str]) -> list[tuple[int, int, bool]]:
    """Beginning and end of each variable in a line, and whether something is put in there."""
    found = []
    for match in _WRITTEN.finditer(text):
        inside = match[1]
        name = _NAME.match(inside) if inside is not None else None
        filled = inside is None or bool(_FALLBACK.search(inside)) or bool(name and known.get(name[1].replace("'", '"')))
        found.append((match.start(), match.end(), filled))
    return found


class DraftArea(CompletingArea[Mapping[str, str]]):
    """A text area that knows the variables and their values; '' for those that this ticket has none of."""

    def __init__(self, completion: Completion, *, id: str | None = None) -> None:
        super().__init__(completion, {}, id=id)

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if "{" not in line.plain:
            return line
        colours = palette(self.app)
        for start, end, filled in spans(line.plain, self._known):
            ink = colours.accent if filled else colours.late
            # Underlined where nothing is put in: it shows without colour too.
            line.stylize(Style(color=ink.color, bold=not filled, underline=not filled), start, end)
        return line

    def take(self, one: Suggestion | None = None) -> None:
        """The variable's braces are closed."""
        one = one or self._completion.current
        found = BEGUN.search(self.before_cursor)
        self._completion.close()
        if one is None or found is None:
            return
        row, column = self.cursor_location
        after = self.document.get_line(row)[column:].lstrip()
        end = "" if after.startswith("}}") else " }}"
        self.replace("{{ " + one.value + end, (row, found.start()), (row, column))
