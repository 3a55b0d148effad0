"""Answers in: idempotent, by rule, on both databases."""

import json
from datetime import UTC, datetime

import pytest

from domain.answers import NPS, Answer
from domain.rules import Then, When
from loop import answers, queue, reading
from loop.views import View
from tests.loop.conftest import Shop
from tests.loop.piloted import switched_on, told

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
DAY = 86_400_000


def taken(shop: Shop, *rows: Answer):
    return answers.take(shop.desk, "Pós-compra", rows, actor=shop.ana, scale=NPS)


def test_i1_the_same_answer_twice_changes_nothing_and_another_under_its_id_differs(shop: Shop) -> None:
    one = Answer("a-1", 2, "Ruim", AT, "Rita", "rita@clientes.example")
    assert taken(shop, one, one) == answers.ImportReport(2, 1, 1, 0, (), 1)
    assert taken(shop, one).duplicates == 1
    other = taken(shop, Answer("a-1", 9, "Bom", AT, "Rita", "rita@clientes.example"))
    assert (other.imported, other.differs, len(other.refused), other.tickets) == (0, 1, 1, 0)
    row = queue.page(shop.desk, View(), actor=shop.ana).rows[0]
    assert (row.score, row.subject) == (2, "Ruim"), "the first is kept"


def test_i1_without_an_id_the_content_is_the_id(shop: Shop) -> None:
    one = Answer("", 2, "Ruim", AT, "Rita", "rita@clientes.example")
    assert taken(shop, one).imported == 1
    assert taken(shop, one).duplicates == 1


def test_i1_a_customer_is_one_by_email_else_phone_else_id(shop: Shop) -> None:
    taken(
        shop,
        Answer("1", 2, "x", AT, "Rita", "rita@clientes.example", "+5511912345678"),
        Answer("2", 3, "y", AT, "Rita S.", "rita@clientes.example", "+5511999999999"),
        Answer("3", 3, "z", AT, "Rita", "", "+5511912345678"),
    )
    assert shop.desk.db.rows("SELECT COUNT(*) FROM contacts")[0][0] == 2
    view = reading.ticket(shop.desk, 1, actor=shop.ana)
    assert [e.comment for e in view.earlier] == ["y"]


@pytest.mark.parametrize("at_once", [True, False], ids=["one piece", "one by one"])
def test_i1_a_known_customer_learns_what_was_not_known_and_keeps_what_was(shop: Shop, at_once: bool) -> None:
    """I1: wherever the pieces of a file end."""
    rows = (
        Answer("1", 2, "x", AT, "", "rita@clientes.example", attributes=(("loja", "Natal"), ("região", "NE"))),
        Answer("2", 3, "y", AT, "Rita", "rita@clientes.example", "+5511912345678", "C-7", (("loja", "Recife"),)),
        Answer("3", 3, "z", AT, "Outra", "rita@clientes.example", "+5511999999999", "C-8"),
    )
    for piece in [rows] if at_once else [[row] for row in rows]:
        taken(shop, *piece)
    (found,) = shop.desk.db.rows("SELECT name, phone, customer_id, attributes FROM contacts")
    kept = json.loads(found[3]) if isinstance(found[3], str) else found[3]
    assert (*found[:3], kept) == ("Rita", "+5511912345678", "C-7", {"loja": "Recife", "região": "NE"})


def test_i3_an_answer_that_names_nobody_is_kept_and_opens_no_ticket(shop: Shop) -> None:
    report = taken(shop, Answer("1", 2, "quem sou?", AT))
    assert (report.imported, report.tickets) == (1, 0)
    assert shop.desk.db.rows("SELECT COUNT(*) FROM answers")[0][0] == 1


def test_i3_internal_surveys_never_open_tickets(shop: Shop) -> None:
    taken(shop, Answer("1", 2, "x", AT, "Rita", "rita@clientes.example"))
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = true WHERE id > :n", {"n": 0})
    assert taken(shop, Answer("2", 2, "x", AT, "Rita", "rita@clientes.example")).tickets == 0


