"""The whole flow as one sheet: what it does in a sentence, phases, checklist, members, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.answers import ScoreClass
from domain.plan_words import class_word
from domain.planning import sentence
from domain.plans import FlowPlan
from domain.text import line
from tui.theme import glyph
from tui.widgets.flow.checklist import draw_checklist
from tui.widgets.flow.facts import draw_facts
from tui.widgets.flow.members import draw_members
from tui.widgets.flow.phases import draw_leaving, draw_phases, ordered
from tui.widgets.flow.spots import Drawing, Id, wrap_spans
from tui.widgets.ticket.spans import Line, Span

GAP = Drawing((Line(),))


@dataclass(frozen=True)
class Sheet:
    """What is drawn."""

    base: FlowPlan
    """As it was read."""
    plan: FlowPlan
    """As it is shaped now."""
    counts: Mapping[int, int] = field(default_factory=dict)
    """Tickets by phase key."""
    destinations: Mapping[int, int] = field(default_factory=dict)
    """Removed phases, and the phases that take their tickets (P8)."""
    teams: Mapping[str, int] = field(default_factory=dict)
    """How many people each team has."""


def draw(sheet: Sheet, here: Id, phase: int, width: int) -> Drawing:
    """The sheet with the cursor at `here`, in cells of `width`; `phase` is the one whose checklist is shown."""
    plan = sheet.plan
    drawing = Drawing(tuple(sentence_lines(plan, width))).then(GAP)
    drawing = drawing.then(draw_phases(plan, sheet.counts, phase, focused=here[0] == "phase", width=width))
    drawing = drawing.then(draw_leaving(sheet.base, plan, sheet.destinations, sheet.counts, width)).then(GAP)
    if any(p.key == phase for p in plan.phases):
        drawing = drawing.then(draw_checklist(plan, phase, here, width)).then(GAP)
    drawing = drawing.then(draw_members(plan, sheet.teams, here, width)).then(GAP)
    return drawing.then(draw_facts(plan, here, width))


def sentence_lines(plan: FlowPlan, width: int) -> list[Line]:
    """The sentence that reads the flow back, its classes with their signs."""
    signs = {class_word(c.value): c for c in ScoreClass}
    spans: list[Span] = []
    for text, strong in sentence(plan):
        words = line(text) if strong else text
        if strong and words in signs:
            spans.append((f"{glyph(signs[words])} {words}", signs[words].value))
        else:
            spans.append((words, "text" if strong else "past"))
    return [Line(((" ", "text"), *x)) for x in wrap_spans(spans, width - 1)]


def first_phase(plan: FlowPlan) -> int:
    """The key of the phase that the cursor begins on; 0 where there is none."""
    return next((p.key for p in ordered(plan)), 0)
