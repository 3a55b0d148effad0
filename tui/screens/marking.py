"""Choosing some of many by typing some of their letters."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from domain.text import _, line
from tui.screens.picker import Option, Options, Picker
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints


class Marked(Options):
    """Options with a box each."""

    def __init__(self, options: Sequence[Option], chosen: Sequence[Any]) -> None:
        super().__init__(options, None)
        self.chosen = list(chosen)
        """Values."""

    def line_of(self, index: int) -> Line:
        option, here = self.options[index], index == self.place
        on = option.value in self.chosen
        box = ("☑ " if on else "☐ ", "accent" if on else "past")
        return self.told(option, [("▌ " if here else "  ", "accent"), box], here=here)


class ManyPicker(Picker):
    """Some of the options, as a tuple of their values; None when it was left. Enter marks, F5 takes what is marked."""

    BINDINGS: ClassVar = [Binding("f5", "done", show=False)]

    def __init__(self, title: str, options: Sequence[Option], chosen: Sequence[Any] = ()) -> None:
        super().__init__(title, options)
        self._chosen = tuple(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((line(self._title), "bright"),))], classes="panel-title")
            yield Input(placeholder=_("type to find"), compact=True)
            yield Marked(self._options, self._chosen)
            yield OnBar(self._foot, classes="panel-foot")

    def action_done(self) -> None:
        """Take what is marked."""
        self.dismiss(tuple(self.query_one(Marked).chosen))

    def _choose(self) -> None:
        marks = self.query_one(Marked)
        option = marks.current
        if option is None:
            return
        if option.why_not:
            self._say(option.why_not)
            return
        if option.value in marks.chosen:
            marks.chosen.remove(option.value)
        else:
            marks.chosen.append(option.value)
        marks.refresh()

    def _foot(self, width: int) -> list[Line]:
        if self._said:
            return super()._foot(width)
        keys = (("Enter", _("mark")), ("F5", _("take what is marked")), ("↑ ↓", _("choose")), ("Esc", _("leave")))
        return [hints(width, *keys)]
