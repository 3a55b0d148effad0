"""A rule set as text (TOML) that can be read, kept with other files, changed by hand and brought back (A1–A3).

What a file leaves out says nothing: `[when]` and `[then]` are taken whole, where they are there. Text is untrusted: each
trouble says where.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.rule_shape import oversized, tidy
from domain.rules import MOMENTS, OPS, TICKET, Condition, Moment, RuleSet, Says, Then, When
from domain.text import _, line
from domain.tickets import Priority
from loop.toml_tables import TROUBLES, Table

LONGEST = 1_000_000
"""Characters of a file that is read; a set with thousands of values has fewer."""
_CLASSES = ("detractor", "neutral", "promoter")
_PRIORITIES = {p.word: int(p.value) for p in Priority}


def to_text(plan: RuleSet) -> str:
    """The set as TOML: all that it says, so that it means the same in another database. Not whether it is on."""
    import tomli_w

    when, then = plan.when, plan.then
    words = {number: word for word, number in _PRIORITIES.items()}
    said = {
        "any_of": list(when.says.any_of),
        "none_of": list(when.says.none_of),
        "endings": when.says.endings,
    }
    conditions = {
        "surveys": list(when.surveys),
        "classes": list(when.classes),
        "scores": list(when.scores),
        "ticket": when.ticket if when.ticket != "any" else None,
        "flows": list(when.flows),
        "categories": list(when.categories),
        "tags": list(when.tags),
        "priorities": [words.get(p, str(p)) for p in when.priorities],
        "earlier_from": when.earlier_from,
        "moment": {"kind": when.moment.kind, "hours": when.moment.hours} if when.moment else None,
        "says": _given(said),
        "groups": [{"all": [_condition(one) for one in group]} for group in when.groups],
    }
    actions = {
        "open_in": then.open_in,
        "categories": list(then.categories),
        "categorise": then.categorise,
        "tags": list(then.tags),
        "priority": None if then.priority is None else words.get(then.priority, str(then.priority)),
        "assignee": then.assignee,
        "by_table": then.by_table,
        "due_days": then.due_days,
        "phase": then.phase,
        "resolution": then.resolution,
        "followers": list(then.followers),
        "send": then.send,
    }
    return tomli_w.dumps({"name": plan.name, "when": _given(conditions), "then": _given(actions)})


def _given(table: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing; a number zero says something."""
    return {k: v for k, v in table.items() if v not in (None, "", [], {}) and v is not False}


def _condition(one: Condition) -> dict[str, Any]:
    return {"attribute": one.attribute, "op": one.op} | ({"values": list(one.values)} if one.values else {})


def from_text(text: str, *, base: RuleSet | None) -> RuleSet | tuple[str, ...]:
    """The set that a text says, as a change of `base` or a new one; or what is wrong with the text, a sentence each.

    It may be incomplete: what is missing is told when it is switched on.
    """
    if len(text) > LONGEST:
        return (_("The text is too long: {limit} characters are the most.").format(limit=LONGEST),)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        return (_("This is no TOML: {why}.").format(why=line(str(why), 200)),)
    troubles: list[str] = []
    top, base = Table(table, troubles), base or RuleSet(None, "")
    name, when, then = top.text("name", base.name), top.table("when"), top.table("then")
    top.close()
    plan = tidy(
        replace(
            base,
            name=name,
            when=base.when if when is None else _when(when),
            then=base.then if then is None else _then(then),
        )
    )
    if not troubles and (why := oversized(plan)):
        troubles.append(str(why))
    return tuple(dict.fromkeys(troubles))[:TROUBLES] or plan


def name_in(text: str) -> str:
    """The name that a text gives its set; '' when it gives none or cannot be read."""
    try:
        name = tomllib.loads(text[:LONGEST]).get("name")
    except (ValueError, RecursionError):
        return ""
    return line(name) if isinstance(name, str) else ""


def _when(table: Table) -> When:
    says, moment = table.table("says"), table.table("moment")
    when = When(
        surveys=table.texts("surveys"),
        classes=table.choices("classes", _CLASSES),
        scores=table.numbers("scores"),
        says=Says() if says is None else Says(says.texts("any_of"), says.texts("none_of"), says.yes("endings")),
        groups=tuple(_group(group) for group in table.tables("groups")),
        ticket=table.choice("ticket", "any", TICKET),  # type: ignore[arg-type]
        flows=table.texts("flows"),
        categories=table.texts("categories"),
        tags=table.texts("tags"),
        priorities=tuple(_PRIORITIES[word] for word in table.choices("priorities", _PRIORITIES)),
        earlier_from=table.number("earlier_from"),
        moment=None if moment is None else _moment(moment),
    )
    for inner in (says, table):
        if inner is not None:
            inner.close()
    return when


def _group(table: Table) -> tuple[Condition, ...]:
    conditions = []
    for one in table.tables("all"):
        op = one.choice("op", "in", OPS)
        conditions.append(Condition(one.text("attribute"), op, one.texts("values")))  # type: ignore[arg-type]
        one.close()
    table.close()
    return tuple(conditions)


def _moment(table: Table) -> Moment | None:
    kind, hours = table.choice("kind", "", MOMENTS), table.number("hours")
    if not kind or hours is None:
        table.trouble(_("a moment has a kind and hours"))
    table.close()
    return Moment(kind, hours) if kind and hours is not None else None  # type: ignore[arg-type]


def _then(table: Table) -> Then:
    then = Then(
        open_in=table.text("open_in"),
        categories=table.texts("categories"),
        categorise=table.yes("categorise"),
        tags=table.texts("tags"),
        priority=_PRIORITIES.get(table.choice("priority", "", _PRIORITIES)),
        assignee=table.text("assignee"),
        by_table=table.text("by_table"),
        due_days=table.number("due_days"),
        phase=table.text("phase"),
        resolution=table.text("resolution"),
        followers=table.texts("followers"),
        send=table.text("send"),
    )
    table.close()
    return then
