"""Tables from an attribute's values to people: store X → its manager (A3). An administrator's work."""

from collections.abc import Mapping
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, works_somewhere
from domain.rule_conditions import flat
from domain.text import fold, line
from loop.audit import changed, differences, note
from loop.desk import Desk, actors
from loop.flow_plans import decoded
from loop.rule_plans import forget, may_change, reaches
from loop.rule_views import TableRow
from loop.setup_views import Saved
from loop.shaping import name_trouble, namesake, standing
from storage.tables import ManagerTable

LONGEST_NAME, LONGEST_VALUE = 120, 500
"""Characters of a table's name, of an attribute or one of its values."""
ENTRIES, TABLES = 10_000, 300
"""The most values of a table, and the most tables."""


def tables(desk: Desk, *, actor: Actor) -> tuple[TableRow, ...]:
    """All tables by name, for who may change them; nothing for others."""
    if may_manage(actor):
        return ()
    able = {a.id: a.login for a in actors(desk.db.rows, "level <> 'none'", {})}
    return tuple(
        TableRow(
            id,
            name,
            attribute,
            tuple((value, able.get(user, "")) for value, user in (decoded(entries) or {}).items()),
        )
        for id, name, attribute, entries in desk.db.rows(
            "SELECT id, name, attribute, entries FROM manager_tables ORDER BY lower(name), id"
        )
    )


def names(desk: Desk, *, actor: Actor) -> tuple[tuple[int, str], ...]:
    """Id and name of each table, to assign by it: for who works on tickets somewhere. Whom it names is `tables`' to tell."""
    if not works_somewhere(actor):
        return ()
    return tuple(desk.db.rows("SELECT id, name FROM manager_tables ORDER BY lower(name), id"))


def save_table(
    desk: Desk, id: int | None, name: str, attribute: str, entries: Mapping[str, str], *, actor: Actor
) -> Saved | Refusal:
    """Save a table whole, or make one with `id` None. `entries` are values and logins; case and accents of values do not matter.

    '' for somebody who can work no more keeps whoever stood there, so that an edit elsewhere loses nothing.
    """
    name, attribute = line(name), line(attribute)
    values = [line(str(value)) for value in entries]
    if why := may_manage(actor) or _trouble(name, attribute, values):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        table = work.get(ManagerTable, id) if id is not None else None
        if id is not None and table is None:
            return refuse("not here")
        if table is not None and (why := _of_others(work, table.id, standing(work, actor))):
            return why
        if namesake(work, "manager_tables", name, but=id) is not None:
            return refuse("name used", name=name)
        if table is None and work.rows("SELECT COUNT(*) FROM manager_tables")[0][0] >= TABLES:
            return refuse("too many tables", limit=TABLES)
        logins = dict(work.rows("SELECT id, login FROM users"))
        able = {fold(a.login): a.id for a in actors(work.rows, "level <> 'none'", {})}
        were = {flat(v): user for v, user in (table.entries if table else {}).items()}
        kept: dict[str, int | None] = {}
        for value, login in zip(values, entries.values(), strict=True):
            wanted = line(login)
            known = were.get(flat(value))
            if wanted and fold(wanted) not in able and logins.get(known) != wanted:
                taken = any(fold(known_login) == fold(wanted) for known_login in logins.values())
                return refuse("deactivated" if taken else "no user", login=line(wanted, 64))
            kept[value] = able.get(fold(wanted), known) if wanted else known
        before = _values(table.name, table.attribute, table.entries, logins) if table else {}
        old, new = changed(before, _values(name, attribute, kept, logins))
        if not new:
            return Saved(table.id if table else 0)
        if table is None:
            table = work.add(ManagerTable(name=name, attribute=attribute, entries=kept))
        else:
            table.name, table.attribute, table.entries = name, attribute, kept
            work.add(table)
        if "entries" in new:
            # Of a table of hundreds, the lines that changed.
            gone, come = old.get("entries", {}), new["entries"]
            old["entries"] = {v: who for v, who in gone.items() if come.get(v) != who}
            new["entries"] = {v: who for v, who in come.items() if gone.get(v) != who}
            if not before:
                old.pop("entries")
        note(
            work, actor=actor, at=desk.now(), what="changed" if before else "created", target="manager table",
            target_id=table.id, name=name, old=old, new=new,
        )  # fmt: skip
        return Saved(table.id, differences(old, new))


def remove_table(desk: Desk, id: int, *, actor: Actor) -> Saved | Refusal:
    """Remove a table; rule sets that assign by it have a blank there."""
    if why := may_manage(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        table = work.get(ManagerTable, id)
        if table is None:
            return refuse("not here")
        if why := _of_others(work, id, standing(work, actor)):
            return why
        old = _values(table.name, table.attribute, table.entries, dict(work.rows("SELECT id, login FROM users")))
        forget(work, "table", id, table.name)
        work.remove(table)
        note(
            work, actor=actor, at=desk.now(), what="removed", target="manager table", target_id=id, name=table.name, old=old, new={}
        )  # fmt: skip
        return Saved(id, differences(old, {}))


def _of_others(work: Any, table_id: int, actor: Actor) -> Refusal | None:
    """Whether a rule set that the actor may not change assigns by the table: who it names gets tickets of those flows (P4)."""
    of = reaches(work.rows)
    using = [
        id
        for id, actions in work.rows("SELECT id, actions FROM rule_sets")
        if (decoded(actions) or {}).get("by_table") == table_id
    ]
    return refuse("table of others") if any(may_change(actor, of[id]) for id in using) else None


def _values(name: str, attribute: str, entries: Mapping[str, int | None], logins: Mapping[int, str]) -> dict[str, Any]:
    return {
        "name": name,
        "attribute": attribute,
        "entries": {value: "" if user is None else logins.get(user, "") for value, user in entries.items()},
    }


def _trouble(name: str, attribute: str, values: list[str]) -> Refusal | None:
    if why := name_trouble(name, LONGEST_NAME):
        return why
    if not attribute:
        return refuse("no attribute")
    if len(values) > ENTRIES:
        return refuse("too many values", limit=ENTRIES)
    if any(len(text) > LONGEST_VALUE for text in (attribute, *values)):
        return refuse("too long", limit=LONGEST_VALUE)
    seen: set[str] = set()
    for value in values:
        if not flat(value):
            return refuse("empty value")
        if flat(value) in seen:
            return refuse("value twice", value=line(value, 60))
        seen.add(flat(value))
    return None
