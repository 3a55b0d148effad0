"""What a rule set would have done (A6): beside the sheet while one edits, and the whole list of it in a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.ages import age
from domain.plan_words import day
from domain.text import _, clean, line, ngettext, number
from loop.rule_views import Rehearsal, RehearsalRow
from tui.screens.keys import Helped
from tui.screens.settings.autopilot_lines import SIGNS, wrap_spans
from tui.widgets.metrics import sparkline
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar, PageOnBar, Painted
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, fit_spans, full_date, hints, marked, plain, spans_len

DAYS: tuple[int | None, ...] = (7, 30, 90, None)
"""Over how many days one rehearses; None is over all answers."""
BARS = 30
"""The most bars of the curve."""


def title(days: int | None, newest: int | None = None) -> str:
    """What is rehearsed over; `newest`: when the newest answer came, where none is of the days asked for."""
    if newest is not None:
        return _("Rehearsal over all answers: the newest is of {date}").format(date=day(newest))
    return _("Rehearsal over all answers") if days is None else _("Rehearsal over the last {n} days").format(n=days)


def rehearsal_lines(found: Rehearsal, width: int, now: int, met: int = 0) -> list[Line]:
    """The figures, then the newest rows. `met`: how many answers it touched before."""
    out = figures(found, width, met)
    if found.rows:
        out += [Line(), *(row_line(row, width, now) for row in found.rows)]
    return out


def figures(found: Rehearsal, width: int, met: int = 0) -> list[Line]:
    """How many would be touched, of which kinds, what would be sent, and what would not be done and why."""
    out = [Line(one) for spans in (_touched(found), _tickets(found, met)) if spans for one in wrap_spans(spans, width)]
    if found.mails or found.unsent:
        mails = ngettext("e-mail", "e-mails", found.mails)
        spans = ((_("would send") + " ", "text"), (number(found.mails), "bright"), (" " + mails, "past"))
        out += [Line(spans), *_whys(found.unsent, width, "text", "past")]
    if found.undone:
        out += [Line(((_("could not do"), "text"),)), *_whys(found.undone, width, "late", "past")]
    return out


def _whys(whys: Sequence[tuple[str, int]], width: int, role: str, rest: str) -> list[Line]:
    """Sentences with how often, one below the other, the numbers flush right."""
    wide = max((len(number(n)) for _why, n in whys), default=0)
    out: list[Line] = []
    for why, n in whys:
        rows = wrap_spans([(line(why).rstrip("."), rest)], max(12, width - wide - 4))
        for i, row in enumerate(rows):
            out.append(Line((("  " + (number(n) if not i else "").rjust(wide) + "  ", role), *row)))
    return out


def _touched(found: Rehearsal) -> list[Span]:
    if not found.answers:
        return [(_("No answer came in that time."), "past")]
    of = ngettext("of {n} answer", "of {n} answers", found.answers).format(n=number(found.answers))
    spans: list[Span] = [(_("would touch") + " ", "text"), (number(found.touched), "bright"), (" " + of, "past")]
    if found.touched and len(found.per_day) > 1:
        spans.append(("   " + sparkline(_joined(found.per_day, BARS)), "accent"))
    return spans


def _tickets(found: Rehearsal, met: int) -> list[Span]:
    facts = [
        (found.with_ticket, ngettext("with an open ticket", "with open tickets", found.with_ticket)),
        (found.would_open, ngettext("ticket would be opened", "tickets would be opened", found.would_open)),
        (found.without_ticket, _("without a ticket")),
        (found.closed, ngettext("is closed and left alone", "are closed and left alone", found.closed)),
        (met, _("touched before and left out")),
    ]
    return _figures(facts)


def _figures(facts: Sequence[tuple[int, str]], role: str = "bright") -> list[Span]:
    spans: list[Span] = []
    for n, words in facts:
        if n:
            spans += [(" · ", "past")] if spans else []
            spans += [(number(n), role), (" " + line(words), "past")]
    return spans


def _joined(values: Sequence[int], most: int) -> tuple[int, ...]:
    """The values in at most so many bars, neighbours added."""
    if len(values) <= most:
        return tuple(values)
    step = -(-len(values) // most)
    return tuple(sum(values[i : i + step]) for i in range(0, len(values), step))


def row_line(row: RehearsalRow, width: int, now: int) -> Line:
    """An answer that would be touched: its class and score, who, what it says with what matched in bright."""
    score = "" if row.score is None else str(row.score)
    left: list[Span] = [((SIGNS.get(row.klass, "·") + score).ljust(4), row.klass if row.klass in SIGNS else "past")]
    name = max(8, min(18, width // 4))
    customer = fit(plain(line(row.customer)), name) or "—"
    left.append((customer + " " * (name - cells_of(customer)) + " ", "text"))
    right: tuple[Span, ...] = (((f"#{row.ticket} " if row.ticket else "") + age(row.answered_at, now), "past"),)
    room = width - spans_len(left) - spans_len(right) - 2
    left += comment_spans(row.comment, row.spans, max(6, room))
    return Line(tuple(left), right)


def comment_spans(comment: str, matched: Sequence[tuple[int, int]], width: int) -> tuple[Span, ...]:
    """A comment in so many cells with what matched marked: from its beginning, or from a little before the first match."""
    pieces: list[Span] = []
    at = 0
    first = matched[0][0] if matched else 0
    if cells_of(_flat(comment[: matched[0][1]] if matched else "")) > width:
        at = comment.rfind(" ", 0, max(0, first - width // 3)) + 1
        pieces.append(("…", "past"))
    for start, end in matched:
        if end <= at:
            continue
        pieces += [(_flat(comment[at:start]), "past"), (_flat(comment[max(at, start) : end]), "late")]
        at = end
    pieces.append((_flat(comment[at:]), "past"))
    return fit_spans([p for p in pieces if p[0]], width)


def _flat(text: str) -> str:
    """As `line`, but blanks at the ends stay: the pieces are put side by side."""
    return plain(clean(text).replace("\n", " ").replace("\t", " "))


class RehearsalView(Painted):
    """The figures and as many rows as fit; what it shows it asks of the editor."""

    DEFAULT_CSS = "RehearsalView { height: 1fr; width: 1fr; padding: 0 0 0 1; }"

    def __init__(
        self, heading: Callable[[], tuple[Sequence[Span], Sequence[Span]]], body: Callable[[int], list[Line]]
    ) -> None:
        super().__init__(self._lines)
        self._heading, self._body = heading, body

    def _lines(self, width: int) -> list[Line]:
        spans, right = self._heading()
        head = Line((("▎", "accent"), *spans), tuple(right))
        lines = [Line(((("  ", "past"), *one.spans)), one.right) for one in self._body(max(20, width - 3))]
        height = self.content_size.height
        return [head, *lines][: height or None]


class RehearsalScreen(Helped, ModalScreen[int | None]):
    """All that would be touched. Answers the number of a ticket that is to be opened, or None."""

    DEFAULT_CSS = """
    RehearsalScreen { align: center middle; background: $r-bg 60%;
        &:ansi { background: transparent; }
        .panel { width: 100%; max-width: 130; height: 100%; background: $r-bar; border: round $r-rule; padding: 0 1; }
        Painted { background: $r-bar; padding: 0; }
        PageOnBar { height: 6; border-top: solid $r-rule; }
    }
    """
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar = [Binding("escape,q,f6", "leave", show=False), Helped.HELP]

    def __init__(self, found: Rehearsal, name: str, now: int) -> None:
        super().__init__()
        self._found, self._name, self._now = found, name, now

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield Rows(self._row)
            page = PageOnBar(self._whole)
            page.can_focus = False
            yield page
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.empty = (_("No answer of that time would be touched."),)
        rows.show(self._found.rows)

    def on_resize(self, event: events.Resize) -> None:
        page = self.query_one(PageOnBar)
        page.display = event.size.height >= 16
        page.styles.height = 6 if event.size.height >= 30 else 3

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.query_one(PageOnBar).paint_with(self._whole, keep_place=False)

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        if event.item.ticket is not None:
            self.dismiss(event.item.ticket)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _head(self, width: int) -> list[Line]:
        found = self._found
        right = _("the newest {n}").format(n=len(found.rows)) if len(found.rows) < found.touched else ""
        lines = [
            Line(
                ((line(self._name) or "—", "bright"), ("  " + title(found.days, found.newest), "past")),
                ((right, "past"),),
            )
        ]
        return [*lines, *figures(found, width)[: max(1, self.app.size.height // 4)], Line()]

    def _row(self, row: RehearsalRow, width: int, here: bool) -> Line:
        drawn = row_line(row, width - 2, self._now)
        return Line((("▌" if here else " ", "accent"), *drawn.spans), drawn.right)

    def _whole(self, width: int) -> list[Line]:
        """What the answer under the cursor says, whole."""
        row: Any = self.query_one(Rows).current
        if row is None:
            return []
        pieces: list[Span] = [(full_date(row.answered_at) + "  ", "past")]
        at = 0
        for start, end in row.spans:
            pieces += [(_flat(row.comment[at:start]), "text"), (_flat(row.comment[start:end]), "late")]
            at = end
        return [Line(one) for one in wrap_spans([*pieces, (_flat(row.comment[at:]), "text")], width)]

    def _foot(self, width: int) -> list[Line]:
        if not self._found.rows:
            return marked("·", "past", _("Esc goes back"), width, "past")
        return [hints(width, *self._keys(), ("?", _("help")))]

    def _keys(self) -> list[tuple[str, str]]:
        return [("Enter", _("open its ticket")), ("j k", _("down, up")), ("Esc", _("back"))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        moves = [("j k", _("down, up")), ("g G", _("first, last")), ("^D ^U", _("half pages"))]
        return line(self._name, 60) or "—", [*self._keys(), *moves]
