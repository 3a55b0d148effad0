"""A rule set as lines that one can read aloud: when an answer is from … and says …, then … (A2, A3, ux).

`and` and `or` stand as indentation: every condition of a group below the first is set in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.rules import SEND_CLASS, Condition, Moment, RuleSet, Then, When
from domain.text import _, line, ngettext
from tui.screens.settings.autopilot_parts import THEN, WHEN, attribute_key
from tui.widgets.ticket.spans import Span, cells_of, fit, plain

SIGNS = {"detractor": "▼", "neutral": "■", "promoter": "▲"}
LONGEST = 60
"""Cells of one value; longer ones are cut."""
_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet; the words of `spans` are safe to show."""

    key: str
    lead: str
    """and, either, or; '' where nothing leads."""
    verb: str
    """is from, says; priority, assign."""
    spans: tuple[Span, ...]


def class_name(klass: str) -> str:
    """A class in words."""
    return {"detractor": _("detractor"), "neutral": _("neutral"), "promoter": _("promoter")}.get(klass, klass)


def priority_name(priority: int) -> str:
    """A priority in words."""
    return {1: _("high"), 2: _("medium"), 3: _("low")}.get(priority, str(priority))


def op_name(op: str, n: int = 2) -> str:
    """How an attribute is compared, in words; `n` values."""
    names = {
        "in": _("is") if n == 1 else _("any of"),
        "not in": _("is not") if n == 1 else _("none of"),
        ">=": "≥",
        "<=": "≤",
        "filled": _("is filled"),
        "empty": _("is empty"),
    }
    return names.get(op, op)


def moment_name(moment: Moment) -> str:
    """A moment in words."""
    said = {
        "not started": _("not started {time} after it came"),
        "due in": _("due within {time}"),
        "no reply": _("no reply {time} after our last message"),
    }.get(moment.kind, moment.kind)
    return said.format(time=hours_name(moment.hours))


