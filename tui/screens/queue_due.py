"""Asking for a due date, with the date that was understood in sight while one types (T5)."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from domain.ages import until
from domain.dues import NotUnderstood, due
from domain.text import _, line
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, full_date, hints


@dataclass(frozen=True)
class Due:
    """What was said."""

    at: int | None
    """None for no due date."""


class DueScreen(ModalScreen[Due | None]):
    """Answers what was said, or None when nothing was."""

    CSS_PATH = "queue_due.tcss"
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(self, title: str, old: int | None, now: int) -> None:
        super().__init__()
        self._title, self._old, self._now = title, old, now

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((line(self._title), "bright"),))], classes="panel-title")
            yield Input(placeholder=_("2d, 31/12, friday 14:00, none"), compact=True, max_length=40)
            yield OnBar(self._understood, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        found = self._read()
        if found is not None:
            self.dismiss(found)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _read(self) -> Due | None:
        try:
            return Due(due(self.query_one(Input).value, self._now))
        except NotUnderstood:
            return None

    def _understood(self, width: int) -> list[Line]:
        said = self.query_one(Input).value.strip()
        if not said:
            was = _("no due date") if self._old is None else self._date(self._old)
            first = Line(((_("now") + "  ", "past"), (was, "text")))
        elif (found := self._read()) is None:
            first = Line((("? ", "late"), (_("no time that is understood yet"), "past")))
        elif found.at is None:
            first = Line((("→ ", "accent"), (_("no due date"), "bright")))
        else:
            role = "late" if found.at < self._now else "bright"
            first = Line((("→ ", "accent"), (self._date(found.at), role)))
        return [first, hints(width, ("Enter", _("take")), ("Esc", _("leave")))]

    def _date(self, at: int) -> str:
        return f"{full_date(at)} · {until(at, self._now)}"
