"""Activities: up to ten a ticket, each with its own responsible, worked side by side (T7)."""

from collections.abc import Mapping
from typing import Any

from domain import tickets as rules
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope
from domain.text import line
from loop.categorising import categories_of, offered
from loop.desk import Desk, actors
from loop.loading import Loaded, logins
from loop.notifications import notify
from loop.sight import within
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done, Refused
from storage.tables import Activity

FIELDS = ("name", "type", "category", "responsible")
"""What `change` takes: text, text, a category's id or None, a login or None."""


def add(
    desk: Desk,
    number: int,
    name: str,
    *,
    type: str = "",
    category: int | None = None,
    responsible: str | None = None,
    actor: Actor,
) -> Done:
    """Add an activity; `responsible` is the login of anybody who may work in the flow, whoever has the ticket."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        values = _checked(work, one, {"name": name, "type": type, "category": category, "responsible": responsible})
        if isinstance(values, Refusal):
            return values
        there = work.rows("SELECT COUNT(*) FROM activities WHERE ticket = :n", {"n": number})[0][0]
        if there >= rules.MOST_ACTIVITIES:
            return refuse("too many activities", limit=rules.MOST_ACTIVITIES)
        row = work.add(Activity(ticket=number, created_at=desk.now(), **values))
        record(work, number, "activity added", actor=actor, at=desk.now(), activity=row.id, **_said(work, values))
        _tell(work, one, row.responsible_id, actor, desk.now())
        return None

    return on_each(desk, [number], actor, act)


def change(desk: Desk, activity_id: int, changes: Mapping[str, Any], *, actor: Actor) -> Done:
    """Change some of `FIELDS`. ValueError for any other."""
    if unknown := changes.keys() - set(FIELDS):
        raise ValueError(", ".join(sorted(unknown)))

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        row = _row(work, activity_id, one)
        if isinstance(row, Refusal):
            return row
        before = {name: getattr(row, name) for name in ("name", "type", "category_id", "responsible_id")}
        kept = {k for k, column in _COLUMNS.items() if k in changes and _same(work, changes[k], column, row)}
        values = _checked(work, one, {k: v for k, v in changes.items() if k not in kept})
        if isinstance(values, Refusal):
            return values
        changed = {name: value for name, value in values.items() if before[name] != value}
        if changed:
            old, new = _said(work, {n: before[n] for n in changed}), _said(work, changed)
            for name, value in changed.items():
                setattr(row, name, value)
            record(
                work, one.row.number, "activity changed", actor=actor, at=desk.now(), activity=row.id, text=row.name,
                fields=[_FIELD_OF[n] for n in changed], old=_joined(old), new=_joined(new),
            )  # fmt: skip
            _tell(work, one, changed.get("responsible_id"), actor, desk.now())
        return None

    return _on(desk, activity_id, actor, act)


def finish(desk: Desk, activity_id: int, *, on: bool = True, actor: Actor) -> Done:
    """Mark an activity as done, or as not done yet."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        row = _row(work, activity_id, one)
        if isinstance(row, Refusal):
            return row
        if on != (row.done_at is not None):
            row.done_at = desk.now() if on else None
            kind = "activity done" if on else "activity undone"
            record(work, one.row.number, kind, actor=actor, at=desk.now(), activity=row.id, text=row.name)
        return None

    return _on(desk, activity_id, actor, act)


