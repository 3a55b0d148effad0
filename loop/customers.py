"""Customers: found, shown, edited, merged and split again by people (I1, T9).

A customer is seen by who sees one of their tickets, and while they have none by who manages; edited by who works on one
of them, and by who sees them and manages. Events and audit name the fields that changed, never their values (R4).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.contacts import customer_key, fold_email, fold_phone, key_without_one
from domain.people import Actor
from domain.plans import Difference
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, may_work
from domain.text import _, fold, line
from loop import audit
from loop.desk import Desk
from loop.history import customer_of, other_answers, other_tickets
from loop.knowing import at_address, merged_with, same_customer
from loop.setup_views import Saved
from loop.shaping import standing
from loop.sight import within
from loop.timeline import record
from loop.views import Customer, CustomerView
from loop.wording import reword
from storage.tables import Contact

ATTRIBUTE = "attribute."
"""Before the name of an attribute in `edit`'s changes; the value '' takes the attribute away."""
FIELDS = ("name", "email", "phone", "customer_id")
LONGEST = {"name": 200, "customer_id": 120}
"""Characters."""
LONGEST_ATTRIBUTE = 500
"""Characters of an attribute's value; its name may have 60."""
MOST_ATTRIBUTES = 100
CANDIDATES = 2_000
"""Customers that are looked at more closely when they are searched."""


def show(desk: Desk, contact_id: int, *, actor: Actor, limit: int = 50) -> CustomerView | Refusal:
    """A customer with their tickets and answers, those in sight (T9), and with whom was merged into them."""
    if why := _in_sight(desk.db.rows, contact_id, actor):
        return why
    merged_into = desk.db.rows("SELECT merged_into FROM contacts WHERE id = :id", {"id": contact_id})[0][0]
    return CustomerView(
        customer=customer_of(desk, contact_id),
        tickets=other_tickets(desk, contact_id, None, actor, limit),
        answers=other_answers(desk, contact_id, None, actor, limit),
        merged=merged(desk, contact_id, actor=actor),
        merged_into=merged_into,
        can_edit=_may_edit(desk.db.rows, contact_id, actor),
    )


def find(desk: Desk, words: str, *, actor: Actor, limit: int = 20) -> tuple[Customer, ...]:
    """Customers in sight whose name, address, phone, shop's id or own number have all the words; accents and case aside."""
    wanted = fold(line(words, 200)).split()
    sight = _seen(actor)
    first = max(wanted, key=len, default="")
    # The database looks for the longest word, in what stands there and in what is folded beside the tickets; the rest is looked at here.
    found = desk.db.rows(
        f"""SELECT c.id, c.name, c.email, c.phone, c.customer_id FROM contacts c WHERE c.merged_into IS NULL {sight}
            AND (lower(c.name) LIKE :w ESCAPE '!' OR c.email LIKE :w ESCAPE '!' OR c.phone LIKE :w ESCAPE '!' OR lower(c.customer_id) LIKE :w ESCAPE '!'
                 OR c.id = :id OR c.id IN (SELECT t.contact_id FROM search_texts s JOIN tickets t ON t.number = s.ticket WHERE s.words LIKE :w ESCAPE '!'))
            ORDER BY lower(c.name), c.id LIMIT :most""",
        {"w": _like(first), "id": _number(first), "most": CANDIDATES},
    )
    fit = [id for id, *parts in found if all(w in fold(" ".join([*parts, str(id)])) for w in wanted)]
    return tuple(customer_of(desk, id) for id in fit[:limit])


def merged(desk: Desk, contact_id: int, *, actor: Actor) -> tuple[Customer, ...]:
    """Who was merged into a customer; nobody where the customer is out of sight."""
    if _in_sight(desk.db.rows, contact_id, actor):
        return ()
    return tuple(customer_of(desk, id) for id in merged_with(desk.db.rows, contact_id))


