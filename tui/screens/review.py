"""The review before sending: exactly what would leave, and keys that say what they do (M2)."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, clean, line
from loop.views import Review
from tui.screens.keys import Helped
from tui.screens.readfirst import ReadFirst
from tui.widgets.ticket.entries import size
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, Span, hints, marked, pair, wrapped


class ReviewScreen(ReadFirst, Helped, ModalScreen[str]):
    """Answers 'send', 'later', 'move' (send, then move the ticket), 'edit', or 'keep'. Enter sends nothing."""

    CSS_PATH = "review.tcss"
    TOLD = frozenset(("y", "l", "m"))
    BINDINGS: ClassVar = [
        Binding("y", "send('send')", show=False),
        Binding("l", "send('later')", show=False),
        Binding("m", "send('move')", show=False),
        Binding("v", "form", show=False),
        Binding("e", "answer('edit')", show=False),
        Binding("escape", "answer('keep')", show=False),
        Helped.HELP,
    ]

    def __init__(self, review: Review, undo_seconds: int) -> None:
        super().__init__()
        self._review = review
        self._undo_seconds = undo_seconds
        self._refused = False
        self._html = False

    def to_be_read(self) -> PageOnBar:
        return self.query_one(PageOnBar)

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._title, classes="panel-title")
            yield PageOnBar(self._letter)
            yield OnBar(self._foot, classes="panel-foot")

    def action_send(self, answer: str) -> None:
        """Send, unless it is refused: then say so again, louder."""
        if not self._was_read:
            return
        if self._review.refusal is None:
            self.dismiss(answer)
            return
        self._refused = True
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def action_form(self) -> None:
        """Show the message's other form: plain text, or the HTML that is made from it."""
        if self._review.html:
            self._html = not self._html
            self.query_one(PageOnBar).paint_with(self._letter, keep_place=False)
            self.query_one(".panel-title", OnBar).refresh(layout=True)

    def action_answer(self, answer: str) -> None:
        self.dismiss(answer)

    def _title(self, width: int) -> list[Line]:
        form = _("the HTML beside the text") if self._html else _("plain text") if self._review.html else ""
        return [Line(((_("This is what leaves"), "bright"),), ((form, "past"),)), Line((("─" * width, "rule"),))]

    def _letter(self, width: int) -> list[Line]:
        review = self._review
        lines: list[Line] = []
        for label, value in ((_("From"), review.sender), (_("To"), review.to), (_("Cc"), review.cc)):
            if value or label != _("Cc"):
                lines += pair(label, line(value) or "—", width, 7)
        lines += pair(_("Subject"), line(review.subject) or "—", width, 7, "bright")
        for index, file in enumerate(review.files):
            words = f"{line(file.name)}  {size(file.size)}"
            lines += pair(_("Files") if not index else "", words, width, 7)
        text = review.html if self._html else review.body
        return [*lines, Line(), *wrapped(clean(text), width, "text")]

    def _foot(self, width: int) -> list[Line]:
        review = self._review
        lines = [Line((("─" * width, "rule"),))]
        for warning in review.warnings:
            lines += marked("!", "late", line(warning), width, "late")
        refusal = review.refusal
        if refusal is not None:
            role = "bright" if self._refused else "late"
            lines += marked("✗", "detractor", line(str(refusal)), width, role)
            keys: list[Span] = [("y", "past"), (" " + _("cannot be sent"), "past")]
            return [*lines, hints(width, *self.place_keys()[1], ("?", _("help")), before=keys)]
        if self._undo_seconds > 0:
            words = _("After y it waits {n}s; u takes it back.").format(n=self._undo_seconds)
            lines.append(Line(((words, "past"),)))
        return [*lines, hints(width, *self.place_keys()[1], ("?", _("help")))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        sends = [("y", _("send")), ("l", _("later")), ("m", _("send and move"))] if self._review.refusal is None else []
        form = [("v", _("text") if self._html else _("HTML"))] if self._review.html and sends else []
        return _("This is what leaves"), [*sends, ("e", _("edit")), ("Esc", _("keep it")), *form]
