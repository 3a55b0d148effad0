"""Subject, description, due date, tags, categories: each change one event with old and new (T5, T6), on both databases."""

import pytest

from domain.tickets import MOST_TAGS
from loop import editing, notes, queue, reading, tickets
from loop.views import View
from tests.loop.caring import category, history, run, seen
from tests.loop.conftest import Shop


def test_t5_the_subject_has_old_and_new_in_the_timeline_and_is_found_by_its_new_words(shop: Shop, ticket: int) -> None:
    assert editing.set_subject(shop.desk, [ticket], "  Atraso\nna  entrega ", actor=shop.bia).done == (ticket,)
    assert seen(shop, ticket).row.subject == "Atraso na entrega"
    assert history(shop, ticket)[-1] == ("subject", "bia", {"old": "Chegou tarde", "new": "Atraso na entrega"})
    for word, there in (("entrega", 1), ("marina", 1), ("chegou", 1), ("outra", 0)):
        assert queue.counts(shop.desk, View(query=word), actor=shop.bia).all == there, word


def test_t5_where_nothing_changes_there_is_no_event(shop: Shop, ticket: int) -> None:
    due = seen(shop, ticket).row.due
    editing.set_subject(shop.desk, [ticket], "Chegou tarde ", actor=shop.bia)
    editing.describe(shop.desk, [ticket], "Chegou tarde", actor=shop.bia)
    editing.set_due(shop.desk, [ticket], due, actor=shop.bia)
    editing.tag(shop.desk, [ticket], (), ["nada"], actor=shop.bia)
    editing.categorise(shop.desk, [ticket], (), [99], actor=shop.bia)
    assert [kind for kind, *__ in history(shop, ticket)] == ["opened"]


@pytest.mark.parametrize(("subject", "code"), [("", "no title"), (" \n", "no title"), ("x" * 201, "too long")])
def test_t5_a_subject_is_a_line_of_its_own(shop: Shop, ticket: int, subject: str, code: str) -> None:
    assert editing.set_subject(shop.desk, [ticket], subject, actor=shop.bia).why.code == code


def test_t5_the_description_may_be_emptied_and_is_bounded(shop: Shop, ticket: int) -> None:
    assert editing.describe(shop.desk, [ticket], "Pediu\ntroca\x1b[31m", actor=shop.bia).done
    assert seen(shop, ticket).description == "Pediu\ntroca[31m", "nothing that could colour the screen (R7)"
    assert editing.describe(shop.desk, [ticket], "", actor=shop.bia).done
    assert editing.describe(shop.desk, [ticket], "x" * 20_001, actor=shop.bia).why.code == "too long"
    assert [kind for kind, *__ in history(shop, ticket)] == ["opened", "description", "description"]


def test_q3_a_ticket_takes_its_place_when_its_due_date_changes(shop: Shop, ticket: int) -> None:
    other = shop.answer(name="João", email="joao@clientes.example")
    order = lambda: [r.number for r in queue.page(shop.desk, View(), actor=shop.bia).rows]  # noqa: E731
    assert order() == [ticket, other]
    soon = shop.clock.now + 1000
    assert editing.set_due(shop.desk, [other], soon, actor=shop.bia).done
    assert order() == [other, ticket]
    assert history(shop, other)[-1][2]["new"] == soon
    assert editing.set_due(shop.desk, [other], None, actor=shop.bia).done
    assert (seen(shop, other).row.due, order()) == (None, [ticket, other])
    assert editing.set_due(shop.desk, [other], 1 << 50, actor=shop.bia).why.code == "no date"


def test_t5_tags_are_one_whatever_case_and_accents_and_the_event_names_them(shop: Shop, ticket: int) -> None:
    assert editing.tag(shop.desk, [ticket], ["Loja São Paulo", 'frágil"'], actor=shop.bia).done
    other = shop.answer(name="João", email="joao@clientes.example")
    assert editing.tag(shop.desk, [ticket, other], ["loja sao paulo", "urgente"], ["FRAGIL"], actor=shop.bia).done
    assert seen(shop, ticket).tags == ("Loja São Paulo", "urgente")
    assert seen(shop, other).tags == ("Loja São Paulo", "urgente")
    assert history(shop, ticket)[-1] == ("tags", "bia", {"added": ["urgente"], "removed": ["frágil"]})
    assert queue.counts(shop.desk, View(query='tag:"loja são paulo"'), actor=shop.bia).all == 2
    assert editing.tag(shop.desk, [ticket], ["--"], actor=shop.bia).why.code == "no tag"
    many = [f"t{i}" for i in range(MOST_TAGS - 1)]
    assert editing.tag(shop.desk, [ticket], many, actor=shop.bia).why.code == "too many tags"
    assert len(seen(shop, ticket).tags) == 2, "a refused change changes nothing"


