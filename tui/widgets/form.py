"""Fields to fill in: what a form asks for as data, and the widgets that ask for it.

Nothing here reads or writes the desk. A field that may not be changed is shown all the same, and says why.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from domain.text import _, clean, line
from tui.screens.picker import Option
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, spans_len, wrap

FEW = 8
"""So many options are all in sight; of more, only what is chosen, and Enter opens the list."""


class Kind(StrEnum):
    """What is asked for; the value it takes and gives stands behind it."""

    TEXT = "text"
    """A line: str."""
    LINES = "lines"
    """A text of several lines: str."""
    CHOICE = "choice"
    """One of the options: its value."""
    MANY = "many"
    """Some of the options: tuple of their values, in the options' order, or as ordered by the person (`ordered`)."""
    YESNO = "yesno"
    """bool."""
    NUMBER = "number"
    """int, or None for an empty field."""
    DATE = "date"
    """Unix milliseconds: the beginning of a day in the reader's zone, or a minute of it; None for an empty field."""


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for."""

    id: str
    label: str
    kind: Kind
    value: Any = None
    options: tuple[Option, ...] = ()
    """For CHOICE and MANY."""
    about: str = ""
    """A sentence that is shown while the field has the focus."""
    why_not: str = ""
    """Why it cannot be changed; '' if it can."""
    needed: bool = False
    """Must not be left empty."""
    low: int | None = None
    high: int | None = None
    """Of a NUMBER, inclusive."""
    limit: int = 0
    """Characters of a TEXT; 0 for any number."""
    rows: int = 5
    """Height of LINES."""
    ordered: bool = False
    """Of a MANY: the order of what is chosen counts, and shift with arrows changes it."""


def read_date(text: str, now: datetime | None = None) -> int | None:
    """A day, or a minute of a day, as somebody types it; None for nothing. ValueError if it is neither.

    `2026-11-30`, `30/11/2026`, `30/11`, each with `14:30` behind it if wished, and `+3d` for three days from today.
    """
    text = text.strip()
    if not text:
        return None
    now = now or datetime.now().astimezone()
    if match := re.fullmatch(r"\+?(\d{1,4}) ?d", text):
        day = now.date() + timedelta(days=int(match[1]))
        return _ms(datetime(day.year, day.month, day.day))
    words = text.split()
    if len(words) > 2:
        raise ValueError(text)
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words[0]):
        day = date(int(match[1]), int(match[2]), int(match[3]))
    elif match := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", words[0]):
        day = date(int(match[3] or now.year), int(match[2]), int(match[1]))
    else:
        raise ValueError(text)
    hour = minute = 0
    if len(words) == 2:
        match = re.fullmatch(r"(\d{1,2}):(\d{2})", words[1])
        if match is None:
            raise ValueError(text)
        hour, minute = int(match[1]), int(match[2])
    return _ms(datetime(day.year, day.month, day.day, hour, minute))


def _ms(local: datetime) -> int:
    try:
        return int(local.astimezone().timestamp() * 1000)
    except OverflowError as error:
        raise ValueError(str(local)) from error


def say_date(ms: int | None) -> str:
    """What `read_date` reads back as the same time."""
    if ms is None:
        return ""
    local = datetime.fromtimestamp(ms / 1000).astimezone()
    return local.strftime("%Y-%m-%d") if (local.hour, local.minute) == (0, 0) else local.strftime("%Y-%m-%d %H:%M")


def said(field: Field, value: Any) -> str:
    """A field's value in words, on one line; '—' for nothing."""
    if field.kind is Kind.YESNO:
        return _("yes") if value else _("no")
    if field.kind is Kind.DATE:
        return say_date(value) or "—"
    if field.kind in (Kind.CHOICE, Kind.MANY):
        names = {o.value: line(o.label) for o in field.options}
        chosen = tuple(value or ()) if field.kind is Kind.MANY else (value,)
        return ", ".join(names[v] for v in chosen if v in names) or "—"
    return line("" if value is None else str(value)) or "—"


