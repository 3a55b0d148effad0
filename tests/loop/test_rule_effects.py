"""What rules do to tickets is one decision, whether the ticket is being born or is here (A3, P6, P7, T2–T6, I4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.answers import Answer
from domain.flows import Binding
from domain.plans import IntakePlan
from domain.refusals import Refusal
from domain.rules import SEND_CLASS, Condition, Says, Then, When
from domain.tickets import MOST_CATEGORIES, MOST_TAGS, queue_rank
from loop import autopilot, customers, editing, flows, labels, people, tickets
from loop.rule_views import Ran
from loop.setup_views import Saved
from tests.loop.conftest import Shop
from tests.loop.piloted import category, did, head, hits, rows, switched_on, table, take, texts, told
from tests.loop.ruled import rule_set

DAY = 86_400_000


def answer(shop: Shop, id: str, comment: str = "Chegou tarde", email: str = "", **more: object) -> Answer:
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC)
    attributes = tuple(more.pop("attributes", {"Loja": "Natal"}).items())  # type: ignore[attr-defined]
    return Answer(
        id, int(more.pop("score", 2)), comment, at, "Marina", email or f"{id}@x.example", attributes=attributes, **more
    )  # type: ignore[call-overload,arg-type]


EVERYTHING = Then(
    categories=("Entrega",), categorise=True, tags=("Atraso", "São Paulo"), priority=1, by_table="Loja", due_days=1, phase="Contato",
    followers=("caio",), send=SEND_CLASS,
)  # fmt: skip


def everything(shop: Shop) -> None:
    texts(shop)
    category(shop, "Entrega")
    category(shop, "Atraso", "tarde")
    table(shop, "Loja", Natal="bia", Recife="davi")


def both_ways(shop: Shop, one: Answer, *sets: tuple[str, When, Then]) -> tuple[int, int]:
    """The same answer met by the same sets when it came in, and later when it was here: the two tickets."""
    born_alone = replace(one, external_id=one.external_id + "-here", email=one.email and "here." + one.email)
    take(shop, born_alone)
    ids = [switched_on(shop, *each) for each in sets]
    take(shop, one)
    for id in ids:
        autopilot.run_past(shop.desk, id, actor=shop.ana)
    here, born = (
        rows(
            shop, "SELECT t.number FROM tickets t JOIN answers a ON a.id = t.answer_id WHERE a.external_id = :id", id=id
        )[0][0]
        for id in (born_alone.external_id, one.external_id)
    )
    return born, here


def same(shop: Shop, born: int, here: int) -> None:
    assert head(shop, born) == head(shop, here)
    mine = [[e for e in told(shop, n) if e[1] == "autopilot"] for n in (born, here)]
    assert mine[0] == mine[1] and mine[0]
    abouts = [
        rows(shop, "SELECT because, did, mail FROM rule_hits WHERE ticket = :n ORDER BY rule_set_id", n=n)
        for n in (born, here)
    ]
    assert abouts[0] == abouts[1]


def test_a3_every_action_at_birth_is_every_action_on_a_ticket_that_is_here(shop: Shop) -> None:
    everything(shop)
    born, here = both_ways(shop, answer(shop, "1"), ("Tudo", When(says=Says(("tarde",))), EVERYTHING))
    same(shop, born, here)
    found = head(shop, born)
    assert (found["priority"], found["due_at"], found["status"], found["started_by"]) == (
        1,
        shop.clock.now + DAY,
        1,
        None,
    )
    assert (
        found["started_at"] == shop.clock.now
        and found["tags"] == ["Atraso", "São Paulo"]
        and len(found["categories"]) == 2
    )
    assert found["rank"] == queue_rank(1, 0, shop.clock.now + DAY), "Q3: its place follows"
    assert found["assignee_id"] == shop.bia.id and found["followers"] == [(shop.caio.id, True)]
    kinds = [kind for kind, __, __ in told(shop, here) if kind != "opened"]
    assert kinds == ["categories", "tags", "priority", "assigned", "due", "followers", "started"]
    data = told(shop, born)[3][2]
    assert data == {"old": "medium", "new": "high", "rule": 1, "rule_name": "Tudo"}


@pytest.mark.parametrize(
    ("name", "then", "why"),
    [
        ("P7", Then(phase="Solução", tags=("x",)), "checklist"),
        ("T6", Then(phase="Resolvido", resolution="Feito", tags=("x",)), "checklist"),
        ("P4", Then(by_table="Loja", tags=("x",)), "cannot work"),
    ],
)
def test_what_binds_people_binds_rules_and_the_rest_happens(shop: Shop, name: str, then: Then, why: str) -> None:
    """P7: the mandatory checklist of Contato lies between; P4: davi is no member of Detratores."""
    everything(shop)
    born, here = both_ways(shop, answer(shop, "1", attributes={"Loja": "Recife"}), (name, When(), then))
    same(shop, born, here)
    assert [d["undone"][0][1] for d in did(shop)] == [why, why]
    assert head(shop, born)["tags"] == ["x"] and head(shop, born)["status"] == 0
    assert rows(shop, "SELECT touched, undone FROM rule_run_sets ORDER BY run_id")[0][0] == 1


def test_i4_a_rule_starts_no_ticket_of_a_customer_without_an_address(shop: Shop) -> None:
    born, here = both_ways(
        shop,
        replace(answer(shop, "1"), email="", customer_id="c-1"),
        ("Inicia", When(), Then(phase="Contato", tags=("x",))),
    )
    # Without an address the copy of `both_ways` is the same customer; that changes nothing here.
    for number in (born, here):
        assert (head(shop, number)["status"], head(shop, number)["tags"]) == (0, ["x"])
    assert {tuple(u[1] for u in d["undone"]) for d in did(shop)} == {("no e-mail",)}


@pytest.mark.parametrize(
    ("will_do", "phone", "status"),
    [(True, "+5511912345678", 1), (False, "+5511912345678", 0), (True, "", 0)],
    ids=["a phone where it will do", "a phone where it will not", "no phone"],
)
def test_i4_a_rule_starts_by_phone_only_where_the_flow_says_that_this_will_do(
    shop: Shop, will_do: bool, phone: str, status: int
) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET reachable_by_phone = :yes WHERE id = :id", {"yes": will_do, "id": shop.flow})
    one = replace(answer(shop, "1"), email="", phone=phone, customer_id="c-1")
    born, here = both_ways(shop, one, ("Inicia", When(), Then(phase="Contato")))
    assert (head(shop, born)["status"], head(shop, here)["status"]) == (status, status)


def test_a5_what_an_earlier_set_closed_no_later_set_touches(shop: Shop) -> None:
    plan = flows.plan(shop.desk, shop.other_flow, actor=shop.ana)
    free = replace(
        plan, phases=tuple(replace(p, binding=Binding.OPTIONAL, items=()) for p in plan.phases), intake=IntakePlan()
    )  # type: ignore[type-var,union-attr]
    flows.save(shop.desk, free, actor=shop.ana)  # type: ignore[arg-type]
    born, here = both_ways(
        shop, answer(shop, "1", score=10),
        ("Fecha", When(), Then(phase="Resolvido", resolution="Obrigado")), ("Marca", When(), Then(tags=("x",))),
    )  # fmt: skip
    same(shop, born, here)
    found = head(shop, born)
    assert (found["status"], found["closed_at"], found["resolution"], found["tags"]) == (
        2,
        shop.clock.now,
        "Obrigado",
        [],
    )
    assert len(hits(shop)) == 2, "the second set met neither"
    assert [k for k, __, __ in told(shop, here)] == ["opened", "started", "closed"], "T2: closed by way of a start"


def test_a1_later_sets_see_what_earlier_ones_gave_both_ways(shop: Shop) -> None:
    category(shop, "Atraso", "tard*")
    born, here = both_ways(
        shop, answer(shop, "1", "Chegou TARDE demais"),
        ("Categoriza", When(), Then(categorise=True, tags=("logística",))),
        ("Delega", When(categories=("Atraso",), tags=("Logistica",)), Then(assignee="bia", priority=1)),
        ("Segue", When(priorities=(1,)), Then(followers=("caio",))),
    )  # fmt: skip
    same(shop, born, here)
    assert (head(shop, born)["assignee_id"], head(shop, born)["followers"]) == (shop.bia.id, [(shop.caio.id, True)])
    assert head(shop, born)["started_at"] is None, "T2: assignment by a rule starts nothing"


def test_a3_tags_are_known_by_case_and_accents_and_made_once(shop: Shop) -> None:
    take(shop, answer(shop, "0"))
    editing.tag(shop.desk, [1], ["São Paulo"], actor=shop.ana)
    switched_on(shop, "a", When(), Then(tags=("SAO PAULO", "Novo")))
    switched_on(shop, "b", When(), Then(tags=("novo",)))
    take(shop, *(answer(shop, str(i)) for i in range(1, 4)))
    assert sorted(t for (t,) in rows(shop, "SELECT name FROM tags")) == ["Novo", "São Paulo"]
    assert head(shop, 2)["tags"] == ["Novo", "São Paulo"]
    assert [e[2]["added"] for e in told(shop, 2) if e[0] == "tags"] == [["São Paulo", "Novo"]]


def test_t5_more_tags_than_a_ticket_takes_are_left_undone(shop: Shop) -> None:
    switched_on(shop, "a", When(), Then(tags=tuple(f"t{i}" for i in range(20))))
    switched_on(shop, "b", When(), Then(tags=tuple(f"u{i}" for i in range(20)), priority=1))
    take(shop, answer(shop, "1"))
    assert (len(head(shop, 1)["tags"]), head(shop, 1)["priority"]) == (MOST_TAGS, 1)
    assert did(shop)[1]["undone"] == [["tags", "too many tags"]] * 10


def test_a3_due_in_no_days_is_due_now(shop: Shop) -> None:
    born, here = both_ways(shop, answer(shop, "1"), ("Já", When(), Then(due_days=0)))
    same(shop, born, here)
    assert head(shop, born)["due_at"] == shop.clock.now


def test_p3_who_does_not_see_the_ticket_is_not_made_to_follow_it(shop: Shop) -> None:
    """davi is no member of Detratores; the set names no flow, so that it could be switched on."""
    born, here = both_ways(shop, answer(shop, "1"), ("Segue", When(), Then(followers=("davi", "rui"))))
    same(shop, born, here)
    assert head(shop, born)["followers"] == [(shop.rui.id, True)]
    assert [d["undone"] for d in did(shop)] == [[["followers", "not a member"]]] * 2


def test_t2_a_rule_that_starts_a_ticket_anew_leaves_when_it_was_started_first(shop: Shop) -> None:
    take(shop, answer(shop, "1"))
    first = shop.clock.now
    tickets.start(shop.desk, [1], actor=shop.bia)
    with shop.desk.db.write() as work:
        pending = work.rows("SELECT id FROM phases WHERE status = 'pending' AND flow_id = :f", {"f": shop.flow})[0][0]
        work.run("UPDATE tickets SET phase_id = :p, status = 0", {"p": pending})
    shop.clock.now += DAY
    id = switched_on(shop, "Inicia", When(), Then(phase="Contato"))
    assert isinstance(autopilot.run_past(shop.desk, id, actor=shop.ana), Ran)
    found = head(shop, 1)
    assert (found["status"], found["started_at"], found["started_by"]) == (1, first, shop.bia.id)


def test_p4_who_left_since_neither_follows_nor_gets_tickets_and_a_table_comes_before_a_name(shop: Shop) -> None:
    table(shop, "Loja", Natal="bia")
    both = {"assignee": shop.caio.id, "by_table": 1, "followers": [shop.rui.id]}
    rule_set(shop, "", "Dá", actions=both)
    take(shop, answer(shop, "1"), answer(shop, "2", attributes={"Loja": "Recife"}))
    assert [head(shop, n)["assignee_id"] for n in (1, 2)] == [shop.bia.id, None]
    assert [d.get("undone") for d in did(shop)] == [None, [["assignee", "no manager"]]]
    for login in ("bia", "rui"):
        assert isinstance(people.deactivate(shop.desk, login, actor=shop.ana), Saved)
    take(shop, answer(shop, "3"))
    assert (head(shop, 3)["assignee_id"], head(shop, 3)["followers"]) == (None, [])
    assert did(shop)[-1]["undone"] == [["assignee", "no user"], ["followers", "no user"]]


def test_t5_what_cannot_be_a_tag_is_left_undone_however_the_set_was_kept(shop: Shop) -> None:
    tags = ["!!!", "x" * 500, '"', "boa"]
    rule_set(shop, "", "Marca", actions={"tags": tags})
    take(shop, answer(shop, "1"))
    assert head(shop, 1)["tags"] == ["boa"]
    assert did(shop)[0]["undone"] == [["tags", "no tag"]] * 3


def test_a3_what_a_ticket_has_already_is_neither_done_again_nor_told(shop: Shop) -> None:
    """A second set that says the same changes nothing."""
    everything(shop)
    same_again = replace(EVERYTHING, send="")
    born, here = both_ways(shop, answer(shop, "1"), ("Um", When(), same_again), ("Outro", When(), same_again))
    same(shop, born, here)
    assert len(hits(shop)) == 4, "both held"
    for number in (born, here):
        kinds = [kind for kind, whose, __ in told(shop, number) if whose == "autopilot"]
        assert len(kinds) == len(set(kinds)) == 7, kinds
    assert [set(d) for d in did(shop)][2:] == [set(), set()]


def test_a3_a_phase_is_known_by_case_and_accents_and_one_that_the_flow_lacks_is_left_undone(shop: Shop) -> None:
    switched_on(shop, "Inicia", When(), Then(phase="CONTATO"))
    take(shop, answer(shop, "1"))
    assert head(shop, 1)["status"] == 1 and did(shop) == [{"phase": "Contato"}]
    rule_set(shop, "", "Some", actions={"phase": "Festa", "tags": ["x"]})
    take(shop, answer(shop, "2"))
    assert did(shop)[-1] == {"tags": ["x"], "undone": [["phase", "no phase"]]}


def test_t5_more_categories_than_a_ticket_takes_are_left_undone(shop: Shop) -> None:
    names = [f"C{i}" for i in range(MOST_CATEGORIES + 2)]
    for name in names:
        category(shop, name)
    born, here = both_ways(
        shop, answer(shop, "1"), ("a", When(), Then(categories=tuple(names[:15]))), ("b", When(), Then(categories=tuple(names[10:])))
    )  # fmt: skip
    same(shop, born, here)
    assert len(head(shop, born)["categories"]) == MOST_CATEGORIES
    assert [d.get("undone", []) for d in did(shop)] == [[], [], *[[["categories", "too many categories"]] * 2] * 2]


@pytest.mark.parametrize("gone", ["Entrega", "Entrega / Atraso"])
def test_a3_a_category_that_is_retired_or_under_one_is_given_no_more(shop: Shop, gone: str) -> None:
    """Neither by name nor by its own words, whenever the set was switched on; the set's other actions go on."""
    parent = labels.create_category(shop.desk, "Entrega", actor=shop.ana)
    assert isinstance(parent, Saved)
    child = labels.create_category(shop.desk, "Atraso", parent.id, words=("tarde",), actor=shop.ana)
    assert isinstance(child, Saved)
    by_name = Then(categories=("Entrega / Atraso",), tags=("a",))
    sets = [switched_on(shop, "a", When(), by_name), switched_on(shop, "b", When(), Then(categorise=True, tags=("b",)))]
    take(shop, answer(shop, "0"))
    assert head(shop, 1)["categories"] == [child.id]
    labels.retire_category(shop.desk, parent.id if gone == "Entrega" else child.id, actor=shop.ana)
    take(shop, answer(shop, "1"))
    assert (head(shop, 2)["categories"], head(shop, 2)["tags"]) == ([], ["a", "b"])
    undone = {(one, about): d.get("undone") for (one, about, __), d in zip(hits(shop), did(shop), strict=True)}
    assert (undone[sets[0], 2], undone[sets[1], 2]) == ([["categories", "no category"]], None)


