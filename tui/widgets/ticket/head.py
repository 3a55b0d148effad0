"""The head of a ticket (T1): number, due, customer, phases, and the answer that it is about.

`head_lines` makes three sizes: full (four lines to six), short (three) and one line; the answer's score and comment
are in each.
"""

from rich.cells import cell_len

from domain.ages import age, until
from domain.answers import ScoreClass
from domain.flows import Phase, Status
from domain.text import _, line
from domain.tickets import Priority
from loop.views import TicketView
from tui.theme import glyph
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.matched import marked_in
from tui.widgets.ticket.spans import Line, Span, fit, health_role, spans_len, wrap

FULL, SHORT, ONE = "full", "short", "one"


class Head(Painted):
    """The head; its size is the pane's to say."""

    def show(self, view: TicketView | None, now: int, size: str = FULL) -> None:
        """Show the head of a ticket in one of the three sizes."""
        self.paint_with(lambda width: head_lines(view, now, width, size) if view else [])


def head_lines(view: TicketView, now: int, width: int, size: str = FULL) -> list[Line]:
    """The head's lines for a width."""
    if size == ONE:
        return [_one(view, now)]
    if size == SHORT:
        who = _assignee(view, short=True)
        left: list[Span] = [(line(view.customer.name, 80) or "—", "text"), *_trend(view)]
        phases = _phase_place(view)
        room = width - spans_len(who) - spans_len(phases) - 5
        if spans_len(left) > room:
            left = [left[0]]
        shown = [(fit(text, max(8, room)), role) for text, role in left[:1]] + left[1:]
        lines = [_title(view, now, health=True), Line((*shown, ("   ", "past"), *phases), tuple(who))]
        return lines + _comment(view, width, 1)
    lines = [_title(view, now), _customer(view, width), _phases(view, width)]
    return lines + _comment(view, width, 2) + _labels(view)


def _title(view: TicketView, now: int, *, health: bool = False) -> Line:
    row = view.row
    spans: list[Span] = [*_health(view), (" ", "past")] if health else []
    spans += [(f"#{row.number}", "bright"), (" ", "bright"), (line(row.subject) or "—", "bright")]
    return Line(tuple(spans), tuple(_urgency(view, now)))


def _one(view: TicketView, now: int) -> Line:
    row = view.row
    subject = fit(line(row.subject), 28)
    spans: list[Span] = [*_health(view), (f" #{row.number} ", "bright"), (subject, "bright")]
    spans += [(" · ", "past"), (fit(line(view.customer.name), 24), "text")]
    if view.answer and (comment := line(view.answer.comment)):
        spans += [("  ", "past"), *marked_in([f"“{comment}”"], view.answer.comment, view.matched, "quote")[0]]
    return Line(tuple(spans), tuple(_urgency(view, now)))


def _urgency(view: TicketView, now: int) -> list[Span]:
    """Priority and due, in words; when it was closed, for a closed ticket; where it went, for a merged one."""
    row = view.row
    if view.merged_into is not None:
        return [(_("merged into") + " ", "late"), (f"#{view.merged_into}", "bright")]
    if row.status is Status.CLOSED:
        return [(_("closed {ago} ago").format(ago=age(view.closed, now)) if view.closed else _("closed"), "past")]
    words, role = {
        Priority.HIGH: (_("high"), "late"),
        Priority.MEDIUM: (_("medium"), "past"),
        Priority.LOW: (_("low"), "past"),
    }[row.priority]
    spans: list[Span] = [(words, role)]
    if row.due is None:
        return spans
    spans.append((" · ", "past"))
    if row.due < now:
        return [*spans, (_("overdue {span}").format(span=until(row.due, now).lstrip("−")), "late")]
    return [*spans, (_("due in") + " ", "past"), (until(row.due, now), "text")]


def _labels(view: TicketView) -> list[Line]:
    """Categories and tags on a line, where there are any (T1)."""
    spans: list[Span] = [(line(name, 60), "text") for name in view.categories]
    spans += [(f"#{line(name, 60)}", "past") for name in view.tags]
    parted = [x for span in spans for x in ((" · ", "past"), span)][1:]
    return [Line(tuple(parted))] if parted else []


def _health(view: TicketView) -> list[Span]:
    row = view.row
    return [(glyph(row.health) + ("" if row.score is None else str(row.score)), health_role(row.health))]


