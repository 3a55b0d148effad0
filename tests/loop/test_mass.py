"""Several acts at once on many tickets, by hand (A7), under exactly the rules of one ticket (Q4)."""

from collections.abc import Sequence

import pytest

from domain.flows import Status
from domain.people import Level
from domain.tickets import Priority
from loop import autopilot, byhand, editing, labels, mass, people, reading, tickets
from loop.mass import KEEP, Acts, MassDone
from loop.setup_views import Saved
from loop.shaping import PIECE
from loop.views import TicketView, View
from tests.loop.conftest import Events, Shop
from tests.loop.ruled import rule_set


def made(shop: Shop, n: int, comment: str = "Chegou tarde", score: int = 2) -> list[int]:
    found = [shop.answer(score, comment, f"C{i}", f"c{score}-{i}@x.example") for i in range(n)]
    assert all(found)
    return found  # type: ignore[return-value]


def view(shop: Shop, number: int) -> TicketView:
    found = reading.ticket(shop.desk, number, actor=shop.ana)
    assert isinstance(found, TicketView)
    return found


def why(done: MassDone) -> dict[str, Sequence[int]]:
    return {one.why.code: one.numbers for one in done.refused}


def category(shop: Shop, name: str, *words: str, parent: int | None = None) -> int:
    saved = labels.create_category(shop.desk, name, parent, words=words, actor=shop.ana)
    assert isinstance(saved, Saved)
    return saved.id


def test_a7_all_acts_are_done_on_each_ticket_with_their_own_events(shop: Shop, events: Events) -> None:
    one, two = made(shop, 2)
    delivery = category(shop, "Entrega")
    due = shop.clock.now + 86_400_000
    acts = Acts(
        start=True, assignee="bia", categories=(delivery,), tags=("atraso",), priority=Priority.HIGH, due=due,
        followers=("caio", "rui"),
    )  # fmt: skip
    done = mass.apply(shop.desk, [one, two, one], acts, actor=shop.bia)
    assert done == MassDone(2, (one, two), ())
    for number in (one, two):
        here = view(shop, number)
        assert (here.row.status, here.row.assignee, here.row.priority) == (Status.PROGRESS, "bia", Priority.HIGH)
        assert (here.categories, here.tags, here.row.due) == (("Entrega",), ("atraso",), due)
        assert set(here.followers) == {"caio", "rui"}
        kinds = [kind for kind, who in events(number) if who == "bia"]
        assert kinds == ["started", "assigned", "categories", "tags", "priority", "due", "followers", "followers"]
    nobody = Acts(assignee=None, due=None, no_tags=("atraso",), no_categories=(delivery,), answered=True)
    assert mass.apply(shop.desk, [one], nobody, actor=shop.bia).done == (one,)
    here = view(shop, one)
    assert (here.row.assignee, here.row.due, here.tags, here.categories) == ("", None, (), ())
    assert view(shop, two).tags == ("atraso",)


def test_a7_nothing_asked_is_nothing_done(shop: Shop, ticket: int, events: Events) -> None:
    before = events(ticket)
    assert Acts().empty and Acts(resolution="x").empty and not Acts(assignee=None).empty and not Acts(due=None).empty
    done = mass.apply(shop.desk, [ticket], Acts(), actor=shop.bia)
    assert (done.done, done.refused) == ((), ())
    assert events(ticket) == before
    assert Acts().assignee is KEEP


def test_p3_what_is_out_of_sight_is_neither_counted_nor_touched(shop: Shop) -> None:
    mine = made(shop, 2)
    theirs = made(shop, 1, score=10)
    assert mass.count(shop.desk, "", actor=shop.bia) == 2
    assert mass.count(shop.desk, "", actor=shop.davi) == 1
    assert mass.count(shop.desk, View(flow=shop.other_flow), actor=shop.bia) == 0
    assert mass.find(shop.desk, "", actor=shop.ana) == (*mine, *theirs)
    assert mass.find(shop.desk, "c10-0", actor=shop.bia) == ()
    done = mass.apply(shop.desk, "", Acts(tags=("x",)), actor=shop.bia)
    assert (done.found, done.done, done.refused) == (2, tuple(mine), ())
    done = mass.apply(shop.desk, [*mine, *theirs, 10_000], Acts(tags=("y",)), actor=shop.bia)
    assert done.done == tuple(mine)
    assert why(done) == {"no ticket": (*theirs, 10_000)}
    assert view(shop, theirs[0]).tags == ()


