"""The keys of a panel or of a place in the settings (?), searchable; Enter presses the one under the cursor."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from domain.text import _
from tui.screens.picker import Option, Options, Picker
from tui.strips import fit
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line

_PRESSED = {
    "/": "slash",
    ">": "greater_than_sign",
    "]": "right_square_bracket",
    "[": "left_square_bracket",
    "Enter": "enter",
    "Esc": "escape",
    "Space": "space",
    "F5": "f5",
    "F6": "f6",
    "F8": "f8",
    "Tab": "tab",
    "Del": "delete",
}


class KeyLines(Options):
    """A key and what it does."""

    def line_of(self, index: int) -> Line:
        option, here = self.options[index], index == self.place
        key, _tab, does = option.label.partition("\t")
        spans = (
            ("▌ " if here else "  ", "accent"),
            (fit(key, 10), "accent"),
            (" " + does, "bright" if here else "text"),
        )
        return Line(spans, (), "on_cursor" if here else "on_bar")


class KeysScreen(Picker):
    """Answers with the key that is to be pressed, in Textual's name, or None."""

    CSS_PATH: ClassVar = ["picker.tcss"]

    def __init__(self, title: str, keys: Sequence[tuple[str, str]], told: Collection[str] = ()) -> None:
        """`told`: keys that are told and not pressed, as Enter is no yes to what they do."""
        options = []
        # The footer's keys come first; where a key is told once more it is with more words.
        for key, does in dict(keys).items():
            pressed = "" if key in told else _PRESSED.get(key, key if len(key) == 1 else "")
            options.append(Option(pressed, f"{key}\t{does}"))
        super().__init__(_("Keys of {place}").format(place=title), options)

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((self._title, "bright"),))], classes="panel-title")
            yield Input(placeholder=_("type a key or a word"), compact=True)
            yield KeyLines(self._options, None)
            yield OnBar(self._foot, classes="panel-foot")


class Helped:
    """A screen whose `?` lists its keys. Who inherits binds `HELP` and says `place_keys`."""

    HELP: ClassVar = Binding("question_mark", "help", show=False)
    """For the screen's own BINDINGS: Textual takes them from widgets only."""
    TOLD: ClassVar[frozenset[str]] = frozenset()
    """Keys that the help tells and does not press: those that send or bring in at once."""

    def place_keys(self) -> tuple[str, Sequence[tuple[str, str]]]:
        """What the place is called, and the keys that act there now, the most needed first."""
        raise NotImplementedError

    def action_help(self) -> None:
        """List the keys; the one that is taken is pressed here."""
        app: Any = self.app  # type: ignore[attr-defined]
        app.opening()
        app.push_screen(KeysScreen(*self.place_keys(), self.TOLD), lambda key: app.simulate_key(key) if key else None)
