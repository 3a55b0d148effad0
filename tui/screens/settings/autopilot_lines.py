"""A rule set's lines on the screen: what leads them, what they are about, and their words in colours (A2, A3, ux).

`and` and `or` stand as indentation: every condition of a group below the first is set in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.rule_sentence import RuleLine, lines
from domain.rules import RuleSet
from domain.text import _
from tui.screens.settings.autopilot_parts import attribute_at, in_then
from tui.widgets.ticket.spans import Span, cells_of, fit, plain

SIGNS = {"detractor": "▼", "neutral": "■", "promoter": "▲"}
_ROLES = {
    "word": "past",
    "value": "text",
    "class": "text",
    "expression": "text",
    "priority": "text",
    "category": "accent",
    "missing": "late",
}
_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet."""

    key: str
    lead: str
    """and; '' where nothing leads."""
    verb: str
    """is from, says, either, or; priority, assign."""
    spans: tuple[Span, ...]


def sheet_lines(plan: RuleSet) -> tuple[list[SheetLine], list[SheetLine]]:
    """What must hold, and what is done."""
    several = len(plan.when.groups) > 1
    whens: list[SheetLine] = []
    thens: list[SheetLine] = []
    for one in lines(plan):
        into = thens if in_then(one.key) else whens
        spans = _spans(one, plan)
        at = attribute_at(one.key)
        lead = "" if not whens or in_then(one.key) else _("and")
        if at is None or not several:
            into.append(SheetLine(one.key, lead, one.verb, spans))
        elif at[1]:
            into.append(SheetLine(one.key, "", "", ((_("and") + " ", "past"), *spans)))
        else:
            into.append(SheetLine(one.key, "" if at[0] else lead, _("or") if at[0] else _("either"), spans))
    return whens, thens


def words_of(one: RuleLine) -> str:
    """A line's words as plain text."""
    return "".join(text for text, _role in _joined(one))


def _spans(one: RuleLine, plan: RuleSet) -> tuple[Span, ...]:
    spans = list(_joined(one))
    if one.key == "class":
        # The classes in their colours, with their signs: never colour alone.
        given = iter(plan.when.classes)
        for place, part in enumerate(_spaced(one)):
            if part[1] == "class":
                klass = next(given, "")
                words = part[0].lstrip()
                sign = SIGNS.get(klass, "")
                shown = words if not sign or sign in words else f"{sign} {words}"
                spans[place] = (part[0][: len(part[0]) - len(words)] + shown, klass if sign else "late")
    if one.key == "then:priority" and plan.then.priority == 1:
        spans = [(text, "late" if role == "text" else role) for text, role in spans]
    return tuple(spans)


def _joined(one: RuleLine) -> tuple[Span, ...]:
    return tuple((text, _ROLES.get(role, "text")) for text, role in _spaced(one))


def _spaced(one: RuleLine) -> list[tuple[str, str]]:
    """The parts with a blank before each, but the first and commas."""
    return [
        (part.text if not place or part.text == "," else " " + part.text, part.role)
        for place, part in enumerate(one.parts)
    ]


def op_name(op: str) -> str:
    """How an attribute is compared, in words."""
    return {
        "in": _("any of"),
        "not in": _("none of"),
        ">": _("more than"),
        ">=": _("at least"),
        "<": _("less than"),
        "<=": _("at most"),
        "filled": _("filled"),
        "empty": _("empty"),
    }.get(op, op)


def wrap_spans(spans: Iterable[Span], width: int) -> list[tuple[Span, ...]]:
    """Spans on lines of a width, cut between words."""
    lines_: list[list[Span]] = [[]]
    used = 0
    for text, role in spans:
        for word in _WORDS.findall(plain(text)):
            size = cells_of(word)
            if used and used + size > width:
                lines_.append([])
                used = 0
            if not used and word.isspace() and len(lines_) > 1:
                continue
            shown = fit(word, width)
            lines_[-1].append((shown, role))
            used += cells_of(shown)
    return [tuple(one) for one in lines_]
