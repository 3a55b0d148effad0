"""Saving a rule set, switching it on and off, and what two people saved at once (A1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, line, ngettext
from loop.setup_views import Conflict, Saved
from tui.screens.asking import AskScreen
from tui.screens.picker import Option
from tui.screens.settings.autopilot_around import around, load
from tui.screens.settings.autopilot_shaping import Shaping, differences, forget, rebase
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.colliding import collision, unsaved
from tui.widgets.flash import Tone
from tui.widgets.ticket.spans import Line, marked

if TYPE_CHECKING:
    from tui.screens.settings.autopilot_editor import AutopilotEditor


class Saves:
    """See the module."""

    def action_save(self: AutopilotEditor) -> None:
        """Save it, complete or not."""
        if not self.may() or self.shaping is None:
            return
        if not self.shaping.unsaved:
            self.pane.say(_("There is nothing to save."))
        elif not line(self.plan.name):
            self.ask_name()
        else:
            self._save(self.shaping)

    def save_and_leave(self: AutopilotEditor) -> None:
        """Save it, and show the list if that went well."""
        if self.may() and self.shaping is not None:
            self._save(self.shaping, then="leave")

    def _save(self: AutopilotEditor, shaping: Shaping, *, then: str = "") -> None:
        app, plan = self.app, shaping.plan
        self.saving = True
        self.remake()

        def call() -> Any:
            from loop import rules

            saved = rules.save(app.desk, plan, actor=app.actor)
            if isinstance(saved, Saved):
                return saved, load(app.desk, saved.id, app.actor)
            if isinstance(saved, Conflict):
                return saved, load(app.desk, plan.id, app.actor)
            return saved, None

        self.app.writes.submit(lambda: _both(call), lambda result: self._came(shaping, then, *result))

    def _came(self: AutopilotEditor, shaping: Shaping, then: str, saved: Any, read: Any) -> None:
        if not self.is_attached or self.shaping is not shaping:
            return
        self.saving = False
        if isinstance(read, Refusal):
            forget(self.app, shaping.base.id)
            self.pane.close_editor()
            self.pane.say(str(read), Tone.REFUSED)
            return
        if isinstance(saved, Saved):
            n = len(shaping.changes)
            forget(self.app, shaping.base.id)
            plan, self.around = read
            # The steps stay: what was saved can be taken back, and saved once more.
            shaping.onto_saved(plan)
            self.refresh_all()
            self.pane.changed()
            if then == "on":
                self._switch(on=True)
                return
            if then == "leave":
                self.pane.close_editor()
            self.pane.say(ngettext("Saved: {n} change.", "Saved: {n} changes.", n).format(n=n), Tone.DONE)
        elif isinstance(saved, Conflict):
            self._collided(shaping, saved, read)
        else:
            self.pane.say(
                str(saved) or type(saved).__name__, Tone.REFUSED if isinstance(saved, Refusal) else Tone.TROUBLE
            )
        self.remake()

    # Two at once

    def _collided(self: AutopilotEditor, shaping: Shaping, conflict: Conflict, read: Any) -> None:
        theirs, self.around = read
        theirs_changed = differences(shaping.base, theirs) or conflict.changes

        def chosen(way: str | None) -> None:
            if way is None or self.shaping is not shaping:
                return
            merged = theirs if way == "theirs" else rebase(shaping.base, shaping.plan, theirs, mine_wins=way == "over")
            shaping.onto(theirs, merged)
            self.refresh_all()
            if way == "theirs":
                self.pane.say(_("This is theirs now; u brings back what you had."))
            else:
                self.pane.say(_("Yours lies on top of theirs now: look it over, then F5 saves."))

        title = _("{who} saved this rule set while you edited it")
        self.ask(collision(title, conflict, theirs_changed, shaping.changes), chosen)

    def action_changes(self: AutopilotEditor) -> None:
        """What F5 would save."""
        if self.shaping is None:
            return
        changes = self.shaping.changes
        if not changes:
            self.pane.say(_("Nothing was changed yet."))
            return
        self.ask(unsaved(self.plan.name, changes), lambda _answer: None)

    # On and off

    def action_switch(self: AutopilotEditor) -> None:
        """Check it and switch it on; or off, to edit it."""
        if self.shaping is None or self.saving:
            return
        if self.why_not:
            self.pane.say(self.why_not, Tone.REFUSED)
        elif self.plan.active:
            self._switch(on=False)
        elif self.blanks:
            self._show_blanks()
        elif self.shaping.unsaved:
            self._save(self.shaping, then="on")
        else:
            self._switch(on=True)

    def _show_blanks(self: AutopilotEditor) -> None:
        blanks = self.blanks
        n = len(blanks)
        title = ngettext("{n} blank before it can be switched on", "{n} blanks before it can be switched on", n).format(
            n=n
        )

        def build(width: int) -> list[Line]:
            return [row for one in blanks for row in marked("!", "late", line(one.sentence), width, "text")]

        def chosen(answer: Any) -> None:
            if answer == "go":
                self.sheet.to(blanks[0].where)

        self.ask(ChoiceScreen(title, build, [Option("go", _("Go to the first"))]), chosen)

    def ask_off(self: AutopilotEditor) -> None:
        """It is on: switch it off first?"""
        question = _("“{name}” is on. Switch it off to edit it?").format(name=line(self.plan.name, 60))
        about = _("Answers that come meanwhile can be given to it once it is on again.")
        self.app.push_screen(
            AskScreen(question, _("switch it off"), about=about), lambda yes: self._switch(on=False) if yes else None
        )

    def _switch(self: AutopilotEditor, *, on: bool) -> None:
        shaping = self.shaping
        assert shaping is not None and shaping.plan.id is not None
        app, id = self.app, shaping.plan.id

        def call() -> Any:
            from loop import rules

            switched = rules.switch(app.desk, id, on, actor=app.actor)
            read = switched if isinstance(switched, Refusal) else rules.rule_set(app.desk, id, actor=app.actor)
            return switched, read, around(app.desk, app.actor)

        def come(found: Any) -> None:
            switched, read, self.around = found
            if isinstance(switched, Refusal):
                self.pane.say(str(switched), Tone.REFUSED)
                self.refresh_all()
                return
            if self.shaping is shaping and not isinstance(read, Refusal):
                shaping.onto_saved(read)
                self.refresh_all()
            self.pane.changed()
            self.pane.switched(switched, on, shaping.plan.name)

        self.pane.write(call, come)


def _both(call: Any) -> Any:
    """What the call answers, or its exception with nothing beside it."""
    try:
        return call()
    except Exception as error:
        return error, None
