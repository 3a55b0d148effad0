"""Survey answers become tickets (I1–I6): many at a time, in pieces that never hold others up for long."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.answers import NPS, Answer, Scale, ScoreClass, content_hash, subject_for
from domain.contacts import customer_key
from domain.flows import Status
from domain.intake import Facts, Intake, choose
from domain.intake import read as read_intake
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_import
from domain.text import _, fold, line
from domain.tickets import queue_rank
from gateways.answerfile import Refused as RefusedRow
from loop.desk import Desk
from loop.flowing import hold, read_flows
from loop.knowing import goes_on_as
from loop.views import ImportReport
from storage.tables import Answer as AnswerRow
from storage.tables import Contact, Event, SearchText, Survey, TicketRow

PIECE = 500
"""Answers written in one transaction: a piece of this size holds other writers up for some tens of milliseconds."""
LOOKED_OVER = 1_000
"""From so many new answers on the database looks its indexes over."""
KEPT_REASONS = 10_000
"""Refused rows that are kept in the report, so that a file of nothing but rubbish stays in bounded memory."""

_CLASS_ORDER = {ScoreClass.DETRACTOR: 0, ScoreClass.NEUTRAL: 1, ScoreClass.PROMOTER: 2}
_DAY_MS = 86_400_000


class NotAllowed(Exception):
    """The actor may not; the refusal says why."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class _Home:
    """What a flow gives a new ticket (I6)."""

    phase: int
    assignee: int | None
    days: int
    priority: int


@dataclass
class _Tally:
    read: int = 0
    imported: int = 0
    duplicates: int = 0
    differs: int = 0
    refused_total: int = 0
    tickets: int = 0


