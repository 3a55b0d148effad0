"""Rule sets: drafts, switching, order, what happens when what they name changes or goes (A1, A2, A4, P3, P4)."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.people import Actor, Level, Role
from domain.refusals import Refusal
from domain.rule_shape import EXPRESSIONS, SETS, VALUES
from domain.rules import Condition, Moment, RuleSet, Says, Then, When
from loop import audit, flows, labels, managers, people, rules, surveys, templates
from loop.rule_plans import read_categories, read_sets, read_survey_sets, stored
from loop.rule_rehearsal import rehearse
from loop.rule_views import Switched
from loop.setup_views import Conflict, Saved
from tests.loop.conftest import Shop

LATE = When(flows=("Detratores",), classes=("detractor",), says=Says(("atras*", '"fora do prazo"'), ("obrigad*",)))
HIGH = Then(tags=("atraso",), priority=1)


def ok(done: Any) -> int:
    """The id of what was saved."""
    assert isinstance(done, Saved | Switched), done
    return done.id


def code(done: Any) -> str:
    """Why not."""
    assert isinstance(done, Refusal), done
    return done.code


@pytest.fixture
def add(shop: Shop) -> Callable[..., int]:
    """Save a new set; its id."""

    def call(name: str, when: When = LATE, then: Then = HIGH, actor: Actor | None = None) -> int:
        return ok(rules.save(shop.desk, RuleSet(None, name, when, then), actor=actor or shop.ana))

    return call


def plan(shop: Shop, id: int, actor: Actor | None = None) -> RuleSet:
    """A set as the actor reads it."""
    found = rules.rule_set(shop.desk, id, actor=actor or shop.ana)
    assert isinstance(found, RuleSet), found
    return found


def order(shop: Shop) -> list[tuple[int, str]]:
    """Places and names as they are kept."""
    return [*shop.desk.db.rows("SELECT position, name FROM rule_sets ORDER BY position, id")]


def said(shop: Shop, id: int) -> str:
    """The blanks of a set, joined."""
    return " ".join(b.sentence for b in rules.blanks(shop.desk, plan(shop, id), actor=shop.ana))


def member(shop: Shop, login: str, role: Role, flow: int) -> None:
    """Somebody in a flow."""
    from domain.plans import MemberPlan

    was = flows.plan(shop.desk, flow, actor=shop.ana)
    assert not isinstance(was, Refusal)
    others = tuple(m for m in was.members if m.name != login)
    ok(flows.save(shop.desk, replace(was, members=(*others, MemberPlan(login, role))), actor=shop.ana))


WHOLE = RuleSet(
    None,
    "Tudo",
    When(
        surveys=("Pós-compra",),
        classes=("detractor",),
        scores=(7, 8),
        says=Says(("atras*",), ("brinde",), True),
        groups=(
            (Condition("UF", "in", ("SP", "RJ")), Condition("Valor", ">", ("100",))),
            (Condition("Loja", "empty"),),
        ),
        ticket="with",
        flows=("Detratores",),
        categories=("Entrega / Atraso",),
        tags=("vip",),
        priorities=(1, 2),
        earlier_from=1,
        moment=Moment("no reply", 48),
    ),
    Then(
        categories=("Entrega",),
        categorise=True,
        tags=("atraso",),
        priority=1,
        assignee="bia",
        due_days=2,
        phase="Contato",
        followers=("rui",),
        send="Desculpas",
    ),
)


@pytest.fixture
def around(shop: Shop) -> None:
    """What `WHOLE` names."""
    ok(surveys.create(shop.desk, "Pós-compra", actor=shop.ana))
    parent = ok(labels.create_category(shop.desk, "Entrega", actor=shop.ana))
    ok(labels.create_category(shop.desk, "Atraso", parent, words=("demor*",), actor=shop.ana))
    text = {"sender_name": "Loja", "subject": "Desculpe", "body": "Olá {{ customer.name }}"}
    ok(templates.add(shop.desk, "Desculpas", account=True, actor=shop.ana, **text))


def test_a1_a_set_is_kept_whole_and_read_back(shop: Shop, around: None) -> None:
    id = ok(rules.save(shop.desk, WHOLE, actor=shop.ana))
    read = plan(shop, id)
    assert (read.when, read.then, read.name) == (WHOLE.when, WHOLE.then, WHOLE.name)
    assert (read.active, read.position, read.version) == (False, 1, 1)
    conditions, actions = stored(shop.desk.db, read)
    kept = shop.desk.db.rows("SELECT conditions, actions FROM rule_sets")[0]
    assert [json.loads(v) if isinstance(v, str) else v for v in kept] == [conditions, actions]
    assert said(shop, id) == ""


def test_a1_what_is_renamed_is_followed_and_what_runs_reads_the_new_names(shop: Shop, around: None) -> None:
    id = ok(rules.save(shop.desk, WHOLE, actor=shop.ana))
    ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    ((survey, flow, template),) = shop.desk.db.rows(
        "SELECT s.id, f.id, t.id FROM surveys s, flows f, templates t WHERE f.name = 'Detratores'"
    )
    ok(surveys.change(shop.desk, survey, {"name": "Compra 2026"}, actor=shop.ana))
    ok(flows.save(shop.desk, replace(flows.plan(shop.desk, flow, actor=shop.ana), name="Críticos"), actor=shop.ana))
    category = {c.name: c.id for c in labels.categories(shop.desk, actor=shop.ana)}
    ok(labels.change_category(shop.desk, category["Entrega"], {"name": "Transporte"}, actor=shop.ana))
    ok(templates.change(shop.desk, template, {"name": "Perdão"}, actor=shop.ana))
    (read,) = read_sets(shop.desk.db.rows, active_only=True)
    assert read.when.surveys == ("Compra 2026",)
    assert read.when.flows == ("Críticos",)
    assert read.when.categories == ("Transporte / Atraso",) and read.then.categories == ("Transporte",)
    assert read.then.send == "Perdão"
    assert read_categories(shop.desk.db.rows)["Transporte / Atraso"] == ("demor*",)
    assert said(shop, id) == ""


def test_a1_changed_only_while_off(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Atrasos")
    ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    assert code(rules.save(shop.desk, replace(plan(shop, id), name="Outro"), actor=shop.ana)) == "rule on"
    assert code(rules.remove(shop.desk, id, actor=shop.ana)) == "rule on"
    assert plan(shop, id).name == "Atrasos"
    ok(rules.switch(shop.desk, id, False, actor=shop.ana))
    ok(rules.save(shop.desk, replace(plan(shop, id), name="Outro"), actor=shop.ana))
    assert plan(shop, id).name == "Outro"


def test_a1_a_draft_may_be_incomplete_and_switching_on_names_each_blank(shop: Shop, add: Callable[..., int]) -> None:
    when = When(
        surveys=("Nenhuma",),
        flows=("Detratores", "Nenhum"),
        says=Says(('"aberta',)),
        groups=((Condition("UF", "in", ()),),),
        categories=("Nada",),
    )
    then = Then(assignee="zoe", phase="Resolvido", send="Nada disso", followers=("davi",))
    id = add("Rascunho", when, then)
    found = rules.blanks(shop.desk, plan(shop, id), actor=shop.ana)
    places = {blank.where for blank in found}
    assert places == {"surveys", "flows", "says", "attr:0:0", "categories", "then:assign", "then:phase", "then:send", "then:followers"}  # fmt: skip
    why = rules.switch(shop.desk, id, True, actor=shop.ana)
    assert code(why) == "blanks"
    assert all(blank.sentence in str(why) for blank in found)
    assert not plan(shop, id).active
    (line,) = rules.rule_sets(shop.desk, actor=shop.ana)
    assert line.blanks == tuple(blank.sentence for blank in found)


def test_a1_an_empty_set_is_a_draft_and_says_what_is_missing(shop: Shop, add: Callable[..., int]) -> None:
    id = add("", When(), Then())
    assert {b.where for b in rules.blanks(shop.desk, plan(shop, id), actor=shop.ana)} >= {"name", "then"}


def test_p4_the_assignee_works_in_every_flow_that_is_named_and_followers_see_it(
    shop: Shop, add: Callable[..., int]
) -> None:
    id = add("Dar a davi", LATE, Then(assignee="davi"))
    assert "davi cannot work in the flow Detratores" in said(shop, id)
    assert "rui cannot work" in said(shop, add("Dar a rui", LATE, Then(assignee="rui")))
    assert "davi does not see" in said(shop, add("Seguir", LATE, Then(followers=("davi", "rui"))))
    assert "rui does not see" not in said(shop, add("Seguir 2", LATE, Then(followers=("rui",))))
    opened = When(ticket="without")
    assert "bia cannot work in the flow Elogios" in said(shop, add("Abrir", opened, Then(open_in="Elogios", assignee="bia")))  # fmt: skip


def test_t6_a_phase_that_closes_asks_for_a_resolution(shop: Shop, add: Callable[..., int]) -> None:
    assert "asks for a resolution" in said(shop, add("Fechar", LATE, Then(phase="Resolvido")))
    assert "asks for a resolution" in said(shop, add("Fechar calado", LATE, Then(phase="Resolvido", resolution=" \n ")))
    assert said(shop, add("Fechar dizendo", LATE, Then(phase="resolvido", resolution="Brinde enviado"))) == ""
    assert "has no phase Espera" in said(shop, add("Mover", LATE, Then(phase="Espera")))
    assert "No flow has a phase Espera" in said(shop, add("Mover todos", When(), Then(phase="Espera")))


def test_a4_the_class_e_mail_must_be_whole_and_some_survey_must_send(shop: Shop, add: Callable[..., int]) -> None:
    survey = ok(surveys.create(shop.desk, "Loja física", actor=shop.ana))
    when = When(surveys=("Loja física",), classes=("promoter",))
    id = add("Agradecer", when, Then(send="class"))
    assert "The e-mail of the account for promoters is not complete" in said(shop, id)
    whole = {"klass": "promoter", "sender_name": "Loja", "subject": "Oba", "body": "Obrigado!"}
    ok(templates.add(shop.desk, "Oba", account=True, actor=shop.ana, **whole))
    assert said(shop, id) == ""
    ok(surveys.change(shop.desk, survey, {"own_templates": True}, actor=shop.ana))
    assert "of the survey Loja física for promoters" in said(shop, id)
    ok(templates.add(shop.desk, "Da loja", survey=survey, actor=shop.ana, **whole))
    assert said(shop, id) == ""
    ok(surveys.change(shop.desk, survey, {"sends_mail": False}, actor=shop.ana))
    assert said(shop, id) == "None of its surveys sends e-mail."


def test_a4_scores_ask_for_the_e_mails_of_their_classes_by_the_surveys_own_limits(
    shop: Shop, add: Callable[..., int]
) -> None:
    """I2: where a survey says that 6 is neutral and 8 a promoter's, those texts are looked at, at either edge."""
    survey = ok(surveys.create(shop.desk, "Loja física", actor=shop.ana))
    ok(surveys.change(shop.desk, survey, {"detractor_max": 5, "promoter_min": 8}, actor=shop.ana))

    def lacking(*scores: int) -> list[str]:
        id = add(f"Notas {scores}", When(surveys=("Loja física",), scores=scores), Then(send="class"))
        return [klass for klass in ("detractors", "neutrals", "promoters") if f"for {klass} is not" in said(shop, id)]

    assert lacking(5) == ["detractors"]
    assert lacking(6) == lacking(7) == ["neutrals"]
    assert lacking(8) == ["promoters"]
    assert lacking(0, 10) == ["detractors", "promoters"]
    assert lacking() == ["detractors", "neutrals", "promoters"]


