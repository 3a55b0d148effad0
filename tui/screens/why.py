"""Why a ticket has its owner, priority, due date, categories…: the rule and its conditions, the flow, or who (A6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.ages import age
from domain.refusals import Refusal
from domain.text import _, line
from loop.rule_views import Because
from tui.screens.keys import Helped
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, hints, plain, wrap

if TYPE_CHECKING:
    from tui.app import Retorno

FIELD, VALUE = 12, 26
"""Cells of what it is about, and of what the ticket has, where there is room."""
AGE = 7
"""Cells of how long ago."""


def lines_of(found: tuple[Because, ...], names: dict[str, str], now: int, width: int) -> list[Line]:
    """Each with what it is, whose doing, how long ago; below it the conditions of a rule that held."""
    value = min(VALUE, max(8, (width - FIELD - AGE) // 2 - 2))
    lines, before = [], ""
    for one in found:
        name = names.get(one.field, one.field) if one.field != before else ""
        before = one.field
        left: list[Span] = [
            (_padded(name, FIELD), "past"),
            (_padded(line(one.value) or "—", value), "bright"),
            ("  ", "text"),
        ]
        who = fit(plain(said(one)), max(4, width - FIELD - value - 2 - AGE))
        lines.append(Line((*left, (who, "accent" if one.by == "rule" else "text")), ((f"{age(one.at, now):>{AGE - 1}}", "past"),)))  # fmt: skip
        indent = FIELD + 2 if width < FIELD + VALUE + 40 else FIELD + value + 2
        for clause in one.because:
            for i, words in enumerate(wrap(line(clause, 300), max(12, width - indent - 3))):
                lines.append(Line(((" " * indent + ("· " if not i else "  "), "rule"), (words, "past"))))
    return lines


def said(one: Because) -> str:
    """Whose doing it was."""
    who = line(one.who, 120)
    if one.by == "rule":
        return _("rule “{name}”").format(name=who)
    if one.by == "flow":
        return _("flow {name}").format(name=who)
    if one.by == "customer":
        return who or _("the customer")
    return who or ("Retorno" if one.by == "program" else _("somebody"))


def _padded(text: str, width: int) -> str:
    text = fit(plain(text), width - 1)
    return text + " " * (width - cells_of(text))


class WhyScreen(Helped, ModalScreen[None]):
    """The list of reasons."""

    app: Retorno
    CSS_PATH = "why.tcss"
    BINDINGS: ClassVar = [Binding("escape,q,W", "close", show=False), Helped.HELP]

    def __init__(self, number: int, subject: str = "") -> None:
        super().__init__()
        self._number, self._subject = number, subject
        self._lines: tuple[Because, ...] | str = _("Reading…")
        self._names: dict[str, str] = {}
        self._now = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield PageOnBar(self._body)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(PageOnBar).focus()
        desk, actor, number = self.app.desk, self.app.actor, self._number
        self._now = desk.now()

        def call() -> tuple[tuple[Because, ...] | Refusal, dict[str, str]]:
            from loop import rule_why

            return rule_why.why(desk, number, actor=actor), {f: rule_why.field_name(f) for f in rule_why.FIELDS}

        self.app.reads.submit(call, self._show)

    def _show(self, read: tuple[tuple[Because, ...] | Refusal, dict[str, str]]) -> None:
        if self not in self.app.screen_stack:
            return
        found, self._names = read
        self._lines = str(found) if isinstance(found, Refusal) else found
        self.query_one(PageOnBar).paint_with(self._body)

    def action_close(self) -> None:
        self.dismiss(None)

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        moves = [("j k", _("scroll")), ("^D ^U", _("half pages")), ("g G", _("ends"))]
        return _("Why") + f" #{self._number}", [*moves, ("Esc", _("back"))]

    def _foot(self, width: int) -> list[Line]:
        return [hints(width, ("j k", _("scroll")), ("Esc", _("back")), ("?", _("help")))]

    def _head(self, width: int) -> list[Line]:
        title = _("Why") + f" #{self._number}"
        subject = fit(line(self._subject), max(4, width - cells_of(title) - 2))
        return [Line(((title, "bright"), ("  " + subject, "past"))), Line((("─" * width, "rule"),))]

    def _body(self, width: int) -> list[Line]:
        if isinstance(self._lines, str):
            return [Line(((self._lines, "text"),))]
        return lines_of(self._lines, self._names, self._now, width)