def _customer(view: TicketView, width: int) -> Line:
    spans: list[Span] = [*_health(view), (" ", "past"), (line(view.customer.name, 80) or "—", "text")]
    survey = line(view.row.survey, 60)
    trend = _trend(view)
    if survey and spans_len(spans) + len(survey) + spans_len(trend) + 3 <= width:
        spans += [(" · ", "past"), (survey, "past")]
    spans += trend
    if view.customer.bounced:
        spans += [(" · ", "past"), (_("✗ address does not take mail"), "detractor")]
    return Line(tuple(spans))


def _trend(view: TicketView) -> list[Span]:
    """“third answer 7 → 5 → 2”, for a customer who answered before."""
    if view.answer is None:
        return []
    before = sorted((e for e in view.earlier if e.at < view.answer.at), key=lambda e: e.at)
    if not before:
        return []
    spans: list[Span] = [(" · ", "past"), (_nth(len(before) + 1) + " ", "past")]
    scores: list[tuple[int | None, ScoreClass | None]] = [(e.score, e.health) for e in before[-3:]]
    scores.append((view.answer.score, view.answer.health))
    if len(before) > 3:
        spans.append(("… → ", "past"))
    for place, (score, health) in enumerate(scores):
        if place:
            spans.append((" → ", "past"))
        spans.append(("—" if score is None else str(score), health_role(health)))
    return spans


def _nth(n: int) -> str:
    words = {
        2: _("second answer"),
        3: _("third answer"),
        4: _("fourth answer"),
        5: _("fifth answer"),
        6: _("sixth answer"),
    }
    return words.get(n) or _("{n} answers").format(n=n)


def _assignee(view: TicketView, *, short: bool = False) -> list[Span]:
    spans: list[Span] = [(line(view.row.assignee, 30) or _("nobody"), "text" if view.row.assignee else "past")]
    if view.followers and short:
        spans.append((f" +{len(view.followers)}", "past"))
    elif not short:
        spans += [(f" +{line(login, 30)}", "past") for login in view.followers]
    return spans


def _phase_place(view: TicketView) -> list[Span]:
    """The phase and its place, where the line of phases has no room."""
    phases = view.flow.phases
    place = next((i for i, p in enumerate(phases) if p.id == view.phase_id), 0)
    return [
        ("● " + fit(line(phases[place].name, 40), 20), "accent"),
        (f" {place + 1}/{len(phases)}", "past"),
    ]


def _phases(view: TicketView, width: int) -> Line:
    """New ─ ● Contacting ─ Solving ─ Closed, with assignee and followers; shortened around the current phase."""
    right = _assignee(view)
    if spans_len(right) > width // 2:
        right = _assignee(view, short=True)
    room = width - spans_len(right) - 2
    phases = view.flow.phases
    place = next((i for i, p in enumerate(phases) if p.id == view.phase_id), 0)
    for first, last in _stretches(place, len(phases)):
        spans = _walk(phases[first:last], view, first > 0, last < len(phases))
        if spans_len(spans) <= room:
            return Line(tuple(spans), tuple(right))
    return Line(tuple(_phase_place(view)), tuple(right))


def _stretches(place: int, count: int) -> list[tuple[int, int]]:
    """Ever shorter stretches of the phases that hold the current one, the way ahead kept longest."""
    stretches = [(0, count)]
    first, last = 0, count
    while (first, last) != (place, place + 1):
        if first < place:
            first += 1
        else:
            last -= 1
        stretches.append((first, last))
    return stretches


def _walk(phases: tuple[Phase, ...], view: TicketView, before: bool, after: bool) -> list[Span]:
    spans: list[Span] = [("… ─ ", "rule")] if before else []
    onward = view.flow.phase(view.phase_id).onward
    for index, phase in enumerate(phases):
        if index:
            spans.append((" ─ ", "rule"))
        name = line(phase.name, 40)
        if phase.id == view.phase_id:
            spans.append(("● " + name, "accent"))
        elif onward is not None and phase.id in onward:
            spans.append((name, "text"))
        else:
            spans.append((name, "past"))
    if after:
        spans.append((" ─ …", "rule"))
    return spans


def _comment(view: TicketView, width: int, most: int) -> list[Line]:
    """The customer's comment on at most so many lines."""
    comment = line(view.answer.comment) if view.answer else line(view.description)
    if not comment:
        return [Line(((_("no comment"), "past"),))]
    lines = wrap(f"“{comment}”", width)
    if len(lines) > most:
        last = lines[most - 1]
        if cell_len(last) > width - 2:
            last = last.rpartition(" ")[0] or fit(last, width - 2)
        lines = [*lines[: most - 1], last.rstrip("… ,.") + "…”"]
    raw = view.answer.comment if view.answer else ""
    return [Line(spans) for spans in marked_in(lines, raw, view.matched, "quote")]
