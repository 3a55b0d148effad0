"""Rule sets read aloud: as a sentence, as lines, and why one held (A1–A3, A6). In the reader's language, in whole phrases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import rule_words as words
from domain.plan_words import class_word, priority_word
from domain.rules import OPS, SEND_CLASS, Condition, Moment, RuleSet, Then, When
from domain.text import _, ngettext

NAME, WHEN, THEN = "name", "when", "then"
"""Keys of the name, and of the halves where nothing of them is said yet."""


@dataclass(frozen=True)
class Part:
    """Some words of a line."""

    text: str
    """Safe to show (R7)."""
    role: str
    """word (what joins), value, class, expression, priority, category, missing."""


@dataclass(frozen=True)
class RuleLine:
    """A line of a rule set, to be read aloud: lead, verb, parts."""

    key: str
    """Which part of the plan it is: `surveys`, `class`, `says`, `attr:0:1` (group and place), `ticket`, `flows`, `categories`,
    `tags`, `priorities`, `earlier`, `moment`; `then:open_in`, `then:categories`, `then:categorise`, `then:tags`,
    `then:priority`, `then:assign`, `then:due`, `then:phase`, `then:followers`, `then:send`."""
    indent: int
    """1 for what belongs to the group that the lines above began."""
    lead: str
    """and, either, or; '' where nothing leads."""
    verb: str
    """is from, says; priority, assign."""
    parts: tuple[Part, ...]


def attribute_key(group: int, place: int) -> str:
    """The key of a condition on an attribute."""
    return f"attr:{group}:{place}"


def sentence(plan: RuleSet) -> str:
    """The whole rule, its name aside: “When the answer is detractor and UF is SP: set the priority to high.”"""
    when, then = list(_conditions(plan.when)), list(_actions(plan.then))
    if not then:
        return _("When {conditions}, nothing is done yet.").format(conditions=_all(when)) if when else _("Nothing yet.")
    done = "; ".join(then)
    if not when:
        return _("For every answer: {actions}.").format(actions=done)
    return _("When {conditions}: {actions}.").format(conditions=_all(when), actions=done)


def _all(clauses: Sequence[str]) -> str:
    if len(clauses) < 2:
        return "".join(clauses)
    return _("{clauses}, and {last}").format(clauses=", ".join(clauses[:-1]), last=clauses[-1])


def _conditions(when: When) -> Iterator[str]:
    if when.moment is not None:
        yield words.moment_text(when.moment)
    if when.surveys:
        yield _("the survey is {names}").format(names=words.either(map(words.said, when.surveys)))
    if when.classes or when.scores:
        yield words.class_text(when.classes, when.scores)
    if when.says.any_of or when.says.none_of:
        yield words.says_text(when.says.any_of, when.says.none_of, endings=when.says.endings)
    groups = [[words.condition_text(one) for one in group] for group in when.groups if group]
    if len(groups) == 1:
        yield from groups[0]
    elif groups:
        told = [f"({words.both(group)})" if len(group) > 1 else group[0] for group in groups]
        yield _("either {groups}").format(groups=words.either(told))
    if when.ticket != "any":
        yield _("it has a ticket") if when.ticket == "with" else _("it has no ticket")
    for what in ("flows", "categories", "tags"):
        if names := getattr(when, what):
            yield words.having_text(what, names)
    if when.priorities:
        yield words.having_text("priorities", words.priorities_text(when.priorities))
    if when.earlier_from is not None:
        yield words.earlier_text(when.earlier_from)


def _actions(then: Then) -> Iterator[str]:
    if then.open_in:
        yield _("open a ticket in {flow}").format(flow=words.said(then.open_in))
    if then.categories:
        names = words.both(map(words.arrowed, then.categories))
        yield ngettext("give the category {names}", "give the categories {names}", len(then.categories)).format(names=names)  # fmt: skip
    if then.categorise:
        yield _("give every category whose words the comment has")
    if then.tags:
        names = words.both(map(words.said, then.tags))
        yield ngettext("add the tag {names}", "add the tags {names}", len(then.tags)).format(names=names)
    if then.priority is not None:
        yield _("set the priority to {priority}").format(priority=priority_word(then.priority))
    if then.assignee:
        yield _("assign it to {who}").format(who=words.said(then.assignee))
    if then.by_table:
        yield _("assign it by the table {table}").format(table=words.said(then.by_table))
    if then.due_days is not None:
        yield _("set it due in {days}").format(days=words.days_text(then.due_days))
    if then.phase and then.resolution:
        yield _("move it to {phase} with the resolution “{resolution}”").format(
            phase=words.said(then.phase), resolution=words.said(then.resolution)
        )
    elif then.phase:
        yield _("move it to {phase}").format(phase=words.said(then.phase))
    if then.followers:
        yield _("add the followers {names}").format(names=words.both(map(words.said, then.followers)))
    if then.send == SEND_CLASS:
        yield _("send the e-mail of its class")
    elif then.send:
        yield _("send the template {name}").format(name=words.said(then.send))


def lines(plan: RuleSet) -> tuple[RuleLine, ...]:
    """The rule line by line: first when, one line for each condition, then what is done, one for each action."""
    return (*_when_lines(plan.when), *_then_lines(plan.then))


def _when_lines(when: When) -> Iterator[RuleLine]:
    first = True
    for key, verb, parts in _whens(when):
        if key != "groups":
            yield RuleLine(key, 0, "" if first else _("and"), verb, parts)
        for g, group in enumerate(when.groups if key == "groups" else ()):
            several = len(when.groups) > 1
            for place, one in enumerate(group):
                lead = (_("either") if not g else _("or")) if several and not place else _("and")
                lead = "" if first and (place or g == 0) and not several else lead
                yield RuleLine(attribute_key(g, place), int(several and place > 0), lead, "", _condition(one))
                first = False
        first = False


def _whens(when: When) -> Iterator[tuple[str, str, tuple[Part, ...]]]:
    if when.moment is not None:
        yield "moment", "", (Part(words.moment_text(when.moment), "value"),)
    if when.surveys:
        yield "surveys", _("is from"), _values(when.surveys)
    if when.classes or when.scores:
        parts = _joined([Part(class_word(words.said(c)), "class") for c in when.classes])
        if when.scores:
            parts += (Part(_("or score") if parts else _("score"), "word"), Part(words.scores_text(when.scores), "value"))  # fmt: skip
        yield "class", _("is"), parts
    if when.says.any_of or when.says.none_of:
        parts = _joined([Part(words.quoted(e), "expression") for e in when.says.any_of])
        if when.says.none_of:
            parts += (Part(_("and not") if parts else _("not"), "word"),)
            parts += _joined([Part(words.quoted(e), "expression") for e in when.says.none_of])
        yield "says", _("says"), parts + ((Part(_("any ending"), "word"),) if when.says.endings else ())
    if when.groups:
        yield "groups", "", ()
    if when.ticket != "any":
        yield "ticket", _("has"), (Part(_("a ticket") if when.ticket == "with" else _("no ticket"), "value"),)
    if when.flows:
        yield "flows", _("is in"), _values(when.flows)
    if when.categories:
        yield "categories", _("is of"), _joined([Part(words.arrowed(c), "category") for c in when.categories])
    if when.tags:
        yield "tags", _("has tag"), _values(when.tags)
    if when.priorities:
        parts = _joined([Part(p, "priority") for p in words.priorities_text(when.priorities)])
        yield "priorities", _("priority"), parts
    if when.earlier_from is not None:
        yield "earlier", "", (Part(words.earlier_text(when.earlier_from), "value"),)


def _condition(one: Condition) -> tuple[Part, ...]:
    name = Part(words.said(one.attribute), "value" if one.attribute.strip() else "missing")
    n = len(one.values)
    op = {
        "in": _("is") if n == 1 else _("any of"),
        "not in": _("is not") if n == 1 else _("none of"),
        ">=": "≥",
        "<=": "≤",
        "filled": _("is filled"),
        "empty": _("is empty"),
    }.get(one.op, one.op)
    values = () if one.op in ("filled", "empty") else _values(one.values)
    return (name, Part(op, "word"), *values)


def _then_lines(then: Then) -> Iterator[RuleLine]:
    for key, verb, parts in _thens(then):
        yield RuleLine(f"then:{key}", 0, "", verb, parts)


def _thens(then: Then) -> Iterator[tuple[str, str, tuple[Part, ...]]]:
    if then.open_in:
        yield "open_in", _("open in"), _values([then.open_in])
    if then.categories:
        yield "categories", _("category"), _joined([Part(words.arrowed(c), "category") for c in then.categories])
    if then.categorise:
        yield "categorise", _("categories"), (Part(_("all whose words it says"), "category"),)
    if then.tags:
        yield "tags", _("tag"), _values(then.tags)
    if then.priority is not None:
        yield "priority", _("priority"), (Part(priority_word(then.priority), "priority"),)
    if then.by_table:
        yield "assign", _("assign"), (Part(_("by table"), "word"), *_values([then.by_table]))
    elif then.assignee:
        yield "assign", _("assign"), _values([then.assignee])
    if then.due_days is not None:
        days = ngettext("in {n} day", "in {n} days", then.due_days).format(n=then.due_days)
        yield "due", _("due"), (Part(days, "value"),)
    if then.phase or then.resolution:
        closing = (Part(_("resolution"), "word"), Part(words.quoted(then.resolution), "value"))
        yield "phase", _("move to"), (*_values([then.phase]), *(closing if then.resolution else ()))
    if then.followers:
        yield "followers", _("followers"), _values(then.followers)
    if then.send:
        yield "send", _("send"), ((Part(_("e-mail of its class"), "value"),) if then.send == SEND_CLASS else _values([then.send]))  # fmt: skip


def _values(names: Sequence[str]) -> tuple[Part, ...]:
    """Values with commas between them; “…” where there is none yet."""
    found = [Part(words.said(name), "value" if str(name).strip() else "missing") for name in names]
    return _joined(found or [Part("…", "missing")])


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in parts:
        found += [Part(",", "word"), part] if found else [part]
    return tuple(found)


def because_words(because: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a set held for an answer, a clause each: “the comment says “atras*””, “UF is SP”. See `domain.ruling.Hit`.

    What another version of Retorno wrote, and this one does not know, is left out.
    """
    try:
        return tuple(_because(because))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return ()