@pytest.mark.parametrize("resolution", ["", " \n "])
def test_t6_a_rule_closes_nothing_without_a_resolution_when_the_flow_came_to_close_there_later(
    shop: Shop, resolution: str
) -> None:
    """A blank when it is switched on; but a flow may get such a phase afterwards."""
    plan = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    assert not isinstance(plan, Refusal)
    free = tuple(replace(p, binding=Binding.OPTIONAL, items=()) for p in plan.phases)
    assert isinstance(flows.save(shop.desk, replace(plan, phases=free), actor=shop.ana), Saved)
    with shop.desk.db.write() as work:
        work.run("UPDATE phases SET name = 'Fim' WHERE name = 'Solução'", {})
    sets = ("Fecha", When(), Then(phase="Fim", resolution=resolution, tags=("x",)))
    take(shop, answer(shop, "1"))
    id = switched_on(shop, *sets)
    with shop.desk.db.write() as work:
        work.run("UPDATE phases SET name = 'Solução' WHERE name = 'Fim'", {})
        work.run("UPDATE phases SET name = 'Fim' WHERE name = 'Resolvido'", {})
    take(shop, answer(shop, "2"))
    assert isinstance(autopilot.run_past(shop.desk, id, actor=shop.ana), Ran)
    for number in (1, 2):
        found = head(shop, number)
        assert (found["status"], found["closed_at"], found["tags"]) == (0, None, ["x"])
    assert [d["undone"] for d in did(shop)] == [[["phase", "resolution"]]] * 2


