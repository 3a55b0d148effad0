"""The flow editor: the flow on one sheet, everything changed by keys where it stands, nothing saved before F5 (P5–P8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message

from domain.flows import Status
from domain.plans import FlowPlan
from domain.text import _, line, ngettext
from tui.screens.settings.flow_around import Around
from tui.screens.settings.flow_asks import Asks
from tui.screens.settings.flow_lines import Lines
from tui.screens.settings.flow_moves import Moves
from tui.screens.settings.flow_saves import Saves
from tui.screens.settings.pane import Keys
from tui.widgets.bar import Ground
from tui.widgets.flash import Tone
from tui.widgets.flow.canvas import Canvas
from tui.widgets.flow.lineedit import LineEdit
from tui.widgets.flow.shaping import Shaping
from tui.widgets.flow.sheet import Sheet, first_phase
from tui.widgets.flow.spots import TOP, Id, padded
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.spans import Line, Span, cells_of, marked, plain, spans_len

if TYPE_CHECKING:
    from tui.app import Retorno
    from tui.screens.settings.flows import FlowsPane

MOST_TROUBLES = 2
"""So many troubles are shown at once; the others wait for these to be mended."""


class FlowEditor(Ground, Lines, Moves, Asks, Saves, Vertical):
    """See the module. It has no desk of its own: the pane around it reads and writes."""

    app: Retorno
    pane: FlowsPane
    can_focus = False
    DEFAULT_CSS = """
    FlowEditor { layers: below above; width: 1fr; height: 1fr; display: none; }
    FlowEditor Painted { padding: 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("enter", "edit", show=False),
        Binding("o", "add", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("b", "binding", show=False),
        Binding("greater_than_sign,w", "ways", show=False),
        Binding("n", "name", show=False),
        Binding("shift+up,K", "move(0, -1)", show=False),
        Binding("shift+down,J", "move(0, 1)", show=False),
        Binding("shift+left,H", "move(-1, 0)", show=False),
        Binding("shift+right,L", "move(1, 0)", show=False),
        Binding("u", "undo", show=False),
        Binding("v", "changes", show=False),
        Binding("y", "text", show=False),
        Binding("i", "import", show=False),
        Binding("f5", "save", show=False),
    ]

    class Changed(Message):
        """The plan, or where the cursor is, has changed."""

    def __init__(self, pane: FlowsPane) -> None:
        super().__init__(id="flow-editor")
        self.pane = pane
        self.shaping: Shaping | None = None
        """What is shaped; None while no flow is open."""
        self.around = Around()
        self.why_not = ""
        """Why this reader may not change the flow; '' if they may."""
        self.saving = False
        self._writing: tuple[str, int, int, bool] | None = None
        """What the line edit writes: "name", "phase" or "item"; the phase's key; the item's place; whether it is new."""

        self._behind: tuple[int | None, Status] = (None, Status.PENDING)
        """Behind which phase the new one comes that is being named, and its status."""

    def compose(self) -> ComposeResult:
        self.head = Painted(self._head, id="flow-head")
        self.canvas = Canvas(id="flow-canvas")
        self.foot = Painted(self._foot, id="flow-foot")
        self.line = LineEdit()
        yield self.head
        yield self.canvas
        yield self.foot
        yield self.line

    # Opening and showing

    def open(self, shaping: Shaping, around: Around, why_not: str) -> None:
        """Shape a flow."""
        self.shaping, self.around, self.why_not, self.saving = shaping, around, why_not, False
        self.canvas.phase = 0
        self._show(("phase", first_phase(shaping.plan)))
        if shaping.plan.id is None and not shaping.plan.name:
            self.call_after_refresh(self.action_name)

    def close(self) -> None:
        """No flow is open any more; its unsaved plan is kept."""
        self._end_line()
        self.shaping = None

    @property
    def plan(self) -> FlowPlan:
        """As it is shaped now."""
        assert self.shaping is not None
        return self.shaping.plan

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save."""
        return self.shaping is not None and self.shaping.unsaved

    @property
    def is_writing(self) -> bool:
        """Whether a line is being written."""
        return self.line.is_open

    def _show(self, here: Id | None = None) -> None:
        shaping = self.shaping
        if shaping is None:
            return
        sheet = Sheet(shaping.base, shaping.plan, self.around.counts, shaping.destinations, self.around.sizes)
        self.canvas.show(sheet, here)
        self.head.refresh()
        self.foot.refresh(layout=True)
        self.post_message(self.Changed())

    def change(self, plan: FlowPlan, here: Id | None = None) -> bool:
        """Shape the flow so; whether anything changed."""
        if self.shaping is None or not self.shaping.change(plan):
            return False
        self._show(here)
        return True

    def may(self) -> bool:
        """Whether the reader may change the flow; else it is said why not."""
        if self.saving:
            self.pane.say(_("Saving…"))
        elif self.why_not:
            self.pane.say(self.why_not, Tone.REFUSED)
        return not self.saving and not self.why_not and self.shaping is not None

    def on_canvas_moved(self, event: Canvas.Moved) -> None:
        event.stop()
        self.head.refresh()
        self.post_message(self.Changed())

    def on_canvas_clicked(self, event: Canvas.Clicked) -> None:
        event.stop()
        self.action_edit()

    # Head, foot, keys

    def _head(self, width: int) -> list[Line]:
        if self.shaping is None or (self._writing is not None and self._writing[0] == "name"):
            return [Line()]
        right = self._state(self.shaping)
        room = max(8, width - spans_len(right) - 2)
        here = self.canvas.here == TOP
        name = line(self.plan.name)
        words = plain(name or _("a flow without a name yet"))
        shown: list[Span] = [
            ("▌" if here else " ", "accent"),
            (padded(words, min(room, cells_of(words) + 1)), "bright"),
        ]
        return [Line(tuple(shown), right, "on_cursor" if here else "")]

    def _state(self, shaping: Shaping) -> tuple[Span, ...]:
        if self.saving:
            return ((_("saving…"), "accent"),)
        if shaping.unsaved:
            n = len(shaping.changes)
            said = ngettext("{n} change", "{n} changes", n).format(n=n)
            return (("● ", "late"), (said, "bright"), (" · ", "past"), ("F5", "accent"), (" " + _("saves"), "past"))
        if self.why_not:
            return ((_("only to read"), "late"),)
        totals = {s: sum(self.around.counts.get(p.key, 0) for p in shaping.plan.of(s)) for s in Status}
        said = _("{pending} pending · {progress} in progress · {closed} closed").format(
            pending=totals[Status.PENDING], progress=totals[Status.PROGRESS], closed=totals[Status.CLOSED]
        )
        return ((said, "past"),)

    def _foot(self, width: int) -> list[Line]:
        # A line that is being begun is empty, which is nobody's fault yet.
        beginning = self._writing is not None and (self._writing[3] or not self.plan.name)
        if self.shaping is None or beginning or not (troubles := self.shaping.troubles):
            return []
        lines: list[Line] = [Line((("─" * width, "rule"),))]
        for said in troubles[:MOST_TROUBLES]:
            lines += marked("✗", "detractor", line(said), width, "late")[:2]
        if (more := len(troubles) - MOST_TROUBLES) > 0:
            words = ngettext("and {n} more thing to mend", "and {n} more things to mend", more)
            lines.append(Line((("  " + words.format(n=more), "past"),)))
        return lines

    def keys(self) -> Keys:
        """For the footer, by what the cursor is on."""
        if self.is_writing:
            return (("Enter", _("take it")), ("Esc", _("leave it")))
        save: Keys = (("F5", _("save")), ("u", _("undo"))) if self.unsaved else ()
        if self.why_not:
            return (("j k h l", _("walk")), ("y", _("as text")), ("Esc", _("back")))
        by_group: dict[str, Keys] = {
            "name": (("Enter", _("rename")), ("]", _("next part")), ("y", _("as text")), ("i", _("import"))),
            "phase": (
                ("o", _("add below")),
                ("⇧↑↓←→", _("move")),
                ("Enter", _("rename")),
                ("d", _("remove")),
                ("b", _("mandatory")),
                (">", _("ways")),
            ),
            "item": (
                ("o", _("add line")),
                ("Enter", _("edit")),
                ("⇧↑↓", _("move")),
                ("d", _("remove")),
                ("b", _("mandatory")),
                (">", _("ways")),
            ),
            "member": (("o", _("add")), ("Enter", _("role")), ("d", _("remove")), ("⇧←→", _("order"))),
            "setting": (("Enter", _("change")), ("]", _("next part")), ("y", _("as text")), ("i", _("import"))),
        }
        return (*save, *by_group[self.canvas.here[0]])