def test_a7_a_query_is_in_the_words_of_the_list_and_fixed_when_it_starts(shop: Shop) -> None:
    one, two = made(shop, 2)
    assert tickets.start(shop.desk, [one], actor=shop.bia).done
    assert mass.find(shop.desk, View(Status.PENDING), actor=shop.bia) == (two,)
    assert mass.find(shop.desk, "is:progress", actor=shop.bia) == (one,)
    done = mass.apply(shop.desk, "is:open", Acts(start=True), actor=shop.bia)
    assert (done.found, done.done) == (1, (two,))
    assert mass.count(shop.desk, "is:open", actor=shop.bia) == 0
    tickets.assign(shop.desk, [two], "bia", actor=shop.ana)
    assert mass.find(shop.desk, "assignee:me", actor=shop.bia) == (two,)
    assert mass.find(shop.desk, "assignee:me", actor=shop.ana) == ()


def test_p6_checklists_and_resolutions_bind_and_one_that_is_refused_holds_up_no_other(shop: Shop) -> None:
    one, two, three = made(shop, 3)
    tickets.start(shop.desk, [one, two], actor=shop.bia)
    for item in next(p for p in view(shop, one).flow.phases if p.name == "Contato").items:
        tickets.tick(shop.desk, one, item.id, actor=shop.bia)
    acts = Acts(tags=("fim",), phase="Resolvido")
    assert set(why(mass.apply(shop.desk, [one, two, three], acts, actor=shop.bia))) >= {"checklist", "resolution"}
    done = mass.apply(shop.desk, [three, one, two], Acts(phase="Resolvido", resolution="Trocado"), actor=shop.bia)
    assert done.done == (one,)
    assert why(done) == {"checklist": (two,), "starting is an act": (three,)}
    assert view(shop, one).row.status is Status.CLOSED
    assert "Ler a resposta" in str(next(r.why for r in done.refused if r.why.code == "checklist"))


def test_t6_what_closes_many_says_for_each_what_was_done_and_how_it_came_out(shop: Shop) -> None:
    """Within the flow and into another's closed phase alike (I7); an outcome of before is not of this closing."""
    one, two = made(shop, 2)
    tickets.start(shop.desk, [one, two], actor=shop.bia)
    for number in (one, two):
        for item in next(p for p in view(shop, number).flow.phases if p.name == "Contato").items:
            tickets.tick(shop.desk, number, item.id, actor=shop.bia)
    closing = {"phase": "Resolvido", "resolution": " Trocado ", "outcome": " Ficou "}
    assert mass.apply(shop.desk, [one], Acts(**closing), actor=shop.bia).done == (one,)  # type: ignore[arg-type]
    there = Acts(flow=shop.other_flow, **closing)  # type: ignore[arg-type]
    assert why(mass.apply(shop.desk, [two], there, actor=shop.bia)) == {"no flow": (two,)}
    unsaid = Acts(flow=shop.other_flow, phase="Resolvido", outcome="Ficou")
    assert why(mass.apply(shop.desk, [two], unsaid, actor=shop.ana)) == {"resolution": (two,)}
    assert mass.apply(shop.desk, [two], there, actor=shop.ana).done == (two,)
    for number in (one, two):
        here = view(shop, number)
        assert (here.row.status, here.resolution, here.outcome) == (Status.CLOSED, "Trocado", "Ficou")
    assert view(shop, two).flow.name == "Elogios"
    assert tickets.move(shop.desk, [two], "Solução", actor=shop.ana).done == (two,)
    again = Acts(flow=shop.flow, phase="Resolvido", resolution="De novo")
    assert mass.apply(shop.desk, [two], again, actor=shop.ana).done == (two,)
    assert (view(shop, two).resolution, view(shop, two).outcome) == ("De novo", "")


