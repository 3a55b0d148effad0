"""The rule editor: a rule set as lines one reads aloud, each changed by a panel, rehearsed as one edits (A1–A3, A6)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from domain.refusals import Refusal
from domain.rule_checks import Blank
from domain.rule_sentence import NAME, THEN, WHEN
from domain.rules import RuleSet
from domain.text import _, number
from loop.rule_views import Rehearsal
from tui.screens.settings.autopilot_around import Around
from tui.screens.settings.autopilot_asks import Asks
from tui.screens.settings.autopilot_parts import without
from tui.screens.settings.autopilot_ready import ready_spans
from tui.screens.settings.autopilot_rehearsal import RehearsalView
from tui.screens.settings.autopilot_rehearsing import Rehearsing, tried
from tui.screens.settings.autopilot_saves import Saves
from tui.screens.settings.autopilot_shaping import Shaping
from tui.screens.settings.autopilot_sheet import RuleSheet, sheet_items
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, Rows
from tui.widgets.bar import Ground
from tui.widgets.flash import Tone
from tui.widgets.ticket.spans import Span

if TYPE_CHECKING:
    from tui.app import Retorno
    from tui.screens.settings.autopilot import AutopilotPane

BESIDE = 118
"""From so many columns of the pane on, the rehearsal stands beside the sheet."""


class AutopilotEditor(Ground, Asks, Rehearsing, Saves, Vertical):
    """See the module. The pane around it reads, writes, and says."""

    app: Retorno
    pane: AutopilotPane
    can_focus = False
    DEFAULT_CSS = """
    AutopilotEditor { width: 1fr; height: 1fr; display: none; }
    AutopilotEditor > .rule-body { width: 1fr; height: 1fr; layout: vertical; }
    AutopilotEditor.-beside > .rule-body { layout: horizontal; }
    AutopilotEditor RehearsalView { padding: 0; }
    AutopilotEditor.-beside RuleSheet { width: 11fr; }
    AutopilotEditor.-beside RehearsalView { width: 10fr; padding: 0 0 0 1; border-left: solid $r-rule; }
    """
    BINDINGS: ClassVar = [
        Binding("enter", "edit", show=False),
        Binding("o", "more", show=False),
        Binding("O", "other", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("n", "name", show=False),
        Binding("u", "undo", show=False),
        Binding("U,ctrl+r", "redo", show=False),
        Binding("t", "days", show=False),
        Binding("f5,f2,ctrl+s", "save", show=False),
        Binding("f6", "touched", show=False),
        Binding("f8", "switch", show=False),
        Binding("v", "changes", show=False),
        Binding("L", "log", show=False),
    ]

    class Changed(Message):
        """The rule set, or where the cursor is, has changed."""

    def __init__(self, pane: AutopilotPane) -> None:
        super().__init__(id="rule-editor")
        self.pane = pane
        self.shaping: Shaping | None = None
        """What is edited; None while no rule set is open."""
        self.around = Around()
        self.why_not = ""
        """Why this reader may not change it; '' if they may, once it is off."""
        self.saving = False
        self.blanks: tuple[Blank, ...] = ()
        self.found: Rehearsal | None = None
        """The last rehearsal; of an older plan while `rehearsing`."""
        self.rehearsing = False
        self.days: int | None = 90
        self._refused = ""
        self._stop = Event()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        self.sheet = RuleSheet(self._items)
        self.view = RehearsalView(self._heading, self._rehearsal)
        with Vertical(classes="rule-body"):
            yield self.sheet
            yield self.view

    # Opening and showing

    def open(self, shaping: Shaping, around: Around, why_not: str) -> None:
        """Show a rule set."""
        self.shaping, self.around, self.why_not, self.saving = shaping, around, why_not, False
        self.blanks, self.found, self._refused = (), None, ""
        self.sheet.place = 0
        self.refresh_all(WHEN)
        first = next((item.key for item in self.sheet.items if item.key not in (None, NAME)), NAME)
        self.sheet.to(first)
        # Only once it is laid out is it known that the beginning fits.
        self.call_after_refresh(lambda: self.sheet.to_line(0))
        if shaping.plan.id is None and not shaping.plan.name:
            self.call_after_refresh(self.ask_name)

    def close(self) -> None:
        """No rule set is open any more."""
        self._stop.set()
        if self._timer is not None:
            self._timer.stop()
        self.shaping = None

    @property
    def plan(self) -> RuleSet:
        """As it is edited now."""
        assert self.shaping is not None
        return self.shaping.plan

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save."""
        return self.shaping is not None and self.shaping.unsaved

    @property
    def current(self) -> str:
        """The key of the line under the cursor."""
        return str(self.sheet.current or NAME)

    def refresh_all(self, go_to: str = "") -> None:
        """Show the plan, look for blanks, rehearse soon."""
        if self.shaping is None:
            return
        self.remake()
        if go_to:
            self.sheet.to(go_to)
        self._look_for_blanks()
        self.rehearse_soon()
        self.post_message(self.Changed())

    def remake(self) -> None:
        """Show the plan again."""
        if self.shaping is None or not self.is_attached:
            return
        self.sheet.remake()
        self._fit()
        self.view.refresh()

    def take(self, plan: RuleSet, key: str) -> None:
        """Edit it so, the cursor on what was edited."""
        if self.shaping is not None and self.may() and self.shaping.change(plan):
            self.refresh_all(key)

    def may(self) -> bool:
        """Whether it can be edited now; else it is said why not, or asked whether to switch it off first."""
        if self.shaping is None:
            return False
        if self.saving:
            self.pane.say(_("Saving…"))
        elif self.why_not:
            self.pane.say(self.why_not, Tone.REFUSED)
        elif self.plan.active:
            self.ask_off()
        else:
            return True
        return False

    def ask(self, screen: Screen[Any], then: Callable[[Any], Any]) -> None:
        """Show a panel over it."""
        self.pane.ask_over(screen, then)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= BESIDE, "-beside")
        self.call_after_refresh(self.remake)

    def _fit(self) -> None:
        """Below each other, the sheet takes what it needs, and leaves the rehearsal some lines."""
        if self.has_class("-beside"):
            self.sheet.styles.height = "1fr"
            return
        height = self.size.height
        least = 3 if height < 24 else max(5, height // 3)
        self.sheet.styles.height = max(4, min(len(self.sheet.items) + 1, height - least))

    def _items(self, width: int) -> list[Item]:
        if self.shaping is None:
            return []
        return sheet_items(self.plan, self.blanks, self._state(width), width, ready_spans(self.plan, self.around))

    def _state(self, width: int) -> tuple[Span, ...]:
        """What stands beside the name."""
        plan = self.plan
        if self.saving:
            return ((_("saving…"), "accent"),)
        if plan.active:
            spans: list[Span] = [("● " + _("on"), "promoter"), (" · " + _("only to read"), "late")]
        elif self.why_not:
            spans = [("○ " + _("off"), "past"), (" · " + _("only to read"), "late")]
        elif self.unsaved:
            spans = [("● ", "late"), (_("not saved") + " · ", "text"), ("F5", "accent"), (" " + _("saves"), "past")]
        else:
            spans = [("○ " + _("off while you edit"), "late")]
        if width >= 70 and plan.id is not None:
            row = next((s for s in self.around.sets if s.id == plan.id), None)
            if row is not None:
                ran = _("never ran") if row.last_run is None else _("touched {n}").format(n=number(row.touched))
                runs = _("runs {n} of {all}").format(n=row.position, all=len(self.around.sets))
                spans.append((f" · {runs} · {ran}", "past"))
        return tuple(spans)

    # Blanks

    def _look_for_blanks(self) -> None:
        plan, app = self.plan, self.app

        def call() -> Any:
            from loop import rules

            return rules.blanks(app.desk, plan, actor=app.actor)

        def come(found: Any) -> None:
            if (
                self.is_attached
                and self.shaping is not None
                and self.plan == plan
                and not isinstance(found, Refusal | Exception)
            ):
                self.blanks = tuple(found)
                self.remake()
                self.post_message(self.Changed())

        app.reads.submit(lambda: tried(call), come, key="rule-blanks")

    # Editing

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_rows_opened(self, event: Rows.Opened) -> None:
        event.stop()
        self.action_edit()

    def action_edit(self) -> None:
        """Change what is under the cursor."""
        if self.may():
            self.ask_for(self.current)

    def action_more(self) -> None:
        """And: another condition, or another thing that is done."""
        if self.may():
            self.ask_more(self.current)

    def action_other(self) -> None:
        """Or: what would do instead."""
        if self.may():
            self.ask_other(self.current)

    def action_name(self) -> None:
        """Call it otherwise."""
        if self.may():
            self.ask_name()

    def action_remove(self) -> None:
        """Take a line away; u brings it back."""
        if not self.may():
            return
        key, keys = self.current, [item.key for item in self.sheet.items if item.key is not None]
        if key in (NAME, WHEN, THEN):
            self.pane.say(_("There is nothing to remove on this line."), Tone.REFUSED)
            return
        place = keys.index(key)
        self.take(without(self.plan, key), keys[place + 1] if place + 1 < len(keys) else keys[place - 1])
        self.pane.say(_("Removed; u brings it back."))

    def action_undo(self) -> None:
        """Take the last edit back."""
        if self.may() and self.shaping is not None:
            if self.shaping.undo():
                self.refresh_all()
            else:
                self.pane.say(_("There is nothing to take back."), Tone.REFUSED)

    def action_redo(self) -> None:
        """Make the edit again that was taken back."""
        if self.may() and self.shaping is not None:
            if self.shaping.redo():
                self.refresh_all()
            else:
                self.pane.say(_("There is nothing to make again."), Tone.REFUSED)

    def action_log(self) -> None:
        """Its runs."""
        self.pane.show_log(self.plan.id, self.plan.name)

    # Keys

    def keys(self) -> Keys:
        """For the footer."""
        if self.shaping is None:
            return ()
        found = self.found
        whole = _("open the {n}").format(n=number(found.touched)) if found else _("what it touches")
        opens = [("F6", whole)] if found is None or found.touched else []
        if self.plan.active or self.why_not:
            keys = [("F8", _("switch off, to edit"))] if not self.why_not else []
            return (*keys, *opens, ("t", _("days")), ("L", _("log")), ("Esc", _("back")))
        keys = [("F5", _("save"))] if self.unsaved else []
        keys += [("Enter", _("edit")), ("o", _("and")), ("O", _("or")), ("d", _("remove")), ("F8", _("switch on"))]
        return tuple([*keys, *opens, ("t", _("days"))][: 6 if self.unsaved else 7])

    def more_keys(self) -> Keys:
        """Those that only the help lists."""
        return (
            ("F6", _("open the list of what it would touch")),
            ("t", _("rehearse over 7, 30, 90 days, all")),
            ("F8", _("check and switch on; off, to edit")),
            ("F5", _("save; F2 and ctrl+s, too")),
            ("u", _("take the last edit back")),
            ("U", _("make it again")),
            ("v", _("what was changed")),
            ("n", _("call it otherwise")),
            ("L", _("log of its runs")),
        )
