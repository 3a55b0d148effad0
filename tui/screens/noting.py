"""Writing a note for colleagues (N1)."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import TextArea

from domain.text import _, clean, line
from loop.views import TicketView
from tui.screens.kept import keep, kept
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, fit, hints


class NoteScreen(ModalScreen[str | None]):
    """Answers the note, or None; what was typed is in `text` either way.

    A note that was left is there again when the next one is begun on the same ticket.
    """

    CSS_PATH = "noting.tcss"
    BINDINGS: ClassVar = [
        Binding("f5", "add", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, view: TicketView | None, text: str = "", *, about: str = "") -> None:
        """`about` names what is noted where it is not one ticket, such as a selection."""
        super().__init__()
        self._about = about
        self._view = view
        self.text = clean(text)
        """What is typed so far."""
        self._said = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._title, classes="panel-title")
            yield TextArea(self.text, compact=True, soft_wrap=True, highlight_cursor_line=False)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        if not self.text and (left := kept(self.app, "note", self._ticket)):
            self.text = left
            area.load_text(left)
        area.cursor_blink = False
        area.move_cursor(area.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.text = clean(event.text_area.text)
        self._say("")

    def action_add(self) -> None:
        self.text = clean(self.query_one(TextArea).text)
        if not self.text.strip():
            self._say(_("There is nothing written yet."))
            return
        keep(self.app, "note", self._ticket, "")
        self.dismiss(self.text.strip())

    def action_leave(self) -> None:
        self.text = clean(self.query_one(TextArea).text)
        keep(self.app, "note", self._ticket, self.text)
        self.dismiss(None)

    @property
    def _ticket(self) -> int:
        return 0 if self._about or self._view is None else self._view.row.number

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _title(self, width: int) -> list[Line]:
        about = line(self._about)
        if self._view is not None and not about:
            about = f"#{self._view.row.number} {line(self._view.row.subject)}"
        title = _("Note")
        return [Line(((f"✎ {title}", "note"), ("  " + fit(about, max(4, width - 10)), "past")))]

    def _foot(self, width: int) -> list[Line]:
        who = _("Colleagues read it, the customer never does.")
        lines = [Line(((who, "past"),))]
        if self._said:
            lines = [Line((("✗ " + self._said, "late"),))]
        return [*lines, hints(width, ("F5", _("add the note")), ("Esc", _("leave, text kept")))]
