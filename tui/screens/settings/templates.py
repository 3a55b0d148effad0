"""Templates: one's own, of flows, surveys and the account, by class; Enter writes in one (M2, A4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.rights import may_manage
from domain.text import _, line
from loop.setup_views import TemplateRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, heading
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import Line, Span

_SIGNS = {"detractor": "▼", "neutral": "■", "promoter": "▲"}


class TemplatesPane(ListPane):
    """See the module. Keys of lines are the templates' ids."""

    BINDINGS: ClassVar = [
        Binding("o", "add", show=False),
        Binding("e", "facts", show=False),
        Binding("d,delete", "remove", show=False),
    ]

    def fetch(self) -> Any:
        from loop import flows, surveys, templates

        desk, actor = self.app.desk, self.app.actor
        places = [Option(("personal", None), _("mine"))]
        places += [
            Option(("flow", f.id), f.name, _("flow")) for f in flows.flows(desk, actor=actor) if f.may_edit is None
        ]
        places += [Option(("survey", s.id), s.name, _("survey")) for s in surveys.surveys(desk, actor=actor)]
        if may_manage(actor) is None:
            places.append(Option(("account", None), _("the account")))
        return templates.templates(desk, actor=actor), tuple(places)

    @property
    def _all(self) -> tuple[TemplateRow, ...]:
        return self.data[0] if self.data else ()

    @property
    def template(self) -> TemplateRow | None:
        """The one under the cursor."""
        return next((t for t in self._all if t.id == self.current), None)

    def empty(self) -> str:
        return _("No templates yet. o adds one: a text with variables, such as {{ customer.first_name }}.")

    def items(self) -> Iterable[Item]:
        self.count = len(self._all)
        place: tuple[str, str] | None = None
        for row in self._all:
            if (row.level, row.of) != place:
                if place is not None:
                    yield blank()
                place = (row.level, row.of)
                yield heading(_place(row))
            words = f"{row.name} {row.of} {row.subject} {row.klass}"
            yield Item(row.id, lambda width, row=row: _row(row, width), words)

    def keys(self) -> Keys:
        return (
            ("Enter", _("write")),
            ("o", _("add")),
            ("e", _("name, class")),
            ("d", _("remove")),
            ("/", _("find")),
        )

    def may(self) -> bool:
        row = self.template
        if row is not None and row.may_edit is not None:
            self.say(str(row.may_edit), Tone.REFUSED)
            return False
        return row is not None

    def open(self) -> None:
        row = self.template
        if row is None:
            return
        from tui.screens.settings.template_editor import TemplateEditor

        def closed(saved: bool | None) -> None:
            if saved:
                self.reread(lambda: self.say(_("Saved."), Tone.DONE))

        self.ask_over(TemplateEditor(row), closed)

    def action_add(self) -> None:
        """Make a template, then write it."""
        if self.data is None:
            return
        fields = (
            Field("name", _("Name"), Kind.TEXT, "", needed=True, limit=80),
            Field("place", _("Of"), Kind.CHOICE, ("personal", None), self.data[1]),
            _class_field(""),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import templates

            level, of = given["place"]
            more = {level: of} if level in ("flow", "survey") else {"account": level == "account"}
            return templates.add(self.app.desk, given["name"], klass=given["klass"], actor=self.app.actor, **more)

        def done(saved: Any, given: dict[str, Any]) -> None:
            self.rows.to(saved.id)
            self.open()

        self.fill_in(_("Add a template"), fields, save, done)

    def action_facts(self) -> None:
        """Change what it is called, its class, and the sender's name."""
        row = self.template
        if row is None or not self.may():
            return
        about = _("Of what the autopilot sends; what people send has their own.")
        fields = (
            Field("name", _("Name"), Kind.TEXT, row.name, needed=True, limit=80),
            _class_field(row.klass),
            Field("sender_name", _("Sender's name"), Kind.TEXT, row.sender_name, limit=80, about=about),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import templates

            return templates.change(self.app.desk, row.id, given, actor=self.app.actor)

        self.fill_in(line(row.name), fields, save, lambda saved, given: self.say(_("Saved."), Tone.DONE))

    def action_remove(self) -> None:
        """Remove it, after a yes."""
        row = self.template
        if row is None or not self.may():
            return

        def call() -> Any:
            from loop import templates

            return templates.remove(self.app.desk, row.id, actor=self.app.actor)

        question = _("Remove the template {name}?").format(name=line(row.name))
        about = _("What was written with it stays as it is.")
        name = line(row.name)
        self.ask(question, _("remove"), about, call, lambda saved: _("{name} is gone.").format(name=name))


def _class_field(value: str) -> Field:
    options = (
        Option("", _("all answers")),
        Option("detractor", "▼ " + _("detractor")),
        Option("neutral", "■ " + _("neutral")),
        Option("promoter", "▲ " + _("promoter")),
    )
    return Field("klass", _("For"), Kind.CHOICE, value, options)


def _place(row: TemplateRow) -> str:
    if row.level == "personal":
        return _("Mine")
    if row.level == "account":
        return _("The account")
    return f"{_('Flow') if row.level == 'flow' else _('Survey')} {line(row.of)}"


def _row(row: TemplateRow, width: int) -> Line:
    """`!` where the autopilot could not send it yet (A4)."""
    blank_yet = row.level in ("survey", "account") and row.klass and not row.complete
    sign: tuple[Span, ...] = ((_SIGNS.get(row.klass, " "), row.klass or "past"),)
    text = row.subject or line(row.body, 200)
    columns = [
        (sign, 1, ""),
        (("!" if blank_yet else " "), 1, "late"),
        (row.name, 0, "text" if row.may_edit else "bright"),
    ]
    return Line(tuple(cells(width, *columns, (text, 0, "past"))))