def hours_name(hours: int) -> str:
    """So many hours; whole days as days."""
    if hours and hours % 24 == 0:
        return ngettext("{n} day", "{n} days", hours // 24).format(n=hours // 24)
    return ngettext("{n} hour", "{n} hours", hours).format(n=hours)


def condition_spans(one: Condition) -> tuple[Span, ...]:
    """A condition on an attribute."""
    name = (_short(one.attribute) or "…", "text")
    if one.op in ("filled", "empty"):
        return (name, (" " + op_name(one.op), "past"))
    values = _names(one.values) or (("…", "late"),)
    return (name, (f" {op_name(one.op, len(one.values))} ", "past"), *values)


def when_lines(when: When) -> list[SheetLine]:
    """The conditions, each on its line; `and` leads all but the first."""
    found: list[tuple[str, str, tuple[Span, ...]]] = []
    if when.moment is not None:
        found.append(("moment", _("is"), ((moment_name(when.moment), "bright"),)))
    if when.surveys:
        found.append(("surveys", _("is from"), _names(when.surveys)))
    if when.classes or when.scores:
        found.append(("class", _("is"), _class_spans(when)))
    if when.says.any_of or when.says.none_of:
        found.append(("says", _("says"), _says_spans(when)))
    lines = [SheetLine(key, _("and") if n else "", verb, spans) for n, (key, verb, spans) in enumerate(found)]
    lines += _group_lines(when, first=not lines)
    later: list[tuple[str, str, tuple[Span, ...]]] = []
    if when.ticket != "any":
        words = _("a ticket") if when.ticket == "with" else _("no ticket")
        later.append(("ticket", _("has"), ((words, "text"),)))
    if when.flows:
        later.append(("flows", _("is in"), _names(when.flows)))
    if when.categories:
        later.append(("categories", _("is of"), _names(map(_arrowed, when.categories), "accent")))
    if when.tags:
        later.append(("tags", _("has tag"), _names(when.tags)))
    if when.priorities:
        later.append(("priorities", _("priority"), _names(map(priority_name, when.priorities))))
    if when.earlier_from is not None:
        n = when.earlier_from
        said = ngettext("at least {n} earlier ticket", "at least {n} earlier tickets", n).format(n=n)
        later.append(("earlier", _("has had"), ((said, "text"),)))
    for key, verb, spans in later:
        lines.append(SheetLine(key, _("and") if lines else "", verb, spans))
    return lines


def _group_lines(when: When, *, first: bool) -> list[SheetLine]:
    lines: list[SheetLine] = []
    several = len(when.groups) > 1
    for g, group in enumerate(when.groups):
        for place, one in enumerate(group):
            spans = condition_spans(one)
            if several and place:
                # Set in, so that one hears what belongs together.
                lines.append(SheetLine(attribute_key(g, place), "", "", ((_("and") + " ", "past"), *spans)))
            elif several:
                lead = "" if first or g else _("and")
                lines.append(SheetLine(attribute_key(g, place), lead, _("either") if g == 0 else _("or"), spans))
            else:
                lead = "" if first and not place else _("and")
                lines.append(SheetLine(attribute_key(g, place), lead, "", spans))
    return lines


def then_lines(then: Then, ready: Sequence[Span] = ()) -> list[SheetLine]:
    """What is done; `ready` says whether the e-mail is complete."""
    lines: list[SheetLine] = []

    def add(key: str, verb: str, *spans: Span) -> None:
        lines.append(SheetLine("then:" + key, "", verb, spans))

    if then.open_in:
        add("open_in", _("open in"), (_short(then.open_in), "text"))
    if then.categories:
        add("categories", _("category"), *_names(map(_arrowed, then.categories), "accent"))
    if then.categorise:
        add("categorise", _("categories"), (_("all whose words it says"), "accent"))
    if then.tags:
        add("tags", _("tag"), *_names(then.tags))
    if then.priority is not None:
        add("priority", _("priority"), (priority_name(then.priority), "late" if then.priority == 1 else "text"))
    if then.by_table:
        add("assign", _("assign"), (_("by table") + " ", "past"), (_short(then.by_table), "text"))
    elif then.assignee:
        add("assign", _("assign"), (_short(then.assignee), "text"))
    if then.due_days is not None:
        add("due", _("due"), (ngettext("in {n} day", "in {n} days", then.due_days).format(n=then.due_days), "text"))
    if then.phase or then.resolution:
        closed: tuple[Span, ...] = (("  " + _("resolution") + " ", "past"), (f"“{_short(then.resolution)}”", "text"))
        add("phase", _("move to"), (_short(then.phase) or "…", "text"), *(closed if then.resolution else ()))
    if then.followers:
        add("followers", _("followers"), *_names(then.followers))
    if then.send:
        words = _("e-mail of its class") if then.send == SEND_CLASS else _short(then.send)
        add("send", _("send"), (words, "accent"), *ready)
    return lines


def all_lines(plan: RuleSet) -> list[SheetLine]:
    """Both halves, for those who look for a key; a half that says nothing has a line of its own."""
    whens, thens = when_lines(plan.when), then_lines(plan.then)
    return [*(whens or [SheetLine(WHEN, "", "", ())]), *(thens or [SheetLine(THEN, "", "", ())])]


def wrap_spans(spans: Iterable[Span], width: int) -> list[tuple[Span, ...]]:
    """Spans on lines of a width, cut between words."""
    lines: list[list[Span]] = [[]]
    used = 0
    for text, role in spans:
        for word in _WORDS.findall(plain(text)):
            size = cells_of(word)
            if used and used + size > width:
                lines.append([])
                used = 0
                if word.isspace():
                    continue
            shown = fit(word, width)
            lines[-1].append((shown, role))
            used += cells_of(shown)
    return [tuple(one) for one in lines]


def _class_spans(when: When) -> tuple[Span, ...]:
    spans: list[Span] = []
    for klass in when.classes:
        spans += [(" " + _("or") + " ", "past")] if spans else []
        spans.append((f"{SIGNS.get(klass, '')} {class_name(klass)}".strip(), klass if klass in SIGNS else "late"))
    if when.scores:
        spans += [(("  " if spans else "") + (_("or score") if spans else _("score")) + " ", "past")]
        spans.append((scores_text(when.scores), "text"))
    return tuple(spans)


def _says_spans(when: When) -> tuple[Span, ...]:
    says = when.says
    spans = list(_names([f"“{x}”" for x in says.any_of]))
    if says.none_of:
        spans.append((("   " + _("and not") if spans else _("not")) + " ", "past"))
        spans += _names([f"“{x}”" for x in says.none_of])
    if says.endings:
        spans.append(("   " + _("any ending"), "past"))
    return tuple(spans)


def scores_text(scores: Iterable[int]) -> str:
    """Scores with runs joined: 0–3, 7."""
    runs: list[list[int]] = []
    for score in sorted(set(scores)):
        if runs and score == runs[-1][1] + 1:
            runs[-1][1] = score
        else:
            runs.append([score, score])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def _arrowed(category: str) -> str:
    return category.replace(" / ", " › ")


def _names(names: Iterable[str], role: str = "text") -> tuple[Span, ...]:
    """Names with commas between them."""
    spans: list[Span] = []
    for name in names:
        spans += [(", ", "past")] if spans else []
        spans.append((_short(name) or "…", role))
    return tuple(spans)


def _short(name: str) -> str:
    return fit(plain(line(name)), LONGEST)
