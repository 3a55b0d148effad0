"""The flow editor: the flow on one sheet, everything changed by keys where it stands, nothing saved before F5 (P5–P8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message

from domain.flows import Status
from domain.planning import PHASE_NAME, add_phase, move_phase
from domain.plans import FlowPlan
from domain.text import _, line, ngettext
from tui.screens.settings.flow_around import Around
from tui.screens.settings.flow_asks import Asks
from tui.screens.settings.flow_saves import Saves
from tui.screens.settings.pane import Keys
from tui.widgets.bar import Ground
from tui.widgets.flash import Tone
from tui.widgets.flow import edits
from tui.widgets.flow.canvas import Canvas
from tui.widgets.flow.checklist import EMPTY
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


class FlowEditor(Ground, Asks, Saves, Vertical):
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

    # Editing lines where they stand

    def action_edit(self) -> None:
        """Change what is under the cursor."""
        if not self.may():
            return
        group, place = self.canvas.here
        if group == "name":
            self.action_name()
        elif group == "phase":
            self._write("phase", self.canvas.phase, 0, self.plan.phase(self.canvas.phase).name)
        elif group == "item":
            if place == "ways":
                self.action_ways()
            elif self.canvas.here == EMPTY:
                self.action_add()
            elif isinstance(place, int):
                self._write("item", self.canvas.phase, place, self.plan.phase(self.canvas.phase).items[place].text)
        elif group == "member":
            self.ask_role()
        else:
            self.ask_setting(str(place))

    def action_name(self) -> None:
        """Rename the flow."""
        if self.may():
            self.canvas.go(TOP)
            self._write("name", 0, 0, self.plan.name)

    def action_add(self) -> None:
        """A phase below this one, a line below this one, a member."""
        if not self.may():
            return
        group = self.canvas.here[0]
        if group == "phase":
            self._write_new_phase()
        elif group == "item":
            place = self.canvas.here[1]
            items = self.plan.phase(self.canvas.phase).items
            self._write_new_item(place + 1 if isinstance(place, int) and place >= 0 else len(items))
        elif group == "member":
            self.ask_member()
        else:
            self.action_edit()

    def _write_new_phase(self) -> None:
        key = self.plan.new_key()
        self._behind = self._after()
        self.change(add_phase(self.plan, *self._behind, ""), ("phase", key))
        self._write("phase", key, 0, "", new=True)

    def _after(self) -> tuple[int | None, Status]:
        """Behind which phase a new one comes, and of which status it is."""
        if self.canvas.phase in {p.key for p in self.plan.phases}:
            return self.canvas.phase, self.plan.phase(self.canvas.phase).status
        return None, Status.PENDING

    def _write_new_item(self, place: int) -> None:
        key = self.canvas.phase
        self.change(edits.add_item(self.plan, key, place, ""), ("item", place))
        self._write("item", key, place, "", new=True)

    def _write(self, what: str, key: int, place: int, text: str, *, new: bool = False) -> None:
        self._writing = (what, key, place, new)
        self.canvas.reveal()
        self.line.open(text, *self._cells())
        self.head.refresh()
        self.foot.refresh(layout=True)
        self.post_message(self.Changed())

    def _cells(self) -> tuple[int, int, int]:
        """Where the line edit lies."""
        spot, canvas = self.canvas.spot, self.canvas
        if spot.id == TOP:
            return 2, 0, max(10, min(60, self.size.width - 28))
        y = self.head.size.height + spot.y - canvas.scroll_offset.y
        return canvas.MARGIN + spot.text_x, y, spot.x + spot.width - spot.text_x

    def on_resize(self, event: events.Resize) -> None:
        if self.is_writing:
            self.call_after_refresh(lambda: self.line.place(*self._cells()))

    def on_line_edit_taken(self, event: LineEdit.Taken) -> None:
        event.stop()
        if self._writing is None or self.shaping is None:
            return
        what, key, place, new = self._writing
        text = event.text
        if not text:
            self._leave_line()
        elif what == "name":
            self._end_line()
            self.change(replace(self.plan, name=text))
        elif what == "phase":
            self._take_phase(key, text[:PHASE_NAME], new)
        else:
            self._take_item(key, place, text, new and not event.save)
            if new and not event.save:
                return
        if event.save:
            self.action_save()

    def _take_phase(self, key: int, name: str, new: bool) -> None:
        assert self.shaping is not None
        self._end_line()
        if new:
            # One step back takes the phase away, not only its name.
            self.shaping.undo()
            self.change(add_phase(self.plan, *self._behind, name), ("phase", key))
        else:
            self.change(edits.rename_phase(self.plan, key, name))

    def _take_item(self, key: int, place: int, text: str, go_on: bool) -> None:
        assert self.shaping is not None and self._writing is not None
        new = self._writing[3]
        self._end_line()
        if not new:
            self.change(edits.set_item(self.plan, key, place, text))
            return
        self.shaping.undo()
        self.change(edits.add_item(self.plan, key, place, text), ("item", place))
        if go_on:
            # The next line at once: a list is written as a list.
            self._write_new_item(place + 1)

    def on_line_edit_left(self, event: LineEdit.Left) -> None:
        event.stop()
        self._leave_line()

    def _leave_line(self) -> None:
        """The line stays as it was; one that is new goes again."""
        if self._writing is None or self.shaping is None:
            return
        what, _key, place, new = self._writing
        self._end_line()
        if new:
            self.shaping.undo()
            self._show(("item", max(0, place - 1)) if what == "item" and place else None)

    def _end_line(self) -> None:
        self._writing = None
        if self.line.is_open:
            self.line.close()
            self.screen.set_focus(self.canvas)
        self.head.refresh()
        self.foot.refresh(layout=True)
        self.post_message(self.Changed())

    # Moving, removing, binding

    def action_move(self, dx: int, dy: int) -> None:
        """Move what is under the cursor; a phase over the border of its status into the next."""
        if not self.may():
            return
        group, place = self.canvas.here
        if group == "phase":
            key = self.canvas.phase
            plan = edits.to_status(self.plan, key, dx) if dx else move_phase(self.plan, key, dy)
            if self._holds_its_status(key, plan):
                return
            if not self.change(plan, ("phase", key)):
                self._say_why_it_stays(key, dx or dy)
        elif group == "item" and isinstance(place, int) and place >= 0 and dy:
            items = len(self.plan.phase(self.canvas.phase).items)
            there = max(0, min(place + dy, items - 1))
            self.change(edits.move_item(self.plan, self.canvas.phase, place, dy), ("item", there))
        elif group == "member" and isinstance(place, int) and place >= 0:
            there = max(0, min(place + (dx or dy), len(self.plan.members) - 1))
            members = tuple(edits.moved(self.plan.members, place, dx or dy))
            self.change(replace(self.plan, members=members), ("member", there))

    def _holds_its_status(self, key: int, plan: FlowPlan) -> bool:
        """Whether a move would start or close tickets, which only people do (T2, T6); it is said then."""
        assert self.shaping is not None
        n = self.around.counts.get(key, 0)
        was = {p.key: p.status for p in self.shaping.base.phases}.get(key)
        if not n or plan.phase(key).status in (was, self.plan.phase(key).status):
            return False
        said = ngettext(
            "{phase} holds {n} ticket, which would be started, closed or reopened by that: move it on first.",
            "{phase} holds {n} tickets, which would be started, closed or reopened by that: move them on first.",
            n,
        )
        self.pane.say(said.format(phase=line(self.plan.phase(key).name, 40), n=n), Tone.REFUSED)
        return True

    def _say_why_it_stays(self, key: int, way: int) -> None:
        phase = self.plan.phase(key)
        first_or_last = phase.status is (Status.PENDING if way < 0 else Status.CLOSED)
        if edits.stays_in(self.plan, phase.status) and not first_or_last:
            said = _("{phase} is the only phase of its status, and a flow needs one of each: o adds another first.")
            self.pane.say(said.format(phase=line(phase.name, 40)), Tone.REFUSED)

    def action_remove(self) -> None:
        """Remove what is under the cursor; u brings it back."""
        if not self.may():
            return
        group, place = self.canvas.here
        if group == "phase":
            self.ask_removal(self.canvas.phase)
        elif group == "item" and isinstance(place, int) and place >= 0:
            self.change(edits.remove_item(self.plan, self.canvas.phase, place))
            self.pane.say(_("The line is removed; u brings it back."))
        elif group == "member" and isinstance(place, int) and place >= 0:
            name = line(self.plan.members[place].name, 40)
            self.change(edits.remove_member(self.plan, place))
            self.pane.say(_("{name} is no member any more; u brings them back.").format(name=name))

    def action_binding(self) -> None:
        """Mandatory or optional."""
        if not self.may() or self.canvas.here[0] not in ("phase", "item"):
            return
        key = self.canvas.phase
        if not self.plan.phase(key).items:
            self.pane.say(_("There is no checklist yet: ] goes to it, o adds a line."), Tone.REFUSED)
        else:
            self.change(edits.toggle_binding(self.plan, key))

    def action_undo(self) -> None:
        """Take the last edit back."""
        if self.may() and self.shaping is not None:
            if self.shaping.undo():
                self._show()
            else:
                self.pane.say(_("There is nothing to take back."), Tone.REFUSED)