def test_i5_the_first_flow_whose_filters_hold_takes_it(shop: Shop) -> None:
    taken(shop, Answer("1", 2, "x", AT, "A", "a@clientes.example"), Answer("2", 10, "y", AT, "B", "b@clientes.example"))
    assert {r.customer: r.flow for r in queue.page(shop.desk, View(), actor=shop.ana).rows} == {
        "A": "Detratores",
        "B": "Elogios",
    }


def test_i6_due_counts_from_the_tickets_creation_and_created_is_the_answers_date(shop: Shop) -> None:
    taken(shop, Answer("1", 2, "Comprei para o aniversário e chegou nove dias depois", AT, "A", "a@clientes.example"))
    row = queue.page(shop.desk, View(), actor=shop.ana).rows[0]
    assert (row.created, row.due) == (int(AT.timestamp() * 1000), shop.clock.now + 3 * DAY)
    assert row.subject == "Comprei para o aniversário e chegou nove dias depois"
    assert (row.phase, row.assignee, row.priority.word) == ("Novo", "", "medium")


@pytest.mark.parametrize("touched", [False, True], ids=["by its flow", "with a rule"])
def test_i6_a_ticket_is_born_with_what_its_flow_gives_and_is_found_by_its_words(shop: Shop, touched: bool) -> None:
    """I6: whether a rule touches it on the way or not; the default assignee does not start it (T2)."""
    with shop.desk.db.write() as work:
        work.run(
            "UPDATE flows SET default_assignee_id = :u, default_priority = 1, days_until_due = 5 WHERE id = :id",
            {"u": shop.bia.id, "id": shop.flow},
        )
    if touched:
        switched_on(shop, "Marca", When(), Then(tags=("x",)))
    taken(shop, Answer("a-1", 2, "Chegou tarde\ne aberto", AT, "Rita", "rita@clientes.example"))
    (born,) = shop.desk.db.rows(
        """SELECT t.flow_id, p.name, t.status, t.assignee_id, t.started_at, t.priority, t.klass, t.score, t.subject, t.description,
                  t.created_at, t.born_at, t.due_at, a.external_id, c.email
           FROM tickets t JOIN phases p ON p.id = t.phase_id JOIN answers a ON a.id = t.answer_id
           JOIN contacts c ON c.id = t.contact_id"""
    )
    now = shop.clock.now
    assert tuple(born) == (
        shop.flow, "Novo", 0, shop.bia.id, None, 1, 0, 2, "Chegou tarde e aberto", "Chegou tarde\ne aberto",
        int(AT.timestamp() * 1000), now, now + 5 * DAY, "a-1", "rita@clientes.example",
    )  # fmt: skip
    assert told(shop, 1)[0] == ("opened", "program", {"survey": "Pós-compra", "score": 2})
    for word in ("aberto", "rita", "clientes"):
        assert [r.number for r in queue.page(shop.desk, View(query=word), actor=shop.ana).rows] == [1], word


def test_q3_priority_then_class_then_due(shop: Shop) -> None:
    for score, name in ((8, "neutral"), (1, "detractor late"), (10, "promoter")):
        shop.answer(score, name=name, email=f"{score}@clientes.example")
    shop.clock.now -= DAY
    shop.answer(1, name="detractor early", email="early@clientes.example")
    assert [r.customer for r in queue.page(shop.desk, View(), actor=shop.ana).rows] == [
        "detractor early",
        "detractor late",
        "neutral",
        "promoter",
    ]


def test_i8_a_big_import_comes_in_pieces_and_can_be_stopped(shop: Shop) -> None:
    rows = [Answer(str(i), 2, f"n {i}", AT, "A", f"a{i}@clientes.example") for i in range(1200)]
    seen: list[int] = []
    report = answers.take(shop.desk, "P", rows, actor=shop.ana, progress=seen.append, stop=lambda: len(seen) == 2)
    assert seen == [500, 1000]
    assert (report.imported, report.tickets, queue.counts(shop.desk, View(), actor=shop.ana).all) == (1000, 1000, 1000)


def test_only_administrators_import(shop: Shop) -> None:
    with pytest.raises(answers.NotAllowed):
        answers.take(shop.desk, "P", [], actor=shop.bia)
