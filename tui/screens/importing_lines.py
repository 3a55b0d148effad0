"""How a file's preview, an import that runs and what came of it are drawn (I8). Everything of the file is words only (R7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.answers import ScoreClass
from domain.text import _, line, ngettext, number
from tui.theme import glyph
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, marked, plain, wrapped

if TYPE_CHECKING:
    from loop.import_views import Column, Preview, Progress, SampleRow
    from tui.screens.importing_run import Order, Result

HEADING = 26
"""Cells of a heading, at most; less where there is little room."""
WHO = 24
ROOMY = 100
"""Cells from which on it is said why a column is taken for what it is."""
BAR = 30


def padded(text: str, width: int) -> str:
    """`text` of exactly so many cells."""
    text = fit(plain(text), width)
    return text + " " * (width - cells_of(text))


def right(text: str, width: int) -> str:
    """`text` at the right of so many cells."""
    return " " * max(0, width - cells_of(text)) + text


def column_line(column: Column, names: int, width: int, *, here: bool) -> Line:
    """A column: its heading, what it is taken for, why, and what stands in it."""
    wide = min(HEADING, width // 3)
    quiet = "past" if column.role == "out" else "text"
    role = {"field": "accent", "out": "past"}.get(column.role, "text")
    spans: list[Span] = [
        ("▌" if here else " ", "accent"),
        (padded(line(column.heading, 80) or "—", wide), "bright" if here else quiet),
        ("  ", "past"),
        (padded(column.called, names), role),
        ("  ", "past"),
    ]
    if width >= ROOMY:
        spans += [(padded(column.why, WHO), "past"), ("  ", "past")]
    spans.append(
        (" · ".join(line(one, 60) for one in column.samples) or _("empty"), quiet if column.samples else "past")
    )
    return Line(tuple(spans))


def sample_line(row: SampleRow, digits: int, comment: int | None, width: int, *, here: bool) -> Line:
    """One of the first rows: score, date, customer and comment as they are read; or why it would be refused."""
    spans: list[Span] = [("▌" if here else " ", "accent"), (right(str(row.line), digits) + " ", "past")]
    if row.trouble:
        first = " · ".join(cell for cell in row.cells if cell)
        spans += [("✗ ", "detractor"), (line(row.trouble, 300), "late"), ("  " + first, "past")]
        return Line(tuple(spans))
    health = ScoreClass(row.klass)
    words = row.cells[comment] if comment is not None and comment < len(row.cells) else ""
    spans += [
        (f"{glyph(health)}{row.score:<3}", row.klass),
        (padded(row.written_at.strftime(_("%d %b %Y, %H:%M")) if row.written_at else "", 20), "text"),
        (padded(row.customer or "—", min(WHO, width // 4)) + "  ", "bright" if here else "text"),
        (words, "text" if here else "past"),
    ]
    return Line(tuple(spans), () if row.reachable else ((_("no ticket"), "past"),))


def facts_lines(preview: Preview, width: int, room: int) -> list[Line]:
    """Where the file goes, how it is read and why; then what to look at. At most `room` lines."""
    count = number(preview.estimate) if preview.exact else _("about {n}").format(n=number(preview.estimate))
    rows = ngettext("{n} row", "{n} rows", preview.estimate).format(n=count)
    scale = preview.scale
    span = _("{kind} {low} to {high}").format(kind=scale.kind.upper(), low=scale.low, high=scale.high)
    survey: list[Span] = [(line(preview.survey, 120), "bright"), ("" if preview.known else " " + _("(new)"), "past")]
    if not preview.survey:
        survey = [(_("no survey yet"), "late")]
    lines = [Line(((rows, "text"), (" → ", "past"), *survey, (" · " + span, "text")))]
    if preview.trouble:
        return [*lines, *marked("✗", "detractor", line(preview.trouble), width, "late")][:room]
    told = wrapped(" ".join(line(one) for one in (*preview.reasons, preview.scale_why)), width, "past")
    warned = [marked("!", "late", line(said), width, "late") for said in preview.warnings]
    kept: list[Line] = []
    for place, said in enumerate(warned):
        left = len(warned) - place - 1
        if 1 + len(kept) + len(said) + bool(left) > room:
            more = ngettext("{n} more to look at: v", "{n} more to look at: v", left + 1).format(n=left + 1)
            kept.append(Line((("! " + more, "late"),)))
            break
        kept += said
    left = max(0, room - 1 - len(kept))
    if 0 < left < len(told):
        # Nothing breaks off as if it ended there.
        told[left - 1] = replace(told[left - 1], right=(("… ", "past"), ("v", "accent")))
    return [*lines, *told[:left], *kept]


def progress_lines(order: Order, progress: Progress | None, width: int, *, stopping: bool) -> list[Line]:
    """How far an import is, and what leaving it does."""
    title = _("{file} as {survey}").format(file=line(order.path.name, 120), survey=line(order.survey, 120))
    lines = [Line(((title, "bright"),)), Line()]
    staging = progress is None or progress.stage == "staging"
    done, total = (progress.rows, progress.total) if progress else (0, 0)
    what = _("Reading and checking") if staging else _("Bringing in")
    share = min(1.0, done / total) if total else 0.0
    full = round(share * min(BAR, max(8, width // 3)))
    bar = min(BAR, max(8, width // 3)) - full
    count = _("{n} of {total}").format(n=number(done), total=number(max(total, done))) if total else number(done)
    lines.append(Line(((what + "  ", "text"), ("█" * full, "accent"), ("░" * bar, "rule"), ("  " + count, "bright"))))
    if progress:
        refused = ngettext("{n} refused", "{n} refused", progress.refused).format(n=number(progress.refused))
        tickets = ngettext("{n} ticket", "{n} tickets", progress.tickets).format(n=number(progress.tickets))
        lines.append(
            Line(((refused, "late" if progress.refused else "past"), ("" if staging else " · " + tickets, "past")))
        )
    said = _("Stopping…") if stopping else _("Nothing is kept yet: Esc cancels, and all is as before.")
    if not staging:
        said = _("What is read comes in piece by piece. Esc leaves it running; you are told when it is done.")
    return [*lines, Line(), *wrapped(said, width, "past")]


def result_lines(order: Order, result: Result, width: int) -> list[Line]:
    """What came of an import, in figures."""
    report = result.report
    some = report.imported or report.duplicates
    said = _("{file} came in as {survey}") if some else _("Nothing of {file} could be taken in as {survey}")
    title = said.format(file=line(order.path.name, 120), survey=line(order.survey, 120))
    mark = ("✓", "promoter") if some else ("✗", "detractor")
    refused = max(0, report.read - report.imported - report.duplicates - report.differs)
    figures = [
        (report.read, _("rows read"), "text"),
        (report.imported, _("new answers"), "bright"),
        (report.duplicates, _("known, nothing changed"), "past"),
        (report.differs, _("differ from what is here; the first is kept"), "late" if report.differs else "past"),
        (refused, _("refused"), "late" if refused else "past"),
        (report.tickets, _("tickets opened"), "bright"),
        (result.touched, _("touched by rules"), "text" if result.touched else "past"),
    ]
    wide = max(cells_of(number(n)) for n, _what, _role in figures)
    lines = [*marked(*mark, title, width, "bright"), Line()]
    lines += [Line((("  " + right(number(n), wide), role), ("  " + what, role))) for n, what, role in figures]
    if without := max(0, report.imported - report.tickets):
        said = _("{n} opened no ticket: nobody can be reached, or no flow takes such answers.")
        lines += [Line(), *wrapped(said.format(n=number(without)), width, "past")]
    return lines


def reason_line(item: tuple[int, str], width: int, *, here: bool) -> Line:
    """A row that was not taken, and why."""
    at, reason = item
    spans = [
        ("▌" if here else " ", "accent"),
        (right(number(at), 9) + "  ", "past"),
        (line(reason, 300), "bright" if here else "text"),
    ]
    return Line(tuple(spans))
