"""Asking when a message is to leave, with the time that was understood in sight while one types (M4)."""

import re
from datetime import datetime

from textual.widgets import Input

from domain.ages import until
from domain.text import _
from tui.screens.queue_due import Due, DueScreen
from tui.widgets.ticket.spans import Line, full_date, hints

MORNING = 9
"""The hour of a day that is said without one."""


class LaterScreen(DueScreen):
    """Answers a time to come, or None when nothing was said."""

    CSS_PATH = "queue_due.tcss"

    def __init__(self, now: int) -> None:
        super().__init__(_("Send it"), None, now)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Input).placeholder = _("tomorrow, monday 8:30, 2h, 31/12 14:00")

    def _read(self) -> Due | None:
        found = super()._read()
        if found is None or found.at is None:
            return None
        at = datetime.fromtimestamp(found.at / 1000).astimezone()
        if (at.hour, at.minute, at.second) == (23, 59, 0) and not re.search(r"23[:h]59", self.query_one(Input).value):
            found = Due(int(at.replace(hour=MORNING, minute=0).timestamp() * 1000))
        return found if found.at is not None and found.at > self._now else None

    def _understood(self, width: int) -> list[Line]:
        said = self.query_one(Input).value.strip()
        found = self._read()
        if not said:
            words = _("Rights, status and new mail are looked at again then.")
            first = Line(((words, "past"),))
        elif found is None or found.at is None:
            first = Line((("? ", "late"), (_("no time to come that is understood yet"), "past")))
        else:
            first = Line((("→ ", "accent"), (f"{full_date(found.at)} · {until(found.at, self._now)}", "bright")))
        return [first, hints(width, ("Enter", _("send it then")), ("Esc", _("leave")))]
