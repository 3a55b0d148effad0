"""A message being written (M4): who, what about, the words. The draft is the person's; nothing else changes it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from domain.text import _, clean, line
from loop.views import Attachment, Draft, TicketView
from tui.widgets.completion import Completion, Suggestion, matching
from tui.widgets.paths import PathLine
from tui.widgets.ticket.draftarea import DraftArea, begun, spans
from tui.widgets.ticket.editor import edit, editor_command
from tui.widgets.ticket.entries import size
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.spans import Line, Span, fit, hints, spans_len

WIDE = 84
"""Cells from which To and Cc stand on one line."""


class Compose(Widget):
    """The draft of one ticket. `open` fills it; afterwards only the person writes in it."""

    DEFAULT_CSS = """
    Compose {
        layout: vertical; width: 1fr; height: 1fr; min-height: 8; background: $r-bg;
        Horizontal { height: 1; padding: 0 1; }
        Label { width: 9; color: $r-past; }
        #compose-people { height: 2; layout: vertical; }
        &.-wide #compose-people {
            height: 1; layout: horizontal;
            Horizontal { width: 2fr; }
            #compose-copies { width: 1fr; }
            #compose-copies Label { width: 4; }
        }
        Input {
            width: 1fr; height: 1; border: none; padding: 0; background: $r-bg; color: $r-text;
            &:focus { border: none; background: $r-bg; color: $r-bright; }
        }
        TextArea {
            height: 1fr; border: none; padding: 0 1; margin-top: 1; background: $r-bg; color: $r-text;
            scrollbar-size: 1 1;
            &:focus { border: none; }
        }
        .compose-hints { height: 1; }
        .compose-files { height: auto; }
        PathLine { background: $r-bg; padding: 0 1; }
        PathLine > Label { width: 9; background: $r-bg; }
        PathLine > PathInput { background: $r-bg; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("f5", "review", show=False),
        Binding("ctrl+o,f4", "editor", show=False),
        Binding("escape", "leave", show=False),
        Binding("ctrl+t", "template", show=False),
        # Before the text area, where it is the beginning of the line.
        Binding("ctrl+a", "attach", show=False, priority=True),
        Binding("ctrl+r", "detach", show=False),
    ]

    class Changed(Message):
        """The person wrote something."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class ReviewAsked(Message):
        """The person wants to look at what would leave."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class TemplateAsked(Message):
        """The person wants to write with a template."""

        def __init__(self, ticket: int) -> None:
            super().__init__()
            self.ticket = ticket

    class FileNamed(Message):
        """A file is to go with the draft."""

        def __init__(self, ticket: int, path: str) -> None:
            super().__init__()
            self.ticket = ticket
            self.path = path

    class FileDropped(Message):
        """A file is not to go with the draft after all."""

        def __init__(self, ticket: int, file: int) -> None:
            super().__init__()
            self.ticket = ticket
            self.file = file

    class Left(Message):
        """The person went elsewhere; the draft is to be kept."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    def __init__(
        self, *, editor: bool = True, keys: bool = True, id: str | None = None, classes: str | None = None
    ) -> None:
        """`editor`: whether $EDITOR is offered; not where an editor would be a way to a shell (R2).

        `keys`: whether a line at the foot tells the keys; not where something else tells them.
        """
        super().__init__(id=id, classes=classes)
        self._keys = keys
        self._editor = editor
        self._draft = Draft(ticket=0, to="", cc="", subject="", body="")
        self._status = ""
        self._notice = ""
        self._files: tuple[Attachment, ...] = ()
        self._known: Mapping[str, str] = {}
        self._suggestions: tuple[Suggestion, ...] = ()

    def compose(self) -> ComposeResult:
        yield Painted(self._rule_lines, classes="compose-rule")
        with Container(id="compose-people"):
            with Horizontal():
                yield Label(_("To"), markup=False)
                yield Input(id="compose-to", compact=True)
            with Horizontal(id="compose-copies"):
                yield Label(_("Cc"), markup=False)
                yield Input(id="compose-cc", compact=True)
        with Horizontal():
            yield Label(_("Subject"), markup=False)
            yield Input(id="compose-subject", compact=True)
        yield Painted(self._file_lines, classes="compose-files")
        variables, names = Completion(id="variables"), Completion(id="names")
        yield DraftArea(variables, id="compose-body")
        yield PathLine(_("File"), names, lambda: self.content_region)
        if self._keys:
            yield Painted(self._hint_lines, classes="compose-hints")
        yield variables
        yield names

    def on_mount(self) -> None:
        self._body.cursor_blink = False
        for field in self.query(Input):
            field.cursor_blink = False

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")

    # The draft

    def open(self, draft: Draft, view: TicketView) -> None:
        """Write on this draft, of a ticket that the person has just been shown."""
        self._draft = replace(draft, seen_event=max(draft.seen_event, view.last_event))
        self._notice = ""
        self._status = self._saved_words(draft.saved_at) if draft.saved_at else _("new draft")
        for name in ("to", "cc", "subject"):
            self._field(name).value = line(getattr(draft, name))
        self._load(clean(draft.body))
        self._draft = self.draft
        self._repaint()
        self._body.focus()

    def know(self, variables: Mapping[str, str], files: tuple[Attachment, ...]) -> None:
        """What can be put in, by name with its value ('' for none), and what goes with the draft."""
        self._known = variables
        self._suggestions = tuple(
            Suggestion(name, name, value or _("nothing here")) for name, value in variables.items()
        )
        self._body.know(variables)
        self.show_files(files)

    def show_files(self, files: tuple[Attachment, ...]) -> None:
        """Show what goes with the draft."""
        self._files = files
        self._repaint()

    def take_template(self, subject: str, body: str) -> None:
        """Write with a template: its text where the cursor is, its subject in the place of the draft's."""
        if subject:
            self._field("subject").value = line(subject)
        text = clean(body)
        if self._body.text.strip():
            self._body.insert(text)
        else:
            self._load(text)
        self._announce()
        self._body.focus()

    def say_files(self, why: str) -> None:
        """Say why a file does not go with it."""
        self._say("✗ " + line(why, 100) if why else "")

    @property
    def draft(self) -> Draft:
        """The draft as it stands now."""
        if not self.is_mounted:
            return self._draft
        return replace(
            self._draft,
            to=line(self._field("to").value),
            cc=line(self._field("cc").value),
            subject=line(self._field("subject").value),
            body=clean(self._body.text),
        )

    @property
    def ticket(self) -> int:
        """The number of the ticket that the draft belongs to; 0 before any was opened."""
        return self._draft.ticket

    def saved(self, at_ms: int) -> None:
        """Say when the draft was saved; Unix milliseconds."""
        self._draft = replace(self._draft, saved_at=at_ms)
        self._status = self._saved_words(at_ms)
        self._repaint()

    def not_saved(self, why: str) -> None:
        """Say that saving failed, and why; what was written stays here."""
        self._status = _("✗ not saved: {why}").format(why=line(why, 60))
        self._repaint()

    def notice(self, text: str) -> None:
        """Say in a line of its own that something new arrived meanwhile; '' takes the line away."""
        self._notice = line(text)
        self._repaint()

    def seen(self, event: int) -> None:
        """The person has now been shown the ticket up to this event (T10)."""
        self._draft = replace(self._draft, seen_event=max(self._draft.seen_event, event))
        self.notice("")

    def focus(self, scroll_visible: bool = True) -> "Compose":
        """Focus the words."""
        self._body.focus(scroll_visible)
        return self

    # Keys

    def action_review(self) -> None:
        self.post_message(self.ReviewAsked(self.draft))

    def action_leave(self) -> None:
        self.post_message(self.Left(self.draft))

    def action_editor(self) -> None:
        """Write the words in the person's editor; nothing changes if it ends with an error."""
        if not self._editor:
            self._say(_("an editor is not offered here"))
            return
        command = editor_command()
        if not command:
            self._say(_("$VISUAL and $EDITOR are not set"))
            return
        written: str | None = None
        try:
            with self.app.suspend():
                written = edit(self._body.text, command)
        except SuspendNotSupported:
            self._say(_("this terminal cannot be lent to an editor"))
            return
        self.app.refresh(layout=True)
        if written is None:
            self._say(_("the editor ended with an error; the draft is as it was"))
            return
        self._load(written)
        self._announce()

    def action_template(self) -> None:
        self.post_message(self.TemplateAsked(self.ticket))

    def action_attach(self) -> None:
        """Ask for the path of a file."""
        path = self.query_one(PathLine)
        if hasattr(self.app, "reads") and not path.is_open:
            self.query_one("#variables", Completion).close()
            path.open("~/")
            self._repaint()

    def action_detach(self) -> None:
        """Take the last file off again."""
        if self._files:
            self.post_message(self.FileDropped(self.ticket, self._files[-1].id))

    def on_path_line_entered(self, event: PathLine.Entered) -> None:
        event.stop()
        self.query_one(PathLine).close()
        self._body.focus()
        self._say(_("reading the file…"))
        self.post_message(self.FileNamed(self.ticket, event.path))

    def on_path_line_left(self, event: PathLine.Left) -> None:
        event.stop()
        self._body.focus()
        self._repaint()

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        path = self.query_one(PathLine)
        if path.is_open:
            path.take(event.suggestion)
        else:
            self._body.take(event.suggestion)

    # Its parts

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._announce()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._announce()
        self._offer()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._offer()

    def _offer(self) -> None:
        """Offer what the variable that is being typed could be."""
        area, offered = self._body, self.query_one("#variables", Completion)
        typed = begun(area.before_cursor) if area.has_focus and self._suggestions else None
        if typed is None and not offered.is_open:
            return
        found = matching(self._suggestions, typed.strip()) if typed is not None else ()
        self.call_after_refresh(lambda: offered.offer(found, area.cursor_screen_offset, self.content_region))

    def _announce(self) -> None:
        """Tell of a change, once for each; what `open` filled in is none."""
        draft = self.draft
        if draft != self._draft:
            self._draft = draft
            self._status = _("writing…")
            self._repaint()
            self.post_message(self.Changed(draft))

    def _load(self, text: str) -> None:
        self._body.load_text(text)
        self._body.move_cursor(self._body.document.end)

    @property
    def _body(self) -> DraftArea:
        return self.query_one("#compose-body", DraftArea)

    def _field(self, name: str) -> Input:
        return self.query_one(f"#compose-{name}", Input)

    def _say(self, words: str) -> None:
        self._status = words
        self._repaint()

    def _saved_words(self, at_ms: int) -> str:
        at = datetime.fromtimestamp(at_ms / 1000).astimezone()
        return _("draft saved {time}").format(time=at.strftime("%H:%M"))

    def _repaint(self) -> None:
        for painted in self.query(Painted):
            painted.refresh(layout=True)

    def _rule_lines(self, width: int) -> list[Line]:
        status = f" {fit(self._status, width - 6).rstrip()} " if self._status else ""
        tail: list[Span] = [(status, "late" if self._status.startswith("✗") else "past"), ("──", "rule")]
        lines = [Line((("─" * max(0, width - spans_len(tail)), "rule"), *tail))]
        if self._notice:
            lines.append(Line((("● ", "accent"), (self._notice, "bright"))))
        if missing := self._missing():
            words = _("nothing is put in for {names}").format(names=", ".join(missing))
            lines.append(Line((("! ", "late"), (fit(words, max(8, width - 2)), "late"))))
        return lines

    def _missing(self) -> tuple[str, ...]:
        """What is written as a variable and has no value on this ticket; the review is who decides."""
        if not self.is_mounted or not self._known:
            return ()
        found = []
        for text in (self._draft.subject, *self._draft.body.split("\n")):
            if "{{" in text:
                found += [text[a:b].strip("{} ") for a, b, filled in spans(text, self._known) if not filled]
        return tuple(dict.fromkeys(found))

    def _file_lines(self, width: int) -> list[Line]:
        if not self._files:
            return []
        spans_: list[Span] = [(fit(_("Files"), 8).ljust(9), "past")]
        room = width - 9
        for index, file in enumerate(self._files):
            words = f"{fit(line(file.name), min(28, max(8, room - 12))).rstrip()} {size(file.size)}"
            more = f"+{len(self._files) - index}"
            if spans_len([(words, "")]) + 3 + len(more) > room and index:
                spans_.append((more, "past"))
                break
            spans_ += [(words, "text"), (" · " if index + 1 < len(self._files) else "", "past")]
            room -= spans_len([(words, "")]) + 3
        return [Line(tuple(spans_))]

    def _hint_lines(self, width: int) -> list[Line]:
        if self.query_one(PathLine).is_open:
            keys = [("Enter", _("attach")), ("Tab", _("complete")), ("Esc", _("back"))]
            return [hints(width, *keys)]
        keys = [("F5", _("review and send")), ("^T", _("template")), ("^A", _("attach"))]
        if self._files:
            keys.append(("^R", _("remove")))
        if self._editor:
            keys.append(("^O", _("editor")))
        return [hints(width, *keys)]
