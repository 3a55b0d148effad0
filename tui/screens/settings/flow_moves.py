"""Moving, removing and binding what stands under the flow editor's cursor, and the steps back (P6–P8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.flows import Status
from domain.planning import move_phase
from domain.plans import FlowPlan
from domain.text import _, line, ngettext
from tui.widgets.flash import Tone
from tui.widgets.flow import edits

if TYPE_CHECKING:
    from tui.screens.settings.flow_editor import FlowEditor


class Moves:
    """See the module."""

    def action_move(self: FlowEditor, dx: int, dy: int) -> None:
        """Move what is under the cursor; a phase over the border of its status into the next."""
        if not self.may():
            return
        group, place = self.canvas.here
        if group == "phase":
            key = self.canvas.phase
            plan = edits.to_status(self.plan, key, dx) if dx else move_phase(self.plan, key, dy)
            if self._holds_its_status(key, plan):
                return
            if not self.change(plan, ("phase", key)):
                self._say_why_it_stays(key, dx or dy)
        elif group == "item" and isinstance(place, int) and place >= 0 and dy:
            items = len(self.plan.phase(self.canvas.phase).items)
            there = max(0, min(place + dy, items - 1))
            self.change(edits.move_item(self.plan, self.canvas.phase, place, dy), ("item", there))
        elif group == "member" and isinstance(place, int) and place >= 0:
            there = max(0, min(place + (dx or dy), len(self.plan.members) - 1))
            members = tuple(edits.moved(self.plan.members, place, dx or dy))
            self.change(replace(self.plan, members=members), ("member", there))

    def _holds_its_status(self: FlowEditor, key: int, plan: FlowPlan) -> bool:
        """Whether a move would start or close tickets, which only people do (T2, T6); it is said then."""
        assert self.shaping is not None
        n = self.around.counts.get(key, 0)
        was = {p.key: p.status for p in self.shaping.base.phases}.get(key)
        if not n or plan.phase(key).status in (was, self.plan.phase(key).status):
            return False
        said = ngettext(
            "{phase} holds {n} ticket, which would be started, closed or reopened by that: move it on first.",
            "{phase} holds {n} tickets, which would be started, closed or reopened by that: move them on first.",
            n,
        )
        self.pane.say(said.format(phase=line(self.plan.phase(key).name, 40), n=n), Tone.REFUSED)
        return True

    def _say_why_it_stays(self: FlowEditor, key: int, way: int) -> None:
        phase = self.plan.phase(key)
        first_or_last = phase.status is (Status.PENDING if way < 0 else Status.CLOSED)
        if edits.stays_in(self.plan, phase.status) and not first_or_last:
            said = _("{phase} is the only phase of its status, and a flow needs one of each: o adds another first.")
            self.pane.say(said.format(phase=line(phase.name, 40)), Tone.REFUSED)

    def action_remove(self: FlowEditor) -> None:
        """Remove what is under the cursor; u brings it back."""
        if not self.may():
            return
        group, place = self.canvas.here
        if group == "phase":
            self.ask_removal(self.canvas.phase)
        elif group == "item" and isinstance(place, int) and place >= 0:
            self.change(edits.remove_item(self.plan, self.canvas.phase, place))
            self.pane.say(_("The line is removed; u brings it back."))
        elif group == "member" and isinstance(place, int) and place >= 0:
            name = line(self.plan.members[place].name, 40)
            self.change(edits.remove_member(self.plan, place))
            self.pane.say(_("{name} is no member any more; u brings them back.").format(name=name))

    def action_binding(self: FlowEditor) -> None:
        """Mandatory or optional."""
        if not self.may() or self.canvas.here[0] not in ("phase", "item"):
            return
        key = self.canvas.phase
        if not self.plan.phase(key).items:
            self.pane.say(_("There is no checklist yet: ] goes to it, o adds a line."), Tone.REFUSED)
        else:
            self.change(edits.toggle_binding(self.plan, key))

    def action_undo(self: FlowEditor) -> None:
        """Take the last edit back."""
        if self.may() and self.shaping is not None:
            if self.shaping.undo():
                self._show()
            else:
                self.pane.say(_("There is nothing to take back."), Tone.REFUSED)