def edit(desk: Desk, contact_id: int, changes: Mapping[str, str], *, actor: Actor) -> Refusal | Saved:
    """Change a customer's data: `FIELDS`, and `attribute.NAME`. ValueError for any other field.

    The key by which answers and mails find the customer goes along with e-mail, phone and id (I1); a new address is not
    known to have bounced. An address or key of somebody else is refused: the two can be merged.
    """
    if unknown := [k for k in changes if k not in FIELDS and not k.startswith(ATTRIBUTE)]:
        raise ValueError(", ".join(unknown))

    def act(work: Any, actor: Actor = actor) -> Refusal | Saved:
        work.alone("customers")
        actor = standing(work, actor)
        contact = _editable(work, contact_id, actor)
        if isinstance(contact, Refusal):
            return contact
        values = _checked(desk, changes, contact)
        if isinstance(values, Refusal):
            return values
        before = {field: getattr(contact, field) for field in FIELDS}
        new = {field: value for field, value in values.items() if field in FIELDS and value != before[field]}
        attributes = _attributes(contact.attributes, values)
        if len(attributes) > MOST_ATTRIBUTES:
            return refuse("too many attributes", limit=MOST_ATTRIBUTES)
        differences = [Difference(_NAMES[f](), before[f], value) for f, value in new.items()]
        differences += [
            Difference(name, contact.attributes.get(name, ""), attributes.get(name, ""))
            for name in sorted({*contact.attributes, *attributes})
            if contact.attributes.get(name) != attributes.get(name)
        ]
        if not differences:
            return Saved(contact.id)
        if why := _move_key(work, contact, before | new, actor):
            return why
        if "email" in new:
            contact.bounced_at = None
        for field, value in new.items():
            setattr(contact, field, value)
        touched = [*new, *(ATTRIBUTE + d.field for d in differences[len(new) :])]
        contact.attributes = attributes
        _happened(desk, work, contact, actor, touched)
        if "name" in new or "email" in new:
            reword(work, _tickets(work, contact.id))
        return Saved(contact.id, tuple(differences))

    return desk.db.transact(act)


def merge(desk: Desk, contact_id: int, into_id: int, *, actor: Actor) -> Refusal | Saved:
    """Make two customers one: tickets and answers of the first go to the second, or to whom that was merged into.

    Whose they were is remembered (`own_contact_id`), so that `split` undoes it. A second one without an e-mail address
    gets the first one's, so that one can write.
    """

    def act(work: Any, actor: Actor = actor) -> Refusal | Saved:
        work.alone("customers")
        actor = standing(work, actor)
        contact = _editable(work, contact_id, actor)
        if isinstance(contact, Refusal):
            return contact
        if why := _in_sight(work.rows, into_id, actor):
            return why
        into = same_customer(work, work.where(Contact, id=into_id)[0])
        if into.id == contact.id:
            return refuse("merge customer itself")
        if why := _in_sight(work.rows, into.id, actor) or _may_edit(work.rows, into.id, actor):
            return why
        for table in ("tickets", "answers"):
            work.run(
                f"UPDATE {table} SET own_contact_id = CASE WHEN own_contact_id IS NULL THEN contact_id ELSE own_contact_id END,"
                " contact_id = :into WHERE contact_id = :c",
                {"into": into.id, "c": contact.id},
            )
        contact.merged_into = into.id
        if contact.email and not into.email:
            into.email, into.bounced_at = contact.email, contact.bounced_at
        reword(work, _tickets(work, into.id))
        _happened(desk, work, into, actor, ["merged"], other=contact.id)
        return Saved(into.id)

    return desk.db.transact(act)


def split(desk: Desk, contact_id: int, *, actor: Actor) -> Refusal | Saved:
    """Undo a merge: the customer has again what was theirs, and what came for them since."""

    def act(work: Any, actor: Actor = actor) -> Refusal | Saved:
        work.alone("customers")
        actor = standing(work, actor)
        contact = work.get(Contact, contact_id)
        into = same_customer(work, contact) if contact else None
        if contact is None or into is None or (why := _in_sight(work.rows, into.id, actor)):
            return refuse("no customer", id=contact_id)
        if contact.merged_into is None:
            return refuse("customer not merged")
        if why := _may_edit(work.rows, into.id, actor):
            return why
        contact.merged_into = None
        # Who had been merged into them before comes along, and stays merged into them.
        others = merged_with(work.rows, contact.id)
        own = ", ".join(str(int(id)) for id in (contact.id, *others))
        for table in ("tickets", "answers"):
            work.run(
                f"UPDATE {table} SET contact_id = :c, own_contact_id = CASE WHEN own_contact_id = :c THEN NULL ELSE own_contact_id END"
                f" WHERE own_contact_id IN ({own}) AND contact_id = :into",
                {"c": contact.id, "into": into.id},
            )
        if contact.email and into.email == contact.email:
            # What it was found by before, if that was an address.
            into.email, into.bounced_at = into.key[2:] if into.key.startswith("e:") else "", None
        reword(work, [*_tickets(work, into.id), *_tickets(work, contact.id)])
        _happened(desk, work, contact, actor, ["split"], other=into.id)
        _record(desk, work, into, actor, ["split"], other=contact.id)
        return Saved(contact.id)

    return desk.db.transact(act)


_NAMES = {
    "name": lambda: _("name"),
    "email": lambda: _("e-mail"),
    "phone": lambda: _("phone"),
    "customer_id": lambda: _("customer id"),
}


def _seen(actor: Actor) -> str:
    """The condition on `contacts c` for the customers that an actor sees: those of tickets out of sight are out of sight (P3)."""
    one = f"EXISTS (SELECT 1 FROM tickets t WHERE t.contact_id = c.id AND {within(actor)})"
    if may_manage(actor):
        return f"AND {one}"
    return f"AND ({one} OR NOT EXISTS (SELECT 1 FROM tickets t WHERE t.contact_id = c.id))"


