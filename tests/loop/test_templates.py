"""Templates at four levels and per class: whose they are, what they may name, which fit a ticket (M2, A4)."""

import pytest

from domain.people import Level
from domain.refusals import Refusal
from loop import audit, filling, people, surveys, templates
from loop.setup_views import Saved
from tests.loop.conftest import Shop


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else "saved" if isinstance(done, Saved) else repr(done)


def names(rows: object) -> list[str]:
    return [row.name for row in rows]  # type: ignore[attr-defined]


def survey_of(shop: Shop) -> int:
    return surveys.surveys(shop.desk, actor=shop.ana)[0].id


def test_m2_those_fit_that_are_mine_or_of_the_tickets_flow_survey_and_class(shop: Shop, ticket: int) -> None:
    survey = survey_of(shop)
    made = [
        ("meu", {}, shop.bia), ("do caio", {}, shop.caio), ("flow", {"flow": shop.flow}, shop.ana),
        ("other flow", {"flow": shop.other_flow}, shop.ana), ("survey", {"survey": survey, "klass": "detractor"}, shop.caio),
        ("survey promoters", {"survey": survey, "klass": "promoter"}, shop.caio), ("account", {"account": True}, shop.ana),
    ]  # fmt: skip
    for name, more, actor in made:
        assert code(templates.add(shop.desk, name, body="x", actor=actor, **more)) == "saved"  # type: ignore[arg-type]
    assert names(templates.fitting(shop.desk, ticket, actor=shop.bia)) == ["meu", "flow", "survey", "account"]
    assert templates.fitting(shop.desk, ticket, actor=shop.davi) == ()
    assert names(templates.templates(shop.desk, actor=shop.bia)) == ["meu", "flow", "account"]
    assert names(templates.templates(shop.desk, actor=shop.davi)) == ["other flow", "account"]


def test_m2_a_template_of_another_survey_does_not_fit(shop: Shop, ticket: int) -> None:
    other = surveys.create(shop.desk, "Entrega", actor=shop.ana)
    assert isinstance(other, Saved)
    known = {one.name: one.id for one in surveys.surveys(shop.desk, actor=shop.ana)}
    for name, survey in (("desta", known["Pós-compra"]), ("da outra", other.id)):
        assert code(templates.add(shop.desk, name, survey=survey, body="x", actor=shop.ana)) == "saved"
    assert names(templates.fitting(shop.desk, ticket, actor=shop.bia)) == ["desta"]


def test_p4_rights_by_level(shop: Shop, ticket: int) -> None:
    add = templates.add
    assert code(add(shop.desk, "a", flow=shop.flow, actor=shop.bia)) == "needs level"
    assert code(add(shop.desk, "a", flow=shop.flow, actor=shop.caio)) == "needs role"
    assert code(add(shop.desk, "a", survey=survey_of(shop), actor=shop.bia)) == "needs level"
    assert code(add(shop.desk, "a", account=True, actor=shop.rui)) == "needs level"
    mine = add(shop.desk, "a", actor=shop.bia)
    flows = add(shop.desk, "b", flow=shop.flow, actor=shop.ana)
    assert isinstance(mine, Saved) and isinstance(flows, Saved)
    assert code(templates.change(shop.desk, mine.id, {"body": "x"}, actor=shop.ana)) == "not here"
    assert code(templates.remove(shop.desk, mine.id, actor=shop.caio)) == "not here"
    assert code(templates.change(shop.desk, flows.id, {"body": "x"}, actor=shop.bia)) == "needs level"
    assert code(templates.change(shop.desk, flows.id, {"body": "x"}, actor=shop.davi)) == "not here"
    assert code(templates.remove(shop.desk, mine.id, actor=shop.bia)) == "saved"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"body": "{{ customer.name"}, "bad template"),
        ({"subject": "{% for a in b %}"}, "bad template"),
        ({"body": "{{ customer.frist_name }} {{ x }}"}, "no variable"),
        ({"body": "{{ customer.attributes }}"}, "no variable"),
        (
            {"account": True, "klass": "neutral", "body": "{{ customer.name }} {{ ticket.number }}"},
            "customer's name only",
        ),
        ({"account": True, "klass": "neutral", "body": "{{ customer.first_name }}"}, "saved"),
        ({"body": '{{ customer.attributes["Loja SP"] }} {{ answer.questions.x }}'}, "saved"),
        ({"body": "x" * 40_001}, "too long"),
    ],
)
def test_m2_a4_texts_that_never_could_be_filled_are_refused(shop: Shop, more: dict[str, object], why: str) -> None:
    assert code(templates.add(shop.desk, "Desculpas", actor=shop.ana, **more)) == why  # type: ignore[arg-type]


def test_a4_one_for_each_class_of_the_account_and_of_a_survey(shop: Shop, ticket: int) -> None:
    survey = survey_of(shop)
    for place in ({"account": True}, {"survey": survey}):
        first = templates.add(shop.desk, "um", klass="detractor", actor=shop.ana, **place)  # type: ignore[arg-type]
        assert code(first) == "saved"
        assert code(templates.add(shop.desk, "dois", klass="detractor", actor=shop.ana, **place)) == "class taken"  # type: ignore[arg-type]
        assert code(templates.add(shop.desk, "UM", actor=shop.ana, **place)) == "name used"  # type: ignore[arg-type]
    row = templates.templates(shop.desk, actor=shop.ana)[0]
    assert not row.complete
    templates.change(shop.desk, row.id, {"sender_name": "Ana", "subject": "Olá", "body": "Oi"}, actor=shop.ana)
    assert templates.templates(shop.desk, actor=shop.ana)[0].complete