def test_a4_where_no_survey_is_yet_the_accounts_e_mails_are_looked_at_and_one_that_sends_is_enough(
    shop: Shop, add: Callable[..., int]
) -> None:
    id = add("Desculpas", LATE, Then(send="class"))
    lacking = "The e-mail of the account for detractors is not complete. Nothing is written yet."
    assert said(shop, id) == lacking
    for name, sends in (("Uma", False), ("Outra", True)):
        survey = ok(surveys.create(shop.desk, name, actor=shop.ana))
        if not sends:
            ok(surveys.change(shop.desk, survey, {"sends_mail": False}, actor=shop.ana))
    assert said(shop, id) == lacking
    text = {"sender_name": "Loja", "subject": "Desculpe", "body": "Olá"}
    ok(templates.add(shop.desk, "Desculpas", account=True, klass="detractor", actor=shop.ana, **text))
    assert said(shop, id) == ""


@pytest.mark.parametrize("lacks", ["sender_name", "subject", "body"])
def test_a4_a_chosen_template_must_be_whole(shop: Shop, add: Callable[..., int], lacks: str) -> None:
    """Both while its name is only written down and once it is a reference."""
    id = add("Cedo", LATE, Then(send="Desculpas"))
    assert "There is no template Desculpas" in said(shop, id)
    parts = {"sender_name": "Loja", "subject": "Desculpe", "body": "Olá"}
    template = ok(templates.add(shop.desk, "Desculpas", account=True, actor=shop.ana, **parts | {lacks: " "}))
    lacking = "The template Desculpas lacks the sender's name, the subject or the text."
    assert said(shop, id) == said(shop, add("Agora", LATE, Then(send="Desculpas"))) == lacking
    ok(templates.change(shop.desk, template, {lacks: parts[lacks]}, actor=shop.ana))
    assert said(shop, id) == ""


