"""Asking before something that cannot be undone easily: only its own key is a yes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, line
from tui.screens.readfirst import ReadFirst
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints, marked, wrapped


class AskScreen(ReadFirst, ModalScreen[bool]):
    """True for y; False for everything else: Enter, n, Esc."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", show=False),
        Binding("escape,enter,n,q", "answer(False)", show=False),
    ]

    def __init__(self, question: str, yes: str, *, about: str = "") -> None:
        """`yes` says what y does; `about` what follows from it, a sentence or two."""
        super().__init__()
        self._question, self._yes, self._about = question, yes, about

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._lines)

    def to_be_read(self) -> OnBar:
        return self.query_one(OnBar)

    def action_answer(self, yes: bool) -> None:
        if self._was_read or not yes:
            self.dismiss(yes)

    def _lines(self, width: int) -> list[Line]:
        lines = marked("?", "late", line(self._question), width, "bright")
        if self._about:
            lines += [Line(), *wrapped(line(self._about), width, "past")]
        return [*lines, Line(), hints(width, ("Enter", _("leave it")), ("y", line(self._yes)))]
