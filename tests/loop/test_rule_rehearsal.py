"""A rehearsal's figures are those of a count by hand, and of the run that follows (A5, A6, P3). On both databases."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from domain.answers import NPS, Answer
from domain.people import AUTOPILOT
from domain.refusals import Refusal
from domain.rules import Condition, Moment, RuleSet, Says, Then, When
from domain.text import fold
from loop import answers, autopilot, flows, labels, merging, rules, surveys, templates, tickets, unsubscribing
from loop.rule_rehearsal import rehearse
from loop.rule_views import Ran, Rehearsal
from loop.setup_views import Saved
from tests.loop.conftest import Shop
from tests.loop.ruled import hit, text

DAY = 86_400_000
COMMENTS = (
    ("Meu pedido não chegou", True), ("ATRASOU duas semanas", True), ("Chegou antes do prazo, sem atrasos", False), ("Muito bom", False),
    ("", False), ("o vendedor atrasa sempre", True), ("Produto errado", False),
)  # fmt: skip
LATE = Says(("atras*", "nao chegou"), ("antes do prazo",))


@dataclass
class Given:
    """An answer as the test made it, and what became of its ticket."""

    id: str
    score: int
    said: int
    uf: str
    late: str
    age: int
    reachable: bool
    ticket: int | None = None
    closed: bool = False

    @property
    def klass(self) -> str:
        return "detractor" if self.score <= 6 else "neutral" if self.score <= 8 else "promoter"

    @property
    def says(self) -> bool:
        return COMMENTS[self.said][1]


@pytest.fixture
def many(shop: Shop) -> list[Given]:
    """Two hundred answers of the last 120 days; promoters have no ticket, a third of the others' is closed."""
    flows.save(shop.desk, replace(plan_of_flow(shop, shop.other_flow), active=False), actor=shop.ana)
    r = random.Random(5)
    given = [
        Given(f"A-{i}", r.randrange(11), r.randrange(len(COMMENTS)), r.choice(["SP", "sp ", "RJ", "MG", ""]), r.choice(["12", "-3", "7,5", "12 dias", ""]), r.randrange(120), r.random() < 0.9)
        for i in range(200)
    ]  # fmt: skip
    take(shop, given)
    numbers = dict(
        shop.desk.db.rows("SELECT a.external_id, t.number FROM tickets t JOIN answers a ON a.id = t.answer_id")
    )
    for one in given:
        one.ticket = numbers.get(one.id)
        one.closed = one.ticket is not None and r.random() < 0.33
    tickets.start(shop.desk, [g.ticket for g in given if g.closed and g.ticket], actor=AUTOPILOT, take=False)
    for one in given:
        if one.closed and one.ticket:
            with shop.desk.db.write() as work:
                work.run("UPDATE tickets SET status = 2, phase_id = (SELECT MAX(id) FROM phases WHERE flow_id = :f) WHERE number = :n", {"n": one.ticket, "f": shop.flow})  # fmt: skip
    assert sum(g.ticket is not None for g in given) > 80 and sum(g.closed for g in given) > 20
    return given


def plan_of_flow(shop: Shop, flow: int):  # type: ignore[no-untyped-def]
    plan = flows.plan(shop.desk, flow, actor=shop.ana)
    assert not isinstance(plan, Refusal)
    return plan


def take(shop: Shop, given: list[Given]) -> None:
    rows = [
        Answer(
            g.id, g.score, COMMENTS[g.said][0], datetime.fromtimestamp((shop.clock.now - g.age * DAY - 1000) / 1000, UTC), f"Cliente {g.id}",
            f"{g.id.lower()}@clientes.example" if g.reachable else "", attributes=(("UF", g.uf), ("Dias de atraso", g.late)),
        )
        for g in given
    ]  # fmt: skip
    report = answers.take(shop.desk, "Pós-compra", rows, actor=shop.ana, scale=NPS)
    assert report.imported == len(given)


def done(shop: Shop, plan: RuleSet, **more: object) -> Rehearsal:
    found = rehearse(shop.desk, plan, actor=shop.ana, **more)  # type: ignore[arg-type]
    assert isinstance(found, Rehearsal), found
    return found