def _in_sight(rows: Any, contact_id: int, actor: Actor) -> Refusal | None:
    """Who sees a ticket sees its customer, and whom was merged into them (T9)."""
    sight = _seen(actor)
    wanted: int | None = contact_id
    for _step in range(20):
        if wanted is None:
            break
        if rows(f"SELECT 1 FROM contacts c WHERE c.id = :id {sight}", {"id": wanted}):
            return None
        found = rows("SELECT merged_into FROM contacts WHERE id = :id", {"id": wanted})
        wanted = found[0][0] if found else None
    return refuse("no customer", id=contact_id)


def _may_edit(rows: Any, contact_id: int, actor: Actor) -> Refusal | None:
    """Who works on one of the customer's tickets, and who manages."""
    if not may_manage(actor):
        return None
    flows = rows(
        f"SELECT DISTINCT t.flow_id FROM tickets t WHERE t.contact_id = :c AND {within(actor)}", {"c": contact_id}
    )
    refusals = [may_work(actor, flow) for (flow,) in flows]
    return None if any(why is None for why in refusals) else next(iter(refusals), refuse("no customer", id=contact_id))


def _editable(work: Any, contact_id: int, actor: Actor) -> Contact | Refusal:
    if why := _in_sight(work.rows, contact_id, actor):
        return why
    contact = work.get(Contact, contact_id)
    if contact.merged_into is not None:
        return refuse("customer merged", other=same_customer(work, contact).id)
    return _may_edit(work.rows, contact_id, actor) or contact


def _checked(desk: Desk, changes: Mapping[str, str], contact: Contact) -> dict[str, str] | Refusal:
    """The new values as they are kept; or why not."""
    values: dict[str, str] = {}
    for field, said in changes.items():
        value = line(said)
        if field == "email" and value:
            folded = fold_email(value)
            if not folded:
                return refuse("bad address", address=line(value, 80))
            value = folded
        elif field == "phone" and value and value != contact.phone:
            folded = fold_phone(value, desk.config.region)
            if not folded:
                return refuse("bad phone", phone=line(value, 40))
            value = folded
        longest = LONGEST.get(field, LONGEST_ATTRIBUTE)
        if len(value) > longest:
            return refuse("too long", limit=longest)
        values[field] = value
    return values


def _attributes(old: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    attributes = dict(old)
    for field, value in values.items():
        if not field.startswith(ATTRIBUTE):
            continue
        name = line(field.removeprefix(ATTRIBUTE), 60)
        if value and name:
            attributes[name] = value
        else:
            attributes.pop(name, None)
    return attributes


def _move_key(work: Any, contact: Contact, after: Mapping[str, str], actor: Actor) -> Refusal | None:
    """Let answers and mails find the customer by the new data; refused where somebody else has the key or the address.

    What belongs to somebody who was merged into this customer stays theirs, and leads here all the same.
    """
    key = customer_key(after["email"], after["phone"], after["customer_id"]) or key_without_one(contact.id)
    others = work.where(Contact, key=key)
    if after["email"]:
        others += at_address(work, after["email"])
    family = {contact.id, *merged_with(work.rows, contact.id)} if any(o.id != contact.id for o in others) else set()
    for other in others:
        if other.id != contact.id and other.id not in family:
            value = after["email"] or after["phone"] or after["customer_id"]
            survivor = same_customer(work, other).id
            if _in_sight(work.rows, survivor, actor):
                return refuse("customer taken unseen", value=value)
            return refuse("customer taken", value=value, other=survivor)
    if not any(other.id != contact.id and other.key == key for other in others):
        contact.key = key
    return None


def _tickets(work: Any, contact_id: int) -> Sequence[int]:
    return [r[0] for r in work.rows("SELECT number FROM tickets WHERE contact_id = :c", {"c": contact_id})]


def _happened(desk: Desk, work: Any, contact: Contact, actor: Actor, fields: Sequence[str], **data: Any) -> None:
    """An event on each of the customer's tickets that is not closed, and a line in the audit: fields, no values (R4)."""
    _record(desk, work, contact, actor, fields, **data)
    audit.note(
        work, actor=actor, at=desk.now(), what="changed", target="customer", target_id=contact.id, name=f"#{contact.id}",
        old={}, new={"fields": list(fields), **data},
    )  # fmt: skip


def _record(desk: Desk, work: Any, contact: Contact, actor: Actor, fields: Sequence[str], **data: Any) -> None:
    for (number,) in work.rows(
        "SELECT number FROM tickets WHERE contact_id = :c AND status <> 2 AND merged_into IS NULL ORDER BY number",
        {"c": contact.id},
    ):
        record(work, number, "customer", actor=actor, at=desk.now(), fields=list(fields), **data)


def _like(text: str) -> str:
    return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
