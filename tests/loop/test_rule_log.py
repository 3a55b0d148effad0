"""The log of the autopilot: each run, each answer, as far as the reader's sight goes (A6, P3)."""

from datetime import UTC, datetime

from domain.answers import Answer
from domain.people import Role
from domain.refusals import Refusal
from domain.rules import SEND_CLASS, Condition, Says, Then, When
from loop import autopilot, flows, rule_log, rules
from loop.births import open_ticket
from storage.tables import Answer as AnswerRow
from storage.tables import Contact
from tests.loop.conftest import Shop, found
from tests.loop.piloted import switched_on, table, take, texts
from tests.loop.ruled import praised


def one(shop: Shop, id: str, score: int = 2, comment: str = "Chegou\n\x1b[31m tarde", **attributes: str) -> Answer:
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC)
    return Answer(id, score, comment, at, "Rita", f"{id}@x.example", attributes=tuple(attributes.items()))


def test_a6_a_run_has_a_line_for_each_set_with_what_was_left_undone(shop: Shop) -> None:
    then = Then(tags=("x",), phase="Solução")
    switched_on(shop, "Move", When(says=Says(("tarde",))), then)
    switched_on(shop, "Nunca", When(says=Says(("nunca",))), then)
    take(shop, one(shop, "1"), one(shop, "2"), one(shop, "3", comment="ok"))
    (line,) = rule_log.runs(shop.desk, actor=shop.ana)
    assert (line.way, line.about, line.who, line.rule_set) == ("import", "Pós-compra", "ana", "Move")
    assert (line.looked_at, line.touched, line.mails) == (3, 2, 0)
    assert [n for __, n in line.undone] == [2] and "P7" in line.undone[0][0]
    take(shop, one(shop, "4", comment="ok"))
    newest = rule_log.runs(shop.desk, actor=shop.ana)[0]
    assert (newest.rule_set, newest.looked_at, newest.touched) == ("", 1, 0), "a run that touched nothing has a line"
    assert len(rule_log.runs(shop.desk, actor=shop.ana, rule_set_id=1)) == 1


def test_a6_the_answers_that_a_set_touched_say_why_and_what_became_of_them(shop: Shop) -> None:
    texts(shop)
    when = When(says=Says(("tard*",)), groups=((Condition("Loja", "in", ("Natal", "Recife")),),))
    id = switched_on(shop, "Tudo", when, Then(priority=1, tags=("x",), send=SEND_CLASS))
    take(shop, one(shop, "1", Loja="NATAL"), one(shop, "2", Loja="Belém"))
    (hit,) = rule_log.hits(shop.desk, id, actor=shop.ana)
    assert (hit.answer, hit.ticket, hit.customer, hit.klass, hit.score) == (1, 1, "Rita", "detractor", 2)
    assert hit.comment == "Chegou [31m tarde", "R7: on one line, without what could move the cursor"
    assert hit.did == ("tag x", "priority high", "e-mail class") or len(hit.did) == 3
    assert any("tard*" in b for b in hit.because) and any("Natal" in b for b in hit.because)
    assert hit.mail == "Is written in a moment."
    with shop.desk.db.write() as work:
        work.run("UPDATE rule_sets SET active = false", {})
    (off,) = rule_log.hits(shop.desk, id, actor=shop.ana)
    assert off.mail == "Waits until the rule set is on again."
    with shop.desk.db.write() as work:
        work.run("UPDATE rule_sets SET active = true", {})
    run = rule_log.runs(shop.desk, actor=shop.ana)[0].run
    assert rule_log.hits(shop.desk, id, actor=shop.ana, run=run) == (hit,)
    assert rule_log.hits(shop.desk, id, actor=shop.ana, run=run + 1) == ()


