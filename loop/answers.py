"""Survey answers become tickets (I1–I6): many at a time, in pieces that never hold others up for long."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.answers import NPS, Answer, Scale, ScoreClass, content_hash, subject_for
from domain.contacts import customer_key
from domain.intake import choose
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_import
from domain.text import _, fold, line
from domain.tickets import queue_rank
from gateways.answerfile import Refused as RefusedRow
from loop.desk import Desk
from loop.flowing import hold
from loop.intaking import facts_of, homes_of
from loop.respondents import respondents
from loop.rule_runs import Run, Way
from loop.views import ImportReport
from storage.tables import Answer as AnswerRow
from storage.tables import Event, SearchText, Survey, TicketRow

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
class Piece:
    """What became of some answers."""

    imported: int = 0
    duplicates: int = 0
    differs: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    """Line and reason of those that differ from what is here."""
    tickets: int = 0


def take(
    desk: Desk,
    survey: str,
    answers: Iterable[Answer | RefusedRow],
    *,
    actor: Actor,
    scale: Scale = NPS,
    way: Way = "import",
    about: str = "",
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportReport:
    """Take answers in, each once (I1), and open the tickets that the flows want (I3, I5, I6); the autopilot runs on them (A2).

    `about` is what the log of its run names, the survey by default. `progress` is told how many rows were read; `stop`
    ends it after the piece in hand.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    name = line(survey, 120)
    run = Run(way, about or name, actor.id)
    read = imported = duplicates = differs = tickets = 0
    reasons: list[tuple[int, str]] = []
    for piece in pieces(answers):
        read += len(piece)
        reasons += [(row.line, row.reason) for __, row in piece if not isinstance(row, Answer)]
        if good := [(place, row) for place, row in piece if isinstance(row, Answer)]:
            done = desk.db.transact(
                lambda work, good=good: write_piece(desk, work, name, scale, good, way=way, run=run)
            )
            imported += done.imported
            duplicates += done.duplicates
            differs += done.differs
            tickets += done.tickets
            reasons += done.refused
        del reasons[KEPT_REASONS:]
        if progress:
            progress(read)
        if stop and stop():
            break
    if imported >= LOOKED_OVER:
        desk.db.look_over()
    return ImportReport(read, imported, duplicates, differs, tuple(reasons), tickets)


def pieces(answers: Iterable[Answer | RefusedRow]) -> Iterator[list[tuple[int, Answer | RefusedRow]]]:
    """Rows with their places from 1, as many at a time as are written in one transaction."""
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


def write_piece(
    desk: Desk,
    work: Any,
    survey: str,
    scale: Scale,
    rows: list[tuple[int, Answer]],
    *,
    way: Way = "import",
    run: Run | None = None,
) -> Piece:
    """Write some answers: customers, answers, tickets, events, in batches; the autopilot runs on them. In one transaction.

    `rows` are answers with their places, which a refused one is known by if it has no line. `way` is that of `run`, and
    `run` the same for all pieces of one import, so that its log has one line; without it each piece is a run.
    Two imports of one file take turns.
    """
    work.alone("customers")
    now = desk.now()
    found = ensure_survey(work, survey, scale, desk.config.zone, now)
    duplicates, refused = 0, list[tuple[int, str]]()
    fresh: dict[str, tuple[Answer, str]] = {}
    hashes = [(place, row, content_hash(row)) for place, row in rows]
    ids = [row.external_id or digest for __, row, digest in hashes]
    known = known_answers(work, found.id, ids)
    for (place, row, digest), id in zip(hashes, ids, strict=True):
        there = known.get(id)
        if there is None:
            known[id] = digest
            fresh[id] = (row, digest)
        elif there == digest:
            duplicates += 1
        else:
            refused.append((row.line or place, differing(id)))
    contacts = respondents(work, [row for row, __ in fresh.values()], now)
    hold(work, (id for (id,) in work.rows("SELECT id FROM flows WHERE active = true")))
    homes, intakes = homes_of(work)
    numbers: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for (id, (row, digest)), key in zip(fresh.items(), work.reserve(AnswerRow, len(fresh)), strict=True):
        klass = scale.classify(row.score)
        answered = int(row.answered_at.timestamp() * 1000)
        contact, own = contacts.get(customer_key(row.email, row.phone, row.customer_id) or "", (None, None))
        answers.append(
            {
                "id": key, "survey_id": found.id, "external_id": id, "content_hash": digest, "contact_id": contact, "own_contact_id": own, "score": row.score,
                "klass": _CLASS_ORDER[klass], "comment": row.comment, "answered_at": answered, "imported_at": now,
                "questions": [list(q) for q in row.questions], "attributes": dict(row.attributes),
            }
        )  # fmt: skip
        flow = choose(intakes, facts_of(row, found.name, klass, answered))
        if contact is None or found.internal or flow is None:
            continue
        home = homes[flow]
        due = now + home.days * _DAY_MS
        numbers.append(
            {
                "subject": subject_for(row.comment, found.name, row.score), "description": row.comment, "flow_id": flow, "phase_id": home.phase,
                "status": 0, "priority": home.priority, "klass": _CLASS_ORDER[klass], "score": row.score, "survey_id": found.id,
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
                "data": {"survey": found.name, "score": t["score"]},
            }
            for t in numbers
        ],
    )
    return Piece(len(fresh), duplicates, len(refused), tuple(refused), len(numbers))


def _words(row: Answer) -> str:
    return fold(f"{row.comment} {row.name} {row.email}")


def differing(id: str) -> str:
    """Why an answer is refused whose id another has (I1)."""
    return _("differs from the answer {id} that is here already; the first is kept").format(id=line(id, 40))


def known_answers(work: Any, survey_id: int, ids: list[str]) -> dict[str, str]:
    """Content hashes of those answers of a survey that are here already, by external id."""
    names = {f"i{n}": id for n, id in enumerate(ids)}
    return dict(
        work.rows(
            f"SELECT external_id, content_hash FROM answers WHERE survey_id = :survey AND external_id IN ({', '.join(f':{n}' for n in names)})",
            names | {"survey": survey_id},
        )
    )


# Until loop.rehearsing says the new names.
_homes, _known, _pieces = homes_of, known_answers, pieces
