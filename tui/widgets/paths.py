"""A line in which one types a path, with the names that are there offered as one types."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Key
from textual.geometry import Offset, Region
from textual.message import Message
from textual.widgets import Input, Label

from domain.text import _, clean, fold
from tui.widgets.completion import Completion, Suggestion
from tui.widgets.ticket.entries import size

MOST = 200
"""Names that are offered."""


def offered(typed: str, *, folders: bool = False, kinds: Sequence[str] = ()) -> tuple[Suggestion, ...]:
    """The names that begin with the last part of what was typed; hidden ones only when it begins with a dot.

    Folders end with a slash. What cannot be read offers nothing. Before a name is begun, files that do not end with one of
    `kinds` are left out, if there are any kinds.
    """
    head, slash, tail = typed.rpartition("/")
    wanted, found = fold(tail), []
    try:
        here = os.scandir(Path((head + slash) or ".").expanduser())
    except (OSError, ValueError, RuntimeError):
        return ()
    with here:
        for entry in here:
            name = entry.name
            # A name that would not come through the line as it is cannot be typed there.
            if clean(name) != name or not name.isprintable() or (name.startswith(".") and not tail.startswith(".")):
                continue
            if not fold(name).startswith(wanted):
                continue
            try:
                is_folder = entry.is_dir()
                hint = _("folder") if is_folder else size(entry.stat().st_size)
            except OSError:
                continue
            of_kind = tail or not kinds or name.lower().endswith(tuple(kinds))
            if is_folder or (of_kind and not folders):
                mark = "/" if is_folder else ""
                found.append(Suggestion(head + slash + name + mark, name + mark, hint))
    return tuple(sorted(found, key=lambda one: fold(one.label))[:MOST])


def read(typed: str, most: int) -> tuple[str, bytes] | str:
    """Name and bytes of the file at a path, or a sentence that says why not. Anything but a plain file is refused."""
    try:
        path = Path(typed.strip()).expanduser()
        # Without waiting: a pipe that nobody writes to would hold this up for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            os.close(descriptor)
            if stat.S_ISDIR(about.st_mode):
                return _("{name} is a folder: name a file in it.").format(name=path.name or typed)
            return _("{name} is not a file.").format(name=path.name or typed)
        with open(descriptor, "rb") as file:
            data = file.read(most + 1) if about.st_size <= most else b""
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return _("{path} cannot be read: {why}.").format(path=typed, why=why)
    if about.st_size > most or len(data) > most:
        return _("{name} is too large: {size}, and {most} is the most.").format(
            name=path.name, size=size(max(about.st_size, len(data))), most=size(most)
        )
    return path.name, data


class PathInput(Input):
    """The input of a `PathLine`; keys of the open list go to the list."""

    BINDINGS: ClassVar = [Binding("escape", "leave", show=False), Binding("tab", "complete", show=False)]

    class Left(Message):
        """Esc was pressed."""

    completion: Completion
    stepped = False
    """Whether one went to a suggestion, so that Enter means it."""

    helps = False
    """Whether `?` in an empty line asks the screen for its keys: hardly a path begins with one."""

    async def _on_key(self, event: Key) -> None:
        if self.helps and event.key == "question_mark" and not self.value:
            event.stop()
            event.prevent_default()
            await self.screen.run_action("help")
            return
        if not self.completion.is_open:
            return
        if event.key in ("down", "up", "ctrl+n", "ctrl+p"):
            self.completion.step(1 if event.key in ("down", "ctrl+n") else -1)
            self.stepped = True
        elif event.key == "escape":
            self.completion.close()
            self.stepped = False
        elif event.key == "enter" and self.stepped:
            self.take()
        else:
            return
        event.stop()
        event.prevent_default()

    def take(self, one: Suggestion | None = None) -> None:
        """Put a suggestion in the place of what was typed; the marked one if none is given."""
        one = one or self.completion.current
        if one is not None:
            self.completion.close()
            self.stepped = False
            self.value = one.value
            self.cursor_position = len(one.value)

    def action_complete(self) -> None:
        self.take()

    def action_leave(self) -> None:
        self.post_message(self.Left())


class PathLine(Horizontal):
    """A label and an input for a path; hidden until it is opened."""

    DEFAULT_CSS = """
    PathLine { height: 1; display: none; background: $r-bar; }
    PathLine > Label { width: auto; color: $r-accent; background: $r-bar; padding: 0 1 0 0; }
    PathLine > PathInput { height: 1; width: 1fr; border: none; padding: 0; background: $r-bar; color: $r-bright; }
    PathLine > PathInput:focus { border: none; background-tint: transparent 0%; }
    """

    class Entered(Message):
        """A path was typed and confirmed."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Left(Message):
        """Esc closed the line."""

        def __init__(self, path: str) -> None:
            """`path`: what was typed."""
            super().__init__()
            self.path = path

    def __init__(
        self,
        label: str,
        completion: Completion,
        within: Callable[[], Region],
        *,
        folders: bool = False,
        kinds: Sequence[str] = (),
    ) -> None:
        """`within` gives the part of the screen that the list may cover.

        With `kinds`, the ends of names that are likely, an empty line offers what is in the current folder.
        """
        super().__init__()
        self._label = label
        self._completion = completion
        self._within = within
        self._folders = folders
        self._kinds = kinds
        self._begun = ""

    def compose(self) -> ComposeResult:
        yield Label(self._label, markup=False)
        field = PathInput(select_on_focus=False, compact=True)
        field.completion, field.helps = self._completion, bool(self._kinds)
        yield field

    @property
    def is_open(self) -> bool:
        """Whether one is typing in it."""
        return bool(self.display)

    def open(self, path: str = "", *, offer: bool = True) -> None:
        """Show the line with a path in it, and type there; what is there is offered at once if wished."""
        self.display = True
        self._begun = path
        field = self.query_one(PathInput)
        field.cursor_blink = False
        with field.prevent(Input.Changed):
            field.value = path
        field.cursor_position = len(path)
        field.focus()
        if offer:
            self._look()

    def close(self) -> None:
        """Hide the line."""
        self._completion.close()
        self.display = False

    def take(self, one: Suggestion) -> None:
        """Put a suggestion in the place of what was typed."""
        self.query_one(PathInput).take(one)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_open:
            return
        field = self.query_one(PathInput)
        field.stepped = False
        anew = event.value.removeprefix(self._begun)
        if self._begun.endswith("/") and anew != event.value and anew.startswith(("/", "~")):
            # Who types a whole path behind the folder that stands there means that path.
            field.value = anew
            field.cursor_position = len(anew)
        else:
            self._look()

    def _look(self) -> None:
        """Look, in the lane, what is there: a folder may be far away."""
        typed, folders, kinds = self.query_one(PathInput).value, self._folders, self._kinds
        if typed in (".", "..", "~") or not (typed or self._kinds):
            self._completion.close()
            return
        self.app.reads.submit(  # type: ignore[attr-defined]
            lambda: offered(typed, folders=folders, kinds=kinds), lambda found: self._offer(typed, found), key="paths"
        )

    def _offer(self, typed: str, found: tuple[Suggestion, ...]) -> None:
        field = self.query(PathInput)
        if not self.is_open or not field or field.first().value != typed:
            return
        if len(found) == 1 and found[0].value.rstrip("/") == typed:
            found = ()
        place = field.first().content_region
        # Above: what stands below is the foot, with the keys.
        self._completion.offer(found, Offset(place.x, place.y), self._within(), above=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._completion.close()
            self.post_message(self.Entered(event.value.strip()))

    def on_path_input_left(self, event: PathInput.Left) -> None:
        event.stop()
        self.close()
        self.post_message(self.Left(self.query_one(PathInput).value))
