"""The line at the bottom that one types in: a command after `:` with completion, or a filter after `/`."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Label

Complete = Callable[[str], Iterable[str]]


class _Completing(Suggester):
    """Whole lines that begin with what was typed, the first of them."""

    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next((line for line in self._complete(value) if line != value), None) if value else None


class PromptInput(Input):
    """An input that Esc leaves and Tab completes."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False),
        Binding("up", "older", show=False),
    ]

    class Left(Message):
        """Esc was pressed."""

    history: str = ""

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_complete(self) -> None:
        self.action_cursor_right() if self.cursor_at_end and self._suggestion else None

    def action_older(self) -> None:
        if not self.value and self.history:
            self.value = self.history
            self.action_end()


class CommandLine(Horizontal):
    """A sign and an input over the footer; hidden until it is opened."""

    DEFAULT_CSS = """
    CommandLine { height: 1; display: none; background: $r-bar; }
    CommandLine.-open { display: block; }
    CommandLine > Label { width: 3; color: $r-accent; background: $r-bar; padding: 0 1; }
    CommandLine > PromptInput { height: 1; border: none; padding: 0; background: $r-bar; color: $r-bright; width: 1fr; }
    CommandLine > PromptInput:focus { border: none; background-tint: transparent 0%; }
    """
    sign: ClassVar[str] = ":"

    class Entered(Message):
        """A line was typed and confirmed with Enter."""

        def __init__(self, line: "CommandLine", text: str) -> None:
            super().__init__()
            self.line, self.text = line, text

        @property
        def control(self) -> "CommandLine":
            return self.line

    class Left(Message):
        """Esc left the line."""

        def __init__(self, line: "CommandLine") -> None:
            super().__init__()
            self.line = line

        @property
        def control(self) -> "CommandLine":
            return self.line

    class Edited(Message):
        """The text changed while one types."""

        def __init__(self, line: "CommandLine", text: str) -> None:
            super().__init__()
            self.line, self.text = line, text

        @property
        def control(self) -> "CommandLine":
            return self.line

    def __init__(self, complete: Complete, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._complete = complete

    def compose(self) -> ComposeResult:
        yield Label(self.sign, markup=False)
        yield PromptInput(suggester=_Completing(self._complete), select_on_focus=False, compact=True)

    @property
    def is_open(self) -> bool:
        """Whether one is typing in it."""
        return self.has_class("-open")

    def open(self, text: str = "") -> None:
        """Show the line with some text in it, and type there."""
        self.add_class("-open")
        prompt = self.query_one(PromptInput)
        with prompt.prevent(Input.Changed):
            prompt.value = text
        prompt.cursor_position = len(text)
        prompt.focus()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(PromptInput).history = event.value
        self.close()
        self.post_message(self.Entered(self, event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Edited(self, event.value))

    def on_prompt_input_left(self, event: PromptInput.Left) -> None:
        event.stop()
        self.close()
        self.post_message(self.Left(self))
