"""Rule sets as plans, read from the database and written to it: what they name is kept by id, so that it can be renamed (A1).

Tags and phases are names. What is not known is kept as the text that it is; what was removed is read as such a text.
Either way it names nothing, and so lets nothing through.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, may_rule, scope
from domain.rules import SEND_CLASS, Condition, Moment, RuleSet, Says, Then, When
from domain.text import fold, line
from loop.flow_plans import decoded

Rows = Callable[..., Any]
"""Runs a query and gives its rows; or what has such a `rows`: a work, a database."""
Ref = int | str
"""An id; or a text that named nothing when it was kept."""


class Known:
    """What there is of one kind: ids by name, case and accents aside, and names by id."""

    def __init__(self, named: Iterable[tuple[int, str]]) -> None:
        self.names: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        for id, name in named:
            self.names[id] = name
            self._ids.setdefault(fold(line(name)), id)

    def id(self, name: str) -> int | None:
        """The id of what is called so; None for nothing."""
        return self._ids.get(fold(line(name)))

    def ref(self, name: str) -> Ref:
        """As it is kept."""
        found = self.id(name)
        return line(name) if found is None else found

    def name(self, ref: Any) -> str:
        """As it is called now; `#id` for what was removed and left no name."""
        return self.names.get(ref, f"#{ref}") if isinstance(ref, int) else str(ref or "")


@dataclass(frozen=True)
class Names:
    """All that rule sets can name, whoever may see it. Removed or retired things are sorted out by who asks."""

    surveys: Known
    flows: Known
    categories: Known
    """“Parent / Child” for a subcategory; retired ones too."""
    users: Known
    """Logins, of people who were shut out too."""
    tables: Known
    templates: Known
    """Of the account and of surveys; “Survey / Name” where the name alone would mean another."""


def read_names(rows: Rows) -> Names:
    """What there is to name."""
    rows = _rows(rows)
    return Names(
        surveys=Known(rows("SELECT id, name FROM surveys ORDER BY id")),
        flows=Known(rows("SELECT id, name FROM flows ORDER BY id")),
        categories=Known((id, path) for id, path, __, __ in _categories(rows)),
        users=Known(rows("SELECT id, login FROM users ORDER BY id")),
        tables=Known(rows("SELECT id, name FROM manager_tables ORDER BY id")),
        templates=_Templates(rows),
    )


class _Templates(Known):
    """Templates of the account go by their name, those of surveys too as long as that means one; “Survey / Name” always does."""

    def __init__(self, rows: Rows) -> None:
        found = rows(
            """SELECT t.id, t.name, s.name FROM templates t LEFT JOIN surveys s ON s.id = t.survey_id
               WHERE t.user_id IS NULL AND t.flow_id IS NULL
               ORDER BY CASE WHEN t.survey_id IS NULL THEN 0 ELSE 1 END, t.id"""
        )
        of_surveys = [fold(name) for __, name, survey in found if survey is not None]
        of_account = {fold(name) for __, name, survey in found if survey is None} | {SEND_CLASS}
        named = []
        for id, name, survey in found:
            alone = survey is None or (fold(name) not in of_account and of_surveys.count(fold(name)) == 1)
            named.append((id, name if alone else f"{survey} / {name}"))
        super().__init__(named)
        for id, name, survey in found:
            if survey is not None:
                self._ids.setdefault(fold(line(f"{survey} / {name}")), id)


def read_sets(rows: Rows, *, active_only: bool = False) -> tuple[RuleSet, ...]:
    """The rule sets in the order in which they run, with what they name as it is called now."""
    rows = _rows(rows)
    found = rows(
        f"""SELECT id, name, position, active, conditions, actions, version FROM rule_sets
            {"WHERE active = true" if active_only else ""} ORDER BY position, id"""
    )
    if not found:
        return ()
    names = read_names(rows)
    return tuple(
        plan_of(
            RuleSet(id, name, active=bool(active), position=position, version=version),
            decoded(conditions) or {},
            decoded(actions) or {},
            names,
        )
        for id, name, position, active, conditions, actions, version in found
    )


def plan_of(of: RuleSet, conditions: Mapping[str, Any], actions: Mapping[str, Any], names: Names) -> RuleSet:
    """The rule set with what it says, from what was kept."""
    says, moment = conditions.get("says") or {}, conditions.get("moment")
    when = When(
        surveys=tuple(map(names.surveys.name, conditions.get("surveys", ()))),
        classes=tuple(conditions.get("classes", ())),
        scores=tuple(conditions.get("scores", ())),
        says=Says(tuple(says.get("any_of", ())), tuple(says.get("none_of", ())), bool(says.get("endings"))),
        groups=tuple(
            tuple(Condition(c["attribute"], c["op"], tuple(c["values"])) for c in group)
            for group in conditions.get("groups", ())
        ),
        ticket=conditions.get("ticket", "any"),
        flows=tuple(map(names.flows.name, conditions.get("flows", ()))),
        categories=tuple(map(names.categories.name, conditions.get("categories", ()))),
        tags=tuple(conditions.get("tags", ())),
        priorities=tuple(conditions.get("priorities", ())),
        earlier_from=conditions.get("earlier_from"),
        moment=Moment(moment["kind"], moment["hours"]) if moment else None,
    )
    then = Then(
        open_in=names.flows.name(actions.get("open_in")),
        categories=tuple(map(names.categories.name, actions.get("categories", ()))),
        categorise=bool(actions.get("categorise")),
        tags=tuple(actions.get("tags", ())),
        priority=actions.get("priority"),
        assignee=names.users.name(actions.get("assignee")),
        by_table=names.tables.name(actions.get("by_table")),
        due_days=actions.get("due_days"),
        phase=actions.get("phase", ""),
        resolution=actions.get("resolution", ""),
        followers=tuple(map(names.users.name, actions.get("followers", ()))),
        send=names.templates.name(actions.get("send")),
    )
    return RuleSet(of.id, of.name, when, then, of.active, of.position, of.version)


def stored(rows: Rows, plan: RuleSet, names: Names | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Conditions and actions as the database keeps them: by id what is known, the text of what is not."""
    names = names or read_names(rows)
    conditions = asdict(plan.when) | {
        "surveys": [*map(names.surveys.ref, plan.when.surveys)],
        "flows": [*map(names.flows.ref, plan.when.flows)],
        "categories": [*map(names.categories.ref, plan.when.categories)],
    }
    send = plan.then.send
    actions = asdict(plan.then) | {
        "open_in": names.flows.ref(plan.then.open_in) if plan.then.open_in else "",
        "categories": [*map(names.categories.ref, plan.then.categories)],
        "assignee": names.users.ref(plan.then.assignee) if plan.then.assignee else "",
        "by_table": names.tables.ref(plan.then.by_table) if plan.then.by_table else "",
        "followers": [*map(names.users.ref, plan.then.followers)],
        "send": send if send in ("", SEND_CLASS) else names.templates.ref(send),
    }
    return json.loads(json.dumps(conditions)), json.loads(json.dumps(actions))


