"""What tests of the autopilot's e-mails share: texts, rule sets and hits as the engine leaves them."""

from typing import Any

from loop import templates
from loop.setup_views import Saved
from storage.tables import RuleHit, RuleRun, RuleSetRow
from tests.loop.conftest import Shop


def text(shop: Shop, *, body: str = "Olá, {{ customer.first_name }}!", subject: str = "Obrigado", **more: Any) -> int:
    """A template, whole; of the account and for promoters unless told otherwise."""
    if not more.keys() & {"survey", "flow"}:
        more["account"] = True
    more = {"name": f"t{len(more)}{sorted(more.items())}"[:40], "klass": "promoter", "sender_name": "Loja"} | more
    saved = templates.add(shop.desk, more.pop("name"), subject=subject, body=body, actor=shop.ana, **more)
    assert isinstance(saved, Saved), saved
    return saved.id


def rule_set(
    shop: Shop, send: Any = "class", name: str = "Agradecer", *, on_since: int | None = None, **more: Any
) -> int:
    """A rule set that is on; its id. `more` is what of its conditions and actions is said."""
    actions = {"send": send} | more.pop("actions", {})
    with shop.desk.db.write() as work:
        row = work.add(
            RuleSetRow(
                name=name, position=1, active=True, conditions=more, actions=actions,
                on_since=shop.clock.now if on_since is None else on_since, created_at=shop.clock.now,
            )
        )  # fmt: skip
        return int(row.id)


def hit(shop: Shop, rule: int, about: int, *, ticket: int | None = None, mail: str = "due", **because: Any) -> None:
    """That a rule met an answer, or a ticket (`about` below 0), whatever the engine made of it."""
    with shop.desk.db.write() as work:
        work.run("DELETE FROM rule_hits WHERE rule_set_id = :r AND about = :a", {"r": rule, "a": about})
        run = work.add(RuleRun(at=shop.clock.now, way="import"))
        work.insert_one(
            RuleHit, rule_set_id=rule, about=about, run_id=run.id, ticket=ticket, at=shop.clock.now, mail=mail,
            because=because, did={}, message_id=None,
        )  # fmt: skip


def became(shop: Shop) -> list[str]:
    """What became of the e-mails, in the order of the hits."""
    return [r[0] for r in shop.desk.db.rows("SELECT mail FROM rule_hits ORDER BY rule_set_id, about", {})]


def praised(shop: Shop, **more: Any) -> int:
    """A promoter's answer that no flow takes; its id."""
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :id", {"id": shop.other_flow})
    assert shop.answer(10, more.pop("comment", "Ótimo"), **more) is None
    return newest(shop)


def newest(shop: Shop) -> int:
    """The id of the answer that came in last."""
    return int(shop.desk.db.rows("SELECT MAX(id) FROM answers", {})[0][0])
