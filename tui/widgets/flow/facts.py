"""The settings of a flow as rows of label and value: how it works, and which answers come in (P5, I5)."""

from collections.abc import Sequence
from datetime import datetime

from domain.answers import ScoreClass
from domain.plan_words import class_word, scores
from domain.plans import FlowPlan, IntakePlan
from domain.text import _, line, ngettext
from tui.theme import glyph
from tui.widgets.flow.spots import Drawing, Id, Spot, beside, on, padded, title
from tui.widgets.ticket.spans import Line, Span, fit_spans, plain, spans_len

BESIDE_FROM = 84
"""Cells: with at least so many, the two parts stand side by side."""
LABEL = 18

Fact = tuple[str, str, tuple[Span, ...]]
"""Name of the setting, its label, its value."""


def day(ms: int) -> str:
    """A day in the reader's zone, the month in letters."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime(_("%d %b %Y"))


def priority_name(priority: int) -> str:
    """A priority in the reader's language."""
    return {1: _("high"), 2: _("medium"), 3: _("low")}.get(priority, str(priority))


def reopening_words(plan: FlowPlan) -> str:
    """What a reply after closing does (M9)."""
    n = plan.reopen_days
    return {
        "reopen": _("reopens the ticket"),
        "days": ngettext("reopens it for {n} day, then a new one", "reopens it for {n} days, then a new one", n),
        "new": _("opens a new ticket, linked"),
    }.get(plan.reopening, plan.reopening).format(n=n)


def work_facts(plan: FlowPlan) -> list[Fact]:
    """How the flow works."""
    days = plan.days_until_due
    due = ngettext("{n} day", "{n} days", days)
    hours = plan.first_contact_hours
    goal: Span = (_("no goal"), "past") if hours is None else (_("{n} h").format(n=hours), "text")
    signature = line(plan.signature, 60)
    return [
        ("default_assignee", _("Born with"), (_or(line(plan.default_assignee), _("nobody")),)),
        ("days_until_due", _("Due after"), ((due.format(n=days), "text"),)),
        ("first_contact_hours", _("First contact"), (goal,)),
        ("default_priority", _("Priority"), ((priority_name(plan.default_priority), "text"),)),
        (
            "notes_for_all",
            _("Notes seen by"),
            ((_("all members") if plan.notes_for_all else _("assignee, followers"), "text"),),
        ),
        ("reopening", _("A late reply"), ((reopening_words(plan), "text"),)),
        (
            "reachable_by_phone",
            _("Without e-mail"),
            ((_("started by phone"), "text") if plan.reachable_by_phone else (_("cannot be started"), "past"),),
        ),
        ("signature", _("Signature"), (_or(signature, _("none")),)),
    ]


def intake_facts(intake: IntakePlan) -> list[Fact]:
    """Which answers become tickets of the flow."""
    anything = _("any")
    classes: list[Span] = []
    for name in intake.classes:
        known = next((c for c in ScoreClass if c.value == name), None)
        words = f"{glyph(known)} {class_word(name)}" if known else line(name, 30)
        classes += [(", ", "past")] * bool(classes) + [(words, known.value if known else "late")]
    attributes = "; ".join(f"{line(name, 40)}: {', '.join(line(v, 40) for v in v_)}" for name, v_ in intake.attributes)
    return [
        ("surveys", _("Surveys"), (_or(", ".join(line(s, 60) for s in intake.surveys), anything),)),
        ("classes", _("Classes"), tuple(classes) or ((anything, "past"),)),
        ("score", _("Scores"), (_or(scores(intake), anything),)),
        ("attributes", _("Attributes"), (_or(attributes, anything),)),
        ("keywords", _("Words"), (_or(", ".join(line(w, 40) for w in intake.keywords), anything),)),
        ("period", _("Answered"), (_or(_period(intake), _("at any time")),)),
    ]


def _or(words: str, nothing: str) -> Span:
    return (words, "text") if words else (nothing, "past")


def _period(intake: IntakePlan) -> str:
    start, end = intake.answered_from, intake.answered_until
    if start is not None and end is not None:
        return _("{start} to {end}").format(start=day(start), end=day(end - 1))
    if start is not None:
        return _("from {start}").format(start=day(start))
    return _("until {end}").format(end=day(end - 1)) if end is not None else ""


def draw_facts(plan: FlowPlan, here: Id, width: int) -> Drawing:
    """The parts “How it works” and “Which answers come in”; the places are ("setting", name)."""
    if width < BESIDE_FROM:
        gap = Drawing((Line(),))
        works = _part(_("How it works"), work_facts(plan), here, width)
        return works.then(gap).then(_part(_("Which answers come in"), intake_facts(plan.intake), here, width))
    half = (width - 3) // 2
    left = _part(_("How it works"), work_facts(plan), here, half)
    right = _part(_("Which answers come in"), intake_facts(plan.intake), here, width - 3 - half)
    return beside(left, right, half, 3)


def _part(name: str, facts: Sequence[Fact], here: Id, width: int) -> Drawing:
    lines, spots = [title(name)], []
    label_width = min(LABEL, max(12, width * 2 // 5))
    for setting, label, value in facts:
        at = here == ("setting", setting)
        room = width - 2 - 1 - label_width - 1
        shown = tuple((plain(text), role) for text, role in value)
        kept = fit_spans(shown, room)
        gap = " " * max(0, room - spans_len(kept))
        bar: Span = ("▌" if at else " ", "accent")
        name_ = (padded(label, label_width) + " ", "past")
        spots.append(Spot(("setting", setting), len(lines), 2, width - 2))
        lines.append(Line((("  ", "text"), *on("on_cursor" if at else "", bar, name_, *kept, (gap, "text")))))
    return Drawing(tuple(lines), tuple(spots))
