"""Categories with subcategories, and tags: what tickets are sorted by (T5)."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.people import Actor, Level
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, scope
from domain.rule_words import bare
from domain.text import fold, line
from domain.textmatch import trouble
from domain.tickets import LONGEST_NAME
from loop.audit import changed, differences, note
from loop.desk import Desk
from loop.retagging import remove_tag, rename_tag
from loop.setup_views import CategoryRow, Saved, TagRow
from loop.shaping import name_trouble, namesake, standing
from loop.sight import within
from storage.tables import Category

MOST_WORDS = 500
"""Text Match words of one category."""


def categories(desk: Desk, *, actor: Actor) -> tuple[CategoryRow, ...]:
    """Every category in the admin's order, each before its subcategories; counts are of tickets in the reader's sight.

    Nothing for somebody without a level.
    """
    if actor.level is Level.NONE and not scope(actor).everything:
        return ()
    tickets = _counts(desk, "ticket_categories", "category_id", actor)
    return tuple(
        CategoryRow(id, name, parent, tuple(_decoded(words)), bool(retired), tickets.get(id, 0))
        for id, name, parent, words, retired in desk.db.rows(
            """SELECT c.id, c.name, c.parent_id, c.words, CASE WHEN COALESCE(c.retired_at, p.retired_at) IS NULL THEN 0 ELSE 1 END
               FROM categories c LEFT JOIN categories p ON p.id = c.parent_id
               ORDER BY COALESCE(p.position, c.position), COALESCE(p.name, c.name), COALESCE(p.id, c.id),
                        CASE WHEN p.id IS NULL THEN 0 ELSE 1 END, c.position, c.name, c.id"""
        )
    )


def create_category(
    desk: Desk, name: str, parent_id: int | None = None, *, words: Iterable[str] = (), actor: Actor
) -> Refusal | Saved:
    """Make a category, or a subcategory of one; the last among its neighbours."""
    name, known_by = line(name), _words(words)
    if why := may_manage(actor) or name_trouble(name, LONGEST_NAME) or _words_trouble(known_by):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)) or _parent_trouble(work, None, parent_id):
            return why
        beside = _beside(parent_id)
        if namesake(work, "categories", name, where=beside) is not None:
            return refuse("name used", name=name)
        ((last,),) = work.rows(f"SELECT COALESCE(MAX(position), 0) FROM categories WHERE {beside}")
        category = work.add(Category(name=name, parent_id=parent_id, position=last + 1, words=known_by))
        new = (
            {"name": name}
            | ({"parent": _name(work, parent_id)} if parent_id else {})
            | ({"words": known_by} if known_by else {})
        )
        note(
            work, actor=actor, at=desk.now(), what="created", target="category", target_id=category.id, name=name, old={}, new=new
        )  # fmt: skip
        return Saved(category.id, differences({}, new))


def change_category(desk: Desk, id: int, changes: Mapping[str, Any], *, actor: Actor) -> Refusal | Saved:
    """Change a category's `name`, `parent` (an id or None), `words` (texts) or `position` (from 1); KeyError for others."""
    if unknown := set(changes) - {"name", "parent", "words", "position"}:
        raise KeyError(*sorted(unknown))
    if why := may_manage(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        category = work.get(Category, id)
        if category is None:
            return refuse("not here")
        parent = changes.get("parent", category.parent_id)
        moved = parent != category.parent_id
        name = line(changes.get("name", category.name))
        why = name_trouble(name, LONGEST_NAME) or (_parent_trouble(work, id, parent) if moved else None)
        if why := why or _words_trouble(_words(changes.get("words", ()))):
            return why
        if namesake(work, "categories", name, but=id, where=_beside(parent)) is not None:
            return refuse("name used", name=name)
        neighbours = [n for (n,) in work.rows(f"SELECT id FROM categories WHERE {_beside(parent)} ORDER BY position, name, id") if n != id]  # fmt: skip
        at_present = len(neighbours) if moved else _place(work, category)
        place = min(max(int(changes.get("position", at_present + 1)) - 1, 0), len(neighbours))
        before = {
            "name": category.name,
            "parent": _name(work, category.parent_id),
            "words": list(category.words),
            "position": _place(work, category) + 1,
        }
        wanted = {"name": name, "parent": _name(work, parent), "words": _words(changes.get("words", category.words))}
        if "position" in changes:
            wanted["position"] = place + 1
        old, new = changed(before, wanted)
        if not new:
            return Saved(id)
        category.name, category.parent_id, category.words = name, parent, wanted["words"]
        for position, other in enumerate([*neighbours[:place], id, *neighbours[place:]], start=1):
            work.run("UPDATE categories SET position = :p WHERE id = :id", {"p": position, "id": other})
        note(
            work, actor=actor, at=desk.now(), what="changed", target="category", target_id=id, name=name, old=old, new=new
        )  # fmt: skip
        return Saved(id, differences(old, new))


def retire_category(desk: Desk, id: int, *, actor: Actor, on: bool = True) -> Refusal | Saved:
    """Stop offering a category, its subcategories with it, or offer it again; tickets that have it keep it."""
    if why := may_manage(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        category = work.get(Category, id)
        if category is None:
            return refuse("not here")
        old, new = changed({"retired": category.retired_at is not None}, {"retired": on})
        if not new:
            return Saved(id)
        if not on and (why := _parent_trouble(work, None, category.parent_id)):
            return why
        at = desk.now()
        category.retired_at = at if on else None
        note(
            work, actor=actor, at=at, what="changed", target="category", target_id=id, name=category.name, old=old, new=new
        )  # fmt: skip
        return Saved(id, differences(old, new))


def tags(desk: Desk, *, actor: Actor) -> tuple[TagRow, ...]:
    """Tags by name, with the tickets in the reader's sight that have them (P3).

    All tags for who may change them, for others those that stand on a ticket that they see.
    """
    if actor.level is Level.NONE and not scope(actor).everything:
        return ()
    counts = _counts(desk, "ticket_tags", "tag_id", actor)
    everything = may_manage(actor) is None
    found = desk.db.rows("SELECT id, name FROM tags")
    rows = [TagRow(id, name, counts.get(id, 0)) for id, name in found if everything or id in counts]
    return tuple(sorted(rows, key=lambda row: (fold(row.name), row.id)))


def _counts(desk: Desk, table: str, label: str, actor: Actor) -> dict[int, int]:
    """Tickets in sight by label; who sees all need not look at the tickets."""
    sight = "" if scope(actor).everything else f"JOIN tickets t ON t.number = x.ticket WHERE {within(actor)}"
    return dict(desk.db.rows(f"SELECT x.{label}, COUNT(*) FROM {table} x {sight} GROUP BY x.{label}"))


def _beside(parent: int | None) -> str:
    """The condition on a category's neighbours."""
    return "parent_id IS NULL" if parent is None else f"parent_id = {int(parent)}"


def _place(work: Any, category: Category) -> int:
    """How many neighbours come before it."""
    rows = work.rows(
        f"SELECT id FROM categories WHERE {_beside(category.parent_id)} ORDER BY position, name, id",
    )
    return [id for (id,) in rows].index(category.id)


def _name(work: Any, id: int | None) -> str | None:
    found = work.rows("SELECT name FROM categories WHERE id = :id", {"id": id}) if id is not None else ()
    return found[0][0] if found else None


def _parent_trouble(work: Any, id: int | None, parent: int | None) -> Refusal | None:
    """Why a category cannot be below that one: there are two floors only, and nothing new goes below a retired one."""
    if parent is None:
        return None
    found = work.rows("SELECT name, parent_id, retired_at FROM categories WHERE id = :id", {"id": parent})
    if not found:
        return refuse("not here")
    name, above, retired = found[0]
    below = work.rows("SELECT 1 FROM categories WHERE parent_id = :id LIMIT 1", {"id": id}) if id is not None else ()
    if above is not None or parent == id or below:
        return refuse("too deep")
    return refuse("category retired", name=name) if retired is not None else None


def _words(words: Any) -> list[str]:
    """Words and expressions, each once, on one line."""
    cleaned = (line(str(word)) for word in words)
    return list({fold(word): word for word in cleaned if word}.values())[:MOST_WORDS]


def _words_trouble(words: Iterable[str]) -> Refusal | None:
    """Why one of the words is no expression of Text Match."""
    wrong = ((word, trouble(word)) for word in words)
    return next((refuse("bad expression", word=bare(line(word, 60)), why=why) for word, why in wrong if why), None)


def _decoded(value: Any) -> list[str]:
    import json

    return json.loads(value) if isinstance(value, str) else list(value or ())


__all__ = [
    "categories",
    "change_category",
    "create_category",
    "remove_tag",
    "rename_tag",
    "retire_category",
    "tags",
]
