"""What stands around a rule set while it is edited: what there is to choose from, and how complete the e-mails are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.flows import Status
from domain.people import Actor, Level
from domain.refusals import Refusal
from domain.rules import RuleSet

if TYPE_CHECKING:
    from loop.desk import Desk
    from loop.rule_views import RuleSetLine, TableRow
    from loop.setup_views import TemplateRow


@dataclass(frozen=True)
class Around:
    """See the module. Names; what the reader may not see is left out."""

    surveys: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    phases: tuple[tuple[str, str, bool], ...] = ()
    """Phase, its flow, whether it closes."""
    categories: tuple[str, ...] = ()
    """“Parent / Child” for a subcategory."""
    tags: tuple[str, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    """Login and name of who can work."""
    tables: tuple[TableRow, ...] = ()
    templates: tuple[TemplateRow, ...] = ()
    """Of account and surveys."""
    states: tuple[Any, ...] = ()
    """`loop.class_mail.states`."""
    sets: tuple[RuleSetLine, ...] = ()
    """All of the list, for where this one stands among them."""


def load(desk: Desk, rule_set_id: int | None, actor: Actor) -> Refusal | tuple[RuleSet, Around]:
    """A rule set and what stands around it; a blank one for None."""
    plan: RuleSet | Refusal = RuleSet(None, "")
    if rule_set_id is not None:
        from loop import rules

        plan = rules.rule_set(desk, rule_set_id, actor=actor)
    return plan if isinstance(plan, Refusal) else (plan, around(desk, actor))


def around(desk: Desk, actor: Actor) -> Around:
    """What there is to choose from."""
    from loop import class_mail, flows, labels, managers, people, rule_values, rules, templates

    seen = _rows(lambda: flows.flows(desk, actor=actor))
    plans = [p for p in (flows.plan(desk, f.id, actor=actor) for f in seen) if not isinstance(p, Refusal)]
    closed = Status.CLOSED
    return Around(
        surveys=rule_values.surveys(desk, actor=actor),
        flows=tuple(f.name for f in seen),
        phases=tuple((p.name, plan.name, p.status is closed) for plan in plans for p in plan.phases),
        categories=_categories(_rows(lambda: labels.categories(desk, actor=actor))),
        tags=tuple(t.name for t in _rows(lambda: labels.tags(desk, actor=actor))),
        people=tuple(
            (p.login, p.name)
            for p in _rows(lambda: people.people(desk, actor=actor))
            if p.active and p.level != Level.NONE.value
        ),
        tables=_rows(lambda: managers.tables(desk, actor=actor)),
        templates=tuple(t for t in _rows(lambda: templates.templates(desk, actor=actor)) if t.level in ("account", "survey")),
        states=_rows(lambda: class_mail.states(desk, actor=actor)),
        sets=_rows(lambda: rules.rule_sets(desk, actor=actor)),
    )  # fmt: skip


def _categories(rows: Any) -> tuple[str, ...]:
    names = {row.id: row.name for row in rows}
    return tuple(
        f"{names[row.parent]} / {row.name}" if row.parent in names else row.name for row in rows if not row.retired
    )


def _rows(read: Callable[[], Any]) -> Any:
    """What is read, or nothing where the reader may not see it."""
    found = read()
    return () if isinstance(found, Refusal) else found
