"""A text area for notes: it shows whom they mention and lets an open list of people have its keys (N1)."""

import re
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text
from textual.events import Key
from textual.widgets import TextArea

from domain.mentions import begun, mentioned
from tui.theme import palette
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


class NoteArea(TextArea):
    """A text area that marks the mentions of people and lets an open list have its keys."""

    def __init__(self, text: str, completion: Completion) -> None:
        super().__init__(text, compact=True, soft_wrap=True, highlight_cursor_line=False)
        self._completion = completion
        self._logins: Sequence[str] = ()

    def know(self, logins: Sequence[str]) -> None:
        """Who can be mentioned."""
        self._logins = logins
        self.notify_style_update()
        self.refresh()

    @property
    def before_cursor(self) -> str:
        """The line up to the cursor; '' while something is selected."""
        row, column = self.selection.end
        return self.document.get_line(row)[:column] if self.selection.is_empty else ""

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        ink = palette(self.app).accent_bold
        style = Style(color=ink.color, bold=ink.bold, underline=ink.underline)
        for start, end in spans(line.plain, self._logins):
            line.stylize(style, start, end)
        return line

    def _on_key(self, event: Key) -> None:
        if not self._completion.is_open:
            return
        if event.key in ("down", "ctrl+n"):
            self._completion.step(1)
        elif event.key in ("up", "ctrl+p"):
            self._completion.step(-1)
        elif event.key == "escape":
            self._completion.close()
        elif event.key == "tab" or (event.key == "enter" and not self._is_whole):
            self.take()
        else:
            return
        event.stop()
        event.prevent_default()

    @property
    def _is_whole(self) -> bool:
        """Whether the login is typed to its end, so that Enter is a new line."""
        current = self._completion.current
        return current is not None and (begun(self.before_cursor) or "").casefold() == current.value.casefold()

    def take(self, one: Suggestion | None = None) -> None:
        """Put a login where the mention was begun; the marked one if none is given."""
        one = one or self._completion.current
        typed = begun(self.before_cursor)
        self._completion.close()
        if one is not None and typed is not None:
            row, column = self.cursor_location
            after = self.document.get_line(row)[column : column + 1]
            self.replace(one.value + ("" if after.isspace() else " "), (row, column - len(typed)), (row, column))
