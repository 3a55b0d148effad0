"""What a rule set did (A6): its runs, newest first, and what each touched, with why and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.refusals import Refusal
from domain.text import _, clean, line, ngettext, number
from loop.rule_views import HitLine, RunLine
from tui.screens.keys import Helped
from tui.screens.settings.autopilot_lines import SIGNS, wrap_spans
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, full_date, hints, marked, plain

if TYPE_CHECKING:
    from tui.app import Retorno

_WAYS = {
    "import": lambda: _("import"),
    "webhook": lambda: _("webhook"),
    "past": lambda: _("the past"),
    "time": lambda: _("the clock"),
    "hand": lambda: _("by hand"),
}


class LogScreen(Helped, ModalScreen[int | None]):
    """The runs; Enter shows what one touched. Answers the number of a ticket that is to be opened, or None."""

    app: Retorno
    DEFAULT_CSS = """
    LogScreen { align: center middle; background: $r-bg 60%;
        &:ansi { background: transparent; }
        .panel { width: 100%; max-width: 120; height: 100%; background: $r-bar; border: round $r-rule; padding: 0 1; }
        Painted { background: $r-bar; padding: 0; }
        PageOnBar { height: 8; border-top: solid $r-rule; }
        .-runs PageOnBar { display: none; }
    }
    """
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar = [Binding("escape,q", "back", show=False), Binding("a", "all", show=False), Helped.HELP]

    def __init__(self, rule_set_id: int, name: str) -> None:
        super().__init__()
        self._id, self._name = rule_set_id, name
        self._runs: tuple[RunLine, ...] | None = None
        self._run: RunLine | None = None
        self._in_hits = False
        self._place = 0
        self._said = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel -runs"):
            yield OnBar(self._head, classes="panel-title")
            yield Rows(self._row)
            page = PageOnBar(self._whole)
            page.can_focus = False
            yield page
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        app, id = self.app, self._id

        def call() -> Any:
            from loop import rule_log

            return rule_log.runs(app.desk, actor=app.actor, rule_set_id=id)

        self._read(call, self._show_runs)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(PageOnBar).styles.height = 8 if event.size.height >= 22 else 5

    def _read(self, call: Any, then: Any) -> None:
        def safe() -> Any:
            try:
                return call()
            except Exception as error:
                return error

        def come(found: Any) -> None:
            self.app.opened()
            if not self.is_attached:
                return
            if isinstance(found, Refusal | Exception):
                self._said = str(found) or type(found).__name__
                self._repaint()
            else:
                then(found)

        self.app.opening(told=True)  # the next key is for a line of what is read
        self.app.reads.submit(safe, come)

    def _show_runs(self, found: tuple[RunLine, ...]) -> None:
        self._runs = tuple(found)
        self._in_hits = False
        self.query_one(".panel").add_class("-runs")
        rows = self.query_one(Rows)
        rows.empty = (_("It never touched anything."), _("Nothing runs before it is switched on."))
        rows.show(self._runs, self._place)
        self._repaint()

    def _show_hits(self, run: RunLine | None) -> None:
        app, id = self.app, self._id
        self._run, self._place = run, self.query_one(Rows).place

        def call() -> Any:
            from loop import rule_log

            return rule_log.hits(app.desk, id, actor=app.actor, run=run.run if run else None)

        def come(found: Any) -> None:
            self._in_hits = True
            self.query_one(".panel").remove_class("-runs")
            rows = self.query_one(Rows)
            rows.empty = (_("Nothing of it is in your sight."),)
            rows.show(tuple(found), 0)
            self._repaint()

        self._read(call, come)

    # Keys

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._said = ""
        self.query_one(".panel-foot", OnBar).refresh(layout=True)
        self.query_one(PageOnBar).paint_with(self._whole, keep_place=False)

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        if isinstance(event.item, RunLine):
            self._show_hits(event.item)
        elif event.item.ticket is not None:
            self.dismiss(event.item.ticket)
        else:
            self._said = _("That answer has no ticket.")
            self._repaint()

    def action_all(self) -> None:
        """What it touched in all runs."""
        if not self._in_hits and self._runs:
            self._show_hits(None)

    def action_back(self) -> None:
        if self._in_hits and self._runs is not None:
            self._said = ""
            self._show_runs(self._runs)
        else:
            self.dismiss(None)

    # What is shown

    def _repaint(self) -> None:
        for painted in self.query(OnBar):
            painted.refresh(layout=True)
        self.query_one(PageOnBar).paint_with(self._whole)

    def _head(self, width: int) -> list[Line]:
        title: list[Span] = [(_("Log of {name}").format(name=line(self._name, 60)), "bright")]
        if self._in_hits:
            where = full_date(self._run.at) if self._run is not None else _("all runs")
            title.append((" › " + where, "text"))
            n = len(self.query_one(Rows).items)
            right = ngettext("{n} answer", "{n} answers", n).format(n=number(n))
            if self._run is not None and n < self._run.touched:
                right = _("the newest {n} of {all}").format(n=number(n), all=number(self._run.touched))
            return [Line(tuple(title), ((right, "past"),)), Line()]
        return [Line(tuple(title)), Line()]

    def _row(self, item: RunLine | HitLine, width: int, here: bool) -> Line:
        mark: Span = ("▌" if here else " ", "accent")
        return _run(item, width, mark) if isinstance(item, RunLine) else _hit(item, width, mark)

    def _whole(self, width: int) -> list[Line]:
        """The hit under the cursor: what was done, why, what the answer says."""
        hit = self.query_one(Rows).current
        if not isinstance(hit, HitLine):
            return []
        lines: list[Line] = []
        for title, told, role in (
            (_("did"), hit.did, "text"),
            (_("because"), hit.because, "text"),
            (_("e-mail"), (hit.mail,) if hit.mail else (), "text"),
            (_("says"), (clean(hit.comment).replace("\n", " "),) if hit.comment else (), "quote"),
        ):
            if told:
                rows = wrap_spans([(" · ".join(map(line, told)), role)], width - 10)
                lines += [Line(((f"{title:<9} " if not n else " " * 10, "past"), *row)) for n, row in enumerate(rows)]
        return lines

    def _foot(self, width: int) -> list[Line]:
        if self._said:
            return [Line(), *marked("✗", "detractor", line(self._said), width, "late")]
        return [Line(), hints(width, *self._keys(), ("?", _("help")))]

    def _keys(self) -> list[tuple[str, str]]:
        if self._in_hits:
            return [("Enter", _("open its ticket")), ("j k", _("down, up")), ("Esc", _("runs"))]
        keys = [("Enter", _("what it touched")), ("a", _("in all runs"))] if self._runs else []
        return [*keys, ("Esc", _("back"))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        moves = [("j k", _("down, up")), ("g G", _("first, last")), ("^D ^U", _("half pages"))]
        return _("Log of {name}").format(name=line(self._name, 40)), [*self._keys(), *moves]


def _run(run: RunLine, width: int, mark: Span) -> Line:
    way = _WAYS.get(run.way, lambda: run.way)()
    about = " · ".join(filter(None, (line(run.about, 30), line(run.who, 20))))
    right: list[Span] = []
    if run.undone:
        n = sum(count for _why, count in run.undone)
        why = line(run.undone[0][0], 40) if width >= 100 else ""
        words = ngettext("{n} could not", "{n} could not", n).format(n=number(n))
        right.append((f"! {words}{': ' if why else ''}{why}   ", "late"))
    if run.mails:
        right.append((ngettext("{n} e-mail", "{n} e-mails", run.mails).format(n=number(run.mails)) + "   ", "past"))
    of = _("{touched} of {n}").format(touched=number(run.touched), n=number(run.looked_at))
    right.append((of + " ", "text"))
    return Line(
        (mark, (full_date(run.at) + "  ", "text"), (fit(way, 12).ljust(13), "accent"), (about, "past")), tuple(right)
    )


def _hit(hit: HitLine, width: int, mark: Span) -> Line:
    score = "" if hit.score is None else str(hit.score)
    name = max(8, min(20, width // 4))
    customer = fit(plain(line(hit.customer)), name) or "—"
    spans: list[Span] = [
        mark,
        ((SIGNS.get(hit.klass, "·") + score).ljust(4), hit.klass if hit.klass in SIGNS else "past"),
        (customer + " " * (name - cells_of(customer)) + " ", "text"),
        (" · ".join(map(line, hit.did)) or "—", "past"),
    ]
    right = (f"#{hit.ticket} " if hit.ticket else _("no ticket") + " ", "past")
    return Line(tuple(spans), (right,))