def remove(desk: Desk, activity_id: int, *, actor: Actor) -> Done:
    """Take an activity off its ticket; the timeline keeps what it was (T8)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        row = _row(work, activity_id, one)
        if isinstance(row, Refusal):
            return row
        said = _said(work, {n: getattr(row, n) for n in ("name", "type", "category_id", "responsible_id")})
        data = {"activity": row.id, "done": row.done_at, **said}
        work.remove(row)
        record(work, one.row.number, "activity removed", actor=actor, at=desk.now(), **data)
        return None

    return _on(desk, activity_id, actor, act)


def pass_on(work: Any, one: Loaded, leaving: int, to: int | None, *, actor: Actor, at: int) -> None:
    """Give the activities of a ticket that somebody who left has not done to another, or to nobody; an event each."""
    for (id,) in work.rows(
        "SELECT id FROM activities WHERE ticket = :n AND responsible_id = :u AND done_at IS NULL ORDER BY id",
        {"n": one.row.number, "u": leaving},
    ):
        row = work.get(Activity, id)
        row.responsible_id = to
        known = logins(work)
        record(
            work, one.row.number, "activity changed", actor=actor, at=at, activity=row.id, text=row.name,
            fields=["responsible"], old=known.get(leaving, ""), new=known.get(to, "") or "—",
        )  # fmt: skip
        _tell(work, one, to, actor, at)


_COLUMNS = {"category": "category_id", "responsible": "responsible_id"}
_FIELD_OF = {"name": "name", "type": "type", "category_id": "category", "responsible_id": "responsible"}


def _on(desk: Desk, activity_id: int, actor: Actor, act: Any) -> Done:
    """Run an act on the activity's ticket; an activity out of sight is as if it were not there (P3)."""
    found = desk.db.rows(
        f"SELECT a.ticket FROM activities a JOIN tickets t ON t.number = a.ticket WHERE a.id = :id AND {within(actor)}",
        {"id": activity_id},
    )
    if not found:
        return Done((), (Refused(0, refuse("no activity", id=activity_id)),))
    return on_each(desk, [found[0][0]], actor, act)


def _row(work: Any, activity_id: int, one: Loaded) -> Activity | Refusal:
    found = work.get(Activity, activity_id)
    return found if found and found.ticket == one.row.number else refuse("no activity", id=activity_id)


def _same(work: Any, value: Any, column: str, row: Activity) -> bool:
    """Whether a category or responsible is the one that the activity has: it stays, even if it is not given any more."""
    here = getattr(row, column)
    return value == (logins(work).get(here) if column == "responsible_id" and here is not None else here)


def _checked(work: Any, one: Loaded, asked: Mapping[str, Any]) -> dict[str, Any] | Refusal:
    """What was asked for, as columns; or why not."""
    values: dict[str, Any] = {}
    for field in ("name", "type"):
        if field in asked:
            values[field] = line(asked[field])
            if len(values[field]) > rules.LONGEST_NAME:
                return refuse("too long", limit=rules.LONGEST_NAME)
    if "name" in values and not values["name"]:
        return refuse("no activity name")
    if "category" in asked:
        if asked["category"] is not None and (why := offered(work, [asked["category"]])):
            return why
        values["category_id"] = asked["category"]
    if "responsible" in asked:
        who = _responsible(work, one, asked["responsible"])
        if isinstance(who, Refusal):
            return who
        values["responsible_id"] = who
    return values


def _responsible(work: Any, one: Loaded, login: str | None) -> int | Refusal | None:
    if not login:
        return None
    found = actors(work.rows, "login = :login", {"login": login})
    if not found:
        return refuse("no user", login=login)
    if not scope(found[0]).admits(one.row.flow_id):
        return refuse("not a member", login=login)
    return may_work(found[0], one.row.flow_id) or found[0].id


def _tell(work: Any, one: Loaded, user_id: int | None, actor: Actor, now: int) -> None:
    """Tell a new responsible (N2)."""
    notify(work, [user_id], "assigned", ticket=one.row.number, actor=actor, at=now, flow_id=one.row.flow_id)


def _said(work: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Columns in words, for the event."""
    said = {"text": values.get("name"), "type": values.get("type")}
    if "category_id" in values:
        said["category"] = categories_of(work).get(values["category_id"], ("", False))[0]
    if "responsible_id" in values:
        said["responsible"] = logins(work).get(values["responsible_id"], "")
    return {key: value for key, value in said.items() if value is not None}


def _joined(said: Mapping[str, str]) -> str:
    return " · ".join(value or "—" for value in said.values())
