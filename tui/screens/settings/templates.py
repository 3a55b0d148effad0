"""Templates: one's own, of flows, surveys and the account, by class; Enter writes in one (M2, A4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.plan_words import class_word
from domain.rights import may_manage
from domain.text import _, line, ngettext
from loop.class_mail import ClassState
from loop.setup_views import TemplateRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, heading, sentence
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
        from loop import class_mail, flows, surveys, templates

        desk, actor = self.app.desk, self.app.actor
        places = [Option(("personal", None), _("mine"))]
        places += [
            Option(("flow", f.id), f.name, _("flow")) for f in flows.flows(desk, actor=actor) if f.may_edit is None
        ]
        places += [Option(("survey", s.id), s.name, _("survey")) for s in surveys.surveys(desk, actor=actor)]
        if may_manage(actor) is None:
            places.append(Option(("account", None), _("the account")))
        return templates.templates(desk, actor=actor), tuple(places), class_mail.states(desk, actor=actor)

    @property
    def _all(self) -> tuple[TemplateRow, ...]:
        return self.data[0] if self.data else ()

    @property
    def states(self) -> tuple[ClassState, ...]:
        """The e-mails of the autopilot, by place and class; none for who may not change them."""
        return self.data[2] if self.data else ()

    @property
    def unwritten(self) -> ClassState | None:
        """The e-mail of a class under the cursor that is not there yet."""
        return next((s for s in self.states if s.template is None and self.current == _key(s)), None)

    @property
    def template(self) -> TemplateRow | None:
        """The one under the cursor."""
        return next((t for t in self._all if t.id == self.current), None)

    def empty(self) -> str:
        said = _("No templates yet. o adds one: a text with variables, such as {{ customer.first_name }}.")
        return said.replace("{{ ", "{{\u00a0").replace(" }}", "\u00a0}}")  # a variable stands on one line

    def items(self) -> Iterable[Item]:
        self.count = len(self._all)
        yield from class_items(self.states)
        shown = {s.template for s in self.states}
        place: tuple[str, str] | None = None
        for row in self._all:
            if row.id in shown:
                continue
            if (row.level, row.of) != place:
                if place is not None or self.states:
                    yield blank()
                place = (row.level, row.of)
                yield heading(_place(row))
            words = f"{row.name} {row.of} {row.subject} {row.klass}"
            yield Item(row.id, lambda width, row=row: _row(row, width), words)
        if self.states and not self._all and not self._words:
            yield blank()
            yield from sentence(self.empty(), max(20, self.rows.inner_width))

    def keys(self) -> Keys:
        if self.unwritten is not None:
            return (("Enter", _("write it")), ("o", _("add another")), ("/", _("find")))
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
        if self.unwritten is not None:
            self._write_class(self.unwritten)
            return
        row = self.template
        if row is None:
            return
        from tui.screens.settings.template_editor import TemplateEditor

        def closed(saved: bool | None) -> None:
            if saved:
                self.reread(lambda: self.say(_("Saved."), Tone.DONE))

        self.ask_over(TemplateEditor(row), closed)

    def _write_class(self, state: ClassState) -> None:
        """Make the e-mail of a class, then write it (A4)."""
        place = state.survey_name or _("the account")
        name = f"{class_word(state.klass)} · {line(place, 60)}"
        about = _("As customers see it; the address is the account's.")
        fields = (
            Field("name", _("Name"), Kind.TEXT, name, needed=True, limit=80),
            Field("sender_name", _("Sender's name"), Kind.TEXT, "", limit=80, about=about),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import templates

            more: dict[str, Any] = {"account": True} if state.survey is None else {"survey": state.survey}
            return templates.add(self.app.desk, **given, klass=state.klass, actor=self.app.actor, **more)

        def done(saved: Any, given: dict[str, Any]) -> None:
            self.rows.to(saved.id)
            self.open()

        title = _("The e-mail for {klass}: {place}").format(klass=class_word(state.klass), place=line(place, 60))
        self.fill_in(title, fields, save, done)

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


def _key(state: ClassState) -> Any:
    """What a line of a class stands for: its template, or the place where it is missing."""
    return state.template if state.template is not None else ("class", state.survey or 0, state.klass)


def class_items(states: tuple[ClassState, ...]) -> Iterable[Item]:
    """The e-mails of the autopilot: of the account, then of surveys that have any of their own; `!` until complete (A4)."""
    if not states:
        return
    yield heading(_("What the autopilot sends"), _("by class"))
    places: dict[int | None, list[ClassState]] = {}
    for state in states:
        places.setdefault(state.survey, []).append(state)
    others = 0
    for survey, of in places.items():
        if survey is not None and not any(s.counts or s.template for s in of):
            others += 1
            continue
        for n, state in enumerate(of):
            place = (of[0].survey_name or _("the account")) if not n else ""
            words = f"{state.survey_name} {state.name} {state.klass} {class_word(state.klass)}"
            yield Item(_key(state), lambda width, s=state, place=place: _class_line(s, place, width), words)
    if others:
        said = ngettext(
            "{n} survey sends the account's; the section Surveys gives it its own.",
            "{n} surveys send the account's; the section Surveys gives one its own.",
            others,
        )
        yield Item(None, lambda width: Line(((" " + said.format(n=others), "past"),)), below=True)


def _class_line(state: ClassState, place: str, width: int) -> Line:
    mark = ("✓", "promoter") if state.complete else ("!", "late")
    if not state.counts:
        mark = ("✓" if state.complete else "·", "past")
    said = "" if state.complete else state.said
    if not state.counts:
        said = (said + " " + _("Not sent: the survey sends the account's, or nothing.")) if state.survey else said
        said = (said + " " + _("Not sent: every survey has its own, or sends nothing.")) if not state.survey else said
    sign: tuple[Span, ...] = ((f"{_SIGNS.get(state.klass, ' ')} {class_word(state.klass)}", state.klass),)
    columns = [(place, 18 if width >= 84 else 12, "text"), (sign, 13, ""), ((mark,), 1, "")]
    role = "late" if said and state.counts else "past"
    name = (state.name, 22 if width >= 84 else 14, "text") if state.template is not None else ("—", 3, "past")
    return Line(tuple(cells(width, *columns, name, (said.strip(), 0, role))))


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