_PLACES = {
    "survey": (("surveys",), ()),
    "flow": (("flows",), ("open_in",)),
    "category": (("categories",), ("categories",)),
    "user": ((), ("assignee", "followers")),
    "table": ((), ("by_table",)),
    "template": ((), ("send",)),
}
"""Where things of a kind stand in conditions and in actions."""


def forget(work: Any, kind: str, id: int, name: str) -> None:
    """What is about to be removed stays in rule sets as its name, so that the next to get its id is not taken for it."""

    def without(kept: dict[str, Any], places: tuple[str, ...]) -> dict[str, Any]:
        def one(ref: Any) -> Any:
            return name if isinstance(ref, int) and ref == id else ref

        return kept | {
            p: [one(r) for r in kept[p]] if isinstance(kept[p], list) else one(kept[p]) for p in places if p in kept
        }

    in_conditions, in_actions = _PLACES[kind]
    for rule_set, conditions, actions in work.rows("SELECT id, conditions, actions FROM rule_sets"):
        were = decoded(conditions) or {}, decoded(actions) or {}
        now = without(were[0], in_conditions), without(were[1], in_actions)
        if now != were:
            write(work, rule_set, *now)


def write(work: Any, id: int, conditions: Mapping[str, Any], actions: Mapping[str, Any]) -> None:
    """Keep what a set says."""
    work.run(
        "UPDATE rule_sets SET conditions = :c, actions = :a WHERE id = :id",
        {"c": json.dumps(conditions, ensure_ascii=False), "a": json.dumps(actions, ensure_ascii=False), "id": id},
    )