def test_a1_a_flow_that_is_off_opens_nothing_and_has_no_phases(shop: Shop, add: Callable[..., int]) -> None:
    """P3: nor has one out of the asker's sight."""
    with shop.desk.db.write() as work:
        work.run("UPDATE phases SET name = 'Festa' WHERE name = 'Solução' AND flow_id = :f", {"f": shop.other_flow})
    opens = add("Abrir", When(ticket="without"), Then(open_in="Elogios"))
    moves = RuleSet(None, "Mover", When(), Then(phase="Festa"))
    nowhere = "No flow has a phase Festa."
    assert said(shop, opens) == ""
    assert rules.blanks(shop.desk, moves, actor=shop.ana) == ()
    assert nowhere in [b.sentence for b in rules.blanks(shop.desk, moves, actor=shop.caio)]
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :f", {"f": shop.other_flow})
    assert said(shop, opens) == "The flow Elogios is switched off, so no ticket is opened in it."
    assert [b.sentence for b in rules.blanks(shop.desk, moves, actor=shop.ana)] == [nowhere]


def test_a1_a_retired_category_is_asked_for_but_not_given(shop: Shop, add: Callable[..., int]) -> None:
    parent = ok(labels.create_category(shop.desk, "Entrega", actor=shop.ana))
    ok(labels.create_category(shop.desk, "Atraso", parent, actor=shop.ana))
    gives = add("Dar", LATE, Then(categories=("Entrega / Atraso", "Entrega")))
    asks = add("Pedir", replace(LATE, categories=("Entrega / Atraso",)), HIGH)
    assert said(shop, gives) == said(shop, asks) == ""
    ok(labels.retire_category(shop.desk, parent, actor=shop.ana))
    assert said(shop, gives) == (
        "The category Entrega / Atraso is retired and not given any more."
        " The category Entrega is retired and not given any more."
    )
    assert said(shop, asks) == ""


