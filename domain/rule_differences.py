"""What differs between two rule sets, in plain values and in words: as the audit, a conflict and an import tell it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from domain.plan_words import class_word, priority_word
from domain.plans import Difference
from domain.rule_words import condition_text, days_text, moment_text, scores_text
from domain.rules import SEND_CLASS, Condition, Moment, RuleSet, Says, Then, When
from domain.text import _

_WHEN = tuple(f.name for f in fields(When))
_THEN = tuple(f.name for f in fields(Then))
_NOTHING = RuleSet(None, "")


def values(plan: RuleSet) -> dict[str, Any]:
    """What can be changed of a set, field by field, as plain values for JSON: its name, `when …` and `then …`."""
    when, then = asdict(plan.when), asdict(plan.then)
    return (
        {"name": plan.name}
        | {f"when {name}": _plain(when[name]) for name in _WHEN}
        | {f"then {name}": _plain(then[name]) for name in _THEN}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def changed_values(old: RuleSet | None, new: RuleSet) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after; of a new set those that say something."""
    before, after = values(old or _NOTHING), values(new)
    names = [name for name in after if before[name] != after[name]]
    return {n: before[n] for n in names} if old else {}, {n: after[n] for n in names}


def with_values(plan: RuleSet, kept: Mapping[str, Any]) -> RuleSet:
    """The set with some fields as the audit kept them; fields that are not known (any more) are left out."""
    when = {n: _READ.get(n, _read)(kept[f"when {n}"]) for n in _WHEN if f"when {n}" in kept}
    then = {n: _read(kept[f"then {n}"]) for n in _THEN if f"then {n}" in kept}
    return replace(
        plan,
        name=kept.get("name", plan.name),
        active=kept.get("active", plan.active),
        when=replace(plan.when, **when),
        then=replace(plan.then, **then),
    )


def _read(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "says": lambda v: Says(tuple(v["any_of"]), tuple(v["none_of"]), v["endings"]),
    "groups": lambda v: tuple(tuple(Condition(c["attribute"], c["op"], tuple(c["values"])) for c in g) for g in v),
    "moment": lambda v: Moment(**v) if v else None,
}


def told(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The differences that a line of the audit about a set tells, in the reader's language."""
    try:
        return differences(with_values(_NOTHING, old) if old else None, with_values(_NOTHING, new))
    except (KeyError, TypeError, ValueError, AttributeError):  # written by another version of Retorno
        return (Difference("", str(dict(old)), str(dict(new))),)


def differences(old: RuleSet | None, new: RuleSet) -> tuple[Difference, ...]:
    """What differs between two sets, in words and in full; without an old one, all that the new one says."""
    found = []
    for label, tell in _TOLD:
        was, now = tell(old or _NOTHING), tell(new)
        if was != now:
            found.append(Difference(label(), was if old else "", now))
    return tuple(found)


def _list(many: Sequence[object]) -> str:
    return ", ".join(map(str, many))


def _condition(one: Condition) -> str:
    """With every value: one that went is a difference, though a sentence may leave it out."""
    if one.op not in ("in", "not in"):
        return condition_text(one)
    said = _("{attribute} is {values}") if one.op == "in" else _("{attribute} is not {values}")
    return said.format(attribute=one.attribute, values=_(" or ").join(one.values) or "…")


def _groups(plan: RuleSet) -> str:
    return "; ".join(_(" and ").join(map(_condition, group)) for group in plan.when.groups)


def _ticket(plan: RuleSet) -> str:
    words = {"with": _("with a ticket"), "without": _("without a ticket")}
    return words.get(plan.when.ticket, _("with or without a ticket"))


def _send(plan: RuleSet) -> str:
    return _("the e-mail of its class") if plan.then.send == SEND_CLASS else plan.then.send


def _yes(on: bool) -> str:
    return _("yes") if on else _("no")


_TOLD: tuple[tuple[Callable[[], str], Callable[[RuleSet], str]], ...] = (
    (lambda: _("name"), lambda p: p.name),
    (lambda: _("active"), lambda p: _yes(p.active)),
    (lambda: _("when"), lambda p: moment_text(p.when.moment) if p.when.moment else ""),
    (lambda: _("surveys"), lambda p: _list(p.when.surveys)),
    (lambda: _("classes"), lambda p: _list([*map(class_word, p.when.classes)])),
    (lambda: _("scores"), lambda p: scores_text(p.when.scores)),
    (lambda: _("the comment says"), lambda p: _list(p.when.says.any_of)),
    (lambda: _("the comment does not say"), lambda p: _list(p.when.says.none_of)),
    (lambda: _("other endings count"), lambda p: _yes(p.when.says.endings)),
    (lambda: _("attributes"), _groups),
    (lambda: _("answers"), _ticket),
    (lambda: _("ticket in the flow"), lambda p: _list(p.when.flows)),
    (lambda: _("ticket has the category"), lambda p: _list(p.when.categories)),
    (lambda: _("ticket has the tag"), lambda p: _list(p.when.tags)),
    (lambda: _("ticket has the priority"), lambda p: _list([*map(priority_word, p.when.priorities)])),
    (lambda: _("earlier tickets, at least"), lambda p: "" if p.when.earlier_from is None else str(p.when.earlier_from)),
    (lambda: _("open a ticket in"), lambda p: p.then.open_in),
    (lambda: _("categories"), lambda p: _list(p.then.categories)),
    (lambda: _("categories by their words"), lambda p: _yes(p.then.categorise)),
    (lambda: _("tags"), lambda p: _list(p.then.tags)),
    (lambda: _("priority"), lambda p: "" if p.then.priority is None else priority_word(p.then.priority)),
    (lambda: _("assign to"), lambda p: p.then.assignee),
    (lambda: _("assign by the table"), lambda p: p.then.by_table),
    (lambda: _("days until due"), lambda p: "" if p.then.due_days is None else days_text(p.then.due_days)),
    (lambda: _("move to"), lambda p: p.then.phase),
    (lambda: _("resolution"), lambda p: p.then.resolution),
    (lambda: _("followers"), lambda p: _list(p.then.followers)),
    (lambda: _("send"), _send),
)
"""What is compared: its name, and how it is told. Functions, as the language is chosen late."""