def saved(shop: Shop, plan: RuleSet) -> RuleSet:
    """The set, saved and on."""
    kept = rules.save(shop.desk, plan, actor=shop.ana)
    assert isinstance(kept, Saved), kept
    on = rules.switch(shop.desk, kept.id, True, actor=shop.ana)
    assert not isinstance(on, Refusal), on
    read = rules.rule_set(shop.desk, kept.id, actor=shop.ana)
    assert isinstance(read, RuleSet)
    return read


TAG = Then(tags=("atraso",))


@pytest.mark.parametrize("days", [30, 90, None])
def test_a6_what_it_would_touch_is_what_one_counts_by_hand(shop: Shop, many: list[Given], days: int | None) -> None:
    there = [g for g in many if days is None or g.age < days]
    state = {"SP": "SP", "sp ": "SP"}
    plans = {
        When(classes=("detractor",)): lambda g: g.klass == "detractor",
        When(classes=("promoter",), scores=(3, 7)): lambda g: g.klass == "promoter" or g.score in (3, 7),
        When(says=LATE): lambda g: g.says,
        When(groups=((Condition("uf", "in", ("sp",)), Condition("Dias de atraso", ">", ("7",))), (Condition("UF", "in", ("RJ",)),))): lambda g: (
            state.get(g.uf) == "SP" and g.late in ("12", "7,5")
        )
        or g.uf == "RJ",
        When(classes=("detractor",), says=LATE, groups=((Condition("UF", "not in", ("SP",)),),)): lambda g: (
            g.klass == "detractor" and g.says and state.get(g.uf) != "SP"
        ),
        When(says=Says(none_of=("atras*",))): lambda g: "atras" not in fold(COMMENTS[g.said][0]),
        When(surveys=("pos-compra",), flows=("Detratores",)): lambda g: g.ticket is not None,
        When(surveys=("Outra",)): lambda g: False,
        When(ticket="without"): lambda g: g.ticket is None,
    }  # fmt: skip
    for when, holds in plans.items():
        for then in (TAG, Then(send="class")):
            found = done(shop, RuleSet(None, "x", when, then), days=days)
            held = [g for g in there if holds(g) and (then is not TAG or g.ticket is not None)]
            told = (found.answers, found.touched, found.closed, found.with_ticket, found.without_ticket)
            open_ones = [g for g in held if not g.closed]
            assert told == (
                len(there), len(open_ones), len(held) - len(open_ones), sum(g.ticket is not None for g in open_ones),
                sum(g.ticket is None for g in open_ones),
            ), (when, then)  # fmt: skip
            assert sum(found.per_day) == found.touched and len(found.per_day) <= 60
            assert len(found.rows) == min(200, found.touched)
            moments = [row.answered_at for row in found.rows]
            assert moments == sorted(moments, reverse=True)


def test_a6_days_are_those_of_the_answers(shop: Shop, many: list[Given]) -> None:
    found = done(shop, RuleSet(None, "x", then=Then(send="class")), days=30)
    ages = Counter(g.age for g in many if g.age < 30 and not g.closed)
    assert found.per_day == tuple(ages[29 - i] for i in range(30))


def test_a6_the_curve_over_all_answers_ends_with_the_newest(shop: Shop, many: list[Given]) -> None:
    """Else a file of years ago is a bump at the left and a long line of nothing."""
    shop.clock.now += 400 * 86_400_000
    for days in (None, 90):
        found = done(shop, RuleSet(None, "x", then=Then(send="class")), days=days)
        assert sum(found.per_day) == found.touched and found.per_day[0] and found.per_day[-1], days


def test_p3_the_curve_over_all_answers_begins_with_the_oldest_in_sight(shop: Shop, many: list[Given]) -> None:
    """When an answer out of sight came, however long ago, is nobody's to see."""
    before = rehearse(shop.desk, RuleSet(None, "x", then=TAG), days=None, actor=shop.caio)
    shop.clock.now -= 3000 * DAY
    hidden = shop.answer(comment="Há muito", email="antigo@clientes.example")
    shop.clock.now += 3000 * DAY
    assert hidden and not isinstance(before, Refusal) and before.per_day[0] and before.per_day[-1]
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET flow_id = :f WHERE number = :n", {"f": shop.other_flow, "n": hidden})
    after = rehearse(shop.desk, RuleSet(None, "x", then=TAG), days=None, actor=shop.caio)
    assert not isinstance(after, Refusal) and after.per_day == before.per_day
    whole = done(shop, RuleSet(None, "x", then=TAG), days=None)
    assert whole.per_day[:2] == (1, 0), "who sees all sees it"


