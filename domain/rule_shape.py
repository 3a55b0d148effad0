"""A rule set as it is kept: its texts clean, and none of its lists longer than can be run and read (A1, A2, R7).

Pure. What is missing is another matter (`domain.rule_checks`): a draft may be incomplete.
"""

from collections.abc import Iterable
from dataclasses import replace

from domain.refusals import Refusal, refuse
from domain.rules import MOMENTS, OPS, TICKET, Condition, RuleSet, Says, Then, When
from domain.text import clean, fold, line

NAME, WORD, VALUE, RESOLUTION = 80, 200, 500, 2_000
"""The most characters of a set's name, of an expression, of a value or attribute, of a resolution."""
SETS, EXPRESSIONS, VALUES, GROUPS, CONDITIONS, NAMED = 1_000, 500, 2_000, 100, 100, 500
"""The most sets; expressions, groups and conditions of a group in one set; values of a condition; things that a list names."""
HOURS, DAYS, EARLIER, SCORE = 24 * 366, 3_650, 10_000, 100
"""The most hours of a moment, days until due, earlier tickets that are asked for, and the highest score."""
_CLASSES = ("detractor", "neutral", "promoter")


def tidy(plan: RuleSet) -> RuleSet:
    """The set with every text on one line, without control characters and empty ones, each thing named once (R7)."""
    when, then = plan.when, plan.then
    return replace(
        plan,
        name=line(plan.name),
        when=replace(
            when,
            surveys=_names(when.surveys),
            classes=tuple(c for c in _CLASSES if c in when.classes),
            scores=tuple(sorted(set(when.scores))),
            says=Says(_names(when.says.any_of), _names(when.says.none_of), bool(when.says.endings)),
            groups=tuple(tuple(map(_condition, group)) for group in when.groups if group),
            flows=_names(when.flows),
            categories=_names(when.categories),
            tags=_names(map(_tag, when.tags)),
            priorities=tuple(sorted(set(when.priorities))),
        ),
        then=replace(
            then,
            open_in=line(then.open_in),
            categories=_names(then.categories),
            categorise=bool(then.categorise),
            tags=_names(map(_tag, then.tags)),
            assignee=line(then.assignee),
            by_table=line(then.by_table),
            phase=line(then.phase),
            resolution=clean(then.resolution).strip(),
            followers=_names(then.followers),
            send=line(then.send),
        ),
    )


def _condition(one: Condition) -> Condition:
    return Condition(line(one.attribute), one.op, () if one.op in ("filled", "empty") else _names(one.values))


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    """On one line, each once: case and accents aside."""
    once: dict[str, str] = {}
    for text in map(line, texts):
        if text:
            once.setdefault(fold(text), text)
    return tuple(once.values())


def _tag(name: str) -> str:
    """As tags are written on tickets: without the marks that end a quoted word in a query."""
    return name.replace('"', "")


def oversized(plan: RuleSet) -> Refusal | None:
    """Why a set cannot be kept as it is: something is too long, too much, or no value of its kind."""
    when, then = plan.when, plan.then
    if wrong := _no_value(when, then):
        return refuse("rule value", value=line(str(wrong[0]), 60))
    counts = (
        (len(when.says.any_of) + len(when.says.none_of), EXPRESSIONS, "too many expressions"),
        (len(when.groups), GROUPS, "too many groups"),
        (max(map(len, when.groups), default=0), CONDITIONS, "too many conditions"),
        (max((len(c.values) for g in when.groups for c in g), default=0), VALUES, "too many values"),
        (max(map(len, _lists(when, then))), NAMED, "too many named"),
    )
    for count, limit, code in counts:
        if count > limit:
            return refuse(code, limit=limit)
    lengths = (
        ((plan.name,), NAME),
        ((*when.says.any_of, *when.says.none_of), WORD),
        ((c.attribute for g in when.groups for c in g), VALUE),
        ((v for g in when.groups for c in g for v in c.values), VALUE),
        ((text for many in _lists(when, then) for text in many), VALUE),
        ((then.open_in, then.assignee, then.by_table, then.phase, then.send), VALUE),
        ((then.resolution,), RESOLUTION),
    )
    for texts, limit in lengths:
        if any(len(text) > limit for text in texts):
            return refuse("too long", limit=limit)
    return None


def _lists(when: When, then: Then) -> tuple[tuple[str, ...], ...]:
    return (when.surveys, when.flows, when.categories, when.tags, then.categories, then.tags, then.followers)


def _no_value(when: When, then: Then) -> tuple[object, ...]:
    """Numbers and words out of their range, which the types let through."""
    moment = when.moment
    checks: tuple[tuple[bool, object], ...] = (
        (when.ticket in TICKET, when.ticket),
        (all(type(s) is int and 0 <= s <= SCORE for s in when.scores), when.scores),
        (all(p in (1, 2, 3) for p in when.priorities), when.priorities),
        (when.earlier_from is None or 0 <= when.earlier_from <= EARLIER, when.earlier_from),
        (moment is None or (moment.kind in MOMENTS and 0 <= moment.hours <= HOURS), moment and moment.hours),
        (all(c.op in OPS for g in when.groups for c in g), "op"),
        (then.priority in (None, 1, 2, 3), then.priority),
        (then.due_days is None or 0 <= then.due_days <= DAYS, then.due_days),
    )
    return next(((value,) for fine, value in checks if not fine), ())
