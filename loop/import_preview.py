"""What a file would be read as, before anything is kept: columns, first rows, scale, and what to look at (I8)."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.answers import Answer, Scale
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_import
from domain.text import _, line
from gateways import answerfile
from gateways.filefacts import Facts, date_words, encoding_words, facts, parts_words
from gateways.layout import FileTrouble, Layout, Refused
from loop.desk import Desk
from loop.import_layouts import Known, choose_layout, scale_of, survey_named
from loop.import_views import Column, Preview, SampleRow
from loop.import_words import field_words, role_words, why

SHOWN = 20
LOOKED_AT = 200
CELL = 60
_DAY_MS = 86_400_000

_Row = tuple[Answer | Refused, tuple[str, ...]]


def preview(
    desk: Desk,
    path: str | Path,
    survey: str = "",
    *,
    layout: Layout | None = None,
    kind: str | None = None,
    actor: Actor,
) -> Preview | Refusal:
    """How the file would be read; with `layout`, how it would be with that one. FileTrouble if it cannot be read at all.

    A layout that can read nothing in this file (no score, a column that is not there) gives a preview with `trouble`.
    """
    if refused := may_import(actor):
        return refused
    path = Path(path)
    known = survey_named(desk, survey) if line(survey) else None
    chosen = choose_layout(path, known, layout)
    layout = chosen.layout
    guessed = layout if chosen.origin == "guessed" else answerfile.guess(path)
    found = facts(path, layout)
    names = answerfile.headings(path, layout)
    trouble, rows, scale_said = "", list[_Row](), ""
    scale, zone = known.scale if known else None, None
    try:
        scale, zone, scale_said = scale_of(desk, path, layout, known, kind)
        name = known.name if known else line(survey, 120)
        read = answerfile.rows(path, layout, scale=scale, zone=zone, survey=name, region=desk.config.region)
        rows = [(row, _cells(cells, names)) for row, _source, cells in islice(read, LOOKED_AT)]
    except FileTrouble as error:
        trouble = str(error)
        rows = _raw(path, layout, names)
    scale = scale or scale_of_nothing(kind)
    words = [encoding_words(layout.encoding), parts_words(layout), date_words(layout, found), chosen.said]
    if zone and not trouble and "answered_at" in layout.columns:
        words.append(_("Times without a zone are of {zone}.").format(zone=zone.key))
    return Preview(
        file=line(path.name, 200),
        survey=known.name if known else line(survey, 120),
        known=known is not None,
        layout=layout,
        origin=chosen.origin,
        reasons=tuple(word for word in words if word),
        columns=tuple(_column(layout, guessed, chosen.origin, names, place, rows) for place in range(len(names))),
        rows=tuple(_sample(row, cells, scale, zone) for row, cells in rows[:SHOWN]) if zone and not trouble else (),
        scale=scale,
        scale_why=scale_said,
        estimate=max(found.rows, len(rows)),
        exact=found.exact,
        warnings=() if trouble else tuple(_warnings(desk, path, layout, found, known, scale, rows)),
        trouble=trouble,
        remembered=known.layout if known else None,
    )


def scale_of_nothing(kind: str | None) -> Scale:
    """The scale to show where no score can be read."""
    from loop.import_layouts import SCALES

    return SCALES[kind or "nps"]


def _cells(cells: Sequence[str] | Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """A row's cells under the headings, as they can be shown."""
    if isinstance(cells, Mapping):
        return tuple(line(cells.get(name, "")[: CELL * 20], CELL) for name in names)
    return tuple(line(cell[: CELL * 20], CELL) for cell in cells)


def _raw(path: Path, layout: Layout, names: Sequence[str]) -> list[_Row]:
    """The first rows though no score is known, for samples: the first column that could be one stands in."""
    from domain.answers import NPS

    if not names:
        return []
    stand_in = Layout(layout.format, layout.encoding, layout.delimiter, columns={"score": names[0]})
    try:
        read = answerfile.rows(path, stand_in, scale=NPS, zone=ZoneInfo("UTC"))
        return [(row, _cells(cells, names)) for row, _source, cells in islice(read, LOOKED_AT)]
    except FileTrouble:
        return []


def _column(
    layout: Layout, guessed: Layout, origin: str, names: Sequence[str], place: int, rows: Sequence[_Row]
) -> Column:
    heading = names[place]
    role, field = layout.role(heading)
    values = dict.fromkeys(cells[place] for _row, cells in rows if len(cells) > place and cells[place])
    return Column(
        heading=line(heading, 200),
        role=role,
        field=field,
        called=field_words()[field] if role == "field" else role_words()[role],
        why=why(layout, guessed, heading, origin),
        samples=tuple(values)[:3],
    )


def _sample(row: Answer | Refused, cells: tuple[str, ...], scale: Scale, zone: ZoneInfo) -> SampleRow:
    if not isinstance(row, Answer):
        return SampleRow(row.line, cells, row.reason)
    return SampleRow(
        line=row.line,
        cells=cells,
        trouble="",
        score=row.score,
        klass=scale.classify(row.score).value,
        answered_at=int(row.answered_at.timestamp() * 1000),
        written_at=row.answered_at.astimezone(zone),
        customer=line(row.name or row.email or row.phone or row.customer_id, CELL),
        reachable=bool(row.email or row.phone or row.customer_id),
    )


def _warnings(
    desk: Desk, path: Path, layout: Layout, found: Facts, known: Known | None, scale: Scale, rows: Sequence[_Row]
) -> list[str]:
    """What a person should look at: nothing of it stops an import."""
    good = [row for row, _cells in rows if isinstance(row, Answer)]
    said = []
    if rows and not good:
        said.append(_("None of the first {n} rows can be read like this.").format(n=len(rows)))
    elif 2 * len(good) < len(rows):
        said.append(_("{n} of the first {all} rows would be refused.").format(n=len(rows) - len(good), all=len(rows)))
    if "answered_at" not in layout.columns:
        said.append(_("No column is the date of the answer: the file's own date stands in for it."))
    elif found.dates == "open":
        said.append(_("Whether the day or the month comes first cannot be told from the dates."))
    elif found.dates in ("dmy", "mdy") and found.dates != layout.date_order:
        said.append(_("The dates look as if day and month were taken the wrong way round."))
    if any(row.answered_at.timestamp() * 1000 > desk.now() + _DAY_MS for row in good if row.dated):
        said.append(_("Some dates lie in the future."))
    if good and not any(row.email for row in good):
        said.append(
            _("None of the first rows has an e-mail: their tickets cannot be started until one is known.")
            if any(row.phone or row.customer_id for row in good)
            else _("None of the first rows has an e-mail, a phone or a customer's id: no tickets will open.")
        )
    if "comment" not in layout.columns:
        said.append(_("No column is the comment."))
    if "external_id" not in layout.columns:
        said.append(_("No column is the id of the answer: a row that is changed later comes in a second time."))
    elif len(ids := [row.external_id for row in good if row.external_id]) > 2 * len(set(ids)):
        said.append(_("Many rows have the same id: only the first of each is taken."))
    if known and known.scale.high > 5 and len(good) >= 20 and all(1 <= row.score <= 5 for row in good):
        said.append(_("The survey goes to {high}, but no score is above 5.").format(high=scale.high))
    if (heading := layout.columns.get("survey")) and any(dict(row.attributes).get(heading) for row in good):
        said.append(_("Some rows name another survey; they come in as this one's."))
    if any("\ufffd" in cell for _row, cells in rows for cell in cells):
        said.append(_("Some letters cannot be read: is the encoding right?"))
    return said