def test_p7_what_is_ticked_lets_a_rule_leave_the_phase(shop: Shop) -> None:
    """Of two in Contato, the one whose mandatory checklist is done goes on and the other stays."""
    take(shop, answer(shop, "1"), answer(shop, "2"))
    tickets.start(shop.desk, [1, 2], actor=shop.bia)
    items = rows(shop, "SELECT i.id FROM checklist_items i JOIN phases p ON p.id = i.phase_id WHERE p.name = 'Contato' AND p.flow_id = :f", f=shop.flow)  # fmt: skip
    for number, done in ((1, items), (2, items[:1])):
        for (item,) in done:
            tickets.tick(shop.desk, number, item, actor=shop.bia)
    id = switched_on(shop, "Fecha", When(), Then(phase="Resolvido", resolution=" Brinde enviado ", tags=("x",)))
    assert isinstance(autopilot.run_past(shop.desk, id, actor=shop.ana), Ran)
    one, other = head(shop, 1), head(shop, 2)
    assert (one["status"], one["resolution"], one["closed_at"]) == (2, "Brinde enviado", shop.clock.now)
    assert (other["status"], other["resolution"], other["tags"]) == (1, "", ["x"])
    assert [d.get("undone") for d in did(shop)] == [None, [["phase", "checklist"]]]


