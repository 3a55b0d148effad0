"""A line at the foot of a panel that asks for a few words: hidden until it is opened."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from domain.text import line


class PromptInput(Input):
    """Esc leaves it."""

    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """Esc was pressed."""

    def action_leave(self) -> None:
        self.post_message(self.Left())


class PromptLine(Horizontal):
    """What is asked, and the words; posts `Entered` on Enter and `Left` on Esc."""

    DEFAULT_CSS = """
    PromptLine {
        height: 1; display: none; background: $r-bar;
        &.-open { display: block; }
        Label { width: auto; color: $r-accent; background: $r-bar; padding: 0 1 0 0; }
        Input {
            width: 1fr; height: 1; border: none; padding: 0; background: $r-bar; color: $r-bright;
            &:focus { border: none; background: $r-bar; }
        }
    }
    """

    class Entered(Message):
        """Enter was pressed; `what` is what the line was opened for."""

        def __init__(self, what: str, text: str) -> None:
            super().__init__()
            self.what, self.text = what, text

    class Left(Message):
        """Esc was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._what = ""

    def compose(self) -> ComposeResult:
        yield Label("", markup=False)
        yield PromptInput(compact=True)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    @property
    def is_open(self) -> bool:
        """Whether one types here now."""
        return self.has_class("-open")

    def open(self, what: str, label: str, text: str = "") -> None:
        """Ask for something."""
        self._what = what
        self.query_one(Label).update(line(label))
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        self.add_class("-open")
        field.focus()

    def close(self) -> None:
        """Ask no more."""
        self.remove_class("-open")

    def on_input_submitted(self, event: Any) -> None:
        event.stop()
        self.post_message(self.Entered(self._what, event.value.strip()))

    def on_input_changed(self, event: Any) -> None:
        event.stop()

    def on_prompt_input_left(self, event: Any) -> None:
        event.stop()
        self.post_message(self.Left())
