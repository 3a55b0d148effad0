"""What tests of the autopilot at work share: sets that are on, and what became of answers and tickets."""

import json
from typing import Any

from domain.answers import NPS, Answer
from domain.rules import RuleSet, Then, When
from loop import answers, rules
from loop.rule_views import Switched
from loop.setup_views import Saved
from tests.loop.conftest import Shop


def switched_on(shop: Shop, name: str, when: When = When(), then: Then = Then()) -> int:  # noqa: B008
    """A rule set that is on; its id."""
    saved = rules.save(shop.desk, RuleSet(None, name, when, then), actor=shop.ana)
    assert isinstance(saved, Saved), saved
    on = rules.switch(shop.desk, saved.id, True, actor=shop.ana)
    assert isinstance(on, Switched), str(on)
    return saved.id


def texts(shop: Shop) -> None:
    """An e-mail of the account for each class, whole."""
    from tests.loop.ruled import text

    for klass in ("detractor", "neutral", "promoter"):
        text(shop, klass=klass)


def off(shop: Shop, id: int) -> None:
    assert isinstance(rules.switch(shop.desk, id, False, actor=shop.ana), Switched)


def category(shop: Shop, name: str, *words: str) -> int:
    """A category with words of its own; its id."""
    from storage.tables import Category

    with shop.desk.db.write() as work:
        return int(work.add(Category(name=name, words=list(words))).id)


def table(shop: Shop, attribute: str, **entries: str) -> None:
    """A table from an attribute's values to logins, called as the attribute."""
    from storage.tables import ManagerTable

    ids = dict(rows(shop, "SELECT login, id FROM users"))
    with shop.desk.db.write() as work:
        work.add(ManagerTable(name=attribute, attribute=attribute, entries={v: ids[who] for v, who in entries.items()}))


def rows(shop: Shop, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in shop.desk.db.rows(sql, parameters)]


def hits(shop: Shop) -> list[tuple[int, int, str]]:
    """Set, answer or minus ticket, and what became of its mail."""
    return rows(shop, "SELECT rule_set_id, about, mail FROM rule_hits ORDER BY rule_set_id, about")  # type: ignore[return-value]


def did(shop: Shop) -> list[dict[str, Any]]:
    """What each hit did, in order."""
    found = rows(shop, "SELECT did FROM rule_hits ORDER BY rule_set_id, about")
    return [json.loads(d) if isinstance(d, str) else d for (d,) in found]


def told(shop: Shop, number: int) -> list[tuple[str, str, dict[str, Any]]]:
    """A ticket's events: kind, whose, and the data."""
    found = rows(shop, "SELECT kind, actor_kind, data FROM events WHERE ticket = :n ORDER BY id", n=number)
    return [(kind, whose, json.loads(data) if isinstance(data, str) else data) for kind, whose, data in found]


def head(shop: Shop, number: int) -> dict[str, Any]:
    """What rules can change of a ticket."""
    names = (
        "flow_id", "phase_id", "status", "priority", "assignee_id", "due_at", "rank", "started_at", "started_by", "closed_at",
        "resolution", "outcome",
    )  # fmt: skip
    found = dict(
        zip(names, rows(shop, f"SELECT {', '.join(names)} FROM tickets WHERE number = :n", n=number)[0], strict=True)
    )
    found["tags"] = sorted(
        t
        for (t,) in rows(
            shop, "SELECT g.name FROM ticket_tags x JOIN tags g ON g.id = x.tag_id WHERE x.ticket = :n", n=number
        )
    )
    found["categories"] = sorted(
        c for (c,) in rows(shop, "SELECT category_id FROM ticket_categories WHERE ticket = :n", n=number)
    )
    found["followers"] = sorted(rows(shop, "SELECT user_id, sees_from > 0 FROM followers WHERE ticket = :n", n=number))
    return found


def take(shop: Shop, *given: Answer, survey: str = "Pós-compra", way: Any = "import") -> None:
    answers.take(shop.desk, survey, given, actor=shop.ana, scale=NPS, way=way)