def _because(because: Mapping[str, Any]) -> Iterator[str]:
    if moment := because.get("moment"):
        yield words.moment_text(Moment(moment[0], int(moment[1])))
    if because.get("survey"):
        yield _("the survey is {names}").format(names=words.said(because["survey"]))
    if because.get("class"):
        yield words.class_text([because["class"]], ())
    if because.get("score") is not None:
        yield words.class_text((), [int(because["score"])])
    worded = (expression for its in (because.get("worded") or {}).values() for expression in its)
    if says := list(dict.fromkeys((*(because.get("says") or ()), *worded))):
        yield words.says_text(says, ())
    if says := because.get("says not"):
        yield words.says_text((), says)
    for attribute, op, values, value in because.get("group", ()):
        if op == "in":
            yield words.condition_text(Condition(attribute, "in", (value,)))
        elif op in OPS:
            told = words.condition_text(Condition(attribute, op, tuple(values)))
            compared = op in (">", ">=", "<", "<=") and value != ""
            yield _("{condition} ({value})").format(condition=told, value=words.said(value)) if compared else told
    if ticket := because.get("ticket"):
        yield _("it has a ticket") if ticket == "with" else _("it has no ticket")
    if because.get("flow"):
        yield words.having_text("flows", [because["flow"]])
    for what in ("categories", "tags"):
        if because.get(what):
            yield words.having_text(what, because[what])
    if because.get("priority") is not None:
        yield words.having_text("priorities", words.priorities_text([int(because["priority"])]))
    if because.get("earlier") is not None:
        yield words.earlier_text(int(because["earlier"]))


