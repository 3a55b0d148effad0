"""What an import would do, without doing it (I8)."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from domain.answers import Answer, content_hash
from domain.contacts import customer_key
from domain.intake import choose
from domain.people import Actor
from domain.rights import may_import
from domain.text import line
from gateways.answerfile import read
from loop.answers import KEPT_REASONS, PIECE, NotAllowed, differing, known_answers
from loop.desk import Desk
from loop.import_layouts import choose_layout, scale_of, survey_named
from loop.import_views import Layout
from loop.intaking import facts_of, homes_of
from loop.views import ImportReport
from storage.scratch import Scratch


def import_file(
    desk: Desk,
    path: str | Path,
    survey: str,
    *,
    actor: Actor,
    layout: Layout | None = None,
    kind: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """The report that importing this file now would give. Raises as `loop.importing.import_file` does.

    Writes nothing but a scratch file, in which the ids of the rows are kept: memory does not grow with the file.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    path = Path(path)
    known = survey_named(desk, survey)
    name = known.name if known else line(survey, 120)
    layout = choose_layout(path, known, layout).layout
    scale, zone, _why = scale_of(desk, path, layout, known, kind)
    there = _Reads(desk)
    internal = bool(known and desk.db.rows("SELECT internal FROM surveys WHERE id = :id", {"id": known.id})[0][0])
    __, intakes = homes_of(there)
    n = dict.fromkeys(("read", "imported", "duplicates", "differs", "tickets"), 0)
    reasons: list[tuple[int, str]] = []
    found = read(path, layout, scale=scale, zone=zone, survey=name, region=desk.config.region)
    with Scratch() as scratch:
        while piece := list(islice(found, PIECE)):
            good = [(row, content_hash(row)) for row in piece if isinstance(row, Answer)]
            reasons += [(row.line, row.reason) for row in piece if not isinstance(row, Answer)]
            ids = [row.external_id or digest for row, digest in good]
            seen = scratch.many(ids)
            if ids and known:
                seen |= known_answers(there, known.id, ids)
            fresh: dict[str, str] = {}
            for (row, digest), id in zip(good, ids, strict=True):
                if id not in seen:
                    seen[id] = fresh[id] = digest
                    answered = int(row.answered_at.timestamp() * 1000)
                    reachable = customer_key(row.email, row.phone, row.customer_id) is not None
                    flow = choose(intakes, facts_of(row, name, scale.classify(row.score), answered))
                    n["tickets"] += bool(reachable and flow is not None and not internal)
                elif seen[id] == digest:
                    n["duplicates"] += 1
                else:
                    n["differs"] += 1
                    reasons.append((row.line, differing(id)))
            scratch.keep(fresh)
            n["imported"] += len(fresh)
            n["read"] += len(piece)
            del reasons[KEPT_REASONS:]
            if progress:
                progress(n["read"])
    return ImportReport(refused=tuple(sorted(reasons)), **n)


class _Reads:
    """A desk's database for queries that are usually asked inside a transaction."""

    def __init__(self, desk: Desk) -> None:
        self.rows = desk.db.rows
