"""A text area for notes: it shows whom they mention and lets an open list of people have its keys (N1)."""

import re
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from domain.mentions import begun, mentioned
from tui.theme import palette
from tui.widgets.completing import CompletingArea
from tui.widgets.completion import Completion, Suggestion

# What looks like a mention, whether or not somebody is called so.
_LOOKS_SO = re.compile(r"(?<![\w@])(?<!\w[+\-%])@(\w[\w.\-]*)(?![\w@])")


def spans(text: str, logins: Sequence[str]) -> list[tuple[int, int]]:
    """Beginning and end of each mention in a line."""
    found = []
    for at in (i for i, char in enumerate(text) if char == "@"):
        # Of a line in which this is the only sign, the rules say whether it is a mention, and whose.
        alone = text[:at].replace("@", "x") + "@" + text[at + 1 :].replace("@", "x")
        found += [(at, at + 1 + len(login)) for login in mentioned(alone, logins)]
    return found


def strangers(text: str, logins: Sequence[str]) -> tuple[str, ...]:
    """What looks like a mention of somebody whom `logins` does not name."""
    known = {login.casefold() for login in mentioned(text, logins)}
    words = (match[1].rstrip(".-") for match in _LOOKS_SO.finditer(text))
    return tuple(dict.fromkeys(word for word in words if word.casefold() not in known))


class NoteArea(CompletingArea[Sequence[str]]):
    """A text area that knows who can be mentioned, and marks the mentions of them."""

    def __init__(self, text: str, completion: Completion) -> None:
        super().__init__(completion, (), text)

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        ink = palette(self.app).accent_bold
        style = Style(color=ink.color, bold=ink.bold, underline=ink.underline)
        for start, end in spans(line.plain, self._known):
            line.stylize(style, start, end)
        return line

    @property
    def is_whole(self) -> bool:
        current = self._completion.current
        return current is not None and (begun(self.before_cursor) or "").casefold() == current.value.casefold()

    def take(self, one: Suggestion | None = None) -> None:
        one = one or self._completion.current
        typed = begun(self.before_cursor)
        self._completion.close()
        if one is not None and typed is not None:
            row, column = self.cursor_location
            after = self.document.get_line(row)[column : column + 1]
            self.replace(one.value + ("" if after.isspace() else " "), (row, column - len(typed)), (row, column))