def test_a7_what_one_act_refuses_does_not_hold_up_the_others(shop: Shop) -> None:
    one, two = made(shop, 2)
    tickets.start(shop.desk, [one], actor=shop.bia)
    done = mass.apply(shop.desk, [one, two], Acts(tags=("x",), priority=Priority.HIGH), actor=shop.bia)
    assert (done.done, done.partly) == ((one,), (two,))
    assert why(done) == {"not started": (two,)}
    assert view(shop, two).tags == ("x",)


def test_a7_refusals_are_told_by_reason_not_by_ticket(shop: Shop) -> None:
    numbers = made(shop, 3)
    with shop.desk.db.write() as work:
        work.run("UPDATE contacts SET email = '', phone = '' WHERE name <> :kept", {"kept": "C2"})
    done = mass.apply(shop.desk, numbers, Acts(start=True), actor=shop.bia)
    (reason,) = done.refused
    assert (reason.why.code, reason.count, reason.numbers) == ("no e-mail", 2, tuple(numbers[:2]))
    assert done.done == (numbers[2],)
    more = shop.answer(2, "Outra", "C9", "c9@x.example")
    assert more and tickets.start(shop.desk, [more], actor=shop.bia).done
    done = mass.apply(shop.desk, [more, *numbers], Acts(start=True), actor=shop.bia)
    assert [(one.why.code, one.count) for one in done.refused] == [("already started", 2), ("no e-mail", 2)]
    done = mass.apply(shop.desk, [more, *numbers[:2]], Acts(start=True), actor=shop.bia)
    assert [one.count for one in done.refused] == [2, 1], "the most frequent first, whichever came first"


def test_a7_tickets_are_put_into_the_categories_whose_words_their_comments_have(shop: Shop) -> None:
    (late,) = made(shop, 1, "Chegou ATRASADO e com defeito")
    other = shop.answer(comment="Veio o produto errado")
    assert other
    delivery = category(shop, "Entrega", "atras*", "demorou")
    category(shop, "Defeito", '"com defeito"', parent=delivery)
    category(shop, "Errado", "produto near errado")
    category(shop, "Longe", "chegou near/1 defeito", "atrasos")  # neither so near nor with that ending
    category(shop, "Sem defeito", "chegou -defeito", "veio -errado")
    category(shop, "Veio", "veio -defeito")
    gone = category(shop, "Velha", "chegou")
    category(shop, "Filha", "chegou", parent=gone)
    labels.retire_category(shop.desk, gone, actor=shop.ana)
    done = mass.apply(shop.desk, "", Acts(categorise=True), actor=shop.bia)
    assert done.done == (late, other)
    assert view(shop, late).categories == ("Entrega", "Entrega / Defeito")
    assert view(shop, other).categories == ("Errado", "Veio")


def test_a3_a7_a_ticket_without_an_answer_is_categorised_by_what_it_says_as_by_a_rule(shop: Shop) -> None:
    category(shop, "Entrega", "atras*")
    by = {"flow_id": shop.flow, "name": "Rita", "actor": shop.bia}
    late = byhand.open_by_hand(shop.desk, subject="Telefonema", description="Diz que chegou ATRASADO", **by)  # type: ignore[arg-type]
    calm = byhand.open_by_hand(shop.desk, subject="Telefonema", description="Agradece", **by)  # type: ignore[arg-type]
    assert isinstance(late, int) and isinstance(calm, int)
    assert mass.apply(shop.desk, [late, calm], Acts(categorise=True), actor=shop.bia).refused == ()
    assert (view(shop, late).categories, view(shop, calm).categories) == (("Entrega",), ())


@pytest.mark.parametrize("login", ["rui", "nina"])
def test_p2_who_may_not_change_one_ticket_may_not_change_many(shop: Shop, ticket: int, login: str) -> None:
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    actor = shop.desk.actor(login)
    before = view(shop, ticket)
    acts = Acts(start=True, assignee="bia", tags=("x",), categorise=True, due=None, followers=("bia",), phase="Contato")
    done = mass.apply(shop.desk, [ticket], acts, actor=actor)
    assert (done.done, done.partly) == ((), ())
    assert done.refused
    assert view(shop, ticket) == before


