"""Categories with subcategories, and tags (T5), counted within the reader's sight (P3)."""

import json

import pytest

from domain.people import Level
from domain.refusals import Refusal
from loop import audit, editing, labels, people, retagging
from loop.setup_views import Saved
from tests.loop.conftest import Events, Shop


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else repr(done)


def made(shop: Shop, name: str, parent: int | None = None) -> int:
    done = labels.create_category(shop.desk, name, parent, actor=shop.caio)
    assert isinstance(done, Saved)
    return done.id


def names(shop: Shop) -> list[str]:
    return [c.name for c in labels.categories(shop.desk, actor=shop.ana)]


def tag(shop: Shop, name: str) -> int:
    return next(t.id for t in labels.tags(shop.desk, actor=shop.ana) if t.name == name)


def tag_names(shop: Shop, number: int) -> list[str]:
    rows = shop.desk.db.rows(
        "SELECT g.name FROM ticket_tags x JOIN tags g ON g.id = x.tag_id WHERE x.ticket = :n ORDER BY g.name",
        {"n": number},
    )
    return [name for (name,) in rows]


@pytest.mark.parametrize("login", ["bia", "rui"])
def test_p4_labels_are_an_administrators_work(shop: Shop, started: int, login: str) -> None:
    id = made(shop, "Entrega")
    assert editing.tag(shop.desk, [started], ["loja SP"], actor=shop.bia).done
    me = shop.desk.actor(login)
    for done in (
        labels.create_category(shop.desk, "X", actor=me),
        labels.change_category(shop.desk, id, {"name": "X"}, actor=me),
        labels.retire_category(shop.desk, id, actor=me),
        labels.rename_tag(shop.desk, tag(shop, "loja SP"), "X", actor=me),
        labels.remove_tag(shop.desk, tag(shop, "loja SP"), actor=me),
    ):
        assert code(done) == "needs level"


def test_categories_stand_in_the_admins_order_each_before_its_subcategories(shop: Shop) -> None:
    delivery, price = made(shop, "Entrega"), made(shop, "Preço")
    made(shop, "Atraso", delivery), made(shop, "Avaria", delivery)
    assert names(shop) == ["Entrega", "Atraso", "Avaria", "Preço"]
    assert isinstance(labels.change_category(shop.desk, price, {"position": 1}, actor=shop.caio), Saved)
    assert names(shop) == ["Preço", "Entrega", "Atraso", "Avaria"]
    assert isinstance(labels.change_category(shop.desk, price, {"position": 99}, actor=shop.caio), Saved)
    assert names(shop) == ["Entrega", "Atraso", "Avaria", "Preço"]
    assert isinstance(labels.change_category(shop.desk, price, {"parent": delivery}, actor=shop.caio), Saved)
    assert [(c.name, c.parent) for c in labels.categories(shop.desk, actor=shop.ana)] == [
        ("Entrega", None), ("Atraso", delivery), ("Avaria", delivery), ("Preço", delivery),
    ]  # fmt: skip
    newest = audit.audit(shop.desk, actor=shop.ana, target="category", limit=1)[0]
    assert [(c.old, c.new) for c in newest.changes] == [("", "Entrega")]


def test_there_are_two_floors_of_categories_and_no_circle(shop: Shop) -> None:
    delivery = made(shop, "Entrega")
    late = made(shop, "Atraso", delivery)
    other = made(shop, "Preço")
    assert code(labels.create_category(shop.desk, "Dias", late, actor=shop.caio)) == "too deep"
    for id, parent in ((delivery, late), (delivery, delivery), (other, late), (delivery, other)):
        assert code(labels.change_category(shop.desk, id, {"parent": parent}, actor=shop.caio)) == "too deep"
    assert code(labels.create_category(shop.desk, "X", 999, actor=shop.caio)) == "not here"


def test_names_are_told_apart_among_neighbours(shop: Shop) -> None:
    delivery, price = made(shop, "Entrega"), made(shop, "Preço")
    made(shop, "Outro", delivery), made(shop, "Outro", price)
    assert code(labels.create_category(shop.desk, "ENTREGA", actor=shop.caio)) == "name used"
    assert code(labels.change_category(shop.desk, price, {"name": "êntrega"}, actor=shop.caio)) == "name used"
    assert code(labels.create_category(shop.desk, "outro", price, actor=shop.caio)) == "name used"
    assert code(labels.create_category(shop.desk, "\u202e", actor=shop.caio)) == "no name"
    assert isinstance(labels.change_category(shop.desk, price, {"name": "PREÇO"}, actor=shop.caio), Saved)


