"""The settings' section “Autopilot”: the rule sets in the order in which they run, and the tables of managers (A1–A6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from domain.refusals import Refusal
from domain.rights import may_manage
from domain.rules import RuleSet
from domain.text import _, line, ngettext, number
from loop.rule_views import RuleSetLine, Switched, TableRow
from tui.screens.asking import AskScreen
from tui.screens.settings.autopilot_acts import Acts
from tui.screens.settings.autopilot_around import Around, load
from tui.screens.settings.autopilot_editor import AutopilotEditor
from tui.screens.settings.autopilot_rows import NEW, begun_item, set_items
from tui.screens.settings.autopilot_shaping import Shaping, forget, keep, kept
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.listing import ListPane
from tui.screens.settings.managers import managers_lines
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, Rows, blank, heading
from tui.widgets.flash import Tone
from tui.widgets.flow.diff import diff_lines
from tui.widgets.flow.edits import moved


class SetRows(Rows):
    """The list; its keys act only while it has the focus, not in the editor."""

    BINDINGS: ClassVar = [
        Binding("o", "act('add')", show=False),
        Binding("d,delete", "act('remove')", show=False),
        Binding("y", "act('copy')", show=False),
        Binding("L", "act('log')", show=False),
        Binding("space,f8", "act('switch')", show=False),
        Binding("p", "act('past')", show=False),
        Binding("m", "act('mails')", show=False),
        Binding("shift+up,K", "act('up')", show=False),
        Binding("shift+down,J", "act('down')", show=False),
    ]

    def action_act(self, what: str) -> None:
        """Have the pane do it."""
        pane = self.parent
        if isinstance(pane, AutopilotPane):
            pane.act(what)


class AutopilotPane(Acts, ListPane):
    """See the module. Keys of lines are ("set", id), ("table", id), and `NEW`."""

    DEFAULT_CSS = """
    AutopilotPane.-editing > Rows, AutopilotPane.-editing > .pane-head, AutopilotPane.-editing > .pane-filter {
        display: none;
    }
    AutopilotPane.-editing > AutopilotEditor { display: block; }
    """
    unseen = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = SetRows()
        self.editor = AutopilotEditor(self)

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self.editor

    # What the section says

    def fetch(self) -> Any:
        from loop import managers, rules

        desk, actor = self.app.desk, self.app.actor
        return rules.rule_sets(desk, actor=actor), managers.tables(desk, actor=actor)

    def refusal(self) -> Refusal | None:
        return may_manage(self.app.actor)

    @property
    def sets(self) -> tuple[RuleSetLine, ...]:
        """The rule sets, in order."""
        return self.data[0] if self.data else ()

    @property
    def tables(self) -> tuple[TableRow, ...]:
        """The tables of managers."""
        return self.data[1] if self.data else ()

    @property
    def row(self) -> RuleSetLine | None:
        """The rule set under the cursor."""
        return next((s for s in self.sets if self.current == ("set", s.id)), None)

    @property
    def table(self) -> TableRow | None:
        """The table under the cursor."""
        return next((t for t in self.tables if self.current == ("table", t.id)), None)

    def empty(self) -> str:
        if self.refusal() is not None:
            return ""
        return _(
            "No rule sets yet. o adds one: when an answer is from …, is … and says …, then a category, a priority, "
            "an assignee, an e-mail. Nothing runs before it is switched on."
        )

    def items(self) -> Iterable[Item]:
        self.count = None if self.refusal() else len(self.sets)
        if self.refusal() is not None:
            return
        width, now = max(30, self.rows.inner_width), self.app.desk.now()
        for n, row in enumerate(self.sets):
            if n:
                yield blank()
            unsaved = kept(self.app, row.id) is not None
            yield from set_items(row, n + 1, width, now, unsaved=unsaved)
        new = kept(self.app, None)
        if new is not None:
            if self.sets:
                yield blank()
            yield begun_item(line(new.plan.name, 60))
        if not self.sets and not self.tables and not self._words:
            return
        if self.sets:
            yield blank()
        yield heading(_("Tables of managers"), _("store → its manager"))
        yield from managers_lines(self.tables)

    def keys(self) -> Keys:
        if self.is_editing:
            return self.editor.keys()
        if self.refusal() is not None:
            return ()
        if isinstance(self.current, tuple) and self.current[0] == "table":
            if self.table is None:
                return (("Enter", _("add a table")), ("o", _("add a table")))
            return (("Enter", _("open")), ("o", _("add a table")), ("d", _("remove")), ("/", _("find")))
        if self.current == NEW:
            return (("Enter", _("open")), ("d", _("remove")))
        row = self.row
        if row is None:
            return (("o", _("add a rule set")),)
        mails = [("m", _("send {n}").format(n=number(row.held)))] if row.held else []
        off = _("switch off") if row.active else _("switch on")
        keys = [("Enter", _("open")), ("o", _("add")), *mails, ("Space", off), ("⇧↑↓", _("order"))]
        return tuple([*keys, ("L", _("log")), ("y", _("copy"))][:6])

    def more_keys(self) -> Keys:
        if self.is_editing:
            return (*self.editor.more_keys(), *super().more_keys()[2:])
        more = (
            ("F8", _("switch on or off")),
            ("⇧↑↓", _("earlier, later; J and K, too")),
            ("L", _("log of its runs")),
            ("y", _("copy")),
            ("d", _("remove")),
            ("p", _("run on answers of the past")),
            ("m", _("send e-mails that wait for a yes")),
        )
        return (*more, *super().more_keys())

    # The editor

    @property
    def is_editing(self) -> bool:
        """Whether a rule set is open."""
        return self.editor.shaping is not None

    @property
    def unsaved(self) -> bool:  # type: ignore[override]
        """Whether the rule set that is open has changes."""
        return self.editor.unsaved

    def crumbs(self) -> tuple[str, ...]:
        if not self.is_editing:
            return ()
        return (line(self.editor.plan.name, 60) or _("a new rule set"),)

    def enter(self) -> None:
        (self.editor.sheet if self.is_editing else self.rows).focus()

    def open(self) -> None:
        if self.row is not None:
            self.open_set(self.row.id, "" if self.row.may_edit is None else str(self.row.may_edit))
        elif self.current == NEW:
            self.open_set(None)
        elif isinstance(self.current, tuple) and self.current[0] == "table":
            self.open_table(self.table)

    def open_set(self, rule_set_id: int | None, why_not: str = "", name: str = "") -> None:
        """Read a rule set and edit it; None begins one of that name. What was not saved of it is there again."""
        app = self.app
        app.opening(told=True)

        def come(found: tuple[RuleSet, Around]) -> None:
            plan, around = found
            before = None if why_not or plan.active else kept(app, rule_set_id)
            if before is not None and name:
                before = None
            shaping = before or Shaping(plan, replace(plan, name=name) if name else plan)
            self.add_class("-editing")
            self.editor.open(shaping, around, why_not)
            self.screen.set_focus(self.editor.sheet)
            app.opened()
            self.screen.refresh_frame()
            if before is not None:
                n = len(before.changes)
                said = ngettext(
                    "Your {n} change of before is here again.", "Your {n} changes of before are here again.", n
                )
                self.say(said.format(n=n))

        self.read(lambda: load(app.desk, rule_set_id, app.actor), come)

    def close_editor(self) -> None:
        """Show the list again."""
        self.editor.close()
        self.remove_class("-editing")
        self.rows.focus()
        self.begin()

    def on_autopilot_editor_changed(self, event: AutopilotEditor.Changed) -> None:
        event.stop()
        shaping = self.editor.shaping
        if shaping is not None and not self.editor.why_not:
            # However the settings are left, what was edited is there again.
            keep(self.app, shaping)
        self.screen.refresh_frame()

    def back(self) -> bool:
        """Esc: out of the editor, after asking where something is not saved."""
        if not self.is_editing:
            return super().back()
        if not self.editor.unsaved:
            self.close_editor()
        else:
            self._ask_leaving()
        return True

    def _ask_leaving(self) -> None:
        from tui.screens.picker import Option

        shaping = self.editor.shaping
        assert shaping is not None
        changes = shaping.changes
        n = len(changes)
        title = ngettext("{n} change is not saved", "{n} changes are not saved", n).format(n=n)
        choices = [
            Option("stay", _("Go on editing")),
            Option("save", _("Save and leave"), _("it stays off")),
            Option("keep", _("Leave; keep them until the program ends")),
            Option("drop", _("Throw them away")),
        ]

        def chosen(way: str | None) -> None:
            if self.editor.shaping is not shaping:
                return
            if way == "save":
                self.editor.save_and_leave()
            elif way == "keep":
                keep(self.app, shaping)
                self.close_editor()
                self.say(_("Kept, not saved: Enter on the rule set brings them back."))
            elif way == "drop":
                forget(self.app, shaping.base.id)
                self.close_editor()

        self.ask_over(ChoiceScreen(title, lambda width: diff_lines(changes, width), choices), chosen)

    def changed(self) -> None:
        """A rule set was saved or switched."""
        self.begin()

    def action_filter(self) -> None:
        if not self.is_editing:
            super().action_filter()

    def action_reread(self) -> None:
        if not self.is_editing:
            super().action_reread()

    # Order

    def shift(self, by: int) -> None:
        """Have the rule set run earlier or later."""
        row = self.row
        if row is None:
            return
        if row.may_edit is not None:
            self.say(str(row.may_edit), Tone.REFUSED)
            return
        rows = moved(list(self.sets), self.sets.index(row), by)
        if tuple(rows) == self.sets:
            return
        place = rows.index(row) + 1
        # Shown at once, as the next key counts on it; read again when it is written, or refused.
        self.data = (tuple(rows), self.tables)
        self.repaint()

        def call() -> Any:
            from loop import rules

            return rules.reorder(self.app.desk, row.id, place, actor=self.app.actor)

        def over(result: Any) -> None:
            self._come(result, lambda _saved: None)
            self.begin()

        from tui.screens.settings.autopilot_rehearsing import tried

        self.app.writes.submit(lambda: tried(call), over)

    def switched(self, switched: Switched, on: bool, name: str) -> None:
        """A set was switched: offer the answers that came meanwhile (A1)."""
        if not on:
            self.say(_("{name} is off.").format(name=line(name, 40)), Tone.DONE)
        elif switched.waiting:
            self.offer_waiting(switched, name)
        else:
            self.say(_("{name} is on: it runs on every answer that comes in.").format(name=line(name, 40)), Tone.DONE)

    def confirm(self, screen: AskScreen, then: Any) -> None:
        """Ask; keys that were typed ahead are no answer."""
        self.app.push_screen(screen, lambda yes: then() if yes else None)
