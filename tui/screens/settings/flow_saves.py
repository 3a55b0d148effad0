"""Saving what was shaped, and what two people saved at once; the flow as text, out and in (P8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.people import Role
from domain.planning import differences
from domain.plans import FlowPlan
from domain.refusals import Refusal
from domain.text import _, line, ngettext
from loop.setup_views import Conflict, Saved
from tui.screens.picker import Option
from tui.screens.settings import flow_kept
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.colliding import collision, unsaved
from tui.screens.settings.flow_around import Around, around, load
from tui.widgets.flash import Tone
from tui.widgets.flow.diff import diff_lines
from tui.widgets.flow.phases import ordered
from tui.widgets.flow.rebase import rebase
from tui.widgets.flow.shaping import Shaping

if TYPE_CHECKING:
    from tui.screens.settings.flow_editor import FlowEditor


class Saves:
    """See the module."""

    def action_save(self: FlowEditor) -> None:
        """Save the plan, if nothing stands in the way."""
        if not self.may() or self.shaping is None:
            return
        shaping = self.shaping
        if not shaping.unsaved:
            self.pane.say(_("There is nothing to save."))
        elif shaping.troubles:
            self.pane.say(line(shaping.troubles[0]), Tone.REFUSED)
        elif about := self._given_up(shaping):
            from tui.screens.asking import AskScreen

            def answered(yes: bool | None) -> None:
                if yes and self.shaping is shaping:
                    self._save(shaping)

            name = line(shaping.base.name, 40)
            # Keys that were typed ahead are no answer.
            self.app.push_screen(AskScreen(_("Save {flow} so?").format(flow=name), _("save"), about=about), answered)
        else:
            self._save(shaping)

    def _given_up(self: FlowEditor, shaping: Shaping) -> str:
        """What the reader takes from themselves with this plan, in a sentence; '' if nothing."""
        actor = self.app.actor
        if actor.is_owner or shaping.base.id is None:
            return ""
        had, left = (self._own_roles(plan) for plan in (shaping.base, shaping.plan))
        if had and not left:
            return _("You take yourself out of it, and will see neither the flow nor its tickets any more.")
        if Role.ADMINISTRATOR in had and Role.ADMINISTRATOR not in left:
            return _("You give up your own role as administrator, and cannot change the flow any more.")
        return ""

    def _own_roles(self: FlowEditor, plan: FlowPlan) -> set[Role]:
        login, teams = self.app.actor.login, self.around.teams
        return {m.role for m in plan.members if (login in teams.get(m.name, ()) if m.team else login == m.name)}

    def _save(self: FlowEditor, shaping: Shaping) -> None:
        app, plan, destinations = self.app, shaping.plan, dict(shaping.destinations)
        self.saving = True
        self.head.refresh()

        def call() -> Any:
            from loop import flows

            saved = flows.save(app.desk, plan, actor=app.actor, destinations=destinations)
            if isinstance(saved, Saved):
                # Who made a flow is its administrator only from now on.
                actor = app.desk.actor(app.actor.login)
                return saved, load(app.desk, saved.id, actor), actor
            if isinstance(saved, Conflict):
                return saved, load(app.desk, plan.id, app.actor), app.actor
            return saved, around(app.desk, plan.id, app.actor), app.actor

        def tried() -> Any:
            try:
                return call()
            except Exception as error:
                return error, None, app.actor

        app.writes.submit(tried, lambda result: self._came(shaping, *result))

    def _came(self: FlowEditor, shaping: Shaping, saved: Any, read: Any, actor: Any) -> None:
        if not self.is_attached or self.shaping is not shaping:
            return
        self.saving = False
        self.app.actor = actor
        if isinstance(saved, Saved):
            self._saved(shaping, read)
        elif isinstance(saved, Conflict):
            self._collided(shaping, saved, read)
        else:
            self.pane.say(
                str(saved) or type(saved).__name__, Tone.REFUSED if isinstance(saved, Refusal) else Tone.TROUBLE
            )
            if isinstance(read, Around):
                self.around = read
                self._ask_missing(shaping)
        self._show()

    def _saved(self: FlowEditor, shaping: Shaping, read: Any) -> None:
        n = len(shaping.changes)
        flow_kept.forget(self.app, shaping.base.id)
        here, place = self.canvas.here, self._place()
        if isinstance(read, Refusal):
            self.pane.close_editor()
            name = line(shaping.plan.name, 40)
            self.pane.say(_("Saved. {flow} is not yours to see any more.").format(flow=name), Tone.DONE)
            return
        plan, self.around = read
        self.shaping = Shaping(plan)
        self.canvas.phase = self._phase_at(plan, place)
        self._show(("phase", self.canvas.phase) if here[0] == "phase" else here)
        self.pane.changed()
        self.pane.say(ngettext("Saved: {n} change.", "Saved: {n} changes.", n).format(n=n), Tone.DONE)

    def _place(self: FlowEditor) -> int:
        keys = [p.key for p in ordered(self.plan)]
        return keys.index(self.canvas.phase) if self.canvas.phase in keys else 0

    def _phase_at(self: FlowEditor, plan: FlowPlan, place: int) -> int:
        phases = ordered(plan)
        return phases[min(place, len(phases) - 1)].key if phases else 0

    def _ask_missing(self: FlowEditor, shaping: Shaping) -> None:
        """Tickets came into a phase after it was removed here: ask where they go, then save again."""
        left = {p.key for p in shaping.plan.phases}
        for phase in shaping.base.phases:
            n = self.around.counts.get(phase.key, 0)
            if phase.key not in left and n and shaping.destinations.get(phase.key) not in left:

                def chosen(into: int | None, key: int = phase.key) -> None:
                    if into is not None and self.shaping is shaping:
                        shaping.aim(key, into)
                        self._save(shaping)

                title = ngettext("Where does the ticket in {phase} go?", "Where do the {n} tickets in {phase} go?", n)
                self._ask_destination(phase.key, title.format(phase=line(phase.name, 40), n=n), chosen)
                return

    # Two at once

    def _collided(self: FlowEditor, shaping: Shaping, conflict: Conflict, read: Any) -> None:
        if isinstance(read, Refusal):
            self.pane.say(str(read), Tone.REFUSED)
            return
        theirs, self.around = read
        theirs_changed = conflict.changes or differences(shaping.base, theirs)

        def chosen(way: str | None) -> None:
            if way is None or self.shaping is not shaping:
                return
            merged = theirs if way == "theirs" else rebase(shaping.base, shaping.plan, theirs, mine_wins=way == "over")
            shaping.onto(theirs, merged)
            self._show()
            if way == "theirs":
                self.pane.say(_("This is theirs now; u brings back what you had shaped."))
            else:
                self.pane.say(_("Yours lies on top of theirs now: look it over, then F5 saves."))

        title = _("{who} saved this flow while you shaped it")
        self.ask(collision(title, conflict, theirs_changed, shaping.changes), chosen)

    def action_changes(self: FlowEditor) -> None:
        """What F5 would save."""
        if self.shaping is None:
            return
        changes = self.shaping.changes
        if not changes:
            self.pane.say(_("Nothing was changed yet."))
            return
        self.ask(unsaved(self.plan.name, changes), lambda _answer: None)

    # As text

    def action_text(self: FlowEditor) -> None:
        """The plan as text, to copy or to save."""
        if self.shaping is not None:
            self.pane.show_text(self.plan)

    def action_import(self: FlowEditor) -> None:
        """Bring a text in, after its differences were seen."""
        if self.may() and self.shaping is not None:
            self.pane.ask_import(self.plan, self._imported)

    def _imported(self: FlowEditor, plan: FlowPlan, name: str) -> None:
        changes = differences(self.plan, plan)
        if not changes:
            self.pane.say(_("{file} says what is here already.").format(file=line(name, 40)))
            return
        n = len(changes)
        title = _("What {file} would change").format(file=line(name, 60))
        about = ngettext("{n} change; it comes into the plan, F5 saves it then.",
                         "{n} changes; they come into the plan, F5 saves them then.", n).format(n=n)  # fmt: skip
        choices = [Option("no", _("Leave it")), Option("yes", _("Take it into the plan"), _("u takes it back"))]

        def chosen(answer: str | None) -> None:
            if answer == "yes" and self.shaping is not None:
                self.change(plan)

        self.ask(ChoiceScreen(title, lambda width: diff_lines(changes, width), choices, about=about), chosen)
