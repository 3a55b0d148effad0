"""Several acts at once on many tickets (A7): what is chosen, and what came of it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.dues import NotUnderstood, due
from domain.flows import Status
from domain.people import Actor
from domain.rules import SEND_CLASS
from domain.text import _, line, natural, ngettext, number
from domain.tickets import Priority
from loop.desk import Desk
from loop.mass import KEEP, Acts, MassDone
from loop.setup_views import TemplateRow
from tui.screens.forming import FormScreen
from tui.screens.picker import Option
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, fit_spans, hints, marked

_NOBODY = "-"
"""Not a login: that begins with a letter or a digit."""
_SHOWN = 8
"""Tickets that are named with a reason."""


@dataclass(frozen=True)
class Offered:
    """What there is to choose from."""

    people: tuple[tuple[str, str], ...]
    """Logins and names."""
    categories: tuple[tuple[int, str], ...]
    phases: tuple[tuple[str, bool], ...]
    """Names, and whether they close."""
    rules: tuple[tuple[int, str], ...]
    """Rule sets that are on and may be run."""
    tables: tuple[tuple[int, str], ...] = ()
    """Tables of managers."""
    templates: tuple[TemplateRow, ...] = ()
    seen: int = 0
    """The newest event when it was asked."""


def offered(desk: Desk, actor: Actor) -> Offered:
    """What the actor may choose; not on the screen's own thread."""
    from loop import editing, managers, mass_mail, queue, reading, rules, templates

    flows = queue.flows(desk, actor=actor)
    people = {p.login: p.name for flow in flows for p in reading.people(desk, flow.id, actor=actor)}
    phases: dict[str, bool] = {}
    for flow in flows:
        for phase in flow.phases:
            if phase.status is not Status.PENDING:
                phases[phase.name] = phases.get(phase.name, False) or phase.status is Status.CLOSED
    sets = rules.rule_sets(desk, actor=actor)
    return Offered(
        tuple(sorted(people.items(), key=lambda one: natural(one[0]))),
        editing.labels(desk, actor=actor)[1],
        tuple(phases.items()),
        tuple((r.id, r.name) for r in sets if r.active and r.may_edit is None),
        managers.names(desk, actor=actor),
        tuple(t for t in templates.usable(desk, actor=actor) if t.body.strip()),
        mass_mail.newest(desk),
    )


def acts(given: dict[str, Any], now: int, seen: int = 0) -> Acts:
    """What was chosen in the panel; `seen` the newest event when it was opened."""
    words = [w for w in (line(part, 60) for part in given["tags"].split(",")) if w]
    assignee = given["assignee"]
    return Acts(
        start=given["start"],
        assignee=None if assignee == _NOBODY else assignee or KEEP,
        managers=given.get("managers") or None,
        categories=given.get("categories", ()),
        categorise=given["categorise"],
        tags=tuple(w.removeprefix("+").strip() for w in words if not w.startswith("-")),
        no_tags=tuple(w[1:].strip() for w in words if w.startswith("-")),
        priority=Priority[given["priority"].upper()] if given["priority"] else None,
        due=due(given["due"], now) if given["due"].strip() else KEEP,
        followers=given.get("followers", ()),
        answered=given["answered"],
        template=given.get("template") or None,
        seen=seen,
        phase=given["phase"],
        resolution=given["resolution"].strip(),
        rule=given.get("rule") or None,
    )


class MassScreen(FormScreen):
    """Answers what was chosen, for `acts`; what is left as it is stays so."""

    CSS_PATH = "forming.tcss"

    def __init__(self, title: str, offered: Offered, desk: Desk) -> None:
        self._final = frozenset(name for name, closes in offered.phases if closes)
        self._desk = desk
        super().__init__(title, _fields(offered), self._wrong)

    def _wrong(self, given: dict[str, Any]) -> str:
        try:
            chosen = acts(given, self._desk.now())
        except NotUnderstood:
            return _("“{said}” is no time; say 2d, 31/12, friday 14:00 or none.").format(said=line(given["due"], 40))
        if chosen.empty:
            return _("Nothing is chosen yet.")
        if why := chosen.trouble:
            return str(why)
        if chosen.phase in self._final and not chosen.resolution:
            return _("{phase} closes tickets: say in Resolution what was done.").format(phase=line(chosen.phase, 40))
        return ""

    def _foot(self, width: int) -> list[Line]:
        *lines, keys = super()._foot(width)
        shown = tuple((" " + _("do it all") if words == " " + _("save") else words, role) for words, role in keys.spans)
        return [*lines, Line(fit_spans(shown, width))]