class Typed(Input):
    """A line to type in: TEXT, NUMBER, DATE."""

    def __init__(self, field: Field) -> None:
        value = say_date(field.value) if field.kind is Kind.DATE else "" if field.value is None else str(field.value)
        hint = {Kind.DATE: _("2026-11-30, 30/11 or +3d")}.get(field.kind, "")
        super().__init__(
            line(value), compact=True, placeholder=hint, max_length=field.limit or 0, select_on_focus=False
        )
        self.field = field
        self.cursor_blink = False
        self.began = self.raw

    @property
    def raw(self) -> str:
        """What is typed, whether it can be taken or not."""
        return line(self.value)

    @property
    def given(self) -> Any:
        """What is typed; ValueError with a sentence if it cannot be taken."""
        text = self.raw
        name = self.field.label
        if self.field.needed and not text:
            raise ValueError(_("{field} must not be empty.").format(field=name))
        if self.field.kind is Kind.TEXT:
            return text
        if self.field.kind is Kind.DATE:
            try:
                return read_date(text)
            except (ValueError, OverflowError):
                raise ValueError(_("{field}: write a day as 2026-11-30, 30/11 or +3d.").format(field=name)) from None
        if not text:
            return None
        low, high = self.field.low, self.field.high
        number = int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            if low is None or high is None:
                least = _(" of at least {low}").format(low=low) if low is not None else ""
                raise ValueError(_("{field}: write a whole number{least}.").format(field=name, least=least))
            raise ValueError(_("{field}: write a number from {low} to {high}.").format(field=name, low=low, high=high))
        return number


class Written(TextArea):
    """A text to write: LINES."""

    def __init__(self, field: Field) -> None:
        super().__init__(clean(str(field.value or "")), compact=True, soft_wrap=True, highlight_cursor_line=False)
        self.field = field
        self.cursor_blink = False
        self.styles.height = field.rows
        self.began = self.raw

    @property
    def raw(self) -> str:
        """What is written, whether it can be taken or not."""
        return clean(self.text).strip("\n")

    @property
    def given(self) -> str:
        """What is written."""
        text = self.raw
        if self.field.needed and not text.strip():
            raise ValueError(_("{field} must not be empty.").format(field=self.field.label))
        return text

    def action_cursor_up(self, select: bool = False) -> None:
        """On the first line, ↑ goes to the field above."""
        if not select and self.cursor_location[0] == 0:
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """On the last line, ↓ goes to the field below."""
        if not select and self.cursor_location[0] == self.document.line_count - 1:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)


