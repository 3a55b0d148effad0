"""Editing a ticket: subject, description, due date, tags, categories (T5).

Every change is one event with the old and the new; where nothing changes there is none.
"""

from collections.abc import Iterable
from typing import Any

from domain import tickets as rules
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.text import clean, fold, line
from loop.categorising import categories_of, offered
from loop.desk import Desk
from loop.loading import Loaded, re_rank
from loop.sight import within
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done
from loop.wording import reword
from storage.tables import Tag, TicketCategory, TicketTag

_FAR = 1 << 43
"""Unix milliseconds (the year 2248): what is beyond has no place in the order of the queue."""


def set_subject(desk: Desk, numbers: Iterable[int], subject: str, *, actor: Actor) -> Done:
    """Say anew what tickets are about; free words find them by it."""
    new = line(subject)

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        if not new or len(new) > rules.LONGEST_SUBJECT:
            return refuse("too long", limit=rules.LONGEST_SUBJECT) if new else refuse("no title")
        if one.row.subject != new:
            old, one.row.subject = one.row.subject, new
            reword(work, [one.row.number])
            record(work, one.row.number, "subject", actor=actor, at=desk.now(), old=old, new=new)
        return None

    return on_each(desk, numbers, actor, act)


def describe(desk: Desk, numbers: Iterable[int], description: str, *, actor: Actor) -> Done:
    """Write the description anew; '' leaves none."""
    new = clean(description).strip()

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        if len(new) > rules.LONGEST_DESCRIPTION:
            return refuse("too long", limit=rules.LONGEST_DESCRIPTION)
        if one.row.description != new:
            old, one.row.description = one.row.description, new
            reword(work, [one.row.number])
            record(work, one.row.number, "description", actor=actor, at=desk.now(), old=old, new=new)
        return None

    return on_each(desk, numbers, actor, act)


def set_due(desk: Desk, numbers: Iterable[int], due: int | None, *, actor: Actor) -> Done:
    """Set when tickets are due, in Unix milliseconds, or that they are not; their place in the queue follows (Q3)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        if due is not None and not 0 < due < _FAR:
            return refuse("no date")
        if one.row.due_at != due:
            old, one.row.due_at = one.row.due_at, due
            re_rank(one.row)
            record(work, one.row.number, "due", actor=actor, at=desk.now(), old=old, new=due)
        return None

    return on_each(desk, numbers, actor, act)


def tag(
    desk: Desk, numbers: Iterable[int], add: Iterable[str] = (), remove: Iterable[str] = (), *, actor: Actor
) -> Done:
    """Put tags on tickets and take others away; a name that differs by case or accents only is the tag that is known."""
    wanted = {fold(name): name for name in map(_tag_name, add)}
    unwanted = {fold(_tag_name(name)) for name in remove} - wanted.keys()

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_edit(actor, one.ticket):
            return why
        for folded, name in wanted.items():
            if len(name) > rules.LONGEST_NAME:
                return refuse("too long", limit=rules.LONGEST_NAME)
            if not any(c.isalnum() for c in folded):
                return refuse("no tag", name=name)
        number = one.row.number
        here = {
            fold(name): (id, name)
            for id, name in work.rows(
                "SELECT g.id, g.name FROM ticket_tags t JOIN tags g ON g.id = t.tag_id WHERE t.ticket = :n",
                {"n": number},
            )
        }
        added = [name for folded, name in wanted.items() if folded not in here]
        removed = [here[folded] for folded in sorted(unwanted & here.keys())]
        if len(here) + len(added) - len(removed) > rules.MOST_TAGS and added:
            return refuse("too many tags", limit=rules.MOST_TAGS)
        for id, __ in removed:
            work.run("DELETE FROM ticket_tags WHERE ticket = :n AND tag_id = :g", {"n": number, "g": id})
        found = [_tag(work, name) for name in added]
        for id, __ in found:
            work.insert_one(TicketTag, ticket=number, tag_id=id)
        if found or removed:
            names = {"added": [name for __, name in found], "removed": [name for __, name in removed]}
            record(work, number, "tags", actor=actor, at=desk.now(), **names)
        return None

    return on_each(desk, numbers, actor, act)


def _tag_name(name: str) -> str:
    """As it can be said in a query: one line, without the marks that end a quoted word there."""
    return line(name.replace('"', ""))


def _tag(work: Any, name: str) -> tuple[int, str]:
    """The tag that is called so, made if it is new: its id, and how it is written."""
    if "tags" not in work.memo:
        work.memo["tags"] = {fold(known): (id, known) for id, known in work.rows("SELECT id, name FROM tags")}
    known = work.memo["tags"]
    if fold(name) not in known:
        work.insert_new(Tag, [{"name": name}], "name")
        known[fold(name)] = work.rows("SELECT id, name FROM tags WHERE name = :name", {"name": name})[0]
    return known[fold(name)]


def categorise(
    desk: Desk, numbers: Iterable[int], add: Iterable[int] = (), remove: Iterable[int] = (), *, actor: Actor
) -> Done:
    """Put tickets into categories, by id, and take them out of others."""
    wanted, unwanted = tuple(add), frozenset(remove)

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        return sort(work, one, wanted, unwanted, actor, desk.now())

    return on_each(desk, numbers, actor, act)


def sort(work: Any, one: Loaded, add: Iterable[int], remove: Iterable[int], actor: Actor, now: int) -> Refusal | None:
    """Put a loaded ticket into categories, by id, and take it out of others, or say why not."""
    if why := rules.may_edit(actor, one.ticket):
        return why
    wanted = tuple(dict.fromkeys(add))
    number, known = one.row.number, categories_of(work)
    here = {r[0] for r in work.rows("SELECT category_id FROM ticket_categories WHERE ticket = :n", {"n": number})}
    added = [id for id in wanted if id not in here]
    if why := offered(work, added):
        return why
    removed = sorted((set(remove) - set(wanted)) & here)
    if len(here) + len(added) - len(removed) > rules.MOST_CATEGORIES and added:
        return refuse("too many categories", limit=rules.MOST_CATEGORIES)
    for id in removed:
        work.run("DELETE FROM ticket_categories WHERE ticket = :n AND category_id = :c", {"n": number, "c": id})
    for id in added:
        work.insert_one(TicketCategory, ticket=number, category_id=id)
    if added or removed:
        names = {"added": [known[id][0] for id in added], "removed": [known[id][0] for id in removed]}
        record(work, number, "categories", actor=actor, at=now, **names)
    return None


def labels(desk: Desk, *, actor: Actor) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """What there is to choose from: tags of tickets in the reader's sight, and categories that are not retired.

    Categories by id with their whole names, a parent before its children, in the admin's order.
    """
    tags = desk.db.rows(
        f"""SELECT g.name FROM tags g WHERE EXISTS (SELECT 1 FROM ticket_tags x JOIN tickets t ON t.number = x.ticket
            WHERE x.tag_id = g.id AND {within(actor)}) ORDER BY lower(g.name), g.name"""
    )
    categories = desk.db.rows(
        """SELECT c.id, c.name, p.name FROM categories c LEFT JOIN categories p ON p.id = c.parent_id
           WHERE c.retired_at IS NULL AND p.retired_at IS NULL
           ORDER BY COALESCE(p.position, c.position), COALESCE(p.name, c.name), COALESCE(p.id, c.id),
                    CASE WHEN p.id IS NULL THEN 0 ELSE 1 END, c.position, c.name"""
    )
    return (
        tuple(name for (name,) in tags),
        tuple((id, f"{parent} / {name}" if parent else name) for id, name, parent in categories),
    )
