"""Fields to fill in, below each other.

Nothing here reads or writes the desk. A field that may not be changed is shown all the same, and says why.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from domain.text import line
from tui.widgets.form_controls import FEW, Control, Marks, Typed, Written, control
from tui.widgets.form_fields import Field, Kind, read_date, said, say_date

__all__ = [
    "FEW",
    "Control",
    "Field",
    "FieldRow",
    "Form",
    "Kind",
    "Marks",
    "Typed",
    "Written",
    "read_date",
    "said",
    "say_date",
]


class FieldRow(Horizontal):
    """A label and the widget that asks."""

    def __init__(self, field: Field) -> None:
        super().__init__(classes="field")
        self.field = field
        self.control = control(field)

    def compose(self) -> ComposeResult:
        yield Label(line(self.field.label), markup=False)
        yield self.control

    def on_descendant_focus(self) -> None:
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        self.remove_class("-here")


class Form(VerticalScroll):
    """Fields below each other. Tab and ↑ ↓ go from one to the next."""

    can_focus = False
    BINDINGS: ClassVar = [
        Binding("down", "go(1)", show=False),
        Binding("up", "go(-1)", show=False),
    ]

    class Changed(Message):
        """What is given in some field has changed."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class Done(Message):
        """Enter in the only field there is."""

    def __init__(self, fields: Sequence[Field], *, id: str | None = None) -> None:
        super().__init__(id=id, classes="form")
        self.fields = tuple(fields)
        self._rows: tuple[FieldRow, ...] = ()

    def compose(self) -> ComposeResult:
        # An input needs a running app from its first moment; a form may be made before.
        self._rows = tuple(FieldRow(field) for field in self.fields)
        yield from self._rows

    @property
    def controls(self) -> Iterator[Control]:
        """The widgets that ask, in order."""
        return (row.control for row in self._rows)

    def control(self, id: str) -> Control:
        """The widget of a field; KeyError when there is none."""
        for one in self.controls:
            if one.field.id == id:
                return one
        raise KeyError(id)

    @property
    def here(self) -> Field | None:
        """The field that has the focus."""
        return next((c.field for c in self.controls if c.has_focus), None)

    @property
    def is_lone(self) -> bool:
        """Whether one field of one line is all that is asked."""
        return len(self.fields) == 1 and isinstance(next(self.controls, None), Input)

    @property
    def changed(self) -> bool:
        """Whether anything differs from what the form began with."""
        return any(one.raw != one.began for one in self.controls)

    def trouble(self) -> tuple[str, str] | None:
        """The first field that cannot be taken as it is, and a sentence that says why; None if all can."""
        for one in self.controls:
            try:
                one.given  # noqa: B018  it raises
            except ValueError as error:
                return one.field.id, str(error)
        return None

    def values(self) -> dict[str, Any]:
        """What is given, by field; ValueError if `trouble` has something to say."""
        return {one.field.id: one.given for one in self.controls}

    def focus_field(self, id: str = "") -> None:
        """Give the focus to a field, or to the first one that can be changed."""
        if not self.fields:
            return
        free = [c for c in self.controls if not c.field.why_not] or list(self.controls)
        (self.control(id) if id else free[0]).focus()

    def action_go(self, by: int) -> None:
        self.screen.focus_next() if by > 0 else self.screen.focus_previous()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed(event.input)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._changed(event.text_area)

    def on_marks_changed(self, event: Marks.Changed) -> None:
        event.stop()
        self._changed(event.marks)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_lone:
            self.post_message(self.Done())
        else:
            self.screen.focus_next()

    def _changed(self, widget: Widget | None) -> None:
        if isinstance(widget, Typed | Written | Marks):
            self.post_message(self.Changed(widget.field))