def test_a6_what_matched_is_marked_in_the_comment(shop: Shop, many: list[Given]) -> None:
    found = done(shop, RuleSet(None, "x", When(says=LATE), TAG), days=None, rows=7)
    assert len(found.rows) == 7 and found.touched > 7
    marked = {row.comment[a:b] for row in found.rows for a, b in row.spans}
    assert marked <= {"não chegou", "ATRASOU", "atrasa"} and marked
    assert all(row.spans and row.customer.startswith("Cliente") and row.ticket for row in found.rows)


PLANS = {
    "tags": RuleSet(None, "Atraso", When(classes=("detractor",), says=LATE), Then(tags=("atraso",), priority=1)),
    "tickets": RuleSet(None, "Abrir", When(scores=(9,)), Then(open_in="Detratores", assignee="bia", send="class")),
    "by table": RuleSet(
        None, "Gerentes", When(groups=((Condition("UF", "filled"),),)), Then(by_table="Gerentes", phase="Contato")
    ),
    "mails": RuleSet(None, "Agradecer", When(classes=("promoter",)), Then(send="class")),
}


@pytest.mark.parametrize("name", PLANS)
def test_a6_running_it_on_the_past_does_what_the_rehearsal_said(shop: Shop, many: list[Given], name: str) -> None:
    from loop import managers

    table = managers.save_table(shop.desk, None, "Gerentes", "UF", {"SP": "bia", "MG": "davi"}, actor=shop.ana)
    assert isinstance(table, Saved)
    for klass in ("promoter", "neutral", "detractor"):
        text(shop, klass=klass)
    unsubscribing.unsubscribe(
        shop.desk, next(g.id for g in many if g.score == 9).lower() + "@clientes.example", actor=shop.ana
    )
    before = done(shop, PLANS[name], days=60)
    plan = saved(shop, PLANS[name])
    again = done(shop, plan, days=60)
    assert replace(again, rows=()) == replace(before, rows=()) and before.touched
    had = dict(shop.desk.db.rows("SELECT 1, COUNT(*) FROM tickets"))[1]
    ran = autopilot.run_past(shop.desk, plan.id or 0, days=60, actor=shop.ana)
    assert isinstance(ran, Ran)
    assert (ran.looked_at, ran.touched, ran.undone) == (before.answers, before.touched, before.undone)
    assert ran.mails == before.mails + sum(n for __, n in before.unsent)
    assert dict(shop.desk.db.rows("SELECT 1, COUNT(*) FROM tickets"))[1] == had + before.would_open
    if name == "tickets":
        assert before.would_open and dict(before.undone)
    if name == "by table":
        assert len(before.undone) == 2, "RJ has no manager, and davi cannot work there"
    after = done(shop, plan, days=60)
    assert (after.touched, after.answers) == (0, before.answers), "what it met once is not counted again"


