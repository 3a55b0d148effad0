"""Customers are found, edited, merged and split by people (I1, T9, P3, R4), on both databases."""

import json
from datetime import UTC, datetime

import pytest

from domain.answers import NPS, Answer
from domain.refusals import Refusal
from loop import answers, births, customers, queue, tickets, transfers
from loop.audit import audit
from loop.matching import known_addresses
from loop.setup_views import Saved
from loop.views import CustomerView, View
from tests.loop.caring import both_flows, history, run, seen
from tests.loop.conftest import Shop


def contact(shop: Shop, number: int) -> int:
    found = seen(shop, number).customer.id
    assert found
    return found


def key(shop: Shop, id: int) -> str:
    return shop.desk.db.rows("SELECT key FROM contacts WHERE id = :id", {"id": id})[0][0]


@pytest.fixture
def two(shop: Shop, ticket: int) -> tuple[int, int]:
    """Marina's ticket, and one of a João who is the same person."""
    other = shop.answer(
        comment="Outra caixa", name="João", email="joao@clientes.example", attributes=(("loja", "Natal"),)
    )
    assert other
    return ticket, other


def test_i1_an_edit_is_kept_and_named_by_fields_on_each_open_ticket(shop: Shop, ticket: int) -> None:
    closed = shop.answer(comment="De novo")
    run(shop, "UPDATE tickets SET status = 2 WHERE number = :n", n=closed)
    id = contact(shop, ticket)
    changes = {"name": "Marina A.", "phone": "(11) 98765-4321", "customer_id": "C9", "attribute.loja": "Recife"}
    saved = customers.edit(shop.desk, id, changes, actor=shop.bia)
    assert isinstance(saved, Saved) and [(d.old, d.new) for d in saved.changes][:2] == [
        ("Marina Alves", "Marina A."), ("", "+5511987654321"),
    ]  # fmt: skip
    customer = seen(shop, ticket).customer
    assert (customer.name, customer.phone, customer.customer_id) == ("Marina A.", "+5511987654321", "C9")
    assert customer.attributes == (("loja", "Recife"),)
    assert history(shop, ticket)[-1] == (
        "customer", "bia", {"fields": ["name", "phone", "customer_id", "attribute.loja"]},
    )  # fmt: skip
    assert [kind for kind, *__ in history(shop, closed)] == ["opened"]
    customers.edit(shop.desk, id, {"attribute.loja": ""}, actor=shop.bia)
    assert seen(shop, ticket).customer.attributes == ()
    assert queue.counts(shop.desk, View(query="marina a."), actor=shop.bia).all == 2