def test_a3_a_ticket_is_opened_for_an_answer_without_one_both_ways(shop: Shop) -> None:
    """And what the flow gives is what it is born with (I6), the rest of the set applies to it."""
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :id", {"id": shop.other_flow})
    texts(shop)
    then = Then(open_in="Detratores", tags=("fã",), send=SEND_CLASS)
    born, here = both_ways(shop, answer(shop, "1", score=10), ("Abre", When(ticket="without"), then))
    one, other = head(shop, born), head(shop, here)
    assert one == other and one["tags"] == ["fã"] and one["flow_id"] == shop.flow
    assert told(shop, born)[0] == (
        "opened",
        "autopilot",
        {"survey": "Pós-compra", "score": 10, "rule": 1, "rule_name": "Abre"},
    )
    assert told(shop, born) == told(shop, here)
    assert did(shop)[0] == {"opened": "Detratores", "tags": ["fã"], "send": "class"}
    found = rows(shop, "SELECT subject, klass, score, created_at FROM tickets ORDER BY number")
    assert found[0] == found[1] == ("Chegou tarde", 2, 10, shop.clock.now)
    assert len(rows(shop, "SELECT 1 FROM search_texts")) == 2


def test_i3_no_ticket_is_opened_for_nobody_nor_for_employees(shop: Shop) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :id", {"id": shop.other_flow})
    switched_on(shop, "Abre", When(classes=("promoter",)), Then(open_in="Detratores", tags=("x",)))
    take(shop, replace(answer(shop, "1", score=10), email=""))
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = true WHERE id > :n", {"n": 0})
    take(shop, answer(shop, "2", score=10))
    assert rows(shop, "SELECT 1 FROM tickets") == [] and hits(shop) == []