def test_t5_categories_are_named_whole_and_retired_ones_are_not_given(shop: Shop, ticket: int) -> None:
    delivery = category(shop, "Entrega")
    late, gone = category(shop, "Atraso", delivery), category(shop, "Antiga", retired=True)
    assert editing.categorise(shop.desk, [ticket], [late], actor=shop.bia).done
    assert (seen(shop, ticket).categories, seen(shop, ticket).category_ids) == (("Entrega / Atraso",), (late,))
    assert history(shop, ticket)[-1][2] == {"added": ["Entrega / Atraso"], "removed": []}
    shop.answer(name="João", email="joao@clientes.example")
    for query in ("category:entrega", "category:ATRASO", 'category:"Entrega / Atraso"', "-category:antiga -is:closed"):
        counted = queue.counts(shop.desk, View(query=query), actor=shop.bia).all
        assert counted == (2 if query.startswith("-") else 1), f"Q5: {query}, with what is below it"
    for bad in (gone, 999):
        assert editing.categorise(shop.desk, [ticket], [bad], actor=shop.bia).why.code == "no category"
    run(shop, "UPDATE categories SET retired_at = 1 WHERE id = :id", id=late)
    assert editing.categorise(shop.desk, [ticket], [late, delivery], actor=shop.bia).done, (
        "it has the retired one already"
    )
    assert editing.categorise(shop.desk, [ticket], (), [late], actor=shop.bia).done
    assert seen(shop, ticket).categories == ("Entrega",)


def test_labels_offer_tags_in_sight_and_categories_that_are_given(shop: Shop, ticket: int) -> None:
    """P3: a tag that stands on others' tickets only is not told."""
    parent = category(shop, "Entrega")
    child = category(shop, "Atraso", parent)
    category(shop, "Antiga", retired=True)
    editing.tag(shop.desk, [ticket], ["só aqui"], actor=shop.bia)
    assert editing.labels(shop.desk, actor=shop.bia) == (
        ("só aqui",),
        ((parent, "Entrega"), (child, "Entrega / Atraso")),
    )
    assert editing.labels(shop.desk, actor=shop.davi)[0] == ()


def test_p3_and_p4_who_may_not_work_edits_nothing(shop: Shop, ticket: int) -> None:
    acts = (
        lambda who: editing.set_subject(shop.desk, [ticket], "x", actor=who),
        lambda who: editing.describe(shop.desk, [ticket], "x", actor=who),
        lambda who: editing.set_due(shop.desk, [ticket], None, actor=who),
        lambda who: editing.tag(shop.desk, [ticket], ["x"], actor=who),
        lambda who: editing.categorise(shop.desk, [ticket], (), [1], actor=who),
    )
    for act in acts:
        assert act(shop.rui).why.code == "analysts read"
        assert act(shop.davi).why.code == "no ticket"
    assert seen(shop, ticket, shop.rui).can["edit"].code == "analysts read"
    assert seen(shop, ticket, shop.bia).can["edit"] is None
    assert len(history(shop, ticket)) == 1


def test_t6_closing_may_name_the_category_in_the_same_act(shop: Shop, started: int) -> None:
    late = category(shop, "Atraso")
    for phase in seen(shop, started).flow.phases:
        for item in phase.items:
            tickets.tick(shop.desk, started, item.id, actor=shop.bia)
    no = tickets.close(shop.desk, [started], resolution="feito", category=999, actor=shop.bia)
    assert no.why.code == "no category"
    assert tickets.close(shop.desk, [started], resolution="feito", category=late, actor=shop.bia).done
    assert seen(shop, started).categories == ("Atraso",)
    kind, who, data = history(shop, started)[-1]
    assert (kind, who, data["category"]) == ("closed", "bia", "Atraso")


def test_t8_the_timeline_is_filtered_by_kind_in_pages_without_what_is_not_ones_to_see(shop: Shop, started: int) -> None:
    for i in range(6):
        editing.tag(shop.desk, [started], [f"t{i}"], actor=shop.bia)
        notes.add(shop.desk, [started], f"n{i}", actor=shop.bia)
    read = lambda who, **more: reading.timeline(shop.desk, started, actor=who, **more)  # noqa: E731
    newest = read(shop.bia, kinds={"tags"}, limit=4)
    assert [e.data["added"] for e in newest] == [["t2"], ["t3"], ["t4"], ["t5"]]
    assert [e.data["added"] for e in read(shop.bia, kinds={"tags"}, limit=4, before=newest[0].id)] == [["t0"], ["t1"]]
    assert [e.kind for e in read(shop.caio, kinds={"note", "started"})] == ["started"], "restricted notes (N1)"
    assert len(read(shop.bia, kinds={"note", "tags"})) == 12
    assert read(shop.bia, kinds=()) == read(shop.davi, kinds={"tags"}) == ()