def test_a_retired_category_is_kept_by_tickets_and_offered_to_none(shop: Shop, started: int) -> None:
    delivery = made(shop, "Entrega")
    late = made(shop, "Atraso", delivery)
    assert editing.categorise(shop.desk, [started], [late], actor=shop.bia).done
    assert isinstance(labels.retire_category(shop.desk, delivery, actor=shop.caio), Saved)
    assert editing.labels(shop.desk, actor=shop.bia)[1] == ()
    by_name = {c.name: c for c in labels.categories(shop.desk, actor=shop.bia)}
    assert by_name["Atraso"].retired and by_name["Atraso"].tickets == 1
    assert code(labels.create_category(shop.desk, "X", delivery, actor=shop.caio)) == "category retired"
    assert isinstance(labels.retire_category(shop.desk, late, actor=shop.caio), Saved)
    assert code(labels.retire_category(shop.desk, late, actor=shop.caio, on=False)) == "category retired"
    assert isinstance(labels.retire_category(shop.desk, delivery, actor=shop.caio, on=False), Saved)
    assert isinstance(labels.retire_category(shop.desk, late, actor=shop.caio, on=False), Saved)
    assert len(editing.labels(shop.desk, actor=shop.bia)[1]) == 2


def test_a2_a_word_that_is_no_expression_is_refused_with_a_sentence_that_says_why(shop: Shop) -> None:
    refused = labels.create_category(shop.desk, "Entrega", words=["atraso", '"não chegou'], actor=shop.caio)
    assert isinstance(refused, Refusal)
    assert '“"não chegou”' in str(refused)
    assert "not closed" in str(refused)
    phrase = labels.create_category(shop.desk, "Entrega", words=['"!!"'], actor=shop.caio)
    assert "“!!”" in str(phrase), "an exact phrase is quoted once"
    id = made(shop, "Entrega")
    refused = labels.change_category(shop.desk, id, {"words": ["atraso", "a" * 300]}, actor=shop.caio)
    assert isinstance(refused, Refusal)
    asked = {"words": ["atras*", "pedido near errado"]}
    assert isinstance(labels.change_category(shop.desk, id, asked, actor=shop.caio), Saved)


def test_a3_the_words_of_a_category_are_kept_once_and_clean(shop: Shop) -> None:
    id = made(shop, "Entrega")
    labels.change_category(shop.desk, id, {"words": ["atraso", " ATRASO ", "não\x1b[31m chegou", ""]}, actor=shop.caio)
    (category,) = labels.categories(shop.desk, actor=shop.ana)
    assert category.words == ("ATRASO", "não[31m chegou")
    with pytest.raises(KeyError):
        labels.change_category(shop.desk, id, {"id": 1}, actor=shop.caio)


def test_p3_labels_are_counted_within_sight_and_a_tag_of_others_is_told_to_no_agent(shop: Shop, started: int) -> None:
    id = made(shop, "Entrega")
    assert editing.tag(shop.desk, [started], ["segredo"], actor=shop.bia).done
    assert editing.categorise(shop.desk, [started], [id], actor=shop.bia).done
    assert [(t.name, t.tickets) for t in labels.tags(shop.desk, actor=shop.bia)] == [("segredo", 1)]
    assert labels.tags(shop.desk, actor=shop.davi) == ()
    assert [c.tickets for c in labels.categories(shop.desk, actor=shop.davi)] == [0]
    people.add_user(shop.desk, "adm", "", "", Level.ADMINISTRATOR, actor=shop.ana)
    assert [(t.name, t.tickets) for t in labels.tags(shop.desk, actor=shop.adm)] == [("segredo", 0)]
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    assert labels.tags(shop.desk, actor=shop.nina) == labels.categories(shop.desk, actor=shop.nina) == ()