def _fields(o: Offered) -> tuple[Field, ...]:
    as_is = Option("", _("as it is"))
    people = tuple(Option(login, login, name) for login, name in o.people)
    names = {"high": _("high"), "medium": _("medium"), "low": _("low")}
    tables = (Option(0, as_is.label), *(Option(id, line(name, 60)) for id, name in o.tables))
    words = _("Puts each ticket into the categories whose own words its comment has.")
    rules = (Option(0, _("none")), *(Option(id, line(name, 60)) for id, name in o.rules))
    fields = [
        Field("start", _("Start"), Kind.YESNO, False, about=_("Those that are not started.")),
        Field("assignee", _("Assign to"), Kind.CHOICE, "", (as_is, Option(_NOBODY, _("nobody")), *people)),
        Field(
            "managers",
            _("Assign by table"),
            Kind.CHOICE,
            0,
            tables,
            about=_("Each to whom the table names for its attribute."),
        )
        if o.tables
        else None,
        Field(
            "categories", _("Put into"), Kind.MANY, (), tuple(Option(id, line(name, 60)) for id, name in o.categories)
        ),
        Field("categorise", _("Categories by words"), Kind.YESNO, False, about=words),
        Field("tags", _("Tags"), Kind.TEXT, "", about=_("With commas between; a minus takes one away: late, -new")),
        Field("priority", _("Priority"), Kind.CHOICE, "", (as_is, *(Option(p.word, names[p.word]) for p in Priority))),
        Field("due", _("Due"), Kind.TEXT, "", about=_("2d, 31/12, friday 14:00, none")),
        Field("followers", _("Followers"), Kind.MANY, (), people, about=_("Who follows them too.")),
        Field("answered", _("Need no answer"), Kind.YESNO, False),
        Field(
            "template",
            _("E-mail"),
            Kind.CHOICE,
            0,
            _letters(o.templates),
            about=_("From you, so for tickets that are yours. Says the number first."),
        )
        if o.templates
        else None,
        Field(
            "phase", _("Move to"), Kind.CHOICE, "", (as_is, *(Option(name, line(name, 60)) for name, _c in o.phases))
        ),
        Field("resolution", _("Resolution"), Kind.TEXT, "", about=_("For a phase that closes: what was done.")),
    ]
    if o.rules:
        about = _("Its conditions hold here too, and it does no ticket twice.")
        fields.append(Field("rule", _("Run rule set"), Kind.CHOICE, 0, rules, about=about))
    return tuple(f for f in fields if f is not None and (f.kind is not Kind.MANY or f.options))


def _letters(templates: tuple[TemplateRow, ...]) -> tuple[Option, ...]:
    """None, the one of their class where there is any, and each that may be used."""
    where = {"personal": _("mine"), "account": _("account")}
    found = [Option(0, _("none"))]
    if any(t.klass and t.level in ("account", "survey") for t in templates):
        found.append(Option(SEND_CLASS, _("the e-mail of its class"), _("of the survey, else of the account")))
    found += (Option(t.id, line(t.name, 60), _told(where.get(t.level, line(t.of, 40)), t.subject)) for t in templates)
    return tuple(found)


def _told(*parts: str) -> str:
    return " · ".join(line(part, 60) for part in parts if part)


class MassResult(ModalScreen[None]):
    """How many were done, and why the others were not (Q4)."""

    CSS_PATH = "mass.tcss"
    BINDINGS: ClassVar = [Binding("escape,enter,q", "leave", show=False)]

    def __init__(self, done: MassDone) -> None:
        super().__init__()
        self._done = done

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._lines)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _lines(self, width: int) -> list[Line]:
        d = self._done
        said = [_("{n} of {found} done").format(n=number(len(d.done)), found=number(d.found))]
        if d.written:
            n = len(d.written)
            said.append(ngettext("one customer written to", "{n} customers written to", n).format(n=number(n)))
        said += [_("{n} in part").format(n=number(len(d.partly)))] if d.partly else []
        said += [_("{n} left").format(n=number(d.left))] if d.left else []
        lines = [Line(((" · ".join(said), "bright"),)), Line()]
        room = max(4, self.app.size.height - 8)
        for i, reason in enumerate(d.refused):
            told = marked(
                "✗",
                "detractor",
                _("{n} × {why}").format(n=number(reason.count), why=line(str(reason.why))),
                width,
                "text",
            )
            which = " ".join(f"#{n}" for n in reason.numbers[:_SHOWN]) + (" …" if reason.count > _SHOWN else "")
            told.append(Line((("  " + which, "past"),)))
            if len(lines) + len(told) > room:
                more = len(d.refused) - i
                lines.append(
                    Line(((ngettext("and one more reason", "and {n} more reasons", more).format(n=more), "past"),))
                )
                break
            lines += told
        return [*lines, Line(), hints(width, ("Esc", _("leave")))]
