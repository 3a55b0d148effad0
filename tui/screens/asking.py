"""Asking before something that cannot be undone easily: only its own key is a yes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, line
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints, marked, wrapped


class AskScreen(ModalScreen[bool]):
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
        self._seen = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._lines)

    def on_mount(self) -> None:
        # What was not painted was not read: y counts from then on.
        self.query_one(OnBar).call_after_refresh(self._now_seen)

    def _now_seen(self) -> None:
        self._seen = True

    def action_answer(self, yes: bool) -> None:
        if self._seen or not yes:
            self.dismiss(yes)

    def _lines(self, width: int) -> list[Line]:
        lines = marked("?", "late", line(self._question), width, "bright")
        if self._about:
            lines += [Line(), *wrapped(line(self._about), width, "past")]
        return [*lines, Line(), hints(width, ("Enter", _("leave it")), ("y", line(self._yes)))]
