"""What rules can be about (A2): attributes and values of the newest answers, the most frequent first, in sight only (P3)."""

from datetime import UTC, datetime

import pytest

from domain.answers import NPS, Answer
from domain.people import Level
from loop import answers, people, rule_values
from loop.desk import Desk
from tests.loop.conftest import Shop


def _given(desk: Desk, rows: list[dict[str, str]]) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    take = [
        Answer(f"v{i}", 3, "x", at, f"C{i}", f"c{i}@x.example", attributes=tuple(given.items()))
        for i, given in enumerate(rows)
    ]
    answers.take(desk, "Pós-compra", take, actor=desk.actor("ana"), scale=NPS)


def test_a2_attributes_and_values_come_by_how_often_and_once_for_all_spellings(shop: Shop) -> None:
    desk = shop.desk
    ana = desk.actor("ana")
    _given(desk, [{"UF": "SP", "Loja": "Natal"}, {"uf": "sp"}, {"UF": "RJ", "Vendedor": " "}])
    assert rule_values.attributes(desk, actor=ana)[0].count == 3
    assert {g.text.upper() for g in rule_values.attributes(desk, actor=ana)} == {"UF", "LOJA"}
    assert [(g.text.upper(), g.count) for g in rule_values.values(desk, "Uf", actor=ana)] == [("SP", 2), ("RJ", 1)]


def test_r7_what_answers_hold_is_cleaned(shop: Shop) -> None:
    desk = shop.desk
    ana = desk.actor("ana")
    _given(desk, [{"U\x1b[31mF": "S\x9bP\n"}])
    assert [g.text for g in rule_values.attributes(desk, actor=ana)] == ["U[31mF"]
    assert [g.text for g in rule_values.values(desk, "U[31mF", actor=ana)] == ["SP"]


def test_p3_who_sees_no_flow_hears_of_no_value(shop: Shop) -> None:
    desk = shop.desk
    people.add_user(desk, "ze", "Zé", "ze@loja.example", Level.AGENT, actor=desk.actor("ana"))
    _given(desk, [{"UF": "SP"}])
    ze = desk.actor("ze")
    assert rule_values.attributes(desk, actor=ze) == () == rule_values.values(desk, "UF", actor=ze)
    assert rule_values.surveys(desk, actor=ze) == () and rule_values.surveys(desk, actor=desk.actor("ana"))


def test_only_the_newest_answers_are_looked_at(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = shop.desk
    monkeypatch.setattr(rule_values, "NEWEST", 2)
    _given(desk, [{"UF": "SP"}, {"UF": "RJ"}, {"UF": "RJ"}])
    assert [(g.text, g.count) for g in rule_values.values(desk, "UF", actor=desk.actor("ana"))] == [("RJ", 2)]


def test_p3_an_administrator_of_one_flow_hears_of_its_answers_and_of_those_without_a_ticket(shop: Shop) -> None:
    desk = shop.desk
    _given(desk, [{"UF": "SP"}])
    flows = {flow for (flow,) in desk.db.rows("SELECT flow_id FROM tickets")}
    caio = desk.actor("caio")
    sees = bool(flows & set(caio.roles)) or not flows
    assert bool(rule_values.values(desk, "UF", actor=caio)) == sees
    people.add_user(desk, "ivo", "Ivo", "ivo@loja.example", Level.ADMINISTRATOR, actor=desk.actor("ana"))
    assert bool(rule_values.values(desk, "UF", actor=desk.actor("ivo"))) is (not flows)
