"""Rehearsing while one edits: once nothing was edited for a moment, off the screen's thread, stale ones stopped (A6)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, line
from loop.rule_views import Rehearsal
from tui.screens.settings.autopilot_rehearsal import DAYS, RehearsalScreen, rehearsal_lines, title
from tui.widgets.ticket.spans import Line, Span, wrapped

if TYPE_CHECKING:
    from tui.screens.settings.autopilot_editor import AutopilotEditor

PAUSE_S = 0.25
"""So long nothing must be edited before it is rehearsed."""


class Rehearsing:
    """See the module."""

    def rehearse_soon(self: AutopilotEditor) -> None:
        """Rehearse once nothing was edited for a moment; what is being rehearsed is stopped."""
        self._stop.set()
        self._stop = Event()
        if self._timer is not None:
            self._timer.stop()
        self.rehearsing = True
        self._timer = self.set_timer(PAUSE_S, self._rehearse)
        self.view.refresh()

    def _rehearse(self: AutopilotEditor) -> None:
        if self.shaping is None:
            return
        app, plan, days, stop = self.app, self.plan, self.days, self._stop

        def call() -> Any:
            from loop import rule_rehearsal

            return rule_rehearsal.rehearse(app.desk, plan, days=days, actor=app.actor, stop=stop.is_set)

        app.figures.submit(lambda: tried(call), lambda found: self._rehearsed(stop, found), key="rehearsal")

    def _rehearsed(self: AutopilotEditor, stop: Event, found: Any) -> None:
        if not self.is_attached or stop is not self._stop or stop.is_set():
            return
        self.rehearsing = False
        self._refused = str(found) if isinstance(found, Refusal | Exception) else ""
        self.found = found if isinstance(found, Rehearsal) else None
        self.view.refresh()
        self.post_message(self.Changed())

    def _heading(self: AutopilotEditor) -> tuple[list[Span], list[Span]]:
        right: list[Span] = [("t", "accent"), (" " + _("other days") + "  ", "past")]
        if self.rehearsing:
            right = [(_("rehearsing…") + "  ", "accent")]
        newest = self.found.newest if self.found is not None and self.days is not None else None
        return [(title(self.days, newest), "bright")], right

    def _rehearsal(self: AutopilotEditor, width: int) -> list[Line]:
        if self._refused:
            return wrapped(line(self._refused), width, "late")
        if self.found is None:
            return [Line()]
        met = next((one.touched for one in self.around.sets if one.id == self.plan.id), 0)
        return rehearsal_lines(self.found, width, self.app.desk.now(), met)

    def action_days(self: AutopilotEditor) -> None:
        """Over 7, 30, 90 days, or all answers."""
        self.days = DAYS[(DAYS.index(self.days) + 1) % len(DAYS)]
        self.rehearse_soon()

    def action_touched(self: AutopilotEditor) -> None:
        """All that would be touched."""
        if self.found is None or self.shaping is None:
            self.pane.say(
                _("That is still being rehearsed.") if self.rehearsing else self._refused or _("Nothing yet.")
            )
            return
        self.ask(RehearsalScreen(self.found, self.plan.name, self.app.desk.now()), self.pane.open_ticket)


def tried(call: Callable[[], Any]) -> Any:
    """What the call answers, or the exception that it ended with."""
    try:
        return call()
    except Exception as error:
        return error
