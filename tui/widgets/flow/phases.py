"""The phases of a flow: three columns by status where there is room, one below the other where not (P6)."""

from collections.abc import Mapping
from dataclasses import replace

from domain.flows import Binding, Status
from domain.plan_words import status_word
from domain.plans import FlowPlan, PhasePlan
from domain.text import _, line, ngettext
from tui.widgets.flow.spots import Drawing, Spot, on, padded, title
from tui.widgets.ticket.spans import Line, Span, cells_of, wrap

STACKED_BELOW = 84
"""Cells: with fewer, the statuses stand one below the other."""
GAP = 3
ORDER = (Status.PENDING, Status.PROGRESS, Status.CLOSED)


def ordered(plan: FlowPlan) -> list[PhasePlan]:
    """The phases as tickets walk them: by status, then by the admin's order."""
    return [phase for status in ORDER for phase in plan.of(status)]


def ahead(plan: FlowPlan, key: int) -> list[PhasePlan]:
    """The phases that lie further on."""
    phases = ordered(plan)
    place = next((i for i, p in enumerate(phases) if p.key == key), len(phases))
    return phases[place + 1 :]


def binding_words(phase: PhasePlan) -> str:
    """What the checklist is, in a word; '' without one."""
    if not phase.items:
        return ""
    if phase.binding is Binding.MANDATORY:
        return "☑ " + _("mandatory") + f" ({len(phase.items)})"
    return "☐ " + _("optional") + f" ({len(phase.items)})"


def draw_phases(
    plan: FlowPlan, counts: Mapping[int, int], current: int | None, *, focused: bool, width: int
) -> Drawing:
    """The part “Phases”. `counts`: tickets by phase key; `focused`: whether the cursor is here."""
    limited = ()
    if current is not None and any(p.key == current for p in plan.phases):
        limited = plan.phase(current).onward or ()
    numbers = {phase.key: n for n, phase in enumerate(ordered(plan), 1)}
    columns = []
    stacked = width < STACKED_BELOW
    room = width - 2 if stacked else (width - 2 - 2 * GAP) // 3
    for lane, status in enumerate(ORDER):
        rows: list[tuple[Span, ...]] = []
        spots: list[Spot] = []
        for phase in plan.of(status):
            here = phase.key == current
            ground = ("on_cursor" if focused else "on_cursor_blurred") if here else ""
            spots.append(Spot(("phase", phase.key), len(rows), 2, room, lane, 2 + 1 + len(f"{numbers[phase.key]:>2} ")))
            mark: Span = (" ", "text")
            if here:
                mark = ("▌", "accent" if focused else "past")
            elif phase.key in limited:
                mark = ("→", "accent")
            rows += _cell(phase, numbers[phase.key], counts.get(phase.key, 0), mark, ground, room, stacked)
        if not rows:
            rows.append(((padded("    " + _("none yet"), room), "late"),))
        tickets = sum(counts.get(p.key, 0) for p in plan.of(status))
        columns.append((_column_head(status, tickets, room, stacked), rows, spots))
    head = Drawing((title(_("Phases")),))
    return head.then(_below(columns) if stacked else _across(columns, room))


Column = tuple[list[tuple[Span, ...]], list[tuple[Span, ...]], list[Spot]]
"""Head, rows, places in the rows."""


def _cell(
    phase: PhasePlan, number: int, count: int, mark: Span, ground: str, room: int, stacked: bool
) -> list[tuple[Span, ...]]:
    here = bool(ground)
    tally = str(count) if count else ""
    words = binding_words(phase)
    name_room = room - 1 - 3 - (cells_of(tally) + 1 if tally else 0)
    hint: list[Span] = []
    if stacked and words and name_room > cells_of(words) + 14:
        name_room -= cells_of(words) + 2
        hint = [("  " + words, "past")]
    name = line(phase.name)
    spans: list[Span] = [
        mark,
        (f"{number:>2} ", "accent" if here else "past"),
        (padded(name or _("no name yet"), name_room), "late" if not name else "bright" if here else "text"),
        *hint,
    ]
    if tally:
        spans.append((" " + tally, "bright" if here else "past"))
    rows = [on(ground, *spans)]
    if words and not hint:
        rows.append(((padded("    " + words, room), "past"),))
    return rows


def _column_head(status: Status, tickets: int, room: int, stacked: bool) -> list[tuple[Span, ...]]:
    name, tally = status_word(status), str(tickets) if tickets else ""
    if stacked:
        rule = "─" * max(1, room - cells_of(name) - cells_of(tally) - 2 - (1 if tally else 0))
        return [((" " + name + " ", "past"), (rule, "rule"), (" " + tally if tally else "", "past"))]
    first: tuple[Span, ...] = (
        (" " + padded(name, room - 1 - cells_of(tally)), "past"),
        (tally, "past"),
    )
    return [first, ((" ", "text"), ("─" * (room - 1), "rule"))]


def _across(columns: list[Column], room: int) -> Drawing:
    lines: list[Line] = []
    spots: list[Spot] = []
    height = max(len(head) + len(rows) for head, rows, _spots in columns)
    for y in range(height):
        spans: list[Span] = [("  ", "text")]
        for head, rows, _places in columns:
            column = head + rows
            spans += column[y] if y < len(column) else ((" " * room, "text"),)
            spans.append((" " * GAP, "text"))
        lines.append(Line(tuple(spans[:-1])))
    for lane, (head, _rows, places) in enumerate(columns):
        move = lane * (room + GAP)
        spots += [replace(s, y=s.y + len(head), x=s.x + move, text_x=s.text_x + move) for s in places]
    return Drawing(tuple(lines), tuple(spots))


def _below(columns: list[Column]) -> Drawing:
    lines: list[Line] = []
    spots: list[Spot] = []
    for head, rows, places in columns:
        spots += [replace(s, y=s.y + len(lines) + len(head), lane=0) for s in places]
        lines += [Line((("  ", "text"), *row)) for row in [*head, *rows]]
    return Drawing(tuple(lines), tuple(spots))


def draw_leaving(
    base: FlowPlan, plan: FlowPlan, destinations: Mapping[int, int], counts: Mapping[int, int], width: int
) -> Drawing:
    """What becomes of the tickets of phases that are removed (P8); nothing when none are."""
    left = {p.key for p in plan.phases}
    lines: list[Line] = []
    for phase in base.phases:
        if phase.key in left or phase.key < 0:
            continue  # what was never saved goes without a word
        n = counts.get(phase.key, 0)
        into = destinations.get(phase.key)
        name = line(phase.name, 60)
        if n and into in left:
            said = ngettext(
                "{phase} goes; its ticket moves to {into}.", "{phase} goes; its {n} tickets move to {into}.", n
            )
            said = said.format(phase=name, n=n, into=line(plan.phase(into).name, 60))  # type: ignore[arg-type]
        else:
            said = _("{phase} goes.").format(phase=name)
        words = wrap(said, width - 6)
        lines += [Line((("    " + ("✗ " if not i else "  "), "late"), (w, "past"))) for i, w in enumerate(words)]
    return Drawing(tuple(lines))