def test_m2_preview_names_what_is_missing_and_use_leaves_it(shop: Shop) -> None:
    number = shop.answer(name="{{ agent.email }} Silva", attributes={"Loja": "Natal"})
    assert number
    body = 'Olá {{ customer.name }}, {{ customer.phone }} {{ answer.attributes.Loja }} {{ ticket.number }} {{ customer.id | default("—") }}'
    done = templates.preview(shop.desk, "{{ survey.name }}", body, number, actor=shop.bia)
    assert not isinstance(done, Refusal)
    assert done[0].text == "Pós-compra"
    assert done[1].missing == ("customer.phone",)
    made = templates.add(shop.desk, "t", body=body, actor=shop.bia)
    assert isinstance(made, Saved)
    used = templates.use(shop.desk, made.id, number, actor=shop.bia)
    assert not isinstance(used, Refusal)
    given = filling.values(shop.desk.db.rows, shop.desk, number, actor=shop.bia)
    again = filling.filled(used[2], given)
    assert again.missing == ("customer.phone",)
    assert again.text == f"Olá {{{{ agent.email }}}} Silva, {{{{ customer.phone }}}} Natal {number} —"
    assert code(templates.preview(shop.desk, "", "x", number, actor=shop.davi)) == "no ticket"
    assert code(templates.use(shop.desk, made.id, number, actor=shop.caio)) == "not here"


def test_all_that_is_offered_can_be_written_in_a_template(shop: Shop) -> None:
    number = shop.answer(attributes={'a "b" \\': "1", "Loja SP": "2", "loja": "3"})
    assert number
    offered = filling.offered(filling.values(shop.desk.db.rows, shop.desk, number, actor=shop.bia))
    text = " ".join("{{ " + variable.name + ' | default("") }}' for variable in offered)
    assert code(templates.add(shop.desk, "tudo", body=text, actor=shop.bia)) == "saved"
    done = templates.preview(shop.desk, "", text, number, actor=shop.bia)
    assert not isinstance(done, Refusal) and not done[1].missing
    assert {v.value for v in offered if "attributes[" in v.name} == {"1", "2"}


def test_changes_are_in_the_audit_and_what_is_ones_own_is_not_told(shop: Shop) -> None:
    templates.add(shop.desk, "segredo", body="meu", actor=shop.bia)
    made = templates.add(shop.desk, "b", flow=shop.flow, body="um", actor=shop.ana)
    assert isinstance(made, Saved)
    templates.change(shop.desk, made.id, {"body": "dois"}, actor=shop.ana)
    lines = audit.audit(shop.desk, actor=shop.ana, limit=3)
    assert [(entry.what, entry.target) for entry in lines] == [
        ("changed", "flow template"), ("created", "flow template"), ("created", "own template")
    ]  # fmt: skip
    assert [(c.old, c.new) for c in lines[0].changes] == [("um", "dois")]
    assert lines[2].changes == () and "segredo" not in lines[2].name
    assert all(entry.target != "flow template" for entry in audit.audit(shop.desk, actor=shop.caio, limit=5))


def test_p3_templates_are_tried_on_tickets_in_sight_that_they_fit(shop: Shop, ticket: int) -> None:
    neutral = shop.answer(score=7, email="b@x.example")
    templates.add(shop.desk, "a", flow=shop.flow, klass="neutral", actor=shop.ana)
    templates.add(shop.desk, "b", account=True, actor=shop.ana)
    flows, account = templates.templates(shop.desk, actor=shop.ana)
    assert [n for n, __ in templates.samples(shop.desk, flows, actor=shop.ana)] == [neutral]
    assert [n for n, __ in templates.samples(shop.desk, account, actor=shop.bia)] == [neutral, ticket]
    assert templates.samples(shop.desk, account, actor=shop.davi) == ()


def test_p1_who_has_no_level_keeps_no_templates(shop: Shop) -> None:
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    nina = shop.desk.actor("nina")
    assert code(templates.add(shop.desk, "meu", body="x", actor=nina)) == "not yours"
    assert templates.templates(shop.desk, actor=nina) == ()


def test_m2_only_a_template_that_fits_the_ticket_is_begun_with(shop: Shop, ticket: int) -> None:
    """Whatever else is in sight: bia reads the account's, and this one is for promoters."""
    for klass in ("promoter", "detractor"):
        done = templates.add(shop.desk, klass, account=True, klass=klass, body="{{ customer.name }}", actor=shop.ana)
        assert isinstance(done, Saved)
        begun = templates.use(shop.desk, done.id, ticket, actor=shop.bia)
        if klass == "promoter":
            assert code(begun) == "not here"
        else:
            assert not isinstance(begun, Refusal) and begun[0] == "detractor"


def test_m2_ones_own_and_a_flows_may_be_many_for_a_class(shop: Shop) -> None:
    """One for each class is what the autopilot sends (A4), and it sends none of these."""
    for place in ({}, {"flow": shop.flow}):
        for name in ("Um", "Dois"):
            assert code(templates.add(shop.desk, name, klass="promoter", body="x", actor=shop.ana, **place)) == "saved"  # type: ignore[arg-type]
