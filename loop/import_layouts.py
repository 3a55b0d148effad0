"""Which layout a file is read with: as told, as the survey's files were last time, or as it seems to be (I8)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.answers import CSAT, NPS, Answer, Scale
from domain.text import _, fold, line
from gateways import answerfile
from gateways.columns import normal
from gateways.filefacts import facts
from gateways.layout import FileTrouble, Layout, is_reason
from loop.desk import Desk

SCALES: Mapping[str, Scale] = {"nps": NPS, "csat": CSAT}
LOOKED_AT = 2000
"""Rows by which the scale is told."""


@dataclass(frozen=True)
class Known:
    """A survey that is here."""

    id: int
    name: str
    scale: Scale
    zone: ZoneInfo
    layout: Layout | None
    """How its last file was laid out."""
    headings: tuple[str, ...]
    """Those of that file."""


@dataclass(frozen=True)
class Chosen:
    """A layout, and where it is from."""

    layout: Layout
    origin: Literal["guessed", "remembered", "given"]
    said: str = ""
    """A sentence on what became of the layout of last time; '' where there was none."""


def survey_named(desk: Desk, name: str) -> Known | None:
    """The survey that people mean by `name`, whatever its case and accents."""
    wanted = line(name, 120)
    found = [
        row
        for row in desk.db.rows(
            "SELECT name, id, kind, low, high, detractor_max, promoter_min, zone, layout FROM surveys ORDER BY id"
        )
        if fold(row[0]) == fold(wanted)
    ]
    if not found:
        return None
    called, id, *limits, zone, remembered = next((row for row in found if row[0] == wanted), found[0])
    layout, heads = _remembered(remembered)
    return Known(id, called, Scale(*limits), ZoneInfo(zone), layout, heads)


def once_called(desk: Desk, name: str) -> str:
    """What the survey is called now that was last called `name`; '' when none was."""
    wanted = fold(line(name, 120))
    for id, old in desk.db.rows(
        "SELECT target_id, old FROM audit WHERE target = 'survey' AND what = 'changed' ORDER BY id DESC"
    ):
        before = json.loads(old) if isinstance(old, str) else dict(old or {})
        if fold(str(before.get("name", ""))) == wanted and wanted:
            found = desk.db.rows("SELECT name FROM surveys WHERE id = :id", {"id": id})
            return str(found[0][0]) if found else ""
    return ""


def _remembered(value: Any) -> tuple[Layout | None, tuple[str, ...]]:
    """What a survey remembers; nothing where that makes no sense any more."""
    try:
        found = json.loads(value) if isinstance(value, str) else dict(value or {})
        return Layout.from_dict(found["layout"]), tuple(map(str, found.get("headings", ())))
    except (ValueError, TypeError, KeyError, AttributeError, FileTrouble):
        return None, ()


def choose_layout(path: Path, known: Known | None, given: Layout | None) -> Chosen:
    """The layout to read with. FileTrouble if the file cannot be read at all, or `given` could read nothing."""
    if given is not None:
        given.check()
        return Chosen(given, "given")
    guessed = answerfile.guess(path)
    if known is None or known.layout is None:
        return Chosen(guessed, "guessed")
    found = facts(path, guessed)
    as_it_is = replace(
        known.layout,
        # The file itself tells these, if it does.
        encoding=guessed.encoding if found.sure_of_encoding else known.layout.encoding,
        date_order=guessed.date_order if found.dates not in ("", "open") else known.layout.date_order,
    )
    as_guessed = replace(as_it_is, format=guessed.format, encoding=guessed.encoding, delimiter=guessed.delimiter)
    for layout in (as_it_is, as_guessed):
        if (names := _fits(path, layout)) is not None:
            return Chosen(
                _with_new(layout, names, known, guessed),
                "remembered",
                _("Columns are taken as in the last import of this survey."),
            )
    said = _("The columns are not those of the last import of this survey: they were guessed anew.")
    return Chosen(guessed, "guessed", said)


def _fits(path: Path, layout: Layout) -> list[str] | None:
    """The headings of the file, if all that the layout speaks of are among them."""
    try:
        names = answerfile.headings(path, layout)
    except FileTrouble:
        return None
    wanted = set(layout.columns.values()) if layout.format == "csv" else {layout.columns.get("score", "")}
    return names if wanted <= set(names) and "score" in layout.columns else None


def _with_new(layout: Layout, names: list[str], known: Known, guessed: Layout) -> Layout:
    """`layout` with columns that the last file did not have taken as they are guessed; what is gone is forgotten."""
    there = set(names)
    columns = dict(layout.columns)
    for field, heading in guessed.columns.items():
        if field not in columns and heading in there and heading not in known.headings and not is_reason(heading):
            columns[field] = heading
    if layout.format == "csv":
        lists = {n: tuple(h for h in getattr(layout, n) if h in there) for n in ("out", "attributes", "questions")}
        return replace(layout, columns=columns, **lists)
    return replace(layout, columns=columns)


def scale_of(
    desk: Desk, path: Path, layout: Layout, known: Known | None, kind: str | None
) -> tuple[Scale, ZoneInfo, str]:
    """The scale and zone that a file is read with, and why that scale, in a sentence."""
    if known is not None:
        said = _("The survey goes from {low} to {high}.").format(low=known.scale.low, high=known.scale.high)
        return known.scale, known.zone, said
    scale, said = guessed_scale(path, layout, kind)
    return scale, ZoneInfo(desk.config.zone), said


def guessed_scale(path: Path, layout: Layout, kind: str | None) -> tuple[Scale, str]:
    """NPS or CSAT as told, else by the heading, else by the scores of the first rows: none below 1 or above 5 is CSAT."""
    if kind:
        scale = SCALES[kind]
        return scale, _("As it was said: from {low} to {high}.").format(low=scale.low, high=scale.high)
    heading = normal(layout.columns.get("score", ""))
    for word, scale in (("nps", NPS), ("csat", CSAT)):
        if word in heading:
            return scale, _("The heading of the scores says {name}.").format(name=word.upper())
    rows = islice(answerfile.read(path, layout, scale=NPS, zone=ZoneInfo("UTC")), LOOKED_AT)
    scores = [row.score for row in rows if isinstance(row, Answer)]
    if scores and min(scores) >= CSAT.low and max(scores) <= CSAT.high:
        return CSAT, _("The first scores all lie between 1 and 5: taken as CSAT.")
    if scores:
        return NPS, _("The first scores lie between {low} and {high}: taken as NPS, 0 to 10.").format(
            low=min(scores), high=max(scores)
        )
    return NPS, _("No score could be read: taken as NPS, 0 to 10.")
