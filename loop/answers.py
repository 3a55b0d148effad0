"""Survey answers become tickets (I1–I6): many at a time, in pieces that never hold others up for long."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.answers import NPS, Answer, Scale, ScoreClass, content_hash
from domain.contacts import customer_key
from domain.intake import choose
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_import
from domain.ruling import Case, Ruling
from domain.text import _, line
from gateways.answerfile import Refused as RefusedRow
from loop import autopilot
from loop.desk import Desk
from loop.flowing import hold
from loop.intaking import facts_of
from loop.newborn import Newborn, insert, number
from loop.respondents import attributes_text, respondents
from loop.rule_effects import Subject
from loop.rule_runs import Run, Way
from loop.rule_world import setup
from loop.views import ImportReport
from storage.tables import Answer as AnswerRow
from storage.tables import Survey
from storage.work import json_text

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


@dataclass(frozen=True)
class Ready:
    """Answers with what can be told of them before others are kept waiting."""

    rows: list[tuple[int, Answer]]
    """With their places."""
    hashes: list[str]
    about: tuple[str, Scale, Ruling | None]
    """The survey, its limits, and whose expressions were looked for."""
    found: list[frozenset[int]]
    """What of these each comment has; empty where none were looked for."""


def ready(
    rows: list[tuple[int, Answer]], survey: str, scale: Scale, *, work: Any = None, run: Run | None = None
) -> Ready:
    """For `write_piece`. With `work` (anything with `rows`) and `run` their comments are looked through already."""
    hashes = [content_hash(row) for __, row in rows]
    of = setup(work, run) if run is not None else None
    if of is None or not of.sets:
        return Ready(rows, hashes, (survey, scale, None), [])
    look = of.ruling.look
    found = [look(survey, scale.classify(row.score).value, row.score, row.comment) for __, row in rows]
    return Ready(rows, hashes, (survey, scale, of.ruling), found)


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


_ANSWER = (
    "id", "survey_id", "external_id", "content_hash", "contact_id", "own_contact_id", "score", "klass", "comment", "answered_at",
    "imported_at", "questions", "attributes",
)  # fmt: skip


def write_piece(
    desk: Desk,
    work: Any,
    survey: str,
    scale: Scale,
    rows: list[tuple[int, Answer]] | Ready,
    *,
    way: Way = "import",
    run: Run | None = None,
) -> Piece:
    """Write some answers: customers, answers, tickets, events, in batches; the autopilot runs on them. In one transaction.

    `rows` are answers with their places, which a refused one is known by if it has no line, or these made `ready`. `way` is
    that of `run`, and `run` the same for all pieces of one import, so that its log has one line; without it each piece is a run.
    Two imports of one file take turns.
    """
    work.alone("customers")
    now = desk.now()
    run = run or Run(way, survey)
    into = ensure_survey(work, survey, scale, desk.config.zone, now)
    # Somebody else may have made it meanwhile, or changed its limits, since `scale` was read (I2).
    scale = Scale(into.kind, into.low, into.high, into.detractor_max, into.promoter_min)
    given = rows if isinstance(rows, Ready) else ready(rows, survey, scale)
    fresh, duplicates, refused = _sorted_out(work, into.id, given)
    if not fresh:
        return Piece(0, duplicates, len(refused), tuple(refused), 0)
    customers = respondents(work, ((key, row) for __, __, row, __, key in fresh if key is not None), now)
    hold(work, (id for (id,) in work.rows("SELECT id FROM flows WHERE active = true")))
    of = setup(work, run)
    found = given.found if given.about == (into.name, scale, of.ruling) else None  # any may have changed meanwhile
    earlier = _earlier(work, [c.id for c in customers.values()]) if "earlier" in of.ruling.needs else None
    survey_id, name, internal = into.id, into.name, into.internal
    by_score = {score: scale.classify(score) for score in {row.score for __, __, row, __, __ in fresh}}
    kept: list[tuple[Any, ...]] = []
    seeds: list[Newborn] = []
    touched: list[tuple[Subject, Newborn | None]] = []
    for id, (at, external, row, digest, key) in zip(work.reserve(AnswerRow, len(fresh)), fresh, strict=True):
        klass = by_score[row.score]
        order, answered = _CLASS_ORDER[klass], int(row.answered_at.timestamp() * 1000)
        who = customers[key] if key is not None else None
        contact, own = (who.id, who.own) if who else (None, None)
        attributes = dict(row.attributes)
        kept.append(
            (
                id, survey_id, external, digest, contact, own, row.score, order, row.comment, answered, now,
                json_text(row.questions), attributes_text(row.attributes),
            )
        )  # fmt: skip
        reachable, home, seed = who is not None and not internal, None, None
        if who is not None and reachable:
            home = of.homes.get(choose(of.intakes, facts_of(row, name, klass, answered)) or 0)
            seed = Newborn(
                id, survey_id, name, row.score, order, row.comment, answered, who.id, own, row.name, row.email, home
            )
            seeds.append(seed)
        if of.sets:
            case = Case(
                name, klass.value, row.score, row.comment, attributes, home is not None, False, reachable,
                home.flow.name if home else "", (), (), home.priority if home else None, earlier.get(contact, 0) if earlier else 0,
            )  # fmt: skip
            subject = Subject(id, case, answered, klass=order, customer=row.name, internal=internal)
            if who is not None:
                subject.email, subject.phone = who.email, who.phone
            if autopilot.meet(subject, home, of, now, found[at] if found else None):
                touched.append((subject, seed))
                if seed is not None and subject.state is not None:
                    seed.state, seed.opened_by = subject.state, subject.opened_by
        if earlier is not None and seed is not None and (home or seed.state):
            earlier[seed.contact] = earlier.get(seed.contact, 0) + 1
    born = [seed for seed in seeds if seed.home is not None or seed.state is not None]
    number(work, born)
    work.insert_many(AnswerRow, _ANSWER, kept)
    insert(work, born, now)
    if of.sets:
        for subject, seed in touched:
            subject.number = seed.number or None if seed is not None else None
        autopilot.settle(desk, work, run, [subject for subject, __ in touched], of, len(fresh))
    return Piece(len(fresh), duplicates, len(refused), tuple(refused), len(born))


def _sorted_out(
    work: Any, survey_id: int, given: Ready
) -> tuple[list[tuple[int, str, Answer, str, str | None]], int, list[tuple[int, str]]]:
    """What is new: which of those given, its id, its hash and its customer's key; how many are here already; who differs
    from these (I1)."""
    rows, hashes = given.rows, given.hashes
    ids = [row.external_id or digest for (__, row), digest in zip(rows, hashes, strict=True)]
    known = known_answers(work, survey_id, ids)
    fresh, duplicates, refused = [], 0, []
    for at, ((place, row), digest, id) in enumerate(zip(rows, hashes, ids, strict=True)):
        there = known.get(id)
        if there is None:
            known[id] = digest
            fresh.append((at, id, row, digest, customer_key(row.email, row.phone, row.customer_id)))
        elif there == digest:
            duplicates += 1
        else:
            refused.append((row.line or place, differing(id)))
    return fresh, duplicates, refused


def _earlier(work: Any, contacts: list[int]) -> dict[int | None, int]:
    """How many tickets some customers have (A2)."""
    inside = ", ".join(map(str, contacts)) or "-1"
    return dict(
        work.rows(
            f"SELECT contact_id, COUNT(*) FROM tickets WHERE merged_into IS NULL AND contact_id IN ({inside}) GROUP BY contact_id"
        )
    )


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
