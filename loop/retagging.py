"""Renaming and removing tags: every ticket that loses one gets its event (T5, T8), a piece of tickets in one transaction."""

from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, may_work
from domain.text import line
from domain.tickets import LONGEST_NAME
from loop.audit import differences, note
from loop.desk import Desk
from loop.setup_views import Saved
from loop.shaping import PIECE, let_others_in, name_trouble, namesake, standing
from loop.timeline import record
from storage.tables import Tag


def rename_tag(desk: Desk, id: int, name: str, *, actor: Actor) -> Refusal | Saved:
    """Call a tag otherwise. Onto the name of another the two become one, that one, as far as `remove_tag` may be done."""
    name = line(name.replace('"', ""))
    if why := may_manage(actor) or name_trouble(name, LONGEST_NAME):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        tag = work.get(Tag, id)
        if tag is None:
            return refuse("not here")
        into = namesake(work, "tags", name, but=id)
        if into is None:
            if tag.name == name:
                return Saved(id)
            old, new = {"name": tag.name}, {"name": name}
            tag.name = name
            note(
                work, actor=actor, at=desk.now(), what="changed", target="tag", target_id=id, name=name, old=old, new=new
            )  # fmt: skip
            return Saved(id, differences(old, new))
    return _take_off(desk, id, into, actor)


def remove_tag(desk: Desk, id: int, *, actor: Actor) -> Refusal | Saved:
    """Take a tag off every ticket and forget it; refused while it is on one that the actor may not change (P3, P4)."""
    return may_manage(actor) or _take_off(desk, id, None, actor)


def _take_off(desk: Desk, id: int, into: int | None, actor: Actor) -> Refusal | Saved:
    """Piece by piece; broken off, it can be done again for the rest."""
    saved = desk.db.transact(lambda work: _piece(work, id, into, actor, desk.now(), first=True))
    while saved is None:
        let_others_in(desk, PIECE)
        saved = desk.db.transact(lambda work: _piece(work, id, into, actor, desk.now()))
    return saved


def _piece(
    work: Any, id: int, into: int | None, actor: Actor, at: int, *, first: bool = False
) -> Refusal | Saved | None:
    """The next tickets; None while there may be more. The first asks for all tickets, so that what is refused is so whole."""
    work.alone("set-up")
    now = standing(work, actor)
    if why := may_manage(now):
        return why
    # Nobody puts the tag on a ticket while this piece is written, so that the last piece leaves none behind.
    wait = work.lock and " FOR UPDATE"
    names = dict(work.rows(f"SELECT id, name FROM tags WHERE id IN (:id, :into) ORDER BY id{wait}", {"id": id, "into": into or id}))  # fmt: skip
    if id not in names or (into is not None and into not in names):
        return refuse("not here")
    numbers = [
        n
        for (n,) in work.rows(
            f"SELECT ticket FROM ticket_tags WHERE tag_id = :id ORDER BY ticket LIMIT {PIECE}", {"id": id}
        )
    ]
    here = "" if first else f"AND x.ticket <= {numbers[-1] if numbers else 0}"
    flows = work.rows(
        f"SELECT DISTINCT t.flow_id FROM ticket_tags x JOIN tickets t ON t.number = x.ticket WHERE x.tag_id = :id {here}",
        {"id": id},
    )
    if any(may_work(now, flow) for (flow,) in flows):
        return refuse("tag elsewhere", name=names[id])
    if not numbers:
        work.run("DELETE FROM tags WHERE id = :id", {"id": id})
        old, new = {"name": names[id]}, {"into": names[into]} if into is not None else {}
        note(work, actor=actor, at=at, what="removed", target="tag", target_id=id, name=names[id], old=old, new=new)
        return Saved(id if into is None else into, differences(old, new))
    inside = ", ".join(map(str, numbers))
    work.rows(f"SELECT number FROM tickets WHERE number IN ({inside}) ORDER BY number{work.lock}")
    has = (
        {n for (n,) in work.rows(f"SELECT ticket FROM ticket_tags WHERE tag_id = :into AND ticket IN ({inside})", {"into": into})}
        if into is not None
        else set()
    )  # fmt: skip
    for number in numbers:
        added = [names[into]] if into is not None and number not in has else []
        record(work, number, "tags", actor=actor, at=at, added=added, removed=[names[id]])
    if into is not None:
        work.run(
            f"""INSERT INTO ticket_tags (ticket, tag_id) SELECT ticket, :into FROM ticket_tags
                WHERE tag_id = :id AND ticket IN ({inside}) ON CONFLICT DO NOTHING""",
            {"id": id, "into": into},
        )
    work.run(f"DELETE FROM ticket_tags WHERE tag_id = :id AND ticket IN ({inside})", {"id": id})
    work.run(f"UPDATE tickets SET version = version + 1 WHERE number IN ({inside})", {})
    return None
