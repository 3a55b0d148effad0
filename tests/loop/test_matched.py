"""What Text Match found in a ticket's comment (A3, A6), shown to who sees the ticket (P3)."""

from loop import editing, labels, reading
from loop.matched import matched
from loop.setup_views import Saved
from loop.views import TicketView
from tests.loop.conftest import Shop
from tests.loop.ruled import hit, rule_set

COMMENT = "O produto chegou atrasado — e o ATRASO foi de 9 dias"


def _category(shop: Shop, number: int, *words: str) -> None:
    made = labels.create_category(shop.desk, f"C{words}"[:40], words=words, actor=shop.ana)
    assert isinstance(made, Saved)
    assert editing.categorise(shop.desk, [number], [made.id], actor=shop.ana).done


def _found(shop: Shop, number: int, login: str = "bia") -> list[str]:
    return [COMMENT[a:b] for a, b in matched(shop.desk, number, actor=shop.desk.actor(login))]


def test_a3_the_words_of_the_tickets_categories_and_of_the_rules_that_met_it_are_found(shop: Shop) -> None:
    number = shop.answer(comment=COMMENT)
    assert number
    assert _found(shop, number) == []
    labels.create_category(shop.desk, "Outra", words=["dias"], actor=shop.ana)  # not on the ticket
    _category(shop, number, "atraso", "produto chegou")
    assert _found(shop, number) == ["produto chegou", "ATRASO"]
    late = rule_set(shop, says={"any_of": ["atraso"], "endings": True})
    hit(shop, late, about=1, ticket=number, mail="", says=["atraso"])
    assert _found(shop, number) == ["produto chegou", "atrasado", "ATRASO"]
    hit(shop, rule_set(shop, name="Sem palavras"), about=1, ticket=number, mail="", score=2)
    assert len(_found(shop, number)) == 3
    hit(shop, rule_set(shop, name="Por palavras"), about=1, ticket=number, mail="", worded={"Prazo": ["9 dias"]})
    assert _found(shop, number)[-1] == "9 dias"


def test_p3_nothing_is_told_of_a_ticket_out_of_sight(shop: Shop) -> None:
    number = shop.answer(comment=COMMENT)
    assert number
    _category(shop, number, "atraso")
    assert _found(shop, number, "bia") == ["ATRASO"]
    assert _found(shop, number, "davi") == []
    assert _found(shop, number + 1, "ana") == []


def test_a3_the_ticket_comes_with_what_was_found(shop: Shop) -> None:
    number = shop.answer(comment=COMMENT)
    assert number
    _category(shop, number, "atraso")
    view = reading.ticket(shop.desk, number, actor=shop.bia)
    assert isinstance(view, TicketView)
    assert view.matched == matched(shop.desk, number, actor=shop.bia) != ()
