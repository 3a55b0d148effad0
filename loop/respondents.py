"""The customers of answers that come in: known ones learn what they lacked, new ones are written (I1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from domain.answers import Answer
from loop.flow_plans import decoded
from loop.knowing import goes_on_as
from storage.tables import Contact
from storage.work import json_text


@dataclass(frozen=True, slots=True)
class Respondent:
    """The customer of an answer."""

    id: int
    own: int | None
    """Whose the answer would be if customers had not been merged."""
    email: str
    phone: str


_NEW = ("id", "key", "name", "email", "phone", "customer_id", "attributes", "created_at")
_CONTACT = "SELECT id, key, name, email, phone, customer_id, attributes, merged_into FROM contacts"
_LEARN = """UPDATE contacts SET name = :name, email = :email, phone = :phone, customer_id = :customer, attributes = :attributes
    WHERE id = :id"""


@lru_cache(maxsize=1_024)
def attributes_text(attributes: tuple[tuple[str, str], ...]) -> str:
    """Attributes as they are kept; a new customer's are their answer's."""
    return json_text(dict(attributes))


def respondents(work: Any, answers: Iterable[tuple[str, Answer]], now: int) -> dict[str, Respondent]:
    """The customers of some answers, by key (`domain.contacts.customer_key`); new ones are written, known ones learn.

    `answers` come with their keys, in order: who they say a customer is does not depend on how many come at once.
    """
    wanted: dict[str, Answer] = {}
    for key, row in answers:
        before = wanted.get(key)
        wanted[key] = row if before is None else _together(before, row)
    found, merged = _known(work, wanted)
    missing = [key for key in wanted if key not in found]
    new = []
    for key, id in zip(missing, work.reserve(Contact, len(missing)), strict=True):
        row = wanted[key]
        new.append((id, key, row.name, row.email, row.phone, row.customer_id, attributes_text(row.attributes), now))
        found[key] = Respondent(id, None, row.email, row.phone)
    work.insert_many(Contact, _NEW, new)
    if merged:
        _go_on(work, wanted, found, merged)
    return found


def _go_on(work: Any, wanted: Mapping[str, Answer], found: dict[str, Respondent], merged: list[int]) -> None:
    """Put in the place of those who were merged whom they go on as, who learn too. The address is theirs: by it they are written to."""
    goes_on = goes_on_as(work, merged)
    ends = ", ".join(map(str, sorted(set(goes_on.values())))) or "-1"
    here = {id: row for id, *row in work.rows(f"{_CONTACT} WHERE id IN ({ends}) ORDER BY id{work.lock}")}
    learnt = {}
    for key, one in found.items():
        if (end := goes_on.get(one.id)) is None:
            continue
        __, name, email, phone, customer, kept, __ = here[end]
        row = replace(wanted[key], email=email)
        now, text = _learnt(row, name, email, phone, customer, kept)
        if text is not None:
            learnt[end] = _as_learnt(end, now, text)
            here[end] = ["", *now, text, None]
        found[key] = Respondent(end, one.id, now[1], now[2])
    work.run_many(_LEARN, list(learnt.values()))


def _together(before: Answer, row: Answer) -> Answer:
    """What two answers of a customer say of them: the first who they are, the last their attributes."""
    said = (
        before.name or row.name,
        before.email or row.email,
        before.phone or row.phone,
        before.customer_id or row.customer_id,
    )
    if row.attributes == before.attributes and said == (before.name, before.email, before.phone, before.customer_id):
        return before
    name, email, phone, customer_id = said
    attributes = tuple({**dict(before.attributes), **dict(row.attributes)}.items())
    return replace(before, name=name, email=email, phone=phone, customer_id=customer_id, attributes=attributes)


def _known(work: Any, wanted: Mapping[str, Answer]) -> tuple[dict[str, Respondent], list[int]]:
    """Those who are here, by key, and the ids of those of them who were merged into others."""
    if not wanted:
        return {}, []
    names = {f"k{n}": key for n, key in enumerate(wanted)}
    found, merged, learnt = {}, [], []
    for id, key, name, email, phone, customer, kept, into in work.rows(
        f"""{_CONTACT} WHERE key IN ({", ".join(f":{n}" for n in names)}) ORDER BY id{work.lock}""",
        names,
    ):
        now, text = _learnt(wanted[key], name, email, phone, customer, kept)
        if text is not None:
            learnt.append(_as_learnt(id, now, text))
        if into is not None:
            merged.append(id)
        found[key] = Respondent(id, None, now[1], now[2])
    work.run_many(_LEARN, learnt)
    return found, merged


def _learnt(
    row: Answer, name: str, email: str, phone: str, customer: str, kept: Any
) -> tuple[tuple[str, str, str, str], str | None]:
    """Who a customer is by an answer too, and their attributes as they are kept then; None for these where all was known."""
    attributes = decoded(kept) or {} if row.attributes else {}
    told = any(attributes.get(k) != v for k, v in row.attributes)
    now = (name or row.name, email or row.email, phone or row.phone, customer or row.customer_id)
    if told:
        return now, json_text({**attributes, **dict(row.attributes)})
    return now, None if now == (name, email, phone, customer) else kept if isinstance(kept, str) else json_text(kept)


def _as_learnt(id: int, now: tuple[str, str, str, str], text: str) -> dict[str, Any]:
    return dict(zip(("name", "email", "phone", "customer"), now, strict=True)) | {"id": id, "attributes": text}
