"""What is missing in a rule set, or cannot be, before it can be switched on (A1). Names are looked up by `loop.rules`."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.answers import ScoreClass
from domain.rule_conditions import flat, number_of
from domain.rule_sentence import NAME, THEN, WHEN, attribute_key
from domain.rule_shape import (
    CONDITIONS,
    DAYS,
    EARLIER,
    EXPRESSIONS,
    GROUPS,
    HOURS,
    NAMED,
    RESOLUTION,
    SCORE,
    VALUE,
    VALUES,
)
from domain.rule_shape import NAME as LONGEST_NAME
from domain.rule_words import bare, said
from domain.rules import MOMENTS, OPS, TICKET, Condition, RuleSet, Then, When
from domain.text import _, line
from domain.textmatch import trouble


@dataclass(frozen=True)
class Blank:
    """Something that keeps a set from being switched on."""

    where: str
    """The key of the line, as `domain.rule_sentence.RuleLine.key`; `name`, `when` or `then` where no line is there yet."""
    sentence: str


def blanks(plan: RuleSet) -> tuple[Blank, ...]:
    """What is missing or cannot be, in the order in which one reads the set; none for one that is whole."""
    return tuple(dict.fromkeys(Blank(where, sentence) for where, sentence in _blanks(plan)))


def _blanks(plan: RuleSet) -> Iterator[tuple[str, str]]:
    if not line(plan.name):
        yield NAME, _("The rule set has no name.")
    yield from _long(NAME, plan.name, LONGEST_NAME)
    yield from _when(plan.when)
    yield from _then(plan.then)
    yield from _together(plan)


def _when(when: When) -> Iterator[tuple[str, str]]:
    for key in ("surveys", "flows", "categories", "tags"):
        yield from _names(key, getattr(when, key))
    known = {c.value for c in ScoreClass}
    for klass in when.classes:
        if klass not in known:
            yield (
                "class",
                _("“{klass}” is no class; there are {known}.").format(
                    klass=said(klass), known=", ".join(c.value for c in ScoreClass)
                ),
            )
    for score in when.scores:
        yield from _number("class", _("A score"), score, 0, SCORE)
    for expression in (*when.says.any_of, *when.says.none_of):
        if why := trouble(expression):
            yield "says", _("“{expression}”: {why}").format(expression=bare(said(expression)), why=why)
    if len(when.says.any_of) + len(when.says.none_of) > EXPRESSIONS:
        yield "says", _too_many(EXPRESSIONS)
    if not when.says.any_of and not when.says.none_of and when.says.endings:
        yield "says", _("It is not said which words the comment has.")
    yield from _groups(when.groups)
    if when.ticket not in TICKET:
        yield "ticket", _("Whether there is a ticket is any, with or without.")
    for priority in when.priorities:
        yield from _number("priorities", _("A priority"), priority, 1, 3)
    if when.earlier_from is not None:
        yield from _number("earlier", _("Earlier tickets"), when.earlier_from, 1, EARLIER)
    if when.moment is not None:
        if when.moment.kind not in MOMENTS:
            yield "moment", _("A moment is one of {known}.").format(known=", ".join(MOMENTS))
        yield from _number("moment", _("Hours"), when.moment.hours, 1, HOURS)


def _groups(groups: tuple[tuple[Condition, ...], ...]) -> Iterator[tuple[str, str]]:
    if len(groups) > GROUPS or any(len(group) > CONDITIONS for group in groups):
        yield (
            WHEN,
            _("{groups} groups of {conditions} conditions are the most.").format(groups=GROUPS, conditions=CONDITIONS),
        )
        return
    for g, group in enumerate(groups):
        if not group:
            yield attribute_key(g, 0), _("A group has no condition.")
        for place, one in enumerate(group):
            for sentence in _condition(one):
                yield attribute_key(g, place), sentence


def _condition(one: Condition) -> Iterator[str]:
    if not flat(one.attribute):
        yield _("A condition names no attribute.")
        return
    name = said(one.attribute)
    if one.op not in OPS:
        yield _("{attribute}: “{op}” is no comparison; there are {known}.").format(
            attribute=name, op=said(one.op), known=", ".join(OPS)
        )
    elif one.op in ("in", "not in"):
        if not any(map(flat, one.values)):
            yield _("{attribute}: it is not said with which values.").format(attribute=name)
        elif not all(map(flat, one.values)):
            yield _("{attribute}: a value is empty.").format(attribute=name)
        if len(one.values) > VALUES:
            yield _too_many(VALUES)
        yield from (why for text in (one.attribute, *one.values) for __, why in _long("", text, VALUE))
    elif one.op not in ("filled", "empty") and (len(one.values) != 1 or number_of(one.values[0]) is None):
        yield _("{attribute}: it is compared with one number.").format(attribute=name)


def _then(then: Then) -> Iterator[tuple[str, str]]:
    if then == Then():
        yield THEN, _("It is not said what is done.")
    for key in ("categories", "tags", "followers"):
        yield from _names(f"then:{key}", getattr(then, key))
    if then.priority is not None:
        yield from _number("then:priority", _("A priority"), then.priority, 1, 3)
    if then.assignee and then.by_table:
        yield "then:assign", _("It is assigned to somebody or by a table, not both.")
    if then.due_days is not None:
        yield from _number("then:due", _("Days until due"), then.due_days, 0, DAYS)
    if then.resolution and not then.phase:
        yield "then:phase", _("It is not said to which phase it moves.")
    yield from _long("then:phase", then.resolution, RESOLUTION)


def _together(plan: RuleSet) -> Iterator[tuple[str, str]]:
    """What each half says, and both together cannot be."""
    when, then = plan.when, plan.then
    of_ticket = when.flows or when.categories or when.tags or when.priorities or when.moment
    if when.ticket == "without":
        if of_ticket:
            yield "ticket", _("It asks for an answer without a ticket, and for something that only tickets have.")
        if not then.open_in and not then.send and then != Then():
            yield THEN, _("An answer without a ticket can only get a ticket or an e-mail.")
    if then.open_in and (when.ticket == "with" or of_ticket):
        yield "then:open_in", _("It opens tickets for answers that have none, and asks for those that have one.")


def _names(where: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not all(map(line, names)):
        yield where, _("A name is empty.")
    if len(names) > NAMED:
        yield where, _too_many(NAMED)
    for name in names:
        yield from _long(where, name, VALUE)


def _long(where: str, text: str, limit: int) -> Iterator[tuple[str, str]]:
    if len(line(text)) > limit:
        yield (
            where,
            _("“{text}” is too long: {limit} characters are the most.").format(text=line(text, 30), limit=limit),
        )


def _too_many(limit: int) -> str:
    return _("{limit} values are the most.").format(limit=limit)


def _number(where: str, what: str, value: int, low: int, high: int) -> Iterator[tuple[str, str]]:
    if type(value) is not int or not low <= value <= high:
        yield where, _("{what}: a whole number from {low} to {high}.").format(what=what, low=low, high=high)
