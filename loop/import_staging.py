"""Staged, then published: a file is read whole before anything of it is seen, then appears piece by piece (I8).

staging: rows go into `import_pieces`, refused ones into `import_refused`. Whatever ends it early - a stop, an error, a
kill - nothing of it is kept. publishing: each piece is written and taken from the staging in one transaction, to the
end; after a kill the next import, or the worker, goes on where it was. Two that publish one import cannot do a piece
twice, as only one of them can take it away; the lease only keeps the other from trying.
"""

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import chain
from typing import Any

from domain.answers import Answer, Scale
from domain.text import _
from gateways.layout import FileTrouble, Layout, Refused
from loop import answers
from loop.collecting import steadily, uncollected
from loop.desk import Desk
from loop.import_views import Progress
from loop.rule_runs import Run
from loop.shaping import PAUSE_S
from storage import leases
from storage.tables import ImportPiece, ImportRefused, ImportRow

PIECE = 50
"""Rows of one piece."""
FEWEST = 2
"""So many pieces at least are published in one transaction: with fewer, most of its time goes into beginning and ending."""
TOGETHER = 10
"""So many pieces at most are staged in one transaction, and published in one."""
TOGETHER_CHARS = 2_000_000
"""Fewer are staged together when they have so many characters, so that rows of long texts stay in bounded memory."""
HELD_S = 0.08
"""Seconds that a publishing transaction may hold other writers up; the pieces in it follow the time that the last one took."""
LEASE_S = 60.0
RENEW_S = 15.0
BUSY_S = 0.1
"""Seconds of writing after which others are let in: SQLite has no queue of writers."""
REFUSED_DAYS = 90
"""How long refused rows are kept; they hold what customers said (R4)."""

_COUNTS = ("read", "imported", "duplicates", "differs", "refused", "tickets", "staged")


class Interrupted(FileTrouble):
    """Somebody else cleaned this staging away while we slept."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing was heard of this import for too long, so what was read of it was thrown away; import it again.")
        )


def lease(import_id: int) -> str:
    """Who works on an import holds this."""
    return f"import {import_id}"


class Keeper:
    """Holds an import's lease for as long as it is asked now and then."""

    def __init__(self, desk: Desk, import_id: int) -> None:
        self.desk, self.name = desk, lease(import_id)
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._until = 0.0

    def take(self) -> bool:
        """Take or renew it if it is time to; False while another holds it."""
        if time.monotonic() < self._until:
            return True
        if not leases.take(self.desk.db, self.name, self.holder, LEASE_S):
            return False
        self._until = time.monotonic() + RENEW_S
        return True

    def take_over(self) -> bool:
        """As `take`, also from a process of this machine that is no more."""
        if self.take():
            return True
        from loop.worker import is_dead

        previous = leases.holder(self.desk.db, self.name)
        if self.desk.db.dialect == "sqlite" and is_dead(previous):
            leases.release(self.desk.db, self.name, previous)
        return self.take()

    def still(self, work: Any) -> bool:
        """Whether nobody else took it, however long ago we did; nobody can until the end of this work."""
        found = work.rows(f"SELECT holder FROM leases WHERE name = :name{work.lock}", {"name": self.name})
        return bool(found) and found[0][0] == self.holder

    def release(self) -> None:
        """Give it back; it ends by itself where the database is away."""
        with contextlib.suppress(Exception):
            leases.release(self.desk.db, self.name, self.holder)