class Marks(OnBar, can_focus=True):
    """Options with a mark each: CHOICE, MANY and YESNO."""

    BINDINGS: ClassVar = [
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l", "step(1)", show=False),
        Binding("space", "mark", show=False),
        Binding("enter", "open", show=False),
    ]

    class Changed(Message):
        """Something else is chosen."""

        def __init__(self, marks: "Marks") -> None:
            super().__init__()
            self.marks = marks

    def __init__(self, field: Field) -> None:
        super().__init__(self._lines, classes="control")
        self.field = field
        yes_no = (Option(True, _("yes")), Option(False, _("no")))
        self.options = yes_no if field.kind is Kind.YESNO else field.options
        self.many = field.kind is Kind.MANY
        value = bool(field.value) if field.kind is Kind.YESNO else field.value
        wanted = tuple(value or ()) if self.many else (value,)
        known = {o.value for o in self.options}
        self.chosen: list[Any] = [v for v in wanted if v in known]
        """Values, one of them at most unless `many`."""
        self.place = next((i for i, o in enumerate(self.options) if o.value in self.chosen), 0)
        self.began = self.raw

    @property
    def raw(self) -> list[Any]:
        """What is chosen, whether it can be taken or not."""
        kept = self.chosen if self.field.ordered else [o.value for o in self.options if o.value in self.chosen]
        return list(kept)

    @property
    def folded(self) -> bool:
        """Whether there are too many options to show them all."""
        return len(self.options) > FEW

    @property
    def given(self) -> Any:
        """What is chosen."""
        if self.field.needed and not self.chosen:
            raise ValueError(_("Choose something for {field}.").format(field=self.field.label))
        if self.many:
            return tuple(o.value for o in self.options if o.value in self.chosen)
        return self.chosen[0] if self.chosen else None

    def choose(self, values: Sequence[Any]) -> None:
        """Have just these chosen."""
        self.chosen = list(values)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def action_step(self, by: int) -> None:
        if self.folded:
            self.action_open()
        elif self.options:
            place = (self.place + by) % len(self.options)
            if not self.many:
                # What cannot be chosen is stepped over; the form says why when it is all there is.
                ways = [(self.place + by * i) % len(self.options) for i in range(1, len(self.options) + 1)]
                place = next((i for i in ways if not self.options[i].why_not), self.place)
            self.place = place
            if self.many:
                self.refresh()
            else:
                self.choose([self.options[place].value])

    def action_mark(self) -> None:
        if self.folded:
            self.action_open()
        elif not self.many:
            self.action_step(1)
        elif self.options and not self.options[self.place].why_not:
            value = self.options[self.place].value
            self.choose([v for v in self.chosen if v != value] if value in self.chosen else [*self.chosen, value])

    def action_open(self) -> None:
        """Of many options, open the list; of few, Enter goes on to the next field."""
        if not self.folded:
            self.screen.focus_next()
            return
        if self.many:
            from tui.screens.marking import ManyPicker

            self.app.push_screen(ManyPicker(self.field.label, self.options, self.chosen), self._picked_many)
            return
        from tui.screens.picker import Picker

        current = self.chosen[0] if self.chosen else None
        self.app.push_screen(
            Picker(self.field.label, self.options, current), lambda v: None if v is None else self.choose([v])
        )

    def _picked_many(self, values: Sequence[Any] | None) -> None:
        if values is not None:
            self.choose(values)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _lines(self, width: int) -> list[Line]:
        if self.folded:
            names = [line(o.label, 40) for o in self.options if o.value in self.chosen]
            role = "tab" if self.has_focus else "text"
            text = wrap(", ".join(names), width - 2) if names else [_("nothing chosen")]
            lines = [Line(((words, role if names else "past"),)) for words in text[:4]]
            count = _("{n} of {all}").format(n=len(names), all=len(self.options)) if self.many else ""
            lines[0] = Line(lines[0].spans, ((count, "past"),) if count else ())
            return lines
        rows: list[list[Span]] = [[]]
        for index, option in enumerate(self.options):
            on, here = option.value in self.chosen, index == self.place and self.has_focus
            sign = ("☑ " if on else "☐ ") if self.many else ("● " if on else "○ ")
            role = "past" if option.why_not else "tab" if here else "bright" if on else "text" if self.many else "past"
            spans: list[Span] = [(sign, "accent" if on else "past"), (line(option.label, 40) or "—", role)]
            if rows[-1] and spans_len(rows[-1]) + 3 + spans_len(spans) > width:
                rows.append([])
            rows[-1] += [("   ", "past"), *spans] if rows[-1] else spans
        if not self.options:
            rows = [[(_("There is nothing to choose from yet."), "past")]]
        return [Line(tuple(row)) for row in rows]


