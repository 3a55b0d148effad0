"""The files of a ticket, those of mails and of notes: saved to a folder, or opened with one's own command (N1, M10)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen

from domain.ages import age
from domain.refusals import Refusal
from domain.text import _, line, ngettext
from loop.views import Attachment, Entry
from tui.screens.kept import keep, kept
from tui.screens.keys import Helped
from tui.widgets.completion import Completion
from tui.widgets.paths import PathLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.entries import part_word, size
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, full_date, hints, marked, plain

if TYPE_CHECKING:
    from tui.app import Retorno

PAGE = 500
"""Entries of the timeline read at a time."""
WHO = 16
"""Cells of whom a file is from."""
KIND = 12
"""Cells of its type."""
ROOMY = 70
"""Cells from which on the type has room; the end of the name tells most of it."""


@dataclass(frozen=True)
class Found:
    """A file, and the mail or note that it came with."""

    file: Attachment
    at: int
    who: str
    kind: str
    """The entry's: note, mail out or a mail that came."""


def files_of(entries: tuple[Entry, ...]) -> list[Found]:
    """The files of some entries of a timeline, the newest first."""
    return [Found(file, entry.at, entry.who, entry.kind) for entry in reversed(entries) for file in entry.attachments]


def type_name(type_: str, name: str) -> str:
    """The type of a file in a word: the end of its name where that says it, else the second half of its type."""
    end = Path(line(name)).suffix[1:]
    if end and len(end) <= 5 and end.isalnum():
        return end.casefold()
    return line(type_).partition("/")[2] or line(type_) or "—"


def file_line(found: Found, now: int, width: int, *, here: bool) -> Line:
    """A file as a line: name, type, size, from whom, how long ago."""
    quiet = "text" if here else "past"
    glyph: Span = {"note": ("✎ ", "note"), "mail out": ("→ ", "text")}.get(found.kind, ("← ", "text"))
    type_ = _padded(type_name(found.file.type, found.file.name), KIND) if width >= ROOMY else ""
    right: list[Span] = [
        (type_, quiet),
        (f"{size(found.file.size):>7}  ", "text"),
        glyph,
        (_padded(line(found.who, 60), WHO), quiet),
        (f"{age(found.at, now):>5}", quiet),
    ]
    name = line(found.file.name) or "—"
    return Line((("▌ " if here else "  ", "accent"), (name, "bright" if here else "text")), tuple(right))


def _padded(text: str, width: int) -> str:
    text = fit(plain(text), width)
    return text + " " * (width - cells_of(text))


def default_folder() -> str:
    """Where people expect what they save."""
    from platformdirs import user_downloads_path

    folder, home = user_downloads_path(), Path.home()
    if not folder.is_dir():
        folder = home
    return f"~/{folder.relative_to(home)}" if folder != home and folder.is_relative_to(home) else str(folder)


