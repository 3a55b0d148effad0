"""What an import would do, without doing it (I8)."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.answers import Answer, content_hash
from domain.contacts import customer_key
from domain.intake import choose
from domain.people import Actor
from domain.rights import may_import
from domain.text import _, line
from gateways.answerfile import guess, read
from loop.answers import KEPT_REASONS, NotAllowed, _homes, _known, _pieces, facts_of
from loop.desk import Desk
from loop.importing import guess_scale, survey_scale
from loop.views import ImportReport


def import_file(
    desk: Desk, path: str | Path, survey: str, *, actor: Actor, layout: Any = None, kind: str | None = None
) -> ImportReport:
    """The report that importing this file now would give. Raises as `loop.importing.import_file` does; writes nothing."""
    if why := may_import(actor):
        raise NotAllowed(why)
    path, name = Path(path), line(survey, 120)
    layout = layout or guess(path)
    scale, zone = survey_scale(desk, survey, kind) or (guess_scale(path, layout, kind), ZoneInfo(desk.config.zone))
    there = _Reads(desk)
    found = there.rows("SELECT id, internal FROM surveys WHERE name = :name", {"name": name})
    survey_id, internal = found[0] if found else (0, False)
    __, intakes = _homes(there)
    n = dict.fromkeys(("read", "imported", "duplicates", "differs", "tickets"), 0)
    reasons: list[tuple[int, str]] = []
    seen: dict[str, str] = {}
    for piece in _pieces(read(path, layout, scale=scale, zone=zone, survey=survey, region=desk.config.region)):
        good = [(place, row, content_hash(row)) for place, row in piece if isinstance(row, Answer)]
        n["read"] += len(piece)
        reasons += [(row.line, row.reason) for __, row in piece if not isinstance(row, Answer)]
        if good:
            seen |= _known(there, survey_id, [row.external_id or digest for __, row, digest in good])
        for place, row, digest in good:
            id = row.external_id or digest
            if id not in seen:
                seen[id] = digest
                n["imported"] += 1
                answered = int(row.answered_at.timestamp() * 1000)
                reachable = customer_key(row.email, row.phone, row.customer_id) is not None
                flow = choose(intakes, facts_of(row, name, scale.classify(row.score), answered))
                n["tickets"] += bool(reachable and flow is not None and not internal)
            elif seen[id] == digest:
                n["duplicates"] += 1
            else:
                n["differs"] += 1
                reasons.append(
                    (
                        row.line or place,
                        _("differs from the answer {id} that is here already; the first is kept").format(
                            id=line(id, 40)
                        ),
                    )
                )
    return ImportReport(refused=tuple(reasons[:KEPT_REASONS]), **n)


class _Reads:
    """A desk's database for queries that are usually asked inside a transaction."""

    def __init__(self, desk: Desk) -> None:
        self.rows = desk.db.rows