def read_categories(rows: Rows) -> dict[str, tuple[str, ...]]:
    """The words and expressions of every category that is still given, by its whole name."""
    return {path: tuple(decoded(words) or ()) for __, path, words, given in _categories(_rows(rows)) if given}


def _categories(rows: Rows) -> list[tuple[int, str, Any, bool]]:
    """Id, whole name, words, and whether it is still given; what is still given first, as names may come again."""
    return sorted(
        (
            (id, name if parent is None else f"{parent} / {name}", words, retired is None)
            for id, name, parent, words, retired in rows(
                """SELECT c.id, c.name, p.name, c.words, COALESCE(c.retired_at, p.retired_at)
                   FROM categories c LEFT JOIN categories p ON p.id = c.parent_id"""
            )
        ),
        key=lambda c: (not c[3], c[0]),
    )


def read_survey_sets(rows: Rows) -> dict[str, frozenset[int] | None]:
    """Which sets each survey lets apply to its answers, by its name; None for all (A4)."""
    return {
        name: None if (ids := decoded(kept)) is None else frozenset(ids)
        for name, kept in _rows(rows)("SELECT name, rule_sets FROM surveys")
    }


# Who may see and change which: asked of what was kept, so that no name is in the way.


@dataclass(frozen=True)
class Reach:
    """What of the flows a rule set is about."""

    named: frozenset[int]
    """Flows that it names, for its conditions or to open tickets in; 0 for a name that no flow has."""
    everywhere: bool
    """Whether it is about tickets of whatever flow."""
    without_ticket: bool
    """Whether it is about answers without a ticket only."""


def reach(conditions: Mapping[str, Any], actions: Mapping[str, Any]) -> Reach:
    """The reach of what was kept."""
    refs = [*conditions.get("flows", ()), *([actions["open_in"]] if actions.get("open_in") else ())]
    without = conditions.get("ticket") == "without"
    return Reach(
        frozenset(r if isinstance(r, int) else 0 for r in refs), not without and not conditions.get("flows"), without
    )


def may_see(actor: Actor, of: Reach) -> bool:
    """Whether the actor is shown a set: an administrator who sees every flow that it names (P3)."""
    return may_manage(actor) is None and (actor.is_owner or all(map(scope(actor).admits, of.named)))


def may_change(actor: Actor, of: Reach) -> Refusal | None:
    """Why the actor may not change or run a set (P4)."""
    if not may_see(actor, of):
        return may_manage(actor) or refuse("not here")
    return may_rule(actor, None if of.everywhere else of.named, of.without_ticket)


def reaches(rows: Rows) -> dict[int, Reach]:
    """The reach of every set, by id, in order."""
    return {
        id: reach(decoded(conditions) or {}, decoded(actions) or {})
        for id, conditions, actions in _rows(rows)(
            "SELECT id, conditions, actions FROM rule_sets ORDER BY position, id"
        )
    }


def in_sight(rows: Rows, actor: Actor) -> tuple[int, ...]:
    """The ids of the sets that the actor is shown, in order."""
    if may_manage(actor):
        return ()
    if actor.is_owner:  # no need to look into them
        return tuple(id for (id,) in _rows(rows)("SELECT id FROM rule_sets ORDER BY position, id"))
    return tuple(id for id, of in reaches(rows).items() if may_see(actor, of))


def _rows(rows: Any) -> Rows:
    return getattr(rows, "rows", rows)
