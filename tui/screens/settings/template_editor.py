"""Writing a template: the text at the left, how it reads on a real ticket or answer at the right, what is missing marked.

(M2.) Those that the autopilot sends, one for each class of the account or a survey, are tried on answers (A4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, TextArea

from domain.refusals import Refusal
from domain.text import _, clean, line
from loop.setup_views import TemplateRow
from tui.widgets.completion import Completion, Suggestion, matching
from tui.widgets.ticket.draftarea import DraftArea, begun
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, hints, marked

if TYPE_CHECKING:
    from loop.filling import Filled, Piece

_ROLES = {"text": "text", "value": "bright", "missing": "late"}
_WORDS = re.compile(r"\n|[^\S\n]+|\S+")


@dataclass(frozen=True)
class _Tried:
    """How the template reads."""

    on: str
    """A ticket's number, or a line about an answer."""
    subject: Filled
    body: Filled


def pieces_wrapped(pieces: tuple[Piece, ...], width: int) -> list[Line]:
    """Pieces on lines of a width, each in its own ink; what came from values is on no screen as it came (R7)."""
    lines: list[Line] = []
    row: list[Span] = []
    used = 0
    for piece in pieces:
        role = _ROLES[piece.kind]
        for word in _WORDS.findall(clean(piece.text)):
            if word == "\n":
                lines.append(Line(tuple(row)))
                row, used = [], 0
                continue
            size = cells_of(word)
            if used and used + size > width:
                lines.append(Line(tuple(row)))
                row, used = [], 0
                if word.isspace():
                    continue
            shown = word if size <= width else fit(word, width)
            row.append((shown, role))
            used += cells_of(shown)
    return [*lines, Line(tuple(row))]