class Ordered(Marks):
    """Options one below the other, the chosen ones first and in their order: an ordered MANY."""

    BINDINGS: ClassVar = [
        Binding("down,j", "down", show=False),
        Binding("up,k", "up", show=False),
        Binding("shift+down,J,right,l", "move(1)", show=False),
        Binding("shift+up,K,left,h", "move(-1)", show=False),
        Binding("enter", "next", show=False),
    ]

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._sort()
        self.place = 0

    folded = False  # type: ignore[assignment]

    @property
    def given(self) -> tuple[Any, ...]:
        """What is chosen, in its order."""
        if self.field.needed and not self.chosen:
            raise ValueError(_("Choose something for {field}.").format(field=self.field.label))
        return tuple(self.chosen)

    def _sort(self) -> None:
        by_value = {o.value: o for o in self.options}
        rest = [o for o in self.field.options if o.value not in self.chosen]
        self.options = (*(by_value[v] for v in self.chosen), *rest)

    def _to(self, place: int) -> None:
        self.place = place
        self.refresh()
        row = self.parent
        if isinstance(row, Widget) and isinstance(row.parent, Form):
            # The list may be higher than the form: have the line under the cursor in sight.
            row.parent.scroll_to_region(Region(0, row.virtual_region.y + place, 1, 1), animate=False)

    def action_down(self) -> None:
        self._to(self.place + 1) if self.place + 1 < len(self.options) else self.screen.focus_next()

    def action_up(self) -> None:
        self._to(self.place - 1) if self.place else self.screen.focus_previous()

    def action_next(self) -> None:
        self.screen.focus_next()

    def action_mark(self) -> None:
        option = self.options[self.place]
        if option.why_not:
            return
        chosen = [v for v in self.chosen if v != option.value]
        if len(chosen) == len(self.chosen):
            chosen.append(option.value)
        self.chosen = chosen
        self._sort()
        self.place = self.options.index(option)
        self.choose(chosen)

    def action_move(self, by: int) -> None:
        to = self.place + by
        if self.place < len(self.chosen) and 0 <= to < len(self.chosen):
            chosen = list(self.chosen)
            chosen[self.place], chosen[to] = chosen[to], chosen[self.place]
            self.chosen = chosen
            self._sort()
            self.place = to
            self.choose(chosen)

    def _lines(self, width: int) -> list[Line]:
        lines = []
        for index, option in enumerate(self.options):
            on, here = option.value in self.chosen, index == self.place and self.has_focus
            lines.append(
                Line(
                    (
                        ("▌" if here else " ", "accent"),
                        (f"{index + 1:2} " if on else "   ", "past"),
                        ("☑ " if on else "☐ ", "accent" if on else "past"),
                        (line(option.label, 40) or "—", "bright" if here else "text" if on else "past"),
                        ("  " + line(option.hint) if option.hint else "", "past"),
                    ),
                    (),
                    "on_cursor" if here else "",
                )
            )
        return lines


class Told(OnBar, can_focus=True):
    """A field that may not be changed: its value, and why when one stands on it."""

    def __init__(self, field: Field) -> None:
        super().__init__(self._lines, classes="control")
        self.field = field
        self.raw = self.began = field.value

    @property
    def given(self) -> Any:
        """What it was."""
        return self.field.value

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _lines(self, width: int) -> list[Line]:
        role = "text" if self.has_focus else "past"
        if self.field.kind is Kind.LINES:
            text = clean(str(self.field.value or "")).strip() or "—"
        else:
            text = said(self.field, self.field.value)
        return [Line(((words, role),)) for words in wrap(text, width)[: max(2, self.field.rows)]]


Control = Typed | Written | Marks | Told


def control(field: Field) -> Control:
    """The widget that asks for a field."""
    if field.why_not:
        return Told(field)
    if field.kind is Kind.LINES:
        return Written(field)
    if field.kind in (Kind.TEXT, Kind.NUMBER, Kind.DATE):
        return Typed(field)
    return Ordered(field) if field.ordered and field.kind is Kind.MANY else Marks(field)


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
        self.screen.focus_next()

    def _changed(self, widget: Widget | None) -> None:
        if isinstance(widget, Typed | Written | Marks):
            self.post_message(self.Changed(widget.field))
