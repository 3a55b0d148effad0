"""What the flow editor asks in a panel of its own: members and roles, settings, ways, where tickets go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from domain.people import Level, Role, effective
from domain.plan_words import role_word, status_word
from domain.planning import remove_phase, why_not_remove
from domain.plans import MemberPlan
from domain.text import _, line, ngettext
from tui.screens.forming import FormScreen
from tui.screens.marking import ManyPicker
from tui.screens.picker import Option, Picker
from tui.screens.settings import flow_forms
from tui.widgets.flash import Tone
from tui.widgets.flow import edits
from tui.widgets.flow.phases import ahead
from tui.widgets.form import Field, Form

if TYPE_CHECKING:
    from tui.screens.settings.flow_editor import FlowEditor


class FormFrom(Form):
    """A form that begins at one of its fields."""

    def __init__(self, fields: Sequence[Field], first: str) -> None:
        super().__init__(fields)
        self._first = first

    def focus_field(self, id: str = "") -> None:
        super().focus_field(id or self._first)


class FlowForm(FormScreen):
    """A form that begins at the field one came for."""

    CSS_PATH: ClassVar = ["../forming.tcss"]

    def __init__(self, title: str, fields: Sequence[Field], first: str, check: Any = lambda values: "") -> None:
        super().__init__(title, fields, check, _("F5 takes it into the plan; the flow itself is saved with F5 there."))
        self.form = FormFrom(fields, first)


class Asks:
    """See the module."""

    def ask_setting(self: FlowEditor, name: str) -> None:
        """The form that holds a setting."""
        first = flow_forms.FIRST_FIELD.get(name, name)
        if name in flow_forms.IN_INTAKE:
            fields = flow_forms.intake_fields(self.plan.intake, self.around.surveys)
            title = _("Which answers come in")
            screen = FlowForm(title, fields, first, flow_forms.check_intake)
        else:
            screen = FlowForm(_("How it works"), flow_forms.work_fields(self.plan, self.around.teams), first)

        def take(given: dict[str, Any] | None) -> None:
            if given is not None and self.shaping is not None:
                put = flow_forms.with_intake if name in flow_forms.IN_INTAKE else flow_forms.with_work
                self.change(put(self.plan, given))

        self.ask(screen, take)

    def ask(self: FlowEditor, screen: Any, then: Any) -> None:
        """Open a panel; keys that are typed ahead reach it."""
        self.app.opening()
        self.app.push_screen(screen, then)

    # Members

    def ask_member(self: FlowEditor) -> None:
        """Who becomes a member, then with which role."""
        inside = {(m.name, m.team) for m in self.plan.members}
        options = [
            Option((login, False), login, f"{line(name, 40)} · {level}")
            for login, name, level in self.around.people
            if (login, False) not in inside
        ]
        for name, members in self.around.teams.items():
            if (name, True) not in inside:
                size = ngettext("team of {n}", "team of {n}", len(members)).format(n=len(members))
                options.append(Option((name, True), name, size))
        if not options:
            self.pane.say(_("Everybody who could be a member is one."), Tone.REFUSED)
            return

        def chosen(one: tuple[str, bool] | None) -> None:
            if one is not None and self.shaping is not None:
                role = self._role_for(one)
                place = len(self.plan.members)
                self.change(edits.add_member(self.plan, MemberPlan(one[0], role, one[1])), ("member", place))
                if one[1] or role is not Role.ANALYST:
                    self.ask_role()

        self.ask(Picker(_("A member for {flow}").format(flow=line(self.plan.name, 40) or "…"), options), chosen)

    def _role_for(self: FlowEditor, one: tuple[str, bool]) -> Role:
        """Agent, or the most that the person's level allows (P4)."""
        level = next((level for login, _name, level in self.around.people if login == one[0]), "")
        if one[1] or level not in {x.value for x in Level}:
            return Role.AGENT
        return effective(Level(level), Role.AGENT) or Role.ANALYST

    def ask_role(self: FlowEditor) -> None:
        """The role of the member under the cursor."""
        place = self.canvas.here[1]
        if not isinstance(place, int) or place < 0:
            self.ask_member()
            return
        member = self.plan.members[place]
        about = {
            Role.ADMINISTRATOR: _("works tickets, and shapes the flow"),
            Role.AGENT: _("works tickets"),
            Role.ANALYST: _("reads tickets, and changes nothing but own notes"),
        }
        level = next((level for login, _name, level in self.around.people if login == member.name), "")
        options = []
        for role in (Role.AGENT, Role.ADMINISTRATOR, Role.ANALYST):
            counts = role if member.team or not level else effective(Level(level), role)
            hint = about[role]
            if counts is not role:
                hint += " · " + _("as {level} they would be {role} only").format(
                    level=level, role=role_word(counts) or "—"
                )
            options.append(Option(role, role_word(role), hint))

        def chosen(role: Role | None) -> None:
            if role is not None and self.shaping is not None:
                self.change(edits.set_role(self.plan, place, role))

        self.ask(Picker(_("What {name} may do here").format(name=line(member.name, 40)), options, member.role), chosen)

    # Phases

    def action_ways(self: FlowEditor) -> None:
        """Which phases may follow the one under the cursor (P6)."""
        if not self.may() or self.canvas.here[0] not in ("phase", "item"):
            return
        phase = self.plan.phase(self.canvas.phase)
        further = ahead(self.plan, phase.key)
        name = line(phase.name, 40) or "…"
        if not further:
            self.pane.say(_("Nothing lies further on than {phase}.").format(phase=name), Tone.REFUSED)
            return
        options = [Option(p.key, line(p.name) or "…", status_word(p.status)) for p in further]
        keys = tuple(p.key for p in further)
        marked = keys if phase.onward is None else tuple(k for k in keys if k in phase.onward)

        def chosen(some: tuple[int, ...] | None) -> None:
            if some is None or self.shaping is None:
                return
            if not some:
                self.pane.say(_("A ticket must be able to go on: nothing was changed."), Tone.REFUSED)
                return
            onward = None if set(some) == set(keys) else tuple(k for k in keys if k in some)
            self.change(edits.set_onward(self.plan, phase.key, onward))

        title = _("Where tickets may go on to from {phase}; all marked is any").format(phase=name)
        self.ask(ManyPicker(title, options, marked), chosen)

    def ask_removal(self: FlowEditor, key: int) -> None:
        """Remove a phase; where its tickets go is asked if it holds any (P8)."""
        phase, shaping = self.plan.phase(key), self.shaping
        assert shaping is not None
        name = line(phase.name, 40) or "…"
        if why := why_not_remove(self.plan, key):
            self.pane.say(why, Tone.REFUSED)
            return
        tickets = self.around.counts.get(key, 0)
        tickets += sum(self.around.counts.get(k, 0) for k, into in shaping.destinations.items() if into == key)
        if not tickets:
            self.change(remove_phase(self.plan, key))
            self.pane.say(_("{phase} is removed; u brings it back.").format(phase=name))
            return

        def chosen(into: int | None) -> None:
            if into is not None and self.shaping is not None:
                self.shaping.remove_into(remove_phase(self.plan, key), key, into)
                self._show()
                said = _("{phase} is removed; u brings it back.").format(phase=name)
                self.pane.say(said)

        title = ngettext("Where does the ticket in {phase} go?", "Where do the {n} tickets in {phase} go?", tickets)
        self._ask_destination(key, title.format(phase=name, n=tickets), chosen)

    def _ask_destination(self: FlowEditor, key: int, title: str, then: Any) -> None:
        base = {p.key: p for p in (*self.plan.phases, *(self.shaping.base.phases if self.shaping else ()))}
        status = base[key].status
        options = [
            Option(p.key, line(p.name) or "…", status_word(p.status))
            for p in self.plan.phases
            if p.key != key and p.status is status
        ]
        self.ask(Picker(title, options), then)