def begin(
    desk: Desk,
    *,
    file: str,
    survey: str,
    actor_id: int | None,
    layout: Layout,
    headings: Iterable[str],
    scale: Scale,
    survey_id: int | None = None,
    remember: bool = True,
) -> tuple[int, Keeper]:
    """The id of a new import, staging, and its lease; with `remember` its layout is the survey's once it is done.

    `survey_id` of a survey that is here: it may be renamed while the file comes in.
    """
    with desk.db.write() as work:
        row = work.add(
            ImportRow(
                survey=survey,
                file=file,
                actor_id=actor_id,
                at=desk.now(),
                layout={
                    "layout": layout.to_dict(),
                    "headings": list(headings),
                    "remember": remember,
                    "survey_id": survey_id,
                },
                scale=asdict(scale),
                report=dict.fromkeys(_COUNTS, 0),
            )
        )
        keeper = Keeper(desk, int(row.id))
        # In the same transaction, so that nobody takes it for a leftover.
        work.run(
            f"INSERT INTO leases (name, holder, until) VALUES (:name, :holder, {desk.db.now_sql} + :ms)",
            {"name": keeper.name, "holder": keeper.holder, "ms": int(LEASE_S * 1000)},
        )
        return int(row.id), keeper


def stage(
    desk: Desk,
    import_id: int,
    found: Iterable[tuple[Answer | Refused, str, Any]],
    keeper: Keeper,
    *,
    total: int,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> bool:
    """Read and check the whole file; False if it was stopped. Raises what reading raises, Interrupted; throws nothing away."""
    read = refused = staged = place = 0
    for piece in steadily(_pieces(found)):
        good: list[str] = []
        bad: list[dict[str, Any]] = []
        for row, source in piece:
            if isinstance(row, Answer):
                good.append(_written(row, source))
            else:
                bad.append({"import_id": import_id, "line": row.line, "reason": row.reason, "source": _plain(source)})
        read, refused, staged = read + len(piece), refused + len(bad), staged + len(good)
        counts = json.dumps({**dict.fromkeys(_COUNTS, 0), "read": read, "refused": refused, "staged": staged})
        keeper.take()
        with desk.db.write() as work:
            if not keeper.still(work) or not work.run(
                "UPDATE imports SET report = :report WHERE id = :id AND state = 'staging'",
                {"report": counts, "id": import_id},
            ):
                raise Interrupted
            pieces = [f"[{','.join(good[i : i + PIECE])}]" for i in range(0, len(good), PIECE)]
            waiting = [(import_id, place + i, text) for i, text in enumerate(pieces)]
            work.insert_many(ImportPiece, ("import_id", "place", "rows"), waiting)
            place += len(pieces)
            work.insert_new(ImportRefused, bad, "import_id", "line")
        if progress:
            progress(Progress("staging", read, max(total, read), refused))
        if stop and stop():
            return False
    return True


def _pieces(
    found: Iterable[tuple[Answer | Refused, str, Any]],
) -> Iterator[list[tuple[Answer | Refused, str]]]:
    piece: list[tuple[Answer | Refused, str]] = []
    size = 0
    for row, source, _cells in found:
        piece.append((row, source))
        size += len(source)
        if len(piece) >= PIECE * TOGETHER or size > TOGETHER_CHARS:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def discard(desk: Desk, import_id: int) -> None:
    """Throw away what was staged, and that there was an import: nothing of it is kept. One that publishes stays."""
    while True:
        with desk.db.write() as work:
            if not work.rows(
                f"SELECT 1 FROM imports WHERE id = :id AND state = 'staging'{work.lock}", {"id": import_id}
            ):
                return
            places = work.rows(
                "SELECT place FROM import_pieces WHERE import_id = :id ORDER BY place DESC LIMIT 20", {"id": import_id}
            )
            if not places:
                work.run("DELETE FROM import_refused WHERE import_id = :id", {"id": import_id})
                work.run("DELETE FROM imports WHERE id = :id", {"id": import_id})
                return
            work.run(
                "DELETE FROM import_pieces WHERE import_id = :id AND place >= :place",
                {"id": import_id, "place": places[-1][0]},
            )


def open_up(desk: Desk, import_id: int, keeper: Keeper) -> None:
    """All was read: from here on it goes on to the end. Raises Interrupted if it was cleaned away, or is being so."""
    with desk.db.write() as work:
        if not keeper.still(work) or not work.run(
            "UPDATE imports SET state = 'publishing' WHERE id = :id AND state = 'staging'", {"id": import_id}
        ):
            raise Interrupted


def publish(desk: Desk, import_id: int, keeper: Keeper, *, progress: Callable[[Progress], None] | None = None) -> bool:
    """Write the pieces that wait, each in one transaction, and end the import; False where another does so now."""
    found = desk.db.rows(
        "SELECT survey, actor_id, scale, report, layout FROM imports WHERE id = :id AND state = 'publishing'",
        {"id": import_id},
    )
    if not found:
        return True
    survey, actor_id, scale, report, layout = found[0]
    report, limits, layout = decoded(report), Scale(**decoded(scale)), decoded(layout)
    known = layout.pop("survey_id", None)
    run = Run("import", survey, actor_id, id=report.get("run"))
    pace = _Pace(desk.db.dialect)
    fresh = True
    while True:
        if not keeper.take():
            return False
        with uncollected():
            waiting = desk.db.rows(
                "SELECT place, rows FROM import_pieces WHERE import_id = :id ORDER BY place LIMIT :n",
                {"id": import_id, "n": pace.pieces},
            )
            if not waiting:
                break
            rows, sources = _read([text for __, text in waiting])
            # Others write meanwhile. A file that is here already is not worth looking through.
            given = answers.ready(rows, survey, limits, work=desk.db, run=run if fresh else None)
            pace.let_others_in()
            memo = run.id

            def act(work: Any) -> dict[str, Any] | None:
                pace.began()
                run.id = memo  # noqa: B023 - a transaction that is done again made no line in the log
                places = [place for place, __ in waiting]  # noqa: B023
                survey_id = known or report.get("survey_id")  # noqa: B023
                return _write(desk, work, import_id, places, survey_id, survey, limits, given, sources, run)  # noqa: B023

            before, report = report, desk.db.transact(act) or report
            pace.ended(len(waiting))
        fresh = report["imported"] > before["imported"]
        if progress:
            done = report["imported"] + report["duplicates"] + report["differs"]
            progress(Progress("publishing", done, report["staged"], report["refused"], report["tickets"]))
    worth = bool(report["imported"] + report["duplicates"]) and layout.pop("remember", True)
    _end(desk, import_id, known or report.get("survey_id"), layout if worth else None)
    if report["imported"] >= answers.LOOKED_OVER:
        desk.db.look_over()
    return True


def _called(work: Any, survey_id: int | None, name: str) -> str:
    """What the import's survey is called now; it keeps that name until the end of this work."""
    if survey_id is None:
        return name
    found = work.rows(f"SELECT name FROM surveys WHERE id = :id{work.lock}", {"id": survey_id})
    return found[0][0] if found else name


class _Pace:
    """How many pieces are published at once, and when others are let in."""

    def __init__(self, dialect: str) -> None:
        self.pieces = TOGETHER
        self._queues = dialect != "sqlite"
        self._writing = self._began = self._ended = 0.0

    def let_others_in(self) -> None:
        """Before a transaction: wait for what lacks of a pause after much writing."""
        if self._writing >= BUSY_S and not self._queues:
            time.sleep(max(0.0, PAUSE_S - (time.monotonic() - self._ended)))
            self._writing = 0.0

    def began(self) -> None:
        """A transaction holds others up now."""
        self._began = time.monotonic()

    def ended(self, pieces: int) -> None:
        """It does not any more; it wrote so many pieces."""
        self._ended = time.monotonic()
        took = self._ended - self._began
        self._writing += took
        fitting = int(pieces * HELD_S / max(took, 0.001))
        # By half or double at most: a single slow transaction is the machine's matter.
        self.pieces = max(FEWEST, pieces // 2, min(TOGETHER, self.pieces * 2, fitting))


def _write(
    desk: Desk,
    work: Any,
    import_id: int,
    places: list[int],
    survey_id: int | None,
    survey: str,
    scale: Scale,
    rows: answers.Ready,
    sources: Mapping[int, str],
    run: Run,
) -> dict[str, Any] | None:
    """Some pieces, from the staging to where they are seen; the counts so far, None if another was quicker with any."""
    work.alone("customers")
    these = f"FROM import_pieces WHERE import_id = :id AND place IN ({', '.join(map(str, places))})"
    if len(work.rows(f"SELECT place {these}{work.lock}", {"id": import_id})) < len(places):
        return None
    work.run(f"DELETE {these}", {"id": import_id})
    survey = _called(work, survey_id, survey)
    done = answers.write_piece(desk, work, survey, scale, rows, way="import", run=run)
    bad = [
        {"import_id": import_id, "line": at, "reason": why, "source": _plain(sources.get(at, ""))}
        for at, why in done.refused
    ]
    work.insert_new(ImportRefused, bad, "import_id", "line")
    report = decoded(work.rows(f"SELECT report FROM imports WHERE id = :id{work.lock}", {"id": import_id})[0][0])
    for name in ("imported", "duplicates", "differs", "tickets"):
        report[name] += getattr(done, name)
    report["refused"] += done.differs
    report["run"] = run.id
    report["survey_id"] = next(
        (id for (id,) in work.rows("SELECT id FROM surveys WHERE name = :n", {"n": survey})), None
    )
    work.run("UPDATE imports SET report = :report WHERE id = :id", {"report": json.dumps(report), "id": import_id})
    return report


def _end(desk: Desk, import_id: int, survey_id: int | None, layout: dict[str, Any] | None) -> None:
    """The import is done; its survey remembers how its file was laid out, if that was any good."""
    now = desk.now()
    with desk.db.write() as work:
        if not work.run(
            "UPDATE imports SET state = 'done', done_at = :now WHERE id = :id AND state = 'publishing'",
            {"now": now, "id": import_id},
        ):
            return
        if layout is not None:
            work.run(
                "UPDATE surveys SET layout = :layout WHERE id = :id",
                {"layout": json.dumps(layout, ensure_ascii=False), "id": survey_id},
            )
        work.run(
            "DELETE FROM import_refused WHERE import_id IN (SELECT id FROM imports WHERE done_at < :old)",
            {"old": now - REFUSED_DAYS * 86_400_000},
        )


def unfinished(rows: Any) -> list[tuple[int, str]]:
    """Imports that were begun and not ended, with their state; somebody may be at it."""
    return list(rows("SELECT id, state FROM imports WHERE state <> 'done' ORDER BY id"))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _written(row: Answer, source: str) -> str:
    """A good row as it waits in its piece."""
    text = _encode(
        (
            row.line, source, row.external_id, row.score, row.comment, row.answered_at.isoformat(), row.name, row.email,
            row.phone, row.customer_id, row.attributes, row.questions, row.dated,
        )
    )  # fmt: skip
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _read(texts: Iterable[str]) -> tuple[list[tuple[int, Answer]], dict[int, str]]:
    """The answers of some pieces, and how their rows stood in the file."""
    rows: list[tuple[int, Answer]] = []
    sources: dict[int, str] = {}
    for (
        at, source, id, score, comment, when, name, email, phone, customer, attributes, questions, dated
    ) in chain.from_iterable(map(json.loads, texts)):  # fmt: skip
        rows.append(
            (
                at,
                Answer(
                    id, score, comment, datetime.fromisoformat(when), name, email, phone, customer,
                    tuple([(n, v) for n, v in attributes]), tuple([(q, a) for q, a in questions]), dated, at,
                ),
            )
        )  # fmt: skip
        sources[at] = source
    return rows, sources


def _plain(source: str) -> str:
    """A row's text as every database takes it."""
    return source.replace("\x00", "").encode("utf-8", "replace").decode()


def decoded(value: Any) -> dict[str, Any]:
    """A JSON column as either driver gives it."""
    return json.loads(value) if isinstance(value, str) else dict(value or {})
