"""The settings' section “Flows”: the list in the admin's order, and the editor over it (P4–P8, I5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from domain.text import _, line, ngettext
from loop.setup_views import FlowRow
from tui.screens.asking import AskScreen
from tui.screens.settings import flow_kept
from tui.screens.settings.flow_editor import FlowEditor
from tui.screens.settings.flow_opening import Opening
from tui.screens.settings.pane import Keys, SectionPane
from tui.widgets.flash import Tone
from tui.widgets.flow.edits import moved
from tui.widgets.flow.flowlist import FlowList, order_note
from tui.widgets.ticket.lines import Painted


class FlowsPane(Opening, SectionPane):
    """See the module."""

    DEFAULT_CSS = """
    FlowsPane Painted { padding: 0 1; }
    FlowsPane.-editing > FlowList, FlowsPane.-editing > #flow-note { display: none; }
    FlowsPane.-editing > FlowEditor { display: block; }
    """
    BINDINGS: ClassVar = [
        Binding("o", "new", show=False),
        Binding("d,delete", "switch", show=False),
        Binding("y", "text", show=False),
        Binding("i", "import", show=False),
        Binding("R", "reread", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.list = FlowList(id="flow-list")
        self.editor = FlowEditor(self)
        self._why_new = ""
        """Why this reader may not make flows; '' if they may."""

    def compose(self) -> ComposeResult:
        yield self.list
        yield Painted(lambda width: order_note(self.list.rows, width), id="flow-note")
        yield self.editor

    # The frame

    @property
    def unsaved(self) -> bool:  # type: ignore[override]
        """Whether the flow that is open has changes."""
        return self.editor.unsaved

    def begin(self) -> None:
        from domain.rights import may_manage

        refusal = may_manage(self.app.actor)
        self._why_new = str(refusal) if refusal else ""
        self._reread()

    @property
    def is_read(self) -> bool:
        return self.count is not None

    def enter(self) -> None:
        if self.editor.is_writing:
            self.editor.line.focus()
        else:
            (self.editor.canvas if self.is_editing else self.list).focus()

    @property
    def is_editing(self) -> bool:
        """Whether a flow is open."""
        return self.editor.shaping is not None

    def crumbs(self) -> tuple[str, ...]:
        if self.editor.shaping is None:
            return ()
        return (line(self.editor.plan.name, 60) or _("a new flow"),)

    def keys(self) -> Keys:
        if self.is_editing:
            return self.editor.keys()
        row = self.list.current
        keys: list[tuple[str, str]] = [("Enter", _("open"))] if row else []
        keys += [("o", _("new flow"))]
        if row:
            off = _("switch off") if row.active else _("switch on")
            keys += [("⇧↑↓", _("order")), ("y", _("as text")), ("i", _("import")), ("d", off)]
        else:
            keys.append(("i", _("import")))
        return tuple(keys)

    def more_keys(self) -> Keys:
        if not self.is_editing:
            return (*super().more_keys(), ("R", _("read again")))
        return (
            *super().more_keys(),
            ("h l", _("to the left, to the right")),
            ("]", _("next part")),
            ("[", _("part before")),
            ("n", _("rename the flow")),
            ("v", _("what was changed")),
            ("u", _("take the last change back")),
            ("y", _("the flow as text")),
            ("i", _("bring a text in")),
            ("J K H L", _("move, where shift with arrows is not heard")),
            ("F5", _("save")),
        )

    def back(self) -> bool:
        """Esc: out of the editor, after asking where something is not saved."""
        if not self.is_editing:
            return False
        if not self.editor.unsaved:
            self.close_editor()
        else:
            self._ask_leaving()
        return True

    def ask(self, screen: Any, then: Callable[[Any], Any]) -> None:
        """Open a panel; keys that are typed ahead reach it."""
        self.app.opening()
        self.app.push_screen(screen, then)

    def on_flow_editor_changed(self, event: FlowEditor.Changed) -> None:
        event.stop()
        shaping = self.editor.shaping
        if shaping is not None and not self.editor.why_not:
            # However the settings are left, what was shaped is there again.
            flow_kept.keep(self.app, shaping)
        self.screen.refresh_frame()

    def on_flow_list_moved(self, event: FlowList.Moved) -> None:
        event.stop()
        self.screen.refresh_frame()

    # The list

    def _reread(self, go_to: int | None = None) -> None:
        def call() -> Any:
            from loop import flows

            return (flows.flows(self.app.desk, actor=self.app.actor, inactive=True),)

        def come(found: Any) -> None:
            rows = sorted(found[0], key=lambda row: not row.active)
            self.list.show(rows, {row.id for row in rows if flow_kept.kept(self.app, row.id)})
            if go_to is not None:
                self.list.go_to(go_to)
            if not self.is_read:
                self.app.opened()
            self.count = sum(1 for row in rows if row.active)
            self.query_one("#flow-note", Painted).refresh(layout=True)
            self.screen.refresh_frame()

        self.read(call, come)

    def action_reread(self) -> None:
        if not self.is_editing:
            self._reread()

    def changed(self) -> None:
        """A flow was saved."""
        self._reread(self.editor.plan.id if self.is_editing else None)

    def _row(self) -> FlowRow | None:
        row = None if self.is_editing else self.list.current
        if row is None and not self.is_editing:
            self.say(_("There is no flow here."), Tone.REFUSED)
        return row

    def on_flow_list_shifted(self, event: FlowList.Shifted) -> None:
        event.stop()
        row = self._row()
        if row is None:
            return
        active = [r for r in self.list.rows if r.active]
        if not row.active:
            self.say(_("{flow} is switched off; no answer asks it.").format(flow=line(row.name, 40)), Tone.REFUSED)
            return
        rows = moved(active, active.index(row), event.by)
        if rows == active:
            return

        def call() -> Any:
            from loop import flows

            return flows.reorder(self.app.desk, [r.id for r in rows], actor=self.app.actor)

        # Shown at once, as the next key counts on it; read again when it is written, or refused.
        off = [r for r in self.list.rows if not r.active]

        self.list.show([*rows, *off], self.list.unsaved)

        def over(result: Any) -> None:
            self._come(result, lambda _saved: None)
            self._reread()

        self.app.writes.submit(lambda: _quietly(call), over)

    def action_switch(self) -> None:
        """Switch a flow off, after asking; or on again."""
        row = self._row()
        if row is None:
            return
        if row.may_edit is not None:
            self.say(str(row.may_edit), Tone.REFUSED)
        elif not row.active:
            self._switch(row, on=True)
        else:
            n = row.open + row.progress
            about = _("No answer becomes its ticket any more.")
            if n:
                stay = ngettext(
                    "Its {n} open ticket stays where it is.", "Its {n} open tickets stay where they are.", n
                )
                about += " " + stay.format(n=n)
            question = _("Switch “{flow}” off?").format(flow=line(row.name, 40))
            self.ask(
                AskScreen(question, _("switch it off"), about=about),
                lambda yes: self._switch(row, on=False) if yes else None,
            )

    def _switch(self, row: FlowRow, *, on: bool) -> None:
        def call() -> Any:
            from loop import flows

            return flows.activate(self.app.desk, row.id, on=on, actor=self.app.actor)

        def over(_saved: Any) -> None:
            said = _("{flow} takes answers again.") if on else _("{flow} is switched off; d switches it on again.")
            self.say(said.format(flow=line(row.name, 40)), Tone.DONE)
            self._reread()

        self.write(call, over)


def _quietly(call: Callable[[], Any]) -> Any:
    """What the call answers, or the exception that it ended with."""
    try:
        return call()
    except Exception as error:
        return error