def test_i3_a_set_that_mails_too_says_why_it_opened_no_ticket(shop: Shop) -> None:
    """I3: of employees, that they are; of who cannot be reached, that."""
    texts(shop)
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :id", {"id": shop.other_flow})
    switched_on(shop, "Abre", When(classes=("promoter",)), Then(open_in="Detratores", send=SEND_CLASS))
    take(shop, replace(answer(shop, "1", score=10), email=""))
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = true WHERE id > :n", {"n": 0})
    take(shop, answer(shop, "2", score=10))
    assert rows(shop, "SELECT 1 FROM tickets") == []
    assert [one["undone"] for one in did(shop)] == [[["opened", "unreachable"]], [["opened", "employees"]]]


def test_a3_a_table_gives_each_store_its_manager_and_names_what_it_lacks(shop: Shop) -> None:
    everything(shop)
    switched_on(shop, "Delega", When(groups=((Condition("Loja", "filled"),),)), Then(by_table="Loja"))
    take(shop, answer(shop, "1", attributes={"loja": "NATAL"}), answer(shop, "2", attributes={"Loja": "Belém"}))
    assert (head(shop, 1)["assignee_id"], head(shop, 2)["assignee_id"]) == (shop.bia.id, None)
    assert did(shop)[1]["undone"] == [["assignee", "no manager"]]