class TemplateEditor(ModalScreen[bool]):
    """True when something was saved. F5 saves, Esc leaves and asks for a second one before it loses anything."""

    DEFAULT_CSS = """
    TemplateEditor {
        align: center middle; background: $r-bg 60%;
        &:ansi { background: transparent; }
        .panel { width: 100%; height: 100%; background: $r-bar; border: round $r-rule; padding: 0 1; }
        Painted { background: $r-bar; padding: 0; }
        .sides { height: 1fr; }
        .written { width: 1fr; padding: 0 1 0 0; }
        .read { width: 1fr; border-left: solid $r-rule; padding: 0 0 0 1; }
        .subject { height: 1; }
        .subject Label { width: 10; color: $r-past; background: $r-bar; }
        Input { width: 1fr; height: 1; border: none; padding: 0; background: $r-bar; color: $r-text;
            &:focus { border: none; background: $r-bar; color: $r-bright; } }
        TextArea { height: 1fr; border: none; padding: 0; margin-top: 1; background: $r-bar; color: $r-text;
            scrollbar-size: 1 1; &:focus { border: none; background: $r-bar; } }
        Page { background: $r-bar; }
    }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("f5", "save", show=False),
        Binding("f2", "other(1)", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, template: TemplateRow) -> None:
        super().__init__()
        self._template = template
        self._tickets: tuple[tuple[int, str], ...] = ()
        self._place = 0
        self._tried: _Tried | None = None
        self._suggestions: tuple[Suggestion, ...] = ()
        self._said = ""
        self._saved = False
        self._warned = False

    def compose(self) -> ComposeResult:
        variables = Completion(id="variables")
        with Vertical(classes="panel"):
            yield OnBar(self._title, classes="panel-title")
            with Horizontal(classes="sides"):
                with Vertical(classes="written"):
                    if self._of_class:
                        with Horizontal(classes="subject"):
                            yield Label(_("Sender"), markup=False)
                            yield Input(
                                line(self._template.sender_name), compact=True, select_on_focus=False, max_length=80,
                                placeholder=_("a name, as customers see it"), id="sender",
                            )  # fmt: skip
                    with Horizontal(classes="subject"):
                        yield Label(_("Subject"), markup=False)
                        yield Input(line(self._template.subject), compact=True, select_on_focus=False, id="subject")
                    yield DraftArea(variables)
                with Vertical(classes="read"):
                    yield OnBar(self._subject, classes="read-subject")
                    page = PageOnBar(self._read)
                    page.can_focus = False  # it follows the text; keys typed there would be lost
                    yield page
            yield OnBar(self._foot, classes="panel-foot")
            yield variables

    def on_mount(self) -> None:
        for typed in self.query(Input):
            typed.cursor_blink = False
        area = self._area
        area.cursor_blink = False
        area.load_text(clean(self._template.body))
        area.move_cursor(area.document.end)
        if self._template.may_edit is not None:
            area.read_only = True
            for typed in self.query(Input):
                typed.disabled = True
        area.focus()
        app: Any = self.app
        desk, actor, template = app.desk, app.actor, self._template

        def call() -> Any:
            from loop import class_mail, templates

            if self._of_class:
                survey = template.of_id if template.level == "survey" else None
                return class_mail.samples(desk, survey=survey, klass=template.klass, actor=actor)
            return templates.samples(desk, template, actor=actor)

        app.reads.submit(call, self._know_tickets)

    def _know_tickets(self, tickets: tuple[tuple[int, str], ...]) -> None:
        if self.is_attached:
            self._tickets = tickets
            self._try()

    @property
    def _area(self) -> DraftArea:
        return self.query_one(DraftArea)

    @property
    def _of_class(self) -> bool:
        """Whether the autopilot sends it: one for a class of the account or a survey (A4)."""
        return bool(self._template.klass) and self._template.level in ("account", "survey")

    @property
    def _given(self) -> tuple[str, str]:
        return line(self.query_one("#subject", Input).value), clean(self._area.text)

    @property
    def _sender(self) -> str:
        return line(self.query_one("#sender", Input).value) if self._of_class else self._template.sender_name

    @property
    def _changed(self) -> bool:
        template = self._template
        return (*self._given, self._sender) != (line(template.subject), clean(template.body), template.sender_name)

    # Trying it

    def _try(self) -> None:
        """Have the lane render it for the ticket; while one types only the last is waited for."""
        if not self._tickets:
            self._repaint()
            return
        app: Any = self.app
        desk, actor = app.desk, app.actor
        number, about = self._tickets[self._place]
        subject, body = self._given
        of_account = self._template.level == "account"

        def on_ticket() -> Any:
            from loop import filling, templates

            given = filling.values(desk.db.rows, desk, number, actor=actor)
            return templates.preview(desk, subject, body, number, actor=actor), filling.offered(given)

        def on_answer() -> Any:
            from loop import class_mail, filling

            done = class_mail.preview(desk, subject, body, number, actor=actor, of_account=of_account)
            offered = filling.offered(filling.values_by_rule(desk.db.rows, desk, number, None))
            if of_account:
                offered = tuple(v for v in offered if v.name in filling.OF_THE_CUSTOMER)
            return done, offered

        on = about if self._of_class else f"#{number}"
        app.reads.submit(
            on_answer if self._of_class else on_ticket, lambda found: self._show(on, *found), key="template"
        )

    def _show(self, on: str, done: Any, offered: Any) -> None:
        if not self.is_attached or isinstance(done, Refusal):
            return
        self._tried = _Tried(on, *done)
        self._suggestions = tuple(Suggestion(v.name, v.name, v.value or _("nothing here")) for v in offered)
        self._area.know({v.name: v.value for v in offered})
        self._repaint()

    def action_other(self, by: int) -> None:
        """Try it on another ticket."""
        if self._tickets:
            self._place = (self._place + by) % len(self._tickets)
            self._try()

    # Writing

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._touched()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._area.focus()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._touched()
        self._offer()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._offer()
        self._follow()

    def _follow(self) -> None:
        """Have the preview show about what is being written."""
        page, area = self.query_one(PageOnBar), self._area
        over = page.virtual_size.height - page.inner_height
        lines = max(1, area.document.line_count - 1)
        page.to_line(max(0, round(over * area.cursor_location[0] / lines)))

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        self._area.take(event.suggestion)

    def _touched(self) -> None:
        self._said, self._warned = "", False
        self._try()

    def _offer(self) -> None:
        area, offered = self._area, self.query_one("#variables", Completion)
        typed = begun(area.before_cursor) if area.has_focus and not area.read_only else None
        if typed is None and not offered.is_open:
            return
        found = matching(self._suggestions, typed.strip()) if typed is not None else ()
        within = self.query_one(".panel").content_region
        self.call_after_refresh(lambda: offered.offer(found, area.cursor_screen_offset, within))

    def action_save(self) -> None:
        app: Any = self.app
        subject, body = self._given
        desk, actor, id = app.desk, app.actor, self._template.id
        changes = {"subject": subject, "body": body} | ({"sender_name": self._sender} if self._of_class else {})

        def call() -> Any:
            from loop import templates

            return templates.change(desk, id, changes, actor=actor)

        def done(saved: Any) -> None:
            if not self.is_attached:
                return
            if isinstance(saved, Refusal):
                self._say(str(saved))
            else:
                self.dismiss(True)

        app.writes.submit(call, done)

    def action_leave(self) -> None:
        if self._changed and not self._warned:
            self._say(_("What was changed is not saved: F5 saves it, Esc once more leaves it."))
            self._warned = True
        else:
            self.dismiss(False)

    # What is shown

    def _say(self, words: str) -> None:
        self._said = words
        self._repaint()

    def _repaint(self) -> None:
        for painted in self.query(OnBar):
            painted.refresh(layout=True)
        self.query_one(PageOnBar).paint_with(self._read)
        self._follow()

    def _title(self, width: int) -> list[Line]:
        template = self._template
        right = _("tried on {what}").format(what=fit(line(self._tried.on), max(6, width // 2))) if self._tried else ""
        name = fit(line(template.name), max(8, width - cells_of(right) - 4)).rstrip()
        return [Line(((name, "bright"),), ((right, "past"),)), Line((("─" * width, "rule"),))]

    def _subject(self, width: int) -> list[Line]:
        if self._tried is None:
            return [Line()]
        pieces = self._tried.subject.pieces
        words: list[Span] = [(clean(p.text).replace("\n", " "), _ROLES[p.kind]) for p in pieces]
        none = _("no subject yet") if self._of_class else _("the draft keeps its subject")
        # As far in as the text below it.
        return [Line(((" ", "past"), *(words or [(none, "past")]))), Line()]

    def _read(self, width: int) -> list[Line]:
        if self._tried is None:
            none = (
                _("There is no answer yet to try it on.")
                if self._of_class
                else _("There is no ticket yet to try it on.")
            )
            return [Line(((none, "past"),))] if not self._tickets else [Line()]
        return pieces_wrapped(self._tried.body.pieces, width)

    def _foot(self, width: int) -> list[Line]:
        lines = [Line((("─" * width, "rule"),))]
        if self._said:
            lines += marked("✗", "late", line(self._said), width, "late")
        elif self._tried is not None:
            trouble = self._tried.subject.trouble or self._tried.body.trouble
            missing = tuple(dict.fromkeys((*self._tried.subject.missing, *self._tried.body.missing)))
            if trouble:
                lines += marked("✗", "late", line(trouble), width, "late")
            elif missing:
                words = (
                    _("this answer has nothing for {names}")
                    if self._of_class
                    else _("this ticket has nothing for {names}")
                )
                words = words.format(names=", ".join(missing))
                lines += marked("!", "late", line(words), width, "late")[:2]
        if self._of_class and not self._said and (empty := self._empty()):
            lines += marked(
                "!", "late", _("It is not sent before it has: {parts}.").format(parts=", ".join(empty)), width, "late"
            )[:1]
        other = _("another answer") if self._of_class else _("another ticket")
        keys = [("Esc", _("leave")), ("{{", _("variables")), ("F2", other), ("Tab", _("fields"))]
        if self._template.may_edit is None:
            keys.insert(0, ("F5", _("save")))
        return [*lines, hints(width, *keys)]

    def _empty(self) -> list[str]:
        """What is still empty of an e-mail of the autopilot, in words."""
        subject, body = self._given
        parts = ((self._sender, _("sender name")), (subject, _("subject")), (body, _("text")))
        return [words for text, words in parts if not text.strip()]