def test_a4_a5_m11_mails_are_counted_as_they_would_leave(shop: Shop) -> None:
    """The worker then writes as many as were said, and keeps the others for the same reasons."""
    from loop.rule_mail import said, write_due
    from tests.loop.conftest import MAILBOX

    flows.save(shop.desk, replace(plan_of_flow(shop, shop.other_flow), active=False), actor=shop.ana)
    given = [Given(f"P-{i}", 10, 3, "SP", "", i % 10, i % 7 != 0) for i in range(40)]
    take(shop, given)
    text(shop, body="Olá, {{ customer.first_name }}!")
    with shop.desk.db.write() as work:
        for i, change in ((1, "unsubscribed_at = 1"), (2, "blocked_at = 1"), (3, "bounced_at = 1"), (4, "name = ''"), (5, "email = 'sac@loja.example'"), (6, "email = 'p-12@clientes.example'")):  # fmt: skip
            work.run(f"UPDATE contacts SET {change} WHERE email = :e", {"e": f"p-{i}@clientes.example"})
        work.run(
            "INSERT INTO mailboxes (address, sender_name, folder, unknown_sender, uidvalidity, uid, trouble, authserv)"
            " VALUES ('sac@loja.example', '', 'INBOX', 'triage', 0, 0, '', '')",
            {},
        )
    plan = saved(shop, RuleSet(None, "Agradecer", When(classes=("promoter",)), Then(send="class")))
    found = done(shop, plan, days=None)
    assert found.touched == 40
    fresh = [g for g in given if g.age < 7]
    assert sum(n for __, n in found.unsent) + found.mails == 40
    assert dict(found.unsent)[said("old")] == 40 - len(fresh)
    assert set(dict(found.unsent)) == {
        said(w)
        for w in ("old", "unsubscribed", "blocked", "bounced", "missing: customer.first_name", "our own", "same subject")
    }  # fmt: skip
    autopilot.run_past(shop.desk, plan.id or 0, actor=shop.ana)
    write_due(shop.desk, MAILBOX, limit=200)
    became = Counter(mail for (mail,) in shop.desk.db.rows("SELECT mail FROM rule_hits"))
    assert became.pop("sent") == found.mails
    assert {said(word): n for word, n in became.items()} == dict(found.unsent)


def test_m11_one_customer_of_many_answers_gets_as_many_mails_as_were_said(shop: Shop) -> None:
    """M11: so many of one person that the limit holds some back, in the rehearsal as when they are written."""
    from loop.automatic import MOST
    from loop.rule_mail import said, write_due
    from tests.loop.conftest import MAILBOX

    flows.save(shop.desk, replace(plan_of_flow(shop, shop.other_flow), active=False), actor=shop.ana)
    for i in range(MOST + 2):
        assert shop.answer(10, f"Ótimo {i}", external_id=f"m{i}") is None
    survey = shop.desk.db.rows("SELECT id FROM surveys")[0][0]
    text(shop, survey=survey, subject="{{ answer.comment }}")
    surveys.change(shop.desk, survey, {"own_templates": True}, actor=shop.ana)
    plan = saved(shop, RuleSet(None, "Agradecer", When(classes=("promoter",)), Then(send="class")))
    found = done(shop, plan, days=None)
    assert (found.mails, found.unsent) == (MOST, ((said("too many"), 2),))
    autopilot.run_past(shop.desk, plan.id or 0, actor=shop.ana)
    write_due(shop.desk, MAILBOX, limit=200)
    became = Counter(mail for (mail,) in shop.desk.db.rows("SELECT mail FROM rule_hits"))
    assert became == {"sent": MOST, "too many": 2}


def test_a4_a_survey_that_sends_none_and_a_text_that_is_not_whole_are_told(shop: Shop) -> None:
    from loop.rule_mail import said

    take(shop, [Given("a", 10, 3, "SP", "", 1, True)])
    plan = RuleSet(None, "x", When(classes=("promoter",)), Then(send="class"))
    assert done(shop, plan).unsent == ((said("no template"), 1),)
    id = text(shop)
    assert (done(shop, plan).mails, done(shop, plan).unsent) == (1, ())
    templates.change(shop.desk, id, {"subject": ""}, actor=shop.ana)
    assert done(shop, plan).unsent == ((said("incomplete: subject"), 1),)
    survey = shop.desk.db.rows("SELECT id FROM surveys")[0][0]
    surveys.change(shop.desk, survey, {"sends_mail": False}, actor=shop.ana)
    assert done(shop, plan).unsent == ((said("survey sends none"), 1),)


