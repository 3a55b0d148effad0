"""How many there are of what the settings list, counted without looking at the tickets of each (P3)."""

from domain.people import Actor, Level
from domain.rights import may_manage, scope
from loop.desk import Desk
from loop.editing import labels
from loop.rule_plans import in_sight
from loop.sight import within


def setup_counts(desk: Desk, *, actor: Actor) -> dict[str, int]:
    """As many as `flows.flows`, `people.people`, `labels`, `surveys.surveys` and `rules.rule_sets` (autopilot) give this
    reader; without the last two for who may not see them.
    """
    rows = desk.db.rows
    if actor.level is Level.NONE and not scope(actor).everything:
        return {"flows": 0, "people": len(rows("SELECT 1 FROM users WHERE id = :me", {"me": actor.id})), "labels": 0}

    def count(sql: str) -> int:
        return int(rows(f"SELECT COUNT(*) FROM {sql}")[0][0])

    found = {
        "flows": count(f"flows WHERE active = true AND {within(actor, 'id')}"),
        "people": count("users WHERE active = true"),
    }
    if may_manage(actor):
        return found | {"labels": sum(map(len, labels(desk, actor=actor)))}
    given = count(
        "categories c LEFT JOIN categories p ON p.id = c.parent_id WHERE c.retired_at IS NULL AND p.retired_at IS NULL"
    )
    return found | {
        "labels": given + count("tags"),
        "surveys": count("surveys"),
        "autopilot": len(in_sight(rows, actor)),
    }
