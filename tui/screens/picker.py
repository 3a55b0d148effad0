"""Choosing one of a list by typing some of its letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from domain.text import _, fold, line
from tui.theme import palette
from tui.widgets.ticket.lines import OnBar, Scrolled
from tui.widgets.ticket.spans import Line, Span, cells_of, hints, marked, paint


@dataclass(frozen=True)
class Option:
    """Something to choose."""

    value: Any
    """What the picker answers; never None, which stands for no choice."""
    label: str
    hint: str = ""
    why_not: str = ""
    """Why it cannot be chosen now; '' if it can."""
    count: str = ""
    """How much there is of it, at the right."""


AROUND = 8
"""Lines of the panel that are not options."""
LABEL = 26
"""Cells up to which hints stand below each other; behind a longer label its hint follows at once."""


class Options(Scrolled):
    """The options that are left; the input beside it holds the focus."""

    can_focus = False

    class Chosen(Message):
        """An option was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, options: Sequence[Option], marked: Any) -> None:
        super().__init__()
        self.options: Sequence[Option] = options
        self._label = _label_cells(options)
        self._marked = marked
        self._narrowed = False
        """Whether what is typed has chosen among them."""
        self.place = next((i for i, o in enumerate(options) if o.value == marked), 0)

    def show(self, options: Sequence[Option]) -> None:
        """Show these; the cursor goes to the first that can be chosen."""
        self.options = options
        self._narrowed = True
        self.place = next((i for i, o in enumerate(options) if not o.why_not), 0)
        self._fit()
        self.to_line(0)

    def step(self, by: int) -> None:
        """Move the cursor, as far as there are options."""
        if self.options:
            self.place = max(0, min(self.place + by, len(self.options) - 1))
        self.reveal()

    def reveal(self) -> None:
        """Bring the cursor into sight."""
        y, height = self.scroll_offset.y, self.inner_height
        if self.place < y:
            self.to_line(self.place)
        elif self.place >= y + height:
            self.to_line(self.place - height + 1)
        self.refresh()

    @property
    def current(self) -> Option | None:
        """The option under the cursor."""
        return self.options[self.place] if self.place < len(self.options) else None

    def on_resize(self) -> None:
        self._fit()
        self.reveal()

    def on_click(self, event: Any) -> None:
        self.post_message(self.Chosen(event.y + self.scroll_offset.y))

    def _fit(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, max(1, len(self.options)))
        self.refresh()

    def line_of(self, index: int) -> Line:
        """An option as a line."""
        option, here = self.options[index], index == self.place
        mark = " ●" if option.value == self._marked else ""
        return self.told(option, [("▌ " if here else "  ", "accent")], mark, here=here)

    def told(self, option: Option, before: list[Span], mark: str = "", *, here: bool) -> Line:
        """An option behind what leads it: hints stand below each other, counts at the right."""
        label = line(option.label) or "—"
        role = "past" if option.why_not else "bright" if here else "text"
        spans: list[Span] = [*before, (label, role), (mark, "accent")]
        if option.hint:
            room = self._label + (2 if self._marked is not None else 0) - cells_of(label) - cells_of(mark)
            spans.append((" " * max(0, room) + "  " + line(option.hint), "past"))
        if option.why_not:
            spans.append(("  ✗ " + line(option.why_not), "past"))
        right: tuple[Span, ...] = ((option.count + " ", "past"),) if option.count else ()
        return Line(tuple(spans), right, "on_cursor" if here else "on_bar")

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        if not self.options and y == 0:
            words = _("Nothing is called so.") if self._narrowed else _("There is none yet.")
            return paint(Line((("  " + words, "past"),), (), "on_bar"), width, colours)
        if y >= len(self.options):
            return Strip.blank(width, colours.text + colours.on_bar)
        return paint(self.line_of(y), width, colours)


def _label_cells(options: Sequence[Option]) -> int:
    """Cells of the longest label with a hint that is not too long."""
    cells = (cells_of(line(o.label)) for o in options if o.hint)
    return max((n for n in cells if n <= LABEL), default=0)


class Picker(ModalScreen[Any]):
    """One of some options, or None. Accents and case do not matter in what is typed."""

    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar = [
        Binding("escape", "cancel", show=False),
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(8)", show=False, priority=True),
        Binding("pageup", "step(-8)", show=False, priority=True),
    ]

    def __init__(self, title: str, options: Sequence[Option], current: Any = None) -> None:
        super().__init__()
        self._title = title
        self._options = tuple(options)
        self._folded = [fold(f"{o.label} {o.hint}") for o in self._options]
        self._current = current
        self._said = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((line(self._title), "bright"),))], classes="panel-title")
            yield Input(placeholder=_("type to find"), compact=True)
            yield Options(self._options, self._current)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        if not self.query(Options):
            return  # the program ends meanwhile, and mounts nothing any more
        self.query_one(Input).cursor_blink = False
        options = self.query_one(Options)
        self._fit(self.app.size.height)
        if options.current is not None and options.current.why_not:
            # Enter at once takes what can be taken: the next one that may be, else the first.
            free = [i for i, option in enumerate(options.options) if not option.why_not]
            options.step(
                next((i for i in free if i > options.place), free[0] if free else options.place) - options.place
            )

    def on_resize(self, event: events.Resize) -> None:
        if self.query(Options):
            self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        """Leave room for what is around the options, so that the cursor is in sight whatever they are."""
        self.query_one(Options).styles.height = max(1, min(len(self._options), height - AROUND))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        words = fold(event.value).split()
        found = [o for o, text in zip(self._options, self._folded, strict=True) if all(w in text for w in words)]
        # A label that begins with what was typed comes before one that only holds it.
        begins = fold(event.value).strip()
        found.sort(key=lambda o: not fold(o.label).startswith(begins))
        self._say("")
        self.query_one(Options).show(found)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    def on_options_chosen(self, event: Options.Chosen) -> None:
        options = self.query_one(Options)
        if event.index < len(options.options):
            options.step(event.index - options.place)
            self._choose()

    def action_step(self, by: int) -> None:
        options = self.query_one(Options)
        options.step(by)
        self._say(options.current.why_not if options.current else "")

    def action_cancel(self) -> None:
        """Esc clears what was typed, else closes without a choice."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            self.dismiss(None)

    def _choose(self) -> None:
        option = self.query_one(Options).current
        if option is None:
            return
        if option.why_not:
            self._say(option.why_not)
            return
        self.dismiss(option.value)

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _foot(self, width: int) -> list[Line]:
        if self._said:
            return marked("✗", "detractor", line(self._said), width, "late")
        return [hints(width, ("↑ ↓", _("choose")), ("Enter", _("take")), ("Esc", _("leave")))]
