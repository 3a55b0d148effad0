"""The widgets that ask for a field each.

A control has `given`, the value (ValueError with a sentence when it cannot be taken), and `raw`, what is there all the same.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from domain.text import _, clean, line
from tui.screens.picker import Option
from tui.widgets.form_fields import Field, Kind, read_date, said, say_date
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, spans_len, wrap

FEW = 8
"""So many options are all in sight; of more, only what is chosen, and Enter opens the list."""


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
        if isinstance(row, Widget) and isinstance(row.parent, Widget):
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
