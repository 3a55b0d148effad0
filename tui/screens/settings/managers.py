"""Tables of managers (A3): an attribute's values and who gets their tickets; values that answers know are offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.people import Level
from domain.refusals import Refusal
from domain.text import _, clean, fold, line, ngettext, number
from loop.rule_views import TableRow
from tui.screens.forming import FormScreen
from tui.screens.keys import Helped
from tui.screens.picker import Option, Picker
from tui.screens.settings.autopilot_pickers import FreePicker, LinesScreen
from tui.screens.settings.rows import Item
from tui.widgets.form import Field, Kind
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, hints, marked, plain

if TYPE_CHECKING:
    from tui.app import Retorno
    from tui.screens.settings.autopilot import AutopilotPane

Entries = tuple[tuple[str, str], ...]
"""Values and logins; '' for nobody yet."""


def managers_lines(tables: Sequence[TableRow]) -> Iterator[Item]:
    """The tables, and a line that makes one."""
    for table in tables:
        yield Item(
            ("table", table.id), lambda width, table=table: _table(table, width), f"{table.name} {table.attribute}"
        )
    if not tables:
        said = (
            ("   " + _("none yet") + "   ", "text"),
            (_("Enter makes one: state SP goes to ana, RJ to bia"), "past"),
        )
        yield Item(("table", None), lambda width: Line(said))


def _table(table: TableRow, width: int) -> Line:
    n = len(table.entries)
    lost = sum(1 for _value, login in table.entries if not login)
    right: list[Span] = []
    if lost:
        right.append(
            ("! " + ngettext("{n} without anybody", "{n} without anybody", lost).format(n=lost) + "   ", "late")
        )
    right.append((ngettext("{n} value", "{n} values", n).format(n=number(n)) + "  ", "past"))
    who = ", ".join(dict.fromkeys(login for _value, login in table.entries if login))
    by = _("by {attribute}").format(attribute=line(table.attribute, 30))
    return Line((("   " + line(table.name), "text"), (f"  {by}", "past"), (f"  {line(who, 60)}", "past")), tuple(right))


def read_entries(text: str, logins: Mapping[str, str]) -> Entries | str:
    """Lines such as `SP = ana` (or `SP: ana`, or with a tab between); or a sentence about the line that is none.

    `logins` has each login by its folded form.
    """
    found: dict[str, tuple[str, str]] = {}
    for typed in clean(text).split("\n"):
        if not line(typed):
            continue
        mark = next((m for m in ("\t", "=", ";", ":") if m in typed), "")
        value, _mark, who = typed.rpartition(mark) if mark else (typed, "", "")
        value, who = line(value), line(who)
        if not mark or not value:
            return _("“{line}” says no value and person; write SP = ana.").format(line=line(typed, 60))
        if who and fold(who) not in logins:
            return _("Nobody who can work is called {login}.").format(login=line(who, 40))
        found[fold(value)] = (value, logins.get(fold(who), ""))
    return tuple(found.values())


def open_managers(pane: AutopilotPane, table: TableRow | None, then: Callable[[int | None], None]) -> None:
    """Open a table; for a new one ask what it is by first."""
    desk, actor = pane.app.desk, pane.app.actor

    def read() -> Any:
        from loop import people, rule_values

        found = people.people(desk, actor=actor)
        who = [] if isinstance(found, Refusal) else [(p.login, p.name) for p in found if p.active and p.level != Level.NONE.value]  # fmt: skip
        values = rule_values.values(desk, table.attribute, actor=actor) if table else ()
        return tuple(who), rule_values.attributes(desk, actor=actor), values

    def come(found: Any) -> None:
        who, attributes, values = found
        if table is not None:
            pane.ask_over(ManagersScreen(table, who, values), then)
            return
        options = [
            Option(g.text, g.text, count=ngettext("{n} answer", "{n} answers", g.count).format(n=number(g.count)))
            for g in attributes
        ]
        pane.ask_over(FreePicker(_("By which attribute of the answer?"), options), lambda given: named(given, who))

    def named(attribute: str | None, who: Any) -> None:
        if attribute is None:
            return

        def values() -> Any:
            from loop import rule_values

            return rule_values.values(desk, attribute, actor=actor)

        blank = TableRow(0, attribute, attribute, ())
        pane.read(values, lambda known: pane.ask_over(ManagersScreen(blank, who, known), then))

    pane.read(read, come)


class ManagersScreen(Helped, ModalScreen[int | None]):
    """A table as rows. Answers its id once it was saved, or None; Esc asks for a second one before it loses anything."""

    app: Retorno
    DEFAULT_CSS = """
    ManagersScreen { align: center middle; background: $r-bg 60%;
        &:ansi { background: transparent; }
        .panel { width: 80; max-width: 100%; height: 100%; max-height: 34; background: $r-bar; border: round $r-rule;
            padding: 0 1; }
        Painted { background: $r-bar; padding: 0; }
        Rows { margin-top: 1; }
        .panel-foot { margin-top: 1; }
    }
    """
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar = [
        Binding("o", "add", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("p,e", "text", show=False),
        Binding("n", "name", show=False),
        Binding("f5,f2,ctrl+s", "save", show=False),
        Binding("escape", "leave", show=False),
        Helped.HELP,
    ]

    def __init__(self, table: TableRow, people: Sequence[tuple[str, str]], known: Sequence[Any]) -> None:
        super().__init__()
        self._table, self._people = table, tuple(people)
        self._logins = {fold(login): login for login, _name in people}
        self._counts = {fold(g.text): g.count for g in known}
        self._known = tuple(g.text for g in known)
        self.name_, self.entries = table.name, table.entries
        self._said = ""
        self._warned = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield Rows(self._row)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(Rows).empty = (
            _("No value yet."),
            _("o adds one, p takes many at once: lines such as SP = ana."),
        )
        self._show()

    @property
    def changed(self) -> bool:
        """Whether something is not saved."""
        return not self._table.id or (self.name_, self.entries) != (self._table.name, self._table.entries)

    def _show(self, value: str = "") -> None:
        """The entries, then what answers know and nobody gets yet."""
        there = {fold(value) for value, _login in self.entries}
        rows = [*self.entries, *((v, "") for v in self._known if fold(v) not in there)]
        place = next((i for i, (v, _login) in enumerate(rows) if value and fold(v) == fold(value)), None)
        self.query_one(Rows).show(rows, place)
        self._repaint()

    def _put(self, value: str, login: str) -> None:
        kept = {fold(v): (v, who) for v, who in self.entries}
        kept[fold(value)] = (value, login)
        self.entries = tuple(kept.values())
        self._say("")
        self._show(value)

    # Keys

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._say("")

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        self._ask_who(event.item[0], event.item[1])

    def _ask_who(self, value: str, now: str = "") -> None:
        options = [Option(login, login, name) for login, name in self._people]
        title = _("Who gets {value}?").format(value=line(value, 50))
        self.app.push_screen(Picker(title, options, now), lambda who: None if who is None else self._put(value, who))

    def action_add(self) -> None:
        """Another value, known or not."""
        there = {fold(value) for value, _login in self.entries}
        options = [Option(v, v) for v in self._known if fold(v) not in there]
        title = _("Which value of {attribute}?").format(attribute=line(self._table.attribute, 40))
        self.app.push_screen(FreePicker(title, options), lambda value: None if value is None else self._ask_who(value))

    def action_remove(self) -> None:
        """Take a value out."""
        current = self.query_one(Rows).current
        if current is not None:
            self.entries = tuple(e for e in self.entries if fold(e[0]) != fold(current[0]))
            self._show()

    def action_text(self) -> None:
        """All at once, as text: pasted or written."""
        text = "\n".join(f"{value} = {login}" for value, login in self.query_one(Rows).items)
        about = _("A line each: SP = ana. A tab, a semicolon or a colon will do, too.")
        field = Field("text", _("Values"), Kind.LINES, text, rows=12, about=about)

        def check(given: dict[str, Any]) -> str:
            found = read_entries(given["text"], self._logins)
            return found if isinstance(found, str) else ""

        def taken(given: dict[str, Any] | None) -> None:
            if given is not None:
                found = read_entries(given["text"], self._logins)
                if not isinstance(found, str):
                    had = {fold(value) for value, _login in self._table.entries}
                    self.entries = tuple(e for e in found if e[1] or fold(e[0]) in had)
                    self._show()

        self.app.push_screen(LinesScreen(line(self.name_) or "…", [field], check), taken)

    def action_name(self) -> None:
        """Call it otherwise."""
        field = Field("name", _("Name"), Kind.TEXT, self.name_, needed=True, limit=80)

        def taken(given: dict[str, Any] | None) -> None:
            if given is not None:
                self.name_ = given["name"]
                self._say("")

        self.app.push_screen(FormScreen(_("What is it called?"), [field]), taken)

    def action_save(self) -> None:
        """Save it whole."""
        if not self.changed:
            self.dismiss(self._table.id)
            return
        app, table, name, entries = self.app, self._table, self.name_, dict(self.entries)

        def call() -> Any:
            from loop import managers

            try:
                return managers.save_table(app.desk, table.id or None, name, table.attribute, entries, actor=app.actor)
            except Exception as error:
                return error

        def over(saved: Any) -> None:
            if not self.is_attached:
                return
            if isinstance(saved, Refusal | Exception):
                self._say(str(saved) or type(saved).__name__)
            else:
                self.dismiss(saved.id)

        app.writes.submit(call, over)

    def action_leave(self) -> None:
        if (
            self.changed
            and (self.entries != self._table.entries or self.name_ != self._table.name)
            and not self._warned
        ):
            self._say(_("This is not saved: F5 saves it, Esc once more leaves it."))
            self._warned = True
        else:
            self.dismiss(None)

    # What is shown

    def _say(self, words: str) -> None:
        self._said, self._warned = words, False
        self._repaint()

    def _repaint(self) -> None:
        for painted in self.query(OnBar):
            painted.refresh(layout=True)

    def _head(self, width: int) -> list[Line]:
        by = _("by {attribute}").format(attribute=line(self._table.attribute, 40))
        right: tuple[Span, ...] = (("● " + _("not saved"), "late"),) if self.changed else ()
        return [Line(((line(self.name_, 60), "bright"), ("  " + by, "past")), right)]

    def _row(self, item: tuple[str, str], width: int, here: bool) -> Line:
        value, login = item
        cells = max(12, min(36, width // 2))
        shown = fit(plain(line(value)), cells)
        there = any(fold(value) == fold(v) for v, _login in self.entries)
        name = next((n for one, n in self._people if one == login), "")
        who: tuple[Span, ...] = ((login, "bright"), ("  " + line(name, 40), "past")) if login else ()
        if not login:
            who = ((("! " + _("nobody who can work") if there else _("nobody yet")), "late" if there else "past"),)
        count = self._counts.get(fold(value))
        right = ngettext("{n} answer", "{n} answers", count).format(n=number(count)) if count else ""
        role = "bright" if here else "text" if there else "past"
        mark: Span = ("▌ " if here else "  ", "accent")
        return Line((mark, (shown + " " * (cells - cells_of(shown)), role), *who), ((right + " ", "past"),))

    def _foot(self, width: int) -> list[Line]:
        if self._said:
            return marked("✗", "detractor", line(self._said), width, "late")
        return [hints(width, *self._keys(), ("?", _("help")))]

    def _keys(self) -> list[tuple[str, str]]:
        keys = [("F5", _("save")), ("Enter", _("who")), ("o", _("add value")), ("p", _("paste many"))]
        return [*keys, ("d", _("remove")), ("n", _("name")), ("Esc", _("leave"))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        moves = [("j k", _("down, up")), ("g G", _("first, last")), ("^D ^U", _("half pages"))]
        return line(self.name_, 60) or "—", [*self._keys(), *moves]
