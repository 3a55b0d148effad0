"""From the list of flows into the editor and out of it; a flow as text, out of the list and in (P5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.planning import blank
from domain.plans import FlowPlan
from domain.text import _, line, ngettext
from tui.screens.picker import Option
from tui.screens.settings import flow_kept
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.flow_around import Around, load
from tui.screens.settings.flow_text import import_form, text_screen
from tui.widgets.flash import Tone
from tui.widgets.flow.diff import diff_lines
from tui.widgets.flow.flowlist import FlowList
from tui.widgets.flow.shaping import Shaping

if TYPE_CHECKING:
    from tui.screens.settings.flows import FlowsPane


class Opening:
    """See the module."""

    def on_flow_list_opened(self: FlowsPane, event: FlowList.Opened) -> None:
        event.stop()
        row = self._row()
        if row is not None:
            self.open_flow(row.id, "" if row.may_edit is None else str(row.may_edit))

    def open_flow(self: FlowsPane, flow_id: int | None, why_not: str = "") -> None:
        """Read a flow and shape it; None begins a new one. An unsaved plan is there again."""
        app = self.app
        app.opening(told=True)

        def come(found: tuple[FlowPlan, Around]) -> None:
            plan, around = found
            kept = None if why_not else flow_kept.kept(app, flow_id)
            self._open(kept or Shaping(plan), around, why_not)
            if kept is not None:
                n = len(kept.changes)
                said = ngettext(
                    "Your {n} change of before is here again.", "Your {n} changes of before are here again.", n
                )
                self.say(said.format(n=n))

        self.read(lambda: load(app.desk, flow_id, app.actor), come)

    def _open(self: FlowsPane, shaping: Shaping, around: Around, why_not: str) -> None:
        self.add_class("-editing")
        self.editor.open(shaping, around, why_not)
        self.screen.set_focus(self.editor.canvas)
        self.app.opened()
        self.screen.refresh_frame()

    def close_editor(self: FlowsPane) -> None:
        """Show the list again."""
        self.editor.close()
        self.remove_class("-editing")
        self.list.focus()
        self._reread()

    def action_new(self: FlowsPane) -> None:
        if self.is_editing:
            return
        if self._why_new:
            self.say(self._why_new, Tone.REFUSED)
        else:
            self.open_flow(None)

    # Text

    def action_text(self: FlowsPane) -> None:
        row = self._row()
        if row is not None:
            self.app.opening()
            self.read(lambda: load(self.app.desk, row.id, self.app.actor), lambda found: self.show_text(found[0]))

    def show_text(self: FlowsPane, plan: FlowPlan) -> None:
        """Show a plan as text."""
        self.ask(text_screen(self.app, plan), lambda _answer: None)

    def action_import(self: FlowsPane) -> None:
        """A new flow from a file; in the editor, `ask_import` is for the flow that is open."""
        if self.is_editing:
            return
        if self._why_new:
            self.say(self._why_new, Tone.REFUSED)
            return
        self.ask_import(None, self._imported_new)

    def ask_import(self: FlowsPane, base: FlowPlan | None, then: Callable[[FlowPlan, str], None]) -> None:
        """Ask for a file, read it, hand the plan on."""
        self.ask(*import_form(base, then))

    def _imported_new(self: FlowsPane, plan: FlowPlan, name: str) -> None:
        def come(found: tuple[FlowPlan, Around]) -> None:
            new, around = found
            members = plan.members or new.members
            self._open(Shaping(blank(), replace(plan, members=members)), around, "")
            self.say(_("{file} is here as a plan: look it over, then F5 saves.").format(file=line(name, 40)))

        self.app.opening(told=True)
        self.read(lambda: load(self.app.desk, None, self.app.actor), come)

    def _ask_leaving(self: FlowsPane) -> None:
        shaping = self.editor.shaping
        assert shaping is not None
        n = len(shaping.changes)
        title = ngettext("{n} change is not saved", "{n} changes are not saved", n).format(n=n)
        choices = [
            Option("stay", _("Go on shaping")),
            Option("keep", _("Leave; keep them until the program ends")),
            Option("drop", _("Throw them away")),
        ]

        def chosen(way: str | None) -> None:
            if self.editor.shaping is not shaping:
                return
            if way == "keep":
                flow_kept.keep(self.app, shaping)
                self.close_editor()
                self.say(_("Kept, not saved: Enter on the flow brings them back."))
            elif way == "drop":
                flow_kept.forget(self.app, shaping.base.id)
                self.close_editor()

        self.ask(ChoiceScreen(title, lambda width: diff_lines(shaping.changes, width), choices), chosen)