def test_a3_a_value_of_a_table_without_anybody_is_a_blank(shop: Shop, add: Callable[..., int]) -> None:
    ok(managers.save_table(shop.desk, None, "Gerentes", "loja", {"Natal": "", "Recife": "bia"}, actor=shop.ana))
    id = add("Por loja", LATE, Then(by_table="Gerentes"))
    assert said(shop, id) == "The table Gerentes has nobody who can work for Natal."


def test_a3_a_table_without_a_value_is_a_blank(shop: Shop, add: Callable[..., int]) -> None:
    table = ok(managers.save_table(shop.desk, None, "Gerentes", "loja", {}, actor=shop.ana))
    id = add("Por loja", LATE, Then(by_table="Gerentes"))
    assert said(shop, id) == "The table Gerentes is empty."
    ok(managers.save_table(shop.desk, table, "Gerentes", "loja", {"Natal": "bia"}, actor=shop.ana))
    assert said(shop, id) == ""


def test_a4_both_lists_must_name_each_other(shop: Shop, add: Callable[..., int]) -> None:
    survey = ok(surveys.create(shop.desk, "Pós-compra", actor=shop.ana))
    one, two = add("Um", When(), HIGH), add("Dois", When(), HIGH)
    assert read_survey_sets(shop.desk.db.rows) == {"Pós-compra": None}
    done = surveys.change(shop.desk, survey, {"rule_sets": [two]}, actor=shop.ana)
    assert isinstance(done, Saved) and [(c.old, c.new) for c in done.changes] == [("all", "Dois")]
    assert read_survey_sets(shop.desk.db.rows) == {"Pós-compra": frozenset({two})}
    assert "would never run" in said(shop, one) and said(shop, two) == ""
    assert surveys.surveys(shop.desk, actor=shop.ana)[0].rule_sets == (two,)
    ok(rules.remove(shop.desk, two, actor=shop.ana))
    assert read_survey_sets(shop.desk.db.rows) == {"Pós-compra": frozenset()}
    assert code(surveys.change(shop.desk, survey, {"rule_sets": [99]}, actor=shop.ana)) == "not here"
    other = ok(surveys.create(shop.desk, "Outra", actor=shop.ana))
    assert said(shop, one) == "", "one of the two is enough"
    named = add("Só uma", When(surveys=("Pós-compra",)), HIGH)
    assert "the rule sets of Pós-compra do not include it" in said(shop, named)
    ok(surveys.change(shop.desk, other, {"rule_sets": []}, actor=shop.ana))
    assert "the rule sets of Outra, Pós-compra do not include it" in said(shop, one)
    ok(surveys.change(shop.desk, survey, {"rule_sets": None}, actor=shop.ana))
    assert said(shop, one) == said(shop, named) == ""


