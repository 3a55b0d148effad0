"""A message being written (M4): who, what about, the words. The draft is the person's; nothing else changes it."""

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
from loop.views import Draft, TicketView
from tui.widgets.ticket.editor import edit, editor_command
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.spans import Line, Span, hints, spans_len

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
    }
    """
    BINDINGS: ClassVar = [
        Binding("f5", "review", show=False),
        Binding("ctrl+o,f4", "editor", show=False),
        Binding("escape", "leave", show=False),
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
        yield TextArea(id="compose-body", compact=True, soft_wrap=True, highlight_cursor_line=False)
        if self._keys:
            yield Painted(self._hint_lines, classes="compose-hints")

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
    def _body(self) -> TextArea:
        return self.query_one("#compose-body", TextArea)

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
        status = f" {self._status} " if self._status else ""
        tail: list[Span] = [(status, "past"), ("──", "rule")]
        lines = [Line((("─" * max(0, width - spans_len(tail)), "rule"), *tail))]
        if self._notice:
            lines.append(Line((("● ", "accent"), (self._notice, "bright"))))
        return lines

    def _hint_lines(self, width: int) -> list[Line]:
        keys = [("F5", _("review and send")), ("Esc", _("leave, draft kept"))]
        if self._editor:
            keys.append(("^O", _("editor")))
        return [hints(width, *keys, ("Tab", _("fields")))]
