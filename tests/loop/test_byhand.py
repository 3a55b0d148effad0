"""Tickets are opened by hand, with or without an answer (I7, I8), on both databases."""

import pytest

from domain.flows import Status
from domain.refusals import Refusal
from loop import byhand, customers, queue
from loop.views import View
from tests.loop.caring import both_flows, history, run, seen
from tests.loop.conftest import Shop

DAY_MS = 86_400_000


def open_it(shop: Shop, who: str = "bia", **more: object) -> int | Refusal:
    given = {"flow_id": shop.flow, "subject": "Ligou a reclamar", "name": "Ivo", "email": "ivo@x.example"} | more
    return byhand.open_by_hand(shop.desk, actor=getattr(shop, who), **given)  # type: ignore[arg-type]


def contacts(shop: Shop) -> int:
    return shop.desk.db.rows("SELECT COUNT(*) FROM contacts")[0][0]


def test_i7_it_is_born_with_what_its_flow_gives_by_the_person(shop: Shop) -> None:
    run(
        shop,
        "UPDATE flows SET default_assignee_id = :u, default_priority = 1 WHERE id = :f",
        u=shop.caio.id,
        f=shop.flow,
    )
    number = open_it(shop, description="Quer troca", phone="(11) 98765-4321")
    assert isinstance(number, int)
    view = seen(shop, number, shop.bia)
    assert (view.row.phase, view.row.status, view.row.assignee, view.row.priority.word, view.row.due) == (
        "Novo", Status.PENDING, "caio", "high", shop.clock.now + 3 * DAY_MS,
    )  # fmt: skip
    assert (view.row.created, view.answer, view.description) == (shop.clock.now, None, "Quer troca")
    assert (view.customer.name, view.customer.email, view.customer.phone) == ("Ivo", "ivo@x.example", "+5511987654321")
    assert [(kind, who) for kind, who, __ in history(shop, number)] == [("opened", "bia")]
    assert queue.counts(shop.desk, View(query="reclamar ivo"), actor=shop.bia).all == 1


def test_i1_the_customer_is_found_by_folded_email_else_by_phone(shop: Shop, ticket: int) -> None:
    known = contacts(shop)
    by_mail = open_it(shop, name="Outro nome", email=" MARINA@Clientes.Example ", phone="11 98765-4321")
    assert contacts(shop) == known
    customer = seen(shop, by_mail).customer
    assert (customer.name, customer.phone) == ("Marina Alves", "+5511987654321"), "only what was not known is filled in"
    first = open_it(shop, email="", phone="+55 11 91234-5678")
    again = open_it(shop, email="", phone="11912345678", name="X")
    assert seen(shop, first).customer.id == seen(shop, again).customer.id
    named = [open_it(shop, email="", name="Zé") for __ in range(2)]
    assert len({seen(shop, n).customer.id for n in named}) == 2, "a name alone makes nobody one"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"subject": "  "}, "no title"),
        ({"subject": "x" * 201}, "too long"),
        ({"description": "x" * 20_001}, "too long"),
        ({"email": "isto não é"}, "bad address"),
        ({"phone": "123"}, "bad phone"),
        ({"name": "", "email": ""}, "nobody named"),
        ({"flow_id": 999}, "no flow"),
        ({"answer_id": 999}, "no answer"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing_behind(shop: Shop, given: dict[str, object], code: str) -> None:
    why = open_it(shop, **given)
    assert isinstance(why, Refusal) and why.code == code and str(why)
    assert (contacts(shop), queue.counts(shop.desk, View(), actor=shop.ana).all) == (0, 0)


def test_p3_and_p4_only_who_works_in_the_flow_opens_tickets_there(shop: Shop) -> None:
    assert open_it(shop, "rui").code == "analysts read"
    assert open_it(shop, "davi").code == "no flow"
    assert open_it(shop, flow_id=shop.other_flow).code == "no flow"
    run(shop, "UPDATE flows SET active = :no WHERE id = :f", no=False, f=shop.flow)
    assert open_it(shop).code == "no flow"


def promoter(shop: Shop) -> int:
    """An answer that no flow takes, of Marina's; its id."""
    run(shop, "UPDATE flows SET active = :no WHERE id = :f", no=False, f=shop.other_flow)
    assert shop.answer(score=10, comment="Gostei muito da loja") is None
    return shop.desk.db.rows("SELECT MAX(id) FROM answers")[0][0]


def test_i7_with_an_answer_the_ticket_is_about_it(shop: Shop, ticket: int) -> None:
    answer = promoter(shop)
    number = open_it(shop, subject="", name="", email="", answer_id=answer)
    view = seen(shop, number, shop.bia)
    assert (view.row.subject, view.row.score, view.row.survey, view.row.customer) == (
        "Gostei muito da loja", 10, "Pós-compra", "Marina Alves",
    )  # fmt: skip
    assert view.answer and view.answer.comment == "Gostei muito da loja"
    again = open_it(shop, answer_id=answer)
    assert isinstance(again, Refusal) and str(number) in str(again) and again.code == "answer has ticket"


def test_p3_an_answer_of_a_customer_out_of_sight_is_not_told(shop: Shop) -> None:
    answer = promoter(shop)
    assert open_it(shop, answer_id=answer).code == "no answer", "bia has no ticket of theirs"
    assert isinstance(open_it(shop, "ana", answer_id=answer), int), "who manages sees every customer"


def test_i3_employees_answers_never_become_tickets(shop: Shop, ticket: int) -> None:
    answer = promoter(shop)
    run(shop, "UPDATE surveys SET internal = :yes", yes=True)
    assert open_it(shop, answer_id=answer).code == "employees"


def test_i1_a_merged_customer_goes_on_as_the_other(shop: Shop) -> None:
    first, second = open_it(shop), open_it(shop, email="ivo2@x.example")
    a, b = (seen(shop, n).customer.id for n in (first, second))
    customers.merge(shop.desk, a, b, actor=shop.bia)
    assert seen(shop, open_it(shop)).customer.id == b


def test_i7_in_another_flow_that_one_works_in(shop: Shop) -> None:
    both_flows(shop)
    assert seen(shop, open_it(shop, flow_id=shop.other_flow)).row.flow == "Elogios"