def test_p3_of_sets_and_answers_out_of_sight_nothing_is_told(shop: Shop) -> None:
    """caio administers Minha only, and sees Detratores as an agent; davi's Elogios are out of his sight."""
    assert found(shop.desk, "Minha", {"caio": Role.ADMINISTRATOR}, surveys=("Minha",))
    assert flows.flows(shop.desk, actor=shop.caio)
    elogios = switched_on(shop, "Elogios", When(flows=("Elogios",)), Then(tags=("e",)))
    every = switched_on(shop, "Todas", When(), Then(tags=("x",), phase="Solução"))
    take(shop, one(shop, "1"), one(shop, "2"), one(shop, "3", 10))
    assert rule_log.hits(shop.desk, elogios, actor=shop.caio) == () != rule_log.hits(shop.desk, elogios, actor=shop.ana)
    assert [h.ticket for h in rule_log.hits(shop.desk, every, actor=shop.caio)] == [2, 1]
    lines = rule_log.runs(shop.desk, actor=shop.caio)
    assert [(line.rule_set, line.touched, line.undone) for line in lines] == [("Todas", 2, ())]
    assert [n for __, n in rule_log.runs(shop.desk, actor=shop.ana, rule_set_id=every)[0].undone] == [3]
    assert rule_log.runs(shop.desk, actor=shop.bia) == () == rule_log.hits(shop.desk, every, actor=shop.bia)


def test_a6_the_newest_come_first_and_only_so_many(shop: Shop) -> None:
    id = switched_on(shop, "Marca", When(), Then(tags=("x",)))
    for i in range(3):
        shop.clock.now += 1000
        take(shop, one(shop, str(i)))
    assert [h.ticket for h in rule_log.hits(shop.desk, id, actor=shop.ana, limit=2)] == [3, 2]
    assert [r.run for r in rule_log.runs(shop.desk, actor=shop.ana, limit=2)] == [3, 2]
    autopilot.run_past(shop.desk, id, days=1, actor=shop.ana)
    assert rule_log.runs(shop.desk, actor=shop.ana)[0].way == "past"


def test_p3_an_answer_that_got_a_ticket_out_of_sight_since_is_told_of_no_more(shop: Shop) -> None:
    """As where a thanked customer replies, and the ticket is one of Elogios, which caio does not see (A2)."""
    texts(shop)
    thanks = switched_on(shop, "Agradecer", When(ticket="without"), Then(send=SEND_CLASS))
    answer = praised(shop)
    told = rule_log.hits(shop.desk, thanks, actor=shop.ana)
    assert rule_log.hits(shop.desk, thanks, actor=shop.caio) == told and len(told) == 1
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = true WHERE id = :id", {"id": shop.other_flow})
        kept = work.get(AnswerRow, answer)
        contact = work.get(Contact, kept.contact_id)
        open_ticket(work, shop.other_flow, contact, "Oi", "", shop.clock.now, answer=kept, by="reply")
    assert rule_log.hits(shop.desk, thanks, actor=shop.ana) == told
    assert rule_log.hits(shop.desk, thanks, actor=shop.caio) == () == rule_log.runs(shop.desk, actor=shop.caio)
    assert [line.touched for line in rules.rule_sets(shop.desk, actor=shop.caio)] == [0]


def test_a6_an_answer_that_two_sets_touched_counts_once_and_only_in_sight(shop: Shop) -> None:
    for name in ("Uma", "Outra"):
        switched_on(shop, name, When(), Then(tags=(name,)))
    take(shop, one(shop, "0"))
    shop.clock.now += 1000
    began = shop.clock.now
    take(shop, one(shop, "1"), one(shop, "2", 10))
    assert rule_log.answers_touched(shop.desk, began, actor=shop.ana) == 2
    assert rule_log.answers_touched(shop.desk, began, actor=shop.caio) == 1, "one is of a flow out of his sight (P3)"
    assert rule_log.answers_touched(shop.desk, began, actor=shop.bia) == 0
    later = switched_on(shop, "Depois", When(), Then(tags=("z",)))
    assert not isinstance(autopilot.run_past(shop.desk, later, actor=shop.ana), Refusal)
    assert rule_log.answers_touched(shop.desk, began, actor=shop.ana) == 2, "of what came in, not of the past"


def test_a6_what_was_left_undone_is_told_by_reason_the_most_frequent_first(shop: Shop) -> None:
    table(shop, "Loja", Natal="bia")
    switched_on(shop, "Dá", When(), Then(by_table="Loja", phase="Solução"))
    take(shop, one(shop, "1", Loja="Recife"), one(shop, "2", Loja="Natal"))
    (line,) = rule_log.runs(shop.desk, actor=shop.ana)
    assert [(n, "P7" in why, "table" in why) for why, n in line.undone] == [(2, True, False), (1, False, True)]