def take(
    desk: Desk,
    survey: str,
    answers: Iterable[Answer | RefusedRow],
    *,
    actor: Actor,
    scale: Scale = NPS,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportReport:
    """Take answers in, each once (I1), and open the tickets that the flows want (I3, I5, I6).

    `progress` is told how many rows were read; `stop` ends it after the piece in hand.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    name = line(survey, 120)
    tally, reasons = _Tally(), list[tuple[int, str]]()

    def refuse_row(number: int, reason: str) -> None:
        tally.refused_total += 1
        if len(reasons) < KEPT_REASONS:
            reasons.append((number, reason))

    for piece in _pieces(answers):
        good = []
        for place, row in piece:
            tally.read += 1
            if isinstance(row, Answer):
                good.append((place, row))
            else:
                refuse_row(row.line, row.reason)
        if good:
            with desk.db.write() as work:
                _write(desk, work, name, scale, good, tally, refuse_row)
        if progress:
            progress(tally.read)
        if stop and stop():
            break
    if tally.imported >= LOOKED_OVER:
        desk.db.look_over()
    return ImportReport(tally.read, tally.imported, tally.duplicates, tally.differs, tuple(reasons), tally.tickets)


def _pieces(answers: Iterable[Answer | RefusedRow]) -> Iterator[list[tuple[int, Answer | RefusedRow]]]:
    numbered = enumerate(answers, start=1)
    while piece := list(islice(numbered, PIECE)):
        yield piece


def ensure_survey(work: Any, name: str, scale: Scale, zone: str, now: int) -> Survey:
    """The survey of that name, made if it is new."""
    found = work.where(Survey, name=name)
    if found:
        return found[0]
    return work.add(
        Survey(
            name=name, kind=scale.kind, low=scale.low, high=scale.high, detractor_max=scale.detractor_max,
            promoter_min=scale.promoter_min, zone=zone, created_at=now,
        )
    )  # fmt: skip


def _write(
    desk: Desk,
    work: Any,
    survey_name: str,
    scale: Scale,
    rows: list[tuple[int, Answer]],
    tally: _Tally,
    refuse_row: Callable[[int, str], None],
) -> None:
    """Write one piece: contacts, answers, tickets, events, in batches; two imports of one file take turns."""
    work.alone("customers")
    now = desk.now()
    survey = ensure_survey(work, survey_name, scale, desk.config.zone, now)
    fresh: dict[str, tuple[Answer, str]] = {}
    hashes = [(place, row, content_hash(row)) for place, row in rows]
    ids = [row.external_id or digest for __, row, digest in hashes]
    known = _known(work, survey.id, ids)
    for (place, row, digest), id in zip(hashes, ids, strict=True):
        there = known.get(id)
        if there is None:
            known[id] = digest
            fresh[id] = (row, digest)
        elif there == digest:
            tally.duplicates += 1
        else:
            tally.differs += 1
            refuse_row(
                row.line or place,
                _("differs from the answer {id} that is here already; the first is kept").format(id=line(id, 40)),
            )
    contacts = _contacts(work, [row for row, __ in fresh.values()], now)
    hold(work, (id for (id,) in work.rows("SELECT id FROM flows WHERE active = true")))
    homes, intakes = _homes(work)
    numbers: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for (id, (row, digest)), key in zip(fresh.items(), work.reserve(AnswerRow, len(fresh)), strict=True):
        klass = scale.classify(row.score)
        answered = int(row.answered_at.timestamp() * 1000)
        contact, own = contacts.get(customer_key(row.email, row.phone, row.customer_id) or "", (None, None))
        answers.append(
            {
                "id": key, "survey_id": survey.id, "external_id": id, "content_hash": digest, "contact_id": contact, "own_contact_id": own, "score": row.score,
                "klass": _CLASS_ORDER[klass], "comment": row.comment, "answered_at": answered, "imported_at": now,
                "questions": [list(q) for q in row.questions], "attributes": dict(row.attributes),
            }
        )  # fmt: skip
        flow = choose(intakes, facts_of(row, survey.name, klass, answered))
        if contact is None or survey.internal or flow is None:
            continue
        home = homes[flow]
        due = now + home.days * _DAY_MS
        numbers.append(
            {
                "subject": subject_for(row.comment, survey.name, row.score), "description": row.comment, "flow_id": flow, "phase_id": home.phase,
                "status": 0, "priority": home.priority, "klass": _CLASS_ORDER[klass], "score": row.score, "survey_id": survey.id,
                "contact_id": contact, "own_contact_id": own, "answer_id": key, "assignee_id": home.assignee, "created_at": answered, "born_at": now, "due_at": due,
                "rank": queue_rank(home.priority, _CLASS_ORDER[klass], due), "resolution": "", "outcome": "", "archived": False,
                "unanswered": False, "version": 1, "_words": _words(row),
            }
        )  # fmt: skip
    words = [t.pop("_words") for t in numbers]
    for ticket, number in zip(numbers, work.reserve(TicketRow, len(numbers)), strict=True):
        ticket["number"] = number
    work.insert(AnswerRow, answers)
    work.insert(TicketRow, numbers)
    work.insert(SearchText, [{"ticket": t["number"], "words": w} for t, w in zip(numbers, words, strict=True)])
    work.insert(
        Event,
        [
            {
                "ticket": t["number"],
                "at": now,
                "kind": "opened",
                "actor_kind": "program",
                "data": {"survey": survey.name, "score": t["score"]},
            }
            for t in numbers
        ],
    )
    tally.imported += len(fresh)
    tally.tickets += len(numbers)


def _words(row: Answer) -> str:
    return fold(f"{row.comment} {row.name} {row.email}")


def _known(work: Any, survey_id: int, ids: list[str]) -> dict[str, str]:
    """Content hashes of those answers of a survey that are here already, by external id."""
    names = {f"i{n}": id for n, id in enumerate(ids)}
    return dict(
        work.rows(
            f"SELECT external_id, content_hash FROM answers WHERE survey_id = :survey AND external_id IN ({', '.join(f':{n}' for n in names)})",
            names | {"survey": survey_id},
        )
    )


def _contacts(work: Any, rows: list[Answer], now: int) -> dict[str, tuple[int, int | None]]:
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


def _homes(work: Any) -> tuple[dict[int, _Home], list[Intake]]:
    """What each flow gives new tickets, and the flows' filters in the admin's order."""
    homes, intakes = {}, []
    flows = read_flows(work.rows)
    surveys = dict(work.rows("SELECT id, name FROM surveys", {}))
    for id, assignee, days, priority, filters, start, end in work.rows(
        "SELECT id, default_assignee_id, days_until_due, default_priority, intake, intake_from, intake_until FROM flows"
        " WHERE active = true ORDER BY position, id"
    ):
        homes[id] = _Home(flows[id].first(Status.PENDING).id, assignee, days, priority)
        intakes.append(Intake.of(id, read_intake(_decoded(filters), surveys, start, end)))
    return homes, intakes


def facts_of(row: Answer, survey: str, klass: ScoreClass, answered_ms: int) -> Facts:
    """What the flows' filters look at."""
    return Facts(survey, klass, row.score, answered_ms, row.comment, row.attributes)


def _decoded(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else dict(value or {})
