"""The customers of answers that come in: known ones learn what they lacked, new ones are written (I1)."""

from typing import Any

from domain.answers import Answer
from domain.contacts import customer_key
from loop.knowing import goes_on_as
from storage.tables import Contact


def respondents(work: Any, rows: list[Answer], now: int) -> dict[str, tuple[int, int | None]]:
    """Ids of the customers of some answers by key (I1); new ones are written, known ones learn what they lacked.

    Where customers were merged: the one that goes on, and the one whose the answer would be without that.
    """
    wanted: dict[str, Answer] = {}
    for row in rows:
        key = customer_key(row.email, row.phone, row.customer_id)
        if key:
            wanted.setdefault(key, row)
    found = {c.key: c for c in work.many(Contact, "key", wanted)}
    for key, contact in found.items():
        row = wanted[key]
        contact.name = contact.name or row.name
        contact.email = contact.email or row.email
        contact.phone = contact.phone or row.phone
        new = dict(row.attributes)
        if any(contact.attributes.get(k) != v for k, v in new.items()):
            contact.attributes = {**contact.attributes, **new}
    missing = [key for key in wanted if key not in found]
    new_rows = [
        {
            "id": id, "key": key, "name": wanted[key].name, "email": wanted[key].email, "phone": wanted[key].phone,
            "customer_id": wanted[key].customer_id, "attributes": dict(wanted[key].attributes), "created_at": now,
        }
        for key, id in zip(missing, work.reserve(Contact, len(missing)), strict=True)
    ]  # fmt: skip
    work.insert(Contact, new_rows)
    merged = goes_on_as(work, [c.id for c in found.values() if c.merged_into is not None])
    known = {key: (merged.get(c.id, c.id), c.id if c.id in merged else None) for key, c in found.items()}
    return known | {r["key"]: (r["id"], None) for r in new_rows}
