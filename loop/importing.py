"""Files of answers: how one would be read, bringing it in, what came of it (I8)."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from domain.people import Actor
from domain.rights import may_import, scope
from domain.text import line
from gateways.answerfile import guess, headings, rows
from gateways.filefacts import facts
from loop import import_staging as staging
from loop.answers import KEPT_REASONS, NotAllowed
from loop.desk import Desk
from loop.import_layouts import choose_layout, scale_of, survey_named
from loop.import_preview import preview
from loop.import_refused import refused_text, save_refused
from loop.import_views import FIELDS, FileTrouble, ImportLine, Layout, Progress
from loop.views import ImportReport

__all__ = [
    "FIELDS", "FileTrouble", "ImportReport", "Layout", "NotAllowed", "forget", "guess", "headings", "import_file", "imports",
    "preview", "refused_text", "report_of", "resume", "save_refused",
]  # fmt: skip


def import_file(
    desk: Desk,
    path: str | Path,
    survey: str,
    *,
    actor: Actor,
    layout: Layout | None = None,
    kind: str | None = None,
    remember: bool = True,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportReport:
    """Bring a file of answers in: read whole first, then published in pieces, each once (I1).

    Without `layout` the survey's of last time, where it fits, else a guess. `stop` is asked while the file is read and
    not after: nothing is kept then. Raises NotAllowed, or FileTrouble when the file cannot be read, at whatever place:
    then nothing of it is kept.
    """
    if why := may_import(actor):
        raise NotAllowed(why)
    with contextlib.suppress(Exception):  # another import's trouble is told by the worker, and is none of this file
        resume(desk)
    path = Path(path)
    known = survey_named(desk, survey)
    layout = choose_layout(path, known, layout).layout
    scale, zone, _why = scale_of(desk, path, layout, known, kind)
    name = known.name if known else line(survey, 120)
    found = rows(path, layout, scale=scale, zone=zone, survey=name, region=desk.config.region)
    total = facts(path, layout).rows
    id, keeper = staging.begin(
        desk, file=line(path.name, 200), survey=name, actor_id=actor.id, layout=layout, headings=headings(path, layout), scale=scale,
        survey_id=known.id if known else None, remember=remember,
    )  # fmt: skip
    try:
        try:
            if not staging.stage(desk, id, found, keeper, total=total, progress=progress, stop=stop):
                staging.discard(desk, id)
                return ImportReport(0, 0, 0, 0, (), 0, stopped=True)
            staging.open_up(desk, id, keeper)
        except BaseException:
            with contextlib.suppress(Exception):  # the database may be away; `resume` cleans up
                staging.discard(desk, id)
            raise
        while not staging.publish(desk, id, keeper, progress=progress):
            time.sleep(0.2)  # we were away for so long that another took over: it tells when it is done
    finally:
        keeper.release()
    return report_of(desk, id)


def resume(desk: Desk) -> int:
    """Finish imports that were cut off while they were published, clean up after those that were still read; how many.

    For the worker, and before each import; what somebody is at now is left alone. One that cannot be finished keeps
    none of the others from it; its error is raised afterwards.
    """
    done, trouble = 0, None
    for id, state in staging.unfinished(desk.db.rows):
        keeper = staging.Keeper(desk, id)
        if not keeper.take_over():
            continue
        try:
            if state == "staging":
                staging.discard(desk, id)
            done += staging.publish(desk, id, keeper)
        except Exception as error:
            trouble = trouble or error
        finally:
            keeper.release()
    if trouble is not None:
        raise trouble
    return done


def report_of(desk: Desk, import_id: int) -> ImportReport:
    """What came of an import, with its first refused rows."""
    found = desk.db.rows("SELECT report FROM imports WHERE id = :id", {"id": import_id})
    counts = staging.decoded(found[0][0]) if found else {}
    refused = desk.db.rows(
        "SELECT line, reason FROM import_refused WHERE import_id = :id ORDER BY line LIMIT :most",
        {"id": import_id, "most": KEPT_REASONS},
    )
    return ImportReport(
        read=counts.get("read", 0),
        imported=counts.get("imported", 0),
        duplicates=counts.get("duplicates", 0),
        differs=counts.get("differs", 0),
        refused=tuple((at, why) for at, why in refused),
        tickets=counts.get("tickets", 0),
        id=import_id,
    )


def imports(desk: Desk, *, actor: Actor, limit: int = 100) -> tuple[ImportLine, ...]:
    """Imports, the newest first: one's own, of who may import, and for who sees every flow those of all (P3)."""
    if may_import(actor):
        return ()
    mine = "1 = 1" if scope(actor).everything else "i.actor_id = :me"
    lines = []
    for id, file, survey, state, by, at, done_at, report in desk.db.rows(
        "SELECT i.id, i.file, i.survey, i.state, COALESCE(u.name, ''), i.at, i.done_at, i.report FROM imports i"
        f" LEFT JOIN users u ON u.id = i.actor_id WHERE {mine} ORDER BY i.id DESC LIMIT :limit",
        {"limit": limit} | ({} if scope(actor).everything else {"me": actor.id}),
    ):
        counts = staging.decoded(report)
        numbers = {n: counts.get(n, 0) for n in ("read", "imported", "duplicates", "differs", "refused", "tickets")}
        lines.append(ImportLine(id, file, survey, state, by, at, done_at, **numbers))
    return tuple(lines)


def forget(desk: Desk, survey: str, *, actor: Actor) -> bool:
    """Forget how the survey's files are laid out; False if nothing was remembered. Raises NotAllowed."""
    if why := may_import(actor):
        raise NotAllowed(why)
    known = survey_named(desk, survey)
    if known is None or known.layout is None:
        return False
    with desk.db.write() as work:
        work.run("UPDATE surveys SET layout = '{}' WHERE id = :id", {"id": known.id})
    return True
