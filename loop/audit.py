"""The audit: every change of the set-up, who made it, with old and new values. Lines are only ever added.

A line holds what changed and nothing else; of a customer it names the fields, never their values (R4).
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.people import Actor, ActorKind
from domain.plan_words import told as flow_differences
from domain.plans import Difference
from domain.rights import may_edit_flow, may_see_audit, scope
from domain.text import _, line
from domain.words import named
from loop.desk import Desk
from loop.setup_views import AuditRow
from storage.tables import Audit

LONGEST = 2_000
"""Characters of one value that a reader is shown."""


# Functions, not strings: the language may be chosen after this module is imported.
FIELDS: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "login": lambda: _("login"),
        "name": lambda: _("name"),
        "email": lambda: _("e-mail"),
        "level": lambda: _("level"),
        "active": lambda: _("active"),
        "sender_name": lambda: _("sender's name"),
        "signature": lambda: _("signature"),
        "subject": lambda: _("subject"),
        "body": lambda: _("text"),
        "klass": lambda: _("class"),
        "members": lambda: _("members"),
        "flows": lambda: _("flows"),
        "teams": lambda: _("teams"),
        "kind": lambda: _("kind"),
        "low": lambda: _("lowest score"),
        "high": lambda: _("highest score"),
        "detractor_max": lambda: _("highest score of a detractor"),
        "promoter_min": lambda: _("lowest score of a promoter"),
        "internal": lambda: _("of employees"),
        "zone": lambda: _("time zone"),
        "sends_mail": lambda: _("sends mail"),
        "writing_help": lambda: _("help with writing"),
        "parent": lambda: _("category above"),
        "words": lambda: _("words"),
        "position": lambda: _("position"),
        "retired": lambda: _("retired"),
        "tickets": lambda: _("tickets"),
        "into": lambda: _("into"),
        "default_assignee": lambda: _("default assignee"),
        "days_until_due": lambda: _("days until due"),
        "first_contact_hours": lambda: _("hours until first contact"),
        "default_priority": lambda: _("default priority"),
        "notes_for_all": lambda: _("notes for all members"),
        "reopening": lambda: _("after closing"),
        "reopen_days": lambda: _("days for reopening"),
        "reachable_by_phone": lambda: _("reachable by phone"),
        "intake": lambda: _("takes answers"),
        "phases": lambda: _("phases"),
    }
)
"""What people call the fields that lines are written with."""


def note(
    work: Any,
    *,
    actor: Actor,
    at: int,
    what: str,
    target: str,
    target_id: int | None,
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> None:
    """Write one line, in the transaction of the change.

    `what` is created, changed, deactivated, activated, removed or reordered; `target` is flow, user, team, survey,
    category, tag or customer; `name` is what the target is called now. `old` and `new` hold the changed fields only, with
    values that JSON knows: text, numbers, booleans, None, lists of these.
    """
    work.insert_later(
        Audit,
        at=at,
        actor_id=actor.id,
        what=what,
        target=target,
        target_id=target_id,
        name=line(name, 200),
        old=dict(old),
        new=dict(new),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of `after` whose value differs from `before`: their old values and their new ones."""
    differing = [field for field, value in after.items() if before.get(field) != value]
    return {f: before[f] for f in differing if f in before}, {f: after[f] for f in differing}


def audit(
    desk: Desk,
    *,
    actor: Actor,
    target: str | None = None,
    target_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[AuditRow, ...]:
    """Lines, newest first, those older than the line `before`; nothing for who may not see them (`rights.may_see_audit`).

    An administrator sees lines of flows that they may edit, and of customers with a ticket in their sight (P3, P4).
    """
    if may_see_audit(actor):
        return ()
    where, values = ["1 = 1"], dict[str, Any](limit=max(0, limit))
    for column, value in (("target", target), ("target_id", target_id)):
        if value is not None:
            where.append(f"a.{column} = :{column}")
            values[column] = value
    if before is not None:
        where.append("a.id < :before")
        values["before"] = before
    if not actor.is_owner:
        where += _in_sight(actor)
    lines = desk.db.rows(
        f"""SELECT a.id, a.at, u.login, a.what, a.target, a.target_id, a.name, a.old, a.new
            FROM audit a LEFT JOIN users u ON u.id = a.actor_id WHERE {" AND ".join(where)}
            ORDER BY a.id DESC LIMIT :limit""",
        values,
    )
    return tuple(
        AuditRow(id, at, who or ActorKind.PROGRAM.value, what, of, of_id, name, _told(of, _read(old), _read(new)))
        for id, at, who, what, of, of_id, name, old, new in lines
    )


def _in_sight(actor: Actor) -> list[str]:
    """The conditions that keep lines of others' flows and customers out."""
    editable = [str(int(flow)) for flow in actor.roles if not may_edit_flow(actor, flow)]
    seen = [str(int(flow)) for flow in scope(actor).flows]
    return [
        f"(a.target NOT IN ('flow', 'flow template') OR a.target_id IN ({', '.join(editable) or '-1'}))",
        f"""(a.target <> 'customer' OR EXISTS (SELECT 1 FROM tickets t WHERE t.flow_id IN ({", ".join(seen) or "-1"})
             AND t.contact_id IN (a.target_id, (SELECT c.merged_into FROM contacts c WHERE c.id = a.target_id))))""",
    ]


def _told(target: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What a line says: flows know best how a change of theirs is told."""
    return flow_differences(old, new) if target == "flow" else differences(old, new)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields of a line in words for people, in the order written."""
    return tuple(
        Difference(in_words(field), _named(field, old.get(field)), _named(field, new.get(field)))
        for field in dict.fromkeys([*old, *new])
    )


def _named(field: str, value: Any) -> str:
    """A field's value in words; levels have names of their own."""
    return named(value) if field == "level" and isinstance(value, str) else said(value)


def said(value: Any) -> str:
    """A value in words; '' for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(said(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{in_words(k)}: {said(v)}" for k, v in value.items())
    return line(str(value), LONGEST)


def in_words(field: str) -> str:
    """What people call a field; one that has no words of its own is said as it is written."""
    return FIELDS[field]() if field in FIELDS else line(field.replace("_", " "), 120)


def _read(value: Any) -> dict[str, Any]:
    """A JSON column, which one driver gives as text and the other as an object."""
    return json.loads(value) if isinstance(value, str) else dict(value or {})