def test_r4_neither_timeline_nor_audit_hold_a_value(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    changes = {"name": "Segredo", "email": "segredo@x.example", "phone": "11987654321", "attribute.cpf": "segredo"}
    assert isinstance(customers.edit(shop.desk, a, changes, actor=shop.bia), Saved)
    customers.merge(shop.desk, a, b, actor=shop.bia)
    customers.split(shop.desk, a, actor=shop.bia)
    kept = json.dumps([history(shop, n) for n in two], ensure_ascii=False)
    kept += str(shop.desk.db.rows("SELECT name, old, new FROM audit"))
    assert "egredo" not in kept and "987654321" not in kept and "@clientes" not in kept
    lines = audit(shop.desk, actor=shop.ana, target="customer")
    assert [line.who for line in lines] == ["bia"] * 3 and lines[-1].target_id == a


def test_i1_nothing_changed_is_no_event_and_no_line(shop: Shop, ticket: int) -> None:
    before = len(audit(shop.desk, actor=shop.ana))
    same = {"name": "Marina Alves", "email": "MARINA@clientes.example", "attribute.loja": ""}
    assert customers.edit(shop.desk, contact(shop, ticket), same, actor=shop.bia) == Saved(contact(shop, ticket))
    assert (len(history(shop, ticket)), len(audit(shop.desk, actor=shop.ana))) == (1, before)


def test_i1_a_new_address_moves_the_key_and_has_not_bounced(shop: Shop, ticket: int) -> None:
    id = contact(shop, ticket)
    run(shop, "UPDATE contacts SET bounced_at = 1 WHERE id = :id", id=id)
    customers.edit(shop.desk, id, {"name": "Má"}, actor=shop.bia)
    assert seen(shop, ticket).customer.bounced, "the address is the same"
    customers.edit(shop.desk, id, {"email": "nova@x.example"}, actor=shop.bia)
    assert not seen(shop, ticket).customer.bounced
    again = shop.answer(comment="Voltei", email="nova@x.example")
    assert contact(shop, again) == id, "the next answer is theirs"
    customers.edit(shop.desk, id, {"email": "", "phone": "11987654321"}, actor=shop.bia)
    assert key(shop, id) == "p:+5511987654321"
    customers.edit(shop.desk, id, {"phone": ""}, actor=shop.bia)
    assert key(shop, id) == f"h:{id}"


def test_i1_somebody_elses_address_is_refused_and_a_merge_offered(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    why = customers.edit(shop.desk, a, {"email": "joao@clientes.example"}, actor=shop.bia)
    assert isinstance(why, Refusal) and why.code == "customer taken"
    assert dict(why.parameters)["other"] == b and "Merging" in str(why)
    assert seen(shop, two[0]).customer.email == "marina@clientes.example"
    transfers.transfer(shop.desk, [two[1]], shop.other_flow, None, actor=shop.ana)
    why = customers.edit(shop.desk, a, {"email": "joao@clientes.example"}, actor=shop.bia)
    assert isinstance(why, Refusal) and why.code == "customer taken unseen", "who that is, is out of sight (P3)"
    for field, value, code in (
        ("email", "x@", "bad address"),
        ("phone", "12", "bad phone"),
        ("name", "x" * 201, "too long"),
    ):
        refused = customers.edit(shop.desk, a, {field: value}, actor=shop.bia)
        assert isinstance(refused, Refusal) and refused.code == code


def test_p3_and_p4_seen_by_who_sees_a_ticket_edited_by_who_works_on_one(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    name = {"name": "X"}
    assert customers.edit(shop.desk, a, name, actor=shop.rui).code == "analysts read"
    assert isinstance(customers.show(shop.desk, a, actor=shop.rui), CustomerView)
    for verb in (
        lambda: customers.edit(shop.desk, a, name, actor=shop.davi),
        lambda: customers.show(shop.desk, a, actor=shop.davi),
        lambda: customers.merge(shop.desk, a, b, actor=shop.davi),
        lambda: customers.split(shop.desk, a, actor=shop.davi),
    ):
        assert verb().code == "no customer"
    transfers.transfer(shop.desk, [two[1]], shop.other_flow, None, actor=shop.ana)
    assert customers.merge(shop.desk, a, b, actor=shop.bia).code == "no customer", "the other one is out of sight"
    assert customers.find(shop.desk, "joão", actor=shop.bia) == ()
    assert [c.name for c in customers.find(shop.desk, "JOÃO", actor=shop.davi)] == ["João"]
    assert isinstance(customers.edit(shop.desk, a, name, actor=shop.caio), Saved), "an administrator manages"
    assert customers.edit(shop.desk, b, name, actor=shop.caio).code == "no customer", "but not what is out of sight"


def test_t9_other_tickets_and_answers_but_those_out_of_sight(shop: Shop, ticket: int) -> None:
    second, hidden = shop.answer(comment="Segunda"), shop.answer(comment="Terceira")
    transfers.transfer(shop.desk, [hidden], shop.other_flow, None, actor=shop.ana)
    view = seen(shop, ticket, shop.bia)
    assert [row.number for row in view.others] == [second]
    assert [e.comment for e in view.earlier] == ["Segunda"]
    assert {row.number for row in seen(shop, ticket, shop.ana).others} == {second, hidden}
    whole = customers.show(shop.desk, view.customer.id, actor=shop.bia)
    assert isinstance(whole, CustomerView) and {row.number for row in whole.tickets} == {ticket, second}


def test_t9_answers_out_of_sight_take_no_place_of_those_in_sight(shop: Shop, ticket: int) -> None:
    for i in range(25):
        shop.clock.now += 1000
        hidden = shop.answer(comment=f"Elogio {i}")
        run(shop, "UPDATE tickets SET flow_id = :f WHERE number = :n", f=shop.other_flow, n=hidden)
    shop.clock.now -= 1_000_000
    old = shop.answer(comment="Antiga")
    assert [e.ticket for e in seen(shop, ticket, shop.bia).earlier] == [old]


def test_i1_merging_makes_them_one_and_splitting_undoes_it(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    before = [seen(shop, n).customer for n in two]
    assert customers.merge(shop.desk, a, b, actor=shop.bia) == Saved(b)
    assert [contact(shop, n) for n in two] == [b, b]
    view = seen(shop, two[1], shop.bia)
    assert ([r.number for r in view.others], [e.ticket for e in view.earlier]) == ([two[0]], [two[0]])
    assert [c.id for c in customers.merged(shop.desk, b, actor=shop.bia)] == [a]
    assert customers.find(shop.desk, "marina", actor=shop.ana) == (), "who was merged is not found by themselves"
    assert history(shop, two[0])[-1][2] == {"fields": ["merged"], "other": a}
    late = shop.answer(comment="Ainda atrasado")
    assert contact(shop, late) == b, "a new answer under the old key is the one's that goes on"
    with shop.desk.db.write() as work:
        assert births.contact_by_mail(work, "M", "marina@clientes.example", 0).id == b, "and so is a mail"
    for verb, code in (
        (lambda: customers.merge(shop.desk, a, b, actor=shop.bia), "customer merged"),
        (lambda: customers.edit(shop.desk, a, {"name": "x"}, actor=shop.bia), "customer merged"),
        (lambda: customers.merge(shop.desk, b, a, actor=shop.bia), "merge customer itself"),
        (lambda: customers.merge(shop.desk, b, b, actor=shop.bia), "merge customer itself"),
        (lambda: customers.split(shop.desk, b, actor=shop.bia), "customer not merged"),
    ):
        assert verb().code == code
    assert customers.split(shop.desk, a, actor=shop.bia) == Saved(a)
    assert [seen(shop, n).customer for n in two] == before
    assert contact(shop, late) == a, "also what came since"
    assert customers.split(shop.desk, a, actor=shop.bia).code == "customer not merged"


def test_i1_what_an_answer_of_who_was_merged_tells_is_learnt_by_who_goes_on(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    customers.merge(shop.desk, a, b, actor=shop.bia)
    late = shop.answer(
        name="Marina A.", phone="+5511987654321", customer_id="C9", attributes={"loja": "Recife", "vendedor": "Ana"}
    )
    customer = seen(shop, late).customer
    assert (customer.id, customer.name, customer.email) == (b, "João", "joao@clientes.example")
    assert (customer.phone, customer.customer_id) == ("+5511987654321", "C9")
    assert dict(customer.attributes) == {"loja": "Recife", "vendedor": "Ana"}
    customers.split(shop.desk, a, actor=shop.bia)
    assert seen(shop, late).customer.phone == "+5511987654321", "and by whom it is of, who has it after a split"


def test_i1_two_of_a_merged_familys_answers_in_one_file_both_teach(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    customers.merge(shop.desk, a, b, actor=shop.bia)
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC)
    told = [
        Answer("", 1, "Um", at, "Marina", "marina@clientes.example", attributes=(("vendedor", "Ana"),)),
        Answer("", 1, "Dois", at, "João", "joao@clientes.example", phone="+5511987654321", attributes=(("loja", "Recife"),)),
    ]  # fmt: skip
    answers.take(shop.desk, "Pós-compra", told, actor=shop.ana, scale=NPS)
    customer = seen(shop, two[1]).customer
    assert (customer.phone, dict(customer.attributes)) == ("+5511987654321", {"loja": "Recife", "vendedor": "Ana"})


def test_i1_three_in_a_row_come_apart_step_by_step(shop: Shop, two: tuple[int, int]) -> None:
    third = shop.answer(comment="Terceiro", name="Zé", email="ze@x.example")
    a, b, c = (contact(shop, n) for n in (*two, third))
    customers.merge(shop.desk, a, b, actor=shop.bia)
    customers.merge(shop.desk, b, c, actor=shop.bia)
    assert [contact(shop, n) for n in (*two, third)] == [c, c, c]
    assert contact(shop, shop.answer(comment="Mais", email="marina@clientes.example")) == c
    customers.split(shop.desk, b, actor=shop.bia)
    assert [contact(shop, n) for n in (*two, third)] == [b, b, c], "with whom was merged into them before"
    customers.split(shop.desk, a, actor=shop.bia)
    assert [contact(shop, n) for n in (*two, third)] == [a, b, c]


def test_i4_merging_somebody_with_an_address_into_one_without_lets_the_ticket_be_started(
    shop: Shop, ticket: int
) -> None:
    phone = shop.answer(comment="Liguei", name="Marina", email="", phone="+5511987654321")
    a, b = contact(shop, ticket), contact(shop, phone)
    customers.merge(shop.desk, a, b, actor=shop.bia)
    assert seen(shop, phone).customer.email == "marina@clientes.example"
    assert tickets.start(shop.desk, [phone], actor=shop.bia).done
    assert isinstance(customers.edit(shop.desk, b, {"name": "Má"}, actor=shop.bia), Saved), (
        "the address is the family's"
    )
    customers.split(shop.desk, a, actor=shop.bia)
    assert (seen(shop, phone).customer.email, seen(shop, ticket).customer.email) == ("", "marina@clientes.example")


def test_customers_are_found_by_words_of_what_is_known_of_them(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    customers.edit(shop.desk, b, {"customer_id": "LJ-77", "phone": "11987654321"}, actor=shop.bia)
    find = lambda words: [c.id for c in customers.find(shop.desk, words, actor=shop.bia)]  # noqa: E731
    assert find("marina alves") == find("ALVES mari") == [a]
    assert find("joao") == find("lj-77") == find("98765") == find(str(b) + " joao") == [b]
    assert find("chegou tarde") == [], "the words of an answer are not the customer's"
    assert sorted(find("")) == sorted([a, b]) and find("100%") == []


def test_p4_a_customer_of_two_flows_is_edited_by_an_analyst_of_one_who_works_in_the_other(
    shop: Shop, ticket: int
) -> None:
    again = shop.answer(comment="Outra")
    transfers.transfer(shop.desk, [again], shop.other_flow, None, actor=shop.ana)
    run(shop, "UPDATE users SET level = 'agent' WHERE login = 'rui'")
    assert customers.edit(shop.desk, contact(shop, ticket), {"name": "X"}, actor=shop.rui).code == "analysts read"
    rui = both_flows(shop, "rui")
    assert isinstance(customers.edit(shop.desk, contact(shop, ticket), {"name": "X"}, actor=rui), Saved)


def test_m7_a_reply_from_the_address_of_before_a_merge_is_no_strangers(shop: Shop, two: tuple[int, int]) -> None:
    a, b = (contact(shop, n) for n in two)
    customers.merge(shop.desk, a, b, actor=shop.bia)
    with shop.desk.db.write() as work:
        assert known_addresses(work, two[0]) == {"marina@clientes.example", "joao@clientes.example"}
        assert known_addresses(work, two[1]) == {"joao@clientes.example"}
