"""What the autopilot did: each run, and each answer that a set touched, as far as the reader's sight goes (A6, P3)."""

from collections import Counter
from typing import Any

from domain.people import Actor
from domain.rights import scope
from domain.rule_effects import undone_said
from domain.rule_sentence import because_words, did_words
from domain.text import line
from loop.desk import Desk
from loop.flow_plans import decoded
from loop.rule_cases import CLASSES
from loop.rule_mail import said
from loop.rule_plans import in_sight
from loop.rule_views import HitLine, RunLine
from loop.sight import of_hits


def runs(desk: Desk, *, actor: Actor, rule_set_id: int | None = None, limit: int = 50) -> tuple[RunLine, ...]:
    """The newest runs, a line for each set that touched something in them; one without a set where none did.

    Of sets in sight, or of the one; counted are answers in sight. Nothing for who is shown no sets.
    """
    seen = in_sight(desk.db.rows, actor)
    wanted = [id for id in seen if rule_set_id in (None, id)]
    if not wanted:
        return ()
    sets = ", ".join(map(str, wanted))
    bare = "" if rule_set_id is not None else "OR NOT EXISTS (SELECT 1 FROM rule_run_sets x WHERE x.run_id = r.id)"
    found = desk.db.rows(
        f"""SELECT r.id, r.at, r.way, r.about, u.login, r.looked_at, s.id, s.name, x.touched, x.mails, x.undone
            FROM rule_runs r LEFT JOIN rule_run_sets x ON x.run_id = r.id AND x.rule_set_id IN ({sets})
            LEFT JOIN rule_sets s ON s.id = x.rule_set_id LEFT JOIN users u ON u.id = r.actor_id
            WHERE x.run_id IS NOT NULL {bare}
            ORDER BY r.at DESC, r.id DESC, s.position, s.id LIMIT :n""",
        {"n": limit},
    )
    counted = None if scope(actor).everything else _counted(desk, actor, {row[0] for row in found}, sets)
    lines = []
    for run, at, way, about, login, looked_at, id, name, touched, mails, undone in found:
        all_touched = touched or 0
        if counted is not None and id is not None:
            touched, mails = counted.get((run, id), (0, 0))
            if not touched:
                continue
        lines.append(
            RunLine(
                run=run, at=at, way=way, about=line(about, 120), who=login or "", rule_set=name or "", looked_at=looked_at,
                touched=touched or 0, mails=mails or 0,
                undone=_undone(undone) if (touched or 0) == all_touched else (),
            )
        )  # fmt: skip
    return tuple(lines)


def answers_touched(desk: Desk, since: int, *, actor: Actor) -> int:
    """Answers in sight that sets in sight touched in imports since that time (Unix milliseconds), each counted once."""
    sets = ", ".join(map(str, in_sight(desk.db.rows, actor)))
    if not sets:
        return 0
    found = desk.db.rows(
        f"""SELECT COUNT(DISTINCT h.about) FROM rule_runs r JOIN rule_hits h ON h.run_id = r.id LEFT JOIN tickets t ON t.number = h.ticket
            WHERE r.at >= :since AND r.way = 'import' AND h.rule_set_id IN ({sets}) AND {of_hits(actor)}""",
        {"since": since},
    )
    return int(found[0][0])


def hits(
    desk: Desk, rule_set_id: int, *, actor: Actor, run: int | None = None, limit: int = 200
) -> tuple[HitLine, ...]:
    """The answers in sight that a set touched, the newest first; in one run, or ever. Nothing for a set out of sight."""
    if rule_set_id not in in_sight(desk.db.rows, actor):
        return ()
    on = bool(desk.db.rows("SELECT active FROM rule_sets WHERE id = :id", {"id": rule_set_id})[0][0])
    found = desk.db.rows(
        f"""SELECT h.about, h.ticket, c.name, COALESCE(a.klass, t.klass), COALESCE(a.score, t.score), a.comment, t.subject,
                   h.at, h.did, h.because, h.mail
            FROM rule_hits h LEFT JOIN tickets t ON t.number = h.ticket LEFT JOIN answers a ON a.id = h.about
            LEFT JOIN contacts c ON c.id = COALESCE(t.contact_id, a.contact_id)
            WHERE h.rule_set_id = :id {"AND h.run_id = :run" if run is not None else ""} AND {of_hits(actor)}
            ORDER BY h.at DESC, h.about DESC LIMIT :n""",
        {"id": rule_set_id, "n": limit} | ({"run": run} if run is not None else {}),
    )
    return tuple(
        HitLine(
            answer=about if about > 0 else None, ticket=ticket, customer=line(name or "", 200),
            klass="" if klass is None else CLASSES[klass], score=score, comment=line((comment if about > 0 else subject) or ""),
            at=at, did=_did(decoded(did) or {}), because=because_words(decoded(because) or {}), mail=said(mail, on=on),
        )
        for about, ticket, name, klass, score, comment, subject, at, did, because, mail in found
    )  # fmt: skip


def _did(did: dict[str, Any]) -> tuple[str, ...]:
    left = (undone_said(str(why)) for __, why in did.get("undone", ()))
    return (*did_words(did), *dict.fromkeys(left))


def _undone(kept: Any) -> tuple[tuple[str, int], ...]:
    """By sentence, as two codes may say the same; the most frequent first."""
    found: Counter[str] = Counter()
    for code, n in (decoded(kept) or {}).items():
        found[undone_said(code)] += n
    return tuple(found.most_common())


def _counted(desk: Desk, actor: Actor, run_ids: set[int], sets: str) -> dict[tuple[int, int], tuple[int, int]]:
    """By run and set: the answers in sight that it touched, and the e-mails that it asked for."""
    inside = ", ".join(map(str, sorted(run_ids))) or "-1"
    return {
        (run, id): (touched, mails)
        for run, id, touched, mails in desk.db.rows(
            f"""SELECT h.run_id, h.rule_set_id, COUNT(*), SUM(CASE WHEN h.mail <> '' THEN 1 ELSE 0 END)
                FROM rule_hits h LEFT JOIN tickets t ON t.number = h.ticket
                WHERE h.run_id IN ({inside}) AND h.rule_set_id IN ({sets}) AND {of_hits(actor)}
                GROUP BY h.run_id, h.rule_set_id"""
        )
    }