def did_words(did: Mapping[str, Any]) -> tuple[str, ...]:
    """What a set did to an answer, some words each: “priority high”, “tag atraso”.

    `did`: opened (a flow), categories, tags, followers (names), priority, assignee (a login), due (Unix ms), phase; under
    `undone` what was not done, [action, sentence or refusal's code]. A value may be [old, new]. Others are left out.
    """
    found = []
    for what, value in did.items():
        try:
            if told := _did(what, value):
                found.append(told)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            continue
    return tuple(found)


def _did(what: str, value: Any) -> str:
    if what in ("categories", "tags", "followers"):
        names = words.both(map(words.arrowed if what == "categories" else words.said, value))
        if not value:
            return ""
        return {
            "categories": ngettext("category {names}", "categories {names}", len(value)),
            "tags": ngettext("tag {names}", "tags {names}", len(value)),
            "followers": ngettext("follower {names}", "followers {names}", len(value)),
        }[what].format(names=names)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2 and what != "undone":
        value = value[1]
    if what == "priority":
        return _("priority {priority}").format(priority=priority_word(int(value)))
    if what == "due":
        return _("due {day}").format(day=_day(int(value)))
    if what == "send" and value == SEND_CLASS:
        return _("e-mail of its class")
    clause = {
        "opened": _("a ticket in {name}"),
        "assignee": _("assigned to {name}"),
        "phase": _("moved to {name}"),
        "send": _("e-mail {name}"),
    }.get(what)
    return clause.format(name=words.said(value)) if clause and value else ""


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).astimezone().strftime(_("%Y-%m-%d"))