class FilesScreen(Helped, ModalScreen[None]):
    """The list; Enter saves, `o` opens."""

    app: Retorno
    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar = [Binding("escape,q", "close", show=False), Binding("o", "open", show=False), Helped.HELP]

    def __init__(self, number: int, subject: str = "") -> None:
        super().__init__()
        self._number = number
        self._subject = subject
        self._now = 0
        self._read = False
        self._said: tuple[str, str] = ("", "")
        """A sentence and its mark."""

    def compose(self) -> ComposeResult:
        names = Completion()
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield Rows(lambda item, width, here: file_line(item, self._now, width, here=here))
            yield OnBar(lambda width: [Line((("─" * width, "rule"),))])
            yield PathLine(_("Save into"), names, self._inside, folders=True)
            yield OnBar(self._foot, classes="panel-foot")
            yield names

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.empty = [_("Reading…")]
        rows.focus()
        desk, actor, number = self.app.desk, self.app.actor, self._number
        self._now = desk.now()

        def call() -> list[Found]:
            from loop import reading

            found: list[Found] = []
            before: int | None = None
            while entries := reading.timeline(desk, number, actor=actor, before=before, limit=PAGE):
                found += files_of(entries)
                before = entries[0].id
                if len(entries) < PAGE:
                    break
            return found

        self.app.reads.submit(call, self._show)

    def _show(self, found: list[Found]) -> None:
        if not self._read:
            self.app.opened()
        if self not in self.app.screen_stack:
            return
        self._read = True
        rows = self.query_one(Rows)
        rows.empty = [
            _("No files on this ticket."),
            _("Those of mails come by themselves; ^A attaches one to a note."),
        ]
        rows.show(found, 0)
        self._reframe()

    def _inside(self) -> Region:
        return self.query_one(".panel").content_region

    @property
    def _current(self) -> Found | None:
        return self.query_one(Rows).current

    # Doing

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._say("")

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Ask for the folder."""
        event.stop()
        self._say("")
        self.query_one(PathLine).open(kept(self.app, "folder", 0) or default_folder(), offer=False)
        self._reframe()

    def on_path_line_left(self, event: PathLine.Left) -> None:
        event.stop()
        self.query_one(Rows).focus()
        self._reframe()

    def on_path_line_entered(self, event: PathLine.Entered) -> None:
        event.stop()
        found = self._current
        if found is None:
            return
        desk, actor, id, folder = self.app.desk, self.app.actor, found.file.id, event.path

        def call() -> Path | Refusal | str:
            from loop import files

            try:
                return files.save(desk, id, Path(folder).expanduser(), actor=actor)
            except (OSError, ValueError, RuntimeError) as error:
                return _("Nothing was saved: {why}.").format(why=getattr(error, "strerror", None) or str(error))

        self.app.reads.submit(call, lambda done: self._saved(folder, done))

    def _saved(self, folder: str, done: Path | Refusal | str) -> None:
        if self not in self.app.screen_stack:
            return
        if isinstance(done, Path):
            keep(self.app, "folder", 0, folder)
            self.query_one(PathLine).close()
            self.query_one(Rows).focus()
            self._say(_("Saved as {path}").format(path=done), "✓")
        else:
            self._say(str(done), "✗")

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        self.query_one(PathLine).take(event.suggestion)

    def action_open(self) -> None:
        """Hand the file to the configured command."""
        found = self._current
        if found is None:
            return
        desk, actor, id, name = self.app.desk, self.app.actor, found.file.id, line(found.file.name, 60)

        def call() -> Path | Refusal | str:
            from loop import files

            try:
                return files.opened(desk, id, actor=actor)
            except (OSError, ValueError, RuntimeError) as error:
                return _("It was not opened: {why}.").format(why=getattr(error, "strerror", None) or str(error))

        def then(done: Path | Refusal | str) -> None:
            if self not in self.app.screen_stack:
                return
            if isinstance(done, Path):
                self._say(_("{name} was handed to your command.").format(name=name), "✓")
            else:
                self._say(str(done), "✗")

        self.app.reads.submit(call, then)

    def action_close(self) -> None:
        self.dismiss(None)

    # What is shown

    def _say(self, words: str, mark: str = "") -> None:
        if (words, mark) != self._said:
            self._said = (words, mark)
            self._reframe()

    def _reframe(self) -> None:
        self.query_one(".panel-title", OnBar).refresh()
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _head(self, width: int) -> list[Line]:
        count = len(self.query_one(Rows).items)
        files = ngettext("{n} file", "{n} files", count).format(n=count) if self._read else ""
        title = _("Files") + f" #{self._number}"
        subject = fit(line(self._subject), max(4, width - cells_of(title) - cells_of(files) - 4))
        head = Line(((title, "bright"), ("  " + subject, "past")), ((files, "past"),))
        return [head, Line((("─" * width, "rule"),))]

    def _foot(self, width: int) -> list[Line]:
        words, mark = self._said
        found = self._current
        if words:
            role, of_mark = ("bright", "promoter") if mark == "✓" else ("late", "detractor")
            lines = marked(mark, of_mark, line(words), width, role)[:3]
        elif found is not None:
            about = [line(found.file.type, 60), full_date(found.at)]
            if found.file.label:
                about.insert(0, part_word(found.file.label))
            lines = [Line(((" · ".join(about), "past"),))]
        else:
            lines = [Line()]
        if self.query_one(PathLine).is_open:
            keys = [("Enter", _("save")), ("Tab", _("complete")), ("↑ ↓", _("choose")), ("Esc", _("back"))]
            return [*lines, hints(width, *keys)]
        return [*lines, hints(width, *self.place_keys()[1], ("?", _("help")))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        keys = [("Enter", _("save")), ("o", _("open")), ("j k", _("choose"))] if self._current is not None else []
        return _("Files") + f" #{self._number}", [*keys, ("Esc", _("back"))]
