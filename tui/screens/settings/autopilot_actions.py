"""The panels of the rule editor for what is done (A3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.plan_words import priority_word
from domain.rules import SEND_CLASS
from domain.text import _, line
from tui.screens.marking import ManyPicker
from tui.screens.picker import Option, Picker
from tui.screens.settings.autopilot_parts import then
from tui.widgets.form import Field, Kind

if TYPE_CHECKING:
    from tui.screens.settings.autopilot_editor import AutopilotEditor

MOST_DAYS = 366


class Actions:
    """See the module."""

    def _ask_open_in(self: AutopilotEditor) -> None:
        options = [Option(name, name) for name in self.around.flows]
        title = _("Where is the ticket opened?")
        self._pick(title, options, self.plan.then.open_in, lambda v: then(self.plan, open_in=v), "then:open_in")

    def _ask_priority(self: AutopilotEditor) -> None:
        options = [Option(n, priority_word(n)) for n in (1, 2, 3)]
        title = _("Which priority?")
        self._pick(title, options, self.plan.then.priority, lambda v: then(self.plan, priority=v), "then:priority")

    def _ask_assign(self: AutopilotEditor) -> None:
        now = self.plan.then
        options = [Option(("table", t.name), t.name, _("table by {attribute}").format(attribute=line(t.attribute, 30)))
                   for t in self.around.tables]  # fmt: skip
        options += [Option(("person", login), login, name) for login, name in self.around.people]
        current = ("table", now.by_table) if now.by_table else ("person", now.assignee)

        def plan(value: Any) -> Any:
            kind, name = value
            return then(self.plan, assignee=name if kind == "person" else "", by_table=name if kind == "table" else "")

        self._pick(_("Who gets it?"), options, current, plan, "then:assign")

    def _ask_due(self: AutopilotEditor) -> None:
        old = self.plan.then.due_days
        field = Field(
            "days", _("Due in days"), Kind.NUMBER, 3 if old is None else old, needed=True, low=0, high=MOST_DAYS
        )
        self._form(_("When is it due?"), [field], lambda given: then(self.plan, due_days=given["days"]), "then:due")

    def _ask_phase(self: AutopilotEditor) -> None:
        found: dict[str, list[tuple[str, bool]]] = {}
        for name, flow, closes in self.around.phases:
            found.setdefault(name, []).append((flow, closes))
        options = [Option(name, name, ", ".join(flow for flow, _closes in places)) for name, places in found.items()]

        def chosen(name: str | None) -> None:
            if name is None:
                return
            if not any(closes for _flow, closes in found.get(name, ())):
                self.take(then(self.plan, phase=name, resolution=""), "then:phase")
                return
            about = _("Closing asks for it: what was done, in a sentence.")
            field = Field("said", _("Resolution"), Kind.TEXT, self.plan.then.resolution, needed=True, about=about)
            title = _("{phase} closes the ticket").format(phase=line(name, 40))
            self._form(
                title, [field], lambda given: then(self.plan, phase=name, resolution=given["said"]), "then:phase"
            )

        self.ask(Picker(_("To which phase?"), options, self.plan.then.phase), chosen)

    def _ask_followers(self: AutopilotEditor) -> None:
        options = [Option(login, login, name) for login, name in self.around.people]

        def taken(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self.take(then(self.plan, followers=values), "then:followers")

        self.ask(ManyPicker(_("Who follows it?"), options, self.plan.then.followers), taken)

    def _ask_send(self: AutopilotEditor) -> None:
        options = [Option(SEND_CLASS, _("the e-mail of its class"), _("of the survey, else of the account"))]
        for row in self.around.templates:
            place = row.of if row.level == "survey" else _("the account")
            blank = "" if row.complete else " ! " + _("not complete")
            options.append(Option(row.name, row.name, place + blank))
        title = _("What is sent?")
        self._pick(title, options, self.plan.then.send, lambda v: then(self.plan, send=v), "then:send")
