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
from domain.rule_differences import told as rule_differences
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
        "address": lambda: _("address"),
        "imap_host": lambda: _("IMAP server"),
        "imap_security": lambda: _("IMAP security"),
        "imap_port": lambda: _("IMAP port"),
        "imap_user": lambda: _("IMAP user"),
        "imap_folder": lambda: _("folder that is read"),
        "smtp_host": lambda: _("SMTP server"),
        "smtp_security": lambda: _("SMTP security"),
        "smtp_port": lambda: _("SMTP port"),
        "smtp_user": lambda: _("SMTP user"),
        "password_keyring": lambda: _("password in the keyring under"),
        "password_env": lambda: _("password in the variable"),
        "password_command": lambda: _("password from the command"),
        "xoauth2": lambda: _("OAuth2 token"),
        "ca_file": lambda: _("authority's file"),
        "sent_folder": lambda: _("Sent folder"),
        "plus_address": lambda: _("plus-address"),
        "unknown_sender": lambda: _("unknown sender"),
        "messages_per_minute": lambda: _("messages a minute"),
        "phases": lambda: _("phases"),
        "own_templates": lambda: _("own e-mails for the classes"),
        "rule_sets": lambda: _("rule sets"),
        "attribute": lambda: _("attribute"),
        "entries": lambda: _("who stands for a value"),
        "mails": lambda: _("e-mails to old answers"),
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
    category, tag, customer, rule set or manager table; `name` is what the target is called now. `old` and `new` hold the changed fields only, with
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
        where.append(f"a.id NOT IN ({', '.join(map(str, _hidden(desk, actor))) or '-1'})")
    lines = desk.db.rows(
        f"""SELECT a.id, a.at, u.login, a.what, a.target, a.target_id, a.name, a.old, a.new
            FROM audit a LEFT JOIN users u ON u.id = a.actor_id WHERE {" AND ".join(where)}
            ORDER BY a.id DESC LIMIT :limit""",
        values,
    )
    rule_sets: dict[int, str] | None = None
    told = []
    for id, at, who, what, of, of_id, name, old, new in lines:
        before, after = _read(old), _read(new)
        if of == "survey" and "rule_sets" in after:
            rule_sets = rule_sets if rule_sets is not None else _rule_sets(desk, actor)
            before, after = (named_sets(values, rule_sets) for values in (before, after))
        changes = _told(what, of, before, after)
        told.append(AuditRow(id, at, who or ActorKind.PROGRAM.value, what, of, of_id, name, changes))
    return tuple(told)


def _in_sight(actor: Actor) -> list[str]:
    """The conditions that keep lines of others' flows and customers out."""
    editable = [str(int(flow)) for flow in actor.roles if not may_edit_flow(actor, flow)]
    seen = [str(int(flow)) for flow in scope(actor).flows]
    return [
        f"(a.target NOT IN ('flow', 'flow template') OR a.target_id IN ({', '.join(editable) or '-1'}))",
        f"""(a.target <> 'customer' OR EXISTS (SELECT 1 FROM tickets t WHERE t.flow_id IN ({", ".join(seen) or "-1"})
             AND t.contact_id IN (a.target_id, (SELECT c.merged_into FROM contacts c WHERE c.id = a.target_id))))""",
    ]


def _hidden(desk: Desk, actor: Actor) -> list[int]:
    """Lines about rule sets that name a flow out of sight, then or now; and changes of surveys that concern only such sets."""
    from loop.rule_plans import in_sight

    seen, now = scope(actor), set(in_sight(desk.db.rows, actor))
    hidden = []
    for id, of, new in desk.db.rows("SELECT id, target_id, new FROM audit WHERE target = 'rule set'"):
        flows = _read(new).get("flows")
        if of not in now if flows is None else not all(map(seen.admits, flows)):
            hidden.append(id)
    rule_sets: dict[int, str] | None = None
    for id, old, new in desk.db.rows("SELECT id, old, new FROM audit WHERE target = 'survey'"):
        before, after = _read(old), _read(new)
        if set(after) == {"rule_sets"}:
            rule_sets = rule_sets if rule_sets is not None else _rule_sets(desk, actor)
            if named_sets(before, rule_sets) == named_sets(after, rule_sets):
                hidden.append(id)
    return hidden


def _rule_sets(desk: Desk, actor: Actor) -> dict[int, str]:
    """Names of the rule sets that the actor is shown."""
    from loop.rule_plans import in_sight

    names = dict(desk.db.rows("SELECT id, name FROM rule_sets"))
    return {id: names[id] for id in in_sight(desk.db.rows, actor)}


def named_sets(values: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """A survey's fields with its rule sets by name, those in sight; “all” where it lets all apply."""
    if "rule_sets" not in values:
        return dict(values)
    ids = values["rule_sets"]
    said = _("all") if ids is None else [names[id] for id in ids if id in names] or _("none")
    return {**values, "rule_sets": said}


def _told(what: str, target: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What a line says: flows and rule sets know best how a change of theirs is told."""
    if target == "rule set":
        if what == "reordered":
            up = new.get("position", 0) < old.get("position", 0)
            return (Difference(_("order"), "", _("further up") if up else _("further down")),)
        if what == "removed" or "mails" in new:
            return differences(old, {name: value for name, value in new.items() if name != "flows"})
        return rule_differences(old, {name: value for name, value in new.items() if name != "flows"})
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
