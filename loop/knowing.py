"""Which customer is meant, after some were merged (I1)."""

from typing import Any

from storage.conditions import AT_ADDRESS
from storage.tables import Contact


def at_address(work: Any, email: str) -> list[Contact]:
    """The customers who are written to at an address, which is folded; the oldest first."""
    found = work.rows(f"SELECT id FROM contacts WHERE id IN {AT_ADDRESS}", {"address": email})
    return work.many(Contact, "id", [id for (id,) in found], lock=False)


def same_customer(work: Any, contact: Contact) -> Contact:
    """The customer that goes on: the one that this one was merged into, however often."""
    seen = set()
    while contact.merged_into is not None and contact.id not in seen:
        seen.add(contact.id)
        found = work.where(Contact, id=contact.merged_into)
        if not found:
            break
        contact = found[0]
    return contact


def goes_on_as(work: Any, ids: list[int]) -> dict[int, int]:
    """For those customers of some ids who were merged: the id of the one that goes on. Others are not in the answer."""
    way: dict[int, int] = {}
    wanted = {int(i) for i in ids}
    while wanted:
        inside = ", ".join(map(str, sorted(wanted)))
        found = dict(
            work.rows(f"SELECT id, merged_into FROM contacts WHERE id IN ({inside}) AND merged_into IS NOT NULL")
        )
        way |= found
        wanted = set(found.values()) - way.keys()
    ends = {}
    for id in ids:
        end, steps = id, 0
        while end in way and steps <= len(way):
            end, steps = way[end], steps + 1
        if end != id:
            ends[id] = end
    return ends


def merged_with(rows: Any, contact_id: int) -> list[int]:
    """Ids of everybody who was merged into a customer, at whatever step; the customer is not among them."""
    every: list[int] = []
    wanted = [contact_id]
    while wanted:
        inside = ", ".join(str(int(i)) for i in wanted)
        found = [r[0] for r in rows(f"SELECT id FROM contacts WHERE merged_into IN ({inside}) ORDER BY id", {})]
        wanted = [id for id in found if id not in every and id != contact_id]
        every += wanted
    return every
