"""Files of answers: how one seems to be laid out, and bringing it in (I8)."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.answers import CSAT, NPS, Answer, Scale
from domain.people import Actor
from domain.rights import may_import
from domain.text import line
from gateways.answerfile import FileTrouble, guess, read
from loop.answers import NotAllowed, take
from loop.desk import Desk
from loop.views import ImportReport


def import_file(
    desk: Desk,
    path: str | Path,
    survey: str,
    *,
    actor: Actor,
    layout: Any = None,
    kind: str | None = None,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportReport:
    """Bring a file of answers in.

    Raises NotAllowed, or FileTrouble when the file as a whole cannot be read. If it breaks off half-way, what was
    taken before stays; bringing the mended file in again takes the rest.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    path = Path(path)
    layout = layout or guess(path)
    scale, zone = survey_scale(desk, survey, kind) or (guess_scale(path, layout, kind), ZoneInfo(desk.config.zone))
    return take(
        desk,
        survey,
        read(path, layout, scale=scale, zone=zone, survey=survey, region=desk.config.region),
        actor=actor,
        scale=scale,
        progress=progress,
        stop=stop,
    )


def survey_scale(desk: Desk, survey: str, kind: str | None = None) -> tuple[Scale, ZoneInfo] | None:
    """The limits and the zone of a survey that is known already."""
    found = desk.db.rows(
        "SELECT kind, low, high, detractor_max, promoter_min, zone FROM surveys WHERE name = :name",
        {"name": line(survey, 120)},
    )
    if not found:
        return None
    known, low, high, detractor_max, promoter_min, zone = found[0]
    return Scale(known, low, high, detractor_max, promoter_min), ZoneInfo(zone)


def guess_scale(path: Path, layout: Any, kind: str | None) -> Scale:
    """NPS or CSAT as told, else by the scores that stand in the file's first rows: none below 1 or above 5 is CSAT."""
    if kind:
        return {"nps": NPS, "csat": CSAT}[kind]
    rows = islice(read(path, layout, scale=NPS, zone=ZoneInfo("UTC")), 2000)
    scores = [row.score for row in rows if isinstance(row, Answer)]
    return CSAT if scores and min(scores) >= CSAT.low and max(scores) <= CSAT.high else NPS


__all__ = ["FileTrouble", "ImportReport", "NotAllowed", "guess", "import_file", "survey_scale"]