def test_a1_a_set_that_is_on_stays_on_when_something_goes_and_its_list_shows_the_blank(
    shop: Shop, add: Callable[..., int]
) -> None:
    table = ok(managers.save_table(shop.desk, None, "Gerentes", "loja", {"Natal": "bia"}, actor=shop.ana))
    one, two = add("Por loja", LATE, Then(by_table="Gerentes")), add("Para bia", LATE, Then(assignee="bia"))
    for id in (one, two):
        ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    ok(people.deactivate(shop.desk, "bia", actor=shop.ana))
    lines = {line.name: line for line in rules.rule_sets(shop.desk, actor=shop.ana)}
    assert lines["Por loja"].active and "Natal" in lines["Por loja"].blanks[0]
    assert lines["Para bia"].active and "bia cannot come in any more" in lines["Para bia"].blanks[0]
    ok(managers.remove_table(shop.desk, table, actor=shop.ana))
    # The next table may get the same id and is not taken for it.
    other = ok(managers.save_table(shop.desk, None, "Outra", "loja", {"Natal": "caio"}, actor=shop.ana))
    assert plan(shop, one).then.by_table == "Gerentes"
    assert "There is no table Gerentes" in said(shop, one)
    assert other and plan(shop, one).active


def test_a1_switching_on_makes_references_of_names_that_came_later(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Cedo", When(surveys=("Futura",)), HIGH)
    assert "There is no survey Futura" in said(shop, id)
    survey = ok(surveys.create(shop.desk, "Futura", actor=shop.ana))
    ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    ok(surveys.change(shop.desk, survey, {"name": "Agora"}, actor=shop.ana))
    assert plan(shop, id).when.surveys == ("Agora",)


def test_a1_order_is_dense_and_moves(shop: Shop, add: Callable[..., int]) -> None:
    ids = [add(name) for name in "ABCD"]
    ok(rules.reorder(shop.desk, ids[3], 1, actor=shop.ana))
    assert order(shop) == [(1, "D"), (2, "A"), (3, "B"), (4, "C")]
    ok(rules.reorder(shop.desk, ids[3], 3, actor=shop.ana))
    assert order(shop) == [(1, "A"), (2, "B"), (3, "D"), (4, "C")]
    ok(rules.reorder(shop.desk, ids[0], 99, actor=shop.ana))
    assert order(shop) == [(1, "B"), (2, "D"), (3, "C"), (4, "A")]
    ok(rules.remove(shop.desk, ids[3], actor=shop.ana))
    assert order(shop) == [(1, "B"), (2, "C"), (3, "A")]
    ok(rules.copy(shop.desk, ids[1], actor=shop.ana))
    ok(rules.copy(shop.desk, ids[1], actor=shop.ana))
    assert order(shop)[3:] == [(4, "B (copy)"), (5, "B (copy 2)")]
    assert code(rules.reorder(shop.desk, 99, 1, actor=shop.ana)) == "not here"


def test_a1_one_that_ran_is_kept(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Atrasos")
    with shop.desk.db.write() as work:
        work.run("INSERT INTO rule_runs (id, at, way, about, looked_at) VALUES (1, 1, 'import', '', 1)", {})
        work.run(
            "INSERT INTO rule_hits (rule_set_id, about, run_id, at, because, did, mail) VALUES (:id, 1, 1, 1, '{}', '{}', '')",
            {"id": id},
        )
    assert code(rules.remove(shop.desk, id, actor=shop.ana)) == "rule ran"


def test_two_people_at_once_the_second_is_told_what_the_first_did(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Atrasos")
    mine = plan(shop, id)
    ok(rules.save(shop.desk, replace(mine, then=replace(HIGH, priority=2)), actor=shop.ana))
    ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    ok(rules.switch(shop.desk, id, False, actor=shop.ana))
    ok(rules.reorder(shop.desk, id, 1, actor=shop.ana))
    done = rules.save(shop.desk, replace(mine, name="Meu"), actor=shop.ana)
    assert isinstance(done, Conflict)
    assert done.by == "ana" and [(c.field, c.old, c.new) for c in done.changes] == [("priority", "high", "medium")]
    assert plan(shop, id).name == "Atrasos"


def test_nothing_to_change_is_no_version(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Atrasos")
    done = rules.save(shop.desk, plan(shop, id), actor=shop.ana)
    assert isinstance(done, Saved) and done.changes == () and plan(shop, id).version == 1


def test_every_change_is_in_the_audit_with_old_and_new_in_words(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Atrasos")
    other = add("Segundo")
    ok(rules.save(shop.desk, replace(plan(shop, id), when=replace(LATE, classes=("neutral",))), actor=shop.ana))
    ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    ok(rules.switch(shop.desk, id, False, actor=shop.ana))
    ok(rules.reorder(shop.desk, id, 2, actor=shop.ana))
    ok(rules.remove(shop.desk, other, actor=shop.ana))
    lines = audit.audit(shop.desk, actor=shop.ana, target="rule set")
    told = [(r.what, r.name, [(c.field, c.old, c.new) for c in r.changes]) for r in reversed(lines)]
    assert told[0][:2] == ("created", "Atrasos")
    assert ("the comment says", "", 'atras*, "fora do prazo"') in told[0][2]
    assert told[2:] == [
        ("changed", "Atrasos", [("classes", "detractor", "neutral")]),
        ("activated", "Atrasos", [("active", "no", "yes")]),
        ("deactivated", "Atrasos", [("active", "yes", "no")]),
        ("reordered", "Atrasos", [("order", "", "further down")]),
        ("removed", "Segundo", [("name", "Segundo", "")]),
    ]


@pytest.mark.parametrize(
    ("when", "then", "expected"),
    [
        (When(groups=((Condition("UF", "in", tuple(map(str, range(VALUES + 1)))),),)), HIGH, "too many values"),
        (When(says=Says(tuple(f"w{n}" for n in range(EXPRESSIONS + 1)))), HIGH, "too many expressions"),
        (When(says=Says(("x" * 201,))), HIGH, "too long"),
        (When(groups=((Condition("a", "in", ("b",)),),) * 101), HIGH, "too many groups"),
        (When(groups=((Condition("a", "in", ("b",)),) * 101,)), HIGH, "too many conditions"),
        (When(surveys=tuple(f"s{n}" for n in range(501))), HIGH, "too many named"),
        (When(scores=(-1,)), HIGH, "rule value"),
        (When(), Then(priority=7), "rule value"),
        (When(), Then(due_days=-1), "rule value"),
        (When(moment=Moment("due in", 10**9)), HIGH, "rule value"),
        (When(), Then(resolution="x" * 2_001), "too long"),
    ],
)
def test_limits_are_said(shop: Shop, when: When, then: Then, expected: str) -> None:
    assert code(rules.save(shop.desk, RuleSet(None, "Muito", when, then), actor=shop.ana)) == expected


def test_so_many_sets_are_the_most(shop: Shop, add: Callable[..., int]) -> None:
    id = add("Um")
    with shop.desk.db.write() as work:
        for n in range(2, SETS + 1):
            work.run(
                """INSERT INTO rule_sets (name, position, active, conditions, actions, created_at, version)
                   SELECT :name, :n, active, conditions, actions, created_at, version FROM rule_sets WHERE id = :id""",
                {"name": f"Conjunto {n}", "n": n, "id": id},
            )
    assert code(rules.save(shop.desk, RuleSet(None, "Mais", LATE, HIGH), actor=shop.ana)) == "too many rule sets"
    assert len(rules.rule_sets(shop.desk, actor=shop.ana)) == SETS


def test_r7_names_are_cleaned_and_each_is_there_once(shop: Shop, add: Callable[..., int]) -> None:
    when = When(
        says=Says(("atras*\x1b[31m", "ATRAS*\n", " ")), groups=((Condition(" UF\x07 ", "in", ("SP", "sp ", "")),), ())
    )
    id = add("  Atra\x1b[2Jsos\n", when, Then(tags=('"vip"', "VIP")))
    read = plan(shop, id)
    assert read.name == "Atra[2Jsos"
    assert read.when.says.any_of == ("atras*[31m", "ATRAS*")
    assert read.when.groups == ((Condition("UF", "in", ("SP",)),),)
    assert read.then.tags == ("vip",)


def test_two_sets_are_not_called_the_same(shop: Shop, add: Callable[..., int]) -> None:
    add("Atrasos")
    assert code(rules.save(shop.desk, RuleSet(None, "ATRÁSOS"), actor=shop.ana)) == "name used"


def test_p4_sets_are_an_administrators_work_in_flows_that_they_edit(shop: Shop, add: Callable[..., int]) -> None:
    """Caio is an administrator by level and an agent in Detratores: he reads what is about it, and changes nothing there."""
    of_all, of_one, of_other = add("Todos", When()), add("Detratores"), add("Elogios", When(flows=("Elogios",)))
    bare = add("Sem ticket", When(ticket="without"), Then(send="class"))
    opening = add("Abrir", When(ticket="without"), Then(open_in="Elogios"))
    for login in ("bia", "rui", "davi"):
        assert rules.rule_sets(shop.desk, actor=getattr(shop, login)) == ()
        assert code(rules.save(shop.desk, plan(shop, bare), actor=getattr(shop, login))) == "needs level"
    seen = {line.name: line for line in rules.rule_sets(shop.desk, actor=shop.caio)}
    assert [*seen] == ["Todos", "Detratores", "Sem ticket"] and [line.position for line in seen.values()] == [1, 2, 3]
    assert seen["Todos"].may_edit and seen["Todos"].may_edit.code == "rule of all flows"
    assert seen["Detratores"].may_edit and seen["Detratores"].may_edit.code == "needs role"
    assert seen["Sem ticket"].may_edit is None
    member(shop, "caio", Role.ADMINISTRATOR, shop.flow)
    assert {line.id for line in rules.rule_sets(shop.desk, actor=shop.caio) if line.may_edit is None} == {of_one, bare}
    ok(rules.switch(shop.desk, of_one, True, actor=shop.caio))
    for id in (of_other, opening):
        assert code(rules.rule_set(shop.desk, id, actor=shop.caio)) == "not here"
        assert code(rules.switch(shop.desk, id, True, actor=shop.caio)) == "not here"
        assert code(rules.reorder(shop.desk, id, 1, actor=shop.caio)) == "not here"
        assert code(rules.copy(shop.desk, id, actor=shop.caio)) == "not here"
        assert code(rules.remove(shop.desk, id, actor=shop.caio)) == "not here"
    assert code(rules.switch(shop.desk, of_all, True, actor=shop.caio)) == "rule of all flows"
    # A flow out of sight and one that is not there are told alike.
    for name in ("Elogios", "Nada"):
        when = replace(plan(shop, bare, shop.caio), then=Then(open_in=name))
        why = rules.save(shop.desk, when, actor=shop.caio)
        assert str(why) == f"There is no flow {name} that you can see."
        assert name in rules.blanks(shop.desk, when, actor=shop.caio)[-1].sentence
    assert code(rules.save(shop.desk, RuleSet(None, "Meu", When(), HIGH), actor=shop.caio)) == "rule of all flows"
    # A name that is used out of sight is free.
    assert ok(rules.save(shop.desk, RuleSet(None, "Elogios", LATE, HIGH), actor=shop.caio))


def test_p4_rights_are_asked_anew_in_the_transaction(shop: Shop, add: Callable[..., int]) -> None:
    member(shop, "caio", Role.ADMINISTRATOR, shop.flow)
    id, then_caio = add("Atrasos"), shop.caio
    read = plan(shop, id, then_caio)
    ok(people.change_user(shop.desk, "caio", level=Level.AGENT, actor=shop.ana))
    for done in (
        rules.save(shop.desk, replace(read, name="Outro"), actor=then_caio),
        rules.save(shop.desk, RuleSet(None, "Novo", LATE, HIGH), actor=then_caio),
        rules.switch(shop.desk, id, True, actor=then_caio),
        rules.reorder(shop.desk, id, 1, actor=then_caio),
        rules.remove(shop.desk, id, actor=then_caio),
        rules.copy(shop.desk, id, actor=then_caio),
    ):
        assert code(done) == "needs level"


def test_p3_an_administrator_moves_sets_among_those_in_sight(shop: Shop, add: Callable[..., int]) -> None:
    member(shop, "caio", Role.ADMINISTRATOR, shop.flow)
    hidden = When(flows=("Elogios",))
    for name in ("h1", "a", "h2", "b", "h3", "c", "h4"):
        add(name, hidden if name[0] == "h" else LATE)
    ids = {line.name: line.id for line in rules.rule_sets(shop.desk, actor=shop.caio)}
    ok(rules.reorder(shop.desk, ids["c"], 1, actor=shop.caio))
    assert [line.name for line in rules.rule_sets(shop.desk, actor=shop.caio)] == ["c", "a", "b"]
    assert [name for __, name in order(shop) if name[0] == "h"] == ["h1", "h2", "h3", "h4"]
    ok(rules.reorder(shop.desk, ids["c"], 3, actor=shop.caio))
    assert [line.name for line in rules.rule_sets(shop.desk, actor=shop.caio)] == ["a", "b", "c"]
    assert [place for place, __ in order(shop)] == [*range(1, 8)]


def test_p3_an_administrator_lists_the_sets_in_sight_and_the_others_stay(shop: Shop, add: Callable[..., int]) -> None:
    survey = ok(surveys.create(shop.desk, "Pós-compra", actor=shop.ana))
    hidden, mine = add("Sigilo", When(flows=("Elogios",))), add("Meu")

    def listed(actor: Actor) -> tuple[int, ...] | None:
        return surveys.surveys(shop.desk, actor=actor)[0].rule_sets

    done = surveys.change(shop.desk, survey, {"rule_sets": []}, actor=shop.caio)
    assert isinstance(done, Saved) and [(c.old, c.new) for c in done.changes] == [("all", "none")]
    assert (listed(shop.caio), listed(shop.ana)) == ((), (hidden,))
    assert code(surveys.change(shop.desk, survey, {"rule_sets": [hidden, mine]}, actor=shop.caio)) == "not here"
    ok(surveys.change(shop.desk, survey, {"rule_sets": [mine]}, actor=shop.caio))
    assert (listed(shop.caio), listed(shop.ana)) == ((mine,), (hidden, mine))
    ok(surveys.change(shop.desk, survey, {"rule_sets": [mine]}, actor=shop.ana))
    # The last change was about a set out of Caio's sight only.
    told = [r.changes for r in audit.audit(shop.desk, actor=shop.caio, target="survey") if r.what == "changed"]
    assert [[(c.old, c.new) for c in changes] for changes in told] == [[("none", "Meu")], [("all", "none")]]
    assert len(audit.audit(shop.desk, actor=shop.ana, target="survey")) == 4
    assert "Sigilo" not in repr(audit.audit(shop.desk, actor=shop.caio))


def test_a5_a_yes_to_old_e_mails_is_told_and_is_no_version(shop: Shop, add: Callable[..., int]) -> None:
    from loop import rule_mail

    id, hidden = add("Atrasos"), add("Sigilo", When(flows=("Elogios",)))
    mine = plan(shop, id)
    with shop.desk.db.write() as work:
        work.run("INSERT INTO rule_runs (id, at, way, about, looked_at) VALUES (1, 1, 'past', '', 1)", {})
        for n, of in enumerate((id, hidden), start=1):
            work.run(
                "INSERT INTO rule_hits (rule_set_id, about, run_id, at, because, did, mail) VALUES (:of, :n, 1, 1, '{}', '{}', 'old')",
                {"of": of, "n": n},
            )
    for of in (id, hidden):
        assert rule_mail.confirm(shop.desk, of, actor=shop.ana) == 1
    ok(rules.save(shop.desk, replace(mine, name="Demoras"), actor=shop.ana))
    done = rules.save(shop.desk, replace(mine, name="Outro"), actor=shop.ana)
    assert isinstance(done, Conflict) and [(c.field, c.old, c.new) for c in done.changes] == [("name", "Atrasos", "Demoras")]  # fmt: skip
    lines = audit.audit(shop.desk, actor=shop.caio, target="rule set")
    assert [(r.what, [(c.field, c.new) for c in r.changes]) for r in lines][:2] == [
        ("changed", [("name", "Demoras")]),
        ("changed", [("e-mails to old answers", "1")]),
    ]
    assert "Sigilo" not in repr(lines)


def test_a3_a_template_that_was_removed_is_not_taken_for_the_next_one(shop: Shop, add: Callable[..., int]) -> None:
    """SQLite gives an id again: the rule must not write what it was never told to."""
    whole = {"sender_name": "Loja", "subject": "Oi", "body": "Obrigada"}
    first = ok(templates.add(shop.desk, "Agradecer", account=True, actor=shop.ana, **whole))
    id = add("Obrigado", then=Then(send="Agradecer"))
    ok(templates.remove(shop.desk, first, actor=shop.ana))
    ok(templates.add(shop.desk, "Cobrar", account=True, actor=shop.ana, **whole))
    assert plan(shop, id).then.send == "Agradecer" and "Agradecer" in said(shop, id)


def test_p4_an_administrators_rehearsal_knows_the_sets_before_one_whatever_place_they_are_shown(
    shop: Shop, add: Callable[..., int]
) -> None:
    """Places are those among the sets in sight; what runs before is what is kept before."""
    hidden = [add(f"Elogios {n}", replace(LATE, flows=("Elogios",))) for n in range(2)]
    flows_of = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    members = tuple(m if m.name != "caio" else replace(m, role=Role.ADMINISTRATOR) for m in flows_of.members)
    flows.save(shop.desk, replace(flows_of, members=members), actor=shop.ana)
    giving = add("Marcar", When(flows=("Detratores",)), Then(tags=("vip",)))
    asking = add("Pedir", When(flows=("Detratores",), tags=("vip",)), Then(priority=1))
    for id in (*hidden, giving):
        ok(rules.switch(shop.desk, id, True, actor=shop.ana))
    assert shop.answer()
    caio = shop.caio
    seen = plan(shop, asking, caio)
    assert seen.position == 2
    found = rehearse(shop.desk, seen, actor=caio)
    assert not isinstance(found, Refusal) and found.touched == 1
