"""Something to read, and what can be done about it; the first choice is the safe one and has the cursor."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, line
from tui.screens.picker import Option, Options
from tui.screens.readfirst import ReadFirst
from tui.widgets.ticket.lines import Build, OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, hints, marked, wrapped

AROUND = 7
"""Lines of the panel that are neither the text nor the choices."""


class ChoiceScreen(ReadFirst, ModalScreen[Any]):
    """Answers the value of the choice that Enter takes, or None for Esc."""

    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar = [
        Binding("escape,q", "leave", show=False),
        Binding("enter", "take", show=False),
        Binding("down,j,tab", "step(1)", show=False),
        Binding("up,k,shift+tab", "step(-1)", show=False),
        Binding("ctrl+d,pagedown", "page(1)", show=False),
        Binding("ctrl+u,pageup", "page(-1)", show=False),
        Binding("g,home", "end(-1)", show=False),
        Binding("G,end", "end(1)", show=False),
    ]

    def __init__(
        self,
        title: str,
        build: Build,
        choices: Sequence[Option],
        *,
        about: str = "",
        act: Callable[[Any], bool] | None = None,
    ) -> None:
        """`about` stands below the title. `act`, if given, is called with a choice first; True keeps the screen open."""
        super().__init__()
        self._title, self._build, self._about, self._act = title, build, about, act
        self._choices = tuple(choices)
        self.said = ""
        """What the foot says instead of the keys."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            page = PageOnBar(self._build)
            page.can_focus = False
            page.MARGIN = 0
            yield page
            yield Options(self._choices, None)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        options = self.query_one(Options)
        options.styles.height = len(self._choices)
        options.display = bool(self._choices)
        options.call_after_refresh(lambda: self.say(self.said))  # whether there is more to scroll to is known by then

    def to_be_read(self) -> OnBar:
        return self.query_one(".panel-title", OnBar)

    def on_resize(self, event: events.Resize) -> None:
        room = max(1, event.size.height - AROUND - len(self._choices) - (2 if self._about else 0))
        page = self.query_one(PageOnBar)
        lines = len(self._build(max(8, min(90, event.size.width) - 8)))
        page.styles.height = min(room, lines)
        page.display = lines > 0

    def say(self, words: str) -> None:
        """Say something until the cursor moves."""
        self.said = words
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def action_step(self, by: int) -> None:
        self.query_one(Options).step(by)
        self.say("")

    def action_page(self, way: int) -> None:
        page = self.query_one(PageOnBar)
        page.action_page(way)

    def action_end(self, way: int) -> None:
        page = self.query_one(PageOnBar)
        page.action_top() if way < 0 else page.action_bottom()

    def on_options_chosen(self, event: Options.Chosen) -> None:
        options = self.query_one(Options)
        if event.index < len(options.options):
            options.step(event.index - options.place)
            self._take()

    def action_take(self) -> None:
        if self._was_read:
            self._take()

    def _take(self) -> None:
        option = self.query_one(Options).current
        if option is None:
            return
        if option.why_not:
            self.say(option.why_not)
        elif self._act is None or not self._act(option.value):
            self.dismiss(option.value)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _head(self, width: int) -> list[Line]:
        lines = [Line(((line(self._title), "bright"),))]
        if self._about:
            lines += wrapped(line(self._about), width, "past")
        return lines

    def _foot(self, width: int) -> list[Line]:
        if self.said:
            return marked("·", "late", line(self.said), width, "late")
        keys = [("↑ ↓", _("choose")), ("Enter", _("take"))] if len(self._choices) > 1 else []
        if len(self._choices) == 1:
            keys = [("Enter", line(self._choices[0].label))]
        page = self.query(PageOnBar)
        if page and page.first().max_scroll_y:
            keys.append(("^D ^U", _("scroll")))
        return [hints(width, *keys, ("Esc", _("back")))]