def test_t5_a_tag_onto_another_becomes_one_with_it(shop: Shop, events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ticket that had the old one has an event, whether it had the other already or not."""
    monkeypatch.setattr(retagging, "PIECE", 2)
    first, both, *others = [shop.answer(email=f"c{i}@x.example") for i in range(5)]
    editing.tag(shop.desk, [first, both, *others], ["loja sp"], actor=shop.bia)
    editing.tag(shop.desk, [both], ["São Paulo"], actor=shop.bia)
    before = {n: len(events(n)) for n in (first, both, *others)}
    done = labels.rename_tag(shop.desk, tag(shop, "loja sp"), "SAO PAULO", actor=shop.caio)
    assert isinstance(done, Saved)
    assert [t.name for t in labels.tags(shop.desk, actor=shop.ana)] == ["São Paulo"]
    for number in (first, both, *others):
        assert tag_names(shop, number) == ["São Paulo"]
        assert len(events(number)) == before[number] + 1 and events(number)[-1] == ("tags", "caio")
    data = {}
    for number, raw in shop.desk.db.rows("SELECT ticket, data FROM events ORDER BY id"):
        data[number] = json.loads(raw) if isinstance(raw, str) else raw
    assert data[first] == {"added": ["São Paulo"], "removed": ["loja sp"]}
    assert data[both] == {"added": [], "removed": ["loja sp"]}
    newest = audit.audit(shop.desk, actor=shop.ana, target="tag", limit=1)[0]
    assert (newest.what, newest.name, newest.changes[-1].new) == ("removed", "loja sp", "São Paulo")


def test_p3_a_tag_on_tickets_of_others_is_not_taken_off_them(shop: Shop, started: int, events: Events) -> None:
    """caio works in Detratores and not in Elogios, whatever the level: neither by removing nor by making two tags one."""
    other = shop.answer(score=10, email="p@x.example")
    assert editing.tag(shop.desk, [started, other], ["vip", "loja sp"], actor=shop.ana).done
    before = {n: (tag_names(shop, n), events(n)) for n in (started, other)}
    assert code(labels.remove_tag(shop.desk, tag(shop, "vip"), actor=shop.caio)) == "tag elsewhere"
    assert code(labels.rename_tag(shop.desk, tag(shop, "vip"), "LOJA SP", actor=shop.caio)) == "tag elsewhere"
    assert {n: (tag_names(shop, n), events(n)) for n in (started, other)} == before
    assert isinstance(labels.rename_tag(shop.desk, tag(shop, "vip"), "VIP", actor=shop.caio), Saved), "a word for all"
    assert isinstance(labels.remove_tag(shop.desk, tag(shop, "VIP"), actor=shop.ana), Saved)


def test_a_tag_is_renamed_where_it_is(shop: Shop, started: int, events: Events) -> None:
    editing.tag(shop.desk, [started], ["loja sp"], actor=shop.bia)
    before = events(started)
    id = tag(shop, "loja sp")
    assert isinstance(labels.rename_tag(shop.desk, id, ' Loja "SP"\n', actor=shop.caio), Saved)
    assert tag_names(shop, started) == ["Loja SP"] and events(started) == before
    assert labels.rename_tag(shop.desk, id, "Loja SP", actor=shop.caio) == Saved(id)
    assert code(labels.rename_tag(shop.desk, id, '""', actor=shop.caio)) == "no name"
    assert code(labels.rename_tag(shop.desk, 999, "x", actor=shop.caio)) == "not here"


def test_t8_a_tag_that_is_removed_leaves_each_ticket_with_an_event(
    shop: Shop, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retagging, "PIECE", 2)
    numbers = [shop.answer(email=f"c{i}@x.example") for i in range(5)]
    editing.tag(shop.desk, numbers, ["loja sp", "vip"], actor=shop.bia)
    versions = dict(shop.desk.db.rows("SELECT number, version FROM tickets"))
    assert isinstance(labels.remove_tag(shop.desk, tag(shop, "loja sp"), actor=shop.caio), Saved)
    for number in numbers:
        assert tag_names(shop, number) == ["vip"] and events(number)[-1] == ("tags", "caio")
    assert dict(shop.desk.db.rows("SELECT number, version FROM tickets")) == {n: v + 1 for n, v in versions.items()}
    assert [t.name for t in labels.tags(shop.desk, actor=shop.ana)] == ["vip"]