def test_n2_who_gets_a_ticket_by_webhook_is_told_and_by_a_file_of_thousands_is_not(shop: Shop) -> None:
    switched_on(shop, "Delega", When(), Then(assignee="bia"))
    take(shop, answer(shop, "1"))
    assert rows(shop, "SELECT 1 FROM notifications") == []
    take(shop, answer(shop, "2"), way="webhook")
    assert rows(shop, "SELECT user_id, kind, ticket FROM notifications") == [(shop.bia.id, "assigned", 2)]


def test_a5_mail_to_old_answers_waits_for_a_yes(shop: Shop) -> None:
    texts(shop)
    switched_on(shop, "Agradece", When(classes=("promoter",)), Then(send=SEND_CLASS))
    old = replace(
        answer(shop, "1", score=10), answered_at=datetime.fromtimestamp(shop.clock.now / 1000, UTC) - timedelta(days=8)
    )
    edge = replace(old, external_id="3", email="3@x.example", answered_at=old.answered_at + timedelta(days=1))
    take(shop, old, answer(shop, "2", score=10), edge)
    assert [mail for __, __, mail in hits(shop)] == ["old", "due", "due"], "at seven days it is not older yet"
    assert rows(shop, "SELECT mails FROM rule_run_sets") == [(3,)]
    again = switched_on(shop, "Agradece outra vez", When(classes=("promoter",)), Then(send=SEND_CLASS))
    done = autopilot.run_past(shop.desk, again, actor=shop.ana)
    assert not isinstance(done, Refusal) and (done.mails, done.held) == (3, 1)


def test_i1_the_customer_that_merged_ones_go_on_as_is_the_one_that_rules_start_a_ticket_for(shop: Shop) -> None:
    """I4: what counts is the address of who goes on."""
    take(shop, replace(answer(shop, "1"), email="", customer_id="c-1"), answer(shop, "2", email="m@x.example"))
    ids = [id for (id,) in rows(shop, "SELECT id FROM contacts ORDER BY id")]
    customers.merge(shop.desk, ids[0], ids[1], actor=shop.ana)
    into = rows(shop, "SELECT merged_into FROM contacts ORDER BY id")
    switched_on(shop, "Inicia", When(), Then(phase="Contato"))
    take(shop, replace(answer(shop, "3"), email="", customer_id="c-1"))
    assert any(m for (m,) in into) and head(shop, 3)["status"] == 1


def test_a5_tickets_closed_by_people_are_left_alone(shop: Shop) -> None:
    take(shop, answer(shop, "1", score=10))
    with shop.desk.db.write() as work:
        closed = work.rows("SELECT id FROM phases WHERE flow_id = :f AND status = 'closed'", {"f": shop.other_flow})[0][
            0
        ]
        work.run("UPDATE tickets SET status = 2, phase_id = :p WHERE number = 1", {"p": closed})
    id = switched_on(shop, "Marca", When(), Then(tags=("x",)))
    ran = autopilot.run_past(shop.desk, id, actor=shop.ana)
    assert (ran.touched, hits(shop)) == (0, [])  # type: ignore[union-attr]