def test_p4_who_loses_the_right_on_the_way_goes_no_further_and_who_stops_it_is_told_what_is_left(shop: Shop) -> None:
    made(shop, 2 * PIECE + 10)
    bia, told = shop.bia, []

    def progress(done: int, found: int) -> None:
        told.append((done, found))
        if done == PIECE:
            people.change_user(shop.desk, "bia", level=Level.ANALYST, actor=shop.ana)

    done = mass.apply(shop.desk, "", Acts(tags=("x",)), actor=bia, progress=progress)
    assert told == [(PIECE, 2 * PIECE + 10), (2 * PIECE, 2 * PIECE + 10), (2 * PIECE + 10, 2 * PIECE + 10)]
    assert (len(done.done), [(r.why.code, r.count) for r in done.refused]) == (PIECE, [("analysts read", PIECE + 10)])

    stopping = iter((False, True))
    done = mass.apply(shop.desk, "", Acts(tags=("y",)), actor=shop.ana, stop=lambda: next(stopping))
    assert (done.found, len(done.done), done.left) == (2 * PIECE + 10, PIECE, PIECE + 10)
    assert mass.count(shop.desk, "tag:y", actor=shop.ana) == PIECE


def test_a7_a_rule_set_is_run_on_them_under_its_own_conditions(shop: Shop) -> None:
    late, other = made(shop, 1, "Chegou atrasado")[0], shop.answer(comment="Outra coisa", email="o@x.example")
    assert other
    rule = rule_set(shop, "", "Atrasos", says={"any_of": ["atras*"]}, actions={"tags": ["atraso"], "send": ""})
    done = mass.apply(shop.desk, "", Acts(rule=rule), actor=shop.ana)
    assert (done.done, why(done)) == ((late,), {"rule not about": (other,)})
    assert view(shop, late).tags == ("atraso",)
    done = mass.apply(shop.desk, [late, other], Acts(tags=("x",), rule=rule), actor=shop.bia)
    assert done.done == ()
    assert done.partly == (late, other), "the tag was put on; the rule set is not bia's to run"


def test_a7_a_rule_set_that_is_run_on_many_tells_how_far_it_is_and_stops_between_pieces(shop: Shop) -> None:
    """After the other acts, which are behind by then; who stops it is told what is left."""
    numbers = made(shop, 2 * PIECE + 10, "Chegou atrasado")
    rule = rule_set(shop, "", "Atrasos", says={"any_of": ["atras*"]}, actions={"tags": ["atraso"], "send": ""})
    told: list[tuple[int, int]] = []
    asked = iter((False, True))
    done = mass.apply(
        shop.desk, numbers, Acts(rule=rule), actor=shop.ana,
        progress=lambda *so_far: told.append(so_far), stop=lambda: next(asked),
    )  # fmt: skip
    assert told == [(autopilot.PIECE, len(numbers))]
    assert (done.done, done.left) == (tuple(numbers[: autopilot.PIECE]), len(numbers) - autopilot.PIECE)
    assert mass.count(shop.desk, "tag:atraso", actor=shop.ana) == autopilot.PIECE


def test_a3_a7_by_what_the_customer_said_and_not_by_what_was_written_of_it_since(shop: Shop) -> None:
    late, calm = made(shop, 2, "Chegou atrasado")
    editing.describe(shop.desk, [late], "Resolvido por telefone", actor=shop.bia)
    with shop.desk.db.write() as work:
        work.run("UPDATE answers SET comment = 'Agradeço' WHERE id = (SELECT answer_id FROM tickets WHERE number = :n)", {"n": calm})  # fmt: skip
    category(shop, "Entrega", "atras*")
    mass.apply(shop.desk, [late, calm], Acts(categorise=True), actor=shop.bia)
    assert (view(shop, late).categories, view(shop, calm).categories) == (("Entrega",), ())


def test_a7_what_is_read_in_several_pages_is_met_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = made(shop, 5)
    monkeypatch.setattr(mass, "_READ", 2)
    assert mass.find(shop.desk, "", actor=shop.bia) == tuple(numbers)
