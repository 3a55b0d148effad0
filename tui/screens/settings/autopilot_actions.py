"""The panels of the rule editor for what is done (A3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.plan_words import priority_word
from domain.refusals import Refusal
from domain.rules import SEND_CLASS
from domain.text import _, fold, line, ngettext
from tui.screens.marking import ManyPicker
from tui.screens.picker import Option, Picker
from tui.screens.settings.autopilot_parts import then
from tui.screens.settings.autopilot_pickers import FreeManyPicker
from tui.widgets.form import Field, Kind

if TYPE_CHECKING:
    from tui.screens.settings.autopilot_editor import AutopilotEditor

MOST_DAYS = 366
NEW_TABLE = ("new", "")


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
        options.append(Option(NEW_TABLE, _("A new table…"), _("an attribute's values, each with its person")))
        current = ("table", now.by_table) if now.by_table else ("person", now.assignee)

        def plan(value: Any) -> Any:
            kind, name = value
            return then(self.plan, assignee=name if kind == "person" else "", by_table=name if kind == "table" else "")

        def chosen(value: Any) -> None:
            if value == NEW_TABLE:
                self._make_table(lambda name: self.take(plan(("table", name)), "then:assign"))
            elif value is not None:
                self.take(plan(value), "then:assign")

        self.ask(Picker(_("Who gets it?"), options, current), chosen)

    def _make_table(self: AutopilotEditor, then_take: Callable[[str], None]) -> None:
        """Have a table of managers made, and then taken by its name."""
        from tui.screens.settings.managers import open_managers

        def made(id: int | None) -> None:
            if id is not None:
                from loop import managers

                desk, actor = self.app.desk, self.app.actor
                self.pane.read(lambda: managers.tables(desk, actor=actor), lambda tables: come(id, tables))

        def come(id: int, tables: Any) -> None:
            self.around = replace(self.around, tables=tuple(tables))
            name = next((table.name for table in tables if table.id == id), "")
            if name and self.shaping is not None:
                then_take(name)

        open_managers(self.pane, None, made)

    def _ask_categories(self: AutopilotEditor) -> None:
        """Some of the categories; one that is typed and that nobody knows is made at once."""
        names = {fold(name): name for name in self.around.categories}
        now = [names.get(fold(name), name) for name in self.plan.then.categories]

        def taken(values: tuple[str, ...] | None) -> None:
            if values is None:
                return
            new = [value for value in values if fold(value) not in names and value not in now]
            if not new:
                self.take(then(self.plan, categories=values), "then:categories")
                return
            desk, actor = self.app.desk, self.app.actor
            self.pane.write(lambda: _made(desk, new, actor), lambda __: come(values, new))

        def come(values: tuple[str, ...], new: list[str]) -> None:
            self.around = replace(self.around, categories=(*self.around.categories, *new))
            if self.shaping is not None:
                self.take(then(self.plan, categories=values), "then:categories")
                made = ngettext("The category {names} was made.", "The categories {names} were made.", len(new))
                self.pane.say(made.format(names=line(", ".join(new), 80)))

        self.ask(FreeManyPicker(_("Which categories does it get?"), [Option(n, n) for n in names.values()], now), taken)

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


def _made(desk: Any, names: list[str], actor: Any) -> Any:
    """Make categories; the first refusal ends it."""
    from loop import labels

    return next(
        (r for name in names if isinstance(r := labels.create_category(desk, name, actor=actor), Refusal)), None
    )
