"""The figures beside the settings' sections are those of their lists (P3)."""

import pytest

from domain.people import Level
from domain.rules import RuleSet, When
from loop import editing, flows, labels, people, rules, surveys
from loop.setup_counts import setup_counts
from loop.setup_views import Saved
from tests.loop.conftest import Shop


@pytest.mark.parametrize("login", ["ana", "bia", "caio", "davi", "rui", "eva"])
def test_p3_counts_are_those_of_the_lists(shop: Shop, started: int, login: str) -> None:
    people.add_user(shop.desk, "eva", "Eva", "", Level.NONE, actor=shop.ana)
    people.deactivate(shop.desk, "davi" if login != "davi" else "rui", actor=shop.ana)
    above = labels.create_category(shop.desk, "Entrega", actor=shop.ana)
    gone = labels.create_category(shop.desk, "Loja", actor=shop.ana)
    assert isinstance(above, Saved) and isinstance(gone, Saved)
    for parent in (above.id, gone.id):
        labels.create_category(shop.desk, "Atraso", parent, actor=shop.ana)
    labels.retire_category(shop.desk, gone.id, actor=shop.ana)
    editing.tag(shop.desk, [started], ["urgente", "frete"], actor=shop.ana)
    for name, when in (("Todos", When()), ("Sem ticket", When(ticket="without")), ("Um", When(flows=("Elogios",)))):
        assert isinstance(rules.save(shop.desk, RuleSet(None, name, when), actor=shop.ana), Saved)
    actor = shop.desk.actor(login) if login != "davi" else shop.davi
    listed = {
        "flows": len(flows.flows(shop.desk, actor=actor)),
        "people": len(people.people(shop.desk, actor=actor)),
        "labels": sum(not c.retired for c in labels.categories(shop.desk, actor=actor))
        + len(labels.tags(shop.desk, actor=actor)),
        "surveys": len(surveys.surveys(shop.desk, actor=actor)),
        "autopilot": len(rules.rule_sets(shop.desk, actor=actor)),
    }
    found = setup_counts(shop.desk, actor=actor)
    assert found == {key: n for key, n in listed.items() if key in found}
    assert ("surveys" in found) is ("autopilot" in found) is (login in ("ana", "caio"))
    assert found.get("autopilot", 0) == {"ana": 3, "caio": 2}.get(login, 0)