def test_p3_only_answers_in_sight_count_in_every_figure(shop: Shop, many: list[Given]) -> None:
    """caio is an administrator and no member of Elogios."""
    take(shop, [Given(f"E-{i}", 10, 3, "SP", "", 3, True) for i in range(5)])
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET flow_id = :o WHERE number = (SELECT MIN(number) FROM tickets WHERE status = 0)", {"o": shop.other_flow})  # fmt: skip
        work.run("UPDATE tickets SET flow_id = :o WHERE number = (SELECT MIN(number) FROM tickets WHERE status = 2)", {"o": shop.other_flow})  # fmt: skip
    plan = RuleSet(None, "x", then=Then(send="class"))
    all_of_it = done(shop, plan, days=None)
    caios = rehearse(shop.desk, plan, days=None, actor=shop.caio)
    assert isinstance(caios, Rehearsal)
    assert (all_of_it.answers - caios.answers, all_of_it.touched - caios.touched, all_of_it.closed - caios.closed) == (
        2,
        1,
        1,
    )
    hidden = {n for (n,) in shop.desk.db.rows("SELECT number FROM tickets WHERE flow_id = :f", {"f": shop.other_flow})}
    assert not hidden & {row.ticket for row in caios.rows}
    for login in ("bia", "rui", "davi"):
        assert isinstance(rehearse(shop.desk, plan, actor=shop.desk.actor(login)), Refusal)


def test_p3_a_flow_out_of_sight_is_rehearsed_as_one_that_is_not_there(shop: Shop, many: list[Given]) -> None:
    """Neither that there is Elogios nor that davi works in it can be told from what would come of opening tickets there."""
    told = [
        rehearse(shop.desk, RuleSet(None, "x", then=Then(open_in=flow, assignee="davi")), days=None, actor=shop.caio)
        for flow in ("Elogios", "Nada", "Detratores")
    ]
    assert told[0] == told[1] != told[2]


def test_a1_what_earlier_sets_that_are_on_give_counts_where_they_did_not_run_yet(shop: Shop, many: list[Given]) -> None:
    labels_made = labels.create_category(shop.desk, "Entrega", actor=shop.ana)
    assert isinstance(labels_made, Saved)
    first = RuleSet(None, "Ordenar", When(says=LATE), Then(categories=("Entrega",)))
    second = RuleSet(None, "Marcar", When(categories=("Entrega",)), Then(tags=("urgente",)))
    third = RuleSet(None, "Correr", When(tags=("URGENTE",)), Then(priority=1))
    late = [g for g in many if g.says and g.ticket and not g.closed]
    assert done(shop, third, days=None).touched == 0, "nothing gives the tag yet"
    saved(shop, first)
    kept = saved(shop, second)
    assert done(shop, third, days=None).touched == len(late)
    met = shop.desk.db.rows("SELECT id FROM answers WHERE external_id = :id", {"id": late[0].id})[0][0]
    hit(shop, kept.id or 0, met, ticket=late[0].ticket)
    assert done(shop, third, days=None).touched == len(late) - 1, "where it ran, the ticket shows what it gave"
    rules.switch(shop.desk, kept.id or 0, False, actor=shop.ana)
    assert done(shop, third, days=None).touched == 0


def test_a1_what_later_sets_give_does_not_count(shop: Shop) -> None:
    shop.answer()
    hurry = saved(shop, RuleSet(None, "Correr", When(tags=("urgente",)), Then(priority=1)))
    mark = saved(shop, RuleSet(None, "Marcar", When(), Then(tags=("urgente",))))
    assert done(shop, hurry, days=None).touched == 0
    rules.reorder(shop.desk, mark.id or 0, 1, actor=shop.ana)
    assert done(shop, hurry, days=None).touched == 1


def test_a5_q7_a_ticket_that_went_into_another_is_neither_counted_nor_touched(shop: Shop) -> None:
    gone, goes_on = shop.answer(comment="Um"), shop.answer(comment="Dois")
    assert gone and goes_on and merging.merge(shop.desk, [gone], goes_on, actor=shop.bia).done == (gone,)
    plan = saved(shop, RuleSet(None, "Marca", When(), Then(tags=("x",))))
    assert done(shop, plan, days=None).touched == 1
    ran = autopilot.run_past(shop.desk, plan.id or 0, actor=shop.ana)
    assert isinstance(ran, Ran) and ran.touched == 1
    assert shop.desk.db.rows("SELECT ticket FROM rule_hits") == [(goes_on,)]


