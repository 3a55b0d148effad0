"""Refused rows as a file that can be mended and brought in again (I8)."""

import os
from collections.abc import Iterator
from pathlib import Path

from domain.people import Actor
from domain.rights import may_import, scope
from domain.text import _
from gateways.layout import FileTrouble, Layout
from gateways.refusedfile import head, row
from gateways.textfile import trouble
from loop.answers import NotAllowed
from loop.desk import Desk
from loop.import_staging import decoded

_AT_ONCE = 500


def save_refused(desk: Desk, import_id: int, path: str | Path, *, actor: Actor) -> int:
    """Write an import's refused rows to a file that is not there yet; how many.

    The format and delimiter of the file that they are from, in UTF-8 (CSV with a mark, so that Excel knows), the
    reason in a last column that importing passes over. Raises NotAllowed, or FileTrouble if there is no such import or
    the file cannot be written.
    """
    path = Path(path)
    parts = refused_text(desk, import_id, actor=actor)
    first = next(parts, "")
    count = -1
    try:
        with open(path, "x", encoding="utf-8", newline="", opener=_private) as file:
            file.write(first)
            for count, part in enumerate(parts):  # noqa: B007
                file.write(part)
    except FileExistsError:
        raise FileTrouble(_("{path} is there already; name another file.").format(path=path.name)) from None
    except OSError as error:
        raise trouble(path, error) from None
    return count + 1


def _private(path: str, flags: int) -> int:
    """Customers' words: for nobody else on this machine."""
    return os.open(path, flags, 0o600)


def refused_text(desk: Desk, import_id: int, *, actor: Actor) -> Iterator[str]:
    """The same file in pieces: what stands above the rows ('' in JSON), then each row. Raises as `save_refused`.

    For who brought the file in, and who sees every flow.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    found = desk.db.rows("SELECT layout, actor_id FROM imports WHERE id = :id", {"id": import_id})
    # A row that differs from an answer says what is on that answer's ticket, in whatever flow (P3).
    if not found or not (scope(actor).everything or found[0][1] == actor.id):
        raise FileTrouble(_("There is no import {id}.").format(id=import_id))
    kept = decoded(found[0][0])
    layout, headings = Layout.from_dict(kept["layout"]), list(kept["headings"])
    return _text(desk, import_id, layout, headings)


def _text(desk: Desk, import_id: int, layout: Layout, headings: list[str]) -> Iterator[str]:
    yield head(layout, headings)
    last = -1
    while True:
        rows = desk.db.rows(
            "SELECT line, reason, source FROM import_refused WHERE import_id = :id AND line > :last ORDER BY line LIMIT :n",
            {"id": import_id, "last": last, "n": _AT_ONCE},
        )
        for _at, reason, source in rows:
            yield row(layout, headings, source, reason)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1][0]
