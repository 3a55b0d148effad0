"""Writing what stands under the flow editor's cursor in its place: the name, phases, lines of a checklist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events

from domain.flows import Status
from domain.planning import add_phase
from tui.widgets.flow import edits
from tui.widgets.flow.checklist import EMPTY
from tui.widgets.flow.lineedit import LineEdit
from tui.widgets.flow.spots import TOP

if TYPE_CHECKING:
    from tui.screens.settings.flow_editor import FlowEditor


class Lines:
    """See the module."""

    def action_edit(self: FlowEditor) -> None:
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

    def action_name(self: FlowEditor) -> None:
        """Rename the flow."""
        if self.may():
            self.canvas.go(TOP)
            self._write("name", 0, 0, self.plan.name)

    def action_add(self: FlowEditor) -> None:
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

    def _write_new_phase(self: FlowEditor) -> None:
        key = self.plan.new_key()
        self._behind = self._after()
        self.change(add_phase(self.plan, *self._behind, ""), ("phase", key))
        self._write("phase", key, 0, "", new=True)

    def _after(self: FlowEditor) -> tuple[int | None, Status]:
        """Behind which phase a new one comes, and of which status it is."""
        if self.canvas.phase in {p.key for p in self.plan.phases}:
            return self.canvas.phase, self.plan.phase(self.canvas.phase).status
        return None, Status.PENDING

    def _write_new_item(self: FlowEditor, place: int) -> None:
        key = self.canvas.phase
        self.change(edits.add_item(self.plan, key, place, ""), ("item", place))
        self._write("item", key, place, "", new=True)

    def _write(self: FlowEditor, what: str, key: int, place: int, text: str, *, new: bool = False) -> None:
        self._writing = (what, key, place, new)
        self.canvas.reveal()
        self.line.open(text, *self._cells(), is_list=new and what == "item")
        self.head.refresh()
        self.foot.refresh(layout=True)
        self.post_message(self.Changed())

    def _cells(self: FlowEditor) -> tuple[int, int, int]:
        """Where the line edit lies."""
        spot, canvas = self.canvas.spot, self.canvas
        if spot.id == TOP:
            return 2, 0, max(10, min(60, self.size.width - 28))
        y = self.head.size.height + spot.y - canvas.scroll_offset.y
        return canvas.MARGIN + spot.text_x, y, spot.x + spot.width - spot.text_x

    def on_resize(self: FlowEditor, event: events.Resize) -> None:
        if self.is_writing:
            self.call_after_refresh(lambda: self.line.place(*self._cells()))

    def on_line_edit_taken(self: FlowEditor, event: LineEdit.Taken) -> None:
        event.stop()
        self.app.opened()
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
            self._take_phase(key, text, new)
        else:
            self._take_item(key, place, text, new and not event.save)
            if new and not event.save:
                return
        if event.save:
            self.action_save()

    def _take_phase(self: FlowEditor, key: int, name: str, new: bool) -> None:
        assert self.shaping is not None
        self._end_line()
        if new:
            # One step back takes the phase away, not only its name.
            self.shaping.undo()
            self.change(add_phase(self.plan, *self._behind, name), ("phase", key))
        else:
            self.change(edits.rename_phase(self.plan, key, name))

    def _take_item(self: FlowEditor, key: int, place: int, text: str, go_on: bool) -> None:
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

    def on_line_edit_left(self: FlowEditor, event: LineEdit.Left) -> None:
        event.stop()
        self.app.opened()
        self._leave_line()

    def _leave_line(self: FlowEditor) -> None:
        """The line stays as it was; one that is new goes again."""
        if self._writing is None or self.shaping is None:
            return
        what, _key, place, new = self._writing
        self._end_line()
        if new:
            self.shaping.undo()
            self._show(("item", max(0, place - 1)) if what == "item" and place else None)

    def _end_line(self: FlowEditor) -> None:
        self._writing = None
        if self.line.is_open:
            self.line.close()
            self.screen.set_focus(self.canvas)
        self.head.refresh()
        self.foot.refresh(layout=True)
        self.post_message(self.Changed())