def test_tags_and_priorities_are_those_that_the_tickets_have(shop: Shop, many: list[Given]) -> None:
    here = [g.ticket for g in many if g.ticket and not g.closed]
    run_on = here[:7]
    from loop import editing

    for number in run_on:
        tickets.start(shop.desk, [number], actor=shop.bia, take=True)
    assert editing.tag(shop.desk, run_on, add=["Olho"], actor=shop.bia).done == tuple(run_on)
    assert done(shop, RuleSet(None, "x", When(tags=("olho",)), TAG), days=None).touched == 7
    assert done(shop, RuleSet(None, "x", When(tags=("outra",)), TAG), days=None).touched == 0
    assert done(shop, RuleSet(None, "x", When(priorities=(2,)), TAG), days=None).touched == len(here)
    assert done(shop, RuleSet(None, "x", When(priorities=(1,)), TAG), days=None).touched == 0


def test_earlier_tickets_are_counted_as_the_autopilot_does(shop: Shop) -> None:
    for i in range(3):
        shop.answer(external_id=f"M-{i}", comment=f"de novo {i}")
    for n, expected in ((1, 2), (2, 1), (3, 0)):
        plan = RuleSet(None, f"x{n}", When(earlier_from=n), TAG)
        assert done(shop, plan, days=None).touched == expected
        ran = autopilot.run_past(shop.desk, saved(shop, plan).id or 0, actor=shop.ana)
        assert isinstance(ran, Ran) and ran.touched == expected


def test_a6_rules_of_time_tell_what_waits_now(shop: Shop, many: list[Given]) -> None:
    plan = RuleSet(None, "x", When(moment=Moment("not started", 4)), TAG)
    assert done(shop, plan, days=None).touched == 0
    shop.clock.now += 4 * 3_600_000
    assert done(shop, plan, days=None).touched == sum(g.ticket is not None and not g.closed for g in many)


def test_half_written_sets_can_be_rehearsed(shop: Shop, many: list[Given]) -> None:
    """While one edits: no name, no action, words that are no expression, a condition without values."""
    assert done(shop, RuleSet(None, ""), days=None).touched == sum(g.ticket is not None and not g.closed for g in many)
    for when in (
        When(says=Says(('"half',))), When(groups=((Condition("", "in"),),)), When(groups=((Condition("UF", "in"),),)), When(flows=("Nenhum",)),
        When(groups=((Condition("UF", ">", ("x",)),),)),
    ):  # fmt: skip
        assert done(shop, RuleSet(None, "", when, TAG), days=None).touched == 0
    assert done(shop, RuleSet(None, "", When(), Then(open_in="Nenhum", by_table="?", assignee="?")), days=None).undone


def test_a_rehearsal_that_nobody_waits_for_ends(shop: Shop, many: list[Given]) -> None:
    found = rehearse(shop.desk, RuleSet(None, "x", then=TAG), actor=shop.ana, stop=lambda: True)
    assert isinstance(found, Refusal) and found.code == "stopped"


def test_chunks_miss_nothing_and_take_nothing_twice(
    shop: Shop, many: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers of the same moment, at the edge of a chunk."""
    with shop.desk.db.write() as work:
        work.run("UPDATE answers SET answered_at = answered_at - (answered_at % 864000000)", {})
    plan = RuleSet(None, "x", When(says=LATE), Then(send="class"))
    whole = done(shop, plan, days=None)
    for size in (1, 3, 7):
        monkeypatch.setattr("loop.rule_rehearsal_reading.CHUNK", size)
        assert done(shop, plan, days=None) == whole


def test_a6_where_no_answer_is_of_those_days_all_are_taken_and_that_is_said(shop: Shop, many: list[Given]) -> None:
    shop.clock.now += 200 * DAY
    plan = RuleSet(None, "x", When(classes=("detractor",)), TAG)
    over_all, found = done(shop, plan, days=None), done(shop, plan, days=90)
    assert found.touched and replace(found, newest=None) == over_all
    assert found.newest == shop.desk.db.rows("SELECT MAX(answered_at) FROM answers")[0][0]
    assert over_all.newest is None and done(shop, plan, days=400).newest is None


def test_a6_without_any_answer_there_is_none_to_take(shop: Shop) -> None:
    found = done(shop, RuleSet(None, "x", When(classes=("detractor",)), TAG), days=90)
    assert (found.days, found.answers, found.newest) == (90, 0, None)
