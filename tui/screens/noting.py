"""Writing a note for colleagues: mentions completed as one types, files attached, and who will read it (N1)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import TextArea

from domain.mentions import begun, mentioned
from domain.text import _, clean, line, ngettext
from loop.readership import Readership
from loop.views import Person, TicketView
from tui.screens.kept import keep, kept
from tui.widgets.completion import Completion, Suggestion, matching
from tui.widgets.mentions import NoteArea, strangers
from tui.widgets.paths import PathLine, read
from tui.widgets.ticket.entries import size
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, fit, hints, marked, wrap

SHOWN = 3
"""Attached files that are listed; more are counted."""


class NoteText(NamedTuple):
    """A note as it was written."""

    text: str
    files: tuple[tuple[str, bytes], ...] = ()
    """Name and bytes of each file."""


@dataclass(frozen=True)
class _Facts:
    """What the panel is told while one begins to write."""

    people: tuple[Person, ...]
    readers: Readership | None
    me: str
    longest: int
    """Characters of a note."""


class NoteScreen(ModalScreen[NoteText | None]):
    """Answers the note, or None; what was typed is in `text` either way.

    A note that was left is there again, with its files, when the next one is begun on the same ticket.
    """

    CSS_PATH = "noting.tcss"
    BINDINGS: ClassVar = [
        Binding("f5", "add", show=False),
        Binding("escape", "leave", show=False),
        # Before the text area, where it is the beginning of the line.
        Binding("ctrl+a", "attach", show=False, priority=True),
        Binding("ctrl+r", "detach", show=False),
    ]

    def __init__(self, view: TicketView | None, text: str = "", *, about: str = "") -> None:
        """`about` names what is noted where it is not one ticket, such as a selection."""
        super().__init__()
        self._about = about
        self._view = view
        self.text = clean(text)
        """What is typed so far."""
        self.files: list[tuple[str, bytes]] = []
        """What is attached so far."""
        self._paths: list[str] = []
        self._waiting: list[str] = []
        """Paths of files that are still being read."""
        self._said = ""
        self._facts: _Facts | None = None
        self._suggestions: tuple[Suggestion, ...] = ()
        self._logins: tuple[str, ...] = ()
        self._told: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """Who is mentioned: people, and words that are nobody's login."""

    def compose(self) -> ComposeResult:
        people, names = Completion(id="people"), Completion(id="names")
        with Vertical(classes="panel"):
            yield OnBar(self._title, classes="panel-title")
            yield NoteArea(self.text, people)
            yield OnBar(self._file_lines, classes="attached")
            yield PathLine(_("File"), names, self._inside)
            yield OnBar(self._foot, classes="panel-foot")
            yield people
            yield names

    def on_mount(self) -> None:
        area = self._area
        if not self.text and (left := kept(self.app, "note", self._ticket)):
            self.text = left
            area.load_text(left)
        area.cursor_blink = False
        area.move_cursor(area.document.end)
        area.focus()
        self._ask()
        for path in json.loads(kept(self.app, "note files", self._ticket) or "[]"):
            self._add_file(path)

    # What the panel is told

    @property
    def _area(self) -> NoteArea:
        return self.query_one(NoteArea)

    def _inside(self) -> Region:
        """Where lists may lie: within the panel's frame."""
        return self.query_one(".panel").content_region

    def _ask(self) -> None:
        """Have the lane read who can be mentioned and who reads along."""
        app: Any = self.app
        if self._view is None or not hasattr(app, "reads"):
            return
        desk, actor, number = app.desk, app.actor, self._view.row.number

        def call() -> _Facts:
            from loop import notes
            from loop.readership import readership

            people = notes.members(desk, number, actor=actor)
            readers = readership(desk, number, actor=actor)
            return _Facts(people, readers, actor.login, notes.LONGEST)

        app.reads.submit(call, self._learn)

    def _learn(self, facts: _Facts) -> None:
        if self not in self.app.screen_stack:
            return
        self._facts = facts
        self._suggestions = tuple(
            Suggestion(p.login, p.login, p.name if p.name != p.login else "") for p in facts.people
        )
        self._logins = (*(p.login for p in facts.people), facts.me)
        self._area.know(self._logins)
        self._look()
        self._refoot()

    # Writing

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.text = clean(event.text_area.text)
        self._say("")
        self._look()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        """Offer whom the mention under the cursor could mean, and tell who is mentioned."""
        area = self._area
        typed = begun(area.before_cursor) if area.has_focus else None
        found = matching(self._suggestions, typed) if typed is not None else ()
        if len(found) == 1 and typed is not None and found[0].value.casefold() == typed.casefold():
            found = ()
        people = self.query_one("#people", Completion)
        self.call_after_refresh(lambda: people.offer(found, area.cursor_screen_offset, self._inside()))
        self._tell(typed)

    def _tell(self, typed: str | None) -> None:
        if self._facts is None or ("@" not in self.text and self._told == ((), ())):
            return
        known = tuple(login for login in mentioned(self.text, self._logins) if login != self._facts.me)
        # What is being typed is not yet wrong.
        unknown = tuple(word for word in strangers(self.text, self._logins) if word != (typed or "").rstrip(".-"))
        told = (known, unknown)
        if told != self._told:
            self._told = told
            self._refoot()

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        line_ = self.query_one(PathLine)
        if line_.is_open:
            line_.take(event.suggestion)
        else:
            self._area.take(event.suggestion)

    def action_add(self) -> None:
        self.text = clean(self._area.text)
        words = self.text.strip()
        longest = self._facts.longest if self._facts else 0
        if not words and not self.files and not self._waiting:
            self._say(_("There is nothing written yet."))
        elif self._waiting:
            self._say(_("A file is still being read."))
        elif longest and len(words) > longest:
            self._say(_("That is {n} characters too long for a note.").format(n=len(words) - longest))
        else:
            keep(self.app, "note", self._ticket, "")
            keep(self.app, "note files", self._ticket, "")
            self.dismiss(NoteText(words, tuple(self.files)))

    def action_leave(self) -> None:
        self.text = clean(self._area.text)
        paths = self._paths + self._waiting
        keep(self.app, "note", self._ticket, self.text)
        keep(self.app, "note files", self._ticket, json.dumps(paths) if paths else "")
        self.dismiss(None)

    @property
    def _ticket(self) -> int:
        return 0 if self._about or self._view is None else self._view.row.number

    # Files

    def action_attach(self) -> None:
        """Ask for the path of a file."""
        if hasattr(self.app, "reads") and not self.query_one(PathLine).is_open:
            self._say("")
            self.query_one("#people", Completion).close()
            self.query_one(PathLine).open("~/")
            self._refoot()

    def action_detach(self) -> None:
        """Take the last file away again."""
        if self.files:
            self.files.pop()
            self._paths.pop()
            self._say("")
            self._refoot()

    def on_path_line_entered(self, event: PathLine.Entered) -> None:
        event.stop()
        self._add_file(event.path)

    def on_path_line_left(self, event: PathLine.Left) -> None:
        event.stop()
        self._say("")
        self._area.focus()
        self._refoot()

    def _add_file(self, path: str) -> None:
        """Read the file in the lane; a disk may be slow."""
        app: Any = self.app
        self._waiting.append(path)
        count = len(self.files) + len(self._waiting)

        def call() -> tuple[str, bytes] | str:
            from loop.notes import LARGEST, MOST_FILES

            if count > MOST_FILES:
                return _("A note carries at most {n} files.").format(n=MOST_FILES)
            return read(path, LARGEST)

        app.reads.submit(call, lambda found: self._read(path, found))

    def _read(self, path: str, found: tuple[str, bytes] | str) -> None:
        if self not in self.app.screen_stack:
            return
        self._waiting.remove(path)
        if isinstance(found, str):
            self._say(found)
            return
        self.files.append(found)
        self._paths.append(path)
        self._say("")
        asks = self.query_one(PathLine)
        if asks.is_open:
            asks.close()
            self._area.focus()
        self._refoot()

    # What is shown

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._refoot()

    def _refoot(self) -> None:
        self.query_one(".attached", OnBar).refresh(layout=True)
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _title(self, width: int) -> list[Line]:
        about = line(self._about)
        if self._view is not None and not about:
            about = f"#{self._view.row.number} {line(self._view.row.subject)}"
        title = _("Note")
        return [Line(((f"✎ {title}", "note"), ("  " + fit(about, max(4, width - 10)), "past")))]

    def _file_lines(self, width: int) -> list[Line]:
        files = self.files
        shown = files if len(files) <= SHOWN else files[1 - SHOWN :]
        lines = [
            Line(
                (
                    ("+ ", "accent"),
                    (fit(line(name) or "—", max(8, width - 12)), "text"),
                    ("  " + size(len(data)), "past"),
                )
            )
            for name, data in shown
        ]
        if hidden := len(files) - len(shown):
            more = ngettext("{n} more file", "{n} more files", hidden).format(n=hidden)
            lines.insert(0, Line((("+ " + more, "past"),)))
        return lines

    def _foot(self, width: int) -> list[Line]:
        lines = [Line(((words, "past"),)) for words in wrap(self._readers(), width)[:2]]
        told, nobody = self._told
        if told:
            names = ", ".join("@" + line(login, 30) for login in told)
            words = ngettext(
                "{names} is told, and follows the ticket.", "{names} are told, and follow the ticket.", len(told)
            )
            lines += [Line(((text, "note"),)) for text in wrap(words.format(names=names), width)[:2]]
        if nobody:
            names = ", ".join("@" + line(login, 30) for login in nobody)
            lines += marked(
                "?", "late", _("Nobody who sees this ticket is called {names}.").format(names=names), width, "late"
            )[:2]
        if self._said:
            lines = marked("✗", "late", line(self._said), width, "late")
        if self.query_one(PathLine).is_open:
            keys = [("Enter", _("attach")), ("Tab", _("complete")), ("↑ ↓", _("choose")), ("Esc", _("back"))]
        else:
            keys = [("F5", _("add") if self.files else _("add the note")), ("Esc", _("leave, text kept"))]
            keys += [("@", _("mention")), ("^A", _("attach"))]
            keys += [("^R", _("remove"))] if self.files else []
        return [*lines, hints(width, *keys)]

    def _readers(self) -> str:
        readers = self._facts.readers if self._facts else None
        if self._about:
            return _("On each ticket those read it who may; the customer never does.")
        if readers is None:
            return _("Colleagues read it, the customer never does.")
        if readers.all_members:
            return _("Every member of {flow} reads it, the customer never does.").format(flow=line(readers.flow, 40))
        me = self._facts.me if self._facts else ""
        names = _named([who for who in (readers.assignee, *readers.followers) if who and who != me])
        if not names:
            return _("Nobody else reads it yet: a mention brings somebody in.")
        return _("{names} and you read it, the customer never does.").format(names=names)


def _named(logins: Sequence[str]) -> str:
    """Some logins, the last of many counted."""
    shown = [line(login, 30) for login in logins[:6]]
    rest = len(logins) - len(shown)
    return ", ".join(shown) + (" " + _("(and {n} more)").format(n=rest) if rest else "")
