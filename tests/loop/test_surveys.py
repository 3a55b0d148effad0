"""Surveys: scale, limits, employees, zone (I1–I3)."""

import json
from dataclasses import replace

import pytest

from domain.plans import FlowPlan
from domain.refusals import Refusal
from loop import audit, flows, surveys
from loop.import_layouts import survey_named
from loop.setup_views import Conflict, Saved, SurveyRow
from tests.loop.conftest import Shop


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else repr(done)


def survey(shop: Shop, name: str = "Pós-compra") -> SurveyRow:
    return next(s for s in surveys.surveys(shop.desk, actor=shop.ana) if s.name == name)


@pytest.fixture
def known(shop: Shop, ticket: int) -> int:
    """The survey of the ticket's answer."""
    return survey(shop).id


@pytest.mark.parametrize("login", ["bia", "rui"])
def test_p4_surveys_are_an_administrators_work(shop: Shop, known: int, login: str) -> None:
    me = shop.desk.actor(login)
    assert surveys.surveys(shop.desk, actor=me) == ()
    assert code(surveys.create(shop.desk, "Loja", actor=me)) == "needs level"
    assert code(surveys.change(shop.desk, known, {"name": "X"}, actor=me)) == "needs level"


def test_i2_new_limits_class_new_answers_and_leave_the_others(shop: Shop, known: int) -> None:
    shop.answer(score=5, email="a@x.example")
    before = shop.desk.db.rows("SELECT id, klass FROM answers ORDER BY id")
    done = surveys.change(shop.desk, known, {"detractor_max": 4, "promoter_min": 5}, actor=shop.caio)
    assert isinstance(done, Saved)
    assert [(c.old, c.new) for c in done.changes] == [("6", "4"), ("9", "5")]
    assert shop.desk.db.rows("SELECT id, klass FROM answers ORDER BY id") == before
    next_import = survey_named(shop.desk, "pos-compra")
    assert next_import and [next_import.scale.classify(n).value for n in (4, 5)] == ["detractor", "promoter"]
    assert surveys.limits_note()


@pytest.mark.parametrize(
    "changes",
    [
        {"detractor_max": 9},
        {"low": 7},
        {"high": 8},
        {"promoter_min": 11},
        {"low": -1},
        {"high": 101},
        {"detractor_max": True},
        {"detractor_max": "6; DROP TABLE users"},
        {"kind": "stars"},
    ],
)
def test_i2_limits_that_make_no_sense_are_refused(shop: Shop, known: int, changes: dict[str, object]) -> None:
    before = survey(shop)
    assert code(surveys.change(shop.desk, known, changes, actor=shop.ana)) == "bad limits"
    assert survey(shop) == before


def test_a_survey_of_another_kind_has_that_scale_until_answers_came(shop: Shop, known: int) -> None:
    made = surveys.create(shop.desk, "Loja", kind="csat", promoter_min=5, actor=shop.caio)
    assert isinstance(made, Saved)
    loja = survey(shop, "Loja")
    assert (loja.low, loja.high, loja.detractor_max, loja.promoter_min) == (1, 5, 2, 5)
    assert isinstance(surveys.change(shop.desk, made.id, {"kind": "nps"}, actor=shop.caio), Saved)
    loja = survey(shop, "Loja")
    assert (loja.low, loja.high, loja.detractor_max, loja.promoter_min) == (0, 10, 6, 9)
    assert code(surveys.change(shop.desk, known, {"kind": "csat"}, actor=shop.caio)) == "answers keep kind"


def test_i3_a_survey_of_employees_opens_no_tickets_from_then_on(shop: Shop, known: int) -> None:
    assert isinstance(surveys.change(shop.desk, known, {"internal": True}, actor=shop.caio), Saved)
    assert shop.answer(email="a@x.example") is None
    assert survey(shop).answers == 2
    assert isinstance(surveys.change(shop.desk, known, {"internal": False}, actor=shop.caio), Saved)
    assert shop.answer(email="b@x.example")


@pytest.mark.parametrize("zone", ["Brazil", "../../etc/passwd", "", "/etc/localtime", "America", "x\x00y", "\x1b[2J"])
def test_i1_a_zone_is_one_that_is_known(shop: Shop, known: int, zone: str) -> None:
    assert code(surveys.change(shop.desk, known, {"zone": zone}, actor=shop.ana)) == "no zone"
    assert isinstance(surveys.change(shop.desk, known, {"zone": "America/Fortaleza"}, actor=shop.ana), Saved)


@pytest.mark.parametrize("by_id", [True, False])
def test_i5_flows_take_the_answers_of_a_survey_under_its_new_name(shop: Shop, known: int, by_id: bool) -> None:
    with shop.desk.db.write() as work:
        filters = json.dumps({"surveys": ["Outra", known if by_id else "Pós-compra"], "classes": ["detractor"]})
        work.run("UPDATE flows SET intake = :i WHERE id = :f", {"i": filters, "f": shop.flow})
    read = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    assert isinstance(read, FlowPlan)
    assert isinstance(surveys.change(shop.desk, known, {"name": "Depois da compra"}, actor=shop.caio), Saved)
    now = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    assert isinstance(now, FlowPlan) and now.intake.surveys == ("Outra", "Depois da compra")
    stale = flows.save(shop.desk, replace(read, days_until_due=9), actor=shop.ana)
    assert isinstance(stale, Conflict) and stale.by == "caio", "whoever edits the flow now is told"
    assert ["Pós-compra" in d.old and "Depois da compra" in d.new for d in stale.changes] == [True]


@pytest.mark.parametrize(("name", "why"), [("pos-COMPRA", "name used"), ("", "no name"), ("x" * 121, "too long")])
def test_names_of_surveys_are_told_apart(shop: Shop, known: int, name: str, why: str) -> None:
    assert code(surveys.create(shop.desk, name, actor=shop.ana)) == why
    made = surveys.create(shop.desk, "Loja", actor=shop.ana)
    assert isinstance(made, Saved)
    assert code(surveys.change(shop.desk, made.id, {"name": name}, actor=shop.ana)) == why


def test_two_who_change_one_survey_keep_both_fields_and_the_audit_shows_both(shop: Shop, known: int) -> None:
    """Only the fields that are given are written; the last write of one field wins."""
    surveys.change(shop.desk, known, {"internal": True}, actor=shop.ana)
    surveys.change(shop.desk, known, {"writing_help": True}, actor=shop.caio)
    surveys.change(shop.desk, known, {"internal": False}, actor=shop.caio)
    assert (survey(shop).internal, survey(shop).writing_help) == (False, True)
    lines = audit.audit(shop.desk, actor=shop.caio, target="survey", target_id=known)
    assert [(line.who, line.changes[0].old, line.changes[0].new, len(line.changes)) for line in lines] == [
        ("caio", "yes", "no", 1),
        ("caio", "no", "yes", 1),
        ("ana", "no", "yes", 1),
    ]
    with pytest.raises(KeyError):
        surveys.change(shop.desk, known, {"id": 7}, actor=shop.ana)
    assert code(surveys.change(shop.desk, 999, {"internal": True}, actor=shop.ana)) == "not here"
